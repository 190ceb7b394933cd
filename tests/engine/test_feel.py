"""Cells of decision tables: unary tests and the simple expressions of outputs."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.feel import is_any, parse_feel, parse_list, parse_tests
from workflows.errors import Incident, Invalid

KNOWN = {"limit": 50000, "listed": ["a", "b"], "case": {"level": "city"}, "flag": True}

TESTS: list[tuple[str, list[Any], list[Any]]] = [
    # cell, inputs that match, inputs that do not
    ("", [1, None, "x", True], []), ("-", [1, None, "x", False], []), ("  - ", [1], []),
    ("5", [5, 5.0, Decimal(5)], [4, "5", None, True]), ("-5", [-5], [5]), ('"a"', ["a"], ["b", None]), ("true",
    [True], [False, None, 1]),
    ("false", [False], [True, 0]), ("null", [None], [0, "", False]), ('"法"', ["法"], ["审"]),
    ("1,2", [1, 2], [3, None]), ('"a", "b"', ["a", "b"], ["c"]), ("[1,2]", [1, 2], [3]), ("1, [5..7]", [1, 5, 7], [2]),
    ("< 3, > 9", [1, 10], [5]),
    ("< 3", [2], [3]), ("<= 3", [3], [4]), ("> 3", [4], [3]), (">= 3", [3], [2]), ("= 3", [3], [4]), ("!= 3", [4], [3]),
    ("[1..3]", [1, 2, 3], [0, 4]), ("(1..3)", [2], [1, 3]), ("]1..3[", [2], [1, 3]), ("[1..3)", [1, 2], [3]),
    ("(1..3]", [3], [1]), ("[1..3[", [1], [3]),
    ("[-3..-1]", [-2], [0]), ("[0.5..1.5]", [1, 0.5], [2]), ('["b".."d"]', ["c"], ["e"]),
    ("not(1)", [2, None], [1]), ("not(1,2)", [3], [1, 2]), ("not([1..3])", [4], [2]), ("not(> 3)", [3], [4]),
    ('not("a","b")', ["c"], ["b"]),
    ("not(null)", [1], [None]),
    ("limit", [50000], [1]), (">= limit", [50000], [49999]), ("[limit..limit*2)", [50000, 99999], [100000]),
    ("listed", ["a"], ["c"]),
    ("case.level", ["city"], ["county"]), ("(1 + 1) * 2", [4], [3]), ("limit / 2 - 1", [24999], [1]),
    ("? > 3", [4], [3]), ("? > 3 and ? < 6", [5], [6]), ("? < 3 or ? > 6", [7], [5]), ("? = limit", [50000], [1]),
    ("limit > 3", [0, 9], []),
    ("? between 2 and 4", [2, 4], [5]), ("? in [2..4]", [2], [5]), ("? in (1, [3..5], > 9)", [1, 4, 10], [2]),
    ("? in listed", ["b"], ["c"]),
    ('contains(?, "危")', ["危化品"], ["烟花"]), ('not(contains(?, "危"))', ["烟花"], ["危化品"]),
    ("not(? = 1) and ? < 5", [2], [1, 5]),
    ('date("2024-03-01")', [date(2024, 3, 1)], [date(2024, 3, 2)]), ('@"2024-03-01"', [date(2024, 3, 1)],
    [date(2024, 3, 2)]),
    ('< date("2024-03-01")', [date(2024, 2, 29)], [date(2024, 3, 1)]), ('[@"2024-01-01"..@"2024-12-31"]',
    [date(2024, 6, 1)], [date(2025, 1, 1)]),
    ("if flag then 1 else 2", [1], [2]), ("if flag then ? > 100 else ? > 1000", [101], [100]),
    ("if not(flag) then ? > 100 else ? > 1000", [1001], [101]), ("(if flag then (? < 3) else false)", [2], [3]),
    ("if flag then (if limit > 1 then ? = 1 else ? = 2) else ? = 3", [1], [2, 3]),
    ('if flag then contains(?, "危") else ? = "a"', ["危化品"], ["a"]),
    ("flag", [True], [False]), ("not(flag)", [False], [True]),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "matching", "others"), TESTS)
def test_a_cell_matches(cell: str, matching: list[Any], others: list[Any]) -> None:
    tests = parse_tests(cell)
    assert [tests.holds({**KNOWN, "?": value}) for value in matching] == [True] * len(matching)
    assert [tests.holds({**KNOWN, "?": value}) for value in others] == [False] * len(others)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("> 3", None), ("> 3", "4"),
     ('date("2024-03-01")', "2024-03-01"), ('@"2024-03-01"', datetime(2024, 3, 1, tzinfo=UTC)),
     ('not(@"2024-03-01")', "2024-03-02"), ("[1..3]", None), ('< "b"', 1),
     ("? > 3", True), ("other", 1), ("> other", 1)],
)  # fmt: skip
def test_a_cell_that_cannot_compare_its_input_fails(cell: str, value: Any) -> None:
    with pytest.raises(Incident):
        parse_tests(cell).holds({"?": value})


@pytest.mark.parametrize(
    "cell",
    ["1,", ",1", "1 2", "[1..2", "1..2", "[1..]", "[..2]", "{1..2}", "> ", "> 3 4", "not(1", "not()", "not 1", "== 3",
    "'a'", '"a', "1 in", "? in",
     "a b", "- -", "-,-", "1 && 2", "!x", "? ? 1 : 2", "for x in y return x", "some x in y satisfies x",
     "function(a) a", "{a: 1}", "x[1]",
     "1 ** 2", "string length(?)", "substring(?, 1)", "@2024", '@"2024-13-01"', 'date("2024-02-30")',
     'date and time("2024-01-32T00:00:00")', 'date and time("2024-01-01")', 'duration("P1M2D")', 'duration("P")',
     'time("09:00:00")', '@"P1M1D"',
     "if a then ? > 1 else 2", "if a then 1 else (if b then ? > 1 else ? > 2)", "if a then ? > 1 else b",
     "if a then b", "true true", "instance of", "1 < 2 < 3", "between 1 and 2", "＞ 3", "“a”", "[1，2]"],
)  # fmt: skip
def test_a_broken_cell_is_refused(cell: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_tests(cell)
    assert caught.value.facts["position"] >= 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ('"a"', "a"), ("true", True), ("null", None), ("limit * 2", 100000), ('"a" + "b"', "ab"), ("[1, 2]",
        [1, 2]), ("-limit", -50000),
        ("if limit >= 50000 then \"panel\" else \"leader\"", "panel"), ("limit > 3 and flag", True),
        ("not(flag)", False), ("case.level", "city"),
        ("max(limit, 60000)", 60000), ('@"2024-01-31"', date(2024, 1, 31)), ("1 / 4", Decimal("0.25")),
        ("limit in [1..9]", False),
        ("limit between 1 and 50000", True), ("min([3, 1, 2])", 1), ("罚款", 7),
    ],
)  # fmt: skip
def test_an_output_means(text: str, value: Any) -> None:
    assert parse_feel(text).evaluate({**KNOWN, "罚款": 7}) == value


@pytest.mark.parametrize("text", ["", "?", "1 + ?", "> 3", "1, 2", "-", "[1..3]", "a = = b", "'a'"])
def test_what_is_no_expression_is_no_output(text: str) -> None:
    with pytest.raises(Invalid):
        parse_feel(text)


def test_a_dash_is_known_from_a_cell_that_is_true() -> None:
    assert is_any(parse_tests("-")) and is_any(parse_tests(""))
    assert not is_any(parse_tests("true"))


def test_a_cell_tells_the_variables_it_reads_but_not_its_input() -> None:
    assert parse_tests("? > limit and kind = \"a\", [low..high]").names == {"limit", "kind", "low", "high"}


def test_a_list_of_values_is_read_in_its_order() -> None:
    assert [each.evaluate({}) for each in parse_list('"severe", "normal", "lenient"')] == ["severe", "normal",
    "lenient"]


@pytest.mark.parametrize("cell", [
    "[3..1]", "(2..2]", "[2..2)", "]1..1[", "not([3..1])", "1, [9..8]", "? in [3..1]", '["z".."a"]', "[1.5..-1.5]",
    'date("2026-02-01"), [date("2026-02-01")..date("2026-01-01")]',
])  # fmt: skip
def test_a_range_in_which_nothing_lies_is_refused(cell: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_tests(cell)
    assert caught.value.code == "expression.range_empty"


@pytest.mark.parametrize("cell", [
    "[null..5]", "[5..null]", "(null..null)", "not([null..5])", "1, [null..limit]", '[1.."a"]', "[true..false]",
    "[[1]..5]", "< null", ">= true", "? > null", "null <= ?", "1 < \"a\"", "? between null and 5", "? in [null..5]",
])  # fmt: skip
def test_what_is_written_out_and_has_no_order_is_refused(cell: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_tests(cell)
    assert caught.value.code == "expression.no_order"


@pytest.mark.parametrize("cell", ["not(1),2", "2, not(1)", 'not("a"), not("b")', "not(null), 2", "not([1, 2]), 3",
                                  "not(1 + 1), 2", "not(-limit), 2", "not(1) or ? > 3"])
def test_values_are_left_out_by_one_not_around_the_whole_cell_or_it_is_refused(cell: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_tests(cell)
    assert caught.value.code == "expression.not_inside"


@pytest.mark.parametrize("cell", ["not(flag), 2", "not(flag) and ? > 1", "not(true), false", "= null", "? != null"])
def test_a_condition_is_turned_round_anywhere_and_null_is_equal_or_not(cell: str) -> None:
    assert parse_tests(cell).source == cell


@pytest.mark.parametrize("cell", ["[2..2]", "[1..3]", "[high..low]", "[limit..3]"])
def test_other_ranges_are_read(cell: str) -> None:
    assert parse_tests(cell)


_SMALL = st.integers(-100, 100)


@given(_SMALL, _SMALL, _SMALL, st.sampled_from("[("), st.sampled_from("])"))
def test_a_range_agrees_with_pythons_comparisons(value: int, low: int, high: int, left: str, right: str) -> None:
    if low > high or (low == high and left + right != "[]"):
        with pytest.raises(Invalid) as caught:
            parse_tests(f"{left}{low}..{high}{right}")
        assert (caught.value.code, caught.value.facts["position"]) == ("expression.range_empty", 1)
        return
    expected = (low <= value if left == "[" else low < value) and (value <= high if right == "]" else value < high)
    assert parse_tests(f"{left}{low}..{high}{right}").holds({"?": value}) is expected
    assert parse_tests(f"not({left}{low}..{high}{right})").holds({"?": value}) is not expected


_PIECES = st.lists(
    st.sampled_from(
        ["1", "2", "?", "..", "[", "]", "(", ")", ",", "not", "not(", "-", "<", "<=", ">", "=", "!=", '"a"', "@",
        "and", "or", "in", "between", "if",
         "then", "else", "true", "null", "x", ".", "date(", "contains(", " ", "*", "/", "+", "'", "{"]
    ),
    max_size=15,
).map(" ".join)  # fmt: skip


_INPUTS = st.one_of(st.none(), st.integers(), st.text(), st.booleans(), st.lists(st.integers()))


@given(st.one_of(_PIECES, st.text(max_size=40)), _INPUTS)
def test_nothing_but_invalid_and_incident_is_ever_raised(text: str, value: Any) -> None:
    for read in (parse_tests, parse_feel):
        with suppress(Invalid, Incident):
            read(text).evaluate({"?": value, "x": [1, "a"]})
