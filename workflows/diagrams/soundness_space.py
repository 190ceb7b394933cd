"""The state space of a process: every marking that can be reached, how, and by which elements and flows.

Bounded: at `MOST_STATES` states, `MOST_TOKENS` tokens or the work of `WORK` a state the search ends and says so; then
nothing is proven.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from workflows.diagrams.proof import Step
from workflows.diagrams.soundness_conditions import TooManyWays
from workflows.diagrams.soundness_drawing import Scene
from workflows.diagrams.soundness_marking import ASKED, OVER, READY, Game, Marking
from workflows.diagrams.soundness_play import Edge, moves

MOST_STATES = 10_000
"""States that are looked at; two seconds."""
WORK = 50
"""Each token of a state can move, and each move copies all of them: so much of that for each state that may be looked
at. Seven tokens at one time in all states, or fewer states with more.
"""
MOST_TOKENS = 60
"""Tokens at one time in all scopes."""
ENOUGH = 2_000
"""States that are looked at where it is known that there are any number of them."""
MANY = 3
"""From so many tokens in the same place on, it is asked whether there could be any number of them."""


@dataclass
class Space:
    """What was found. states[0] is the beginning; edges[i] leave state i; before[i]: the state and edge by which it was
    reached first.

    over: the state in which the process has ended, if it was reached; complete: whether there are no other states;
    grown: states in which a place holds more and more tokens; cut: states whose moves were not all looked at; crowded:
    the process and element with too many ways, if that was why.
    """

    scene: Scene
    states: list[Marking] = field(default_factory=list)
    edges: list[list[Edge]] = field(default_factory=list)
    before: list[tuple[int, Edge] | None] = field(default_factory=list)
    over: int | None = None
    complete: bool = True
    grown: list[int] = field(default_factory=list)
    cut: set[int] = field(default_factory=set)
    crowded: tuple[str, str] | None = None

    def path(self, state: int) -> tuple[Step, ...]:
        """The shortest way to a state, as the search found it."""
        found: list[tuple[Step, ...]] = []
        at = self.before[state]
        while at is not None:
            found.append(at[1].steps)
            at = self.before[at[0]]
        return tuple(step for steps in reversed(found) for step in steps)


def explore(scene: Scene, *, most_states: int = MOST_STATES, beginning: Marking | None = None) -> Space:
    """Every state of a process that can be reached from its start, breadth first: paths are the shortest.

    beginning: another marking to begin with.
    """
    space = Space(scene)
    game = Game(scene, beginning)
    if beginning is None:
        game.begin()
    first = game.pack()
    known = {first: 0}
    space.states.append(first)
    space.edges.append([])
    space.before.append(None)
    queue, work = deque([0]), WORK * most_states
    while queue:
        number = queue.popleft()
        marking = space.states[number]
        if marking == OVER:
            space.over = number
            continue
        if _grows(space, number):
            space.grown.append(number)
            continue
        try:
            found = list(moves(scene, marking))
        except TooManyWays as crowded:
            space.complete, space.crowded = False, (scene.root.key, crowded.element)
            space.cut.add(number)
            continue
        for target, edge in found:
            if target is not None:
                if target not in known:
                    most = min(most_states, ENOUGH) if space.grown else most_states
                    tokens = _tokens(target)
                    work -= tokens * tokens
                    if len(space.states) >= most or tokens > MOST_TOKENS or work < 0:
                        space.complete = False
                        space.cut.add(number)
                        continue
                    known[target] = len(space.states)
                    space.states.append(target)
                    space.edges.append([])
                    space.before.append((number, edge))
                    queue.append(known[target])
                edge.target = known[target]
            space.edges[number].append(edge)
    return space


def resting(marking: Marking) -> bool:
    """Whether nothing goes on by itself: the engine has done a command and waits for the next."""
    return all(token[2] not in (READY, ASKED) for _, scope in scopes(marking) for token in scope[2])


def _tokens(marking: Marking) -> int:
    def of(scope: Marking) -> int:
        return sum(1 + sum(of(inner) for inner in token[4] if inner) for token in scope[2])

    return of(marking) if marking else 0


def scopes(marking: Marking) -> Iterator[tuple[tuple[str, ...], Marking]]:
    """Every scope of a packed marking with the elements around it."""
    queue: list[tuple[tuple[str, ...], Marking]] = [((), marking)] if marking else []
    while queue:
        place, scope = queue.pop()
        yield place, scope
        queue.extend(((*place, token[0]), inner) for token in scope[2] for inner in token[4] if inner)


def _grows(space: Space, number: int) -> bool:
    """Whether a state holds, in one scope, all tokens of a state on the way to it and more (Karp and Miller, 1969)."""
    crowded = []
    for place, scope in scopes(space.states[number]):
        held: Counter[Marking] = Counter(scope[2])
        if max(held.values(), default=0) >= MANY:
            crowded.append((place, scope[1], held))
    if not crowded:
        return False
    at = space.before[number]
    while at is not None:
        for place, id, held in crowded:
            for other, scope in scopes(space.states[at[0]]):
                if (other, scope[1]) == (place, id) and Counter(scope[2]) < held:
                    return True
        at = space.before[at[0]]
    return False
