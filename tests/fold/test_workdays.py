"""The days on which people work are those that the ledger tells."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from tests.desk.conftest import Bureau
from tests.fold import changing
from workflows.calendar import changes
from workflows.store import Store


def found(bureau: Bureau, change: str) -> list[tuple[str, str, str | None]]:
    with changing.attacked(bureau.store) as connection:
        assert connection.execute(text(change)).rowcount
        return [(one.table, one.key, one.column) for one in changing.differences(connection)]


def test_a_day_that_was_turned_or_taken_away_without_an_entry_is_named(
    sqlite_demo_store: Store, time: object
) -> None:
    bureau = Bureau(sqlite_demo_store)
    with bureau.store.work() as session:
        day_off = {date(2024, 4, 9): (False, "测试")}
        changes.change_days(session, bureau.actor("admin"), day_off, reason="市政府通知")
    with changing.attacked(bureau.store) as connection:
        assert changing.differences(connection) == []
    for day in ("2024-04-09", "2024-03-06", "2024-02-04", "2024-10-01"):
        turned = f"UPDATE workday SET is_workday = 1 - is_workday WHERE day = '{day}'"  # noqa: S608 (above)
        assert found(bureau, turned) == [("workday", day, "is_workday")]
    gone = found(bureau, "DELETE FROM workday WHERE day LIKE '2024-05-%'")
    assert len(gone) == 31 and {(table, column) for table, _, column in gone} == {("workday", None)}
