"""Fields that are asked for on a condition: read from FEEL, the same for server and browser, never a loophole."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import forms
from workflows.errors import Invalid
from workflows.forms import conditions


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('=result = "return"', ["=", "result", "return"]),
        ('="a" != x', ["!=", "x", "a"]),
        ("=fine > 1000.5", [">", "fine", 1000.5]),
        ("=1000 > fine", ["<", "fine", 1000]),
        ("=not(sure)", ["not", ["is", "sure"]]),
        ('=a = "x" and (b = null or sure)', ["and", ["=", "a", "x"], ["or", ["=", "b", None], ["is", "sure"]]]),
        ('="fire" in kinds', ["has", "kinds", "fire"]),
        ('=kind in ("a", "b")', ["or", ["=", "kind", "a"], ["=", "kind", "b"]]),
        ("=sure = false", ["=", "sure", False]),
        ("=fine between 1 and 5", ["and", [">=", "fine", 1], ["<=", "fine", 5]]),
    ],
)
def test_a_condition_is_read_as_plain_data(text: str, read: list[Any]) -> None:
    assert conditions.read(text) == read
    assert json.loads(json.dumps(read)) == read


@pytest.mark.parametrize(
    "text",
    [
        "", 'a = "x"', "=", "=a +", "=a = b", "=a + 1 > 2", "=upper(a)", '=date("2024-01-01") < a', "=a.b",
        "=if a then b else c", "=" + " and ".join(["a = 1"] * 60), "=some x in a satisfies x", "=1 = 1", "={a: 1}",
        "=a[1]",
    ],
)  # fmt: skip
def test_what_the_browser_could_not_mean_too_is_refused(text: str) -> None:
    with pytest.raises(conditions.Refused):
        conditions.read(text)


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        (["=", "a", "x"], {"a": "x"}, True), (["=", "a", "x"], {}, False), (["!=", "a", "x"], {}, True),
        (["=", "a", None], {"a": ""}, True), (["=", "a", None], {"a": "x"}, False),
        (["!=", "a", None], {"a": []}, False), (["<", "n", 5], {"n": Decimal("4.9")}, True),
        (["<", "n", 5], {"n": None}, False), (["<", "n", 5], {"n": "4"}, False),
        (["=", "n", 5], {"n": Decimal("5.0")}, True), (["=", "n", 5], {"n": "5"}, False),
        (["is", "b"], {"b": True}, True), (["is", "b"], {"b": "1"}, False), (["=", "b", False], {"b": False}, True),
        (["has", "l", "x"], {"l": ["x", "y"]}, True), (["has", "l", "x"], {"l": "x"}, False),
        (["not", ["or", ["is", "b"], ["is", "c"]]], {"b": False}, True), (["and"], {}, True),
    ],
)  # fmt: skip
def test_a_condition_holds_or_not_and_never_fails(condition: list[Any], values: dict[str, Any], holds: bool) -> None:
    assert conditions.holds(condition, values) is holds


SCHEMA: dict[str, Any] = {"components": [
    {"type": "radio", "key": "result", "values": [{"value": "yes"}, {"value": "no"}], "validate": {"required": True}},
    {"type": "group", "id": "g", "conditional": {"hide": '=result = "yes"'}, "components": [
        {"type": "textfield", "key": "reason", "validate": {"required": True}},
        {"type": "textfield", "key": "more", "conditional": {"hide": "=reason = null"}, "validate": {"required": True}},
    ]},
    {"type": "dynamiclist", "path": "rows", "components": [
        {"type": "checkbox", "key": "paid"},
        {"type": "number", "key": "amount", "conditional": {"hide": '=not(paid) or result = "no"'},
         "validate": {"required": True}},
    ]},
]}  # fmt: skip


def validate(**answer: Any) -> dict[str, Any]:
    return forms.validate(forms.parse(SCHEMA, "sample"), answer, lambda _name: [])


def wrong(**answer: Any) -> list[str]:
    with pytest.raises(Invalid) as caught:
        validate(**answer)
    return [problem.place for problem in caught.value.problems]


def test_what_is_not_asked_for_is_neither_needed_nor_kept() -> None:
    rows = [{"paid": False, "amount": "no number"}, {"paid": True, "amount": "3"}]
    assert validate(result="yes", reason="x" * 30_000, more="z", rows=rows) == {
        "result": "yes", "reason": None, "more": None,
        "rows": [{"paid": False, "amount": None}, {"paid": True, "amount": Decimal(3)}],
    }  # fmt: skip


def test_what_is_asked_for_is_needed() -> None:
    assert wrong(result="no") == ["reason"]
    assert wrong(result="no", reason="x") == ["more"]
    assert wrong(result="yes", rows=[{"paid": True}]) == ["rows[0].amount"]
    answer = validate(result="no", reason="x", more="y", rows=[{"paid": True}])
    assert answer["rows"] == [{"paid": True, "amount": None}]


def test_a_condition_on_what_is_only_read_looks_at_what_stands_there() -> None:
    form = forms.restricted(forms.parse(SCHEMA, "sample"), {"result": "read"})
    assert forms.validate(form, {"result": "no"}, lambda _name: [], {"result": "yes"}) == {
        "reason": None, "more": None, "rows": [],
    }  # fmt: skip


NAMES = st.sampled_from(["result", "reason", "more", "rows", "paid"])
SHORT = st.text(max_size=2)
WRITTEN = st.none() | st.booleans() | st.integers(-2, 2) | SHORT
COMPARED = (
    st.tuples(st.sampled_from(["=", "!="]), NAMES, WRITTEN) | st.tuples(st.just("is"), NAMES)
    | st.tuples(st.sampled_from(["<", ">="]), NAMES, st.integers(-2, 2)) | st.tuples(st.just("has"), NAMES, SHORT)
)  # fmt: skip
CONDITIONS = st.recursive(
    COMPARED.map(list),
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or"]), inner, inner) | st.tuples(st.just("not"), inner)
    ).map(list),
    max_leaves=5,
)  # fmt: skip
VALUES = st.none() | st.booleans() | SHORT | st.decimals(-2, 2, places=1) | st.lists(SHORT, max_size=2)


@given(CONDITIONS, st.dictionaries(NAMES, VALUES))
def test_any_condition_is_true_or_false_of_any_values(condition: list[Any], values: dict[str, Any]) -> None:
    assert conditions.holds(condition, values) is not conditions.holds(["not", condition], values)
