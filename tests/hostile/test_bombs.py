"""Every bomb is stopped at a limit, and what is no bomb is not (H6)."""

from __future__ import annotations

import pytest

from tests.engine import drawing as d
from tests.hostile import bombs
from tests.hostile.bomb_diagrams import every
from workflows.errors import Incident


def test_every_bomb_is_stopped_and_the_worker_goes_on() -> None:
    figures = bombs.measure(len(every()))
    assert (figures.failures, figures.wrong) == (0, ())


def test_what_gets_through_or_fails_otherwise_counts_as_not_stopped() -> None:
    def failing() -> None:
        raise Incident("engine.failed", line=1)

    assert bombs.set_off(lambda: None) is None
    assert bombs.set_off(failing) is None


@pytest.mark.parametrize("times", [1, 990])
def test_a_vote_of_nearly_a_thousand_is_no_bomb(times: int) -> None:
    instance = d.begin(d.read(d.start(), d.user("vote", d.many("voters", "voter")), d.end(), d.flows(
        "start > vote > end")), {"voters": [f"{n:032x}" for n in range(times)]})
    assert len(instance.steps()) == times
    d.do(instance, "vote", vote="yes")
    assert len(instance.steps()) == times - 1


def test_hundreds_of_automatic_reviews_with_gathered_results_are_no_bomb() -> None:
    gathered = d.properties(outputCollection="results", outputElement="${item + 1}")
    instance = d.begin(d.read(d.start(), d.node("task", "each", gathered + d.many("items", "item")), d.user("after"),
                              d.end(), d.flows("start > each > after > end")), {"items": list(range(300))})
    assert instance.variables["results"] == list(range(1, 301))
