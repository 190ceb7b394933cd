"""Whether every loop of a process waits for somebody or something: one that does not would go round within one command.

A loop of gateways, tables and handlers alone is such a one. Whether the condition behind it could let it end is not
asked: nothing that it reads comes from anybody while the loop goes round. The instances of a step, one after the other,
are as many as their list says, and count as no loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workflows.diagrams.proof import Finding, Step
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.soundness_marking import ASKED, READY, Marking
from workflows.diagrams.soundness_play import Edge
from workflows.diagrams.soundness_space import Space, resting
from workflows.engine.elements import Drawn


def check(space: Space) -> Iterator[Finding]:
    """One finding for each loop in which nothing waits, with the path into it and once round."""
    going = _without_ends({number: _by_itself(space, number) for number in range(len(space.states))})
    seen: set[int] = set()
    told: set[tuple[str, str]] = set()
    for first in going:
        at, steps, since = first, space.path(first), dict[int, int]()
        while at not in seen and at not in since:
            since[at] = len(steps)
            edge, at = going[at][0]
            steps = (*steps, *edge.steps)
        seen |= since.keys()
        around = elements(space, steps[since[at] :]) if at in since else []
        if around and not told & {(drawing.key, node.id) for drawing, node in around}:
            told |= {(drawing.key, node.id) for drawing, node in around}
            drawing, node = deciding(around)
            yield finding("soundness.no_rest", drawing, node.id, steps)


Move = tuple[Edge, int]
"""An edge, and the state to which it leads."""


def _by_itself(space: Space, number: int) -> list[Move]:
    """What the engine does by itself in a state, but for beginning a further instance of a step."""
    edges = space.edges[number]
    if resting(space.states[number]) and any(edge.steps or edge.deeds for edge in edges):
        return []  # people, programs, the clock; an inclusive join goes on without a step
    token = _moving(space.states[number])
    if token is not None and token[1][2] == ASKED:
        node = space.scene.drawings[token[0]].nodes[token[1][0]]
        if node.repeat is not None or (node.multi is not None and node.multi.sequential):
            edges = edges[1:]
    return [(edge, edge.target) for edge in edges if edge.target is not None]


def _moving(scope: Marking) -> tuple[str, Marking] | None:
    """The process and token that goes on first."""
    for token in scope[2] if scope else ():
        if token[2] in (READY, ASKED):
            return scope[0], token
        for inner in token[4]:
            if inner and (found := _moving(inner)) is not None:
                return found
    return None


def _without_ends(moves: dict[int, list[Move]]) -> dict[int, list[Move]]:
    """The states from which moves lead on for ever, with these moves."""
    into: dict[int, set[int]] = {}
    left = {number: {target for _, target in found} for number, found in moves.items()}
    for number, targets in left.items():
        for target in targets:
            into.setdefault(target, set()).add(number)
    queue = [number for number, targets in left.items() if not targets]
    while queue:
        ended = queue.pop()
        del left[ended]
        for number in into.get(ended, ()):
            if number in left:
                left[number].discard(ended)
                if not left[number]:
                    queue.append(number)
    return {number: [move for move in moves[number] if move[1] in left] for number in left}


def elements(space: Space, steps: Iterable[Step]) -> list[tuple[Drawing, Drawn]]:
    """The elements that steps pass, without the flows."""
    drawings = ((space.scene.drawings[step.process], step.id) for step in steps)
    return [(drawing, drawing.nodes[id]) for drawing, id in drawings if id in drawing.nodes]


def deciding(around: Sequence[tuple[Drawing, Drawn]]) -> tuple[Drawing, Drawn]:
    """The first element of a loop that asks a condition: there it could be left. The first of all if none does."""
    asking = (one for one in around if any(flow.condition is not None for flow in one[1].flows_out))
    return next(asking, around[0])
