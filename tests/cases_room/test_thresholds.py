"""The right to a hearing follows from the law first, and from the bureau's table only where that gives more."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.cases.gate_facts import DraftFact, PenaltyFact
from workflows.cases.thresholds import hearing_right

EMPTIED = {"entity_fine_yuan": 900_000_000, "person_fine_yuan": 900_000_000, "types": []}
"""What somebody might set who would rather hold no hearings."""


def right(rule: dict[str, Any], *types: str, kind: str = "entity", **amounts: int) -> bool:
    penalty = PenaltyFact("p1", kind, "甲", "M-1", "initial", frozenset(types), **amounts)
    return hearing_right(DraftFact("d1", "digest", "penalise", "事实", "依据", (penalty,)), "p1", rule)


@pytest.mark.parametrize("kind", [
    "lower_qualification", "revoke_permit", "suspend_business", "close_down", "restrict_employment",
])  # fmt: skip
def test_the_kinds_that_the_law_names_give_the_right_whatever_the_table_says(kind: str) -> None:
    assert right(EMPTIED, kind)


def test_no_table_raises_the_sum_from_which_there_is_the_right() -> None:
    assert right(EMPTIED, "fine", fine_fen=5_000_000) and not right(EMPTIED, "fine", fine_fen=4_999_999)
    assert right(EMPTIED, "fine", kind="person", fine_fen=2_000_000)
    assert right(EMPTIED, "confiscate_gains", confiscation_fen=5_000_000)
    assert not right(EMPTIED, "confiscate_gains", confiscation_fen=4_999_999)


def test_a_bureau_may_give_the_right_for_more() -> None:
    own = {"entity_fine_yuan": 10_000, "person_fine_yuan": 5_000, "types": ["suspend_permit"]}
    assert right(own, "fine", fine_fen=1_000_000) and right(own, "suspend_permit")
    assert not right(EMPTIED, "suspend_permit", "warning")
