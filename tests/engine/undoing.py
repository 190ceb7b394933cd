"""What going back must mean, told without the engine's notion of a line: history without what came of the earlier step.

The oracle keeps the completions in their order. To go back to a step it plays a new instance from the start, leaves out
the step's own completions, and of the later ones those that are then not offered: they came of it.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.engine.drawing import NOW
from tests.engine.matches import What, choose, name, offered, stored_and_read_back
from tests.engine.sketches import sketch
from tests.engine.trees import Block, tree, with_asides
from workflows.engine import lineage, moves
from workflows.engine.definition import Definition, read
from workflows.engine.runtime import Instance, Step

Visit = tuple[str, str, int]
"""Scope, element, number of the token."""
PLAIN = ("user", "many")
"""What begins anew as it began: a subprocess or loop asks its first condition again, of what was answered since."""


def quiet(block: Block) -> Block:
    """The block without timers, events and calls: what they do elsewhere, or in variables of their own, stays done."""
    match block:
        case ("timed" | "shout", *_):
            return ("step",)
        case ("late" | "border", body, *_):
            return quiet(body)
        case ("call", body):
            return "sub", quiet(body)
        case ("seq" | "xor" | "par" | "inc" as kind, parts):
            return kind, [quiet(part) for part in parts]
        case ("loop" | "sub" | "link" as kind, body):
            return kind, quiet(body)
        case ("fork", body, asking, parts):
            return "fork", quiet(body), asking, [quiet(part) for part in parts]
    return block


@dataclass(frozen=True)
class Done:
    """One completion. of: the visits that it is a part of, innermost first."""

    what: What
    answer: dict[str, int]
    of: frozenset[Visit]


class Undoing:
    """One diagram, played by an instance that is stored after each move, and by the oracle."""

    def __init__(self, seed: int, leaves: int) -> None:
        self.chance = random.Random(seed)
        drawn = sketch(with_asides(quiet(tree(self.chance, leaves)), self.chance, joined=False))
        self.names = drawn.variables
        self.known: dict[str, Definition] = {key: read(package) for key, package in drawn.packages.items()}
        self.beginning = self.answer()
        self.history: list[Done] = []
        self.instance = self._fresh()
        self.oracle = self._fresh()
        self.returns = 0

    def _fresh(self) -> Instance:
        return Instance.start(self.known["main"], self.known, self.beginning, NOW)

    def answer(self) -> dict[str, int]:
        """Values for all variables."""
        return {name: self.chance.randrange(4) for name in self.names}

    def play(self) -> None:
        """One completion, or one return from a step or from where a branch waits; then both must offer the same."""
        # Of several that wait at one place, from several rounds, always the oldest: the oracle knows places only.
        oldest = {name(step): step for step in reversed(self.instance.steps())}
        step = oldest[self.chance.choice(sorted(oldest, key=repr))]
        waits = self.instance.joining()
        stand = self.chance.choice(waits) if waits and self.chance.random() < 0.3 else step.id
        back = [one for one in self.instance.earlier(stand) if one.element.id.startswith(PLAIN)]
        if back and self.chance.random() < 0.35:
            self._go_back(stand, self.chance.choice(back).id)
        else:
            self._complete(step)
        self.instance = stored_and_read_back(self.instance, self.known)
        assert offered(self.instance) == offered(self.oracle)
        assert self.instance.finished == self.oracle.finished
        assert ways_back(self.instance) == ways_back(self.oracle)

    def _complete(self, step: Step) -> None:
        done = Done(name(step), self.answer(), frozenset(self._visits(step)))
        self.history.append(done)
        self.instance.complete(step.id, done.answer, NOW)
        self.oracle.complete(choose(self.oracle, done.what), done.answer, NOW)

    def _go_back(self, stand: str, target: str) -> None:
        scope, _, element = target.partition(":")
        number = next(
            lineage.of(token).past[element].number for token in moves._levels(_task(self.instance, stand))
            if moves._name(token) == scope
        )
        self.instance.go_back(stand, target, NOW)
        self.oracle, kept = self._fresh(), []
        for done in self.history:
            if (scope, element, number) in done.of or done.what not in offered(self.oracle):
                continue
            self.oracle.complete(choose(self.oracle, done.what), done.answer, NOW)
            kept.append(done)
        self.history = kept
        self.returns += 1

    def _visits(self, step: Step) -> list[Visit]:
        return [
            (moves._name(token), token.task_spec.bpmn_id, token.internal_data["n"])
            for token in moves._levels(_task(self.instance, step.id))
        ]


def ways_back(instance: Instance) -> Counter[Any]:
    """Where each step and each branch that waits for others can go back to, in the round of a loop that it is in."""
    standing = [(name(step), step.id) for step in instance.steps()] + [("join", token) for token in instance.joining()]
    found = Counter[Any]()
    for what, id in standing:
        levels = moves._levels(_task(instance, id))
        here = {f"{moves._name(token)}:{element}" for token in levels for element in lineage.behind(token).past}
        ways = [one for one in instance.earlier(id) if one.id in here]
        found[what, frozenset((one.process_key, one.element.id) for one in ways)] += 1
    return found


def _task(instance: Instance, id: str):  # type: ignore[no-untyped-def]  # SpiffWorkflow has no types
    return next(task for task in instance.run.tokens() if task.id.hex == id)


def undo(seed: int, leaves: int, limit: int) -> int:
    """Play one diagram; how often it went back. Raises AssertionError where the instance and the oracle differ."""
    played = Undoing(seed, leaves)
    for _ in range(limit):
        if played.instance.finished:
            break
        played.play()
    return played.returns
