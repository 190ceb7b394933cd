"""How a clock stands: run out, days left, the traffic light."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.calendar import clock as present
from workflows.calendar.clocks import Clock
from workflows.calendar.days import count_workdays, days_of

Light = Literal["green", "amber", "red"]
AMBER_WORKDAYS = 3
"""Working days before the last day from which a clock is amber (domain brief 8)."""


def overdue(session: Session, now: datetime, limit: int = 100) -> Sequence[Clock]:
    """Clocks that ran out before `now` and are not satisfied, the oldest first; suspended ones have not run out."""
    wanted = select(Clock).where(Clock.satisfied_at.is_(None), Clock.due_at <= now).order_by(Clock.due_at, Clock.id)
    rows = session.execute(wanted.limit(limit)).scalars()
    return [clock for clock in rows if not clock.suspended and not clock.in_time(now)]


def remaining(session: Session, clock: Clock, now: datetime | None = None) -> int:
    """Working days left after today up to and with the last day: 0 on the last day, negative when it ran out.

    A clock that stands still keeps what it had when it stopped; a satisfied one what it had then.
    """
    moment = clock.satisfied_at or clock.stopped_at or now or present.now()
    return count_workdays(days_of(session), present.local(moment).date(), clock.due_on)


def light(session: Session, clock: Clock, now: datetime | None = None) -> Light:
    """The traffic light: red from the last day on, amber from three working days before it, else green.

    Limits in hours are amber in their second half and red when they ran out. A satisfied clock is green when it was
    done in time and red when it was not.
    """
    moment = clock.satisfied_at or clock.stopped_at or now or present.now()
    if clock.satisfied_at is not None:
        return "green" if clock.in_time(moment) else "red"
    if clock.terms["unit"] == "hours":
        if moment >= clock.due_at:
            return "red"
        return "amber" if moment - clock.started_at >= clock.due_at - moment else "green"
    today = present.local(moment).date()
    if today >= clock.due_on:
        return "red"
    return "amber" if count_workdays(days_of(session), today, clock.due_on) <= AMBER_WORKDAYS else "green"
