"""Tables that leave an input without an answer, or have only one, are told of where something reads the answer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.engine import drawing as d
from tests.engine.test_tables import decision, file
from workflows.diagrams import deciding, library
from workflows.diagrams.domains import Domains
from workflows.diagrams.proof import ERROR, WARNING, Finding
from workflows.engine.definition import read
from workflows.engine.package import Package

GAP, EMPTY, ONE = "check.table_gap", "check.table_empty", "check.table_one_answer"


def told(
    rules: Sequence[str], *, condition: str = "y == 'a'", how: str = "singleEntry", before: str = "", **table: str
) -> list[Finding]:
    ask = d.node("businessRuleTask", "ask", camunda_decisionRef="d", camunda_resultVariable="y",
                 camunda_mapDecisionResult=how)  # fmt: skip
    drawn = d.draw(
        d.start(), d.user("first", before, name="first", camunda_candidateGroups="case_officer"), ask,
        d.xor("which", default="which__no"), d.end("yes"), d.end("no"),
        d.flows(f"start > first > ask > which > no\nwhich > yes ? {condition}"), key="sample",
    )  # fmt: skip
    package = Package("sample", {"sample.bpmn": drawn, "d.dmn": file(decision([*rules], **table))})
    return list(deciding.check(read(package), {}))


def codes(*given: object, **more: str) -> list[tuple[str, str]]:
    return [(one.code, one.severity) for one in told(*given, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", ["FIRST", "UNIQUE", "ANY"])
def test_a_number_that_no_rule_matches_is_a_gap(policy: str) -> None:
    (found,) = told(['< 100 -> "a"', '> 100 -> "b"'], policy=policy)
    assert (found.code, found.severity, found.element) == (GAP, WARNING, "ask")
    assert found.facts["inputs"] == "0 = 100"
    assert codes(['<= 100 -> "a"', '> 100 -> "b"'], policy=policy) == []


def test_a_gap_of_priorities_is_one_too() -> None:
    outputs = 'y:string|"a","b"'
    assert codes(['< 1 -> "a"', '> 1 -> "b"'], policy="PRIORITY", outputs=outputs) == [(GAP, WARNING)]


@pytest.mark.parametrize("rules", [
    ['< 100 -> "a"', '[100..200) -> "b"', '>= 200 -> "c"'], ['[0..10] -> "a"', '> 10 -> "b"'], ['1 -> "a"', '- -> "b"'],
    ['not(5) -> "a"', '5 -> "b"'],
])  # fmt: skip
def test_a_table_without_a_gap_is_left_alone(rules: list[str]) -> None:
    assert codes(rules, policy="FIRST") == []


def test_a_default_a_listed_input_or_whole_numbers_close_a_gap() -> None:
    assert codes(['< 100 -> "a"'], outputs='y="b":string') == []
    words = ['"x" -> "a"', '"z" -> "b"']
    assert codes(words, inputs="x:string") == [(GAP, WARNING)]
    assert codes(words, inputs='x:string|"x","z"') == []
    assert codes(['<= 10 -> "a"', '>= 11 -> "b"'], inputs="x:integer") == []
    assert codes(['<= 10 -> "a"', '>= 11 -> "b"'], inputs="x:number") == [(GAP, WARNING)]
    assert codes(['true -> "a"', 'false -> "b"'], inputs="x:boolean") == []


def test_what_a_statutory_act_comes_to_is_known() -> None:
    rules = [f'"{one}" -> "{to}"' for one, to in zip(["approve", "reject", "return"], "aab", strict=True)]
    act = d.properties(act="filing")
    assert codes(rules, inputs="filing_result:string", before=act) == []
    (found,) = told(rules[:2], inputs="filing_result:string", before=act)
    assert found.facts["inputs"] == '0 = "return"'


def test_what_a_called_process_hands_back_is_known() -> None:
    shipped = {key: read(package, published=True) for key, package in library.shipped().items()}
    domains = Domains(shipped)
    opinions = {"agree", "supplement", "correct", "disagree", "return", "refer"}
    assert domains.of(shipped["penalty"], "review_result") == frozenset(opinions)
    assert domains.of(shipped["penalty"], "fine_entity_max") is None, "an amount may be any"
    assert domains.of(shipped["penalty"], "collective") == frozenset({True, False})


def test_who_asks_whether_there_is_an_answer_knows_of_the_gap() -> None:
    assert codes(['< 1 -> "a"', '> 1 -> "b"'], condition="not empty y and y == 'a'") == []
    assert codes(['< 1 -> "a"', '> 1 -> "b"'], condition="y != null") == []


def test_a_table_that_never_answers_stops_a_condition_that_needs_an_answer() -> None:
    rules = ['"nothing" -> 5', '"else" -> 6']
    more = {"inputs": "filing_result:string", "before": d.properties(act="filing")}
    assert codes(rules, condition="y > 5", **more) == [(EMPTY, ERROR)]
    assert codes(rules, condition="y == 5", **more) == [(GAP, WARNING)]


def test_lists_may_be_empty_unless_a_condition_fails_on_it() -> None:
    more = {"policy": "COLLECT", "how": "collectEntries", "outputs": "y:number"}
    assert codes(["> 5 -> 1"], condition="empty y", **more) == []
    assert codes(["> 5 -> 1"], condition="y[0] > 1", **more) == [(GAP, WARNING)]


def test_a_sum_of_nothing_is_empty_and_a_count_is_not() -> None:
    assert codes(["> 5 -> 1", "> 6 -> 2"], policy="COLLECT+SUM", outputs="y:number", condition="y > 1") == [
        (GAP, WARNING)]  # fmt: skip
    assert codes(["> 5 -> 1", "> 6 -> 2"], policy="COLLECT+COUNT", outputs="y:number", condition="y > 1") == []


@pytest.mark.parametrize(("rules", "more"), [
    (['< 5 -> "a"', '>= 5 -> "a"'], {}), (['- -> "a"', '> 5 -> "b"'], {"policy": "FIRST"}),
    (['> 5 -> "a"'], {"outputs": 'y="a":string'}),
])  # fmt: skip
def test_one_answer_is_no_choice(rules: list[str], more: dict[str, str]) -> None:
    (found,) = told(rules, **more)
    assert (found.code, found.severity, found.facts["value"]) == (ONE, WARNING, '"a"')
    assert codes(rules, condition="x > 1", **more) == []


def test_a_table_too_large_to_be_asked_is_passed_over() -> None:
    rules = [f'{"; ".join(["<" + str(n)] * 5)} -> "a"' for n in range(40)]
    assert codes(rules, inputs="; ".join(f"x{n}:number" for n in range(5)), policy="FIRST") == []
