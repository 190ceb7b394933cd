"""Changes of the working-day calendar, and the clocks that move with it.

The State Council publishes each year's holidays late in the year before; sometimes it changes them within the year.
A change is an event of the bureau's stream, and every clock it moves is an event of the clock's case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import SYSTEM, Actor
from workflows.calendar import clock as present
from workflows.calendar import days
from workflows.calendar.arithmetic import end_of_day
from workflows.calendar.clocks import Clock, recompute_clock
from workflows.calendar.days import LIBRARY, Workday
from workflows.errors import Invalid, Problem
from workflows.ledger.events import CalendarChanged

EDITORS = ("sys_admin",)
NOTICE_MONTH = 11
"""From November on the next year's notice should be there (it came between late October and early December)."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A year is missing in the calendar: code "calendar.year_missing". clocks: running ones that end provisionally."""

    year: int
    clocks: int
    code: str = "calendar.year_missing"


def change_day(session: Session, actor: Actor, day: date, is_workday: bool, note: str) -> list[Clock]:
    """Set one day; the clocks whose end moved with it.

    note: the holiday or the notice it follows. Raises Forbidden unless the actor is a system administrator.
    """
    actor.require(*EDITORS)
    ledger.lock_stream(session, "bureau")
    row = session.get(Workday, day, with_for_update=True)
    before = None if row is None else row.is_workday
    if row is None:
        session.add(Workday(day=day, is_workday=is_workday, note=note, source=actor.name))
    elif (row.is_workday, row.note) == (is_workday, note):
        return []
    else:
        row.is_workday, row.note, row.source = is_workday, note, actor.name
    session.flush()
    days.forget(session)
    changed = {"day": day, "before": before, "is_workday": is_workday, "note": note}
    ledger.append(session, "bureau", CalendarChanged(days=[changed], source=actor.name, note=note), actor=actor)
    return recompute(session, actor, first=day, last=day, cause=f"{day.isoformat()} {note}".strip())


def change_days(
    session: Session, actor: Actor, plan: Mapping[date, tuple[bool, str]], *, reason: str
) -> list[Clock]:
    """Set several days at once; the clocks whose end moved. plan: day → (working day?, the holiday it belongs to).

    reason: the notice that it follows. Days that are so already stay; when all are, nothing happens. Raises Forbidden
    unless the actor is a system administrator, Invalid("calendar.reason_missing" or "calendar.no_days").
    """
    actor.require(*EDITORS)
    if not reason.strip():
        raise Invalid("calendar.reason_missing", [Problem("calendar.reason_missing", "reason")])
    if not plan:
        raise Invalid("calendar.no_days", [Problem("calendar.no_days", "day")])
    ledger.lock_stream(session, "bureau")
    held = {row.day: row for row in session.execute(select(Workday).where(Workday.day.in_(plan))).scalars()}
    changed: list[dict[str, Any]] = []
    for day, (working, note) in sorted(plan.items()):
        row = held.get(day)
        if row is not None and (row.is_workday, row.note) == (working, note):
            continue
        before = None if row is None else row.is_workday
        changed.append({"day": day, "before": before, "is_workday": working, "note": note})
        if row is None:
            session.add(Workday(day=day, is_workday=working, note=note, source=reason.strip()[:200]))
        else:
            row.is_workday, row.note, row.source = working, note, reason.strip()[:200]
    if not changed:
        return []
    session.flush()
    days.forget(session)
    told = CalendarChanged(days=changed, source=reason.strip()[:200])
    ledger.append(session, "bureau", told, actor=actor)
    return recompute(session, actor, first=min(plan), last=max(plan), cause=reason.strip()[:200])


def load_year(
    session: Session, actor: Actor, year: int, *, off: Mapping[date, str], made_up: Mapping[date, str], source: str
) -> list[Clock]:
    """Load a year as a notice says; the clocks whose end moved or is no longer provisional.

    off: days off by the notice, weekends among them; made_up: weekend days worked; each with its holiday's name.
    source: the notice's name and number. Days set before stay only if the notice does not name them otherwise. The same
    notice loaded once more changes nothing.
    Raises Forbidden unless the actor is a system administrator, and Invalid("calendar.day_outside_year" or
    "calendar.day_twice").
    """
    actor.require(*EDITORS)
    for day in (*off, *made_up):
        if day.year != year:
            raise Invalid("calendar.day_outside_year", day=day, year=year)
    for day in off.keys() & made_up.keys():
        raise Invalid("calendar.day_twice", day=day)
    return _load(session, actor, days.ordinary_year(year, off, made_up), source)


def load_library(session: Session, actor: Actor = SYSTEM) -> list[int]:
    """Load the calendar library's years that are missing; which they were. For the start of the server.

    Does nothing when none is missing, so that it may run at every start.
    """
    missing = sorted(set(days.library_years()) - days.loaded_years(session))
    every: dict[date, tuple[bool, str]] = {}
    for year in missing:
        every.update(days.library_year(year))
    if every:
        _load(session, actor, every, LIBRARY)
    return missing


def recompute(
    session: Session, actor: Actor, *, first: date | None = None, last: date | None = None, cause: str = ""
) -> list[Clock]:
    """Recompute the running clocks that count a day from `first` to `last` (all, if not given); those that moved.

    Without days it also catches a clock that another unit of work started while the calendar was being changed:
    the worker may run it daily.
    """
    wanted = select(Clock).where(Clock.satisfied_at.is_(None))
    if first is not None and last is not None:
        begin = datetime.combine(first, time.min, present.SHANGHAI)
        end = end_of_day(last)
        # Most clocks run from start to end; those counted back end before they start.
        wanted = wanted.where(or_(
            and_(Clock.started_at <= end, Clock.due_at >= begin), and_(Clock.due_at <= end, Clock.started_at >= begin),
        ))  # fmt: skip
    clocks = session.execute(wanted.order_by(Clock.case_id, Clock.id)).scalars().all()
    return [clock for clock in clocks if recompute_clock(session, clock, actor=actor, cause=cause)]


def alarms(session: Session) -> list[Alarm]:
    """The years that should be in the calendar and are not.

    They are this one, the next from November on, and those through which running clocks count.
    """
    today = present.today()
    loaded = days.loaded_years(session)
    wanted = {today.year} | ({today.year + 1} if today.month >= NOTICE_MONTH else set())
    reasons = session.execute(select(Clock.reason).where(Clock.satisfied_at.is_(None), Clock.provisional)).scalars()
    counts = Counter(step["year"] for steps in reasons for step in steps if step["step"] == "provisional")
    missing = {year for year in wanted | set(counts) if year not in loaded}
    return [Alarm(year, counts[year]) for year in sorted(missing)]


def _load(session: Session, actor: Actor, every: Mapping[date, tuple[bool, str]], source: str) -> list[Clock]:
    ledger.lock_stream(session, "bureau")
    first, last = min(every), max(every)
    held = {row.day: row for row in session.execute(select(Workday).where(Workday.day.between(first, last))).scalars()}
    changed: list[dict[str, Any]] = []
    if all(day in held and (held[day].is_workday, held[day].source) == (every[day][0], source) for day in every):
        return []  # the same notice once more
    for day, (working, note) in every.items():
        row = held.get(day)
        if row is not None and row.is_workday != working:
            changed.append({"day": day, "before": row.is_workday, "is_workday": working, "note": note})
            row.is_workday, row.note = working, note
        elif row is None and working != (day.weekday() < 5):
            changed.append({"day": day, "before": None, "is_workday": working, "note": note})
        if row is not None:
            row.source = source  # also where the notice says what was known
    session.flush()
    days.insert_days(session, {day: value for day, value in every.items() if day not in held}, source)
    years = sorted({day.year for day in every})
    ledger.append(session, "bureau", CalendarChanged(days=changed, source=source, years=years), actor=actor)
    return recompute(session, actor, first=first, last=last, cause=source)
