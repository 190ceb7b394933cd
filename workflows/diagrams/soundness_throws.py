"""How events throw: signals and messages inside of the instance, errors and escalations outwards; ends that end all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workflows.diagrams.soundness_marking import COMES, READY, WAITING, WATCHING, Deed, Game, Scope, Token
from workflows.diagrams.soundness_moves import Stop, arrive, awake, awakened, cross, finish, give_out, leave
from workflows.engine.elements import Drawn

Wake = Callable[[Game], None]


def throw(game: Game, token: Token) -> None:
    """Do what an element throws, then go on, if that has left it anything to do. Raises Stop."""
    thrown, node = token.node.throws, token.node
    if thrown is None:
        return leave(game, token, node.flows_out)
    if thrown.kind == "terminate":
        game.passed(token)
        return finish(game, token.scope)
    if thrown.kind in ("error", "cancel", "escalation"):
        code = None if thrown.kind == "cancel" else thrown.name
        game.passed(token)
        handled = hand_outwards(game, token, thrown.kind, code)
        if not handled and thrown.kind == "error":
            raise Stop("soundness.error_uncaught", node, error=thrown.name)
        return go_on(game, token)
    game.passed(token)
    waiting = list(awaiting(game, thrown.kind, thrown.name))
    if thrown.kind == "message" and len(waiting) != 1:
        raise Stop("soundness.message_twice" if waiting else "soundness.message_unawaited", node, name=thrown.name)
    for wake in waiting:
        wake(game)
    return go_on(game, token)


def go_on(game: Game, token: Token) -> None:
    """Leave by all flows, unless what was thrown has taken the token away."""
    if token.here:
        steps = len(game.steps)
        leave(game, token, token.node.flows_out)
        del game.steps[steps]  # the element itself was noted before it threw


def awaiting(game: Game, kind: str, name: str) -> Iterator[Wake]:
    """What wakes each place that waits for a message or signal now."""
    for token in game.tokens():
        if token.state == WATCHING:
            if waits_for(awakened(token), kind, name):
                yield _waking(token)
            continue
        for border in token.scope.drawing.attached.get(token.node.id, ()):
            if token.state == WAITING and border.id not in token.spent and waits_for(border, kind, name):
                yield _crossing(token, border)
        if token.state != WAITING:
            continue
        if token.node.element.kind == "eventBasedGateway":
            for flow in token.node.flows_out:
                target = token.scope.drawing.nodes[flow.target]
                if waits_for(target, kind, name):
                    yield _racing(token, target)
        elif waits_for(token.node, kind, name):
            yield _catching(token)


def waits_for(node: Drawn, kind: str, name: str) -> bool:
    """Whether an element waits for a message or signal of that name."""
    return node.trigger is not None and (node.trigger.kind, node.trigger.name) == (kind, name)


def _waking(token: Token) -> Wake:
    return lambda game: awake(game, token) if token.here else None


def _crossing(token: Token, border: Drawn) -> Wake:
    return lambda game: cross(game, token, border) if token.here else None


def _catching(token: Token) -> Wake:
    def caught(game: Game) -> None:
        if token.here:
            token.state = READY

    return caught


def _racing(token: Token, target: Drawn) -> Wake:
    return lambda game: win(game, token, target) if token.here else None


def win(game: Game, token: Token, target: Drawn) -> None:
    """One of the events behind an event-based gateway comes first; the others are given up."""
    flow = next(flow for flow in token.node.flows_out if flow.target == target.id)
    game.passed(token, flow)
    scope = token.scope
    game.deeds.append(Deed(COMES, scope.place, target))
    scope.tokens.remove(token)
    arrive(game, scope, target, flow, token.side)
    scope.tokens[-1].state = READY


def hand_outwards(game: Game, token: Token, kind: str, code: str | None) -> bool:
    """Hand an error, escalation or cancellation outwards to the first that catches it; False if nobody does."""
    scope, handler, left = token.scope, None, list[tuple[Token, Scope]]()
    while True:
        watches = [one for one in scope.tokens if one.state == WATCHING and one.node is not handler]
        if watch := _taking([(one, awakened(one)) for one in watches], kind, code):
            _give_out(game, left)
            awake(game, watch[0])
            return True
        if scope.holder is None:
            return False
        holder = scope.holder
        left.append((holder, scope))
        borders = holder.scope.drawing.attached.get(holder.node.id, ())
        if border := _taking([(holder, one) for one in borders], kind, code):
            _give_out(game, left)
            cross(game, holder, border[1])
            return True
        scope, handler = holder.scope, holder.node


def _give_out(game: Game, left: list[tuple[Token, Scope]]) -> None:
    for holder, inner in left:
        give_out(game, holder, inner)


def _taking(events: list[tuple[Token, Drawn]], kind: str, code: str | None) -> tuple[Token, Drawn] | None:
    """The event that takes it; one that names the code before one that takes any."""
    found = [
        (token, event)
        for token, event in events
        if event.trigger is not None and event.trigger.kind == kind and event.trigger.name in (code, None)
    ]
    found.sort(key=lambda one: one[1].trigger is not None and one[1].trigger.name is None)
    return found[0] if found else None
