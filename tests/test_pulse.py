"""The numbers that open pages ask for: raised for whom a change concerns, with the change, and for nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.desk.conftest import MORNING, Bureau
from tests.desk.operators.conftest import Trial
from workflows import outbox
from workflows.actors import Person
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.desk import commands, copies
from workflows.desk.execute import execute
from workflows.desk.operators import handing
from workflows.pulse import Pulse
from workflows.store import Store, new_id


@pytest.fixture
def time() -> Iterator[SimulatedClock]:
    with clock.simulated(MORNING) as simulated:
        yield simulated


@pytest.fixture
def trial(demo_store: Store, time: SimulatedClock) -> Trial:
    """On SQLite and on PostgreSQL; legal1 and legal2 may take the check."""
    made = Trial(Bureau(demo_store))
    made.done("officer1", "draft")
    return made


class Beats:
    """Who was told of a change since this was made."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.before = self.now()

    def now(self) -> dict[str, int]:
        with self.trial.store.read() as session:
            return {scope: beat for scope, beat in session.execute(select(Pulse.scope, Pulse.beat))}  # noqa: C416

    def of(self, login: str) -> int:
        """How often somebody's number was raised."""
        scope = self.trial.person(login)
        return self.now().get(scope, 0) - self.before.get(scope, 0)


def test_a_claim_is_told_to_everybody_who_could_have_made_it(trial: Trial) -> None:
    task, beats = trial.task("legal"), Beats(trial)
    execute(trial.store, commands.claim_task, trial.bureau.actor("legal1"), task.id, seen=task.version)
    assert (beats.of("legal1"), beats.of("legal2"), beats.of("hearing1")) == (1, 1, 0)
    assert beats.now()[task.case_id] > beats.before[task.case_id], "pages of the case's tasks ask for its number"
    assert beats.now()[task.case_unit_id] > beats.before[task.case_unit_id], "and heads for that of the unit"
    assert beats.now()[task.bureau_id] > beats.before[task.bureau_id]


def test_whoever_loses_a_task_is_told_as_well_as_whoever_gets_it(trial: Trial) -> None:
    task = trial.task("legal")
    execute(trial.store, commands.claim_task, trial.bureau.actor("legal1"), task.id, seen=task.version)
    beats = Beats(trial)
    trial.do("legal1", handing.reassign_task, task.id, trial.person("legal2"), reason="出差", seen=task.version + 1)
    assert (beats.of("legal1"), beats.of("legal2")) == (1, 1)


def test_a_copy_a_receipt_and_a_delivered_notice_are_told(trial: Trial) -> None:
    beats = Beats(trial)
    trial.do("officer1", copies.send_copies, trial.case_id, [trial.person("publisher1")], note="请阅。")
    assert (beats.of("publisher1"), beats.of("officer1")) == (1, 1)
    with trial.store.work() as session:
        outbox.deliver(session)
    assert beats.of("publisher1") == 2


def test_what_fails_is_told_to_nobody(trial: Trial) -> None:
    beats, task = Beats(trial), trial.task("legal")

    def claim_and_fail() -> None:
        with trial.store.work() as session:
            commands.claim_task(session, trial.bureau.actor("legal1"), task.id, seen=task.version)
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        claim_and_fail()
    assert beats.now() == beats.before


def test_many_at_once_lose_no_beat_and_never_block_each_other(store: Store) -> None:
    people = [new_id() for _ in range(6)]
    with store.work() as session:
        session.add_all([Person(id=one, login=one, name="人", created_at=clock.now()) for one in people])

    def write(turn: int) -> None:
        for n in range(5):
            with store.work() as session:
                for person in people[:: 1 if (turn + n) % 2 else -1]:  # in either order
                    outbox.send(session, person, "task_offered", {"name": "x"})

    threads = [threading.Thread(target=write, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert set(session.execute(select(Pulse.beat).where(Pulse.scope.in_(people))).scalars()) == {20}
