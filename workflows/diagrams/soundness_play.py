"""What can happen next: every move out of a marking, by the engine itself, by people, programs and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from workflows.diagrams.proof import Step
from workflows.diagrams.soundness_conditions import Flows, ways
from workflows.diagrams.soundness_drawing import Scene
from workflows.diagrams.soundness_marking import ASKED, DONE, READY, WAITING, WATCHING, Deed, Game, Marking, Token
from workflows.diagrams.soundness_moves import (
    Stop,
    awake,
    awakened,
    comes_by_itself,
    cross,
    further,
    go_further,
    instance_done,
    join_inclusive,
    leave,
    may_awake,
    may_cross,
)
from workflows.diagrams.soundness_throws import throw, win
from workflows.engine.elements import Drawn

_FROM_INSIDE = ("error", "escalation")


@dataclass(slots=True)
class Edge:
    """From one state to another. target: None where the engine refuses to go on, and `stop` says why."""

    target: int | None
    steps: tuple[Step, ...]
    deeds: tuple[Deed, ...]
    stop: Stop | None = None


Found = tuple[Marking | None, Edge]


def moves(scene: Scene, marking: Marking) -> Iterator[Found]:
    """Every move out of a marking; what goes on by itself goes first and alone. Raises TooManyWays."""
    table = _Table(scene, marking)
    game = table.unpacked()
    tokens = game.tokens()
    first = next((index for index, token in enumerate(tokens) if token.state in (ASKED, READY)), None)
    if first is not None:
        token = tokens[first]
        yield from table.asked(first, token) if token.state == ASKED else table.done(first, token)
        return
    if join_inclusive(game):
        yield game.pack(), Edge(None, (), ())
        return
    for index, token in enumerate(tokens):
        yield from table.from_outside(index, token, game)


class _Table:
    """One marking on which several moves are tried."""

    def __init__(self, scene: Scene, marking: Marking) -> None:
        self.scene, self.marking = scene, marking

    def unpacked(self) -> Game:
        return Game(self.scene, self.marking)

    def move(self, act: Callable[[Game], None]) -> Found:
        game = self.unpacked()
        try:
            act(game)
        except Stop as stop:
            return None, Edge(None, tuple(game.steps), tuple(game.deeds), stop)
        return game.pack(), Edge(None, tuple(game.steps), tuple(game.deeds))

    def asked(self, index: int, token: Token) -> Iterator[Found]:
        """One instance of several is done: what may follow."""
        for what in further(token):
            yield self.move(partial(_further, index, what))

    def done(self, index: int, token: Token) -> Iterator[Found]:
        """A token has done what is to be done at its element, and leaves by any of the ways that are open."""
        if token.node.element.kind in ("endEvent", "intermediateThrowEvent") and token.node.link is None:
            yield self.move(partial(_throwing, index))
            return
        found = ways(token.node)
        if not found:
            yield self.move(partial(_nowhere, index))
        for flows in found:
            yield self.move(partial(_left, index, flows))

    def from_outside(self, index: int, token: Token, game: Game) -> Iterator[Found]:
        """What people, programs, the clock and unseen senders can do with a token."""
        if token.state == WATCHING:
            if comes_by_itself(game, awakened(token)) and may_awake(token):
                yield self.move(partial(_awoken, index))
            return
        node = token.node
        if node.element.kind == "eventBasedGateway":
            for flow in node.flows_out:
                target = token.scope.drawing.nodes[flow.target]
                if comes_by_itself(game, target):
                    yield self.move(partial(_won, index, target))
        elif _is_work(token) and (node.trigger is None or comes_by_itself(game, node)):
            yield from self._worked(index, token)
        for border in token.scope.drawing.attached.get(node.id, ()):
            unseen = node.call is not None and node.call.key in game.scene.missing
            failed = border.trigger is not None and border.trigger.kind in _FROM_INSIDE and (unseen or node.topic)
            if (failed or comes_by_itself(game, border)) and may_cross(token, border):
                yield self.move(partial(_crossed, index, border))

    def _worked(self, index: int, token: Token) -> Iterator[Found]:
        if None in token.within:
            yield self.move(partial(_one_done, index))
        else:
            yield from self.done(index, token)


def _is_work(token: Token) -> bool:
    """Whether a token waits for somebody to do something, and not for what runs inside of it or for other tokens."""
    if token.node.element.kind in ("parallelGateway", "inclusiveGateway"):
        return False
    return token.state == WAITING and all(inner is None for inner in token.within)


def _worked(game: Game, index: int) -> Token:
    """The token whose element is done; of several instances each has done it before."""
    token = game.tokens()[index]
    if token.node.multi is None and token.node.repeat is None:
        game.did(DONE, token)
    return token


def _throwing(index: int, game: Game) -> None:
    throw(game, _worked(game, index))


def _nowhere(index: int, game: Game) -> None:
    token = game.tokens()[index]
    game.passed(token)
    raise Stop("soundness.no_flow", token.node)


def _left(index: int, flows: Flows, game: Game) -> None:
    leave(game, _worked(game, index), flows)


def _one_done(index: int, game: Game) -> None:
    token = game.tokens()[index]
    game.did(DONE, token)
    game.passed(token)
    instance_done(game, token, None)


def _further(index: int, what: str, game: Game) -> None:
    go_further(game, game.tokens()[index], what)


def _awoken(index: int, game: Game) -> None:
    awake(game, game.tokens()[index])


def _won(index: int, target: Drawn, game: Game) -> None:
    win(game, game.tokens()[index], target)


def _crossed(index: int, border: Drawn, game: Game) -> None:
    cross(game, game.tokens()[index], border)
