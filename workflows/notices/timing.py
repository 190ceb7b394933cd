"""When a notice may go out: at once, with the day's digest, and never on a rest day unless the law's hours run.

A deadline counted in hours does not stop at night or on a holiday (民法典 201 para. 2), so what tells of one does not
wait either. Everything else waits for the next working day: nobody is reminded of work on a day of rest.
"""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy.orm import Session

from workflows.calendar import clock, days


def goes_at(session: Session, now: datetime, hour: int, *, digest: bool, urgent: bool) -> datetime:
    """The moment from which it may be sent. hour: of the person's digest, in Shanghai; held back, it comes then too."""
    if urgent:
        return now
    local = clock.local(now)
    today = local.date()
    if days.is_workday(session, today) and (not digest or local <= _at(today, hour)):
        return _at(today, hour) if digest else now
    return _at(days.next_workday(session, today + days.DAY), hour)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.SHANGHAI)
