"""Moments, durations and repetitions of ISO 8601, read as officials in Shanghai read clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.moments import SHANGHAI, read_cycle, read_due, read_duration, read_moment
from workflows.errors import Invalid

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(("text", "after"), [
    ("P1D", datetime(2026, 3, 3, 1, tzinfo=UTC)), ("P2W", datetime(2026, 3, 16, 1, tzinfo=UTC)),
    ("P1Y2M3D", datetime(2027, 5, 5, 1, tzinfo=UTC)), ("PT90M", datetime(2026, 3, 2, 2, 30, tzinfo=UTC)),
    ("PT0S", NOW), ("PT1.5S", NOW + timedelta(seconds=1.5)), (" P1D ", NOW + timedelta(days=1)),
    ("P0D", NOW), ("P1DT12H", NOW + timedelta(hours=36)),
])
def test_durations(text, after):
    assert read_duration(text).after(NOW) == after


def test_hours_are_exact_in_the_hour_that_shanghai_s_clock_showed_twice():
    second_time = datetime(1986, 9, 13, 17, 30, tzinfo=UTC)  # 01:30, after the clock was set back from 02:00
    assert read_duration("PT1H").after(second_time) == second_time + timedelta(hours=1)


@pytest.mark.parametrize(("start", "text", "end"), [
    ("2024-01-31", "P1M", "2024-02-29"), ("2023-01-31", "P1M", "2023-02-28"), ("2024-02-29", "P1Y", "2025-02-28"),
    ("2026-12-31", "P2M", "2027-02-28"), ("2026-11-30", "P14M", "2028-01-30"),
])
def test_a_month_too_short_ends_on_its_last_day(start, text, end):
    assert read_duration(text).after(read_moment(start)) == read_moment(end)


@pytest.mark.parametrize("text", [
    "", "P", "PT", "P1", "1D", "P-1D", "-P1D", "P1DT", "P1H", "PT1D", "P1M1Y", "P1.5D", "P1W2D", "p1d", "P１D",
    "PT1H1H", "P9999999D",
    "P1D;", "R/P1D", "P1D\n2",
])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(Invalid) as refused:
        read_duration(text)
    assert refused.value.code == "timer.duration"


def test_a_duration_beyond_the_calendar_is_refused():
    with pytest.raises(Invalid):
        read_duration("P999Y").after(read_duration("P999Y").after(datetime(9000, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize(("text", "moment"), [
    ("2026-03-02T09:00:00", NOW), ("2026-03-02T09:00", NOW), ("2026-03-02T01:00:00Z", NOW),
    ("2026-03-02T15:00:00+14:00", NOW), ("2026-03-01T13:00:00-12:00", NOW), ("2026-03-02", NOW - timedelta(hours=9)),
    ("20260302T090000", NOW), ("1986-05-04T03:00:00", datetime(1986, 5, 3, 18, tzinfo=UTC)),
    ("1990-07-01T09:00:00", datetime(1990, 7, 1, 0, tzinfo=UTC)),
])
def test_moments(text, moment):
    assert read_moment(text) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "2026-13-01", "2026-03-02T25:00", "２０２６-03-02T09:00",
                                  "0000-01-01", "2026",
                                  "09:00", "P1D"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(Invalid) as refused:
        read_moment(text)
    assert refused.value.code == "timer.moment"


def test_a_bare_day_ends_with_its_last_second():
    assert read_moment("2026-03-02", end_of_day=True) == datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(("text", "count"), [("R3/PT1H", 3), ("R/P1D", None), ("R10/PT5M", 10)])
def test_repetitions(text, count):
    assert read_cycle(text)[0] == count


@pytest.mark.parametrize("text", ["R3", "R0/PT1H", "R3/PT0S", "R3/soon", "3/PT1H", "R-1/PT1H", "0 0 * * *",
                                  "R3/2026-01-01/PT1H"])
def test_what_is_no_repetition_is_refused(text):
    with pytest.raises(Invalid):
        read_cycle(text)


YEARS = datetime(1980, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001


@given(st.datetimes(*YEARS, timezones=st.just(UTC)), st.integers(0, 30),
       st.integers(0, 400),
       st.integers(0, 100))
def test_days_and_months_keep_the_time_of_day_in_shanghai_and_hours_are_exact(start, months, days, hours):
    local = start.astimezone(SHANGHAI)
    later = read_duration(f"P{months}M{days}D").after(start).astimezone(SHANGHAI)
    # in summer 1986–1991 a clock set forward skips an hour: only then may the wall clock differ
    assert later.replace(tzinfo=None).time() == local.time() or later.year < 1992
    assert read_due(f"PT{hours}H", start) - start == timedelta(hours=hours)
