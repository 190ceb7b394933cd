"""A year's holidays read from a file, and what they would move before they are kept."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.staff.conftest import Office
from tests.staff.conftest import cheap_passwords as cheap_passwords
from tests.staff.conftest import office as office
from tests.staff.conftest import small_office as small_office
from tests.staff.conftest import time as time
from workflows import ledger
from workflows.calendar import changes, clock, clocks, days, sheets
from workflows.calendar.clock import SHANGHAI
from workflows.calendar.days import Workday
from workflows.errors import Forbidden, Invalid

GOOD = "日期,类型,说明\r\n2031-01-01,休,元旦\r\n2031/1/4,班,元旦调休\r\n"


@pytest.mark.parametrize("data", [
    GOOD.encode(), b"\xef\xbb\xbf" + GOOD.encode(), GOOD.encode("gb18030"),
    '{"off": {"2031-01-01": "元旦"}, "work": {"2031-01-04": "元旦调休"}}'.encode(),
])  # fmt: skip
def test_a_notice_is_read_as_spreadsheets_write_it(data: bytes) -> None:
    plan = sheets.read_sheet(data, 2031)
    assert (plan.off, plan.made_up) == ({date(2031, 1, 1): "元旦"}, {date(2031, 1, 4): "元旦调休"})
    assert sheets.read_plan(plan.to_json(), 2031) == plan


@pytest.mark.parametrize(("data", "code"), [
    (b"2031-13-01,\xe4\xbc\x91,x", "calendar.sheet_day"), ("2030-01-01,休,元旦".encode(), "calendar.sheet_day"),
    ("2031-01-01,休,元旦\n2031-01-01,休,元旦".encode(), "calendar.sheet_twice"),
    ("2031-01-01,也许,元旦".encode(), "calendar.sheet_kind"), ("2031-01-02,班,元旦".encode(), "calendar.sheet_weekday"),
    ("2031-01-01,休,".encode(), "calendar.sheet_note"), (b"", "calendar.sheet_empty"),
    (b"\n".join(f"2031-01-01,\xe4\xbc\x91,{n}".encode("latin-1") for n in range(400)), "calendar.sheet_"),
])  # fmt: skip
def test_every_wrong_line_is_named(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        sheets.read_sheet(data, 2031)
    assert any(one.code.startswith(code) for one in refused.value.problems)


@pytest.mark.parametrize("data", [b"\xff\xff\xff", b"{", b'{"off": 1}', b"{" * 5000])
def test_what_is_no_sheet_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="calendar.sheet"):
        sheets.read_sheet(data, 2031)


def test_a_file_has_its_limits() -> None:
    with pytest.raises(Invalid, match="calendar.sheet_large"):
        sheets.read_sheet(b"x" * (sheets.MOST_BYTES + 1), 2031)
    with pytest.raises(Invalid, match="calendar.year_bad"):
        sheets.read_sheet(GOOD.encode(), 9999)


def test_a_preview_tells_what_the_change_then_moves(office: Office) -> None:
    """A limit of five working days over a day that becomes a holiday: told before, moved after, the same day."""
    case_id, admin = office.open(), office.actor("admin")
    with office.store.work() as session:
        clocks.start_clock(session, "legal_review", case_id=case_id, actor=admin,
                           start=datetime(2024, 2, 27, 9, 0, tzinfo=SHANGHAI))  # fmt: skip
    plan = {date(2024, 2, 29): (False, "演练"), date(2024, 3, 2): (False, "")}
    with office.store.read() as session:
        told = sheets.preview(session, plan)
        assert list(told.changed) == [date(2024, 2, 29)]
        assert days.is_workday(session, date(2024, 2, 29))
        assert session.get_one(Workday, date(2024, 2, 29)).is_workday
    moved = office.does("admin", changes.change_days, plan, reason="演练通知")
    assert sorted((one.before, one.after) for one in told.moves)[-1][1] in {one.due_on for one in moved}
    assert len(told.moves) == len(moved)
    with office.store.read() as session:
        entry = ledger.of_event(session, "bureau", "CalendarChanged")[-1]
        assert entry.data["source"] == "演练通知"
    assert office.does("admin", changes.change_days, plan, reason="演练通知") == []


def test_days_change_with_a_reason_and_by_the_system_administrator_only(small_office: Office) -> None:
    plan = {clock.today(): (False, "演练")}
    with pytest.raises(Invalid, match="calendar.reason_missing"):
        small_office.does("admin", changes.change_days, plan, reason=" ")
    with pytest.raises(Invalid, match="calendar.no_days"):
        small_office.does("admin", changes.change_days, {}, reason="演练通知")
    for login in ("secadmin", "auditor", "head", "officer1"):
        with pytest.raises(Forbidden):
            small_office.does(login, changes.change_days, plan, reason="演练通知")
