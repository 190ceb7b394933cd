"""The rule-based state machine: random diagrams, random operators, and always a way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.desk.model import bystanders
from tests.desk.model.office import Office
from tests.desk.model.people import People
from tests.desk.model.play import Play
from tests.desk.model.scene import Scene
from tests.desk.model.wayout import lead_out

STEPS = 7
"""Moves of one sequence, before the way out."""
THOUGHT_BETTER = 0.05
"""How often the case is taken back at once: later on, somebody has nearly always acted."""
STORIES = 0.4
"""How often a sequence begins with somebody who stays with one step."""
drawn = st.integers(0, 2**24 - 1)
"""From which the particulars of a move are drawn: hypothesis likes small numbers too much to choose people by them. Of
more than 24 bits it would like small ones here too, and play the same few sequences again and again.
"""


def machine(scene: Scene, counts: Counter[Any]) -> type[RuleBasedStateMachine]:
    """The machine on a scene. counts: sequences, moves and what they were, for whoever wants to see."""

    class Operators(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.stack = ExitStack()

        @initialize(number=st.integers(0, len(scene.drawings) - 1), seed=drawn)
        def begin(self, number: int, seed: int) -> None:
            self.play: Play = self.stack.enter_context(scene.play(number))
            self.people = People(self.play)
            self.seed, chance = seed, Random(seed)
            _prologue(self.people, chance)

        @property
        def office(self) -> Office:
            return self.play.office

        def chance(self, seed: int) -> Random:
            """Another one for each move, also where a seed comes again."""
            return Random(f"{self.seed} {len(self.play.moves)} {seed}")

        @precondition(lambda self: self.office.live)
        @rule(seed=drawn)
        def carry_on(self, seed: int) -> None:
            """Complete, claim, or do it for somebody absent."""
            self.people.carry_on(self.chance(seed))

        @precondition(lambda self: self.office.live)
        @rule(seed=drawn)
        def use(self, seed: int) -> None:
            """One operator, where anybody could think of it."""
            self.people.use(self.chance(seed))

        @precondition(lambda self: self.office.live)
        @rule(seed=drawn)
        def stay(self, seed: int) -> None:
            """Several moves at one step: who signs after it and refuses, who stands in for its holder."""
            self.people.stay(self.chance(seed))

        @rule(seed=drawn)
        def meanwhile(self, seed: int) -> None:
            """What is done with the case, or beside it; mostly something else comes first."""
            chance = self.chance(seed)
            if self.office.live and chance.random() < 0.6:
                self.people.use(chance)
            else:
                self.people.meanwhile(chance)

        # the end

        def teardown(self) -> None:
            with self.stack:
                if hasattr(self, "play"):
                    _conclude(self.play)
                    counts.update({"sequences": 1, "moves": len(self.play.moves), "finished": self.office.over})
                    counts.update(self.play.tally)

    return Operators


def _prologue(people: People, chance: Random) -> None:
    """What a sequence begins with: hypothesis leaves whole rules out of most of them."""
    if chance.random() < 0.5:
        people.order(chance)
    if chance.random() < THOUGHT_BETTER:
        bystanders.recall(people.play, "officer1")
    for _ in range(chance.randrange(4)):  # so that there is something to go back to
        if people.office.live:
            people.carry_on(chance)
    if chance.random() < STORIES and people.office.live:
        people.stay(chance)


def _conclude(play: Play) -> None:
    """What must hold in the end; of one in four that it has one, and that the record tells the whole state."""
    whole = len(play.moves) % 4 == 0
    if whole:
        lead_out(play)
    play.check_record(whole=whole)


BOTH = (Phase.generate, Phase.shrink)


def run(
    scene: Scene, examples: int, counts: Counter[Any], *, number: int | None = None, phases: Sequence[Phase] = BOTH
) -> None:
    """So many sequences, drawn anew each time; with a number always the same ones.

    Raises AssertionError with the shortest sequence found in which product and model differ.
    """
    drawn = machine(scene, counts)
    chosen = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck),
        database=None, phases=phases, report_multiple_bugs=False,
    )  # fmt: skip
    run_state_machine_as_test(drawn if number is None else seed(number)(drawn), settings=chosen)
