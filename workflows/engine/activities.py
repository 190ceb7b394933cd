"""Reads activities: who does them, how often, what they call, what goes in and out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from workflows.engine import events, rounds
from workflows.engine.allowed import BPMN, CAMUNDA
from workflows.engine.elements import Assignment, Call, Copy, Decision, Drawn, Multi, Repeat
from workflows.engine.expressions import Expression
from workflows.engine.instances import MAX_INSTANCES
from workflows.engine.moments import read_due
from workflows.engine.reader import Reader, is_literal
from workflows.engine.variables import may_name
from workflows.errors import Incident, Invalid

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # any moment: only the form of a literal due date is checked


def read(reader: Reader, node: etree._Element, drawn: Drawn) -> Drawn:
    """`drawn` with what its kind of activity needs."""
    drawn = replace(drawn, multi=_multi(reader, node), repeat=_repeat(reader, node),
                    inputs=_parameters(reader, node, "input"),
                    outputs=_parameters(reader, node, "output"), by_event=node.get("triggeredByEvent") == "true")
    match drawn.element.kind:
        case "userTask":
            return replace(drawn, assignment=_assignment(reader, node))
        case "callActivity":
            return replace(drawn, call=_call(reader, node))
        case "businessRuleTask":
            return replace(drawn, decision=_decision(reader, node))
        case "receiveTask":
            return replace(drawn, trigger=events.message(reader, node))
        case "serviceTask" | "sendTask":
            if node.get(f"{CAMUNDA}type") == "external":
                return replace(drawn, topic=_topic(reader, node))
            return replace(drawn, handler=_handler(reader, node))
    return drawn


def variable(reader: Reader, name: str | None, at: etree._Element) -> str | None:
    """A name that a variable may have; others are noted."""
    if name is not None and (not may_name(name)):
        reader.refuse("diagram.variable_name", at, name=name)
    return name


def _assignment(reader: Reader, node: etree._Element) -> Assignment:
    due = reader.value(node.get(f"{CAMUNDA}dueDate"), node)
    if due is not None and is_literal(due):
        try:
            read_due(str(due.evaluate({})), _EPOCH)
        except Invalid as error:
            reader.refuse(error.code, node, **error.facts)
    priority = reader.value(node.get(f"{CAMUNDA}priority"), node)
    if priority is not None and is_literal(priority) and not re.fullmatch("[0-9]{1,6}", str(priority.evaluate({}))):
        reader.refuse("diagram.priority", node, value=priority.source)
    return Assignment(
        reader.value(node.get(f"{CAMUNDA}assignee"), node), reader.values(node.get(f"{CAMUNDA}candidateUsers"), node),
        reader.values(node.get(f"{CAMUNDA}candidateGroups"), node), due, priority,
    )


def _multi(reader: Reader, node: etree._Element) -> Multi | None:
    loop = node.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    collection, cardinality = loop.get(f"{CAMUNDA}collection"), loop.find(f"{BPMN}loopCardinality")
    condition = loop.find(f"{BPMN}completionCondition")
    element = variable(reader, loop.get(f"{CAMUNDA}elementVariable"), loop)
    if (collection is None) == (cardinality is None) or (collection is None and element is not None):
        reader.refuse("diagram.multi_instance", loop)
    own = reader.properties(node)
    gathered, gives = own.get("outputCollection"), own.get("outputElement")
    if (gathered is None) != (gives is None) or (gathered is not None and collection in (gathered, f"${{{gathered}}}")):
        reader.refuse("diagram.output_collection", loop)
    variable(reader, gathered, loop)
    plain = collection is not None and may_name(collection.strip())
    rule = rounds.read(reader, node, own, sequential=loop.get("isSequential") == "true",
                       conditional=condition is not None)
    return Multi(
        loop.get("isSequential") == "true",
        reader.value(f"${{{collection.strip()}}}" if plain and collection else collection, loop),
        _counted(reader, cardinality), element,
        reader.condition(condition) if condition is not None else None,
        gathered, gives if gives is None or may_name(gives) else reader.value(gives, loop), rule,
    )


def _repeat(reader: Reader, node: etree._Element) -> Repeat | None:
    loop = node.find(f"{BPMN}standardLoopCharacteristics")
    if loop is None:
        return None
    written, condition = loop.get("loopMaximum"), loop.find(f"{BPMN}loopCondition")
    again = reader.condition(condition) if condition is not None else None
    maximum = int(written) if written and re.fullmatch("[1-9][0-9]{0,5}", written) else None
    several = node.find(f"{BPMN}multiInstanceLoopCharacteristics") is not None
    endless = maximum is None and condition is None
    if several or endless or (written is not None and maximum is None) or node.get("triggeredByEvent") == "true":
        reader.refuse("diagram.loop", loop)
    return Repeat(again, maximum, loop.get("testBefore") == "true")


def _counted(reader: Reader, cardinality: etree._Element | None) -> Expression | None:
    if cardinality is None:
        return None
    if not (cardinality.text or "").strip():
        reader.refuse("diagram.multi_instance", cardinality)
    number = reader.value(cardinality.text, cardinality)
    if number is not None and not number.names:  # 3, and ${3} too: it can be told now what it will be
        try:
            written = str(number.evaluate({}))
        except Incident:
            written = number.source
        if not re.fullmatch("[0-9]{1,28}", written) or int(written) > MAX_INSTANCES:
            reader.refuse("diagram.cardinality", cardinality, value=written[:40], limit=MAX_INSTANCES)
    return number


def _parameters(reader: Reader, node: etree._Element, direction: str) -> tuple[tuple[str, Expression], ...]:
    found: list[tuple[str, Expression]] = []
    for entry in node.iterfind(f"{BPMN}extensionElements/{CAMUNDA}inputOutput/{CAMUNDA}{direction}Parameter"):
        name = variable(reader, entry.get("name", ""), entry) or ""
        expression = reader.value(entry.text, entry)
        if expression is None or name in dict(found):
            reader.refuse("diagram.parameter", entry, name=name)
        else:
            found.append((name, expression))
    return tuple(found)


def _call(reader: Reader, node: etree._Element) -> Call:
    key = node.get("calledElement", "")
    if not re.fullmatch(r"[A-Za-z_]\w{0,62}", key):
        reader.refuse("diagram.called_element", node, value=key)
    return Call(key, _copies(reader, node, "in"), _copies(reader, node, "out"))


def _copies(reader: Reader, node: etree._Element, direction: str) -> tuple[Copy, ...]:
    copies: list[Copy] = []
    for entry in node.iterfind(f"{BPMN}extensionElements/{CAMUNDA}{direction}"):
        given = [name for name in ("source", "sourceExpression", "variables", "businessKey") if entry.get(name)]
        target = variable(reader, entry.get("target"), entry)
        if len(given) != 1 or (target is None) != (given[0] in ("variables", "businessKey")):
            reader.refuse("diagram.mapping", entry, tag=f"camunda:{direction}")
            continue
        if given[0] == "variables":
            copies.append(Copy(None, None))
            continue
        if given[0] == "source":
            variable(reader, entry.get("source"), entry)
        text = f"${{{entry.get('source')}}}" if given[0] == "source" else entry.get(given[0])
        if (expression := reader.value(text, entry)) is not None:
            copies.append(Copy(expression, target or "businessKey", optional=given[0] == "source"))
    return tuple(copies)


def _decision(reader: Reader, node: etree._Element) -> Decision | None:
    id, result = node.get(f"{CAMUNDA}decisionRef", ""), variable(reader, node.get(f"{CAMUNDA}resultVariable"), node)
    if not id or not result:
        reader.refuse("diagram.decision", node)
        return None
    return Decision(id, result, node.get(f"{CAMUNDA}mapDecisionResult", "resultList"))


def _topic(reader: Reader, node: etree._Element) -> str | None:
    topic = node.get(f"{CAMUNDA}topic", "").strip()
    if not re.fullmatch(r"[A-Za-z_][\w.-]{0,99}", topic) or node.get(f"{CAMUNDA}delegateExpression") is not None:
        reader.refuse("diagram.topic", node, value=topic)
        return None
    return topic


def _handler(reader: Reader, node: etree._Element) -> str | None:
    found = re.fullmatch(r"[$#]\{\s*([A-Za-z_]\w*)\s*\}", node.get(f"{CAMUNDA}delegateExpression", ""))
    if not found:
        reader.refuse("diagram.handler", node, value=node.get(f"{CAMUNDA}delegateExpression", ""))
    return found[1] if found else None
