"""Calendars for tests: the real one in memory, and invented ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from workflows.calendar.days import library_year, library_years

DAY = timedelta(days=1)


class Table:
    """A calendar in memory: given days, else Monday to Friday, which counts as a guess unless `complete`."""

    def __init__(self, days: Mapping[date, tuple[bool, str]], *, complete: bool = False) -> None:
        self._days = days
        self._complete = complete

    def is_workday(self, day: date) -> bool:
        return self._days[day][0] if day in self._days else day.weekday() < 5

    def known(self, day: date) -> bool:
        return self._complete or day in self._days

    def note(self, day: date) -> str:
        return self._days[day][1] if day in self._days else ""


@cache
def real() -> Table:
    """The years of the calendar library."""
    days: dict[date, tuple[bool, str]] = {}
    for year in library_years():
        days.update(library_year(year))
    return Table(days)


def invented(first: date, working: list[bool]) -> Table:
    """A known calendar whose days from `first` on are working days or not as the list says, Monday to Friday else."""
    return Table({first + DAY * at: (yes, "") for at, yes in enumerate(working)}, complete=True)
