"""Flows out of activities and events: several at once, with conditions, with a default; incidents say where."""

from __future__ import annotations

import pytest

from tests.engine.drawing import (
    DAY,
    NOW,
    begin,
    boundary,
    call,
    do,
    end,
    error,
    extensions,
    flows,
    inc,
    loop,
    many,
    offered,
    read,
    start,
    sub,
    timer,
    user,
)
from workflows.errors import Incident

SPLIT = """
    start > {0}
    {0} > b
    {0} > c ? x > 1
    b > j > end
    c > j"""


@pytest.mark.parametrize(("x", "expected"), [(1, ["b"]), (2, ["b", "c"])])
def test_a_flow_without_a_condition_is_taken_beside_those_that_hold(x, expected):
    instance = begin(read(start(), user("a"), user("b"), user("c"), inc("j"), end(), flows(SPLIT.format("a"))))
    do(instance, "a", x=x)
    assert offered(instance) == expected


def test_what_the_conditions_out_of_an_activity_read_is_told_to_the_ledger():
    instance = begin(read(start(), user("a"), user("b"), user("c"), inc("j"), end(), flows(SPLIT.format("a"))))
    do(instance, "a", x=2)
    passed = instance.trace[-1]
    assert (passed.element_id, passed.inputs, passed.taken) == ("a", {"x": 2}, ("a__b", "a__c"))


def test_conditions_out_of_an_activity_see_its_outputs_and_its_local_variables():
    parameters = extensions('<camunda:inputOutput><camunda:inputParameter name="local">${7}</camunda:inputParameter>'
                            '<camunda:outputParameter name="x">${answer + local}</camunda:outputParameter>'
                            "</camunda:inputOutput>")
    instance = begin(read(start(), user("a", parameters), user("b"), user("c"), inc("j"), end(), flows("""
        start > a
        a > b ? x == 8
        a > c ? local == 7
        b > j > end
        c > j""")))
    do(instance, "a", answer=1)
    assert offered(instance) == ["b", "c"]


@pytest.mark.parametrize("drawn", [
    pytest.param(user("a", loop(most=1)), id="standard loop"),
    pytest.param(user("a", many(times="1")), id="multi-instance"),
    pytest.param(sub("a", start("s") + user("inside") + end("e") + flows("s > inside > e")), id="subprocess"),
])
def test_every_kind_of_activity_splits_by_its_conditions(drawn):
    instance = begin(read(start(), drawn, user("b"), user("c"), inc("j"), end(), flows(SPLIT.format("a"))))
    do(instance, offered(instance)[0], x=2)
    assert offered(instance) == ["b", "c"]


def test_a_boundary_event_of_several_flows_takes_them_all():
    instance = begin(read(start(), user("a"), boundary("late", "a", timer("P1D")), user("b"), user("c"), end(),
                          end("e2"), end("e3"), flows("""
        start > a > end
        late > b > e2
        late > c > e3""")))
    instance.wake(NOW + DAY)
    assert offered(instance) == ["b", "c"]



LINE = flows("start > a > b > end")
BY_ZERO = ('<camunda:inputOutput><camunda:inputParameter name="y">${x / 0}</camunda:inputParameter>'
           "</camunda:inputOutput>")
WRONG = start("s") + end("wrong", error("E")) + flows("s > wrong")


@pytest.mark.parametrize(("code", "b"), [
    ("expression.failed", user("b", extensions(BY_ZERO))),
    ("engine.not_text", user("b", camunda_assignee="${x > 0}")),
    ("engine.collection", user("b", many("x", "each"))),
    ("engine.called_missing", call("b", "other")),
    ("expression.failed", call("b", "sample", '<camunda:in sourceExpression="${x / 0}" target="y"/>')),
    ("engine.error_uncaught", sub("b", WRONG)),
])
def test_an_incident_names_the_element_and_its_line(code, b):
    definition = read(start(), user("a"), b, end(), LINE, events="error:E")
    instance = begin(definition)
    with pytest.raises(Incident) as stopped:
        do(instance, "a", x=1)
    element = "wrong" if code == "engine.error_uncaught" else "b"
    facts = stopped.value.facts
    assert stopped.value.code == code
    assert (facts["element"], facts["line"], facts["process"]) == (element, definition.elements[element].line, "sample")


def test_a_flow_out_of_an_activity_that_asks_for_what_is_not_there_names_the_activity():
    definition = read(start(), user("a", name="复核"), user("b"), end(), flows("""
        start > a
        a > b ? nowhere == 1
        b > end"""))
    instance = begin(definition)
    with pytest.raises(Incident) as stopped:
        do(instance, "a")
    facts = stopped.value.facts
    assert (facts["element"], facts["label"], facts["line"]) == ("a", "复核", definition.elements["a"].line)
