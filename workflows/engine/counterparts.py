"""What stands for what in two versions of one process: elements, scopes, and the branches that lead to a join.

An element stands for the one of the same id, or for the one that a person named instead.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn, Flow, Trigger


class Counterparts:
    """Two versions of one process. mapped: id in the old one → id in the new one, where they differ."""

    def __init__(self, old: Definition, new: Definition, mapped: Mapping[str, str]) -> None:
        self.old, self.new = old, new
        self._mapped = dict(mapped)
        self._flows = {flow.id: flow for flow in new.flows}
        self._before = {flow.id: flow for flow in old.flows}
        self._known = {found.id for id in old.nodes if (found := self.node(id)) is not None}

    def node(self, id: str) -> Drawn | None:
        """The element of the new version that stands for one of the old."""
        return self.new.nodes.get(self._mapped.get(id, id))

    def alike(self, id: str) -> Drawn | None:
        """The same, if it is of the same kind and lies in the same scope."""
        before, found = self.old.nodes[id], self.node(id)
        if found is None or found.element.kind != before.element.kind or found.by_event != before.by_event:
            return None
        return found if found.element.scope == self.scope(before.element.scope) else None

    def scope(self, id: str) -> str | None:
        """The scope (process or subprocess) of the new version that stands for one of the old."""
        if id == self.old.process_id:
            return self.new.process_id
        found = self.node(id)
        return found.id if found is not None else None

    def is_new(self, id: str) -> bool:
        """Whether no element of the old version has this one as its counterpart."""
        return id not in self._known

    def flow_before(self, id: str) -> Flow | None:
        """A flow of the old version."""
        return self._before.get(id)

    def arrival(self, gate: Drawn, id: str) -> str | None:
        """The flow into a gateway of the new version on which a token waits that came by this flow of the old one.

        It is the flow of that id, or from the same element (from the one before it, where that is gone), or, where
        something was put in between, the only flow into the gateway to which the branch leads. None if there is none,
        or if it is not certain.
        """
        before, source, passed = self._before.get(id), None, set[str]()
        while before is not None and before.id not in passed:
            passed.add(before.id)
            if any(flow.id == before.id for flow in gate.flows_in):
                return before.id
            source = self.node(before.source)
            if source is not None:
                break
            coming = self.old.nodes[before.source].flows_in
            before = coming[0] if len(coming) == 1 else None
        if before is None or source is None:
            return None
        direct = [flow.id for flow in gate.flows_in if flow.source == source.id]
        if direct:
            return direct[0] if len(direct) == 1 else None
        same = self._flows.get(before.id)
        ahead = [same.target] if same is not None and same.source == source.id else [
            flow.target for flow in source.flows_out]  # fmt: skip
        reached = self._reached(ahead, gate.id)
        led = [flow.id for flow in gate.flows_in if flow.source in reached]
        return led[0] if len(led) == 1 else None

    def _reached(self, ahead: list[str], gate: str) -> set[str]:
        """The elements that can be reached without passing the gateway."""
        found: set[str] = set()
        while ahead:
            id = ahead.pop()
            if id != gate and id not in found:
                found.add(id)
                ahead.extend(flow.target for flow in self.new.nodes[id].flows_out)
        return found

    def still_splits(self, entry: str) -> bool:
        """Whether the split that an entry of a path ("number:flow") stands for is one in the new version too."""
        flow = self._before.get(entry.partition(":")[2])
        source = self.node(flow.source) if flow is not None else None
        if source is None:
            return False
        if source.attached_to is not None:
            return not source.interrupting
        return source.element.kind != "exclusiveGateway" and len(source.flows_out) > 1


def same_work(old: Drawn, new: Drawn) -> bool:
    """Whether a step asks the same of the same people: it keeps who holds it and what was typed in it."""
    return (
        old.assignment == new.assignment and old.inputs == new.inputs and old.topic == new.topic
        and old.element.properties.get("act") == new.element.properties.get("act")
    )  # fmt: skip


def same_rounds(old: Drawn, new: Drawn) -> bool:
    """Whether an activity is done as often, over the same, until the same."""
    return old.multi == new.multi and old.repeat == new.repeat


def same_wait(old: Trigger | None, new: Trigger | None) -> bool:
    """Whether the same kind of event is waited for. A timer that runs keeps its moment, whatever is written now."""
    if old is None or new is None:
        return old is new
    kinds = (old.kind, old.timer.kind if old.timer else None), (new.kind, new.timer.kind if new.timer else None)
    return kinds[0] == kinds[1]
