"""When a time limit ends, against the law's sentences and against counting day by day."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.calendar.tables import DAY, Table, invented, real
from workflows.calendar.arithmetic import Suspension, add_months, due, end_of_day
from workflows.calendar.clock import SHANGHAI, local
from workflows.calendar.rules import Terms, Unit, rule
from workflows.errors import Invalid

FIRST = date(2026, 3, 2)
DAYS = st.dates(date(2004, 2, 1), date(2026, 9, 30))
CALENDARS = st.lists(st.booleans(), max_size=120).map(lambda working: invented(FIRST - DAY * 20, working))
STARTS = st.integers(0, 30).map(lambda offset: FIRST + DAY * offset)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def last(terms: Terms, start: date | datetime, table: Table | None = None) -> date:
    return due(terms, start, table or real()).last_day


# --- the sentences of the law -------------------------------------------------------------------------------------


def test_a_hearing_right_told_before_the_long_holiday_ends_on_the_make_up_saturday() -> None:
    # Domain brief 8: told on Friday 2023-09-22, holiday 29 September to 6 October, 7 October is worked.
    end = due(rule("hearing_request", date(2023, 9, 22)).terms, at(2023, 9, 22, 15), real())
    assert end.last_day == date(2023, 10, 7)
    assert end.moment == datetime(2023, 10, 7, 16, tzinfo=UTC)  # 24:00 in Shanghai
    assert not end.provisional


@pytest.mark.parametrize(
    ("rule_id", "start", "expected"),
    [
        ("payment", date(2023, 9, 14), date(2023, 10, 7)),  # 15 days end on 29 September, 中秋节: rolled (民法典 203)
        ("payment", date(2023, 9, 13), date(2023, 9, 28)),
        ("reconsideration", date(2024, 1, 1), date(2024, 3, 1)),  # over 29 February
        ("litigation", date(2023, 8, 31), date(2024, 2, 29)),  # no 31 February: month's end (民法典 202)
        ("court_application", date(2023, 11, 30), date(2024, 2, 29)),
        ("limitation", date(2024, 2, 29), date(2026, 2, 28)),
        ("seizure", date(2023, 9, 1), date(2023, 10, 1)),  # no rolling to the authority's advantage
        ("referral_approval", date(2021, 3, 9), date(2021, 3, 12)),
        ("referral_approval", date(2023, 9, 28), date(2023, 10, 1)),  # natural days run through holidays
        ("decision", date(2023, 10, 8), date(2024, 1, 8)),  # 6 January is a Saturday
        ("late_fee_cap", date(2024, 1, 10), date(2024, 2, 13)),
        ("service", date(2021, 7, 14), date(2021, 7, 21)),  # the older law: natural days
        ("service", date(2021, 7, 15), date(2021, 7, 26)),  # 行政处罚法 85: working days
    ],
)
def test_statutory_limits_end_on_their_day(rule_id: str, start: date, expected: date) -> None:
    assert last(rule(rule_id, start).terms, start) == expected


def test_hours_run_from_the_stated_minute_through_the_holiday() -> None:
    terms = rule("referral_transfer", date(2023, 9, 28)).terms
    end = due(terms, at(2023, 9, 28, 17, 5).replace(second=59), real())
    assert local(end.moment) == at(2023, 9, 29, 17, 5)


def test_a_hearing_needs_seven_free_working_days_after_the_notice() -> None:
    terms = rule("hearing_notice", date(2023, 10, 12)).terms
    # Back from Thursday 12 October: 11, 10, 9, 8, 7 October, 28, 27 September lie free; the notice is out by the 26th.
    assert last(terms, at(2023, 10, 12, 9)) == date(2023, 9, 26)


def test_the_notice_of_a_hearing_falls_on_a_working_day() -> None:
    terms = rule("hearing_notice", date(2026, 3, 11)).terms
    # The seven days reach back to Monday 2 March; the day before is a Sunday, so the notice is out on Friday.
    assert last(terms, at(2026, 3, 11, 9)) == date(2026, 2, 28)  # a Saturday made up for 春节 2026


def test_an_hour_limit_needs_an_hour_to_begin() -> None:
    with pytest.raises(Invalid, match=r"calendar\.moment_needed"):
        due(Terms(24, "hours"), date(2026, 3, 2), real())


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        due(Terms(3, "days"), datetime(2026, 3, 2, 9), real())  # noqa: DTZ001


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        due(Terms(-1, "days"), date(2026, 3, 2), real())


@pytest.mark.parametrize(("hour", "expected"), [(15, date(2026, 3, 6)), (16, date(2026, 3, 7))])
def test_the_day_is_that_of_shanghai_and_not_of_utc(hour: int, expected: date) -> None:
    start = datetime(2026, 3, 3, hour, 30, tzinfo=UTC)  # 23:30 on the 3rd, 00:30 on the 4th in Shanghai
    assert last(Terms(3, "days"), start) == expected


def test_old_summer_time_moves_no_end() -> None:
    # Shanghai kept summer time from 1986 to 1991: a day is still a day, and 24:00 is still midnight there.
    end = due(Terms(3, "days"), at(1987, 4, 10, 12), real())  # the clocks went forward on 12 April 1987
    assert local(end.moment) == at(1987, 4, 14)


# --- against counting day by day ----------------------------------------------------------------------------------


def paper(terms: Terms, start: date, table: Table) -> date:
    """The last day, found by walking day by day as the law's sentences say, and by no other thought."""
    day, left = start, terms.amount
    if terms.unit in ("months", "years"):
        index = start.month - 1 + terms.amount * (12 if terms.unit == "years" else 1)
        year, month = start.year + index // 12, index % 12 + 1
        day = date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
    else:
        while left > 0:
            day += DAY
            if terms.unit == "days" or table.is_workday(day):
                left -= 1
    while terms.roll and not table.is_workday(day):
        day += DAY
    return day


units = st.sampled_from(["working_days", "days", "months", "years"]).map(lambda unit: cast(Unit, unit))


@given(st.integers(0, 40), units, st.booleans(), STARTS, CALENDARS)
def test_every_limit_ends_where_counting_day_by_day_ends(
    amount: int, unit: Unit, roll: bool, start: date, table: Table
) -> None:
    terms = Terms(amount, unit, roll)
    assert last(terms, start, table) == paper(terms, start, table)


@given(st.integers(0, 40), units, st.booleans(), DAYS, st.times())
def test_the_hour_at_which_it_begins_changes_nothing(
    amount: int, unit: Unit, roll: bool, day: date, hour: time
) -> None:
    terms = Terms(amount, unit, roll)
    assert last(terms, datetime.combine(day, hour, SHANGHAI)) == last(terms, day)


@given(st.integers(0, 40), units, st.booleans(), DAYS, st.integers(0, 40))
def test_who_begins_later_never_ends_earlier(amount: int, unit: Unit, roll: bool, day: date, later: int) -> None:
    terms = Terms(amount, unit, roll)
    assert last(terms, day + DAY * later) >= last(terms, day)


@given(st.integers(0, 40), units, st.booleans(), DAYS)
def test_a_longer_limit_never_ends_earlier(amount: int, unit: Unit, roll: bool, day: date) -> None:
    assert last(Terms(amount + 1, unit, roll), day) >= last(Terms(amount, unit, roll), day)


@given(st.integers(1, 40), DAYS)
def test_a_limit_in_working_days_ends_on_a_working_day(amount: int, day: date) -> None:
    assert real().is_workday(last(Terms(amount, "working_days"), day))


@given(st.integers(0, 200), st.sampled_from(["days", "months"]), DAYS)
def test_a_rolled_limit_ends_on_the_first_working_day_from_its_last_day_on(amount: int, unit: str, day: date) -> None:
    assume(day.year + amount // 12 < 2026)
    plain = last(Terms(amount, cast(Unit, unit)), day)
    rolled = last(Terms(amount, cast(Unit, unit), roll=True), day)
    assert real().is_workday(rolled)
    assert not any(real().is_workday(plain + DAY * n) for n in range((rolled - plain).days))


@given(st.integers(0, 40), units, DAYS)
def test_a_limit_ends_at_midnight_in_shanghai_after_its_last_day(amount: int, unit: Unit, day: date) -> None:
    end = due(Terms(amount, unit), day, real())
    assert local(end.moment) == datetime.combine(end.last_day + DAY, time.min, SHANGHAI)
    assert end.moment == end_of_day(end.last_day)


@given(st.integers(1, 20), STARTS, CALENDARS)
def test_counted_back_so_many_working_days_lie_free(amount: int, hearing: date, table: Table) -> None:
    act = last(Terms(amount, "working_days", roll=True, before=True), hearing, table)
    free = [act + DAY * n for n in range(1, (hearing - act).days)]
    assert sum(table.is_workday(day) for day in free) == amount
    assert table.is_workday(act)


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)), st.integers(0, 400))
def test_a_month_ends_on_the_same_number_or_on_the_months_last_day(day: date, months: int) -> None:
    end = add_months(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    if end.day != day.day:
        assert end.day < day.day
        assert (end + DAY).day == 1


# --- extensions and suspensions -----------------------------------------------------------------------------------


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


@given(st.integers(1, 20), STARTS, CALENDARS, st.data())
def test_working_days_in_a_suspension_are_not_counted(
    amount: int, start: date, table: Table, data: st.DataObject
) -> None:
    terms = Terms(amount, "working_days")
    plain = last(terms, start, table)
    stop = start + DAY * data.draw(st.integers(0, (plain - start).days))
    go_on = stop + DAY * data.draw(st.integers(0, 30))
    end = due(terms, start, table, suspensions=[Suspension(noon(stop), noon(go_on))]).last_day
    day, left = start, amount
    while left:  # day by day: a day counts when it is worked and lies outside of the suspension
        day += DAY
        left -= table.is_workday(day) and not stop <= day < go_on
    assert end == day


@given(st.integers(1, 20), units, st.booleans(), STARTS, CALENDARS, st.integers(0, 60), st.integers(0, 40))
def test_a_limit_never_ends_while_it_stands_still(
    amount: int, unit: Unit, roll: bool, start: date, table: Table, offset: int, length: int
) -> None:
    terms = Terms(amount, unit, roll)
    stop = min(start + DAY * offset, last(terms, start, table))
    go_on = stop + DAY * length
    assert due(terms, start, table, suspensions=[Suspension(noon(stop), noon(go_on))]).last_day >= go_on


def test_a_limit_that_stops_on_its_last_day_does_not_end_while_it_stands() -> None:
    # Five working days from Monday 2 March end on the 9th; stopped that day until Thursday, it gets three days more.
    stretch = Suspension(at(2026, 3, 9, 10), at(2026, 3, 12, 10))
    assert due(Terms(5, "working_days"), at(2026, 3, 2), real(), suspensions=[stretch]).last_day == date(2026, 3, 12)


@given(st.integers(1, 60), st.booleans(), STARTS, CALENDARS, st.integers(0, 40), st.integers(0, 30))
def test_natural_days_move_by_the_suspended_days_before_they_roll(
    amount: int, roll: bool, start: date, table: Table, length: int, offset: int
) -> None:
    stop = start + DAY * min(offset, amount)
    stretch = Suspension(noon(stop), noon(stop + DAY * length))
    end = due(Terms(amount, "days", roll), start, table, suspensions=[stretch]).last_day
    lost = length - 1 if length and stop == start else length  # the first day is not counted anyway
    assert end == last(Terms(amount + lost, "days", roll), start, table)


@given(st.integers(1, 72), st.integers(0, 5000))
def test_hours_move_by_the_suspended_time_exactly(amount: int, minutes: int) -> None:
    start = at(2026, 3, 2, 9, 30)
    stretch = Suspension(start, start + timedelta(minutes=minutes))
    end = due(Terms(amount, "hours"), start, real(), suspensions=[stretch])
    assert end.moment - start == timedelta(hours=amount, minutes=minutes)


def test_a_suspension_that_ends_on_its_day_costs_nothing() -> None:
    morning, evening = at(2026, 3, 3, 9), at(2026, 3, 3, 18)
    end = due(Terms(5, "working_days"), at(2026, 3, 2), real(), suspensions=[Suspension(morning, evening)])
    assert end.last_day == last(Terms(5, "working_days"), date(2026, 3, 2))


def test_an_extension_counts_on_from_the_last_day_before_rolling() -> None:
    # Seizure: 30 + 30 days from 1 September 2023 are 60 days, whatever 1 October is.
    terms = rule("seizure", date(2023, 9, 1)).terms
    assert due(terms, date(2023, 9, 1), real(), extensions=[(30, "days")]).last_day == date(2023, 10, 31)


@given(st.integers(1, 60), st.integers(1, 60), st.booleans(), STARTS, CALENDARS)
def test_an_extension_in_the_same_unit_is_a_longer_limit(
    amount: int, more: int, roll: bool, start: date, table: Table
) -> None:
    both: tuple[Unit, ...] = ("days", "working_days")
    for unit in both:
        extended = due(Terms(amount, unit, roll), start, table, extensions=[(more, unit)])
        assert extended.last_day == last(Terms(amount + more, unit, roll), start, table)


# --- years that are not known yet ---------------------------------------------------------------------------------


def test_a_limit_that_counts_into_an_unknown_year_is_provisional() -> None:
    end = due(Terms(5, "working_days"), date(2026, 12, 29), real())
    assert end.provisional
    assert end.last_day == date(2027, 1, 5)  # 30, 31 December, then 1 (taken as worked), 4, 5 January
    assert {"step": "provisional", "year": 2027} in end.steps


def test_natural_days_that_do_not_roll_need_no_calendar() -> None:
    assert not due(Terms(30, "days"), date(2026, 12, 20), real()).provisional
    assert due(Terms(30, "days", roll=True), date(2026, 12, 20), real()).provisional


@given(st.integers(0, 40), units, st.booleans(), DAYS)
def test_the_steps_lead_to_the_end(amount: int, unit: Unit, roll: bool, day: date) -> None:
    end = due(Terms(amount, unit, roll), day, real())
    assert end.steps[0] == {"step": "start", "day": day.isoformat()}
    assert end.steps[-1] == {"step": "end", "day": end.last_day.isoformat()}
