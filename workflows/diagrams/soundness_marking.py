"""Where the tokens of a process can be: markings, and a game that is played from one to the next.

A marking is nested tuples, so that equal ones are one state however they came about. To move, it is unpacked into a
`Game` of tokens and scopes, changed there, and packed again. The rules are the engine's (docs/bpmn-support.md), without
data: what an expression would say is open. What a move would do with data is noted beside it as `Deed`s, for whoever
keeps track of some of it (`statutory_net`).

What is left out, so that there are finitely many states: instances of a parallel multi-instance beyond two, the number
of rounds of a loop (any number from one on), and a further firing of a non-interrupting event while the branch of its
last one still runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from workflows.diagrams.proof import Step
from workflows.diagrams.soundness_drawing import Drawing, Scene
from workflows.engine.elements import Drawn, Flow

WAITING, READY, ASKED, WATCHING = "wait", "ready", "asked", "watch"
"""What a token does: waits for somebody or something; goes on by itself; an instance of several is done, and it is open
whether that is all; an event subprocess that waits for its event."""

INSTANCES = 2
"""So many instances stand for all of a parallel multi-instance."""

Marking = tuple[Any, ...]
OVER: Marking = ()
"""The marking of a process that has ended."""

Place = tuple[str, ...]
"""A running process: the call activities in which it runs, from outside; () is the outermost."""

DONE, LEFT, CALLED, RETURNED, COMES = "done", "left", "called", "returned", "comes"


class Deed(NamedTuple):
    """What a move does with data: an element's work is done, a token leaves by flows, a call begins or gives back, an
    event comes.

    place: the process in which the element lies.
    """

    what: str
    place: Place
    node: Drawn
    flows: tuple[Flow, ...] = ()


class Token:
    """A token: on which element, by which flow it came, what runs inside of it, whose side branch it is."""

    __slots__ = ("came", "node", "scope", "side", "spent", "state", "within")

    def __init__(self, scope: Scope, node: Drawn, came: str, state: str, side: str) -> None:
        self.scope, self.node, self.came, self.state, self.side = scope, node, came, state, side
        self.within: list[Scope | None] = []
        self.spent: frozenset[str] = frozenset()

    @property
    def here(self) -> bool:
        """Whether nothing has taken it away meanwhile."""
        return self in self.scope.tokens and (self.scope.holder is None or self.scope.holder.here)


class Scope:
    """A running process or subprocess."""

    __slots__ = ("drawing", "holder", "id", "tokens")

    def __init__(self, drawing: Drawing, id: str, holder: Token | None) -> None:
        self.drawing, self.id, self.holder = drawing, id, holder
        self.tokens: list[Token] = []

    @property
    def whole(self) -> bool:
        """Whether this is a whole process and not a part of one."""
        return self.id == self.drawing.process_id

    @property
    def place(self) -> Place:
        """The running process that it belongs to."""
        if self.holder is None:
            return ()
        around = self.holder.scope.place
        return (*around, self.holder.node.id) if self.whole else around


class Game:
    """One marking, unpacked. steps: what was passed since; deeds: what was done since, as far as it touches data."""

    def __init__(self, scene: Scene, marking: Marking | None = None) -> None:
        self.scene = scene
        self.steps: list[Step] = []
        self.deeds: list[Deed] = []
        self.root: Scope | None = self._unpacked(marking, None) if marking else None

    def begin(self) -> None:
        """Put the first tokens into the outermost process."""
        drawing = self.scene.root
        self.root = self.open(drawing, drawing.process_id, None)

    def open(self, drawing: Drawing, id: str, holder: Token | None) -> Scope:
        """A scope with event subprocesses on watch and a token on its start event."""
        scope = Scope(drawing, id, holder)
        if holder is not None:
            holder.within.append(scope)
        for watch in drawing.watches.get(id, ()):
            scope.tokens.append(Token(scope, watch, "", WATCHING, ""))
        scope.tokens.append(Token(scope, drawing.starts[id], "", READY, ""))
        return scope

    def tokens(self) -> list[Token]:
        """All tokens, those inside of an activity behind it; the same order after each unpacking."""
        return list(self._tokens(self.root)) if self.root is not None else []

    def _tokens(self, scope: Scope) -> Iterator[Token]:
        for token in scope.tokens:
            yield token
            for inner in token.within:
                if inner is not None:
                    yield from self._tokens(inner)

    def passed(self, token: Token, *flows: Flow) -> None:
        """Note an element, and the drawn ones of the flows by which it is left."""
        self.passed_node(token.scope, token.node, flows)

    def passed_node(self, scope: Scope, node: Drawn, flows: tuple[Flow, ...] = ()) -> None:
        """The same for an element without a token of its own."""
        key = scope.drawing.key
        self.steps.append(Step(key, node.id))
        self.steps.extend(Step(key, flow.id) for flow in flows if not flow.link)

    def did(self, what: str, token: Token, flows: tuple[Flow, ...] = ()) -> None:
        """Note a deed at a token's element."""
        self.deeds.append(Deed(what, token.scope.place, token.node, flows))

    def pack(self) -> Marking:
        """The marking; tokens in one order where none goes on by itself, for then it no longer matters."""
        if self.root is None:
            return OVER
        resting = all(token.state in (WAITING, WATCHING) for token in self.tokens())
        return self._packed(self.root, resting)

    def _packed(self, scope: Scope, resting: bool) -> Marking:
        tokens = [self._packed_token(token, resting) for token in scope.tokens]
        if resting and len(tokens) > 1:
            tokens.sort(key=repr)
        return (scope.drawing.key, scope.id, tuple(tokens))

    def _packed_token(self, token: Token, resting: bool) -> Marking:
        within = [self._packed(inner, resting) if inner is not None else () for inner in token.within]
        if resting and len(within) > 1:
            within.sort(key=repr)
        return (token.node.id, token.came, token.state, token.side, tuple(within), tuple(sorted(token.spent)))

    def _unpacked(self, packed: Marking, holder: Token | None) -> Scope:
        key, id, tokens = packed
        drawing = self.scene.drawings[key]
        scope = Scope(drawing, id, holder)
        for node, came, state, side, within, spent in tokens:
            token = Token(scope, drawing.nodes[node], came, state, side)
            token.spent = frozenset(spent)
            token.within = [self._unpacked(inner, token) if inner else None for inner in within]
            scope.tokens.append(token)
        return scope
