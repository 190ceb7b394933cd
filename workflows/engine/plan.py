"""From a diagram's elements to SpiffWorkflow's process specs, one for the process and one for each subprocess."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from workflows.engine import instances, places, steps, throws, waits
from workflows.engine.connections import scopes, within
from workflows.engine.dialect import Diagram
from workflows.engine.elements import Drawn, Element

_PLAIN: dict[str, Callable[[Any, Drawn], places.Place]] = {
    "startEvent": places.Place, "intermediateThrowEvent": throws.Throw, "endEvent": throws.Throw,
    "intermediateCatchEvent": waits.Catch, "boundaryEvent": waits.Boundary, "exclusiveGateway": places.Exclusive,
    "parallelGateway": places.Parallel, "eventBasedGateway": places.EventGateway,
}
_ACTIVITIES: dict[str, Callable[[Any, Drawn, str | None], steps.Activity]] = {
    "task": steps.Activity, "manualTask": steps.Activity, "userTask": steps.UserStep, "receiveTask": steps.ReceiveStep,
    "businessRuleTask": steps.DecisionStep, "serviceTask": steps.HandlerStep, "sendTask": steps.HandlerStep,
    "subProcess": steps.SubprocessStep, "transaction": steps.SubprocessStep, "callActivity": steps.CallStep,
}


class ScopePlan(BpmnProcessSpec):  # type: ignore[misc]
    """The specs of one scope. Sealed once built.

    entry: the start event; watches: event subprocesses; attached: activity → its boundary events; inclusive: gateways
    that may have to be asked whether they go on; conditional: whether an event in it waits for a condition.
    """

    def __init__(self, diagram: Diagram, scope: str) -> None:
        super().__init__(name=scope)
        self.task_specs.clear()  # SpiffWorkflow's own start and end, whose names an element could have
        inside = within(diagram, scope)
        self.start = places.Origin(self, Drawn(Element("(origin)", "origin", "", None, 0, scope=scope)))
        for drawn in inside:
            self._add(drawn, inside, diagram)
        specs = self.task_specs
        self.entry = next(specs[drawn.id] for drawn in inside if drawn.element.kind == "startEvent")
        self.watches = tuple(specs[drawn.id] for drawn in inside if drawn.by_event)
        self.inclusive = tuple(specs[drawn.id] for drawn in inside if drawn.element.kind == "inclusiveGateway")
        self.attached = MappingProxyType({
            drawn.id: tuple(specs[other.id] for other in inside if other.attached_to == drawn.id) for drawn in inside
        })
        self.conditional = any(
            isinstance(spec, waits.Waiting) and spec.awaits().kind == "condition" for spec in specs.values())
        for spec in specs.values():
            spec.seal()

    def _add(self, drawn: Drawn, inside: list[Drawn], diagram: Diagram) -> None:
        kind = drawn.element.kind
        if kind == "inclusiveGateway":
            places.Inclusive(self, drawn, reach(drawn, inside))
        elif drawn.by_event:
            start = next(node for node in within(diagram, drawn.id) if node.element.kind == "startEvent")
            steps.EventSubprocess(self, drawn, start)
        elif drawn.link is not None:
            places.Place(self, drawn)
        elif kind in _PLAIN:
            _PLAIN[kind](self, drawn)
        elif drawn.multi is None and drawn.repeat is None:
            _activity(drawn)(self, drawn, None)
        else:
            (instances.MultiInstance if drawn.multi else instances.Repeated)(self, drawn)
            _activity(drawn)(self, drawn, drawn.id)


def _activity(drawn: Drawn) -> Callable[[Any, Drawn, str | None], steps.Activity]:
    return steps.ExternalStep if drawn.topic else _ACTIVITIES[drawn.element.kind]


def reach(gateway: Drawn, inside: list[Drawn]) -> MappingProxyType[str, frozenset[str]]:
    """For each flow into a gateway, the elements from which a path ends with it that does not pass the gateway."""
    before: dict[str, set[str]] = {}
    for node in inside:
        for flow in node.flows_out:
            before.setdefault(flow.target, set()).add(node.id)
        if node.attached_to is not None:
            before.setdefault(node.id, set()).add(node.attached_to)
    found: dict[str, frozenset[str]] = {}
    for flow in gateway.flows_in:
        reached: set[str] = set()
        queue = [flow.source]
        while queue:
            id = queue.pop()
            if id not in reached and id != gateway.id:
                reached.add(id)
                queue.extend(before.get(id, ()))
        found[flow.id] = frozenset(reached)
    return MappingProxyType(found)


def build(diagram: Diagram) -> dict[str, ScopePlan]:
    """The plans of all scopes of a diagram that has no problems, by id of process and subprocess."""
    return {scope: ScopePlan(diagram, scope) for scope in scopes(diagram)}
