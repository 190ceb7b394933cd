"""Which variables of a process anybody may still read: what nobody reads any more need not be told apart.

The usual analysis of a compiler (backwards over the flows), over one definition; variables of called processes are
their own. A variable matters if a condition reads it, or if it is handed to one that does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflows.diagrams.soundness_drawing import Drawing, Scene
from workflows.diagrams.soundness_marking import WAITING, Scope
from workflows.engine.elements import Copy, Drawn

Names = frozenset[str]
NONE: Names = frozenset()


def that_matter(scene: Scene) -> Names:
    """The names that conditions read, and those that are handed on to such names."""
    nodes = [node for drawing in scene.drawings.values() for node in drawing.nodes.values()]
    found = {name for node in nodes for flow in node.flows_out if flow.condition for name in flow.condition.names}
    handed = [pair for node in nodes for pair in _handed(node)]
    before = -1
    while before != len(found):
        before = len(found)
        found |= {name for target, names in handed if target in found for name in names}
    return frozenset(found)


def _handed(node: Drawn) -> Iterator[tuple[str, Names]]:
    for copy in (*node.call.into, *node.call.out) if node.call is not None else ():
        if copy.target is not None and copy.source is not None:
            yield copy.target, copy.source.names
    for name, expression in (*node.inputs, *node.outputs):
        yield name, expression.names


class Live:
    """The living variables of one definition. matters: the names worth asking for; sets: what an element sure sets."""

    def __init__(self, drawing: Drawing, matters: Names, sets: Mapping[str, Names], at_end: Names) -> None:
        self._drawing, self._matters, self._sets = drawing, matters, sets
        self._before: dict[str, Names] = dict.fromkeys(drawing.nodes, NONE)
        self._after: dict[str, Names] = dict.fromkeys(drawing.nodes, NONE)
        self._at_end = at_end & matters
        changed = True
        while changed:
            changed = False
            for node in drawing.nodes.values():
                after, before = self._of(node)
                if (after, before) != (self._after[node.id], self._before[node.id]):
                    self._after[node.id], self._before[node.id], changed = after, before, True

    def of(self, scope: Scope) -> Names:
        """What is alive in a running process, its subprocesses counted."""
        found: set[str] = set()
        queue = [scope]
        while queue:
            for token in queue.pop().tokens:
                found |= self._before[token.node.id] if token.state == WAITING else NONE
                if token.state != WAITING or token.within:
                    found |= self._before[token.node.id] | self._after[token.node.id]
                queue.extend(one for one in token.within if one is not None and not one.own_values)
        return frozenset(found)

    def _of(self, node: Drawn) -> tuple[Names, Names]:
        """What is alive once an element has done its work but has not asked its flows, and what is before it."""
        onward = {name for flow in node.flows_out for name in self._before[flow.target]}
        onward |= {name for flow in node.flows_out if flow.condition for name in flow.condition.names}
        if node.element.kind == "endEvent" or node.by_event:
            onward |= self._behind(node.element.scope)
        after = frozenset(onward) & self._matters
        inside = self._drawing.starts.get(node.id)
        before = (after - self._sets.get(node.id, NONE)) | (_read(node) & self._matters)
        before |= self._before[inside.id] if inside is not None else NONE
        for border in self._drawing.attached.get(node.id, ()):
            before |= self._before[border.id]
        for watch in self._drawing.watches.get(node.element.scope, ()):
            before |= self._before[watch.id]
        return after, before

    def _behind(self, scope: str) -> Names:
        """What is alive where a scope ends."""
        return self._at_end if scope == self._drawing.process_id else self._after[scope]


def _read(node: Drawn) -> Names:
    """What an element itself reads."""
    names = {name for _, expression in (*node.inputs, *node.outputs) for name in expression.names}
    return frozenset(names).union(*(_sources(node.call.into) if node.call is not None else ()))


def _sources(copies: Iterable[Copy]) -> Iterator[Names]:
    return (copy.source.names for copy in copies if copy.source is not None)


def lives(scene: Scene, sets: Mapping[str, Mapping[str, Names]]) -> dict[str, Live]:
    """For each process of a scene. sets: process → element → the variables that it always sets."""
    matters = that_matter(scene)
    calls = [node.call for one in scene.drawings.values() for node in one.nodes.values() if node.call is not None]
    found = {}
    for key, drawing in scene.drawings.items():
        out = [copy for call in calls if call.key == key for copy in call.out]
        whole = any(copy.source is None for copy in out)
        at_end = matters if whole else NONE.union(*_sources(out))
        found[key] = Live(drawing, matters, sets.get(key, {}), at_end)
    return found
