"""Camunda 7's dialect of BPMN: from the XML of a diagram to frozen elements.

Diagrams are read here and nowhere else. SpiffWorkflow's own parser ignores candidate groups, mappings and conditions on
some flows, orders branches by their height in the drawing, and keeps expressions as Python text. The reading follows
Camunda 7's reference (docs.camunda.org/manual, BPMN 2.0 and Custom Extensions): flows are tried in the file's order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from workflows.engine import activities, events
from workflows.engine.allowed import ACTIVITIES, BPMN, NODES, SUBPROCESSES, local
from workflows.engine.elements import NOTHING, Drawn, Element, Flow
from workflows.engine.package import Package
from workflows.engine.reader import Reader, documentation
from workflows.engine.xml import line_of
from workflows.errors import Problem

_ID = re.compile(r"[^\W\d][\w.-]{0,199}\Z")
_TAKE_PART = NODES | {"sequenceFlow", "process"}


@dataclass
class Diagram:
    """What was read: the process, every node by id in document order, and what is wrong with it."""

    file: str
    process_id: str = ""
    line: int | None = None
    name: str = ""
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    nodes: dict[str, Drawn] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(package: Package, file: str, root: etree._Element) -> Diagram:
    """Read the one process of a diagram. Nothing is raised; what is wrong is in `problems`."""
    reader = Reader(package, file, root)
    diagram = Diagram(file, problems=reader.problems)
    processes = root.findall(f"{BPMN}process")
    if len(processes) != 1:
        reader.refuse("diagram.one_process", root, found=len(processes))
        return diagram
    process = processes[0]
    if process.get("isExecutable") != "true":
        reader.refuse("diagram.not_executable", process)
    _check_ids(reader)
    diagram.process_id, diagram.name, diagram.line = process.get("id", ""), process.get("name", ""), line_of(process)
    diagram.documentation, diagram.properties = documentation(process), reader.properties(process)
    for scope in (process, *process.iter(*(f"{BPMN}{tag}" for tag in SUBPROCESSES))):
        inside = [(child, _node(reader, child, scope)) for child in scope if local(child) in NODES]
        flows = [*_flows(reader, scope), *_links(reader, inside)]
        for _, drawn in inside:
            diagram.nodes[drawn.id] = replace(
                drawn, flows_in=tuple(flow for flow in flows if flow.target == drawn.id),
                flows_out=tuple(flow for flow in flows if flow.source == drawn.id),
            )
    return diagram


def _node(reader: Reader, node: etree._Element, scope: etree._Element) -> Drawn:
    element = Element(
        node.get("id", ""), local(node), " ".join(node.get("name", "").split()), reader.lane(node),
        line_of(node), reader.properties(node), reader.form(node), documentation(node), scope.get("id", ""),
    )
    drawn = Drawn(element, default=node.get("default"))
    return activities.read(reader, node, drawn) if element.kind in ACTIVITIES else events.read(reader, node, drawn)


def _flows(reader: Reader, scope: etree._Element) -> Iterator[Flow]:
    nodes = {child.get("id") for child in scope if local(child) in NODES}
    for element in scope.findall(f"{BPMN}sequenceFlow"):
        source, target = element.get("sourceRef", ""), element.get("targetRef", "")
        if source not in nodes or target not in nodes:
            reader.refuse("diagram.flow_end", element, source=source, target=target)
            continue
        written = element.find(f"{BPMN}conditionExpression")
        condition = reader.condition(written) if written is not None else None
        yield Flow(element.get("id", ""), source, target, element.get("name", ""), line_of(element), condition,
                   refused=written is not None and condition is None)


def _links(reader: Reader, inside: list[tuple[etree._Element, Drawn]]) -> Iterator[Flow]:
    """A pair of link events stands for a flow that is not drawn (BPMN 2.0.2, 10.5.1)."""
    catching = {node.link: node for _, node in inside if node.link and node.element.kind == "intermediateCatchEvent"}
    names = [node.link for _, node in inside if node.link and node.element.kind == "intermediateCatchEvent"]
    for element, node in inside:
        if node.link is None:
            continue
        if not node.link or names.count(node.link) != 1:
            reader.refuse("diagram.link", element, name=node.link)
        elif node.element.kind == "intermediateThrowEvent":
            target = catching[node.link]
            yield Flow(f"{node.id} > {target.id}", node.id, target.id, node.link, node.element.line, link=True)


def _check_ids(reader: Reader) -> None:
    """Every element that takes part has an id of its own, short enough to be stored."""
    seen: set[str] = set()
    for element in reader.root.iter(f"{BPMN}*"):
        id = element.get("id")
        if id is not None and id in seen:
            reader.refuse("diagram.id_twice", element, id=id)
        if (id is None and local(element) in _TAKE_PART) or (id is not None and not _ID.match(id)):
            reader.refuse("diagram.id_missing", element, tag=local(element))
        seen.add(id or "")
