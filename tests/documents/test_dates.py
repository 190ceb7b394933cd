"""Days as documents write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from workflows.documents.dates import day, day_in_characters, moment


def test_a_day_in_figures_has_no_leading_zeros() -> None:
    assert day(date(2023, 4, 3)) == "2023年4月3日"


def test_a_day_in_characters_writes_the_year_with_a_round_zero() -> None:
    assert day_in_characters(date(2023, 4, 13)) == "二〇二三年四月十三日"
    assert day_in_characters(date(2010, 10, 30)) == "二〇一〇年十月三十日"
    assert day_in_characters(date(2024, 12, 21)) == "二〇二四年十二月二十一日"


def test_a_moment_is_shown_in_shanghai() -> None:
    assert moment(datetime(2024, 3, 9, 16, 5, tzinfo=UTC)) == "2024年3月10日0时05分"
