"""A process that dies, or a machine that fails, at any named point of a command leaves all of it or nothing."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tests import leash
from tests.durability import deeds, faults
from tests.durability.points import ERROR, KILL, Fault, Watch
from workflows.store import Store

pytestmark = pytest.mark.durability


@pytest.mark.parametrize(("kind", "every"), [("sqlite", 12), ("postgresql", 24)])
def test_a_command_that_dies_anywhere_has_one_effect_when_it_is_sent_again(
    kind: str, every: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store: Store = request.getfixturevalue("sqlite_demo_store" if kind == "sqlite" else "postgres_demo_store")
    ready = store.engine.url.render_as_string(hide_password=False)
    store.close()
    running = request.getfixturevalue("postgres").folder if kind == "postgresql" else None
    # The drill forks; a process of its own has no threads that a fork could catch in the middle of something.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=leash.tie) as pool:
        tally = pool.submit(
            faults.drill, tmp_path, kind, per_command=1, plays=1, every=every, ready=ready, running=running
        ).result()
    assert tally.wrong == []
    assert tally.rounds >= 3
    assert tally.kills and tally.retries


def test_every_command_of_the_product_is_drilled() -> None:
    assert deeds.missing(deeds.labels()) == set(), "a new command needs a row in tests/durability/deeds.py"


def test_what_is_said_to_be_tried_elsewhere_exists() -> None:
    assert set() == deeds.ELSEWHERE - deeds.of_the_code()


def test_a_fault_strikes_at_its_point_and_time_only() -> None:
    watch = Watch(Fault("engine.before", 2, ERROR))
    watch.at("engine.before")
    watch.at("engine.after")
    with pytest.raises(RuntimeError):
        watch.at("engine.before")
    watch.at("engine.before")
    assert watch.faults() == [
        Fault("engine.before", 1, KILL), Fault("engine.before", 1, ERROR), Fault("engine.before", 3, KILL),
        Fault("engine.before", 3, ERROR), Fault("engine.after", 1, KILL), Fault("engine.after", 1, ERROR),
    ]  # fmt: skip
