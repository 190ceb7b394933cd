"""The engine moves tokens as BPMN says: sequence, choice, parallel branches, loops."""

from __future__ import annotations

import pytest

from tests.engine.drawing import (
    NOW,
    begin,
    do,
    end,
    extensions,
    find,
    flows,
    inc,
    node,
    offered,
    par,
    read,
    start,
    user,
    xor,
)
from workflows.errors import Incident, Invalid, Stale


def line() -> str:
    return flows("start > a > end")


def test_a_step_waits_for_people_and_then_the_process_ends():
    instance = begin(read(start(), user("a", name="受理"), end(), line()), {"case_id": "c1"})
    step = find(instance, "a")
    assert (step.element.name, step.process_key, step.variables["case_id"]) == ("受理", "sample", "c1")
    do(instance, "a", result="yes")
    assert instance.finished
    assert instance.variables == {"case_id": "c1", "result": "yes"}
    assert [passed.element_id for passed in instance.trace] == ["start", "a", "end"]


def test_a_step_can_be_completed_once_only():
    instance = begin(read(start(), user("a"), user("b"), end(), flows("start > a > b > end")))
    first = find(instance, "a").id
    instance.complete(first, {}, NOW)
    with pytest.raises(Stale) as refused:
        instance.complete(first, {}, NOW)
    assert refused.value.code == "step.not_ready"
    assert offered(instance) == ["b"], "a stale click changes nothing"


def choice() -> tuple[str, ...]:
    return (start(), user("a"), xor("g", default="g__d"), user("b"), user("c"), user("d"), xor("m"), end(), flows("""
        start > a > g
        g > b ? amount > 100
        g > c ? amount > 50
        g > d
        b > m
        c > m
        d > m > end"""))


@pytest.mark.parametrize(("amount", "expected"), [(200, "b"), (100, "c"), (51, "c"), (50, "d")])
def test_an_exclusive_gateway_takes_the_first_true_flow_in_the_order_of_the_file(amount, expected):
    instance = begin(read(*choice()))
    do(instance, "a", amount=amount)
    assert offered(instance) == [expected]


def test_the_trace_tells_what_a_gateway_read_and_which_way_it_went():
    instance = begin(read(*choice()))
    do(instance, "a", amount=70)
    gateway = next(passed for passed in instance.trace if passed.element_id == "g")
    assert (gateway.inputs, gateway.taken, gateway.kind) == ({"amount": 70}, ("g__c",), "exclusiveGateway")


def test_no_true_flow_and_no_default_is_an_incident_that_names_the_gateway():
    nodes = (start(), user("a"), xor("g"), user("b"), user("c"), xor("m"), end(),
             flows("""
        start > a > g
        g > b ? x == 1
        g > c ? x == 2
        b > m
        c > m > end"""))
    instance = begin(read(*nodes))
    with pytest.raises(Incident) as stopped:
        do(instance, "a", x=3)
    assert (stopped.value.code, stopped.value.facts["element"]) == ("engine.no_flow", "g")
    with pytest.raises(Incident):
        instance.steps()


def test_a_condition_that_is_neither_true_nor_false_is_an_incident():
    nodes = (start(), user("a"), xor("g", default="g__c"), user("b"), user("c"), xor("m"), end(),
             flows("""
        start > a > g
        g > b ? x
        g > c
        b > m
        c > m > end"""))
    with pytest.raises(Incident) as stopped:
        do(begin(read(*nodes)), "a", x="yes")
    assert stopped.value.code == "engine.not_boolean"


def parallel() -> tuple[str, ...]:
    return (start(), par("s"), user("b"), user("c"), par("j"), user("d"), end(), flows("""
        start > s > b > j
        s > c > j > d > end"""))


def test_a_parallel_join_waits_for_all_branches():
    instance = begin(read(*parallel()))
    assert offered(instance) == ["b", "c"]
    do(instance, "c")
    assert offered(instance) == ["b"]
    do(instance, "b")
    assert offered(instance) == ["d"]


def test_both_branches_of_a_parallel_block_keep_what_they_set():
    instance = begin(read(*parallel()), {"x": 0, "y": 0})
    do(instance, "b", x=1)
    do(instance, "c", y=2)
    assert instance.variables == {"x": 1, "y": 2}


def test_after_a_return_both_parallel_reviews_are_needed_again():
    nodes = (start(), xor("m"), par("s"), user("b"), user("c"), par("j"), user("d"), xor("g", default="g__end"), end(),
             flows("""
        start > m > s > b > j
        s > c > j > d > g
        g > m ? again
        g > end"""))
    instance = begin(read(*nodes))
    for first, second in (("b", "c"), ("c", "b"), ("b", "c")):
        do(instance, first)
        assert offered(instance) == [second], "one of two reviews is never enough"
        do(instance, second)
        do(instance, "d", again=True)
    assert offered(instance) == ["b", "c"]


def test_a_loop_of_1500_rounds_keeps_going_and_stays_small():
    nodes = (start(), xor("m"), user("a"), xor("g", default="g__end"), end(),
             flows("""
        start > m > a > g
        g > m ? again
        g > end"""))
    instance = begin(read(*nodes))
    for _ in range(1500):
        do(instance, "a", again=True)
        instance.trace.clear()
        assert not instance.finished
    assert len(instance.run.tasks) == 2, "the root and the one step"
    do(instance, "a", again=False)
    assert instance.finished


def test_an_inclusive_gateway_joins_what_it_split_and_no_more():
    nodes = (start(), user("a"), inc("s", default="s__d"), user("b"), user("c"), user("d"), inc("j"), user("z"), end(),
             flows("""
        start > a > s
        s > b ? x > 0
        s > c ? x > 1
        s > d
        b > j
        c > j
        d > j > z > end"""))
    definition = read(*nodes)
    for x, chosen in ((0, ["d"]), (1, ["b"]), (2, ["b", "c"])):
        instance = begin(definition)
        do(instance, "a", x=x)
        assert offered(instance) == chosen
        for element in chosen:
            assert offered(instance) != ["z"]
            do(instance, element)
        assert offered(instance) == ["z"]
        do(instance, "z")
        assert instance.finished


def test_an_endless_loop_stops_at_the_step_limit():
    nodes = (start(), user("a"), xor("m"), xor("g", default="g__end"), end(),
             flows("""
        start > a > m > g
        g > m ? x > 0
        g > end"""))
    instance = begin(read(*nodes))
    with pytest.raises(Incident) as stopped:
        do(instance, "a", x=1)
    assert stopped.value.code == "engine.step_limit"
    assert instance.spoilt


def test_a_join_that_can_never_be_reached_by_all_is_an_incident_at_once():
    nodes = (start(), user("a"), xor("g", default="g__c"), user("b"), user("c"), par("j"), end(),
             flows("""
        start > a > g
        g > b ? x
        g > c
        b > j
        c > j > end"""))
    instance = begin(read(*nodes))
    do(instance, "a", x=True)
    with pytest.raises(Incident) as stopped:
        do(instance, "b")
    assert (stopped.value.code, stopped.value.facts["element"]) == ("engine.stuck", "j")


def test_two_flows_into_a_task_bring_it_once_per_token():
    nodes = (start(), par("s"), user("b"), user("c"), user("d"), end(),
             flows("""
        start > s > b > d
        s > c > d > end"""))
    instance = begin(read(*nodes))
    do(instance, "b")
    do(instance, "c")
    assert offered(instance) == ["d", "d"]
    do(instance, "d")
    assert not instance.finished
    do(instance, "d")
    assert instance.finished


def test_plain_and_manual_tasks_are_passed_through():
    nodes = (start(), node("task", "t"), node("manualTask", "m"), user("a"), end(), flows("start > t > m > a > end"))
    assert offered(begin(read(*nodes))) == ["a"]


def nested(levels: int) -> list:
    value: list = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("bad", [{1, 2}, float("nan"), b"raw", "\ud800", {"y": object()}, nested(21), nested(5_000)])
def test_variables_are_json_or_refused_and_the_instance_stays_usable(bad):
    instance = begin(read(start(), user("a"), end(), line()))
    with pytest.raises(Invalid) as refused:
        do(instance, "a", x=bad)
    assert refused.value.code == "engine.not_json"
    assert offered(instance) == ["a"]


def test_a_fraction_of_a_number_too_large_for_it_is_refused_and_others_are_kept():
    computed = extensions('<camunda:inputOutput><camunda:outputParameter name="sum">${a + 0.25}'
                          "</camunda:outputParameter></camunda:inputOutput>")
    definition = read(start(), user("a", computed), user("b"), end(), flows("start > a > b > end"))
    with pytest.raises(Incident) as refused:
        do(begin(definition), "a", a=9007199254740993)
    assert refused.value.code == "engine.number_inexact"
    instance = begin(definition)
    do(instance, "a", a=9007199254740.5)
    assert instance.variables["sum"] == 9007199254740.75


@pytest.mark.parametrize("name", ["loopCounter", "nrOfInstances", "a-b", "", "1a"])
def test_variables_have_names_that_expressions_can_read(name):
    instance = begin(read(start(), user("a"), end(), line()))
    with pytest.raises(Invalid) as refused:
        do(instance, "a", **{name: 1})
    assert refused.value.code == "engine.variable_name"


def test_what_a_caller_changes_in_its_own_lists_does_not_reach_the_instance():
    given = {"people": ["a"]}
    instance = begin(read(start(), user("a"), end(), line()), given)
    given["people"].append("b")
    instance.variables["people"].append("c")
    find(instance, "a").variables["people"].append("d")
    assert instance.variables == {"people": ["a"]}


def test_too_many_variables_are_refused():
    instance = begin(read(start(), user("a"), end(), line()))
    with pytest.raises(Invalid) as refused:
        do(instance, "a", text="x" * 300_000)
    assert refused.value.code == "engine.variables_too_large"
