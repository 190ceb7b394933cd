"""What a package needs of the processes around it: no circle of calls, nobody waits for what nobody sends."""

from __future__ import annotations

import pytest

from tests.diagrams.test_library import ADMIN
from tests.engine.drawing import boundary, catch, end, flows, message, read, signal, start, throw, user
from workflows.diagrams import library, neighbours
from workflows.engine.definition import Definition
from workflows.engine.package import Package
from workflows.errors import DiagramRefused, Problem
from workflows.store import Store


def called_from(key: str, calling: str) -> Package:
    """The penalty procedure under another key, whose call of the collective decision calls something else."""

    def renamed(text: str) -> str:
        text = text.replace('calledElement="collective_decision"', f'calledElement="{calling}"')
        return text.replace('<bpmn:process id="penalty"', f'<bpmn:process id="{key}"').replace(
            'processRef="penalty"', f'processRef="{key}"').replace("key: penalty", f"key: {key}", 1)

    files = library.shipped()["penalty"].files
    names = {"penalty.bpmn": f"{key}.bpmn"}
    return Package(key, {names.get(name, name): renamed(data.decode()).encode() if name in (
        "penalty.bpmn", "process.yaml") else data for name, data in files.items()})


def test_a_process_that_calls_itself_is_refused_where_it_does(sqlite_store: Store) -> None:
    with sqlite_store.work() as session:
        library.publish_shipped(session)
        with pytest.raises(DiagramRefused) as caught:
            library.publish(session, called_from("penalty", "penalty"), ADMIN, "试")
        nodes = library.current(session, "penalty").nodes.values()
        calls = [node for node in nodes if node.call and node.call.key == "collective_decision"]
        found = [(problem.facts["circle"], problem.place, problem.line) for problem in caught.value.problems]
        assert found == [("penalty → penalty", f"penalty.bpmn#{call.id}", call.element.line) for call in calls]
        assert {problem.code for problem in caught.value.problems} == {"diagram.call_circle"}


def test_processes_that_call_each_other_in_a_circle_are_refused_naming_the_way_round(sqlite_store: Store) -> None:
    with sqlite_store.work() as session:
        library.publish_shipped(session)
        circular = called_from("collective_decision", "penalty")
        with pytest.raises(DiagramRefused) as caught:
            library.publish(session, circular, ADMIN, "试")
        assert {problem.facts["circle"] for problem in caught.value.problems} == {
            "collective_decision → penalty → collective_decision"}
        assert library.current(session, "collective_decision").hash != circular.hash


def waits(*more: str, events: str = "message:answer\nsignal:stop") -> Definition:
    """A process that waits for a message and, at its border, for a signal."""
    return read(
        start(), catch("wait", message("answer")), user("a"), boundary("stopped", "a", signal("stop")), end(),
        end("e2"), *more, flows("start > wait > a > end\nstopped > e2"), events=events,
    )  # fmt: skip


def sends(key: str, *thrown: str) -> Definition:
    """A process that sends something."""
    events = "message:answer\nsignal:stop"
    line = " > ".join(["start", *(f"t{place}" for place in range(len(thrown))), "end"])
    throws = [throw(f"t{place}", one) for place, one in enumerate(thrown)]
    return read(start(), *throws, end(), flows(line), key=key, events=events)


def told(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.code, problem.place.partition("#")[2]) for problem in problems]


def test_who_waits_for_what_nobody_sends_is_refused_where_it_waits() -> None:
    found = neighbours.never_sent(waits())
    assert told(found) == [("diagram.message_never_sent", "wait"), ("diagram.signal_never_sent", "stopped")]
    assert {problem.facts["name"] for problem in found} == {"answer", "stop"}
    assert all(problem.line for problem in found)


def test_what_the_process_itself_or_another_one_sends_may_be_waited_for() -> None:
    one, both = sends("one", signal("stop")), sends("both", signal("stop"), message("answer"))
    assert told(neighbours.never_sent(waits(), [one])) == [("diagram.message_never_sent", "wait")]
    assert neighbours.never_sent(waits(), [one, both]) == []
    assert neighbours.never_sent(both) == []


def test_a_signal_is_no_message_of_the_same_name() -> None:
    waiting = read(start(), catch("wait", message("x")), throw("t", signal("x")), end(),
                   flows("start > t > wait > end"), events="message:x\nsignal:x")  # fmt: skip
    assert told(neighbours.never_sent(waiting)) == [("diagram.message_never_sent", "wait")]


def test_it_is_refused_when_it_is_published(sqlite_store: Store) -> None:
    """The penalty procedure, with an event beside its call that nobody sets off."""
    shipped = library.shipped()["penalty"]
    with sqlite_store.work() as session:
        library.publish_shipped(session)
        call = next(node for node in library.current(session, "penalty").nodes.values() if node.call)
        drawn = (
            f'<bpmn:boundaryEvent id="late_answer" attachedToRef="{call.id}"><bpmn:outgoing>late</bpmn:outgoing>'
            '<bpmn:messageEventDefinition messageRef="message_answer"/></bpmn:boundaryEvent>'
            '<bpmn:endEvent id="late_end"><bpmn:incoming>late</bpmn:incoming></bpmn:endEvent>'
            '<bpmn:sequenceFlow id="late" sourceRef="late_answer" targetRef="late_end"/></bpmn:process>'
        )
        text = shipped.files["penalty.bpmn"].decode().replace("</bpmn:process>", drawn, 1)
        sent = '<bpmn:message id="message_answer" name="answer"/>'
        text = text.replace("</bpmn:definitions>", f"{sent}</bpmn:definitions>")
        with pytest.raises(DiagramRefused) as caught:
            library.publish(session, Package("penalty", {**shipped.files, "penalty.bpmn": text.encode()}), ADMIN, "试")
        places = {problem.code: problem.place for problem in caught.value.problems}
        assert places["diagram.message_never_sent"] == "penalty.bpmn#late_answer"
