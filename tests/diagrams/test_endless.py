"""Loops that go round without end, and events that never come, are found; loops that can end are not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from tests.diagrams.spoiling import Edit, drawn, flow, led, spoiled, timer
from workflows.diagrams import library, reading, soundness, soundness_data, soundness_rest, statutory
from workflows.diagrams.proof import Finding
from workflows.diagrams.soundness_drawing import scene
from workflows.diagrams.soundness_space import explore
from workflows.diagrams.statutory_rules import law
from workflows.engine.definition import Definition

REVIEW = "legal_review"
INTO, OUT = "after_initial_to_counsel_review", "counsel_review"
"""Where an opinion leads that goes on to counsel, any but return and refer: the flow in, and where one comes out."""
LATER, AGREED = "${initial_opinion != 'agree'}", "${initial_opinion == 'agree'}"


@cache
def shipped() -> Mapping[str, Definition]:
    packages = library.shipped()
    return {key: reading.check(package, set(packages)) for key, package in packages.items()}


def found_in(*edits: Edit) -> list[Finding]:
    definition = reading.check(spoiled(REVIEW, *edits), set(shipped()))
    space = explore(scene(definition, shipped()))
    unsound = [*soundness.judge(space), *soundness_rest.check(space)]
    return unsound or list(soundness_data.check(space, law(), opening=False))


def between(xml: str, first: str) -> tuple[Edit, ...]:
    return drawn(xml), led(INTO, first)


def choice(id: str, default: str, *others: tuple[str, str]) -> str:
    """A gateway, its default flow and conditional ones, as XML."""
    flows = flow(id, default) + "".join(flow(id, target, condition) for target, condition in others)
    return f'<bpmn:exclusiveGateway id="{id}" default="{id}__{default}"/>{flows}'


def step(id: str, to: str = "") -> str:
    return (f'<bpmn:userTask id="{id}" name="{id}" camunda:candidateGroups="legal_reviewer"/>'
            + (flow(id, to) if to else ""))  # fmt: skip


def waits(id: str, condition: str, to: str = "") -> str:
    return (f'<bpmn:intermediateCatchEvent id="{id}" name="{id}"><bpmn:conditionalEventDefinition><bpmn:condition '
            f'xsi:type="bpmn:tFormalExpression">{condition}</bpmn:condition></bpmn:conditionalEventDefinition>'
            f"</bpmn:intermediateCatchEvent>{flow(id, to) if to else ''}")  # fmt: skip


def later(id: str, to: str) -> str:
    return (f'<bpmn:intermediateCatchEvent id="{id}"><bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:time'
            f"Duration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>{flow(id, to)}")  # fmt: skip


ROUND = choice("g", "h", (OUT, LATER))
ENDLESS = {
    "gateways go round": (ROUND + '<bpmn:exclusiveGateway id="h"/>' + flow("h", "g"), "no_rest", "g"),
    "a table is asked again and again":
        (choice("g", "ask", (OUT, "${complete}")) + '<bpmn:manualTask id="ask" name="问"/>' + flow("ask", "g"),
         "no_rest", "g"),
    "the only way out was closed on entering": (ROUND + step("h", "g"), "never_ends", "g"),
    "a timer goes round, and nothing else": (ROUND + later("h", "g"), "never_ends", "g"),
    "both ways out were closed": (
        choice("g", "h", (OUT, LATER)) + step("h", "i") + choice("i", "g", (OUT, "${initial_opinion == 'refer'}")),
        "never_ends", "i"),
    "of two branches one never ends": (
        '<bpmn:parallelGateway id="split"/><bpmn:parallelGateway id="join"/>' + flow("split", "g") + flow("split", "b")
        + step("b", "join") + choice("g", "h", ("join", LATER)) + step("h", "g") + flow("join", OUT),
        "never_ends", ""),
    "an event whose condition is nothing but false": (waits("g", "${1 == 2}", OUT), "waits_forever", "g"),
    "an event that no opinion brings": (waits("g", "${initial_opinion == 'never'}", OUT), "never_ends", "g"),
    "an event that an opinion has ruled out": (
        choice("g", OUT, ("h", AGREED)) + waits("h", "${initial_opinion == 'correct'}", OUT), "never_ends", "h"),
}  # fmt: skip
ENDING = {
    "somebody writes in the loop what leads out of it": ROUND + step("h", "initial_review"),
    "who may be held up can give up": ROUND + step("h", "g") + timer("late", "h") + flow("late", OUT),
    "the loop is entered only where its way out is open":
        choice("f", "g", (OUT, AGREED)) + choice("g", "h", (OUT, LATER)) + step("h", "g"),
    "an event that comes": choice("g", OUT, ("h", AGREED)) + waits("h", AGREED, OUT),
    "an event that never comes, and one that does":
        '<bpmn:eventBasedGateway id="g"/>' + flow("g", "h") + flow("g", "i")
        + waits("h", "${initial_opinion == 'never'}", OUT) + later("i", OUT),
    "one after the other in a subprocess": (
        '<bpmn:subProcess id="g" name="逐项"><bpmn:startEvent id="g0"/><bpmn:manualTask id="g1" name="做"/>'
        f'<bpmn:endEvent id="g2"/>{flow("g0", "g1")}{flow("g1", "g2")}'
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality '
        'xsi:type="bpmn:tFormalExpression">3</bpmn:loopCardinality>'
        "</bpmn:multiInstanceLoopCharacteristics></bpmn:subProcess>" + flow("g", OUT)),
}  # fmt: skip


@pytest.mark.parametrize(("xml", "code", "element"), ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_found_with_the_way_to_it(xml: str, code: str, element: str) -> None:
    found = found_in(*between(xml, "g" if "split" not in xml else "split"))
    one = next((one for one in found if one.code == f"soundness.{code}"), None)
    assert one is not None and element in ("", one.element), [(one.code, one.element) for one in found]
    path = [step.id for step in one.path]
    assert "initial_review" in path and "after_initial" in path[path.index("initial_review") :], path


@pytest.mark.parametrize("xml", ENDING.values(), ids=ENDING)
def test_what_can_end_is_not_blamed(xml: str) -> None:
    first = "f" if 'id="f"' in xml else "g"
    assert [one.code for one in found_in(*between(xml, first))] == []


def test_it_says_with_which_outcome() -> None:
    (one,) = found_in(*between(ROUND + step("h", "g"), "g"))
    assert one.facts["values"] == "initial_opinion = agree"


def test_the_shipped_processes_end() -> None:
    for definition in shipped().values():
        space, opening = explore(scene(definition, shipped())), statutory.opens_cases(definition)
        assert [*soundness_rest.check(space), *soundness_data.check(space, law(), opening=opening)] == []
