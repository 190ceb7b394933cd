"""Checks how the elements of a diagram hang together, before anything runs.

BPMN lets one draw much that no engine can run as meant, and SpiffWorkflow runs some of it as not meant: nodes without a
connection are left out, conditions on flows that leave a task are ignored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from workflows.engine.allowed import ACTIVITIES, SUBPROCESSES
from workflows.engine.decisions import ONE_VALUE, DecisionTable
from workflows.engine.dialect import Diagram
from workflows.engine.elements import Decision, Drawn
from workflows.engine.reader import is_literal
from workflows.errors import Problem

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
_SCOPED = SUBPROCESSES | {"callActivity"}
_WAITING = _SCOPED | {"userTask", "receiveTask"}
MAX_NESTED = 15
"""Subprocesses inside each other in one diagram; with what it calls a running process has 20 (`scopes.MAX_DEPTH`)."""
_FROM_INSIDE = frozenset({"error", "escalation", "cancel"})
Found = Iterator[tuple[str, Drawn, dict[str, object]]]


def check(
    diagram: Diagram, decisions: Mapping[str, DecisionTable], handlers: Collection[str] | None,
    topics: Collection[str] | None, callable_keys: Collection[str] | None,
) -> list[Problem]:
    """Every problem of the connections, in document order.

    decisions: the package's tables by their ids; handlers, topics: names service tasks may use, None if that was
    checked before; callable_keys: processes that call activities may call, None if that is checked later.
    """
    problems: list[tuple[str, Drawn, dict[str, object]]] = []
    for node in diagram.nodes.values():
        for rule in (_flows, _conditions, _event, _attached, _event_gateway, _link, _cancel):
            problems.extend(rule(node, diagram))
        if node.decision:
            problems.extend(_decision(node, node.decision, decisions))
        if node.handler and handlers is not None and node.handler not in handlers:
            problems.append(("diagram.handler_unknown", node, {"handler": node.handler}))
        if node.topic and topics is not None and node.topic not in topics:
            problems.append(("diagram.topic_unknown", node, {"topic": node.topic}))
        if node.call and callable_keys is not None and node.call.key not in callable_keys:
            problems.append(("diagram.called_missing", node, {"process": node.call.key}))
    problems.extend(_handled_twice(diagram))
    found = [Problem(code, f"{diagram.file}#{node.id}", node.element.line, facts) for code, node, facts in problems]
    for scope in scopes(diagram):
        found.extend(_scope(diagram, scope))
    return found


def scopes(diagram: Diagram) -> list[str]:
    """Ids of the process and its subprocesses, outer ones first."""
    return [diagram.process_id, *(node.id for node in diagram.nodes.values() if node.element.kind in SUBPROCESSES)]


def within(diagram: Diagram, scope: str) -> list[Drawn]:
    """The nodes that lie directly in a scope."""
    return [node for node in diagram.nodes.values() if node.element.scope == scope]


def _flows(node: Drawn, diagram: Diagram) -> Found:
    kind = node.element.kind
    alone = kind in ("startEvent", "boundaryEvent") or node.by_event
    if alone and node.flows_in:
        yield "diagram.flow_into", node, {}
    if not alone and not node.flows_in:
        yield "diagram.unconnected", node, {}
    if (kind == "endEvent" or node.by_event) and node.flows_out:
        yield "diagram.flow_out_of", node, {}
    if kind != "endEvent" and not node.by_event and not node.flows_out:
        yield "diagram.dead_end", node, {}


def _conditions(node: Drawn, diagram: Diagram) -> Found:
    """An activity's flow may go without a condition: then it is always taken. Events have none (BPMN 2.0.2, 8.4.13)."""
    choosing = node.element.kind in _CHOOSING
    asking = choosing or node.element.kind in ACTIVITIES
    default = {flow.id for flow in node.flows_out if flow.id == node.default}
    if node.default is not None and not default:
        yield "diagram.default_flow", node, {"flow": node.default}
    for flow in node.flows_out:
        if flow.condition is not None and (not asking or flow.id in default):
            yield "diagram.condition_unused", node, {"flow": flow.id, "line": flow.line}
        if flow.condition is not None or flow.refused or flow.id in default:
            continue
        if choosing and len(node.flows_out) > 1:
            yield "diagram.condition_missing", node, {"flow": flow.id, "line": flow.line}


def _event(node: Drawn, diagram: Diagram) -> Found:
    kind, trigger = node.element.kind, node.trigger
    around = diagram.nodes.get(node.element.scope)
    if kind == "startEvent" and (trigger is not None) != (around is not None and around.by_event):
        yield "diagram.start_event", node, {}
    if kind in ("intermediateCatchEvent", "boundaryEvent") and trigger is None and node.link is None:
        yield "diagram.event_empty", node, {}
    if trigger is None:
        return
    if kind == "receiveTask" and node.multi is not None and not node.multi.sequential:
        yield "diagram.receives_at_once", node, {}
    repeats = trigger.timer is not None and trigger.timer.kind == "cycle"
    if repeats and kind not in ("boundaryEvent", "startEvent"):
        yield "diagram.cycle", node, {}
    if trigger.kind == "error" and not node.interrupting:
        yield "diagram.error_interrupts", node, {}


def _attached(node: Drawn, diagram: Diagram) -> Found:
    if node.element.kind != "boundaryEvent":
        return
    host = diagram.nodes.get(node.attached_to or "")
    alike = host is not None and host.element.scope == node.element.scope and not host.by_event
    if host is None or not alike or (host.element.kind not in _WAITING and host.topic is None):
        yield "diagram.attached_to", node, {"element": node.attached_to or ""}
    elif host.topic is not None and node.trigger is not None and node.trigger.kind == "error":
        return
    elif node.trigger is not None and node.trigger.kind in _FROM_INSIDE and host.element.kind not in _SCOPED:
        yield "diagram.attached_to", node, {"element": host.id}
    elif any(diagram.nodes[flow.source].element.kind == "eventBasedGateway" for flow in host.flows_in):
        yield "diagram.event_gateway_boundary", node, {"element": host.id}


def _decision(node: Drawn, asked: Decision, decisions: Mapping[str, DecisionTable]) -> Found:
    """The table is in the package, and has one output where the step takes one value of each row."""
    table = decisions.get(asked.id)
    if table is None:
        yield "diagram.decision_missing", node, {"decision": asked.id}
    elif asked.how in ONE_VALUE and len(table.outputs) > 1:
        facts = {"decision": asked.id, "how": asked.how, "found": len(table.outputs)}
        yield "diagram.decision_outputs", node, facts


def _handled_twice(diagram: Diagram) -> Found:
    """What is thrown is caught once: of two that catch the same at one border or in one scope, one would never run."""
    first: dict[tuple[str, str, str | None], str] = {}
    for node in diagram.nodes.values():
        if node.trigger is None or node.trigger.kind not in _FROM_INSIDE or node.trigger.name == "":
            continue  # the name is empty where what is referred to could not be read, which was told
        around = diagram.nodes.get(node.element.scope)
        if node.attached_to is not None:
            where = f"at the border of {node.attached_to}"
        elif around is not None and around.by_event:
            where = f"inside of {around.element.scope}"
        else:
            continue  # where it can't stand, which was told
        other = first.setdefault((where, node.trigger.kind, node.trigger.name), node.id)
        if other != node.id:
            yield "diagram.handled_twice", node, {"element": other, "code": node.trigger.name or "*"}


def _event_gateway(node: Drawn, diagram: Diagram) -> Found:
    if node.element.kind != "eventBasedGateway":
        return
    for flow in node.flows_out:
        target = diagram.nodes[flow.target]
        waits = target.element.kind in ("intermediateCatchEvent", "receiveTask") and target.link is None
        if not waits or len(target.flows_in) > 1 or target.multi or target.repeat:
            yield "diagram.event_gateway", node, {"element": target.id}


def _link(node: Drawn, diagram: Diagram) -> Found:
    beside = node.flows_in if node.element.kind == "intermediateCatchEvent" else node.flows_out
    if node.link and any(not flow.link for flow in beside):
        yield "diagram.link", node, {"name": node.link}


def _cancel(node: Drawn, diagram: Diagram) -> Found:
    """Only a transaction is cancelled, and somebody must catch that at its border."""
    if node.throws is not None and node.throws.kind == "cancel":
        around = diagram.nodes.get(node.element.scope)
        caught = any(other.attached_to == node.element.scope and other.trigger and other.trigger.kind == "cancel"
                     for other in diagram.nodes.values())
        if around is None or around.element.kind != "transaction" or not caught:
            yield "diagram.cancel", node, {}
    if node.trigger is not None and node.trigger.kind == "cancel":
        host = diagram.nodes.get(node.attached_to or "")
        if host is None or host.element.kind != "transaction" or not node.interrupting:
            yield "diagram.cancel", node, {}


def _scope(diagram: Diagram, scope: str) -> Iterator[Problem]:
    """A scope begins at one start event, ends somewhere, and everything in it can be reached."""
    nodes = within(diagram, scope)
    holder = diagram.nodes.get(scope)
    if holder is None and diagram.line is None:
        return  # there is no process, or there are several; that has been told
    place, line = f"{diagram.file}#{scope}", holder.element.line if holder else diagram.line
    if holder is not None and (depth := _depth(diagram, holder)) > MAX_NESTED:
        yield Problem("diagram.nesting", place, line, {"depth": depth, "limit": MAX_NESTED})
    starts = [node for node in nodes if node.element.kind == "startEvent"]
    if len(starts) != 1:
        yield Problem("diagram.one_start", place, line, {"found": len(starts)})
    if not any(node.element.kind == "endEvent" for node in nodes):
        yield Problem("diagram.no_end", place, line)
    if holder is not None and holder.by_event and holder.multi is not None:
        yield Problem("diagram.multi_instance", place, line)
    reached: set[str] = set()
    queue = [node.id for node in nodes if node.element.kind == "startEvent" or node.by_event]
    while queue:
        id = queue.pop()
        if id in reached or id not in diagram.nodes:
            continue
        reached.add(id)
        queue.extend(flow.target for flow in diagram.nodes[id].flows_out)
        queue.extend(node.id for node in nodes if node.attached_to == id)
    for node in nodes:
        if node.id not in reached and node.flows_in:
            yield Problem("diagram.unconnected", f"{diagram.file}#{node.id}", node.element.line)


def _depth(diagram: Diagram, node: Drawn | None) -> int:
    """How many subprocesses lie around the inside of one, itself counted.

    Where two elements share an id (refused, and told beside this), a node can seem to lie in itself.
    """
    depth = 0
    while node is not None and depth <= len(diagram.nodes):
        depth, node = depth + 1, diagram.nodes.get(node.element.scope)
    return depth


def roles(diagram: Diagram) -> frozenset[str]:
    """All candidate groups that are written out."""
    assignments = [node.assignment for node in diagram.nodes.values() if node.assignment]
    groups = [group for assignment in assignments for group in assignment.groups if is_literal(group)]
    return frozenset(str(group.evaluate({})) for group in groups)
