"""What is thrown: where it goes, what it ends, and what the ledger learns. The plain cases are in tests/conformance."""

from __future__ import annotations

import pytest

from tests.engine.drawing import (
    DAY,
    NOW,
    begin,
    boundary,
    call,
    catch,
    conditional,
    do,
    end,
    escalation,
    flows,
    loop,
    many,
    message,
    node,
    offered,
    par,
    read,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from workflows.errors import Incident

WORK = start("s1") + user("work") + end("e1") + flows("s1 > work > e1")


def told(instance, element: str):
    return [dict(passed.inputs) for passed in instance.trace if passed.element_id == element]


def test_a_signal_fires_outer_borders_first_and_those_inside_of_what_it_ended_no_more():
    inner = start("s1") + sub("deep", start("s2") + user("work") + end("e2x") + flows("s2 > work > e2x")) + boundary(
        "inner", "deep", signal("stop")) + user("never") + end("e1") + end("e1x") + flows("""
        s1 > deep > e1
        inner > never > e1x""")
    instance = begin(read(start(), par("p"), sub("s", inner), boundary("outer", "s", signal("stop")), user("after"),
                          user("a"), throw("t", signal("stop")), end(), end("e2"), end("e3"), flows("""
        start > p > s > end
        p > a > t > e3
        outer > after > e2"""), events="signal:stop"))
    do(instance, "a")
    assert offered(instance) == ["after"]
    assert len(instance.run.subprocesses) == 0


def test_what_is_thrown_is_told_with_its_name():
    instance = begin(read(start(), throw("t", signal("go")), user("a"), end(), flows("start > t > a > end"),
                          events="signal:go"))
    assert told(instance, "t") == [{"name": "go"}]


def test_a_message_that_two_of_the_instance_wait_for_is_an_incident():
    instance = begin(read(start(), par("p"), catch("w1", message("m")), catch("w2", message("m")), user("a"),
                          end("end", message("m")), end("e2"), end("e3"), flows("""
        start > p > w1 > e2
        p > w2 > e3
        p > a > end"""), events="message:m"))
    with pytest.raises(Incident) as stopped:
        do(instance, "a")
    assert (stopped.value.code, stopped.value.facts["element"]) == ("engine.ambiguous", "end")


def test_two_that_signal_each_other_for_ever_are_stopped():
    def answering(id: str, hears: str, says: str) -> str:
        inner = start(f"{id}s", signal(hears), isInterrupting="false") + end(f"{id}e", signal(says))
        return sub(id, inner + flows(f"{id}s > {id}e"), triggeredByEvent="true")
    instance = begin(read(start(), user("a"), throw("t", signal("ping")), user("b"), end(), flows(
        "start > a > t > b > end"), answering("x", "ping", "pong"), answering("y", "pong", "ping"),
        events="signal:ping signal:pong"))
    with pytest.raises(Incident) as stopped:
        do(instance, "a")
    assert stopped.value.code == "engine.step_limit"


def test_an_escalation_of_one_of_many_reaches_their_common_border_and_the_others_go_on():
    inner = start("s1") + user("work") + throw("t", escalation("late")) + user("more") + end("e1") + flows(
        "s1 > work > t > more > e1")
    instance = begin(read(start(), sub("s", inner + many("items", "item")),
                          boundary("up", "s", escalation("late"), interrupting=False), user("head"), end(), end("e2"),
                          flows("""
        start > s > end
        up > head > e2"""), events="escalation:late"), {"items": [1, 2]})
    do(instance, "work")
    assert offered(instance) == ["head", "more", "work"]
    do(instance, "work")
    assert offered(instance) == ["head", "head", "more", "more"]


def test_an_escalation_skips_borders_of_other_codes_on_its_way():
    inner = sub("s2", start("s3") + user("work") + end("e3", escalation("b")) + flows("s3 > work > e3"))
    wrong = boundary("wrong", "s2", escalation("a")) + user("x") + end("e1x")
    middle = start("s1") + inner + wrong + end("e1") + flows("s1 > s2 > e1\nwrong > x > e1x")
    instance = begin(read(start(), sub("s", middle), boundary("right", "s", escalation("b")), user("y"), end(),
                          end("e2"), flows("start > s > end\nright > y > e2"), events="escalation:a escalation:b"))
    do(instance, "work")
    assert offered(instance) == ["y"]


def test_a_cancelled_transaction_among_many_ends_them_all():
    inner = start("s1") + user("work") + end("e1", "<bpmn:cancelEventDefinition/>") + flows("s1 > work > e1")
    instance = begin(read(start(), node("transaction", "t", inner + many("items", "item")),
                          boundary("undone", "t", "<bpmn:cancelEventDefinition/>"), user("repair"), end(), end("e2"),
                          flows("start > t > end\nundone > repair > e2")), {"items": [1, 2]})
    do(instance, "work")
    assert offered(instance) == ["repair"]


def test_a_condition_at_a_border_sees_the_counters_and_tells_what_it_read():
    instance = begin(read(start(), user("a", many(times="3")),
                          boundary("half", "a", conditional("${nrOfCompletedInstances >= 2}"), interrupting=False),
                          user("b"), end(), end("e2"), flows("start > a > end\nhalf > b > e2")))
    do(instance, "a")
    assert offered(instance) == ["a", "a"]
    do(instance, "a")
    assert offered(instance) == ["a", "b"]
    assert told(instance, "half") == [{"nrOfCompletedInstances": 2}]


def test_a_condition_inside_of_a_called_process_sees_its_own_variables_only():
    child = read(start(), catch("w", conditional("${x == 1}")), user("work"), end(), flows("start > w > work > end"),
                 key="child")
    parent = read(start(), par("p"), call("c", "child"), user("a"), end(), end("e2"), flows(
        "start > p > c > end\np > a > e2"), key="parent")
    instance = begin(parent, {}, child)
    do(instance, "a", x=1)
    assert offered(instance) == []
    assert not instance.finished


def test_a_condition_that_is_neither_true_nor_false_is_an_incident():
    instance = begin(read(start(), user("a"), catch("w", conditional("${x}")), end(), flows("start > a > w > end")))
    with pytest.raises(Incident) as stopped:
        do(instance, "a", x=7)
    assert (stopped.value.code, stopped.value.facts["element"]) == ("engine.not_boolean", "w")


def test_a_condition_true_and_one_are_different_values():
    instance = begin(read(start(), par("p"), user("a"), boundary("c", "a", conditional("${y && x == 1}"),
                                                                interrupting=False),
                          user("h"), user("b"), end(), end("e2"), end("e3"), flows("""
        start > p > a > end
        p > b > e3
        c > h > e2""")), {"x": 0, "y": False})
    do(instance, "b", x=1, y=True)
    assert offered(instance) == ["a", "h"]


def test_a_loop_that_never_rests_is_stopped():
    instance = begin(read(start(), user("a"), node("task", "b", loop("${x}")), end(), flows("start > a > b > end")))
    with pytest.raises(Incident) as stopped:
        do(instance, "a", x=True)
    assert stopped.value.code == "engine.step_limit"


def test_a_timer_at_the_border_of_a_loop_ends_it_with_the_round_that_runs():
    instance = begin(read(start(), sub("s", WORK + loop("${again}")), boundary("late", "s", timer("P1D")), user("b"),
                          end(), end("e2"), flows("start > s > end\nlate > b > e2")), {"again": True})
    do(instance, "work")
    instance.wake(NOW + DAY)
    assert offered(instance) == ["b"]
    assert len(instance.run.subprocesses) == 0
