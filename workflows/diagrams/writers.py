"""Which elements may have been passed before another one is reached, so that what they write can be read there.

Said too often rather than too seldom: whatever may run beside a reader counts as before it, and so does all that an
event subprocess watches. Sending back at the desk does not count: the first time round nothing was sent back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import permutations

from workflows.diagrams.soundness_drawing import Drawing
from workflows.engine.elements import Drawn

Point = tuple[str, int]
"""An element, as it is entered (0) and as it is left (1)."""
_CHOOSING = ("exclusiveGateway", "eventBasedGateway")
_JOINING = ("parallelGateway", "inclusiveGateway")


class Order:
    """What may come before what in a process."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._next: dict[Point, set[Point]] = {}
        self._inside = {scope: list(_within(drawing, scope)) for scope in drawing.starts}
        for node in drawing.nodes.values():
            self._lead(node)
        self._starts: list[Point] = [
            (start.id, 0) for scope, start in drawing.starts.items() if scope == drawing.process_id
        ]
        self._begun = self._reach(self._starts)

    def reached(self, id: str) -> bool:
        """Whether an element can be reached from the start."""
        return (id, 0) in self._begun

    def before(self, writer: str, reader: str, *, leaving: bool) -> bool:
        """Whether an element can be left before another one is entered (leaving: is left)."""
        written, read = (writer, 1), (reader, int(leaving))
        if written not in self._begun:
            return False
        if written == read or read in self._reach(self._next.get(written, ())):
            return True
        return any(written in one and read in other for one, other in self._beside)

    def earlier(self, one: str, other: str) -> bool:
        """Whether an element leads to another one, and is nearer to the start: only ways back lead to it from there."""
        near, far = self._far.get((one, 0)), self._far.get((other, 0))
        return near is not None and far is not None and near < far and (other, 0) in self._reach([(one, 1)])

    def in_one_run(self, one: str, other: str) -> bool:
        """Whether both of two elements can be done without what leads to the first of them being done anew: side by
        side, or one after the other; not on two ways between which the process chooses, though a loop may lead back
        there.
        """
        return self._side_by_side(one, other) or self._onward(one, other) or self._onward(other, one)

    def missed(self, one: str, at: str) -> bool:
        """Whether what stands at an element does not come by another one any more, which it would have done, or may
        have, had it come the whole way: that lies before, or beside it. What a loop leads back to is not counted.
        """
        return self.earlier(one, at) or (self._side_by_side(one, at) and not self._onward(at, one))

    def _side_by_side(self, one: str, other: str) -> bool:
        return any((one, 1) in way and (other, 0) in beside for way, beside in self._beside)

    def _onward(self, one: str, other: str) -> bool:
        if not self.reached(one):
            return False
        return (other, 0) in self._reach(self._next.get((one, 1), ()), self._passed_by_all(one))

    def _passed_by_all(self, id: str) -> set[Point]:
        """The points that every way from the start to an element passes: those of one way that no other goes round."""
        way = self._way(id)
        place = {point: number for number, point in enumerate(way)}
        found, seen, furthest = set[Point](), set[Point](), 0
        queue = [point for point in self._starts if point != way[0]]
        for number, point in enumerate(way):
            while queue:
                for further in self._next.get(queue.pop(), ()):
                    if further in place:
                        furthest = max(furthest, place[further])
                    elif further not in seen:
                        seen.add(further)
                        queue.append(further)
            if furthest <= number:
                found.add(point)
            queue.append(point)
        return found

    def _way(self, id: str) -> list[Point]:
        """A shortest way from the start to an element, which can be reached."""
        before: dict[Point, Point] = {}
        for point in self._far:  # in the order of their distance
            for further in self._next.get(point, ()):
                before.setdefault(further, point)
        found = [(id, 0)]
        while found[-1] not in self._starts:
            found.append(before[found[-1]])
        return found[::-1]

    @cached_property
    def _beside(self) -> list[tuple[set[Point], set[Point]]]:
        return list(self._branches())

    @cached_property
    def _far(self) -> dict[Point, int]:
        """How many moves each point is away from the start, on the shortest way."""
        found, queue = dict.fromkeys(self._starts, 0), list(self._starts)
        for point in queue:
            for further in self._next.get(point, ()):
                if further not in found:
                    found[further] = found[point] + 1
                    queue.append(further)
        return found

    def _lead(self, node: Drawn) -> None:
        inside = self._inside.get(node.id)
        if inside:
            self._add((node.id, 0), (self._drawing.starts[node.id].id, 0))
            for one in inside:
                if not one.flows_out:
                    self._add((one.id, 1), (node.id, 1))
        else:
            self._add((node.id, 0), (node.id, 1))
        for flow in node.flows_out:
            self._add((node.id, 1), (flow.target, 0))
        if node.multi is not None or node.repeat is not None:
            self._add((node.id, 1), (node.id, 0))
        for event in self._drawing.attached.get(node.id, ()):
            self._add((node.id, 0), (event.id, 0))
            if node.element.kind != "userTask":  # what a person writes is written when the step is done
                self._add((node.id, 1), (event.id, 0))
            for one in inside or ():
                self._add((one.id, 1), (event.id, 0))
        if node.by_event:
            self._watch(node, inside or [])

    def _watch(self, node: Drawn, inside: list[Drawn]) -> None:
        """An event subprocess: begun at any time after anything in its scope, and beside it where it interrupts not."""
        scope = node.element.scope
        around = [one for one in self._inside.get(scope, ()) if one.id != node.id and one not in inside]
        start = self._drawing.starts.get(node.id)
        for one in around:
            for moment in (0, 1):
                self._add((one.id, moment), (node.id, 0))
                if start is not None and not start.interrupting:
                    self._add((node.id, 1), (one.id, moment))
                    for inner in inside:
                        self._add((inner.id, 1), (one.id, moment))
        self._add((node.id, 1), (scope, 1))

    def _branches(self) -> Iterator[tuple[set[Point], set[Point]]]:
        """What runs side by side after each fork, until the joins that all its branches lead to."""
        for node in self._drawing.nodes.values():
            events = [one for one in self._drawing.attached.get(node.id, ()) if not one.interrupting]
            forks = list[tuple[Point, list[Point]]]()
            if len(node.flows_out) > 1 and node.element.kind not in _CHOOSING:
                forks.append(((node.id, 1), [(flow.target, 0) for flow in node.flows_out]))
            for event in events:
                others = [one for one in self._next.get((node.id, 0), ()) if one != (event.id, 0)]
                forks.append(((node.id, 0), [*others, (event.id, 0)]))
            for fork, heads in forks:
                reached = [self._reach([head], {fork}) for head in heads]
                joins = {point for point in set.intersection(*reached) if self._joins(point)}
                for one, other in permutations(heads, 2):
                    yield self._reach([one], {fork} | joins), self._reach([other], {fork} | joins)

    def _joins(self, point: Point) -> bool:
        node = self._drawing.nodes.get(point[0])
        return node is not None and node.element.kind in _JOINING and len(node.flows_in) > 1

    def _add(self, one: Point, other: Point) -> None:
        self._next.setdefault(one, set()).add(other)

    def _reach(self, points: Iterable[Point], closed: Iterable[Point] = ()) -> set[Point]:
        shut, found, queue = set(closed), set[Point](), list(points)
        while queue:
            point = queue.pop()
            if point not in found and point not in shut:
                found.add(point)
                queue += self._next.get(point, ())
        return found


def _within(drawing: Drawing, scope: str) -> Iterator[Drawn]:
    """All elements of a scope and of those in it."""
    parents: Mapping[str, str] = {node.id: node.element.scope for node in drawing.nodes.values()}
    for node in drawing.nodes.values():
        outer = node.element.scope
        while outer != scope and outer in parents:
            outer = parents[outer]
        if outer == scope:
            yield node
