"""Rules of a table that contradict each other, and rules that leave a result empty, are told of before a case stops."""

from __future__ import annotations

from time import process_time

import pytest

from tests.diagrams.test_deciding import codes, told
from tests.engine import drawing as d
from tests.engine.test_tables import table
from webapp.sentences import sentence
from workflows.diagrams.proof import ERROR, WARNING
from workflows.diagrams.tablerules import overlaps
from workflows.errors import Incident

UNIQUE, ANY = "check.table_overlap_unique", "check.table_overlap_any"
BLANK, UNREAD, STOPS = "check.table_result_empty", "check.table_result_empty_unread", "check.table_result_empty_stops"


def overlapping(rules: list[str], **more: str) -> list[tuple[str, str]]:
    return [pair for pair in codes(rules, **more) if pair[0] in (UNIQUE, ANY)]


def emptied(rules: list[str], **more: str) -> list[tuple[str, str]]:
    return [pair for pair in codes(rules, **more) if pair[0] in (BLANK, UNREAD, STOPS)]


@pytest.mark.parametrize(("rules", "more", "given"), [
    (['<= 100 -> "a"', '>= 100 -> "b"'], {}, {"0": 100}),
    (['[0..100] -> "a"', '(50..200) -> "b"', '- -> "b"'], {}, {"0": 75}),
    (['5 -> "a"', '1, 5 -> "b"'], {}, {"0": 5}),
    (['5 -> "a"', 'not(6) -> "b"'], {}, {"0": 5}),
    (['"x","y" -> "a"', '"y","z" -> "b"'], {"inputs": "x:string"}, {"0": "y"}),
    (['true -> "a"', '- -> "b"'], {"inputs": "x:boolean"}, {"0": True}),
    (['null -> "a"', '- -> "b"'], {"inputs": "x:string"}, {"0": None}),
    (['>= date("2026-07-15") -> "a"', '<= date("2026-07-15") -> "b"'], {"inputs": "x:date"}, None),
    (['"x"; < 10 -> "a"', '"x"; > 5 -> "b"', '"z"; - -> "c"'], {"inputs": "x:string;n:number"}, {"0": "x", "1": 7.5}),
    (['"x"; - -> "a"', '-; > 5 -> "b"'], {"inputs": "x:string;n:number"}, {"0": "x", "1": 6}),
])  # fmt: skip
def test_rules_that_both_match_under_unique_keep_a_draft_from_being_published(
    rules: list[str], more: dict[str, str], given: dict[str, object] | None
) -> None:
    assert overlapping(rules, policy="UNIQUE", **more)[0] == (UNIQUE, ERROR)
    found = overlaps(table(rules, policy="UNIQUE", **more), lambda name: None)[0]
    assert found.rules == (1, 2)
    assert given is None or found.given == given
    names = dict(zip(("0", "1"), (one.partition(":")[0] for one in more.get("inputs", "x").split(";")), strict=False))
    with pytest.raises(Incident) as stopped:  # what is told is what the engine does
        table(rules, policy="UNIQUE", **more).decide({names[label]: value for label, value in found.given.items()})
    assert stopped.value.code == "table.not_unique"


@pytest.mark.parametrize(("rules", "more"), [
    (['< 100 -> "a"', '>= 100 -> "b"'], {}), (['[0..10) -> "a"', '[10..20] -> "b"', '> 20 -> "c"'], {}),
    (['"x" -> "a"', '"y","z" -> "b"', 'not("x","y","z") -> "c"'], {"inputs": "x:string"}),
    (['<= 10 -> "a"', '>= 10.5 -> "b"', '(10..10.4] -> "c"'], {"inputs": "x:integer"}),
    (['<= 2.5 -> "a"', '>= 2.5 -> "b"'], {"inputs": "x:integer"}),
    (['"x"; < 10 -> "a"', '"z"; > 5 -> "b"', '"x"; >= 10 -> "c"'], {"inputs": "x:string;n:number"}),
    (['not("x") -> "a"', 'not("z") -> "b"'], {"inputs": 'x:string|"x","z"'}),
    (['"x"; - -> "a"', '-; "z" -> "b"'], {"inputs": "x:string;x:string"}),  # both columns look at the same
    (['> limit -> "a"', '<= limit -> "b"'], {}),
    (['null -> "a"', 'not(null) -> "b"'], {"inputs": "x:string"}),
])  # fmt: skip
def test_rules_that_exclude_each_other_are_left_alone(rules: list[str], more: dict[str, str]) -> None:
    assert overlapping(rules, policy="UNIQUE", **more) == []


def test_what_may_never_come_and_what_comes_to_the_same_is_a_warning() -> None:
    assert overlapping(['< 10 -> "a"', '< 5 -> "a"']) == [(UNIQUE, WARNING)], "the same result; the engine stops too"
    words = ['not("x") -> "a"', 'not("z") -> "b"']
    assert overlapping(words, inputs="x:string") == [(UNIQUE, WARNING)], "another text may never come"
    assert overlapping(['< -1 -> "a"', '-2 -> "b"']) == [(UNIQUE, ERROR)]
    assert overlapping(['< 1 -> "a"', '5 -> "b"'], inputs="x + 1:number") == []
    assert overlapping(['< 6 -> "a"', '5 -> "b"'], inputs="x + 1:number") == [(UNIQUE, WARNING)], "computed"
    assert overlapping(['> limit -> "a"', '- -> "b"']) == [(UNIQUE, WARNING)], "a cell that reads another variable"
    assert overlapping(['> limit -> "a"', '> limit -> "b"']) == [(UNIQUE, WARNING)]
    assert overlapping(['5 -> x', '5 -> x + 1']) == [(UNIQUE, WARNING)], "computed results"


def test_what_a_statutory_act_never_comes_to_does_not_overlap() -> None:
    more = {"inputs": "filing_result:string", "before": d.properties(act="filing")}
    assert overlapping(['"approve" -> "a"', 'not("reject", "return") -> "b"'], **more) == [(UNIQUE, ERROR)]
    assert overlapping(['"approve" -> "a"', 'not("approve", "reject", "return") -> "b"'], **more) == []


def test_other_policies_let_rules_overlap() -> None:
    rules = ['<= 100 -> "a"', '>= 100 -> "b"']
    assert overlapping(rules, policy="FIRST") == overlapping(rules, policy="RULE ORDER") == []
    assert overlapping(rules, policy="PRIORITY", outputs='y:string|"a","b"') == []


def test_any_wants_one_answer_of_all_that_match() -> None:
    assert overlapping(['<= 100 -> "a"', '>= 100 -> "b"'], policy="ANY") == [(ANY, ERROR)]
    assert overlapping(['<= 100 -> "a"', '>= 100 -> "a"'], policy="ANY") == []
    assert overlapping(['5 -> x', '5 -> x + 1'], policy="ANY") == [], "whether they agree can't be told"


def test_an_overlap_is_told_at_the_step_with_its_rules_and_an_input() -> None:
    found = next(one for one in told(['<= 100 -> "a"', '>= 100 -> "b"', '- -> "c"']) if one.code == UNIQUE)
    assert (found.element, found.facts["rules"], found.facts["inputs"]) == ("ask", [1, 2], "0 = 100")
    said = sentence(UNIQUE, {**found.facts, "place": ""}, "zh")
    assert said == "决策表“d”的命中策略是“唯一（UNIQUE）”，但0 = 100时第 1、2 条规则同时符合，案件到这里会停住。"


def test_many_overlaps_are_told_in_a_few_lines() -> None:
    found = [one for one in told([f'{n} -> "{n}"' for n in range(8)] + ['- -> "z"']) if one.code == UNIQUE]
    assert len(found) == 5
    assert [one.facts["more"] for one in found] == [None] * 4 + [3]


def test_a_large_table_is_looked_at_and_one_beyond_measure_is_not() -> None:
    rules = [f'[{10 * n}..{10 * n + 10}); "{n}" -> {n}' for n in range(300)] + ['[5..6]; "0" -> 7']
    began = process_time()
    (found,) = overlaps(table(rules, inputs="x:number;w:string", policy="UNIQUE"), lambda name: None)
    assert (found.rules, process_time() - began < 3) == ((1, 301), True)
    lists = [f'contains(?, "{n}") -> 1' for n in range(200)]
    assert overlaps(table(lists, inputs="x:string", policy="UNIQUE"), lambda name: None) == []


def test_an_empty_result_is_told_of() -> None:
    rules = ['< 100 -> "a"', ">= 100 -> "]
    (found,) = [one for one in told(rules) if one.code == BLANK]
    assert (found.element, found.severity, found.facts["rules"], found.facts["column"]) == ("ask", WARNING, [2], "y")
    assert emptied(['< 100 -> "a"', ">= 100 -> null"]) == [], "written down, it is meant"
    assert emptied(rules, condition="not empty y and y == 'a'") == [], "who reads it asks whether it is there"
    assert emptied(rules, condition="x > 1") == [(BLANK, WARNING)], "nobody reads it here"
    more = {"outputs": "y:string;reason:string", "how": "singleResult", "condition": "y.y == 'a'"}
    assert emptied(['< 100 -> "a"; "much"', '>= 100 -> "b";'], **more) == [(BLANK, WARNING)]


@pytest.mark.parametrize("empty", ["", "null"])
def test_an_empty_result_at_which_a_condition_fails_is_an_error(empty: str) -> None:
    assert emptied(["< 100 -> 1", f">= 100 -> {empty}"], condition="y > 1", outputs="y:number") == [(UNREAD, ERROR)]
    assert emptied(["< 100 -> true", f">= 100 -> {empty}"], condition="y", outputs="y:boolean") == [(UNREAD, ERROR)]


@pytest.mark.parametrize("policy", ["COLLECT+SUM", "COLLECT+MIN", "COLLECT+MAX"])
def test_nothing_can_be_added_up_or_compared(policy: str) -> None:
    rules = ["> 5 -> 1", "> 6 -> "]
    assert emptied(rules, policy=policy, outputs="y:number", condition="x > 1") == [(STOPS, ERROR)]
    with pytest.raises(Incident):
        table(rules, policy=policy, outputs="y:number").decide({"x": 7})


def test_an_empty_result_has_no_rank_and_counts() -> None:
    assert emptied(['> 5 -> "a"', "> 6 -> "], policy="PRIORITY", outputs='y:string|"a","b"') == [(STOPS, ERROR)]
    assert emptied(["> 5 -> 1", "> 6 -> "], policy="COLLECT+COUNT", outputs="y:number") == []
