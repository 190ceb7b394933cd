"""The working-day calendar: a year as a sheet; days and years changed after a look at what that would move."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.pages.house.typed import refused, text
from workflows.calendar import changes, clock, days, sheets
from workflows.calendar.days import Workday
from workflows.calendar.sheets import FIRST_YEAR, LAST_YEAR, MOST_BYTES, Plan
from workflows.desk.execute import execute
from workflows.errors import Invalid, Problem

blueprint = Blueprint("house_calendar", __name__, url_prefix="/house/calendar")

SHOWN_MOVES = 50
"""Moved limits that a preview lists; all are counted."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the sheet. kind: "off" and "made" as a notice says, "rest" an ordinary weekend, "work"."""

    day: date
    kind: str
    note: str


@blueprint.get("")
def show() -> ResponseReturnValue:
    """A year's sheet."""
    return sheet_page(None)


def sheet_page(trouble: Trouble | None, look: Mapping[str, Any] | None = None) -> ResponseReturnValue:
    """The page of a year. look: what a change that is not yet kept would do."""
    year = _year()
    with house().store.read() as session:
        loaded = days.loaded_years(session)
        sources = session.execute(
            select(Workday.source).where(Workday.day.between(date(year, 1, 1), date(year, 12, 31))).distinct()
        ).scalars().all()  # fmt: skip
        return render_template(
            "house/calendar.html", year=year, months=_months(session, year), loaded=year in loaded,
            sources=[one for one in sources if one], alarms=changes.alarms(session), today=clock.today(),
            years=sorted({*loaded, year, clock.today().year, clock.today().year + 1}), look=look or {},
            trouble=trouble, refused=refused(trouble), picked=set(request.form.getlist("day")),
            editor=bool(actor().roles.intersection(changes.EDITORS)), most=SHOWN_MOVES,
        )  # fmt: skip


def _year() -> int:
    year = request.values.get("year", clock.today().year, type=int)
    return year if FIRST_YEAR <= year <= LAST_YEAR else clock.today().year


def _months(session: Session, year: int) -> list[list[list[Day | None]]]:
    """The twelve months as weeks of days from Monday on; None beside the month."""
    table = days.days_of(session)
    weeks = calendar.Calendar(firstweekday=0)
    return [
        [[_kind(table, date(year, month, number)) if number else None for number in week]
         for week in weeks.monthdayscalendar(year, month)]
        for month in range(1, 13)
    ]  # fmt: skip


def _kind(table: days.StoredDays, day: date) -> Day:
    working, note, ordinary = table.is_workday(day), table.note(day), day.weekday() < 5
    if working:
        return Day(day, "work" if ordinary else "made", note)
    return Day(day, "off" if ordinary or note else "rest", note)


@blueprint.post("/days")
@redrawn(sheet_page)
def change() -> ResponseReturnValue:
    """Days that were ticked become days off or worked: first a look, then the change."""
    plan = _ticked()
    if request.form.get("sure") != "1":
        return _looked(plan, to="days")
    moved = execute(house().store, changes.change_days, actor(), plan, reason=text("reason"))
    return _done(len(moved))


@blueprint.post("/year")
@redrawn(sheet_page)
def load() -> ResponseReturnValue:
    """A year from a file: first a look, then the change."""
    year = _year()
    if request.form.get("sure") == "1":
        plan = sheets.read_plan(request.form.get("plan", ""), year)
        moved = execute(
            house().store, changes.load_year, actor(), year, off=plan.off, made_up=plan.made_up, source=_reason()
        )
        return _done(len(moved))
    plan = sheets.read_sheet(_file(), year)
    _reason()
    return _looked(sheets.whole_year(year, plan), to="year", sheet=plan)


@blueprint.get("/<int:year>.csv")
def export(year: int) -> ResponseReturnValue:
    """The days of a year that are not Monday to Friday, as a file that can be uploaded again."""
    with house().store.read() as session:
        rows = [day for month in _months(session, min(max(year, FIRST_YEAR), LAST_YEAR)) for week in month
                for day in week if day is not None and day.kind in ("off", "made")]  # fmt: skip
    lines = ["日期,类型,说明", *(f"{one.day},{'休' if one.kind == 'off' else '班'},{_cell(one.note)}" for one in rows)]
    response = Response("\ufeff" + "\r\n".join(lines) + "\r\n", mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"workdays-{year}.csv")
    return response


def _cell(note: str) -> str:
    """A note as a cell of a sheet: without separators, and never a formula."""
    plain = note.replace(",", "，").replace('"', "”").replace("\n", " ") or "休息日"
    return plain.lstrip("=+-@\t\r")


def _ticked() -> dict[date, tuple[bool, str]]:
    working, note = text("becomes") == "work", text("note")
    problems = []
    if text("becomes") not in ("work", "off"):
        problems.append(Problem("field.required", "becomes", facts={"label": str(_("改为"))}))
    if len(note) > sheets.LONGEST_NOTE:
        problems.append(Problem("field.too_long", "note", facts={"limit": sheets.LONGEST_NOTE}))
    found: dict[date, tuple[bool, str]] = {}
    for written in request.form.getlist("day")[: sheets.MOST_DAYS]:
        try:
            found[date.fromisoformat(written)] = (working, note)
        except ValueError:
            problems.append(Problem("field.date_expected", "day"))
    if not found:
        problems.append(Problem("calendar.no_days", "day"))
    if any(not timedelta(0) <= day - date(_year(), 1, 1) < timedelta(days=366) for day in found):
        problems.append(Problem("field.date_expected", "day"))
    if problems:
        raise Invalid("form.invalid", problems)
    _reason()
    return found


def _reason() -> str:
    written = text("reason")
    if not written or len(written) > 200:
        raise Invalid("calendar.reason_missing", [Problem("calendar.reason_missing", "reason")])
    return written


def _file() -> bytes:
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        raise Invalid("form.invalid", [Problem("field.required", "file", facts={"label": str(_("文件"))})])
    return uploaded.stream.read(MOST_BYTES + 1)


def _looked(plan: Mapping[date, tuple[bool, str]], *, to: str, sheet: Plan | None = None) -> ResponseReturnValue:
    """The page with what the change would do, and the button that does it."""
    actor().require(*changes.EDITORS)
    with house().store.read() as session:
        found = sheets.preview(session, plan)
    return sheet_page(None, {
        "preview": found, "to": to, "plan": sheet.to_json() if sheet is not None else "", "reason": text("reason"),
        "days": request.form.getlist("day"), "becomes": text("becomes"), "note": text("note"),
    })  # fmt: skip


def _done(moved: int) -> ResponseReturnValue:
    flash(_("工作日历已调整，%(count)d 个正在计算的期限随之变动。", count=moved), "success")
    return redirect(url_for("house_calendar.show", year=_year()))
