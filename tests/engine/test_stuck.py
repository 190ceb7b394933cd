"""A process is stuck when nothing can come any more, and not as long as something around could free it."""

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
    flows,
    many,
    message,
    node,
    offered,
    par,
    read,
    start,
    sub,
    timer,
    user,
    xor,
)
from workflows.engine.runtime import Instance
from workflows.errors import Incident

HALF = (start("s2"), xor("g2", default="g2__b2"), user("a2"), user("b2"), par("j2"), end("e2"), flows("""
    s2 > g2
    g2 > a2 ? x
    g2 > b2
    a2 > j2
    b2 > j2 > e2"""))
"""A join of two flows of which a choice takes one: its step done, the scope waits for ever."""


def stuck_at(instance: Instance, element: str, nth: int = 0) -> str:
    with pytest.raises(Incident) as stopped:
        do(instance, element, nth)
    assert stopped.value.code == "engine.stuck"
    return str(stopped.value.facts["element"])


def around(*beside: str, lines: str = "", activity: str = "") -> Instance:
    holder = activity or sub("inner", "".join(HALF))
    nodes = (start(), holder, end(), *beside, flows(f"start > inner > end\n{lines}"))
    return begin(read(*nodes, events="error:bad message:stop"), {"x": False})


def test_without_anything_around_it_is_an_incident_at_once() -> None:
    assert stuck_at(around(), "b2") == "j2"


def test_an_interrupting_timer_around_frees_it() -> None:
    instance = around(boundary("late", "inner", timer("P1D")), user("other"), end("e3"), lines="late > other > e3")
    do(instance, "b2")
    assert offered(instance) == []
    assert instance.wake(NOW + DAY) == 1
    assert offered(instance) == ["other"]


def test_a_message_around_frees_it() -> None:
    instance = around(boundary("late", "inner", message("stop")), user("other"), end("e3"), lines="late > other > e3")
    do(instance, "b2")
    instance.send("stop", {}, NOW)
    assert offered(instance) == ["other"]


def test_an_error_boundary_alone_frees_nothing() -> None:
    nodes = (boundary("late", "inner", error("bad")), user("other"), end("e3"))
    assert stuck_at(around(*nodes, lines="late > other > e3"), "b2") == "j2"


def test_a_timer_that_does_not_interrupt_frees_nothing_by_itself() -> None:
    nodes = (boundary("late", "inner", timer("P1D"), interrupting=False), user("other"), end("e3"))
    assert stuck_at(around(*nodes, lines="late > other > e3"), "b2") == "j2"


def test_an_event_subprocess_in_the_same_scope_frees_it_as_long_as_it_may_come() -> None:
    watch = sub("watch", start("ws", timer("P1D")) + user("w") + end("we") + flows("ws > w > we"),
                triggeredByEvent="true")
    instance = around(activity=sub("inner", "".join(HALF) + watch))
    do(instance, "b2")
    assert instance.wake(NOW + DAY) == 1
    assert offered(instance) == ["w"]
    do(instance, "w")
    assert instance.finished


def test_an_error_thrown_beside_it_in_the_same_activity_frees_it() -> None:
    watch = sub("watch", start("ws", timer("P1D"), isInterrupting="false") + end("we", error("bad"))
                + flows("ws > we"), triggeredByEvent="true")
    nodes = (boundary("late", "inner", error("bad")), user("other"), end("e3"))
    instance = around(*nodes, lines="late > other > e3", activity=sub("inner", "".join(HALF) + watch))
    do(instance, "b2")
    assert instance.wake(NOW + DAY) == 1
    assert offered(instance) == ["other"]


@pytest.mark.parametrize("terminates", [True, False])
def test_another_branch_that_ends_all_frees_it_and_one_that_does_not_is_told(terminates: bool) -> None:
    last = node("endEvent", "stop", "<bpmn:terminateEventDefinition/>") if terminates else end("stop")
    instance = begin(read(
        start(), par("p"), sub("inner", "".join(HALF)), user("c"), end(), last,
        flows("start > p > inner > end\np > c > stop"),
    ), {"x": False})  # fmt: skip
    if not terminates:
        assert stuck_at(instance, "b2") == "j2"
        return
    do(instance, "b2")
    do(instance, "c")
    assert instance.finished


def test_a_round_that_may_be_over_early_frees_one_that_hangs() -> None:
    instance = begin(read(
        start(), sub("inner", many("${list}", "item", until="${nrOfCompletedInstances == 1}") + "".join((
            start("s2"), user("a2"), xor("g2", default="g2__q2"), xor("q2", default="q2__f2"), par("j2"), end("e2"),
            end("f2"), flows("s2 > a2 > g2\ng2 > j2 ? y\ng2 > q2\nq2 > j2 ? y\nq2 > f2\nj2 > e2"),
        ))), end(), flows("start > inner > end"),
    ), {"list": ["甲", "乙"], "y": False})  # fmt: skip
    do(instance, "a2", y=True)
    assert offered(instance) == ["a2"]
    do(instance, "a2", y=False)
    assert instance.finished


def test_in_a_called_process_the_border_of_the_call_counts() -> None:
    called = read(*HALF, key="half")
    nodes = (start(), call("inner", "half", '<camunda:in variables="all"/>'), boundary("late", "inner", timer("P1D")),
             end(), end("e3"), flows("start > inner > end\nlate > e3"))
    instance = begin(read(*nodes), {"x": False}, called)
    do(instance, "b2")
    assert instance.wake(NOW + DAY) == 1
    assert instance.finished


def test_when_the_last_that_could_free_it_is_gone_it_is_told() -> None:
    instance = begin(read(
        start(), par("p"), sub("inner", "".join(HALF)), user("c"), xor("g", default="g__done"), end(), end("done"),
        node("endEvent", "stop", "<bpmn:terminateEventDefinition/>"),
        flows("start > p > inner > end\np > c > g\ng > stop ? x\ng > done"),
    ), {"x": False})  # fmt: skip
    do(instance, "b2")
    assert stuck_at(instance, "c") == "j2"
