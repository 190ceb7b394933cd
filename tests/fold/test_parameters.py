"""A bureau's own legal parameters are what two administrators set, and the others are the program's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.desk.conftest import Bureau
from tests.fold import changing
from workflows.actors import Unit
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.staff import rules

OWN = "bureau_id IS NOT NULL AND effective_to IS NULL AND name = 'filing_days'"
DAY = timedelta(days=1)


def put(bureau: Bureau, name: str, value: dict[str, Any] | None, ahead: int) -> None:
    """Two administrators set a value from a day on."""
    with bureau.store.read() as session:
        one = session.execute(select(Unit.id).where(Unit.name == "衢州市应急管理局(演示)")).scalar_one()
    request = execute(
        bureau.store, rules.ask, bureau.actor("admin"), one, name, value=value,
        effective_from=clock.today() + ahead * DAY, source="衢应急〔2024〕3号", reason="局务会议定",
    )  # fmt: skip
    execute(bureau.store, rules.approve, bureau.actor("admin2"), request)


@pytest.fixture
def settled(bureau: Bureau) -> Bureau:
    """One value took the place of another, and one gave way to the program's again."""
    put(bureau, "filing_days", {"working_days": 5}, 0)
    put(bureau, "filing_days", {"working_days": 6}, 3)
    put(bureau, "supplement_days", {"working_days": 4}, 0)
    put(bureau, "supplement_days", None, 9)
    return bureau


def found(bureau: Bureau, change: str = "") -> set[str | None]:
    """The columns of parameters that the check names after a change."""
    with changing.attacked(bureau.store) as connection:
        if change:
            assert connection.execute(text(change.replace("OWN", OWN))).rowcount == 1, change
        return {one.column for one in changing.differences(connection) if one.table == "bureau_rule"}


CHANGES = {
    "UPDATE bureau_rule SET value = '{\"working_days\": 60}' WHERE OWN": "value",
    "UPDATE bureau_rule SET effective_to = effective_from WHERE OWN": "effective_to",
    "UPDATE bureau_rule SET source = '' WHERE OWN": "source",
    "UPDATE bureau_rule SET effective_from = '2020-01-01' WHERE OWN": None,
    "UPDATE bureau_rule SET bureau_id = NULL WHERE OWN": None,
    "DELETE FROM bureau_rule WHERE OWN": None,
    "UPDATE bureau_rule SET effective_to = NULL WHERE name = 'supplement_days'": "effective_to",
    "UPDATE bureau_rule SET value = '{\"entity_fine_yuan\": 900000}' WHERE name = 'hearing_threshold'": "value",
    "INSERT INTO bureau_rule (id, name, bureau_id, value, effective_from, source) SELECT 'x', 'hearing_threshold',"
    " bureau_id, '{}', effective_from, '' FROM bureau_rule WHERE OWN": None,
}  # fmt: skip


def test_a_parameter_that_is_not_as_it_was_set_is_named(settled: Bureau) -> None:
    assert found(settled) == set()
    for change, column in CHANGES.items():
        assert column in found(settled, change), change


def test_a_parameter_is_named_in_both_languages(settled: Bureau) -> None:
    with changing.attacked(settled.store) as connection:
        connection.execute(text("DELETE FROM bureau_rule WHERE OWN".replace("OWN", OWN)))
        one = next(one for one in changing.differences(connection) if one.table == "bureau_rule")
    assert one.sentence("zh").startswith(f"法律参数 {one.key}，账本为")
    assert one.sentence("en").startswith(f"legal parameter {one.key}")
