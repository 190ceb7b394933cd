"""Durations and moments as texts: read, compared, and written as timers read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.temporal import Months, duration, iso, moment
from workflows.engine.variables import plain


@given(st.one_of(
    st.timedeltas(timedelta(days=-9_000), timedelta(days=9_000)), st.integers(-999, 999).map(Months)))
def test_what_is_written_reads_as_what_it_was(value):
    assert duration(iso(value)) == value


@pytest.mark.parametrize(("value", "text"), [
    (timedelta(days=1, hours=12), "P1DT12H"), (timedelta(), "PT0S"), (timedelta(seconds=-90.5), "-PT1M30.5S"),
    (Months(14), "P1Y2M"), (Months(-12), "-P1Y"), (Months(0), "P0M"), (timedelta(days=7), "P7D")])
def test_durations_are_written_short(value, text):
    assert iso(value) == text
    assert plain({"due": [value]}) == {"due": [text]}


@pytest.mark.parametrize("text", ["", "P", "P1M2D", "1D", "--P1D", "PT", "P1Y1W", "P-1D"])
def test_what_is_no_duration_is_none(text):
    assert duration(text) is None


def test_a_moment_without_a_zone_is_beijing_time_and_a_bare_day_is_none():
    assert moment("2024-01-31T09:00:00") == moment("2024-01-31T01:00:00Z") == datetime(2024, 1, 31, 1, tzinfo=UTC)
    assert moment("2024-01-31") is None
    assert moment("20240131") is None
