"""Whether a process can always end where conditions are taken at their word: a loop whose way out can no longer hold.

`soundness` lets each condition hold or not at any time. Here the few variables are kept that the ways out of a loop
read, and that nothing in the loop writes, or that an event waits for, as far as acts say what they come to
(statutory.yaml). With less data there are only more paths: what can't end then, can't end at all. That it can come to
that is asked of the path with everything that is read along it; where it can't be passed, what stops it is kept too
(as in `statutory_search`). A search that becomes too large finds nothing.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from workflows.diagrams.proof import Finding
from workflows.diagrams.soundness import dead_ends, finding, waiting
from workflows.diagrams.soundness_play import Edge
from workflows.diagrams.soundness_rest import deciding, elements
from workflows.diagrams.soundness_space import Space
from workflows.diagrams.statutory_deeds import NONE, Known, Vars
from workflows.diagrams.statutory_net import Net
from workflows.diagrams.statutory_rules import Law

MOST_NODES = 10_000
"""States, with what is known there, of one search."""
MOST_KEPT = 10
"""Variables that are kept at one time."""
MOST_LOOPS = 24
"""Sets of variables that are tried."""
WIDEST = 2_000
"""States among which the shortest loop through one is looked for."""
SEVERAL = 8
"""States with the same decision that are looked at: it may be come to from outside of a loop and from inside."""


class At(NamedTuple):
    """A state of the process, and what is known there."""

    state: int
    known: Known


@dataclass
class Graph:
    """What can be reached. before[i]: from where and by which edge nodes[i] was reached first."""

    nodes: list[At]
    after: list[list[tuple[int, Edge]]] = field(default_factory=list)
    before: list[tuple[int, Edge] | None] = field(default_factory=list)


def check(space: Space, law: Law, *, opening: bool) -> Iterator[Finding]:
    """One finding for each element from which the process can't end, with the path to it.

    space: of a sound process, whole; opening: whether a case is opened with it.
    """
    net = Net(space, law, opening=opening)
    ended = _ended(space)
    told: set[tuple[str, str]] = set()
    for kept in _loops(net):
        found = _endless(net, kept, ended)
        if found is not None and (found.process, found.element) not in told:
            told.add((found.process, found.element))
            yield found


def _ended(space: Space) -> set[int]:
    """The states behind which nothing is asked: the end, and those that are told of as what they are."""
    over = [] if space.over is None else [space.over]
    stops = [number for number, edges in enumerate(space.edges) if any(edge.stop is not None for edge in edges)]
    return {*over, *stops, *dead_ends(space)}


def _loops(net: Net) -> Iterator[Vars]:
    """Sets of variables worth keeping: what ways out of a loop read and nothing in it writes, or an event waits for."""
    looked_at = Counter[frozenset[tuple[tuple[str, ...], str]]]()
    found: dict[Vars, None] = {}
    for number, edges in enumerate(net.space.edges):
        if not any(net.asked(edge) for edge in edges):
            continue
        deciding = frozenset((deed.place, deed.node.id) for edge in edges for deed in edge.deeds if net.asked(edge))
        looked_at[deciding] += 1
        if looked_at[deciding] > SEVERAL:
            continue
        if len(edges) == 1:
            found[_of_diagram(net.asked(edges[0]))] = None
        around = _around(net.space, number)
        asked = NONE.union(*(net.asked(edge) for state, _ in around for edge in net.space.edges[state]))
        found[_of_diagram(asked - NONE.union(*(net.writes(edge) for _, edge in around)))] = None
    return islice((kept for kept in found if 0 < len(kept) <= MOST_KEPT), MOST_LOOPS)


def _of_diagram(names: Vars) -> Vars:
    """Without the facts of the case: these tell which acts can be done, and not whether a process ends."""
    return frozenset(var for var in names if var.place is not None)


def _around(space: Space, start: int) -> list[tuple[int, Edge]]:
    """The shortest loop through a state: the states and the edges by which they are left; empty if there is none."""
    before: dict[int, tuple[int, Edge]] = {}
    queue = deque([start])
    while queue and len(before) < WIDEST:
        at = queue.popleft()
        for edge in space.edges[at]:
            if edge.target is None or edge.target in before:
                continue
            before[edge.target] = (at, edge)
            if edge.target == start:
                found = [before[start]]
                while found[-1][0] != start:
                    found.append(before[found[-1][0]])
                return found[::-1]
            queue.append(edge.target)
    return []


def _endless(net: Net, kept: Vars, ended: set[int]) -> Finding | None:
    """The first element from which the end can't be reached any more."""
    while len(kept) <= MOST_KEPT:
        graph = _reached(net, kept, At(0, _only(net.start, kept)))
        if graph is None:
            return None
        ending = _leading_to(graph, ended)
        number = next((number for number in range(len(graph.nodes)) if number not in ending), None)
        if number is None:
            return None
        more = _why_not(net, graph, number, kept)
        if more is None:
            return _told(net, graph, number, ended)
        if not more:
            return None
        kept |= more
    return None


def _reached(net: Net, kept: Vars, first: At) -> Graph | None:
    """Everything behind a node; None if it is too much."""
    graph = Graph([first], before=[None])
    numbers = {first: 0}
    for number, at in enumerate(graph.nodes):  # it grows meanwhile
        graph.after.append([])
        for edge in net.space.edges[at.state]:
            if edge.target is None:
                continue
            live = kept & net.live[edge.target]
            stays = _only(at.known, live - net.writes(edge))
            for one in net.effects(edge, _only(at.known, net.reads(edge))):
                node = At(edge.target, stays | _only(one.sets, live))
                if node not in numbers:
                    if len(numbers) >= MOST_NODES:
                        return None
                    numbers[node] = len(numbers)
                    graph.nodes.append(node)
                    graph.before.append((number, edge))
                graph.after[number].append((numbers[node], edge))
    return graph


def _leading_to(graph: Graph, ended: set[int]) -> set[int]:
    into: dict[int, list[int]] = {}
    for number, following in enumerate(graph.after):
        for target, _ in following:
            into.setdefault(target, []).append(number)
    found: set[int] = set()
    queue = [number for number, at in enumerate(graph.nodes) if at.state in ended]
    while queue:
        number = queue.pop()
        if number not in found:
            found.add(number)
            queue += into.get(number, ())
    return found


def _path(graph: Graph, number: int) -> list[tuple[Edge, At]]:
    """The edges to a node, each with the node that it leads to."""
    found: list[tuple[Edge, At]] = []
    while (came := graph.before[number]) is not None:
        found.append((came[1], graph.nodes[number]))
        number = came[0]
    return found[::-1]


def _why_not(net: Net, graph: Graph, number: int, kept: Vars) -> Vars | None:
    """Variables that, known beside those kept, show that a node can't be reached so; None if it can be."""
    path = _path(graph, number)
    wanted = [kept]
    for edge, _ in reversed(path):
        wanted.append(net.before(edge, wanted[-1]))
    wanted.reverse()
    if _passed(net, path, wanted):
        return None
    needed = NONE.union(*wanted) - kept
    for var in sorted(needed, key=lambda var: (len(var.place or ()), var.place or (), var.name)):
        if not _passed(net, path, [some & (kept | needed - {var}) for some in wanted]):
            needed -= {var}
    return needed


def _passed(net: Net, path: list[tuple[Edge, At]], keep: list[Vars]) -> bool:
    """Whether a path can be passed with the same values. keep: the variables that count in each state."""
    reached = {_only(net.start, keep[0])}
    for (edge, at), wanted in zip(path, keep[1:], strict=True):
        agreed = _only(at.known, wanted)
        reached = {
            after for known in reached for one in net.effects(edge, _only(known, net.reads(edge)))
            if agreed <= (after := _only(known, wanted - net.writes(edge)) | _only(one.sets, wanted))
        }  # fmt: skip
        if not reached:
            return False
    return True


def _told(net: Net, graph: Graph, number: int, ended: set[int]) -> Finding | None:
    """The finding at the element where it waits in vain, or at the first of the loop that it can't leave."""
    kept = _of_diagram(frozenset(var for at in graph.nodes for var, _ in at.known))
    at = graph.nodes[number]
    behind = _reached(net, kept, At(at.state, _only(at.known, kept)))
    if behind is None or any(node.state in ended for node in behind.nodes):
        return None  # facts of the case stop it, and not the diagram
    steps = [step for edge, _ in _path(graph, number) for step in edge.steps]
    seen, here = dict[int, int](), 0
    while here not in seen and behind.after[here]:
        seen[here] = len(steps)
        here, edge = behind.after[here][0]
        steps += edge.steps
    if around := elements(net.space, steps[seen[here] :]) if here in seen else []:
        drawing, node = deciding(around)
    else:
        held = waiting(net.space, behind.nodes[here].state)
        drawing, node = next(held, None) or elements(net.space, steps)[-1]
    values = "、".join(f"{var.name} = {str(value).lower()}" for var, value in sorted(at.known, key=repr)
                      if var in kept)  # fmt: skip
    return finding("soundness.never_ends", drawing, node.id, tuple(steps), values=values)


def _only(known: Known, keep: Vars) -> Known:
    return frozenset([pair for pair in known if pair[0] in keep]) if known else known
