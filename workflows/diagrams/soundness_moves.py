"""How tokens move: what happens when one arrives, leaves, is interrupted, and when a scope ends.

These are the rules of the engine (places, steps, waits, throws, instances), each for one token of a `Game`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflows.diagrams.soundness_conditions import truth
from workflows.diagrams.soundness_marking import (
    ASKED,
    CALLED,
    INSTANCES,
    LEFT,
    READY,
    RETURNED,
    WAITING,
    WATCHING,
    Game,
    Scope,
    Token,
)
from workflows.engine.allowed import SUBPROCESSES
from workflows.engine.elements import Drawn, Flow, Multi

_PEOPLE = frozenset({"userTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})
_FROM_OUTSIDE = frozenset({"timer", "condition"})


class Stop(Exception):
    """The engine refuses to go on here. code: why."""

    def __init__(self, code: str, node: Drawn, **facts: object) -> None:
        super().__init__(code)
        self.code, self.node, self.facts = code, node, facts


def arrive(game: Game, scope: Scope, node: Drawn, flow: Flow | None, side: str) -> None:
    """A token arrives at an element."""
    token = Token(scope, node, flow.id if flow else "", READY, side)
    scope.tokens.append(token)
    kind = node.element.kind
    if kind == "parallelGateway":
        _join(token)
    elif _waits(node):
        token.state = WAITING
    if node.multi is not None:
        _begin_several(game, token, node.multi)
    elif node.repeat is not None and node.repeat.before:
        token.state = ASKED
    elif token.state == WAITING:
        begin(game, token)


def _waits(node: Drawn) -> bool:
    """Whether a token stays at an element until something happens."""
    if node.element.kind == "inclusiveGateway":
        return len(node.flows_in) > 1
    if node.element.kind in _PEOPLE:
        return node.link is None
    return node.topic is not None or node.call is not None or node.element.kind in SUBPROCESSES


def _begin_several(game: Game, token: Token, multi: Multi) -> None:
    """A parallel multi-instance begins with all that stand for its instances, a sequence with the first."""
    count = INSTANCES
    if multi.cardinality is not None and not multi.cardinality.names:
        written = str(multi.cardinality.evaluate({}))
        count = min(int(written), INSTANCES) if written.isascii() and written.isdigit() else INSTANCES
    if token.state == WAITING:
        for _ in range(min(count, 1) if multi.sequential else count):
            begin(game, token)
        if not count:
            token.state = READY


def begin(game: Game, token: Token) -> None:
    """One instance of an activity begins: of people's work nothing is seen, of a subprocess or call its inside is."""
    node, drawing = token.node, token.scope.drawing
    if node.call is not None and node.call.key in game.scene.drawings and not _calls_itself(token, node.call.key):
        called = game.scene.drawings[node.call.key]
        game.did(CALLED, token)
        game.open(called, called.process_id, token)
    elif node.element.kind in SUBPROCESSES:
        game.open(drawing, node.id, token)
    elif node.multi is not None or node.repeat is not None:
        token.within.append(None)


def _calls_itself(token: Token, key: str) -> bool:
    scope: Scope | None = token.scope
    while scope is not None:
        if scope.drawing.key == key:
            return True
        scope = scope.holder.scope if scope.holder is not None else None
    return False


def _arrived(scope: Scope, node: Drawn) -> dict[str, Token]:
    """The oldest token on each flow into a gateway."""
    found: dict[str, Token] = {}
    for token in scope.tokens:
        if token.node is node:
            found.setdefault(token.came, token)
    return found


def _join(token: Token) -> None:
    here = _arrived(token.scope, token.node)
    if len(here) < len(token.node.flows_in):
        token.state = WAITING
        return
    _merge(token, here.values())


def _merge(kept: Token, joined: Iterable[Token]) -> None:
    sides = {token.side for token in joined}
    kept.side = sides.pop() if len(sides) == 1 else ""
    for token in list(joined):
        if token is not kept:
            kept.scope.tokens.remove(token)
    kept.state = READY


def join_inclusive(game: Game) -> bool:
    """Let one inclusive join go on that waits for nothing that can still come (BPMN 2.0.2, 13.4.3); False if none."""
    for scope in {id(token.scope): token.scope for token in game.tokens()}.values():
        for gateway in scope.drawing.joins.get(scope.id, ()):
            here, reach = _arrived(scope, gateway), scope.drawing.reach[gateway.id]
            if here and not _may_come(scope, gateway, here, reach):
                first, *_ = here.values()
                _merge(first, list(here.values()))
                return True
    return False


def _may_come(scope: Scope, gateway: Drawn, here: Mapping[str, Token], reach: Mapping[str, frozenset[str]]) -> bool:
    filled = [places for flow, places in reach.items() if flow in here]
    empty = [places for flow, places in reach.items() if flow not in here]
    return any(
        token.node is not gateway
        and any(token.node.id in places for places in empty)
        and not any(token.node.id in places for places in filled)
        for token in scope.tokens
    )


def leave(game: Game, token: Token, flows: Iterable[Flow]) -> None:
    """A token leaves by flows; its scope ends if it was the last."""
    taken, scope = tuple(flows), token.scope
    game.passed(token, *taken)
    game.did(LEFT, token, taken)
    scope.tokens.remove(token)
    for flow in taken:
        arrive(game, scope, scope.drawing.nodes[flow.target], flow, token.side)
    settle(game, scope)


def settle(game: Game, scope: Scope) -> None:
    """End a scope in which nothing is left but event subprocesses on watch."""
    if all(token.state == WATCHING for token in scope.tokens):
        finish(game, scope)


def finish(game: Game, scope: Scope) -> None:
    """End a scope with everything in it; the activity around it goes on."""
    scope.tokens.clear()
    holder = scope.holder
    if holder is None:
        game.root = None
        return
    give_out(game, holder, scope)
    instance_done(game, holder, scope)


def give_out(game: Game, holder: Token, scope: Scope) -> None:
    """What a called process sets around it."""
    if holder.node.call is not None and scope.whole:
        game.did(RETURNED, holder)


def instance_done(game: Game, token: Token, instance: Scope | None) -> None:
    """One instance of an activity is done, or the only one."""
    token.within.remove(instance)
    if token.node.by_event:
        token.scope.tokens.remove(token)
        settle(game, token.scope)
    elif token.node.multi is not None or token.node.repeat is not None:
        token.state = ASKED
    else:
        token.state = READY


def further(token: Token) -> list[str]:
    """What an activity of several instances can do once one is done: "begin" another, "wait" for the rest, or "end"."""
    multi, repeat = token.node.multi, token.node.repeat
    if repeat is not None or (multi is not None and multi.sequential):
        return ["begin", "end"]
    if not token.within:
        return ["end"]
    early = multi is not None and (multi.condition is not None or multi.signing is not None)
    return ["wait", "end"] if early else ["wait"]


def go_further(game: Game, token: Token, what: str) -> None:
    """Do one of these."""
    if what == "end":
        token.within.clear()
        token.state = READY
        return
    token.state = WAITING
    if what == "begin":
        begin(game, token)


def may_cross(token: Token, border: Drawn) -> bool:
    """Whether a boundary event can come: once for a timer that is not repeated, one branch at a time beside."""
    if border.id in token.spent:
        return False
    return border.interrupting or not any(other.side == border.id for other in token.scope.tokens)


def cross(game: Game, token: Token, border: Drawn) -> None:
    """Leave by a boundary event; an interrupting one ends the activity with all inside of it."""
    scope, trigger = token.scope, border.trigger
    game.passed_node(scope, token.node)
    game.passed_node(scope, border, border.flows_out)
    if border.interrupting:
        scope.tokens.remove(token)
    elif trigger is not None and trigger.timer is not None and trigger.timer.kind != "cycle":
        token.spent |= {border.id}
    side = token.side if border.interrupting else border.id
    for flow in border.flows_out:
        arrive(game, scope, scope.drawing.nodes[flow.target], flow, side)
    settle(game, scope)


def awakened(token: Token) -> Drawn:
    """The start event of an event subprocess on watch."""
    return token.scope.drawing.starts[token.node.id]


def may_awake(token: Token) -> bool:
    """Whether the event can come: one run at a time, of those that do not interrupt."""
    return not any(other.node is token.node and other is not token for other in token.scope.tokens)


def awake(game: Game, watch: Token) -> None:
    """Run an event subprocess; an interrupting one ends everything else in its scope."""
    scope, start = watch.scope, awakened(watch)
    game.passed_node(scope, watch.node)
    timer = start.trigger.timer if start.trigger is not None else None
    if start.interrupting:
        scope.tokens.clear()
    elif timer is not None and timer.kind != "cycle":
        scope.tokens.remove(watch)
    run = Token(scope, watch.node, "", WAITING, "")
    scope.tokens.append(run)
    game.open(scope.drawing, watch.node.id, run)


def comes_by_itself(game: Game, drawn: Drawn) -> bool:
    """Whether what an event waits for can come from the clock, from a change of data, or from where one can't see."""
    trigger = drawn.trigger
    if trigger is None:
        return False
    if trigger.condition is not None and truth(trigger.condition.node, {}) is False:
        return False  # whatever changes
    return trigger.kind in _FROM_OUTSIDE or (trigger.kind, trigger.name or "") in game.scene.outside
