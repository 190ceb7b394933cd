"""Timers, messages, signals, errors, ends: what comes from outside of the flow, and what interrupts it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.drawing import (
    DAY,
    HOUR,
    NOW,
    begin,
    boundary,
    call,
    catch,
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
    signal,
    start,
    sub,
    timer,
    user,
    xor,
)
from workflows.engine.moments import Duration
from workflows.engine.runtime import Instance
from workflows.errors import Incident, Invalid, Stale


def reminded(definition: str, *, interrupting: bool) -> tuple[str, ...]:
    return (start(), user("a"), boundary("late", "a", definition, interrupting=interrupting), user("b"), end(),
            end("e2"),
            flows("""
        start > a > end
        late > b > e2"""))


def test_an_interrupting_timer_takes_the_step_away():
    instance = begin(read(*reminded(timer("P7D"), interrupting=True)))
    assert instance.next_due() == NOW + 7 * DAY
    assert instance.wake(NOW + 7 * DAY - timedelta(seconds=1)) == 0
    taken = instance.steps()[0].id
    assert instance.wake(NOW + 7 * DAY) == 1
    assert offered(instance) == ["b"]
    assert instance.withdrawn == [taken]
    assert instance.next_due() is None
    late = next(passed for passed in instance.trace if passed.element_id == "late")
    assert late.inputs == {"due": (NOW + 7 * DAY).isoformat()}


def test_a_timer_that_does_not_interrupt_leaves_the_step():
    instance = begin(read(*reminded(timer("P7D"), interrupting=False)))
    instance.wake(NOW + 8 * DAY)
    assert offered(instance) == ["a", "b"]
    do(instance, "a")
    assert not instance.finished
    do(instance, "b")
    assert instance.finished


def test_the_timer_of_a_step_that_was_done_never_fires():
    instance = begin(read(*reminded(timer("P7D"), interrupting=True)))
    do(instance, "a")
    assert instance.finished
    assert instance.next_due() is None


def test_a_repeated_timer_fires_as_often_as_it_says():
    instance = begin(read(*reminded(timer("R3/PT1H", "timeCycle"), interrupting=False)))
    for hour in range(1, 4):
        assert instance.next_due() == NOW + hour * HOUR
        assert instance.wake(NOW + hour * HOUR) == 1
        assert offered(instance) == ["a", *["b"] * hour]
    assert instance.next_due() is None
    assert instance.wake(NOW + DAY) == 0


def test_repetitions_missed_while_nobody_looked_are_made_up_by_one():
    instance = begin(read(*reminded(timer("R/PT1M", "timeCycle"), interrupting=False)))
    assert instance.wake(NOW + 2 * DAY) == 1
    assert offered(instance) == ["a", "b"]
    assert instance.next_due() == NOW + 2 * DAY + timedelta(minutes=1)


@given(
    st.integers(0, 3_652 * 86_400), st.integers(1, 14), st.integers(0, 3),
    st.lists(st.integers(0, 100), min_size=1, max_size=12),
)  # fmt: skip
def test_a_cycle_is_counted_from_its_beginning_and_never_drifts(seconds, months, days, delays):
    """31 January and a month is in February, and two months is 31 March."""
    begun = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    text = f"R/P{months}M{days}D"
    definition = read(*reminded(timer(text, "timeCycle"), interrupting=False))
    instance = Instance.start(definition, {}, {}, begun)
    moments = [Duration(months * nth, days * nth, 0).after(begun) for nth in range(1, 200)]
    for delay in delays:
        due = instance.next_due()
        assert due in moments
        instance.wake(due + delay * DAY)
        assert instance.next_due() == next(moment for moment in moments if moment > due + delay * DAY)


def test_a_cycle_that_an_earlier_version_began_goes_on_from_its_next_moment():
    instance = begin(read(*reminded(timer("R5/P1M", "timeCycle"), interrupting=False)))
    (waiting,) = [task for task in instance.run.tokens() if "every" in task.internal_data]
    for name in ("since", "nth"):
        del waiting.internal_data[name]
    due = [instance.next_due()]
    for _ in range(4):
        assert instance.wake(due[-1]) == 1
        due.append(instance.next_due())
    assert due == [datetime(2026, month, 2, 1, tzinfo=UTC) for month in range(4, 9)]
    assert instance.wake(due[-1]) == 1
    assert instance.next_due() is None


@pytest.mark.parametrize(("text", "kind", "due"), [
    ("P7D", "timeDuration", NOW + 7 * DAY),
    ("P1M2D", "timeDuration", datetime(2026, 4, 4, 1, tzinfo=UTC)),
    ("P1W", "timeDuration", NOW + 7 * DAY),
    ("PT36H", "timeDuration", NOW + 36 * HOUR),
    ("${days}", "timeDuration", NOW + 3 * DAY),
    ("P${number}D", "timeDuration", NOW + 5 * DAY),
    ("2026-04-01T09:00:00", "timeDate", datetime(2026, 4, 1, 1, tzinfo=UTC)),
    ("2026-04-01T09:00:00+00:00", "timeDate", datetime(2026, 4, 1, 9, tzinfo=UTC)),
    ("2026-04-01", "timeDate", datetime(2026, 3, 31, 16, tzinfo=UTC)),
    ("${due}", "timeDate", datetime(2026, 5, 1, 2, 30, tzinfo=UTC)),
])
def test_due_moments_are_computed_from_now_and_read_in_shanghai(text, kind, due):
    instance = begin(read(*reminded(timer(text, kind), interrupting=True)),
                     {"days": "P3D", "number": 5, "due": "2026-05-01T10:30:00"})
    assert instance.next_due() == due


def test_a_month_after_the_31st_is_the_last_day_of_the_next():
    definition = read(*reminded(timer("P1M"), interrupting=True))
    instance = Instance.start(definition, {}, {}, datetime(2026, 1, 31, 4, tzinfo=UTC))
    assert instance.next_due() == datetime(2026, 2, 28, 4, tzinfo=UTC)


def test_a_due_moment_stays_when_its_variable_changes():
    nodes = (start(), par("s"), user("a"), boundary("late", "a", timer("${due}", "timeDate")), user("b"), user("c"),
             par("j"), end(), end("e2"), flows("""
        start > s > a > j
        s > c > j > end
        late > b > e2"""))
    instance = begin(read(*nodes), {"due": "2026-04-01T09:00:00"})
    do(instance, "c", due="2030-01-01T00:00:00")
    assert instance.next_due() == datetime(2026, 4, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("value", "code"), [("soon", "timer.moment"), (7, "timer.not_text"), (None, "timer.not_text")])
def test_a_moment_that_cannot_be_read_is_an_incident_at_its_element(value, code):
    with pytest.raises(Incident) as stopped:
        begin(read(*reminded(timer("${due}", "timeDate"), interrupting=True)), {"due": value})
    assert (stopped.value.code, stopped.value.facts["element"]) == (code, "late")


def test_two_timers_due_at_once_fire_in_the_order_of_their_moments():
    nodes = (start(), user("a"), boundary("late", "a", timer("P2D")),
             boundary("remind", "a", timer("P1D"), interrupting=False),
             user("b"), user("c"), end(), end("e2"), end("e3"), flows("""
        start > a > end
        late > b > e2
        remind > c > e3"""))
    instance = begin(read(*nodes))
    assert instance.wake(NOW + 3 * DAY) == 2
    assert [passed.element_id for passed in instance.trace] == ["start", "remind", "late"]
    assert offered(instance) == ["b", "c"]


def test_an_intermediate_timer_holds_the_token():
    instance = begin(read(start(), catch("wait", timer("PT1H")), user("a"), end(), flows("start > wait > a > end")))
    assert offered(instance) == []
    assert [live.element_id for live in instance.live()] == ["wait"]
    instance.wake(NOW + HOUR)
    assert offered(instance) == ["a"]


@pytest.mark.parametrize("now", [datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)])
def test_only_the_given_moment_counts_never_the_clock_of_the_machine(now):
    instance = Instance.start(read(*reminded(timer("PT1H"), interrupting=True)), {}, {}, now)
    assert instance.wake(now + timedelta(minutes=59)) == 0
    assert instance.wake(now + HOUR) == 1


def test_a_message_is_delivered_to_the_one_that_waits_for_it():
    nodes = (start(), catch("wait", message("reply")), user("a"), end(), flows("start > wait > a > end"))
    instance = begin(read(*nodes, events="message:reply"))
    assert instance.awaited() == {"reply"}
    with pytest.raises(Stale) as refused:
        instance.send("other", {}, NOW)
    assert refused.value.code == "engine.not_awaited"
    instance.send("reply", {"answer": "yes"}, NOW)
    assert offered(instance) == ["a"]
    assert instance.variables == {"answer": "yes"}


def test_a_message_that_two_wait_for_is_refused_a_signal_reaches_both():
    def two(definition: str) -> tuple[str, ...]:
        return (start(), par("s"), catch("w1", definition), catch("w2", definition), par("j"), user("a"), end(),
                flows("""
            start > s > w1 > j
            s > w2 > j > a > end"""))
    instance = begin(read(*two(message("m")), events="message:m"))
    with pytest.raises(Invalid) as refused:
        instance.send("m", {}, NOW)
    assert refused.value.code == "engine.ambiguous"
    instance = begin(read(*two(signal("s")), events="signal:s"))
    instance.send("s", {}, NOW)
    assert offered(instance) == ["a"]


def test_a_message_and_a_signal_of_one_name_are_not_taken_for_each_other():
    nodes = (start(), par("s"), catch("w1", message("x")), catch("w2", signal("x")), par("j"), user("a"), end(),
             flows("start > s > w1 > j\ns > w2 > j > a > end"))
    instance = begin(read(*nodes, events="message:x\nsignal:x"))
    with pytest.raises(Invalid) as refused:
        instance.send("x", {}, NOW)
    assert refused.value.code == "engine.ambiguous"


def test_a_receive_task_waits_for_its_message():
    nodes = (start(), node("receiveTask", "wait", messageRef="message_m"), user("a"), end(),
             flows("start > wait > a > end"))
    instance = begin(read(*nodes, events="message:m"))
    instance.send("m", {}, NOW)
    assert offered(instance) == ["a"]


def test_an_event_based_gateway_goes_the_way_of_what_comes_first():
    nodes = (start(), node("eventBasedGateway", "g"), catch("m1", message("m")), catch("t1", timer("P1D")), user("a"),
             user("b"),
             end(), end("e2"), flows("""
        start > g > m1 > a > end
        g > t1 > b > e2"""))
    definition = read(*nodes, events="message:m")
    instance = begin(definition)
    instance.send("m", {}, NOW)
    assert (offered(instance), instance.next_due()) == (["a"], None)
    instance = begin(definition)
    instance.wake(NOW + DAY)
    assert (offered(instance), instance.awaited()) == (["b"], frozenset())


def failing(*, catching: str, thrown: str = "bad") -> tuple[str, ...]:
    inner = (start("s1") + par("p") + user("work") + user("check") + end("ok", error(thrown)) + end("fine") + flows("""
        s1 > p > work > ok
        p > check > fine"""))
    return (start(), sub("s", inner), boundary("caught", "s", catching), user("normal"), user("repair"), end(),
            end("e2"),
            flows("""
        start > s > normal > end
        caught > repair > e2"""))


@pytest.mark.parametrize("catching", [error("bad"), error()])
def test_an_error_end_is_caught_at_the_border_of_its_subprocess(catching):
    instance = begin(read(*failing(catching=catching), events="error:bad"))
    do(instance, "work")
    assert offered(instance) == ["repair"], "the other branch inside is gone"


def test_an_error_nobody_catches_is_an_incident():
    instance = begin(read(*failing(catching=error("other")), events="error:bad error:other"))
    with pytest.raises(Incident) as stopped:
        do(instance, "work")
    assert (stopped.value.code, stopped.value.facts["error"]) == ("engine.error_uncaught", "bad")


def test_an_error_crosses_a_call_and_brings_the_mapped_variables_and_its_code():
    child = read(start(), user("work"), end("end", error("bad")), flows("start > work > end"), key="child",
                 events="error:bad")
    parent = read(start(), call("c", "child", '<camunda:out source="why" target="reason"/>'),
                  boundary("caught", "c", error("bad", ' camunda:errorCodeVariable="code"')), user("normal"),
                  user("repair"),
                  end(), end("e2"), flows("""
        start > c > normal > end
        caught > repair > e2"""), events="error:bad", key="parent")
    instance = begin(parent, {}, child)
    do(instance, "work", why="no evidence")
    assert offered(instance) == ["repair"]
    assert instance.variables == {"reason": "no evidence", "code": "bad"}


def test_a_terminate_end_ends_its_own_scope_only():
    inner = (start("s1") + par("p") + user("a") + user("b") + node("endEvent", "stop",
                                                                   "<bpmn:terminateEventDefinition/>")
             + end("fine") + flows("""
        s1 > p > a > stop
        p > b > fine"""))
    instance = begin(read(start(), sub("s", inner), user("after"), end(), flows("start > s > after > end")))
    do(instance, "a")
    assert offered(instance) == ["after"]


def test_a_terminate_end_of_the_process_ends_all():
    nodes = (start(), par("p"), user("a"), user("b"), node("endEvent", "stop", "<bpmn:terminateEventDefinition/>"),
             end(),
             flows("""
        start > p > a > stop
        p > b > end"""))
    instance = begin(read(*nodes))
    do(instance, "a")
    assert instance.finished
    assert instance.steps() == []


def watched(definition: str, *, interrupting: bool) -> tuple[str, ...]:
    handling = start("es", definition, isInterrupting=str(interrupting).lower()) + user("handle") + end("ee") + flows(
        "es > handle > ee")
    return (start(), user("a"), user("b"), end(), sub("watch", handling, triggeredByEvent="true"),
            flows("start > a > b > end"))


def test_an_event_subprocess_that_does_not_interrupt_runs_beside_the_flow_each_time():
    instance = begin(read(*watched(message("m"), interrupting=False), events="message:m"))
    instance.send("m", {"x": 1}, NOW)
    instance.send("m", {"x": 2}, NOW)
    assert offered(instance) == ["a", "handle", "handle"]
    do(instance, "handle")
    do(instance, "a")
    do(instance, "b")
    assert not instance.finished, "what runs beside must end too"
    do(instance, "handle")
    assert instance.finished
    assert instance.variables == {"x": 2}


def test_an_interrupting_event_subprocess_ends_the_flow_around_it():
    instance = begin(read(*watched(message("m"), interrupting=True), events="message:m"))
    instance.send("m", {}, NOW)
    assert offered(instance) == ["handle"]
    assert instance.awaited() == frozenset()
    do(instance, "handle")
    assert instance.finished


def test_an_event_subprocess_on_a_timer_starts_when_it_is_due():
    instance = begin(read(*watched(timer("P1D"), interrupting=False)))
    assert instance.wake(NOW + DAY) == 1
    assert offered(instance) == ["a", "handle"]
    assert instance.next_due() is None


def test_an_event_subprocess_that_nothing_started_keeps_nothing_alive():
    instance = begin(read(*watched(message("m"), interrupting=False), events="message:m"))
    do(instance, "a")
    do(instance, "b")
    assert instance.finished
    with pytest.raises(Stale):
        instance.send("m", {}, NOW)


def test_an_error_starts_an_event_subprocess_around_it():
    inner = start("s1") + user("work") + end("bad", error("bad")) + flows("s1 > work > bad")
    handling = start("es", error("bad")) + user("handle") + end("ee") + flows("es > handle > ee")
    instance = begin(read(start(), sub("s", inner), user("after"), end(),
                          sub("watch", handling, triggeredByEvent="true"),
                          flows("start > s > after > end"), events="error:bad"))
    assert offered(instance) == ["work"], "it does not start by itself"
    do(instance, "work")
    assert offered(instance) == ["handle"]


def test_a_boundary_timer_ends_a_called_process_with_everything_in_it():
    child = read(start(), par("p"), user("x"), user("y"), par("j"), end(), flows("""
        start > p > x > j
        p > y > j > end"""), key="child")
    parent = read(start(), call("c", "child"), boundary("late", "c", timer("P1D")), user("next"), user("normal"), end(),
                  end("e2"), flows("""
        start > c > normal > end
        late > next > e2"""), key="parent")
    instance = begin(parent, {}, child)
    do(instance, "x")
    instance.wake(NOW + DAY)
    assert offered(instance) == ["next"]
    assert len(instance.run.subprocesses) == 0


def test_an_error_in_one_of_many_subprocesses_ends_them_all_at_their_common_border():
    inner = start("s1") + user("work") + xor("g", default="g__fine") + end("bad",
                                                                           error("bad")) + end("fine") + flows("""
        s1 > work > g
        g > bad ? wrong
        g > fine""")
    instance = begin(read(start(), sub("s", inner + many("items", "item")), boundary("caught", "s", error()),
                          user("repair"),
                          user("after"), end(), end("e2"), flows("""
        start > s > after > end
        caught > repair > e2"""), events="error:bad"), {"items": [1, 2, 3]})
    do(instance, "work", 0, wrong=False)
    do(instance, "work", 0, wrong=True)
    assert offered(instance) == ["repair"]
    assert len(instance.run.subprocesses) == 0


def test_the_boundary_that_names_the_error_is_asked_before_the_one_that_takes_any():
    inner = start("s1") + user("work") + end("bad", error("bad")) + flows("s1 > work > bad")
    instance = begin(read(start(), sub("s", inner), boundary("any", "s", error()), boundary("this", "s", error("bad")),
                          user("a"), user("b"), end(), end("e2"), end("e3"), flows("""
        start > s > end
        any > a > e2
        this > b > e3"""), events="error:bad"))
    do(instance, "work")
    assert offered(instance) == ["b"]
