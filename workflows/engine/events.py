"""Reads events: what they wait for, and what they throw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from lxml import etree

from workflows.engine.allowed import BPMN, CAMUNDA, local
from workflows.engine.elements import Drawn, Thrown, Timer, Trigger
from workflows.engine.moments import read_cycle, read_duration, read_moment
from workflows.engine.reader import Reader, is_literal
from workflows.engine.variables import may_name
from workflows.errors import Invalid

_TIMES: dict[str, Callable[[str], object]] = {
    "timeDate": read_moment, "timeDuration": read_duration, "timeCycle": read_cycle,
}


def read(reader: Reader, node: etree._Element, drawn: Drawn) -> Drawn:
    """`drawn` with the event's definition (gateways have none)."""
    definitions = [child for child in node if local(child).endswith("EventDefinition")]
    if len(definitions) > 1:
        reader.refuse("diagram.event_definitions", node, found=len(definitions))
    definition = definitions[0] if definitions else None
    if definition is not None and local(definition) == "linkEventDefinition":
        return replace(drawn, link=(definition.get("name") or "").strip())
    if drawn.element.kind in ("endEvent", "intermediateThrowEvent"):
        return replace(drawn, throws=_thrown(reader, definition) if definition is not None else None)
    attribute = "isInterrupting" if drawn.element.kind == "startEvent" else "cancelActivity"
    return replace(
        drawn, trigger=trigger(reader, definition) if definition is not None else None,
        attached_to=node.get("attachedToRef"), interrupting=node.get(attribute, "true") == "true",
    )


def trigger(reader: Reader, definition: etree._Element) -> Trigger | None:
    """What a catching event waits for; None if that could not be read (then it is noted)."""
    match local(definition):
        case "timerEventDefinition":
            timer = _timer(reader, definition)
            return Trigger("timer", timer=timer) if timer else None
        case "errorEventDefinition":
            return _coded(reader, definition, "error", reader.errors)
        case "escalationEventDefinition":
            return _coded(reader, definition, "escalation", reader.escalations)
        case "messageEventDefinition":
            return message(reader, definition)
        case "conditionalEventDefinition":
            return _condition(reader, definition)
        case "cancelEventDefinition":
            return Trigger("cancel")
    name = _reference(reader, definition, "signalRef", reader.signals)
    return Trigger("signal", name) if name else None


def message(reader: Reader, node: etree._Element) -> Trigger | None:
    """The message that an event definition or a receive task refers to."""
    name = _reference(reader, node, "messageRef", reader.messages)
    return Trigger("message", name) if name else None


def _reference(reader: Reader, node: etree._Element, attribute: str, known: Mapping[str, str]) -> str:
    name = known.get(node.get(attribute, ""), "")
    if not name:
        reader.refuse("diagram.event_reference", node, tag=local(node))
    return name


def _coded(
    reader: Reader, definition: etree._Element, kind: Literal["error", "escalation"], known: Mapping[str, str]
) -> Trigger:
    """An error or escalation that is caught; without a reference any is."""
    code = _reference(reader, definition, f"{kind}Ref", known) if definition.get(f"{kind}Ref") is not None else None
    variable = definition.get(f"{CAMUNDA}{kind}CodeVariable")
    if variable is not None and not may_name(variable):
        reader.refuse("diagram.variable_name", definition, name=variable)
    return Trigger(kind, code, code_variable=variable)


def _condition(reader: Reader, definition: etree._Element) -> Trigger | None:
    written, only = definition.find(f"{BPMN}condition"), definition.get(f"{CAMUNDA}variableName")
    if written is None:
        reader.refuse("diagram.condition_empty", definition)
        return None
    condition = reader.condition(written)
    if only is not None and not may_name(only):
        reader.refuse("diagram.variable_name", definition, name=only)
    if condition is None:
        return None
    return Trigger("condition", condition=condition, watched=frozenset({only}) if only else condition.names)


def _thrown(reader: Reader, definition: etree._Element) -> Thrown:
    match local(definition):
        case "terminateEventDefinition":
            return Thrown("terminate")
        case "cancelEventDefinition":
            return Thrown("cancel")
        case "errorEventDefinition":
            return Thrown("error", _reference(reader, definition, "errorRef", reader.errors))
        case "escalationEventDefinition":
            return Thrown("escalation", _reference(reader, definition, "escalationRef", reader.escalations))
        case "messageEventDefinition":
            return Thrown("message", _reference(reader, definition, "messageRef", reader.messages))
    return Thrown("signal", _reference(reader, definition, "signalRef", reader.signals))


def _timer(reader: Reader, definition: etree._Element) -> Timer | None:
    written = [child for child in definition if local(child) in _TIMES]
    if len(written) != 1 or not (written[0].text or "").strip():
        reader.refuse("timer.missing", definition)
        return None
    expression = reader.value(written[0].text, written[0])
    if expression is None:
        return None
    if is_literal(expression):
        try:
            _TIMES[local(written[0])](str(expression.evaluate({})))
        except Invalid as error:
            reader.refuse(error.code, written[0], **error.facts)
    kind = local(written[0])
    return Timer("date" if kind == "timeDate" else "duration" if kind == "timeDuration" else "cycle", expression)
