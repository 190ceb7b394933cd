"""The figure of the operators, measured over a few sequences."""

from __future__ import annotations

from tests.durability import operators


def test_a_few_sequences_are_played_and_counted() -> None:
    counts, wrong = operators.play(7, 10)
    assert wrong == ""
    assert counts["sequences"] >= 10
