"""Tables that make one value of all hits: the sum, the least, the greatest, and of what."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.engine.test_tables import decision, file, refusal, table
from workflows.errors import Incident


@pytest.mark.parametrize(
    ("aggregation", "x", "outcome"),
    [("SUM", 5, Decimal("30.5")), ("SUM", 1, 20), ("SUM", 100, None), ("MIN", 5, Decimal("10.5")), ("MAX", 5, 20),
    ("MAX", 100, None)],
)
def test_a_collection_is_aggregated(aggregation: str, x: int, outcome: Any) -> None:
    read = table(["[4..6] -> 10.5", "< 10 -> 20"], policy=f"COLLECT+{aggregation}")
    assert read.decide({"x": x}) == outcome


@pytest.mark.parametrize(("aggregation", "type"), [
    ("SUM", "string"), ("SUM", "date"), ("SUM", "boolean"), ("SUM", "dayTimeDuration"), ("MIN", "boolean"),
    ("MAX", "boolean"),
])  # fmt: skip
def test_a_column_that_cannot_be_added_up_or_has_no_order_is_not_aggregated(aggregation: str, type: str) -> None:
    written = file(decision(["1 -> z"], outputs=f"y:{type}", policy=f"COLLECT+{aggregation}"))
    assert refusal(written) == [("table.aggregated_type", "t.dmn#out0", 3)]


@pytest.mark.parametrize(("aggregation", "type"), [("COUNT", "string"), ("COUNT", "date"), ("SUM", "integer"),
                                                   ("COUNT", "boolean"), ("MIN", "double"), ("MAX", "number"),
                                                   ("SUM", "Any"), ("MIN", "Any")])
def test_numbers_are_aggregated_and_anything_is_counted(aggregation: str, type: str) -> None:
    assert table(["1 -> z"], outputs=f"y:{type}", policy=f"COLLECT+{aggregation}").aggregation == aggregation


_EARLY, _LATE = date(2026, 1, 31), date(2026, 2, 1)


@pytest.mark.parametrize(("aggregation", "column", "given", "outcome"), [
    ("MIN", "y:date", (_LATE, _EARLY), _EARLY), ("MAX", "y:date", ("2026-01-31", "2026-02-01"), _LATE),
    ("MIN", "y", (_LATE, _EARLY), _EARLY), ("MIN", "y:string", ("b", "a"), "a"), ("MAX", "y:string", ("b", "a"), "b"),
    ("MAX", "y:dayTimeDuration", ("P2D", "PT49H"), timedelta(hours=49)), ("MIN", "y", (2, 1.5), Decimal("1.5")),
])  # fmt: skip
def test_the_least_and_the_greatest_are_of_anything_that_has_an_order(
    aggregation: str, column: str, given: tuple[Any, Any], outcome: Any
) -> None:
    read = table(["1 -> v", "- -> w"], outputs=column, policy=f"COLLECT+{aggregation}")
    assert read.decide({"x": 1, "v": given[0], "w": given[1]}) == outcome
    assert read.map_result("singleEntry", outcome) == outcome


@pytest.mark.parametrize("given", [(1, "a"), (True, False), (None, 1), ([1], [2]), (_EARLY, "2026-02-01")])
def test_values_without_a_common_order_have_no_least(given: tuple[Any, Any]) -> None:
    with pytest.raises(Incident) as caught:
        table(["1 -> v", "- -> w"], policy="COLLECT+MIN").decide({"x": 1, "v": given[0], "w": given[1]})
    assert caught.value.code == "table.not_numbers"


@pytest.mark.parametrize("default", ['@"2026-01-31"', '"2026-01-31"'])
def test_the_least_of_nothing_is_the_default_of_its_column(default: str) -> None:
    read = table(["1 -> v"], outputs=f"y={default}:date", policy="COLLECT+MIN")
    assert (read.decide({"x": 2}), read.decide({"x": 1, "v": _LATE})) == (_EARLY, _LATE)


def test_what_is_no_number_is_not_aggregated() -> None:
    read = table(["- -> 1", "- -> z"], policy="COLLECT+SUM")
    with pytest.raises(Incident) as caught:
        read.decide({"x": 1, "z": "a"})
    assert caught.value.code == "table.not_numbers"
