"""A process and all that it calls, laid out for playing: what lies in which scope, what is attached to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.engine import plan
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn

_MESSENGERS = ("message", "signal")


class Drawing:
    """One definition. starts, watches: start event and event subprocesses by scope; attached: boundary events by
    activity; reach: for each flow into an inclusive gateway, from where it can be reached.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition, self.key, self.process_id = definition, definition.key, definition.process_id
        self.nodes: Mapping[str, Drawn] = definition.nodes
        self.starts: dict[str, Drawn] = {}
        self.watches: dict[str, list[Drawn]] = {}
        self.attached: dict[str, list[Drawn]] = {}
        inside: dict[str, list[Drawn]] = {}
        for node in self.nodes.values():
            inside.setdefault(node.element.scope, []).append(node)
            if node.element.kind == "startEvent":
                self.starts[node.element.scope] = node
            if node.by_event:
                self.watches.setdefault(node.element.scope, []).append(node)
            if node.attached_to is not None:
                self.attached.setdefault(node.attached_to, []).append(node)
        self.joins: dict[str, list[Drawn]] = {}
        self.reach: dict[str, Mapping[str, frozenset[str]]] = {}
        for scope, nodes in inside.items():
            for node in nodes:
                if node.element.kind == "inclusiveGateway" and len(node.flows_in) > 1:
                    self.joins.setdefault(scope, []).append(node)
                    self.reach[node.id] = plan.reach(node, nodes)

    @property
    def file(self) -> str:
        """The name of the diagram's file in its package."""
        return self.definition.package.named(".bpmn")[0]

    def line(self, id: str) -> int | None:
        """The line of an element in it."""
        node = self.nodes.get(id)
        return node.element.line if node is not None else None


@dataclass(frozen=True, slots=True)
class Scene:
    """The process that is looked at, and every process that it calls, directly or not.

    outside: messages and signals that none of these throws; whoever sends them is not seen from here, so that they may
    come at any time. missing: called processes that are not known.
    """

    root: Drawing
    drawings: Mapping[str, Drawing]
    outside: frozenset[tuple[str, str]]
    missing: frozenset[str]


def scene(definition: Definition, others: Mapping[str, Definition]) -> Scene:
    """The scene of a definition. others: the published processes by key; of the same key, `definition` counts."""
    drawings = {definition.key: Drawing(definition)}
    missing: set[str] = set()
    queue = [definition]
    while queue:
        for key in sorted(queue.pop().calls):
            if key in drawings:
                continue
            if key not in others:
                missing.add(key)
                continue
            drawings[key] = Drawing(others[key])
            queue.append(others[key])
    nodes = [node for drawing in drawings.values() for node in drawing.nodes.values()]
    thrown = {(node.throws.kind, node.throws.name) for node in nodes if node.throws is not None}
    awaited = {(node.trigger.kind, node.trigger.name or "") for node in nodes if node.trigger is not None}
    outside = {one for one in awaited if one[0] in _MESSENGERS and one not in thrown}
    return Scene(drawings[definition.key], drawings, frozenset(outside), frozenset(missing))
