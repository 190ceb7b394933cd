"""How values are written for people: moments in Asia/Shanghai, money in yuan, what is left of a time limit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask import Flask, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from webapp.access import allowed
from webapp.browsers import browser
from webapp.formpages import page_of_form
from webapp.languages import language
from webapp.preferences import appearance
from webapp.sentences import tell
from workflows.calendar import clock, clocks, days
from workflows.desk.tasks import Task
from workflows.errors import FashenError, Problem
from workflows.store import new_id

SOON_WORKDAYS = 3
"""From here on a time limit is amber (domain brief, section 8: T-3 working days)."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a time limit. level: "over", "soon", "fine", or "still" while it is suspended.

    until: its end as it is written, empty while nobody knows it; provisional: a year's calendar is still missing.
    """

    level: str
    text: str
    until: str = ""
    provisional: bool = False


def init_app(app: Flask) -> None:
    """Give templates their filters."""
    app.jinja_env.filters.update(moment=moment, day=day, due=due, begun=begun, yuan=yuan, size=size, tell=_tell,
                                 browser=browser)
    app.jinja_env.globals.update(
        may=_may, today=clock.today, now=clock.now, fresh_key=new_id, weekday=weekday, here=_here, appearance=appearance
    )


def moment(value: datetime | None) -> str:
    """2026-11-23 09:30, in Asia/Shanghai."""
    return clock.local(value).strftime("%Y-%m-%d %H:%M") if value else ""


def begun(value: datetime) -> str:
    """When something began or was done: the day alone where only the day is known (kept as its first minute)."""
    local = clock.local(value)
    return day(value) if (local.hour, local.minute) == (0, 0) else moment(value)


def day(value: date | datetime | None) -> str:
    """2026-11-23."""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return value.isoformat() if value else ""


def weekday(value: date) -> str:
    """星期一 …"""
    names = (_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"))
    return str(names[value.weekday()])


def yuan(fen: int | None) -> str:
    """30,000 or 1,000.50, from an amount in fen."""
    if fen is None:
        return ""
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02}" if rest else f"{whole:,}"


def size(count: int) -> str:
    """12 KB, 3.4 MB."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} KB"
    return f"{count / 1_000_000:.1f} MB"


def due(value: datetime | None) -> str:
    """The end of a time limit: the last day where it ends at 24:00, else the moment."""
    if value is None:
        return ""
    local = clock.local(value)
    return day(value - timedelta(seconds=1)) if (local.hour, local.minute) == (0, 0) else moment(value)


def left(session: Session, ends: datetime | None) -> Left | None:
    """How many working days a time limit still runs, from today; None for a task without one.

    A limit in hours that ends within a day is told in hours: such limits do not stop at night.
    """
    return _left(session, ends, hours=False) if ends is not None else None


def left_of(session: Session, task: Task) -> Left | None:
    """What is left of a task's time limit; None for a task that ended or has none."""
    if task.state not in ("open", "claimed"):
        return None
    running = session.get(clocks.Clock, task.clock_id) if task.clock_id else None
    return left_of_clock(session, running) if running is not None else left(session, task.due_at)


def left_of_clock(session: Session, running: clocks.Clock) -> Left | None:
    """What is left of a statutory time limit; None when it was met. A suspended one says since when it stands still."""
    if running.satisfied_at is not None:
        return None
    if running.stopped_at is not None:
        return Left("still", _("中止（自 %(day)s 起）", day=begun(running.stopped_at)))
    found = _left(session, running.due_at, hours=running.terms["unit"] == "hours")
    return replace(found, provisional=running.provisional)


def _left(session: Session, ends: datetime, *, hours: bool) -> Left:
    """hours: the limit is one in hours, which do not stop at night, and is told in hours however long it is."""
    until = moment(ends) if hours else due(ends)
    if hours or (ends - clock.now() < timedelta(hours=24) and until != _last_day(ends).isoformat()):
        return replace(_hours_left(ends), until=until)
    return replace(_days_left(session, ends), until=until)


def _last_day(ends: datetime) -> date:
    return clock.local(ends - timedelta(seconds=1)).date()


def _hours_left(ends: datetime) -> Left:
    seconds = (ends - clock.now()).total_seconds()
    count = int(abs(seconds) // 3600)
    if seconds <= 0:
        return Left("over", ngettext("已超期 %(num)d 小时", "已超期 %(num)d 小时", count) if count else _("已超期"))
    return Left("soon", ngettext("剩余 %(num)d 小时", "剩余 %(num)d 小时", count) if count else _("不足 1 小时"))


def _days_left(session: Session, ends: datetime) -> Left:
    now, today = clock.now(), clock.today()
    last = _last_day(ends)
    if ends <= now:
        count = (today - last).days
        text = ngettext("已超期 %(num)d 天", "已超期 %(num)d 天", count) if count else _("已超期")
        return Left("over", text)
    if last == today:
        return Left("over", _("今日到期"))
    count = _workdays_between(session, today, last)
    text = ngettext("剩余 %(num)d 个工作日", "剩余 %(num)d 个工作日", count)
    return Left("soon" if count <= SOON_WORKDAYS else "fine", text)


def _workdays_between(session: Session, start: date, end: date) -> int:
    """Working days after `start` up to and with `end`; plain days where the calendar has no table of the year yet."""
    try:
        return days.workdays_between(session, start, end)
    except FashenError:
        return (end - start).days


def _may(endpoint: str) -> bool:
    from flask_login import current_user

    return allowed(endpoint, current_user.actor.roles if current_user.is_authenticated else None)



def _here() -> str:
    """The address of this page; after a refused form, of the page on which it stands."""
    return request.full_path.rstrip("?") if request.method == "GET" else page_of_form()


def _tell(problem: Problem) -> str:
    return tell(problem, language())
