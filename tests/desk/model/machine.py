"""The rule-based state machine: random diagrams, random operators, and always a way out."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.desk.model import moves
from tests.desk.model.blocks import CHOICES
from tests.desk.model.office import HOLDING, ROLES, SIGNING, Office, Work
from tests.desk.model.play import Play
from tests.desk.model.scene import Scene

LEAVING = ("legal2", "officer2")
"""Who may leave the bureau: with them gone there is still somebody for every role."""
STEPS = 10
"""Moves of one sequence, before the way out."""
WAY_OUT = 120
"""Moves that lead from anywhere to the end."""
MEANWHILE = ("suspend", "resume", "resume", "order", "order", "urge", "copy", "remark", "leave", "terminate")
LOGINS = tuple(ROLES)
pick = st.integers(0, 10**6)


def machine(scene: Scene, counts: Counter[Any]) -> type[RuleBasedStateMachine]:
    """The machine on a scene. counts: sequences, moves and what they were, for whoever wants to see."""

    class Operators(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.stack, self.sent, self.number = ExitStack(), set[str](), 0

        @initialize(number=st.integers(0, len(scene.drawings) - 1))
        def begin(self, number: int) -> None:
            self.number = number
            self.play: Play = self.stack.enter_context(scene.play(number))

        # who and what

        @property
        def office(self) -> Office:
            return self.play.office

        def people(self) -> list[str]:
            return [one for one in LOGINS if one not in self.office.gone]

        def somebody(self, number: int) -> str:
            here = self.people()
            return here[number % len(here)]

        def work(self, number: int, *kinds: str) -> Work | None:
            found = [one for one in self.office.live if one.kind in kinds or not kinds]
            return found[number % len(found)] if found else None

        def likely(self, work: Work, number: int) -> str:
            """Who holds a task or may claim it, most of the time."""
            mine = [work.assignee] if work.assignee else sorted(work.candidates)
            mine = [one for one in mine if one not in self.office.gone]
            return mine[number % len(mine)] or "" if mine and number % 8 != 3 else self.somebody(number)

        # rules

        @precondition(lambda self: self.office.live)
        @rule(which=pick, who=pick, choice=st.sampled_from(CHOICES), vote=st.sampled_from(("yes", "no")))
        def complete(self, which: int, who: int, choice: str, vote: str) -> None:
            work = self.work(which)
            assert work is not None
            moves.complete(self.play, self.likely(work, who), work, choice, vote)

        @precondition(lambda self: self.office.live)
        @rule(which=pick, who=pick, choice=st.sampled_from(CHOICES), vote=st.sampled_from(("yes", "no")))
        def complete_a_step(self, which: int, who: int, choice: str, vote: str) -> None:
            work = self.work(which, "step")
            if work is not None:
                moves.complete(self.play, self.likely(work, who), work, choice, vote)

        @precondition(lambda self: self.office.live)
        @rule(which=pick, who=pick, back=st.booleans())
        def claim_or_release(self, which: int, who: int, back: bool) -> None:
            work = self.work(which, "step")
            if work is not None:
                (moves.release if back and work.assignee else moves.claim)(self.play, self.likely(work, who), work)

        @precondition(lambda self: self.office.live)
        @rule(which=pick, who=pick, to=pick, how=st.sampled_from(("reassign", "delegate", "head")))
        def hand_on(self, which: int, who: int, to: int, how: str) -> None:
            work = self.work(which, "step")
            if work is None:
                return
            if how == "delegate":
                moves.delegate(self.play, self.likely(work, who), work, self.somebody(to))
            else:
                fit = sorted(self.office.pool(work.role)) if work.role and to % 4 != 3 else []
                person = fit[to % len(fit)] if fit else self.somebody(to)
                moves.reassign(self.play, "head" if how == "head" else self.likely(work, who), work, person)

        @precondition(lambda self: any(work.owner and work.kind == "step" for work in self.office.live))
        @rule(which=pick, by_owner=st.booleans())
        def hand_back(self, which: int, by_owner: bool) -> None:
            lent = [one for one in self.office.live if one.owner and one.kind == "step"]
            work = lent[which % len(lent)]
            who = work.owner if by_owner else work.assignee
            if who and who not in self.office.gone:
                moves.hand_back(self.play, who, work)

        @precondition(lambda self: self.office.live)
        @rule(which=pick, who=pick, whom=pick, kind=st.sampled_from((*SIGNING, "advice")))
        def ask(self, which: int, who: int, whom: int, kind: str) -> None:
            work = self.work(which, "step")
            if work is not None:
                moves.ask(self.play, self.likely(work, who), work, self.somebody(whom), kind)

        @precondition(lambda self: any(work.parent for work in self.office.live))
        @rule(which=pick, who=pick)
        def unask(self, which: int, who: int) -> None:
            work = self.work(which, *SIGNING, "advice", "rework")
            assert work is not None and work.parent is not None
            names = [one for one in (work.owner, work.parent.assignee) if one and one not in self.office.gone]
            moves.unask(self.play, names[who % len(names)] if names and who % 6 != 3 else self.somebody(who), work)

        @precondition(lambda self: any(self.office.game.earlier(at) for at, *_ in self.office.game.live()))
        @rule(which=pick, who=pick, where=pick, how=st.sampled_from(("again", "again", "resume")))
        def go_back(self, which: int, who: int, where: int, how: str) -> None:
            found = [one for one in self.office.live if one.kind == "step" and self.office.game.earlier(one.at)]
            if not found:
                return
            work = found[which % len(found)]
            targets = self.office.game.earlier(work.at)
            moves.go_back(self.play, self.likely(work, who), work, targets[where % len(targets)], how)

        @precondition(lambda self: any(work.state == "completed" for work in self.office.works))
        @rule(which=pick, who=pick)
        def withdraw(self, which: int, who: int) -> None:
            done = [one for one in self.office.works if one.state == "completed" and one.kind == "step"][-2:]
            if done:
                work = done[which % len(done)]
                by = work.by if who % 6 != 3 and work.by not in self.office.gone else self.somebody(who)
                moves.withdraw(self.play, by, work)

        @precondition(lambda self: any(self.office.round_of(work) for work in self.office.live))
        @rule(which=pick, who=pick, person=pick, before=st.booleans(), more=st.booleans())
        def change_the_round(self, which: int, who: int, person: int, before: bool, more: bool) -> None:
            found = [one for one in self.office.live if self.office.round_of(one)]
            work = found[which % len(found)]
            if more:
                moves.add_signer(self.play, self.likely(work, who), work, self.somebody(person), before=before)
            else:
                left = [*self.office.game.left(work.at), 9]
                moves.remove_signer(self.play, self.likely(work, who), work, left[person % len(left)])

        @precondition(lambda self: self.office.orders and self.office.live)
        @rule(which=pick, who=pick, choice=st.sampled_from(CHOICES), vote=st.sampled_from(("yes", "no")))
        def stand_in(self, which: int, who: int, choice: str, vote: str) -> None:
            orders = sorted(self.office.orders)
            absent, present = orders[who % len(orders)]
            held = [one for one in self.office.live if one.assignee == absent]
            if held and present not in self.office.gone:
                moves.complete(self.play, present, held[which % len(held)], choice, vote)

        @rule(which=pick, who=pick, whom=pick, what=st.sampled_from(MEANWHILE))
        def meanwhile(self, which: int, who: int, whom: int, what: str) -> None:
            somebody, other = self.somebody(who), self.somebody(whom)
            match what:
                case "suspend" | "resume" | "terminate":
                    leading = ("unithead", "deputy", "head")[who % 3]
                    moves.halt(self.play, somebody if who % 5 == 3 else leading, what)
                case "order":
                    alike = [one for one in self.people() if ROLES[one] & ROLES[somebody] and one != somebody]
                    if alike:
                        moves.order(self.play, somebody, alike[whom % len(alike)])
                case "urge":
                    if (work := self.work(which)) is not None:
                        moves.urge(self.play, somebody, work)
                case "copy":
                    moves.copy(self.play, somebody, other, self.sent)
                case "remark":
                    moves.remark(self.play, somebody)
                case "leave" if LEAVING[who % 2] not in self.office.gone:
                    self.play.leave(LEAVING[who % 2])
                    self.play.compare()

        # the end

        def teardown(self) -> None:
            try:
                if hasattr(self, "play"):
                    whole = len(self.play.moves) % 3 == 0
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


def run(scene: Scene, examples: int, counts: Counter[Any], *, number: int | None = None) -> None:
    """So many sequences, drawn anew each time; with a number always the same ones.

    Raises AssertionError with the shortest sequence found in which product and model differ.
    """
    drawn = machine(scene, counts)
    chosen = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck),
        database=None, phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False,
    )  # fmt: skip
    run_state_machine_as_test(drawn if number is None else seed(number)(drawn), settings=chosen)
