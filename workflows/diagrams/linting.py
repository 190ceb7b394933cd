"""What makes a diagram hard to read or impossible to work with, though the engine could run it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from workflows.diagrams.proof import ERROR, WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.statutory_deeds import ACTING, act_of
from workflows.engine.allowed import SUBPROCESSES
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn
from workflows.engine.expressions import Expression
from workflows.errors import Incident

_STEPS = SUBPROCESSES | {"userTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity"}
_ASKING = frozenset({"exclusiveGateway", "inclusiveGateway"})


def check(definition: Definition) -> Iterator[Finding]:
    """Every finding of a drawing by itself."""
    drawing = Drawing(definition)
    names = Counter((node.element.scope, node.element.name) for node in drawing.nodes.values() if _is_step(node))
    for node in drawing.nodes.values():
        if _is_step(node):
            yield from _step(drawing, node, names[node.element.scope, node.element.name])
        yield from _flows(drawing, node)
        if "act" in node.element.properties:
            yield from _act(drawing, node)


def _is_step(node: Drawn) -> bool:
    return node.element.kind in _STEPS and not node.by_event


def _step(drawing: Drawing, node: Drawn, of_that_name: int) -> Iterator[Finding]:
    if not node.element.name.strip():
        yield finding("lint.unnamed", drawing, node.id, (), ERROR if node.element.kind == "userTask" else WARNING)
    elif of_that_name > 1:
        yield finding("lint.same_name", drawing, node.id, (), WARNING)
    given = node.assignment
    if given is not None and given.assignee is None and not given.users and not given.groups:
        yield finding("lint.nobody", drawing, node.id)


def _act(drawing: Drawing, node: Drawn) -> Iterator[Finding]:
    """A mark that nobody acts on: only steps of people are marked, and the start with which a case is opened."""
    nested = node.element.kind == "startEvent" and node.element.scope != drawing.process_id
    if nested or (node.element.properties["act"] and not act_of(node)) or node.element.kind not in ACTING:
        yield finding("lint.act_misplaced", drawing, node.id)
    elif node.element.properties["act"] and node.element.form_key is None:
        yield finding("lint.no_form", drawing, node.id)


def _flows(drawing: Drawing, node: Drawn) -> Iterator[Finding]:
    conditional = [flow for flow in node.flows_out if flow.condition is not None and not _always(flow.condition)]
    if conditional and len(conditional) == len(node.flows_out) and node.default is None:
        yield finding("lint.no_default", drawing, node.id)
    if node.element.kind in _ASKING and len(node.flows_out) > 1:
        for flow in node.flows_out:
            if not flow.name.strip():
                yield finding("lint.unnamed_flow", drawing, flow.id, (), WARNING, label=node.element.name or node.id)


def _always(condition: Expression) -> bool:
    """Whether a condition reads nothing and holds: a flow that an inclusive gateway takes in every case."""
    try:
        return not condition.names and condition.evaluate({}) is True
    except Incident:
        return False
