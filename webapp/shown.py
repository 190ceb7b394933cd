"""How values are written for people: moments in Asia/Shanghai, money in yuan, what is left of a time limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from webapp.access import allowed
from webapp.languages import bilingual
from workflows.actors import ROLES
from workflows.calendar import clock, days
from workflows.cases.file import CASE_STATES, CRIME_STATES
from workflows.errors import FashenError

SOON_WORKDAYS = 3
"""From here on a time limit is amber (domain brief, section 8: T-3 working days)."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a time limit. level: "over", "soon" or "fine"."""

    level: str
    text: str


def init_app(app: Flask) -> None:
    """Give templates their filters."""
    app.jinja_env.filters.update(moment=moment, day=day, yuan=yuan, size=size)
    app.jinja_env.globals.update(
        may=_may, ROLES=ROLES, CASE_STATES=CASE_STATES, CRIME_STATES=CRIME_STATES, today=clock.today,
        weekday=weekday, here=lambda: request.full_path.rstrip("?"),
    )  # fmt: skip


def moment(value: datetime | None) -> str:
    """2026-11-23 09:30, in Asia/Shanghai."""
    return clock.local(value).strftime("%Y-%m-%d %H:%M") if value else ""


def day(value: date | datetime | None) -> str:
    """2026-11-23."""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return value.isoformat() if value else ""


def weekday(value: date) -> str:
    """星期一 …"""
    names = (_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"))
    return names[value.weekday()]


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


def left(session: Session, due: datetime | None) -> Left | None:
    """How many working days a time limit still runs, from today; None for a task without one.

    A limit of hours that ends within a day is told in hours: such limits do not stop at night.
    """
    if due is None:
        return None
    now = clock.now()
    if due <= now:
        return Left("over", _("已超期 %(days)s", days=_days((clock.today() - clock.local(due).date()).days)))
    hours = (due - now).total_seconds() / 3600
    if hours < 24:
        count = int(hours)
        return Left("soon", ngettext("剩余 %(num)d 小时", "剩余 %(num)d 小时", count) if count else _("不足 1 小时"))
    count = _workdays_between(session, clock.today(), clock.local(due).date())
    text = ngettext("剩余 %(num)d 个工作日", "剩余 %(num)d 个工作日", count)
    return Left("soon" if count <= SOON_WORKDAYS else "fine", text)


def _days(count: int) -> str:
    return ngettext("%(num)d 天", "%(num)d 天", count) if count else _("（今日）")


def _workdays_between(session: Session, start: date, end: date) -> int:
    """Working days after `start` up to and with `end`; plain days where the calendar has no table of the year yet."""
    try:
        return days.workdays_between(session, start, end)
    except FashenError:
        return (end - start).days


def _may(endpoint: str) -> bool:
    from flask_login import current_user

    return allowed(endpoint, current_user.actor.roles if current_user.is_authenticated else None)


def state_name(state: str) -> str:
    """A case's state as the reader calls it."""
    return bilingual(*CASE_STATES.get(state, (state, state)))


def element_name(labels: dict[str, Any], element_id: str, name: str) -> str:
    """A step's name: Chinese from the diagram, English from the package's labels."""
    return bilingual(name, str((labels.get(element_id) or {}).get("en", "")))
