"""A token game from the BPMN 2.0 standard, small and slow: the judge of the engine. It shares no code with it.

A net is nodes and flows. A game is tokens on nodes, variables, and a clock in seconds. Rules (BPMN 2.0.2, chapter
13): an exclusive gateway takes the first true flow, a parallel one needs a token on each incoming flow, an inclusive
one goes on when no token elsewhere can still reach an empty incoming flow without also reaching a filled one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

Test = tuple[str, tuple[int, ...]]  # variable, values for which it holds


class NoFlow(Exception):
    """A token can leave by none of its flows."""


@dataclass(frozen=True)
class Flow:
    source: str
    target: str
    test: Test | None = None


@dataclass
class Node:
    kind: str  # start end user xor par inc sub call many pass throw again
    default: int | None = None  # index of the default among the flows out
    inner: Net | None = None
    count: int = 0
    enough: int = 0
    maps: tuple[str, ...] = ()
    timer: tuple[str, int, bool] | None = None  # id of the boundary event, seconds, interrupting
    border: Border | None = None
    throws: tuple[str, str] | None = None  # "signal" or "escalation", and its name
    again: tuple[Test, int, bool] | None = None  # a loop's condition, most rounds, asked before the first


@dataclass(frozen=True)
class Border:
    """A boundary event. kind: "signal", "escalation" (name "" takes any) or "condition" (with its test)."""

    id: str
    kind: str
    interrupting: bool
    name: str = ""
    test: Test | None = None


@dataclass
class Net:
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)

    def out(self, id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == id]

    def into(self, id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == id]


@dataclass(eq=False)
class Token:
    at: str
    came: Flow | None = None
    games: list[Game] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    due: int | None = None
    asked: int | None = None


class Game:
    """One running scope. around: the game and the token that it runs in, None for the outermost."""

    def __init__(
        self, net: Net, variables: dict[str, int], now: int, around: tuple[Game, Token] | None = None
    ) -> None:
        self.net, self.variables, self.now, self.around = net, variables, now, around
        self.tokens: list[Token] = []
        self._arrive(next(id for id, node in net.nodes.items() if node.kind == "start"), None)

    @property
    def over(self) -> bool:
        return not self.tokens

    def rest(self, now: int) -> None:
        """Move until nothing moves by itself; conditions are asked when no token moves, inclusive joins last."""
        self._set_clocks(now)
        while self._all("_moves") or self._all("_ask") or self._all("_join_inclusive"):
            pass

    def _set_clocks(self, now: int) -> None:
        self.now = now
        for game in self._inner():
            game._set_clocks(now)

    def _inner(self) -> list[Game]:
        return [game for token in self.tokens for game in token.games]

    def _all(self, what: str) -> bool:
        """Do something here, or else in one of the scopes inside; whether anything was done."""
        return bool(getattr(self, what)()) or any(game._all(what) for game in self._inner())

    def _moves(self) -> bool:
        return any(self._move(token) for token in list(self.tokens))

    @property
    def _going(self) -> bool:
        """Whether nothing around it has been interrupted."""
        return self.around is None or (self.around[1] in self.around[0].tokens and self.around[0]._going)

    @property
    def stuck(self) -> bool:
        """Whether all tokens wait at joins for others that can't come."""
        return bool(self.tokens) and all(self.net.nodes[token.at].kind in ("par", "inc") for token in self.tokens)

    def offered(self) -> Counter[tuple[str, int | None]]:
        """What people can do: element and the number of the instance."""
        found: Counter[tuple[str, int | None]] = Counter()
        for token in self.tokens:
            kind = self.net.nodes[token.at].kind
            if kind == "user":
                found[token.at, None] += 1
            found.update((token.at, index) for index in token.left)
            for game in token.games:
                found.update(game.offered())
        return found

    def complete(self, what: tuple[str, int | None], variables: dict[str, int]) -> bool:
        """Do one step of these; False if there is none here."""
        self._tell_time()
        for token in self.tokens:
            node = self.net.nodes[token.at]
            if token.at == what[0] and node.kind == "user" and what[1] is None:
                self.variables.update(variables)
                self._go_on(token)
                return True
            if token.at == what[0] and what[1] in token.left:
                self.variables.update(variables)
                token.left.remove(what[1])
                if node.again and self._once_more(node, what[1] + 1):
                    token.left = [what[1] + 1]
                return True
            if any(game.complete(what, variables) for game in token.games):
                return True
        return False

    def dues(self) -> Iterator[int]:
        for token in self.tokens:
            if token.due is not None:
                yield token.due
            for game in token.games:
                yield from game.dues()

    def fire(self, due: int) -> bool:
        """Fire one boundary timer that is due at that second."""
        self._tell_time()
        for token in self.tokens:
            if token.due == due:
                id, _, interrupting = self.net.nodes[token.at].timer or ("", 0, False)
                token.due = None
                if interrupting:
                    self.tokens.remove(token)
                for flow in self.net.out(id):
                    self._arrive(flow.target, flow)
                return True
            if any(game.fire(due) for game in token.games):
                return True
        return False

    def _tell_time(self) -> None:
        for token in self.tokens:
            for game in token.games:
                game.now = self.now

    def _arrive(self, id: str, flow: Flow | None) -> None:
        node, token = self.net.nodes[id], Token(id, flow)
        self.tokens.append(token)
        if node.timer is not None:
            token.due = self.now + node.timer[1]
        if node.kind == "again":
            token.left = [0] if node.again and (not node.again[2] or self._once_more(node, 0)) else []
        elif node.kind == "many":
            token.left = list(range(node.count))
        elif node.kind == "sub" and node.inner is not None:
            token.games = [Game(node.inner, self.variables, self.now, (self, token))]
        elif node.kind == "call" and node.inner is not None:
            given = {name: self.variables[name] for name in node.maps if name in self.variables}
            token.games = [Game(node.inner, {name: given.get(name, -1) for name in node.maps}, self.now, (self, token))]

    def _move(self, token: Token) -> bool:
        if token not in self.tokens or not self._going:
            return False
        node = self.net.nodes[token.at]
        match node.kind:
            case "end":
                self.tokens.remove(token)
            case "start" | "pass":
                self._go_on(token)
            case "again" if not token.left:
                self._go_on(token)
            case "throw" if node.throws is not None:
                self._throw(*node.throws)
                if self._going and token in self.tokens:
                    self._go_on(token)
            case "xor":
                self._go_on(token, self._chosen(token.at, first=True))
            case "inc" if len(self.net.into(token.at)) == 1:
                self._go_on(token, self._chosen(token.at, first=False))
            case "par":
                return self._join_parallel(token.at)
            case "sub" | "call" if all(game.over for game in token.games):
                if node.kind == "call":
                    self.variables.update({name: token.games[0].variables[name] for name in node.maps[:1]})
                self._go_on(token)
            case "many" if not token.left or node.count - len(token.left) >= node.enough:
                self._go_on(token)
            case _:
                return False
        return True

    def _once_more(self, node: Node, done: int) -> bool:
        assert node.again is not None
        (variable, values), most, _ = node.again
        return done < most and self.variables[variable] in values

    def _throw(self, kind: str, name: str) -> None:
        if kind == "escalation":
            return self._escalate(name)
        top = self
        while top.around is not None:
            top = top.around[0]
        for game, token in list(top._listening(name)):
            if game._going and token in game.tokens:
                game._cross(token)
        return None

    def _listening(self, name: str) -> Iterator[tuple[Game, Token]]:
        for token in self.tokens:
            border = self.net.nodes[token.at].border
            if border is not None and (border.kind, border.name) == ("signal", name):
                yield self, token
            for game in token.games:
                yield from game._listening(name)

    def _escalate(self, code: str) -> None:
        """To the first border outwards that takes it; calls on the way give out what they map."""
        game, crossed = self, list[tuple[Game, Token]]()
        while game.around is not None:
            crossed.append(game.around)
            game, token = game.around
            border = game.net.nodes[token.at].border
            if border is not None and border.kind == "escalation" and border.name in (code, ""):
                for around, holder in crossed:
                    node = around.net.nodes[holder.at]
                    if node.kind == "call":
                        around.variables.update({n: holder.games[0].variables[n] for n in node.maps[:1]})
                return game._cross(token)
        return None

    def _cross(self, token: Token) -> None:
        """Leave by the boundary event of a token's activity."""
        border = self.net.nodes[token.at].border
        assert border is not None
        if border.interrupting:
            self.tokens.remove(token)
        for flow in self.net.out(border.id):
            self._arrive(flow.target, flow)

    def _ask(self) -> bool:
        """Let one condition at a border come true whose variable has another value than when it was last asked."""
        for token in list(self.tokens):
            border = self.net.nodes[token.at].border
            if border is not None and border.test is not None:
                value = self.variables[border.test[0]]
                changed, token.asked = value != token.asked, value
                if changed and value in border.test[1]:
                    self._cross(token)
                    return True
        return False

    def _go_on(self, token: Token, flows: list[Flow] | None = None) -> None:
        self.tokens.remove(token)
        for flow in self._chosen(token.at, first=False) if flows is None else flows:
            self._arrive(flow.target, flow)

    def _chosen(self, id: str, *, first: bool) -> list[Flow]:
        flows, default = self.net.out(id), self.net.nodes[id].default
        true = [
            flow for index, flow in enumerate(flows)
            if index != default and (flow.test is None or self.variables[flow.test[0]] in flow.test[1])
        ]
        if not true and default is None:
            raise NoFlow(id)
        if not true:
            return [flows[default or 0]]
        return true[:1] if first else true

    def _at(self, id: str) -> dict[Flow, Token]:
        found: dict[Flow, Token] = {}
        for token in self.tokens:
            if token.at == id and token.came is not None:
                found.setdefault(token.came, token)
        return found

    def _join_parallel(self, id: str) -> bool:
        here = self._at(id)
        if len(here) < len(self.net.into(id)):
            return False
        first, *others = here.values()
        for other in others:
            self.tokens.remove(other)
        self._go_on(first)
        return True

    def _join_inclusive(self) -> bool:
        """Let the first inclusive gateway in the order of the drawing go on that may."""
        for id, node in self.net.nodes.items():
            here = self._at(id)
            if node.kind != "inc" or len(self.net.into(id)) == 1 or not here:
                continue
            elsewhere = [other for other in self.tokens if other.at != id]
            if all(self._harmless(other.at, id, here) for other in elsewhere):
                first, *others = here.values()
                for other in others:
                    self.tokens.remove(other)
                self._go_on(first, self._chosen(id, first=False))
                return True
        return False

    def _harmless(self, place: str, gateway: str, here: dict[Flow, Token]) -> bool:
        reached = self._reachable(place, gateway)
        empty = [flow for flow in self.net.into(gateway) if flow not in here and flow in reached]
        return not empty or any(flow in reached for flow in here)

    def _reachable(self, place: str, gateway: str) -> set[Flow]:
        """Flows on paths from a place that do not go through the gateway."""
        reached: set[Flow] = set()
        queue, seen = [place], {place}
        while queue:
            id = queue.pop()
            node = self.net.nodes.get(id)
            events = [node.timer[0]] if node and node.timer else []
            events += [node.border.id] if node and node.border else []
            for flow in [*self.net.out(id), *(flow for event in events for flow in self.net.out(event))]:
                reached.add(flow)
                if flow.target != gateway and flow.target not in seen:
                    seen.add(flow.target)
                    queue.append(flow.target)
        return reached
