"""Looks for a path that breaks a rule of order, with no more data than it takes to tell whether a path is possible.

At first nothing is known of data. A path that breaks the rule is then played again with everything that is asked along
it; where it can't be passed, the variables that stop it are kept from then on, and the search begins anew
(counterexample-guided abstraction refinement; Clarke, Grumberg, Jha, Lu and Veith, 2003). What is kept only ever grows,
and with all of it a path that is found is a real one: the search ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from workflows.diagrams.proof import Step
from workflows.diagrams.soundness_play import Edge
from workflows.diagrams.statutory_deeds import NONE, Known, Vars, act_of
from workflows.diagrams.statutory_net import Net
from workflows.diagrams.statutory_rules import END, Event, Rule, fits

MOST_STATES = 100_000
"""States of one search."""

ELEMENT = "element:"
"""Before an element's id: its being passed as an event, for rules that are not about acts."""
FEW = 12
"""So many variables are kept at once, where another rule needed them."""


class TooLarge(Exception):
    """A search found more states than it may look at."""


class Passed(NamedTuple):
    """One edge of a path: whether something was missing before it and after it, and whether it breaks the rule."""

    edge: Edge
    missing: bool
    after: bool
    breaks: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """A path on which a rule is broken at its end: in which process, at which element."""

    process: str
    element: str
    steps: tuple[Step, ...]


def broken(net: Net, rule: Rule, *, most_states: int = MOST_STATES) -> Iterator[Broken]:
    """The first path to each element at which a rule is broken. Raises TooLarge."""
    kept: Vars = NONE
    told: set[tuple[str, str]] = set()
    while (path := _Search(net, rule, kept, told, most_states).path()) is not None:
        more = _why_not(net, rule, path, kept)
        if more is None:
            place = _place(net, path[-1].edge, rule)
            told.add(place)
            yield Broken(*place, tuple(step for passed in path for step in passed.edge.steps))
        elif not more:
            raise AssertionError(f"{rule.id}: nothing more to know about a path that can't be passed")
        else:
            kept |= next((learnt for learnt in net.learnt if more <= learnt and len(learnt) <= 14), more)
    if len(kept) <= FEW:
        net.learnt.append(kept)  # what one rule needed, the next one that begins so will need too


Row = tuple[Any, ...]
"""What is known of the variables that are kept, in their order; None where nothing is."""


class At(NamedTuple):
    """A state of the search: one of the process, what is known there, and whether something is missing."""

    state: int
    known: Row
    missing: bool


class Way(NamedTuple):
    """An effect as far as it counts for a rule.

    sets: number of a variable and its value; breaks: whether it breaks the rule, if something is missing; missing:
    whether something is missing after it, if nothing was before, and if something was.
    """

    sets: tuple[tuple[int, Any], ...]
    breaks: bool
    missing: tuple[bool, bool]


class Lane(NamedTuple):
    """An edge in a search. reads: the variables that it reads, by number; drops: those that it leaves unknown unless it
    sets them, for it writes them or nobody asks any more; ways: what is read → its effects that differ.
    """

    edge: Edge
    reads: tuple[int, ...]
    drops: tuple[int, ...]
    ways: dict[Row, tuple[Way, ...]]


class _Search:
    """One search, with what is kept of the data."""

    def __init__(self, net: Net, rule: Rule, kept: Vars, told: set[tuple[str, str]], most_states: int) -> None:
        self.net, self.rule, self.told, self.most_states = net, rule, told, most_states
        self.kept = sorted(kept, key=repr)
        self._lanes: dict[int, list[Lane]] = {}

    def path(self) -> list[Passed] | None:
        """The shortest path that breaks the rule at an element that was not told of, as far as can be known."""
        start = dict(self.net.start)
        first = At(0, tuple(start.get(var) for var in self.kept), not self.rule.begins_open)
        before: dict[At, tuple[At, Edge] | None] = {first: None}
        queue = deque([first])
        while queue:
            at = queue.popleft()
            for lane in self._lanes.get(at.state) or self._lay(at.state):
                read = tuple([at.known[number] for number in lane.reads])
                ways = lane.ways.get(read)
                for way in self._ways(lane, read) if ways is None else ways:
                    if way.breaks and at.missing:
                        if _place(self.net, lane.edge, self.rule) not in self.told:
                            return _path(before, at, lane.edge)
                        continue  # what follows a broken rule breaks it no more than that
                    if lane.edge.target is None:
                        continue
                    after = At(lane.edge.target, _changed(at.known, lane.drops, way.sets), way.missing[at.missing])
                    if after not in before:
                        if len(before) >= self.most_states:
                            raise TooLarge
                        before[after] = (at, lane.edge)
                        queue.append(after)
        return None

    def _lay(self, state: int) -> list[Lane]:
        lanes = self._lanes[state] = []
        for edge in self.net.space.edges[state]:
            reads, writes = self.net.reads(edge), self.net.writes(edge)
            live = self.net.live[edge.target] if edge.target is not None else NONE
            lanes.append(Lane(
                edge, tuple(number for number, var in enumerate(self.kept) if var in reads),
                tuple(number for number, var in enumerate(self.kept) if var in writes or var not in live), {},
            ))  # fmt: skip
        return lanes

    def _ways(self, lane: Lane, read: Row) -> tuple[Way, ...]:
        """The effects of an edge that differ."""
        edge, live = lane.edge, self.net.live[lane.edge.target] if lane.edge.target is not None else NONE
        known = frozenset((self.kept[number], value) for number, value in zip(lane.reads, read, strict=True)
                          if value is not None)  # fmt: skip
        found: dict[Way, None] = {}
        for one in self.net.effects(edge, known):
            given = {var: value for var, value in one.sets if var in live}
            sets = tuple((number, given[var]) for number, var in enumerate(self.kept) if var in given)
            missing = (_after(self.rule, one.event, missing=False), _after(self.rule, one.event, missing=True))
            found[Way(sets, _breaks(self.net, self.rule, edge, one.event), missing)] = None
        lane.ways[read] = tuple(found)
        return lane.ways[read]


def _changed(known: Row, drops: tuple[int, ...], sets: tuple[tuple[int, Any], ...]) -> Row:
    dropped = [number for number in drops if known[number] is not None]
    if not sets and not dropped:
        return known
    after = list(known)
    for number in dropped:
        after[number] = None
    for number, value in sets:
        after[number] = value
    return tuple(after)


def _only(known: Known, keep: Vars) -> Known:
    return frozenset([pair for pair in known if pair[0] in keep]) if known else known


def _after(rule: Rule, event: Event | None, *, missing: bool) -> bool:
    return missing if event is None else rule.after(event, missing)


def _breaks(net: Net, rule: Rule, edge: Edge, event: Event | None) -> bool:
    """Whether an edge does what must not be done while something is missing."""
    if event is not None and fits(rule.never, event):
        return True
    ends = END in rule.never and edge.target is not None and edge.target == net.space.over
    return ends and _after(rule, event, missing=True)


def _path(before: dict[At, tuple[At, Edge] | None], at: At, last: Edge) -> list[Passed]:
    path = [Passed(last, at.missing, at.missing, breaks=True)]
    came = before[at]
    while came is not None:
        path.append(Passed(came[1], came[0].missing, at.missing))
        at = came[0]
        came = before[at]
    return path[::-1]


def _why_not(net: Net, rule: Rule, path: list[Passed], kept: Vars) -> Vars | None:
    """A few variables that, known beside those kept, show that a path can't be passed; None if it can be."""
    wanted = _wanted(net, path)
    stop = _passed(net, rule, path, wanted)
    if stop is None:
        return None
    path = path[: stop + 1]
    wanted = _wanted(net, path)
    everything = NONE.union(*wanted)
    tried = net.asked(path[-1].edge) & everything
    while _passed(net, rule, path, [vars & (kept | tried) for vars in wanted]) is None:
        more = NONE.union(*(net.linked(passed.edge, tried) for passed in path)) & everything
        tried = everything if more <= tried else tried | more
    needed = tried - kept
    for var in sorted(needed, key=lambda var: (len(var.place or ()), var.place or (), var.name)):
        if _passed(net, rule, path, [vars & (kept | needed - {var}) for vars in wanted]) is not None:
            needed -= {var}
    return needed


def _passed(net: Net, rule: Rule, path: list[Passed], keep: list[Vars]) -> int | None:
    """Plays a path; the number of the first edge that can't be passed as it was, None if all can.

    keep: the variables that count in each state.
    """
    reached = {_only(net.start, keep[0])}
    for number, passed in enumerate(path):
        following: set[Known] = set()
        wanted = keep[number + 1]
        for known in reached:
            stays = _only(known, wanted - net.writes(passed.edge))
            for one in net.effects(passed.edge, _only(known, net.reads(passed.edge))):
                if passed.breaks:
                    if _breaks(net, rule, passed.edge, one.event):
                        return None
                elif _after(rule, one.event, missing=passed.missing) == passed.after:
                    following.add(stays | _only(one.sets, wanted))
        if not following:
            return number
        reached = following
    return None


def _wanted(net: Net, path: list[Passed]) -> list[Vars]:
    """For each state along a path, the variables that are asked on the rest of it; one more than there are edges."""
    found = [NONE]
    for passed in reversed(path):
        found.append(net.before(passed.edge, found[-1]))
    return found[::-1]


def _place(net: Net, edge: Edge, rule: Rule) -> tuple[str, str]:
    """The process and element at which an edge breaks a rule: where the act is done, or the end that is reached."""
    for deed in edge.deeds:
        act = act_of(deed.node)
        table = f"table:{deed.node.decision.id}" if deed.node.decision is not None else ""
        if {act, table, ELEMENT + deed.node.id} & rule.never.keys():
            step = next(step for step in edge.steps if step.id == deed.node.id)
            return step.process, step.id
    root = net.space.scene.root
    ends = [step.id for step in edge.steps if step.process == root.key and step.id in root.nodes]
    return root.key, ends[-1]
