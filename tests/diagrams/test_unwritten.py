"""A variable that only some paths write before it is read is told of, with the path on which it is missing."""

from __future__ import annotations

import pytest

from tests.engine import drawing as d
from workflows.diagrams import unwritten
from workflows.diagrams.proof import WARNING, Finding
from workflows.diagrams.soundness_drawing import scene
from workflows.diagrams.soundness_space import explore
from workflows.engine.definition import read
from workflows.engine.package import Package


def giving(name: str) -> str:
    given = f'<camunda:outputParameter name="{name}">yes</camunda:outputParameter>'
    return d.extensions(f"<camunda:inputOutput>{given}</camunda:inputOutput>")


def step(id: str, act: str = "", outputs: str = "") -> str:
    inner = d.properties(act=act) if act else giving(outputs) if outputs else ""
    return d.user(id, inner, name=id, camunda_candidateGroups="case_officer")


def told(flows: str, *nodes: str) -> list[Finding]:
    drawn = d.draw(d.start(), *nodes, d.end("end"), d.end("other"), d.flows(flows), key="sample")
    definition = read(Package("sample", {"sample.bpmn": drawn}), published=True)
    return list(unwritten.check(definition, [], explore(scene(definition, {})), opening=False))


def places(flows: str, *nodes: str) -> list[tuple[str, str]]:
    found = told(flows, *nodes)
    assert {(one.code, one.severity) for one in found} <= {("check.variable_missing", WARNING)}
    return [(one.element, str(one.facts["name"])) for one in found]


SOME = "start > may > join > ask > end\nmay > write ? case_id == 'a'\nwrite > join\nask > other ? x == 'yes'"
MAY, ASK, JOIN = d.xor("may", default="may__join"), d.xor("ask", default="ask__end"), d.xor("join")


def test_a_path_past_the_writer_is_played() -> None:
    (found,) = told(SOME, MAY, step("write", outputs="x"), JOIN, ASK)
    assert (found.element, found.facts["name"]) == ("ask", "x")
    passed = [one.id for one in found.path]
    assert "write" not in passed
    assert passed[-1] in ("ask", "ask__end", "ask__other")


def test_a_writer_on_every_path_or_beside_the_reader_until_they_join_is_enough() -> None:
    both = "start > split > write > join > ask > end\nsplit > more > join\nask > other ? x == 'yes'"
    assert places(both, d.par("split"), step("write", outputs="x"), step("more"), d.par("join"), ASK) == []
    either = ("start > may > one > join > ask > end\nmay > two ? case_id == 'a'\ntwo > join\nask > other ? x == 'yes'")
    gateway = d.xor("may", default="may__one")
    assert places(either, gateway, step("one", outputs="x"), step("two", outputs="x"), JOIN, ASK) == []
    assert places(either, gateway, step("one", outputs="x"), step("two"), JOIN, ASK) == [("ask", "x")]


def test_a_loop_that_writes_after_it_reads_comes_too_late_the_first_time() -> None:
    loop = "start > join > ask > end\nask > write ? x == 'yes'\nwrite > join"
    assert places(loop, JOIN, ASK, step("write", outputs="x")) == [("ask", "x")]


FILED = """
    start > file > filed > write > join > again > end
    filed > join ? filing_result != 'approve'
    again > ask ? filing_result == 'approve'
    ask > end2
    ask > other ? x == 'yes'
"""


def test_a_path_that_no_case_can_take_is_not_blamed() -> None:
    nodes = (step("file", act="filing"), d.xor("filed", default="filed__write"), step("write", outputs="x"), JOIN,
             d.xor("again", default="again__end"), d.xor("ask", default="ask__end2"), d.end("end2"))  # fmt: skip
    assert places(FILED, *nodes) == []
    assert places(FILED.replace("== 'approve'", "!= 'approve'"), *nodes) == [("ask", "x")]


def test_an_act_that_writes_only_with_some_of_its_outcomes_is_known() -> None:
    flows = "start > review > ask > end\nask > other ? review_result == 'return'"
    assert places(flows, step("review", act="legal_review"), ASK) == [("ask", "review_result")]
    assert places(flows.replace("review_result", "initial_opinion"), step("review", act="legal_review"), ASK) == []


@pytest.mark.parametrize("condition", ["not empty x and x == 'yes'", "case_id == 'b' and x == 'yes'", "empty x"])
def test_what_is_read_only_if_it_is_there_or_something_else_holds_is_left_alone(condition: str) -> None:
    flows = SOME.replace("x == 'yes'", condition)
    assert places(flows, MAY, step("write", outputs="x"), JOIN, ASK) == []
