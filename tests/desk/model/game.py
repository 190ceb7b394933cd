"""Where a case stands, told by the tree of its blocks alone: no tokens, no flows, no lines.

An occurrence is one run of a block: it has begun, holds what ran inside of it, and is done or not. To go back to an
earlier one is to forget what came after it in each row (seq) around it; the branches beside it stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from tests.desk.model.blocks import Plan


@dataclass(eq=False)
class At:
    """One occurrence. places: of a round, number → who signs, for those who have not signed and are asked.

    guests: of a round, whom somebody added to it, by number; of one in sequence of who is asked now and who is ahead.
    """

    plan: Plan
    around: At | None
    kids: list[At] = field(default_factory=list)
    ended: list[At] = field(default_factory=list)  # of a loop: the round before, until the first step is done again
    done: bool = False
    places: dict[int, str] = field(default_factory=dict)
    ahead: list[str] = field(default_factory=list)  # of a round in sequence: who comes after the one asked now
    guests: list[bool] = field(default_factory=list)
    total: int = 0
    agreed: int = 0
    signed: int = 0
    next: int = 0
    times: int = 0  # of a loop
    work: bool = False  # whether people did something here
    since: int = 0  # when it began, if it began anew


class Game:
    """One case in one process. choice: the latest answer to the question of all gateways; outcomes: of rounds."""

    def __init__(self, plan: Plan) -> None:
        self.choice, self.outcomes = "a", dict[str, str]()
        self.doubled = 0  # places of people who have one in the same round, since somebody looked
        self.plan = plan
        self.top = At(Plan("sub"), None)
        self._begin(plan, self.top)

    @property
    def over(self) -> bool:
        return self.top.done

    def live(self) -> Iterator[tuple[At, int, str]]:
        """What people can do: occurrences of steps, of rounds with the number of the place and whose it is."""
        for at in _all(self.top):
            if at.done:
                continue
            if at.plan.kind == "round":
                yield from ((at, number, person) for number, person in at.places.items())
            elif at.plan.kind in ("step", "again"):
                yield at, at.times, ""

    def complete(self, at: At, number: int, choice: str | None, vote: str | None) -> None:
        """Do a step with its answer."""
        self.choice = choice or self.choice
        _worked(at)
        node = at
        while node.around is not None:
            node = node.around
            node.ended = []
        match at.plan.kind:
            case "step":
                self._done(at)
            case "again":
                at.times += 1
                if at.times >= at.plan.most or self.choice not in (at.plan.values[0] or ""):
                    self._done(at)
            case "round":
                del at.places[number]
                at.signed, at.agreed = at.signed + 1, at.agreed + (vote == "yes")
                if self._decided(at) or at.signed == at.total:
                    self._done(at)
                elif at.plan.sequential:
                    at.places[number + 1] = at.ahead.pop(0)
                    del at.guests[0]

    def earlier(self, at: At) -> list[At]:
        """Where a step can go back to: steps, rounds, and subprocesses as a whole."""
        found: list[At] = []
        start = at
        while at.around is not None:
            if at.around.plan.kind == "seq":
                for before in at.around.kids[:at.around.kids.index(at)]:
                    found += _targets(before)
            for before in at.around.ended:
                found += [one for one in _targets(before) if one.plan is not start.plan]
            at = at.around
        return found

    def arrived(self, at: At) -> bool:
        """Whether a branch is done in which somebody did a step, and others beside it are waited for."""
        return any(
            not one.done and kid.done and at in _targets(kid)
            for one in _all(self.top) if one.plan.kind in ("par", "inc") for kid in one.kids
        )  # fmt: skip

    def leads(self, first: Plan, then: Plan) -> bool:
        """Whether a step can come of another: it stands behind it in a row, or a loop lies around both."""
        before, after = _above(self.plan, first), _above(self.plan, then)
        shared = [one for one, other in zip(before, after, strict=False) if one is other]
        if first is then or any(one.kind == "repeat" for one in shared):
            return True
        around = shared[-1]
        rank = {id(part): number for number, part in enumerate(around.parts)}
        return around.kind == "seq" and rank[id(before[len(shared)])] < rank[id(after[len(shared)])]

    def go_back(self, target: At) -> None:
        """Stand at an earlier occurrence again."""
        target.kids, target.done, target.work, target.places, target.ahead = [], False, False, {}, []
        target.total = target.agreed = target.signed = target.times = 0
        node = target
        while node.around is not None:
            if node in node.around.ended:
                node.around.kids = node.around.ended
            node.around.ended = []
            if node.around.plan.kind == "seq":
                del node.around.kids[node.around.kids.index(node) + 1:]
            node = node.around
            node.done = False
        self._enter(target)

    def add(self, at: At, number: int, person: str, *, before: bool, holder: str) -> None:
        """One signer more. holder: whose the place is, which comes again behind whom he puts before himself."""
        at.total += 1
        if not at.plan.sequential:
            at.places[at.next] = person
            at.next += 1
        elif before:
            at.ahead.insert(0, holder)
            at.places[number] = person
            at.guests.insert(0, True)
        else:
            at.ahead.insert(0, person)
            at.guests.insert(1, True)

    def guest(self, at: At, number: int) -> bool:
        """Whether somebody who has not signed was added to the round."""
        if at.plan.sequential:
            return at.guests[number - min(at.places)]
        return number >= len(at.plan.people)

    def remove(self, at: At, number: int) -> None:
        """One signer less, who has not signed."""
        at.total -= 1
        if at.plan.sequential:
            del at.guests[number - min(at.places)]
        if number in at.places:
            del at.places[number]
            if at.plan.sequential and at.ahead:
                at.places[number] = at.ahead.pop(0)
        else:
            at.ahead.pop(number - min(at.places) - 1)
        if self._decided(at) or at.signed == at.total:
            self._done(at)

    def left(self, at: At) -> dict[int, str]:
        """Number → who has not signed, those of a sequence who were not asked yet too."""
        found = dict(at.places)
        if at.plan.sequential and found:
            found.update(enumerate(at.ahead, start=min(found) + 1))
        return found

    def _decided(self, at: At) -> bool:
        """A round ends when nobody who is still to sign can change how it comes out."""
        rule = at.plan.rule
        if not rule:
            return False
        share = Fraction(rule.removeprefix("share:")) if rule.startswith("share:") else Fraction(1)
        needed = 1 if rule == "any" else max(1, -(-at.total * share.numerator // share.denominator))
        if at.agreed < needed and at.agreed + at.total - at.signed >= needed:
            return False
        self.outcomes[f"outcome_{at.plan.id}"] = "accepted" if at.agreed >= needed else "rejected"
        return True

    def _begin(self, plan: Plan, around: At) -> At:
        at = At(plan, around)
        around.kids.append(at)
        self._enter(at)
        return at

    def _enter(self, at: At) -> None:
        plan = at.plan
        match plan.kind:
            case "round":
                at.total = at.next = len(plan.people)
                once = dict.fromkeys(plan.people)
                first = {number: one for number, one in enumerate(plan.people) if one not in plan.people[:number]}
                at.total, self.doubled = len(once), self.doubled + at.total - len(once)
                at.places = {0: plan.people[0]} if plan.sequential else first
                at.ahead = list(once)[1:] if plan.sequential else []
                at.guests = [False] * len(once) if plan.sequential else []
            case "again" if plan.before and self.choice not in (plan.values[0] or ""):
                self._done(at)
            case "seq" | "sub" | "repeat":
                self._begin(plan.parts[0], at)
            case "xor" | "par" | "inc":
                branches = self._taken(plan)
                for branch in branches:  # all begin before the first can end
                    at.kids.append(At(branch, at))
                for kid in list(at.kids):
                    self._enter(kid)

    def _taken(self, plan: Plan) -> list[Plan]:
        pairs = list(zip(plan.parts, plan.values, strict=True))
        if plan.kind == "par":
            return list(plan.parts)
        true = [part for part, values in pairs if values is not None and self.choice in values]
        other = [part for part, values in pairs if values is None]
        if plan.always:
            return [part for part in plan.parts if part in true or part in other]
        return true[:1] if true and plan.kind == "xor" else true or other

    def _done(self, at: At) -> None:
        at.done = True
        around = at.around
        if around is None:
            return
        match around.plan.kind:
            case "seq" if len(around.kids) < len(around.plan.parts):
                self._begin(around.plan.parts[len(around.kids)], around)
            case "repeat" if self.choice in (around.plan.values[0] or ""):
                around.ended, around.kids = around.kids, []
                self._begin(around.plan.parts[0], around)
            case "xor" | "par" | "inc" if not all(kid.done for kid in around.kids):
                pass
            case _:
                self._done(around)


def _all(at: At) -> Iterator[At]:
    yield at
    for kid in at.kids:
        yield from _all(kid)


def _above(plan: Plan, wanted: Plan) -> list[Plan]:
    """The plans from the whole down to one of its parts; none where it is no part of it."""
    if plan is wanted:
        return [plan]
    below = next((found for part in plan.parts if (found := _above(part, wanted))), [])
    return [plan, *below] if below else []


def _targets(at: At) -> list[At]:
    if at.plan.kind in ("step", "round", "again", "sub"):
        return [at] if at.work else []
    return [found for kid in at.kids for found in _targets(kid)]


def _worked(at: At) -> None:
    node: At | None = at
    while node is not None:
        node.work, node = True, node.around
