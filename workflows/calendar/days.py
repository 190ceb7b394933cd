"""Working days: one row a day, as the State Council's yearly notice says; Monday to Friday where none is known yet.

The notice for a year comes late in the year before (and may be changed later), so a statutory limit that runs over the
new year is counted with Monday to Friday and marked provisional until the year is loaded (`changes.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Protocol, cast

import chinese_calendar
from chinese_calendar.constants import holidays, workdays
from sqlalchemy import Boolean, Date, String, Table, extract, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.store import Base

DAY = timedelta(days=1)
LIBRARY = f"chinesecalendar {getattr(chinese_calendar, '__version__', '')}".strip()
"""Where the seeded years come from; it follows 国务院办公厅关于部分节假日安排的通知."""

HOLIDAYS = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-autumn Festival",
    "国庆节": "National Day",
    "抗战胜利日": "Anti-Fascist 70th Day",
}
"""Holidays as notices name them, and as the library does."""


class Workday(Base):
    """One day of the calendar."""

    __tablename__ = "workday"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    is_workday: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str] = mapped_column(String(100), default="")  # 国庆节, 国庆节调休 …; empty on ordinary days
    source: Mapped[str] = mapped_column(String(200), default="")


class DayTable(Protocol):
    """What the arithmetic asks of a calendar."""

    def is_workday(self, day: date) -> bool:
        """Whether officials work that day; Monday to Friday when it is not known."""

    def known(self, day: date) -> bool:
        """Whether the day's year was loaded."""

    def note(self, day: date) -> str:
        """The holiday that the day belongs to or makes up for; empty on ordinary days."""


class StoredDays:
    """The calendar as the database has it, read a year at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._years: dict[int, dict[date, tuple[bool, str]]] = {}

    def is_workday(self, day: date) -> bool:
        """Whether officials work that day; Monday to Friday when it is not known."""
        row = self._year(day.year).get(day)
        return row[0] if row is not None else day.weekday() < 5

    def known(self, day: date) -> bool:
        """Whether the day is in the table."""
        return day in self._year(day.year)

    def note(self, day: date) -> str:
        """The day's note, empty when there is none."""
        row = self._year(day.year).get(day)
        return row[1] if row is not None else ""

    def _year(self, year: int) -> dict[date, tuple[bool, str]]:
        if year not in self._years:
            rows = self._session.execute(
                select(Workday.day, Workday.is_workday, Workday.note)
                .where(Workday.day.between(date(year, 1, 1), date(year, 12, 31)))
            )
            self._years[year] = {day: (is_workday, note) for day, is_workday, note in rows}
        return self._years[year]


_CACHE = "calendar.days"


def days_of(session: Session) -> StoredDays:
    """The calendar for this unit of work; years are read once in it. A changed day must `forget` it."""
    days = session.info.get(_CACHE)
    if not isinstance(days, StoredDays):
        days = session.info[_CACHE] = StoredDays(session)
    return days


class _Pretended(StoredDays):
    """The calendar as it would be with some days changed."""

    def __init__(self, session: Session, plan: Mapping[date, tuple[bool, str]]) -> None:
        super().__init__(session)
        self._plan = plan

    def _year(self, year: int) -> dict[date, tuple[bool, str]]:
        if year not in self._years:
            stored = super()._year(year)
            self._years[year] = {**stored, **{day: one for day, one in self._plan.items() if day.year == year}}
        return self._years[year]


@contextmanager
def pretending(session: Session, plan: Mapping[date, tuple[bool, str]]) -> Iterator[None]:
    """While the block runs, this session counts as if the days were as planned. plan: day → (working day?, note)."""
    session.info[_CACHE] = _Pretended(session, plan)
    try:
        yield
    finally:
        forget(session)


def forget(session: Session) -> None:
    """Read the days anew, because some were changed in this unit of work."""
    session.info.pop(_CACHE, None)


def is_workday(session: Session, day: date) -> bool:
    """Whether officials work that day (statutory holidays and make-up days counted in)."""
    return days_of(session).is_workday(day)


def next_workday(session: Session, day: date) -> date:
    """The first working day on or after `day`."""
    return nth_workday(days_of(session), day - DAY, 1)


def add_workdays(session: Session, day: date, count: int) -> date:
    """The `count`-th working day after `day`, or before it when `count` is negative; `day` itself for 0."""
    return nth_workday(days_of(session), day, count)


def workdays_between(session: Session, first: date, last: date) -> int:
    """How many working days lie after `first` up to and including `last`; negative when `last` is earlier."""
    return count_workdays(days_of(session), first, last)


def nth_workday(days: DayTable, day: date, count: int) -> date:
    """As `add_workdays`, over any calendar."""
    step = DAY if count > 0 else -DAY
    left = abs(count)
    while left:
        day += step
        left -= days.is_workday(day)
    return day


def count_workdays(days: DayTable, first: date, last: date) -> int:
    """As `workdays_between`, over any calendar."""
    if last < first:
        return -count_workdays(days, last, first)
    return sum(days.is_workday(first + DAY * offset) for offset in range(1, (last - first).days + 1))


def loaded_years(session: Session) -> set[int]:
    """The years of which every day is in the table."""
    year = extract("year", Workday.day)
    rows = session.execute(select(year, func.count()).group_by(year))
    return {int(number) for number, count in rows if count >= len(_days_of_year(int(number)))}


def library_years() -> list[int]:
    """The years that the installed calendar library knows."""
    return sorted({day.year for day in holidays})


def library_year(year: int) -> dict[date, tuple[bool, str]]:
    """Every day of a year as the library has it: day → (working day?, note). Raises KeyError for an unknown year."""
    if year not in library_years():
        raise KeyError(year)
    return {day: _library_day(day) for day in _days_of_year(year)}


def ordinary_year(year: int, off: Mapping[date, str], made_up: Mapping[date, str]) -> dict[date, tuple[bool, str]]:
    """Every day of a year, Monday to Friday, but for the days off and the make-up days of a notice (day → holiday)."""
    days = {day: (day.weekday() < 5, "") for day in _days_of_year(year)}
    days.update({day: (False, note) for day, note in off.items()})
    days.update({day: (True, note) for day, note in made_up.items()})
    return days


def insert_days(session: Session, days: Mapping[date, tuple[bool, str]], source: str) -> None:
    """Put days into the table that are not there yet."""
    rows = [
        {"day": day, "is_workday": working, "note": note, "source": source} for day, (working, note) in days.items()
    ]
    if rows:
        session.execute(insert(cast(Table, Workday.__table__)), rows)
    forget(session)


def seed(session: Session, years: Iterable[int] | None = None) -> list[int]:
    """Put the library's years that are not loaded yet into the table; gives back which.

    Only fills the table. On a bureau with running clocks use `changes.load_library`, which recomputes them and
    records it.
    """
    missing = sorted(set(library_years() if years is None else years) - loaded_years(session))
    for year in missing:
        insert_days(session, library_year(year), LIBRARY)
    return missing


def _days_of_year(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + DAY * offset for offset in range((date(year + 1, 1, 1) - first).days)]


def _library_day(day: date) -> tuple[bool, str]:
    if day in holidays:
        return False, _chinese(holidays[day])
    if day in workdays:
        return True, f"{_chinese(workdays[day])}调休"
    return day.weekday() < 5, ""


def _chinese(holiday: str) -> str:
    return next((zh for zh, en in HOLIDAYS.items() if en == holiday), holiday)
