"""SpiffWorkflow's `eval`, its own tree walks and its shared specs are never relied on."""

from __future__ import annotations

import builtins
from copy import copy

import pytest
from SpiffWorkflow.bpmn.script_engine import python_environment
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util import task as spiff_task
from SpiffWorkflow.workflow import Workflow

from tests.engine.drawing import (
    DAY,
    NOW,
    begin,
    boundary,
    call,
    do,
    end,
    flows,
    many,
    node,
    offered,
    properties,
    read,
    start,
    sub,
    timer,
    user,
    xor,
)
from tests.engine.test_activities import DMN
from workflows.engine.definition import Definition
from workflows.engine.runtime import Instance
from workflows.engine.scopes import ClosedScriptEngine, Run


def everything() -> tuple[Definition, Definition]:
    """A diagram with an expression in every place that can have one."""
    child = read(start(), user("x", camunda_assignee="${who}"), end(), flows("start > x > end"), key="child")
    gather = properties(outputCollection="votes", outputElement="${vote}")
    inner = start("s1") + user("in", camunda_dueDate="${due}") + end("e1") + flows("s1 > in > e1")
    parent = read(
        start(), node("businessRuleTask", "rule", camunda_decisionRef="route", camunda_resultVariable="collective"),
        xor("g", default="g__plain"), user("plain"), xor("m"), sub("s", inner),
        boundary("late", "s", timer("${due}", "timeDate")),
        user("vote", gather + many("${people}", "p", until="${nrOfCompletedInstances >= 2}"), camunda_assignee="${p}"),
        call("c", "child",
             '<camunda:in sourceExpression="${people[0]}" target="who"/><camunda:out source="r" target="r"/>'),
        end(), end("e2"), flows("""
        start > rule > g
        g > m ? fine >= 50000
        g > plain > m > s > vote > c > end
        late > e2"""), key="parent", files={"route.dmn": DMN})
    return parent, child


def play(instance: Instance) -> None:
    do(instance, "plain")
    do(instance, "in")
    for _ in range(2):
        do(instance, "vote", vote="yes")
    do(instance, "x", r=1)


GIVEN = {"fine": 10, "due": "2026-04-01T00:00:00", "people": ["p1", "p2", "p3"]}


def test_python_is_never_evaluated_while_reading_or_running(monkeypatch):
    def reached(*_: object, **__: object) -> None:
        raise AssertionError("eval was reached")

    for name in ("eval", "exec"):
        monkeypatch.setattr(builtins, name, reached)
    for name in ("evaluate", "execute"):
        monkeypatch.setattr(python_environment.TaskDataEnvironment, name, reached)
    parent, child = everything()
    instance = begin(parent, GIVEN, child)
    play(instance)
    assert instance.finished
    assert instance.variables["votes"] == ["yes", "yes"]


@pytest.mark.parametrize("text", ["1 + 1", "__import__('os').system('true')", "${x}", b"x", None, 7])
def test_the_script_engine_evaluates_nothing_but_what_the_house_has_parsed(text):
    engine = ClosedScriptEngine()
    instance = begin(read(start(), user("a"), end(), flows("start > a > end")))
    task = next(iter(instance.run.live()))
    for refused in (lambda: engine.evaluate(task, text), lambda: engine.execute(task, text),
                    lambda: engine.environment.evaluate(text, {}), lambda: engine.environment.execute(text, {}),
                    lambda: engine.call_service(task), lambda: engine.validate(text)):
        with pytest.raises(TypeError):
            refused()


def test_an_instance_has_the_closed_engine_and_so_have_its_inner_scopes():
    parent, child = everything()
    instance = begin(parent, GIVEN | {"fine": 60_000}, child)
    assert all(isinstance(scope.script_engine, ClosedScriptEngine) for scope in instance.run.scopes())
    assert len(list(instance.run.scopes())) == 2


def test_the_library_never_walks_its_tree_nor_predicts(monkeypatch):
    def reached(*_: object, **__: object) -> None:
        raise AssertionError("a walk over the tree, which ends at a depth of 1,000")

    monkeypatch.setattr(spiff_task.TaskIterator, "__init__", reached)
    for owner, name in ((Workflow, "get_tasks_iterator"), (Workflow, "is_completed"), (Workflow, "_predict"),
                        (BpmnWorkflow, "do_engine_steps"), (BpmnWorkflow, "refresh_timers"), (BpmnWorkflow, "catch")):
        monkeypatch.setattr(owner, name, reached)
    parent, child = everything()
    play(begin(parent, GIVEN, child))


def snapshot(definition: Definition) -> dict[str, object]:
    found: dict[str, object] = {}
    for plan_id, plan in definition.plans.items():
        for name, spec in plan.task_specs.items():
            for key, value in vars(spec).items():
                if key.endswith("_event"):  # who listens on a spec's events would be shared by all instances
                    value = (list(value.weak_subscribers or ()), list(value.hard_subscribers or ()))
                found[f"{plan_id}/{name}/{key}"] = copy(value) if isinstance(value, (list, dict)) else value
    return found


def test_running_changes_nothing_of_the_shared_definition():
    parent, child = everything()
    before = snapshot(parent), snapshot(child)
    for people in (["p1", "p2", "p3"], ["q1", "q2"]):
        play(begin(parent, GIVEN | {"people": people}, child))
    late = begin(parent, GIVEN, child)
    do(late, "plain")
    late.wake(NOW + 365 * DAY)
    assert late.finished
    assert (snapshot(parent), snapshot(child)) == before


def test_a_spec_can_not_be_written_on():
    definition = everything()[0]
    with pytest.raises(AttributeError, match="sealed"):
        definition.plans["parent"].task_specs["g"].default_task_spec = "x"


def test_two_instances_of_one_definition_share_nothing():
    parent, child = everything()
    first, second = begin(parent, GIVEN, child), begin(parent, GIVEN, child)
    do(first, "plain", note="mine")
    assert (offered(first), offered(second)) == (["in"], ["plain"])
    assert "note" not in second.variables
    assert isinstance(first.run, Run)
