"""Draws small diagrams for tests: node functions give XML, `draw` puts flows between them, `read` reads the result."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from workflows.engine.definition import Definition
from workflows.engine.definition import read as read_package
from workflows.engine.package import Package
from workflows.engine.runtime import Instance, Step

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday, 9:00 in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="http://bpmn.io/schema/bpmn" id="defs">\n'
)


def node(tag: str, id: str, inner: str = "", **attributes: str) -> str:
    """One BPMN element; camunda attributes are written camunda_assignee=…"""
    written = "".join(f" {name.replace('_', ':', 1)}={quoteattr(value)}" for name, value in attributes.items())
    return f'<bpmn:{tag} id="{id}"{written}>{inner}</bpmn:{tag}>'


def start(id: str = "start", inner: str = "", **attributes: str) -> str:
    return node("startEvent", id, inner, **attributes)


def end(id: str = "end", inner: str = "") -> str:
    return node("endEvent", id, inner)


def user(id: str, inner: str = "", **attributes: str) -> str:
    return node("userTask", id, inner, **attributes)


def xor(id: str, **attributes: str) -> str:
    return node("exclusiveGateway", id, **attributes)


def par(id: str) -> str:
    return node("parallelGateway", id)


def inc(id: str, **attributes: str) -> str:
    return node("inclusiveGateway", id, **attributes)


def sub(id: str, inner: str, **attributes: str) -> str:
    return node("subProcess", id, inner, **attributes)


def call(id: str, key: str, mappings: str = "", inner: str = "", **attributes: str) -> str:
    content = extensions(mappings) + inner if mappings else inner
    return node("callActivity", id, content, calledElement=key, **attributes)


def boundary(id: str, on: str, definition: str, *, interrupting: bool = True) -> str:
    return node("boundaryEvent", id, definition, attachedToRef=on, cancelActivity=str(interrupting).lower())


def catch(id: str, definition: str) -> str:
    return node("intermediateCatchEvent", id, definition)


def timer(text: str, kind: str = "timeDuration") -> str:
    return (f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{kind}>'
            "</bpmn:timerEventDefinition>")


def message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="message_{name}"/>'


def signal(name: str) -> str:
    return f'<bpmn:signalEventDefinition signalRef="signal_{name}"/>'


def error(code: str = "", attributes: str = "") -> str:
    reference = f' errorRef="error_{code}"' if code else ""
    return f"<bpmn:errorEventDefinition{reference}{attributes}/>"


def escalation(code: str = "", attributes: str = "") -> str:
    reference = f' escalationRef="escalation_{code}"' if code else ""
    return f"<bpmn:escalationEventDefinition{reference}{attributes}/>"


def conditional(condition: str, attributes: str = "") -> str:
    return (f'<bpmn:conditionalEventDefinition{attributes}><bpmn:condition xsi:type="bpmn:tFormalExpression">'
            f"{escape(condition)}</bpmn:condition></bpmn:conditionalEventDefinition>")


def throw(id: str, definition: str) -> str:
    return node("intermediateThrowEvent", id, definition)


def loop(condition: str = "", most: int | None = None, *, before: bool = False) -> str:
    """Standard loop characteristics."""
    attributes = f' testBefore="{str(before).lower()}"' + (f' loopMaximum="{most}"' if most is not None else "")
    inner = f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else ""
    return f"<bpmn:standardLoopCharacteristics{attributes}>{inner}</bpmn:standardLoopCharacteristics>"


def extensions(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def properties(**values: str) -> str:
    entries = "".join(f'<camunda:property name="{name}" value={quoteattr(value)}/>' for name, value in values.items())
    return extensions(f"<camunda:properties>{entries}</camunda:properties>")


def many(collection: str = "", element: str = "", *, sequential: bool = False, until: str = "", times: str = "") -> str:
    """Multi-instance characteristics."""
    attributes = f' isSequential="{str(sequential).lower()}"'
    attributes += f' camunda:collection="{collection}"' if collection else ""
    attributes += f' camunda:elementVariable="{element}"' if element else ""
    inner = f"<bpmn:loopCardinality>{times}</bpmn:loopCardinality>" if times else ""
    inner += f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    return f"<bpmn:multiInstanceLoopCharacteristics{attributes}>{inner}</bpmn:multiInstanceLoopCharacteristics>"


def flows(text: str) -> str:
    """Lines "a > b > c", or "a > b ? condition". A flow's id is a__b."""
    written = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        path, _, condition = (part.strip() for part in line.partition("?"))
        ids = [id.strip() for id in path.split(">")]
        inner = (f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${{{escape(condition)}}}'
                 "</bpmn:conditionExpression>") if condition else ""
        written += [f'<bpmn:sequenceFlow id="{a}__{b}" sourceRef="{a}" targetRef="{b}">{inner}</bpmn:sequenceFlow>'
                    for a, b in pairwise(ids)]
    return "\n".join(written)


def draw(*nodes: str, key: str = "sample", events: str = "", process: str = "") -> bytes:
    """A whole diagram. events: names of messages, signals and errors: "message:m signal:s error:e"."""
    declared = ""
    for kind, _, name in (entry.partition(":") for entry in events.split()):
        code = f' {kind}Code="{name}"' if kind in ("error", "escalation") else ""
        declared += f'<bpmn:{kind} id="{kind}_{name}" name="{name}"{code}/>\n'
    body = "\n".join(nodes)
    return (f'{_ROOT}<bpmn:process id="{key}" name="{key}" isExecutable="true"{process}>\n{body}\n</bpmn:process>\n'
            f"{declared}</bpmn:definitions>").encode()


def package(*nodes: str, key: str = "sample", events: str = "", files: dict[str, bytes] | None = None) -> Package:
    return Package(key, {f"{key}.bpmn": draw(*nodes, key=key, events=events), **(files or {})})


def read(*nodes: str, key: str = "sample", events: str = "", files: dict[str, bytes] | None = None) -> Definition:
    return read_package(package(*nodes, key=key, events=events, files=files))


def begin(definition: Definition, variables: dict[str, Any] | None = None, *called: Definition) -> Instance:
    """Start it; it may call `called` and itself."""
    known = {other.key: other for other in (definition, *called)}
    return Instance.start(definition, known, variables or {}, NOW)


def offered(instance: Instance) -> list[str]:
    """Ids of the elements that people can do now, sorted."""
    return sorted(step.element.id for step in instance.steps())


def find(instance: Instance, element: str, nth: int = 0) -> Step:
    return [step for step in instance.steps() if step.element.id == element][nth]


def do(instance: Instance, element: str, nth: int = 0, now: datetime = NOW, **variables: Any) -> None:
    """Complete a step by its element's id."""
    instance.complete(find(instance, element, nth).id, variables, now)
