"""The language of `${…}`: what is read, what it means, what it refuses, and that it agrees with arithmetic."""

from __future__ import annotations

import string
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine.evaluation import FUNCTIONS, MAX_OPERATIONS
from workflows.engine.expressions import parse, parse_value
from workflows.engine.tokens import MAX_DEPTH, MAX_LENGTH
from workflows.engine.values import MAX_ITEMS, MAX_NESTING, MAX_TEXT
from workflows.errors import Incident, Invalid

CASE: dict[str, Any] = {
    "amount": 30000,
    "rate": 0.1,
    "price": Decimal("19.90"),
    "name": "鑫达车辆附件厂",
    "kind": "penalty",
    "urgent": True,
    "closed": False,
    "hearing": None,
    "blank": "",
    "voters": ["li", "wang"],
    "nobody": [],
    "case": {"id": "c1", "unit": {"level": "county"}, "fines": [20000, 150000], "empty": "键"},
    "found": date(2024, 3, 1),
    "due": datetime(2024, 3, 1, 8, tzinfo=UTC),
    "罚款": 50000,
}

MEANINGS: list[tuple[str, Any]] = [
    # literals
    ("1", 1), ("1.50", Decimal("1.50")), ("007", 7), ("'a'", "a"), ('"法"', "法"), ("true", True), ("false", False),
    ("null", None), (r"'it\'s'", "it's"), (r"'a\nb\t\\'", "a\nb\t\\"), (r"'\u6cd5'", "法"), ("'}'", "}"), ("[1, 'a']",
    [1, "a"]),
    ("[]", []), ("date('2024-02-29')", date(2024, 2, 29)),
    # names and members
    ("amount", 30000), ("罚款", 50000), ("case.id", "c1"), ("case.unit.level", "county"), ("case['id']", "c1"),
    ("case['unit']['level']", "county"), ("case.fines[1]", 150000), ("voters[0]", "li"), ("case[ 'i' + 'd' ]", "c1"),
    ("case.empty", "键"), ("hearing", None),
    # arithmetic
    ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("7 - 2 - 1", 4), ("-3 + 1", -2), ("--3", 3), ("- amount", -30000),
    ("6 / 3", 2),
    ("1 / 4", Decimal("0.25")), ("7 div 2", Decimal("3.5")), ("7 % 3", 1), ("-7 % 3", -1), ("7 mod -3", 1),
    ("7.5 % 2", Decimal("1.5")),
    ("0.1 + 0.2 == 0.3", True), ("rate * 3 == 0.3", True), ("price * 2", Decimal("39.80")), ("'a' + 'b'", "ab"),
    ("2 * 3 % 4", 2),
    ("amount * 0.03 * 34 == 30600", True),
    # comparisons
    ("1 < 2", True), ("2 <= 2", True), ("1 gt 2", False), ("2 ge 2", True), ("1 lt 2", True), ("2 le 1", False),
    ("'a' < 'b'", True),
    ("1 == 1.0", True), ("1 eq 1", True), ("1 ne 1", False), ("amount != 30000", False), ("1 == '1'", False),
    ("true == 1", False),
    ("null == null", True), ("hearing == null", True), ("hearing != null", False), ("0 == null", False),
    ("'' == null", False),
    ("found < date('2024-03-02')", True), ("found == date('2024-03-01')", True),
    ("due <= due", True),
    ("1 < 2 == true", True), ("1 + 1 == 2 && 2 > 1", True),
    # logic
    ("!closed", True), ("not closed", True), ("not not urgent", True), ("!urgent == true", False),
    ("true && false", False),
    ("urgent and closed", False), ("urgent or closed", True), ("true || false && false", True),
    ("(true || false) && false", False),
    ("kind == 'x' && amount > 3 || !closed", True), ("closed && nothing", False), ("urgent || nothing", True),
    # empty
    ("empty hearing", True), ("empty blank", True), ("empty nobody", True), ("empty amount", False),
    ("empty closed", False),
    ("empty nothing", True), ("empty case.nothing", True), ("empty hearing.outcome", True), ("empty voters[5]", True),
    ("empty voters", False), ("not empty voters", True), ("!empty nothing && nothing > 3", False),
    # choice
    ("urgent ? 1 : 2", 1), ("closed ? 1 : urgent ? 2 : 3", 2), ("amount >= 50000 ? 'panel' : 'leader'", "leader"),
    ("closed ? nothing : 1", 1),
    # in
    ("kind in ['penalty', 'permit']", True), ("'li' in voters", True), ("1 in []", False), ("1 in ['1']", False),
    ("amount + 1 in [30001]", True),
    # functions
    ("size(voters)", 2), ("size(name)", 7), ("size(case)", 4), ("contains(name, '车辆')", True),
    ("contains(voters, 'zhao')", False),
    ("min(3, 1.5)", Decimal("1.5")), ("max(case.fines)", 150000), ("abs(0 - 5)", 5), ("lower('CF-AQF')", "cf-aqf"),
    ("date(found)", date(2024, 3, 1)), ("days(date('2024-02-28'), found)", 2), ("days(found, date('2024-02-28'))", -2),
    ("min(found, date('2024-01-01'))", date(2024, 1, 1)), ("max('a', 'b')", "b"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "meaning"), MEANINGS)
def test_an_expression_means(text: str, meaning: Any) -> None:
    value = parse(text).evaluate(CASE)
    assert value == meaning
    assert isinstance(value, type(meaning))


FAILURES: list[tuple[str, str]] = [
    ("nothing", "expression.unknown_name"), ("nothing == 1", "expression.unknown_name"), ("case.nothing",
    "expression.unknown_key"),
    ("hearing.outcome", "expression.unknown_key"), ("voters[2]", "expression.unknown_key"), ("voters[0 - 1]",
    "expression.unknown_key"),
    ("voters['0']", "expression.no_member"), ("voters[true]", "expression.no_member"), ("name[0]",
    "expression.no_member"),
    ("amount.real", "expression.no_member"), ("found.year", "expression.no_member"), ("case[0]",
    "expression.no_member"),
    ("amount > '5'", "expression.not_comparable"), ("amount > hearing", "expression.not_comparable"),
    ("urgent > closed", "expression.not_comparable"),
    ("found > '2024-01-01'", "expression.not_comparable"), ("found < due", "expression.not_comparable"),
    ("found == '2024-03-01'", "expression.not_comparable"), ("found != '2024-03-01'", "expression.not_comparable"),
    ("due == found", "expression.not_comparable"), ("found in ['2024-03-01']", "expression.not_comparable"),
    ("voters < voters", "expression.not_comparable"),
    ("voters == voters", "expression.wrong_kind"), ("case != case", "expression.wrong_kind"),
    ("'a' + 1", "expression.wrong_kind"), ("1 + 'a'", "expression.wrong_kind"), ("urgent + 1",
    "expression.wrong_kind"), ("-name", "expression.wrong_kind"),
    ("hearing + 1", "expression.wrong_kind"), ("found + 1", "expression.wrong_kind"),
    ("1 / 0", "expression.zero"), ("1.5 % 0", "expression.zero"), ("amount / (1 - 1.0)", "expression.zero"),
    ("hearing && urgent", "expression.no_truth"), ("urgent && 1", "expression.no_truth"), ("!name",
    "expression.no_truth"),
    ("name ? 1 : 2", "expression.no_truth"), ("not voters", "expression.no_truth"),
    ("'a' in 'abc'", "expression.wrong_kind"), ("1 in case", "expression.wrong_kind"),
    ("size(1)", "expression.wrong_kind"), ("size(hearing)", "expression.wrong_kind"), ("contains(amount, 3)",
    "expression.wrong_kind"),
    ("contains(name, 3)", "expression.wrong_kind"), ("min(1, 'a')", "expression.not_comparable"), ("max(7)",
    "expression.wrong_kind"),
    ("max(nobody)", "expression.wrong_kind"), ("max([hearing])", "expression.not_comparable"), ("abs(name)",
    "expression.wrong_kind"),
    ("lower(amount)", "expression.wrong_kind"), ("date(name)", "expression.no_date"), ("date(due)",
    "expression.wrong_kind"),
    ("days(1, 2)", "expression.wrong_kind"), ("days(found, due)", "expression.wrong_kind"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), FAILURES)
def test_what_has_no_value_fails_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(Incident) as caught:
        parse(text).evaluate(CASE)
    assert caught.value.code == "expression.failed"
    assert caught.value.facts["reason"] == reason
    assert caught.value.facts["source"] == text


REFUSALS: list[tuple[str, str, int]] = [
    ("1 +", "expression.ends_early", 4), ("", "expression.ends_early", 1), ("1 2", "expression.unexpected", 3), ("(1",
    "expression.ends_early", 3),
    ("1)", "expression.unexpected", 2), ("a = 1", "expression.unexpected", 3), ("1 < 2 < 3",
    "expression.unexpected", 7),
    ("1 == 1 == true", "expression.unexpected", 8), ("a ? 1", "expression.ends_early", 6), ("a..b",
    "expression.unexpected", 2),
    ("a.1", "expression.unexpected", 3), ("a.'b'", "expression.unexpected", 3), ("and", "expression.unexpected", 1),
    ("empty", "expression.ends_early", 6),
    ("instanceof", "expression.unexpected", 1), ("a ＞ 1", "expression.character", 3), ("“a”",
    "expression.character", 1), ("a; b", "expression.character", 2),
    ("a & b", "expression.character", 3), ("'abc", "expression.unclosed", 1), (r"'\x41'", "expression.escape", 2),
    (r"'\ud800'", "expression.escape", 2),
    ("'a\nb'", "expression.character", 3), ("a.__class__", "expression.name", 3), ("__import__('os')",
    "expression.name", 1),
    ("1a", "expression.character", 1), ("1e5", "expression.character", 1), ("1_000", "expression.character", 1), (".5",
    "expression.unexpected", 1),
    ("12345678901234567890123456789", "expression.number", 1), ("open('x')", "expression.unknown_function", 1),
    ("1 + sum(1)", "expression.unknown_function", 5),
    ("size()", "expression.arguments", 1), ("size(1, 2)", "expression.arguments", 1), ("case.size(1)",
    "expression.unexpected", 10),
    ("date('2023-02-29')", "expression.date", 1), ("date('1/2/2024')", "expression.date", 1), ("[1, ]",
    "expression.unexpected", 5),
    ("size(1,)", "expression.unexpected", 8), ("${a", "expression.unclosed", 3), ("${a} b",
    "expression.unexpected", 5), ("${}", "expression.ends_early", 3),
    ("${a b}", "expression.unexpected", 5), ("  ${a b}", "expression.unexpected", 7),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "position"), REFUSALS)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, code: str, position: int) -> None:
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert (caught.value.code, caught.value.facts["position"]) == (code, position)
    assert caught.value.facts["source"] == text


def test_there_are_ten_functions() -> None:
    assert len(FUNCTIONS) == 10


def test_a_condition_may_stand_in_dollar_braces_or_alone() -> None:
    for text in ("${amount > 3}", "amount > 3", " ${ amount > 3 } ", "\n${amount > 3}\n"):
        assert parse(text).holds(CASE) is True


def test_a_condition_that_is_not_true_or_false_fails() -> None:
    for text in ("${amount}", "${hearing}", "${name}", "1"):
        with pytest.raises(Incident) as caught:
            parse(text).holds(CASE)
        assert caught.value.facts["reason"] == "expression.no_truth"


def test_an_expression_tells_its_source_and_the_variables_it_reads() -> None:
    expression = parse("${case.unit.level == kind && size(voters[n]) > 0 || empty 罚款 || 'name' == \"x\"}")
    assert expression.names == {"case", "kind", "voters", "n", "罚款"}
    assert expression.source.startswith("${case")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("PT1H", "PT1H"), ("", ""), ("R3/PT10M", "R3/PT10M"), ("${amount}", 30000), (" ${voters} ", ["li", "wang"]),
        ("${hearing}", None),
        ("case-${case.id}", "case-c1"), ("${kind}/${amount}", "penalty/30000"), ("${urgent} ${price} ${found}",
        "true 19.90 2024-03-01"),
        ("${rate}元", "0.1元"), (r"\${amount}", "${amount}"), ("a } b { c", "a } b { c"), ("$", "$"), ("${'}'}", "}"),
        ("a${'${'}b", "a${b"),
        ("${due}!", "2024-03-01T08:00:00+00:00!"),
    ],
)  # fmt: skip
def test_a_value_is_a_text_an_expression_or_a_mix(text: str, value: Any) -> None:
    assert parse_value(text).evaluate(CASE) == value


@pytest.mark.parametrize("text", ["a-${hearing}", "a-${voters}", "a-${case}"])
def test_what_has_no_one_way_to_look_is_not_put_into_a_text(text: str) -> None:
    with pytest.raises(Incident):
        parse_value(text).evaluate(CASE)


@pytest.mark.parametrize("text", ["#{a}", "x ${a", "x ${}", "${a} ${", "${a +} b"])
def test_a_broken_mix_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_value(text)


def test_variables_stay_as_they_are() -> None:
    variables = {"items": [1], "map": {"a": 1}}
    for text in ("items", "map.a + items[0]", "empty nothing", "[items, map]"):
        parse(text).evaluate(MappingProxyType(variables))
    assert variables == {"items": [1], "map": {"a": 1}}


class Trap:
    """An object of the program that must never be touched by an expression."""

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":  # isinstance asks for it
            return Trap
        raise AssertionError(f"asked for {name}")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared")

    def __bool__(self) -> bool:
        raise AssertionError("asked for its truth")

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    "text",
    ["t", "t.a", "t['a']", "t[0]", "t == 1", "1 == t", "t != t", "t < 1", "!t", "t && true", "t ? 1 : 2", "t + 1",
    "-t", "1 in t", "t in [1]",
     "[t]", "empty t", "size(t)", "contains(t, 1)", "min(t, t)", "date(t)", "${t}", "list", "list[0]", "map", "map.t",
     "map.t.a", "1 in list",
     "max(list)"],
)  # fmt: skip
def test_an_object_that_is_no_plain_data_is_never_touched(text: str) -> None:
    trap = Trap()
    with pytest.raises(Incident):
        parse(text).evaluate({"t": trap, "list": [trap], "map": {"t": trap}})


def test_longer_texts_are_refused() -> None:
    assert parse("1" + " " * (MAX_LENGTH - 1)).evaluate({}) == 1
    for read in (parse, parse_value):
        with pytest.raises(Invalid) as caught:
            read("1" + " " * MAX_LENGTH)
        assert caught.value.code == "expression.too_long"


@pytest.mark.parametrize(
    ("left", "middle", "right"),
    [("(", "1", ")"), ("[", "1", "]"), ("-", "1", ""), ("!", "true", ""), ("not ", "true", ""), ("empty ", "a", ""),
    ("abs(", "1", ")"),
     ("true ? 1 : ", "1", ""), ("true ? ", "1", " : 1"), ("a[", "1", "]")],
)  # fmt: skip
def test_deeper_nesting_is_refused(left: str, middle: str, right: str) -> None:
    parse(left * (MAX_DEPTH - 2) + middle + right * (MAX_DEPTH - 2))
    with pytest.raises(Invalid) as caught:
        parse(left * (MAX_DEPTH + 1) + middle + right * (MAX_DEPTH + 1))
    assert caught.value.code == "expression.too_deep"


def test_a_long_sum_is_not_deep() -> None:
    assert parse("+".join(["1"] * 400)).evaluate({}) == 400
    assert parse("||".join(["false"] * 100)).evaluate({}) is False


def test_an_evaluation_takes_a_limited_number_of_steps() -> None:
    for text in ("0 in long", "contains(long, 0)", "max(long)"):
        parse(text).evaluate({"long": [1] * (MAX_OPERATIONS - 10)})
        with pytest.raises(Incident) as caught:
            parse(text).evaluate({"long": [1] * (MAX_OPERATIONS + 1)})
        assert caught.value.facts["reason"] == "expression.too_long_to_evaluate"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("t + t", {"t": "a" * (MAX_TEXT // 2 + 1)}), ("t", {"t": "a" * (MAX_TEXT + 1)}),
        ("m.t", {"m": {"t": "a" * (MAX_TEXT + 1)}}),
        ("n * n", {"n": 10**20}), ("n + 0", {"n": 10**29}), ("n > 0", {"n": Decimal("1e99999")}),
        ("n - 1", {"n": -1e300}),
        ("n", {"n": float("nan")}), ("n", {"n": float("inf")}), ("n", {"n": Decimal("-Infinity")}),
        ("n == 1", {"n": Decimal("sNaN")}),
        ("l", {"l": [0] * (MAX_ITEMS + 1)}), ("l", {"l": [[0] * 101] * 100}),
        ("n / 0.0000000000000000000000001", {"n": 10**20}),
    ],
)  # fmt: skip
def test_results_have_a_largest_size(text: str, variables: dict[str, Any]) -> None:
    with pytest.raises(Incident) as caught:
        parse(text).evaluate(variables)
    assert caught.value.facts["reason"] == "expression.too_large"


def test_a_result_nests_only_so_deep() -> None:
    deep: list[Any] = []
    for _ in range(MAX_NESTING):
        deep = [deep]
    assert parse("deep").evaluate({"deep": deep}) is deep
    with pytest.raises(Incident):
        parse("[deep]").evaluate({"deep": deep})


def test_a_list_that_holds_itself_is_no_result() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(Incident):
        parse("loop").evaluate({"loop": loop})


# Trees of whole numbers and conditions, written so that Python reads them in the same way.
_numbers = st.recursive(
    st.one_of(st.integers(0, 20).map(str), st.sampled_from("abc")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", " * ", "-", "*"]), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-({text})"),
    ),
    max_leaves=10,
)
_conditions = st.recursive(
    st.one_of(
        st.tuples(_numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _numbers).map(" ".join),
        st.sampled_from(["p", "q", "a in [1, 2, 3]"]),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join),
        inner.map(lambda text: f"(not ({text}))"),
        inner.map(lambda text: f"({text})"),
    ),
    max_leaves=8,
)
_variables = st.fixed_dictionaries(
    {**{name: st.integers(-50, 50) for name in "abc"}, "p": st.booleans(), "q": st.booleans()}
)


@given(_numbers, _variables)
def test_arithmetic_agrees_with_pythons(text: str, variables: dict[str, Any]) -> None:
    if len(text) < MAX_LENGTH:
        assert parse(text).evaluate(variables) == eval(text, {}, variables)  # noqa: S307  # our own text


@given(_conditions, _variables)
def test_conditions_agree_with_pythons(text: str, variables: dict[str, Any]) -> None:
    if len(text) < MAX_LENGTH:
        expected = eval(text, {}, variables)  # noqa: S307  # our own text
        assert parse(text).evaluate(variables) is expected
        symbols = text.replace(" and ", " && ").replace(" or ", "||").replace("not ", "!")
        assert parse(symbols).evaluate(variables) is expected


@given(st.decimals(-(10**9), 10**9, places=2), st.decimals(-(10**9), 10**9, places=2))
def test_money_is_exact(a: Decimal, b: Decimal) -> None:
    values = {"a": a, "b": b}
    assert parse("a + b").evaluate(values) == a + b
    assert parse("a * b").evaluate(values) == a * b
    assert parse("a - b < 0").evaluate(values) is (a < b)
    if b:
        assert abs(parse("a / b * b - a").evaluate(values)) < Decimal("1e-15")


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates(), st.datetimes(),
    st.builds(object)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=10,
)  # fmt: skip
_WORDS = st.lists(
    st.sampled_from(
        ["a", "b", "c", "法", "1", "0", "2.5", "'a'", '"', "'", "(", ")", "[", "]", ".", ",", "?", ":", "+", "-", "*",
        "/", "%", "==", "!=", "<",
         ">=", "&&", "||", "!", "and", "or", "not", "empty", "in", "true", "null", "size(", "contains(", "date(",
         "min(", " ", "${", "}", "..", "@",
         "\\", "__class__", "=", "lower(", "days(", "abs("]
    ),
    max_size=25,
).map("".join)  # fmt: skip


_TEXTS = st.one_of(_WORDS, st.text(max_size=60), st.text(alphabet=string.printable, max_size=60))


@given(_TEXTS, st.dictionaries(st.sampled_from("abc法"), _JSON))
def test_nothing_but_invalid_and_incident_is_ever_raised(text: str, variables: dict[str, Any]) -> None:
    for read in (parse, parse_value):
        with suppress(Invalid, Incident):
            read(text).evaluate(variables)
