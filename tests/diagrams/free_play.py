"""Every play of a net that its flows allow, by the token game (`tests.engine.token_game`), whatever its conditions say.

The judge of soundness: it shares no code with it. Where conditions leave several ways open, each is tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from tests.engine.token_game import Flow, Game, Net, NoFlow, Token

Position = tuple[tuple[str, Flow | None], ...]
"""Where tokens rest, and by which flows they came."""


@dataclass
class Picks:
    """Which way is taken where several are open: those given, then the first; `of` notes how many there were."""

    given: list[int] = field(default_factory=list)
    of: list[int] = field(default_factory=list)

    def pick(self, ways: list[list[Flow]]) -> list[Flow]:
        number = len(self.of)
        self.of.append(len(ways))
        if number == len(self.given):
            self.given.append(0)
        return ways[self.given[number]]

    def next(self) -> Picks | None:
        """The next choice; None if all were made."""
        given = self.given[: len(self.of)]
        while given and given[-1] + 1 == self.of[len(given) - 1]:
            given.pop()
        return Picks([*given[:-1], given[-1] + 1]) if given else None


class FreeGame(Game):
    """A game in which each condition may hold or not. passed: the elements that tokens were on."""

    def __init__(self, net: Net, picks: Picks, position: Position | None) -> None:
        self.picks, self.passed = picks, set[str]()
        if position is None:
            super().__init__(net, {}, 0)
        else:
            self.net, self.variables, self.now, self.around = net, {}, 0, None
            self.tokens = [Token(at, came) for at, came in position]

    def _go_on(self, token: Token, flows: list[Flow] | None = None) -> None:
        self.passed.add(token.at)
        super()._go_on(token, flows)

    def _arrive(self, id: str, flow: Flow | None) -> None:
        self.passed.add(id)
        super()._arrive(id, flow)

    def _chosen(self, id: str, *, first: bool) -> list[Flow]:
        ways = list(self._ways(id, first=first))
        if not ways:
            raise NoFlow(id)
        return self.picks.pick(ways)

    def _ways(self, id: str, *, first: bool) -> Iterator[list[Flow]]:
        flows, default = self.net.out(id), self.net.nodes[id].default
        others = [flow for index, flow in enumerate(flows) if index != default]
        if first:
            for flow in others:
                yield [flow]
                if flow.test is None:
                    return
        else:
            sure, asked = [f for f in others if f.test is None], [f for f in others if f.test is not None]
            for size in range(0 if sure else 1, len(asked) + 1):
                for some in combinations(asked, size):
                    yield [flow for flow in others if flow in sure or flow in some]
            if sure:
                return
        if default is not None:
            yield [flows[default]]

    @property
    def position(self) -> Position:
        return tuple(sorted(((token.at, token.came) for token in self.tokens), key=repr))


class TooLong(Exception):
    """More moves than are tried: many choices between two positions multiply."""


@dataclass
class Played:
    """All positions at rest: each with those that follow it; and the elements that any token was on.

    moves: tried; whole: whether these are all, and not only as many as are looked at.
    """

    following: dict[Position, set[Position]]
    passed: set[str]
    moves: int = 0
    whole: bool = True

    @property
    def stuck(self) -> list[Position]:
        """Positions out of which nothing leads, though tokens are left."""
        return [one for one, after in self.following.items() if one and not after]

    @property
    def endless(self) -> bool:
        """Whether some position leads neither to the end nor to where all are stuck."""
        reached: set[Position] = {one for one, after in self.following.items() if not after}
        grown = True
        while grown:
            more = {one for one, after in self.following.items() if after & reached} - reached
            reached, grown = reached | more, bool(more)
        return len(reached) < len(self.following)


    @property
    def grows(self) -> bool:
        """Whether some position leads to one that holds its tokens and more: it can do so again and again."""
        return any(self._grows(one) for one in self.following)

    def _grows(self, first: Position) -> bool:
        seen, queue, held = {first}, [first], Counter(first)
        while queue:
            for after in self.following.get(queue.pop(), set()) - seen:
                if len(after) > len(first) and held <= Counter(after):
                    return True
                seen.add(after)
                queue.append(after)
        return False


def play(net: Net, most: int) -> Played:
    """Every play of a flat net of steps and gateways. most: of positions; moves are tried ten times as many.

    Raises TooLong, NoFlow where a token can't leave in any way.
    """
    played = Played({}, set())
    limit = 10 * most
    queue = list(_ends(net, None, None, played, limit))
    while queue:
        position = queue.pop()
        if position in played.following:
            continue
        if len(played.following) >= most or len(position) > 12:
            played.whole = False
            break
        after = played.following[position] = set()
        for at in {at for at, _ in position if net.nodes[at].kind == "user"}:
            after |= set(_ends(net, position, at, played, limit))
        queue.extend(after)
    return played


def _ends(net: Net, position: Position | None, at: str | None, played: Played, limit: int) -> Iterator[Position]:
    """Where tokens can rest after a step was completed, or after the start."""
    picks: Picks | None = Picks()
    while picks is not None:
        played.moves += 1
        if played.moves > limit:
            raise TooLong
        game = FreeGame(net, picks, position)
        if at is not None:
            game._go_on(next(token for token in game.tokens if token.at == at))
        game.rest(0)
        played.passed |= game.passed
        yield game.position
        picks = picks.next()


