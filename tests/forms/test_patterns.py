"""Patterns mean what they mean in a browser and cost little, whoever wrote them and whatever is typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workflows.forms import patterns


def matches(pattern: str, text: str) -> bool:
    return patterns.read(pattern).matches(text)


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("[0-9A-Za-z]*", ["", "91330212MA"], ["91-3", "甲"]),
        (r"^\d{17}[\dXx]$", ["33020319700101001X"], ["33020319700101001", "3302031970010100111"]),
        ("a|bc|", ["a", "bc", ""], ["b", "abc"]),
        ("(?:ab){2,}c?", ["abab", "ababababc"], ["ab", "abc"]),
        ("(a(b|c))*d", ["d", "abacd"], ["abad"]),
        (r"[^\d\-x]+", ["abc", "甲乙"], ["1", "-", "x", ""]),
        (r"[-a-c\]]+", ["-", "abc]"], ["d"]),
        (r"衢应急罚〔\d{4}〕\d{1,4}号", ["衢应急罚〔2024〕12号"], ["衢应急罚(2024)12号"]),
        (r"\u4e00\x41", ["一A"], ["一B"]),
        ("a{0,3}?b", ["b", "aaab"], ["aaaab"]),
        ("^a|b$", ["a", "b"], ["ab"]),
        (r"\S+\s\w\W\D", ["甲 _-x"], ["甲 --1"]),
        (".{2}", ["ab"], ["a\n", "abc"]),
        ("()", [""], ["a"]),
    ],
)
def test_a_pattern_is_for_the_whole_text(pattern: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if not matches(pattern, text)] == []
    assert [text for text in bad if matches(pattern, text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "a)", "[a", "a**", "*a", "{2}", "a{3,2}", r"(a)\1", "(?=a)", "(?!a)", "(?<n>a)", r"\bword",
        r"\p{Han}", "[z-a]", r"[\d-z]", "a" * 201, "(a{100}){100}", "(((a{9}){9}){9}){9}",
        "(" * 30 + ")" * 30, "^*", "\\", "a{", "]",
    ],
)  # fmt: skip
def test_what_is_not_in_the_language_or_too_large_is_refused(pattern: str) -> None:
    with pytest.raises(patterns.Refused):
        patterns.read(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("((a+))+$", "a" * 60 + "b"), ("(a|a)*", "a" * 900 + "b"), ("(a?){100}a{100}", "a" * 100),
        ("(a*)*(a*)*(a*)*b", "a" * 900), (r"\d*\d*\d*\d*\d*x", "1" * 900), ("(.|\\s)*y", "a " * 400),
    ],
)  # fmt: skip
def test_patterns_that_keep_others_busy_for_years_are_answered(pattern: str, text: str) -> None:
    """Python's own engine does not come back from most of these; the steps taken here are counted, not the time."""
    steps = 0

    def counted(test: object) -> object:
        def count(character: str) -> bool:
            nonlocal steps
            steps += 1
            return bool(test(character))  # type: ignore[operator]

        return count

    read = patterns.read(pattern)
    tests = tuple(test and counted(test) for test in read.tests)
    assert patterns.Pattern(tests, read.ways, read.borders).matches(text) is (pattern == "(a?){100}a{100}")  # type: ignore[arg-type]
    assert steps <= len(text) * len(read.tests)


def test_a_text_that_is_too_long_is_not_looked_at() -> None:
    assert matches("a*", "a" * patterns.LONGEST_TEXT)
    assert not matches("a*", "a" * (patterns.LONGEST_TEXT + 1))


PIECES = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "\\d", "\\.", "甲", "-"]),
    lambda inner: st.tuples(inner, st.sampled_from(["", "*", "+", "?", "{1,2}", "{2}", "{0,}"])).map(
        lambda pair: f"({pair[0]}){pair[1]}"
    ) | st.tuples(inner, inner).map("".join) | st.tuples(inner, inner).map("|".join),
    max_leaves=6,
)  # fmt: skip


@given(PIECES, st.text(alphabet="ab.甲-1\n", max_size=8))
def test_it_agrees_with_pythons_engine(pattern: str, text: str) -> None:
    assert matches(pattern, text) == bool(re.compile(pattern, re.ASCII).fullmatch(text))


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_text_is_a_pattern_or_refused(pattern: str, text: str) -> None:
    try:
        read = patterns.read(pattern)
    except patterns.Refused:
        assume(False)
    assert read.matches(text) in (True, False)
