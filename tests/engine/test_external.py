"""External tasks: what waits for a worker of this installation."""

from __future__ import annotations

import pytest

from tests.engine.drawing import (
    NOW,
    begin,
    boundary,
    do,
    end,
    error,
    extensions,
    flows,
    many,
    node,
    offered,
    read,
    start,
    sub,
    user,
)
from workflows.engine import handlers
from workflows.engine.definition import Definition
from workflows.errors import DiagramRefused, Invalid, Stale


@pytest.fixture(autouse=True)
def gazette(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "_topics", set())
    handlers.serve("gazette")


def external(inner: str = "", topic: str = "gazette") -> str:
    return node("serviceTask", "publish", inner, camunda_type="external", camunda_topic=topic)


def published(inner: str = "") -> Definition:
    return read(start(), external(inner), user("b"), end(), flows("start > publish > b > end"))


def test_a_worker_sees_topic_and_variables_and_completes_the_task():
    instance = begin(published(), {"number": 7})
    (task,) = instance.external()
    assert (task.topic, task.element.id, dict(task.variables)) == ("gazette", "publish", {"number": 7})
    assert [live.state for live in instance.live()] == ["waiting"]
    instance.complete_external(task.id, {"page": 3}, NOW)
    assert offered(instance) == ["b"]
    assert instance.variables == {"number": 7, "page": 3}


def test_a_task_is_done_once_and_not_by_people():
    instance = begin(published())
    (task,) = instance.external()
    with pytest.raises(Stale):
        instance.complete(task.id, {}, NOW)
    instance.complete_external(task.id, {}, NOW)
    for again in (lambda: instance.complete_external(task.id, {}, NOW),
                  lambda: instance.fail_external(task.id, "bad", {}, NOW)):
        with pytest.raises(Stale):
            again()
    assert offered(instance) == ["b"]


def test_an_answer_that_is_no_json_leaves_the_task_as_it_was():
    instance = begin(published())
    (task,) = instance.external()
    with pytest.raises(Invalid):
        instance.complete_external(task.id, {"x": {1}}, NOW)
    instance.complete_external(task.id, {}, NOW)
    assert offered(instance) == ["b"]


def test_its_outputs_are_set_from_what_the_worker_answered():
    out = '<camunda:outputParameter name="total">${page + 1}</camunda:outputParameter>'
    instance = begin(published(extensions(f"<camunda:inputOutput>{out}</camunda:inputOutput>")))
    instance.complete_external(instance.external()[0].id, {"page": 3}, NOW)
    assert instance.variables == {"page": 3, "total": 4}


def test_each_of_many_waits_for_a_worker():
    instance = begin(published(many("items", "item")), {"items": ["x", "y"]})
    first, second = instance.external()
    assert [first.variables["item"], second.variables["item"]] == ["x", "y"]
    instance.complete_external(second.id, {}, NOW)
    instance.complete_external(first.id, {}, NOW)
    assert offered(instance) == ["b"]


def test_an_error_goes_outwards_from_the_task_that_failed():
    inner = start("s1") + external() + end("e1") + flows("s1 > publish > e1")
    instance = begin(read(start(), sub("s", inner), boundary("caught", "s", error("bad")), user("repair"), end(),
                          end("e2"), flows("start > s > end\ncaught > repair > e2"), events="error:bad"))
    instance.fail_external(instance.external()[0].id, "bad", {"why": "paper"}, NOW)
    assert offered(instance) == ["repair"]
    assert instance.variables == {"why": "paper"}
    do(instance, "repair")
    assert instance.finished


@pytest.mark.parametrize(("drawn", "code"), [
    (external(topic="nobody"), "diagram.topic_unknown"), (external(topic=""), "diagram.topic"),
    (external(topic="${x}"), "diagram.topic"),
    (node("serviceTask", "publish", camunda_type="external", camunda_topic="gazette",
          camunda_delegateExpression="${x}"), "diagram.topic"),
    (node("serviceTask", "publish", camunda_type="mail"), "diagram.attribute_value"),
])
def test_topics_that_nobody_serves_are_refused(drawn, code):
    with pytest.raises(DiagramRefused) as refused:
        read(start(), drawn, end(), flows("start > publish > end"))
    assert refused.value.problems[0].code == code
    assert (refused.value.problems[0].place, refused.value.problems[0].line) == ("sample.bpmn#publish", 5)


def test_a_topic_is_served_once():
    with pytest.raises(ValueError, match="gazette"):
        handlers.serve("gazette")
