"""A year's holidays as an administrator has them: read from a file, and what they would move before they are kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from workflows.calendar import clock, days
from workflows.calendar.arithmetic import end_of_day
from workflows.calendar.clocks import Clock, compute
from workflows.errors import Invalid, Problem

MOST_BYTES = 64 * 1024
MOST_DAYS = 366
LONGEST_NOTE = 100
OFF = ("休", "休息", "放假", "off", "holiday")
WORKED = ("班", "上班", "调休", "work", "workday")
"""How files and people write what a day is."""
MOST_CLOCKS = 20_000
"""Running limits that a preview looks at."""
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Plan:
    """Days as a notice names them: days off and weekend days worked, each with its holiday's name."""

    off: Mapping[date, str] = field(default_factory=dict)
    made_up: Mapping[date, str] = field(default_factory=dict)

    @property
    def days(self) -> dict[date, tuple[bool, str]]:
        """Day → (working day?, note)."""
        return {**{day: (False, note) for day, note in self.off.items()},
                **{day: (True, note) for day, note in self.made_up.items()}}  # fmt: skip

    def to_json(self) -> str:
        """The plan as text, as `read_plan` reads it: a page carries it from the preview to the command."""
        sides = {"off": self.off, "work": self.made_up}
        told = {name: {day.isoformat(): note for day, note in side.items()} for name, side in sides.items()}
        return json.dumps(told, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Moved:
    """A running limit whose last day would be another one. The case is not named: administrators see none."""

    rule: Mapping[str, str]
    before: date
    after: date


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would do. moves: every limit that moves; settled: how many are no longer provisional; whole: whether
    all running limits were looked at.
    """

    changed: Mapping[date, tuple[bool, bool, str]]  # day → (working before, working after, note)
    moves: tuple[Moved, ...]
    settled: int
    whole: bool


def read_sheet(data: bytes, year: int) -> Plan:
    """The plan of an uploaded file: JSON {"off": {day: note}, "work": {day: note}}, or CSV with day, 休/班, note.

    Raises Invalid("calendar.sheet_refused") that names every line that is wrong: no text, too large, no day, a day of
    another year, a day twice, a worked day that is no weekend.
    """
    if len(data) > MOST_BYTES:
        raise Invalid("calendar.sheet_large", limit=MOST_BYTES // 1024)
    text = _text(data).strip()
    return read_plan(text, year) if text.startswith("{") else _plan(_rows(text), year)


def read_plan(text: str, year: int) -> Plan:
    """The plan of a JSON text. Raises as `read_sheet`."""
    try:
        told = json.loads(text)
        rows = [(index, str(day), kind, str(note)) for name, kind in (("off", OFF[0]), ("work", WORKED[0]))
                for index, (day, note) in enumerate(dict(told.get(name, {})).items(), start=1)]  # fmt: skip
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Invalid("calendar.sheet_unreadable") from error
    return _plan(rows, year)


def preview(session: Session, plan: Mapping[date, tuple[bool, str]]) -> Preview:
    """What would change if the days were as planned. Changes nothing; for a session that only reads."""
    present = days.days_of(session)
    changed = {
        day: (present.is_workday(day), working, note) for day, (working, note) in sorted(plan.items())
        if present.is_workday(day) != working or (note and present.note(day) != note)
    }  # fmt: skip
    if not plan:
        return Preview({}, (), 0, True)
    first, last = min(plan), max(plan)
    begin, end = datetime.combine(first, time.min, clock.SHANGHAI), end_of_day(last)
    wanted = select(Clock).where(Clock.satisfied_at.is_(None), or_(
        and_(Clock.started_at <= end, Clock.due_at >= begin), and_(Clock.due_at <= end, Clock.started_at >= begin),
    )).order_by(Clock.due_at).limit(MOST_CLOCKS + 1)  # fmt: skip
    clocks = session.execute(wanted).scalars().all()
    moves, settled = [], 0
    with days.pretending(session, plan):
        for one in clocks[:MOST_CLOCKS]:
            then = compute(session, one)
            if then.last_day != one.due_on:
                moves.append(Moved(one.version_of_rule.names, one.due_on, then.last_day))
            settled += one.provisional and not then.provisional
    return Preview(changed, tuple(moves), settled, len(clocks) <= MOST_CLOCKS)


def whole_year(year: int, plan: Plan) -> dict[date, tuple[bool, str]]:
    """Every day of the year as the plan has it."""
    return days.ordinary_year(year, plan.off, plan.made_up)


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # what spreadsheets here write
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("calendar.sheet_unreadable")


def _rows(text: str) -> list[tuple[int, str, str, str]]:
    found = []
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and not cells[0][:1].isdigit()):
            continue  # an empty line, the heading
        found.append((number, cells[0], cells[1] if len(cells) > 1 else "", cells[2] if len(cells) > 2 else ""))
        if len(found) > MOST_DAYS:
            break
    return found


def _plan(rows: list[tuple[int, str, str, str]], year: int) -> Plan:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid("calendar.year_bad", first=FIRST_YEAR, last=LAST_YEAR)
    problems: list[Problem] = []
    off: dict[date, str] = {}
    made_up: dict[date, str] = {}
    for line, written, kind, note in rows[: MOST_DAYS + 1]:
        facts: dict[str, Any] = {"line": line, "day": written[:40]}
        day = _day(written)
        if day is None or day.year != year:
            problems.append(Problem("calendar.sheet_day", "file", facts={**facts, "year": year}))
        elif day in off or day in made_up:
            problems.append(Problem("calendar.sheet_twice", "file", facts=facts))
        elif kind.lower() not in (*OFF, *WORKED):
            problems.append(Problem("calendar.sheet_kind", "file", facts={**facts, "kind": kind[:40]}))
        elif kind.lower() in WORKED and day.weekday() < 5:
            problems.append(Problem("calendar.sheet_weekday", "file", facts=facts))
        elif not note or len(note) > LONGEST_NOTE:
            problems.append(Problem("calendar.sheet_note", "file", facts={**facts, "most": LONGEST_NOTE}))
        else:
            (made_up if kind.lower() in WORKED else off)[day] = note
    if not rows or len(rows) > MOST_DAYS:
        problems.append(Problem("calendar.sheet_empty", "file", facts={"most": MOST_DAYS}))
    if problems:
        raise Invalid("calendar.sheet_refused", problems[:20], count=len(problems))
    return Plan(off, made_up)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.replace("/", "-"))
    except ValueError:
        pass
    try:
        return datetime.strptime(written.replace("/", "-"), "%Y-%m-%d").date()  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        return None
