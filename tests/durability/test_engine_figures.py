"""The figures of the engine, measured over a few rounds: nothing diverges, nothing grows."""

from __future__ import annotations

import pytest

from tests.durability import oracle, restore, rework


def test_the_engine_offers_what_the_token_game_offers() -> None:
    figures = oracle.measure(25)
    assert (figures.failures, figures.wrong) == (0, ())
    assert figures.figures["steps"] > 100


@pytest.mark.parametrize("measured", [restore, rework])
def test_what_is_stored_is_the_same_and_no_larger(measured) -> None:
    figures = measured.measure(4)
    assert (figures.failures, figures.wrong) == (0, ())
