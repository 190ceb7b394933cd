"""The fines that the law allows, told in words before one is proposed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.cases_room.room import MATTER, Room
from workflows.cases.catalogue import Matter
from workflows.cases.scales import fine_words, scales_of


def test_every_stage_of_the_matter_has_its_ranges(room: Room) -> None:
    room.open()
    with room.store.read() as session:
        first, overdue = scales_of(session, room.case(session))
    assert (first.code, first.stage[0], first.entity[0], first.person) == (MATTER, "一般情形", "10万元以下", ("—", "—"))
    assert (overdue.entity[0], overdue.person[0]) == ("10万元以上20万元以下", "2万元以上5万元以下")
    assert overdue.entity[1] == "100,000 to 200,000 yuan"
    assert "责令限期改正" in first.measures
    assert "罚款" not in first.measures


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "—"),
        ([0, 5000], "5000元以下"),
        ([15000, 30000], "1.5万元以上3万元以下"),
        ({"basis": "income", "percent": [40, 40]}, "上一年年收入的40%"),
        ({"basis": "multiple", "times": [2, 5]}, "前款罚款数额的2倍以上5倍以下"),
        ({"basis": "daily_repeat", "from": "次日"}, "按原处罚数额按日连续处罚"),
        (
            {"basis": "illegal_gains", "threshold": 100000, "times": [2, 5], "below": [100000, 200000]},
            "违法所得10万元以上的，违法所得的2倍以上5倍以下；没有违法所得或者不足10万元的，10万元以上20万元以下",
        ),
    ],
)
def test_a_range_is_worded_as_in_the_law(given: Any, words: str) -> None:
    assert fine_words(given)[0] == words


def test_a_bureau_that_does_not_count_the_upper_end_says_so() -> None:
    assert fine_words([0, 5000], max_inclusive=False) == ("5000元以下（不含本数）", "below 5,000 yuan")


def test_a_person_pays_what_an_entity_pays_where_the_law_names_no_person(room: Room) -> None:
    room.open(matters=[{"matter_code": "CF-WHP-078-1-09"}])
    with room.store.read() as session:
        assert all(one.person == one.entity for one in scales_of(session, room.case(session)))


def test_every_matter_of_the_catalogue_can_be_worded(room: Room) -> None:
    with room.store.read() as session:
        for matter in session.execute(select(Matter)).scalars():
            for entry in matter.spec["stages"]:
                for kind in ("entity", "person"):
                    assert all(fine_words(entry.get(kind)))
