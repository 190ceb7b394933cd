"""The one written form of a value is RFC 8785, and says no to what has no such form."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import Invalid
from workflows.ledger import canonical

SHANGHAI = timezone(timedelta(hours=8))

values = st.recursive(
    # Greater doubles are written without an exponent (RFC 8785), and Python would read them as integers.
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text() | st.floats(1 - 2.0**53, 2.0**53 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_the_sample_of_the_standard_is_written_as_the_standard_says() -> None:
    # RFC 8785, 3.2.2 and 3.2.4, with its own input.
    sample = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert canonical.text(sample) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_ordered_by_utf_16_as_the_standard_says() -> None:
    # RFC 8785, 3.2.3: the order differs from that of code points for characters above U+FFFF.
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    assert list(json.loads(canonical.text(dict.fromkeys(keys, 0)))) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (1e21, "1e+21"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e-7, "1e-7"),
        (0.000001, "0.000001"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
        (100.0, "100"),
    ],
)
def test_numbers_are_written_as_in_the_standards_table(number: float, written: str) -> None:
    assert canonical.text(number) == written


@given(values)
def test_a_written_value_reads_back_as_the_same_value(value: Any) -> None:
    assert json.loads(canonical.text(value)) == value


@given(values)
def test_writing_again_what_was_read_changes_nothing(value: Any) -> None:
    written = canonical.text(value)
    assert canonical.text(json.loads(written)) == written


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_the_order_in_which_keys_were_given_does_not_matter(value: dict[str, int]) -> None:
    assert canonical.text(dict(reversed(value.items()))) == canonical.text(value)


def test_moments_days_and_money_are_written_as_texts() -> None:
    moment = datetime(2023, 9, 22, 9, 30, tzinfo=SHANGHAI)
    value = {"at": moment, "on": date(2023, 10, 7), "fine": Decimal("30000.00"), "big": Decimal("1E+3")}
    assert canonical.text(value) == (
        '{"at":"2023-09-22T01:30:00.000000Z","big":"1000","fine":"30000.00","on":"2023-10-07"}'
    )


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_written_moments_sort_as_moments_do(one: datetime, other: datetime) -> None:
    assert (canonical.moment_text(one) < canonical.moment_text(other)) == (one < other)
    assert canonical.read_moment(canonical.moment_text(one)) == one


@pytest.mark.parametrize("text", ["2023-09-22", "2023-09-22T01:30:00Z", "2023-09-22T01:30:00.000000", "soon"])
def test_another_form_of_a_moment_is_not_read(text: str) -> None:
    with pytest.raises(ValueError):
        canonical.read_moment(text)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, float("nan")]}, "$.a[1]"),
        ({"a": {"b": object()}}, "$.a.b"),
        ({1: 2}, "$"),
        ([2**53], "$[0]"),
        ([datetime(2023, 9, 22)], "$[0]"),  # noqa: DTZ001
        (["\ud800"], "$[0]"),
        ([{1}], "$[0]"),
        ([b"x"], "$[0]"),
        ([Decimal("NaN")], "$[0]"),
    ],
)
def test_what_has_no_written_form_is_refused_with_its_place(value: Any, place: str) -> None:
    with pytest.raises(Invalid) as refusal:
        canonical.text(value)
    assert (refusal.value.code, refusal.value.facts["place"]) == ("ledger.not_json", place)


def test_an_unknown_algorithm_is_refused() -> None:
    with pytest.raises(Invalid, match=r"ledger\.algorithm_unknown"):
        canonical.choose_algorithm("md5")
    assert canonical.chosen_algorithm() == "sha256"
