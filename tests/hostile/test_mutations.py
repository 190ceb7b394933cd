"""Damaged packages are read or refused with places; and whatever else happens is found (H3)."""

from __future__ import annotations

import random

import pytest

from tests.hostile import mutations
from tests.hostile.diagram_damage import corpus, damaged
from workflows.engine import handlers
from workflows.engine.definition import read
from workflows.errors import DiagramRefused, FashenError, Problem


def test_five_hundred_damaged_packages_are_read_or_refused() -> None:
    figures = mutations.measure(500)
    assert figures.failures == 0, figures.wrong
    assert int(figures.figures["refused"]) > 250
    assert int(figures.figures["accepted"]) > 30


def test_the_same_seed_damages_the_same_place() -> None:
    sound = corpus()
    for seed in range(30):
        one, other = (damaged(sound[seed], sound, random.Random(seed)) for _ in range(2))
        assert one.files == other.files


def test_most_of_what_is_damaged_is_still_whole_elsewhere() -> None:
    sound = corpus()
    changed = [damaged(one, sound, random.Random(7)) for one in sound[:40]]
    for before, after in zip(sound, changed, strict=False):
        assert sum(before.package.files[name] != after.files[name] for name in after.files) <= 1


def test_the_undamaged_ones_start_and_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_handlers", {"double": lambda seen: {"twice": 2}})
    monkeypatch.setattr(handlers, "_topics", {"gazette"})
    started = 0
    for sound in corpus():
        try:
            known = {key: read(package) for key, package in sound.called.items()}
            mutations.stepped(read(sound.package), known, random.Random(1))
        except DiagramRefused:
            continue
        except FashenError:
            pass
        started += 1
    assert started > 60


@pytest.mark.parametrize(
    ("problems", "found"),
    [
        ([], "without a problem"),
        ([Problem("diagram.no_end", "", 3)], "has no place"),
        ([Problem("diagram.no_end", "x.bpmn#p")], "has no line"),
        ([Problem("diagram.nobody_knows_this", "x.bpmn#p", 3)], "has no sentence"),
    ],
)
def test_a_refusal_that_says_too_little_is_found(problems: list[Problem], found: str) -> None:
    assert found in str(mutations.bad_refusal(DiagramRefused("diagram.refused", problems, file="x.bpmn")))


def test_a_good_refusal_is_accepted() -> None:
    error = DiagramRefused("diagram.refused", [Problem("diagram.no_end", "x.bpmn#p", 3)], file="x.bpmn", found=1)
    assert mutations.bad_refusal(error) is None


def test_what_takes_too_long_or_crashes_is_counted() -> None:
    found = mutations.Outcome()
    for seed, (said, took) in enumerate([("refused", 0.1), ("accepted", 6.0), ("KeyError: 'x'", 0.1), ("Hung", 0.0)]):
        found.add(seed, said, took)
    assert (found.refused, found.accepted, len(found.wrong)) == (1, 0, 3)
