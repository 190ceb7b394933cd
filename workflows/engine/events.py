"""Reads events: what they wait for, and what they throw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from workflows.engine.allowed import CAMUNDA, local
from workflows.engine.elements import Drawn, Timer, Trigger
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
    if drawn.element.kind == "endEvent":
        return _end(reader, drawn, definition)
    attribute = "isInterrupting" if drawn.element.kind == "startEvent" else "cancelActivity"
    return replace(
        drawn, trigger=trigger(reader, definition) if definition is not None else None,
        attached_to=node.get("attachedToRef"), interrupting=node.get(attribute, "true") == "true",
    )


def trigger(reader: Reader, definition: etree._Element) -> Trigger | None:
    """What a catching event waits for; None if that could not be read (then it is noted)."""
    tag = local(definition)
    if tag == "timerEventDefinition":
        timer = _timer(reader, definition)
        return Trigger("timer", timer=timer) if timer else None
    if tag == "errorEventDefinition":
        reference = definition.get("errorRef")
        if reference is not None and reference not in reader.errors:
            reader.refuse("diagram.event_reference", definition, tag=tag)
        code = reader.errors.get(reference) if reference else None
        return Trigger("error", code, code_variable=_variable(reader, definition))
    if tag == "messageEventDefinition":
        return message(reader, definition)
    name = reader.signals.get(definition.get("signalRef", ""))
    if not name:
        reader.refuse("diagram.event_reference", definition, tag=tag)
    return Trigger("signal", name) if name else None


def message(reader: Reader, node: etree._Element) -> Trigger | None:
    """The message that an event definition or a receive task refers to."""
    name = reader.messages.get(node.get("messageRef", ""))
    if not name:
        reader.refuse("diagram.event_reference", node, tag=local(node))
    return Trigger("message", name) if name else None


def _variable(reader: Reader, definition: etree._Element) -> str | None:
    name = definition.get(f"{CAMUNDA}errorCodeVariable")
    if name is not None and not may_name(name):
        reader.refuse("diagram.variable_name", definition, name=name)
    return name


def _end(reader: Reader, drawn: Drawn, definition: etree._Element | None) -> Drawn:
    if definition is None:
        return drawn
    if local(definition) == "terminateEventDefinition":
        return replace(drawn, throws="terminate")
    code = reader.errors.get(definition.get("errorRef", ""))
    if not code:
        reader.refuse("diagram.event_reference", definition, tag=local(definition))
    return replace(drawn, throws="error", error_code=code or "")


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
