"""The working-day calendar, compared with what the ledger tells of its days.

Who may write this table without an entry could move the end of every time limit. A year that was loaded tells the days
that are not as Monday to Friday, Saturday and Sunday; a day that was set afterwards is told by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.calendar.days import Workday
from workflows.fold.difference import NOTHING, Difference

_DAY = timedelta(days=1)


def compare(session: Session) -> Iterator[Difference]:
    """Every day that is missing, or on which people work by the table and not by the ledger, or the other way round."""
    kept = {row.day: row.is_workday for row in session.execute(select(Workday.day, Workday.is_workday))}
    for day, working in sorted(_told(session).items()):
        if day not in kept:
            yield Difference("", "workday", day.isoformat(), None, {"is_workday": working}, NOTHING)
        elif kept[day] != working:
            yield Difference("", "workday", day.isoformat(), "is_workday", working, kept[day])


def _told(session: Session) -> dict[date, bool]:
    """Day → whether people work, as the last entry says."""
    told: dict[date, bool] = {}
    for entry in ledger.of_event(session, "bureau", "CalendarChanged"):
        for year in entry.data.get("years", []):
            day = date(year, 1, 1)
            while day.year == year:
                told.setdefault(day, day.weekday() < 5)
                day += _DAY
        for change in entry.data["days"]:
            told[date.fromisoformat(change["day"])] = change["is_workday"]
    return told
