"""The table decides when the leaders must decide together (行政处罚法 57 para. 2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bpmn.shipped import definition, package

LIGHT = {
    "outcome": "penalise",
    "fine_entity_max": 0,
    "fine_person_max": 0,
    "heavy_measure": False,
    "complex": False,
}


def decide(**facts: Any) -> Any:
    table = definition("penalty").tables["collective_required"]
    return table.map_result("singleEntry", table.decide({**LIGHT, **facts}))


@pytest.mark.parametrize(
    ("name", "facts", "collective"),
    [
        ("welders without certificate, 30,000", {"fine_entity_max": 30_000}, False),
        ("one welder's card, lenient 20,000 on an entity", {"fine_entity_max": 20_000}, False),
        ("fireworks confiscated and 40,000", {"fine_entity_max": 40_000, "heavy_measure": True}, True),
        ("cylinders, referred", {"outcome": "refer"}, False),
        ("coal mine, 2,000,000 and 150,000", {"fine_entity_max": 2_000_000, "fine_person_max": 150_000}, True),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_five_published_cases(name: str, facts: dict[str, Any], collective: bool) -> None:
    assert decide(**facts) is collective


@pytest.mark.parametrize(
    ("facts", "collective"),
    [
        ({"fine_entity_max": 49_999}, False),
        ({"fine_entity_max": 50_000}, True),
        ({"fine_person_max": 19_999}, False),
        ({"fine_person_max": 20_000}, True),
        ({"heavy_measure": True}, True),
        ({"complex": True}, True),
    ],
)
def test_each_threshold_counts_from_its_very_amount(facts: dict[str, Any], collective: bool) -> None:
    assert decide(**facts) is collective


@pytest.mark.parametrize("outcome", ["minor", "unproven", "refer"])
def test_who_is_not_penalised_needs_no_meeting(outcome: str) -> None:
    assert decide(outcome=outcome, complex=True, heavy_measure=True) is False


def test_each_rule_says_where_it_comes_from() -> None:
    assert package("penalty").files["collective_required.dmn"].decode().count("行政处罚法第五十七条") >= 4
