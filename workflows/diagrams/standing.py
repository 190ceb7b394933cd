"""Whether a case may stand in a version of its process at certain steps: whether one that began there ever could.

A version's markings (`soundness_space`) are all places in which its own cases can stand, whatever the data. A case that
was moved to it may stand only in such a place from which the end can be reached: then nothing that was proven of the
version is lost by the move. Not told apart are side branches of events that do not interrupt; of the instances of a
round each is looked at by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice, product
from typing import Any

from workflows.calendar import clock
from workflows.diagrams.soundness import dead_ends, leading_to, stuck_at
from workflows.diagrams.soundness_drawing import Scene
from workflows.diagrams.soundness_drawing import scene as scene_of
from workflows.diagrams.soundness_marking import DONE, WAITING, WATCHING, Marking
from workflows.diagrams.soundness_space import MOST_STATES, Space, explore, resting
from workflows.diagrams.statutory_deeds import act_of
from workflows.engine.definition import Definition
from workflows.engine.runtime import Instance
from workflows.engine.standing import Stage, Stand, standing
from workflows.errors import Incident, Problem

FEW_STATES = 5_000
"""Markings that are looked at to say why a case can't stand somewhere."""
MOST_VIEWS = 2_000
"""Ways of picking one instance of each round, of a case that has several rounds inside of each other."""

View = tuple[Any, ...]
_AROUND = ("callActivity", "subProcess", "transaction")
_JOINS = ("parallelGateway", "inclusiveGateway")


class Version:
    """Where the cases of a version can stand. others: the versions of the processes that it calls, by key."""

    def __init__(
        self, definition: Definition, others: Mapping[str, Definition], most_states: int = MOST_STATES
    ) -> None:
        self.scene: Scene = scene_of(definition, others)
        space = explore(self.scene, most_states=most_states)
        ending = leading_to(space, [space.over] if space.over is not None else [])
        self.proven = space.complete
        behind = acts_behind(space)
        self.known: dict[View, frozenset[str]] = {}
        for number in ending:
            if number != space.over and resting(space.states[number]):
                for view in self._views(space.states[number]):
                    self.known[view] = self.known.get(view, behind[number]) & behind[number]

    def behind(self, instance: Instance) -> frozenset[str]:
        """The statutory acts that lie on every path to where the instance stands."""
        if instance.finished:
            return frozenset()
        views = islice(self._views(self._marking(standing(instance.run), ())), MOST_VIEWS)
        return frozenset[str]().union(*(self.known.get(view, frozenset()) for view in views))

    def problems(self, instance: Instance) -> list[Problem]:
        """Why the instance may not stand where it does; empty if it may."""
        if instance.finished:
            return []
        marking = self._marking(standing(instance.run), ())
        views = list(islice(self._views(marking), MOST_VIEWS + 1))
        if len(views) <= MOST_VIEWS and all(view in self.known for view in views):
            return []
        return [self._why(instance, marking)]

    def _why(self, instance: Instance, marking: Marking) -> Problem:
        space = explore(self.scene, most_states=FEW_STATES, beginning=marking)
        if dead := dead_ends(space):
            found = stuck_at(space, dead[0])
            return Problem("migration.deadlock", found.element, found.line, {**found.facts, "process": found.process})
        live = instance.live()
        drawn = {one: self.scene.drawings[one.process_key].nodes[one.element_id].element for one in live}
        inner = [one for one in live if drawn[one].kind not in _AROUND] or live
        often = Counter((one.process_key, one.element.id) for one in instance.steps())
        names = []
        for one in inner:
            number = often[one.process_key, one.element_id]
            names.append((drawn[one].name or one.element_id) + (f" ×{number}" if number > 1 else ""))
        facts = {"steps": "、".join(names), "process": inner[0].process_key}
        code = "migration.nowhere" if self.proven else "migration.unproven"
        return Problem(code, inner[0].element_id, drawn[inner[0]].line, facts)

    def _marking(self, stage: Stage, around: tuple[str, ...]) -> Marking:
        """A stage as a marking of the space."""
        drawing = self.scene.drawings[stage.process_key]
        whole = stage.scope == drawing.process_id
        known = (*around, stage.process_key) if whole else around
        tokens = [self._token(stage, stand, known) for stand in stage.stands]
        watching = [(node.id, "", WATCHING, "", (), ()) for node in drawing.watches.get(stage.scope, ())]
        return (stage.process_key, stage.scope, tuple(sorted([*tokens, *watching], key=repr)))

    def _token(self, stage: Stage, stand: Stand, around: tuple[str, ...]) -> Marking:
        call = self.scene.drawings[stage.process_key].nodes[stand.element_id].call
        inner: list[Marking] = []
        if call is None or call.key not in around:  # what a process does that calls itself is not looked at
            inner = [self._marking(one, around) if one is not None else () for one in stand.within]
        return (stand.element_id, stand.branch, WAITING, "", tuple(inner), ())

    def _views(self, scope: Marking) -> Iterator[View]:
        """What of a scope is compared: of each round one instance, in all ways of picking it."""
        key, id, tokens = scope
        nodes = self.scene.drawings[key].nodes
        choices = []
        for element, came, state, _, within, _ in tokens:
            if state == WATCHING:
                continue
            branch = came if nodes[element].element.kind in _JOINS else ""
            inner = dict.fromkeys(view for one in within if one for view in self._views(one))
            choices.append([(element, branch, view) for view in inner] or [(element, branch, ())])
        for chosen in product(*choices):
            yield (key, id, tuple(sorted(chosen, key=repr)))


def acts_behind(space: Space) -> list[frozenset[str]]:
    """For each state the statutory acts that are done on every path to it; data is not looked at.

    The usual analysis of a compiler: forwards over the edges, until nothing is taken away.
    """
    found: list[frozenset[str] | None] = [None] * len(space.states)
    found[0] = frozenset()
    queue = dict.fromkeys([0])
    while queue:
        number = next(iter(queue))
        del queue[number]
        for edge in space.edges[number]:
            if edge.target is None:
                continue
            done = {act_of(deed.node) for deed in edge.deeds if deed.what == DONE} - {""}
            here, before = (found[number] or frozenset()) | done, found[edge.target]
            after = here if before is None else before & here
            if after != before:
                found[edge.target] = after
                queue[edge.target] = None
    return [acts or frozenset() for acts in found]


def returns_that_fail(version: Version, instance: Instance) -> set[tuple[str, str]]:
    """Process key and id of the earlier steps to which the instance could go back, to stand where it may not.

    There are some in its own version too: beside a join that others have passed and ended behind.
    """
    found: set[tuple[str, str]] = set()
    tried: set[str] = set()
    for step in instance.steps():
        for earlier in instance.earlier(step.id):
            if earlier.id in tried:
                continue
            tried.add(earlier.id)
            other = instance.copy()
            try:
                other.go_back(step.id, earlier.id, clock.now())
            except Incident:
                found.add((earlier.process_key, earlier.element.id))
                continue
            if version.problems(other):
                found.add((earlier.process_key, earlier.element.id))
    return found


@lru_cache(maxsize=16)
def _version(key: str, called: tuple[Definition, ...]) -> Version:
    known = {one.key: one for one in called}
    return Version(known[key], known)


def version(key: str, called: Mapping[str, Definition]) -> Version:
    """The version of a process that calls these; looked at once for all its cases."""
    return _version(key, tuple(called[name] for name in sorted(called)))
