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

from tests.desk.model import moves
from tests.desk.model.office import HOLDING, ROLES, SIGNING, Office, Work
from tests.desk.model.people import ORDERS, People
from tests.desk.model.play import Play
from tests.desk.model.scene import Scene

STEPS = 7
"""Moves of one sequence, before the way out."""
WAY_OUT = 120
"""Moves that lead from anywhere to the end."""
drawn = st.integers(0, 2**32)
"""From which the particulars of a move are drawn: hypothesis likes small numbers too much to choose people by them."""


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
            if chance.random() < 0.5:
                moves.order(self.play, *chance.choice(ORDERS))
            for _ in range(chance.randrange(4)):  # so that there is something to go back to
                if self.office.live:
                    self.people.carry_on(chance)

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
            try:
                if hasattr(self, "play"):
                    whole = len(self.play.moves) % 4 == 0
                    if whole:
                        lead_out(self.play)
                    self.play.check_record(whole=whole)
                    counts.update({"sequences": 1, "moves": len(self.play.moves), "finished": self.office.over})
                    counts.update(self.play.tally)
            finally:
                self.stack.close()

    return Operators


def lead_out(play: Play) -> None:
    """Lead a case to its end by what is offered. Raises AssertionError where no offered way leads there."""
    for _ in range(WAY_OUT):
        if play.office.over:
            return
        if not _onward(play):
            raise AssertionError(f"no way out; {play.story()}")
    raise AssertionError(f"no end in sight; {play.story()}")


def _onward(play: Play) -> bool:
    """One move towards the end; False where there is none."""
    office = play.office
    if office.suspended:
        return moves.halt(play, "head", "resume")
    for work in sorted(office.live, key=lambda one: one.kind == "step"):
        if work.kind != "step":
            if (work.kind in HOLDING or work.kind == "after") and _settle(play, work):
                return True
        elif _do(play, work):
            return True
    if not all(office.pool(work.role) for work in office.live if work.role):
        return moves.halt(play, "head", "terminate")
    return False


def _settle(play: Play, work: Work) -> bool:
    office, parent = play.office, work.parent
    assert parent is not None
    if work.kind == "after" and parent.given is None:
        return False
    who = work.assignee or ""
    fits = not office.barred(who, parent if work.kind in SIGNING else work) and office.holds(who, work)
    if who not in office.gone and fits:
        return moves.complete(play, who, work, "a", "yes")
    for one in (work.owner, parent.assignee):
        if one and one not in office.gone:
            return moves.unask(play, one, work)
    return False


def _do(play: Play, work: Work) -> bool:
    office = play.office
    if work.owner is not None and work.owner not in office.gone:
        return moves.hand_back(play, work.owner, work)
    people = [work.assignee] if work.assignee else sorted(work.candidates)
    for one in people:
        if one and one not in office.gone and office.fit(one, work) and office.free(work):
            return moves.complete(play, one, work, "a", "yes")
    if office.stuck(work):
        fit = [one for one in ROLES if office.candidate(one, work) and one not in office.taken(work)]
        return bool(fit) and moves.reassign(play, "head", work, fit[0])
    return False


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
