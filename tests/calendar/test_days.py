"""Working days: seeded from the library, Monday to Friday where nothing is known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.calendar.tables import DAY, Table, invented, real
from workflows.calendar import days
from workflows.store import Store

SOME_DAYS = st.dates(date(2004, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2023, 9, 28), True),
        (date(2023, 9, 29), False),  # 中秋节
        (date(2023, 10, 6), False),
        (date(2023, 10, 7), True),  # a Saturday made up for 国庆节
        (date(2023, 10, 8), True),  # a Sunday made up
        (date(2023, 10, 9), True),
        (date(2024, 2, 4), True),  # a Sunday made up for 春节
        (date(2024, 2, 10), False),  # 春节
        (date(2020, 1, 31), False),  # the holiday that was prolonged in 2020
        (date(2026, 1, 3), False),
    ],
)
def test_holidays_and_make_up_days_are_as_the_notices_said(day: date, works: bool) -> None:
    assert real().is_workday(day) is works


def test_a_seeded_store_knows_every_day_of_the_librarys_years(store: Store) -> None:
    with store.work() as session:
        assert days.seed(session) == list(range(2004, 2027))
        assert days.seed(session) == []
        assert days.loaded_years(session) == set(range(2004, 2027))
        assert session.scalar(select(func.count()).select_from(days.Workday)) == 8401
        assert days.is_workday(session, date(2023, 10, 7))
        assert not days.is_workday(session, date(2023, 10, 1))
        assert days.days_of(session).note(date(2023, 10, 7)) == "国庆节调休"
        assert days.next_workday(session, date(2023, 9, 29)) == date(2023, 10, 7)
        assert days.next_workday(session, date(2023, 10, 7)) == date(2023, 10, 7)
        assert days.add_workdays(session, date(2023, 9, 22), 5) == date(2023, 10, 7)
        assert days.add_workdays(session, date(2023, 10, 7), -5) == date(2023, 9, 22)
        assert days.workdays_between(session, date(2023, 9, 22), date(2023, 10, 7)) == 5


def test_a_year_without_data_is_monday_to_friday_and_says_so(store: Store) -> None:
    with store.work() as session:
        days.seed(session)
        calendar = days.days_of(session)
        assert calendar.known(date(2026, 12, 31))
        assert not calendar.known(date(2027, 1, 1))
        assert calendar.is_workday(date(2027, 1, 1))  # a Friday, and certainly a holiday: hence "provisional"
        assert not calendar.is_workday(date(2027, 1, 2))


def test_an_unknown_year_of_the_library_is_refused() -> None:
    with pytest.raises(KeyError):
        days.library_year(2003)


def oracle_nth(table: Table, day: date, count: int) -> date:
    """Day by day, with pencil and paper."""
    while count > 0:
        day += DAY
        if table.is_workday(day):
            count -= 1
    while count < 0:
        day -= DAY
        if table.is_workday(day):
            count += 1
    return day


@given(SOME_DAYS, st.integers(-60, 60))
def test_counting_agrees_with_pencil_and_paper(day: date, count: int) -> None:
    assert days.nth_workday(real(), day, count) == oracle_nth(real(), day, count)


@given(SOME_DAYS, st.integers(-200, 200))
def test_days_between_undo_counting(day: date, count: int) -> None:
    start = days.nth_workday(real(), day, 1)
    assert days.count_workdays(real(), start, days.nth_workday(real(), start, count)) == count


@given(SOME_DAYS, st.integers(-100, 100), st.integers(-100, 100))
def test_stretches_add_up(day: date, one: int, other: int) -> None:
    middle, end = day + DAY * one, day + DAY * (one + other)
    whole = days.count_workdays(real(), day, end)
    assert days.count_workdays(real(), day, middle) + days.count_workdays(real(), middle, end) == whole


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(1, 30))
def test_counting_on_an_invented_calendar_lands_on_a_working_day(working: list[bool], count: int) -> None:
    first = date(2026, 3, 2)
    table = invented(first, working)
    landed = days.nth_workday(table, first - DAY, count)
    assert table.is_workday(landed)
    assert sum(table.is_workday(first + DAY * at) for at in range((landed - first).days + 1)) == count


def test_an_ordinary_year_differs_only_where_the_notice_says() -> None:
    off, made_up = {date(2027, 1, 1): "元旦"}, {date(2027, 1, 3): "元旦调休"}
    year = days.ordinary_year(2027, off, made_up)
    assert len(year) == 365
    assert year[date(2027, 1, 1)] == (False, "元旦")
    assert year[date(2027, 1, 3)] == (True, "元旦调休")
    others = [day for day in year if day not in off and day not in made_up]
    assert all(year[day] == (day.weekday() < 5, "") for day in others)
    assert min(year) == date(2027, 1, 1)
    assert max(year) - min(year) == timedelta(days=364)
