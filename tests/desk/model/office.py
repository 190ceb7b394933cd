"""What the desk's operators mean: who may do what with which task now, and what comes of it (decision 0010).

Told without the product: people are logins, a task is a row of this model, a moment is the number of a move. Each
operator is a question (`can_…`) and a move. None as an answer: this model does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.desk.model.blocks import HEAD, LEADER, LEGAL, OFFICER, Plan
from tests.desk.model.game import At, Game

ROLES = {
    "officer1": {OFFICER}, "officer2": {OFFICER}, "officer3": {OFFICER, LEGAL}, "unithead": {HEAD}, "legal1": {LEGAL},
    "legal2": {LEGAL, LEADER}, "deputy": {LEADER, "panel_member"}, "head": {"bureau_head", "panel_member"},
    "hearing1": {"hearing_officer"},
}  # fmt: skip
"""Those of the bureau who take part. Two have posts on both sides of the separation of duties (`scene.make`)."""
PART = {OFFICER: "handling", HEAD: "unit", LEGAL: "review", "hearing_officer": "hearing", LEADER: "deciding",
        "bureau_head": "deciding", "panel_member": "deciding"}  # fmt: skip
"""Role → its part of a case. Nobody is brought into a step who has taken another part than the step's."""
BARS = {LEGAL: {"handling", "unit", "hearing", "deciding"}, LEADER: {"handling", "review"}, HEAD: {"review", "hearing"}}
"""Role → the parts that keep out of its steps, whatever one holds: nobody judges his own work."""
SIGNING, HOLDING = ("before", "beside", "after"), ("before", "beside", "rework")
KEPT, REPEATED = ("investigation", ""), ("investigation", "statement", "")
"""Acts that can be taken back, and those that can be done once more."""
SIGNED_AFTER = ("investigation", "")
"""Acts whose answers can wait for those who sign after them."""


@dataclass(eq=False)
class Work:
    """One task. asked: who signs after it, while its answer is in; given: that answer and whose it is."""

    at: At
    number: int
    kind: str
    parent: Work | None
    candidates: set[str]
    assignee: str | None
    born: int
    owner: str | None = None
    role: str = ""
    named: str = ""
    state: str = ""
    ended: int = 0
    by: str = ""
    instead_of: str | None = None
    touched: bool = False
    returned: bool = False
    urged: bool = False
    agrees: bool = False
    given: tuple[str, str | None, str | None, str | None] | None = None
    did: set[str] = field(default_factory=set)  # who prepared it or sent an answer of it
    asked: list[Work] = field(default_factory=list)
    row: str = ""
    drafts: set[str] = field(default_factory=set)  # who has typed in it and not sent it
    typed: set[str] = field(default_factory=set)  # of them who did so since it was offered

    @property
    def plan(self) -> Plan:
        return self.at.plan

    @property
    def live(self) -> bool:
        return self.state in ("open", "claimed")

    @property
    def begun(self) -> bool:
        """Whether it was acted on; who may claim it and only typed has not begun."""
        return self.touched or bool(self.assignee and self.typed)


@dataclass(eq=False)
class Order:
    """委托代理: from one day to another, both counted in; here: whether it is for the process that is played."""

    absent: str
    present: str
    starts: int
    ends: int
    scope: str
    here: bool
    ended: bool = False

    @property
    def roles(self) -> set[str]:
        return ROLES[self.absent] & ROLES[self.present] - {"panel_member"}

    def overlaps(self, other: Order) -> bool:
        """Whether both are one person's for one of the same days, roles and processes."""
        return self.absent == other.absent and self._meets(other)

    def circles(self, other: Order) -> bool:
        """Whether each of two people would act for the other."""
        return (self.absent, self.present) == (other.present, other.absent) and self._meets(other)

    def _meets(self, other: Order) -> bool:
        days = self.starts <= other.ends and other.starts <= self.ends
        same = not self.scope or not other.scope or self.scope == other.scope
        return not self.ended and days and same and bool(self.roles & other.roles)


class Office:
    """One case, its people, its tasks."""

    def __init__(self, plan: Plan) -> None:
        self.game, self.now, self.day = Game(plan), 0, 0
        self.officers, self.handled, self.gone = ["officer1", "officer2"], {"officer1", "officer2"}, set[str]()
        self.recused = set[str]()
        self.orders: list[Order] = []
        self.prepared: set[tuple[str, str, str]] = set()  # person, part and element of what he gave back prepared
        self.discharged = set[str]()  # officers who were taken off the case
        self.suspended = self.ended = self.recalled = False
        self.works: list[Work] = []
        self.told: Counter[str] = Counter()
        self.sync()

    # what there is

    @property
    def live(self) -> list[Work]:
        return [work for work in self.works if work.live]

    @property
    def over(self) -> bool:
        return self.ended or self.recalled or self.game.over

    def beside(self, work: Work) -> list[Work]:
        return [one for one in self.works if one.parent is work and one.live]

    def pass_days(self, number: int) -> None:
        """So many days pass; after a day a step can be reminded of again."""
        self.day += number
        for work in self.works:
            work.urged = False

    def round_of(self, work: Work) -> bool:
        return work.kind == "step" and work.plan.kind == "round"

    # who may

    def pool(self, role: str) -> set[str]:
        if role == OFFICER:
            return set(self.officers) - self.gone - self.recused
        found = {one for one, roles in ROLES.items() if role in roles} - self.gone - self.recused
        return found - self.judging(role)

    def judging(self, role: str) -> set[str]:
        """Who would judge his own work in a role's step: what he did, signed, prepared or let another do for him."""
        return {one for one in ROLES if {part for part, _ in self.parts(one)} & BARS.get(role, set())}

    def stood_above(self, person: str) -> bool:
        """Whether somebody judged what the officers did, and can't become one of them."""
        return any(part not in ("", "handling") for part, _ in self.parts(person))

    def barred(self, person: str, work: Work) -> bool:
        return person in self.judging(work.role)

    def parts(self, person: str) -> set[tuple[str, str]]:
        """The parts that somebody took so far, each with its element: what was done, signed, sent back or prepared."""
        found = {("handling", "")} if person in self.handled else set()
        found |= {(part, element) for one, part, element in self.prepared if one == person}
        for work in self.works:
            if work.state in ("completed", "returned") and work.kind != "advice" and person in (
                work.by, work.instead_of
            ):  # fmt: skip
                role = work.parent.role if work.parent and work.kind in SIGNING else work.role
                found.add((PART.get(role, ""), work.plan.id))
        return found

    def elsewhere(self, person: str, work: Work) -> bool:
        """Whether another part in the case keeps somebody from being brought into a step."""
        others = {one for one in self.parts(person) if one[1] != work.plan.id}
        if not work.role:
            return bool(others)
        own = PART[work.role]
        return any(part not in ("", own) for part, _ in others) and not (own == "handling" and person in self.officers)

    def beside_fits(self, person: str, work: Work) -> bool:
        """Whether somebody may sign or prepare another's step."""
        fits = not work.role or PART[work.role] in {PART[role] for role in ROLES[person]}
        return fits and person not in self.gone | self.recused and not self.elsewhere(person, work)

    def signs(self, person: str, work: Work) -> bool:
        """Whether somebody was asked to sign beside a step and not taken away."""
        return any(one.parent is work and one.kind in SIGNING and one.assignee == person and one.state != "cancelled"
                   for one in self.works)  # fmt: skip

    def does(self, person: str, work: Work) -> bool:
        """Whether somebody holds a step or answers for it, prepared it, or sent an answer of it."""
        return person in {work.assignee, work.owner, *work.did}

    def can_sign(self, person: str, work: Work) -> bool:
        """Whether somebody may sign a step: nobody signs what he does."""
        return self.beside_fits(person, work) and not self.does(person, work)

    def takes_back(self, actor: str, asked: Work) -> bool:
        """Whether somebody may take back what was asked beside a step."""
        assert asked.parent is not None
        heads = self.head_of(actor, asked.parent) and (self.stuck(asked.parent) or not self.answers(asked))
        mine = actor in (asked.owner, asked.parent.assignee) and self.candidate(actor, asked.parent)
        return mine or heads

    def answers(self, asked: Work) -> bool:
        """Whether who was asked beside a step can still answer."""
        assert asked.parent is not None
        if asked.kind in SIGNING:
            return self.beside_fits(asked.assignee or "", asked.parent)
        return asked.assignee not in self.gone | self.recused

    def refused(self, work: Work, person: str) -> bool:
        """Whether somebody's last word after a step was a refusal, and he could sign it today."""
        said = [one for one in self.works
                if one.parent is work and one.kind == "after" and one.state == "completed" and one.by == person]
        return bool(said) and not max(said, key=lambda one: one.ended).agrees and self.can_sign(person, work)

    def against(self, work: Work) -> list[str]:
        """Who is asked once more when the step is sent anew."""
        asked = {one.assignee for one in self.beside(work) if one.kind == "after"}
        return [one for one in ROLES if one not in asked and self.refused(work, one)]

    def holds(self, person: str, work: Work) -> bool:
        return not work.role or person in self.pool(work.role)

    def candidate(self, person: str, work: Work) -> bool:
        """Who can be given the task."""
        if person not in ROLES or person in self.gone | self.recused:
            return False
        if self.barred(person, work) or not self.holds(person, work) or self.signs(person, work):
            return False
        return person in work.candidates or person == work.by or self.beside_fits(person, work)

    def taken(self, work: Work) -> set[str]:
        """Who has signed or will sign in the round, beside the task itself."""
        if not self.round_of(work):
            return set()
        mine = {one for one in self.works if one.at is work.at and one is not work and one.kind == "step"}
        mine = {one for one in mine if one.born >= work.at.since}
        found = {one.owner or one.assignee for one in mine if one.live}
        found |= {person for one in mine if one.live and not one.assignee for person in one.candidates}
        found |= {person for one in mine if one.state == "completed" for person in (one.by, one.instead_of)}
        live = {one.number for one in mine if one.live} | {work.number}
        found |= {person for number, person in self.game.left(work.at).items() if number not in live}
        return {one for one in found if one}

    def fit(self, actor: str, work: Work) -> bool:
        """Whether the actor may act on a task as its holder or candidate."""
        mine = work.assignee == actor if work.assignee else actor in work.candidates
        mine = mine and actor not in self.recused | self.taken(work) and not self.signs(actor, work)
        return mine and not self.barred(actor, work) and self.holds(actor, work)

    def free(self, work: Work) -> bool:
        holding = any(one.kind in HOLDING for one in self.beside(work))
        return work.owner is None and work.given is None and not holding

    def stuck(self, work: Work) -> bool:
        if work.owner and not self.beside_fits(work.assignee or "", work):
            return True
        people = {work.owner or work.assignee} if work.assignee else work.candidates
        return not any(self.candidate(person or "", work) for person in people)

    def head_of(self, actor: str, work: Work) -> bool:
        return "bureau_head" in ROLES[actor] or (work.role == OFFICER and HEAD in ROLES[actor])

    def instead(self, actor: str, work: Work) -> str | None:
        """The absent person for whom the actor could do the task."""
        if work.kind != "step" or "substitute" not in work.plan.operators or work.assignee == actor:
            return None
        if work.assignee:
            return self._for(work.assignee, actor, work)
        if actor in work.candidates:
            return None
        away = (self._for(one, actor, work) for one in sorted(work.candidates) if self.fit(one, work))
        return next((one for one in away if one), None)

    def _for(self, absent: str, actor: str, work: Work) -> str | None:
        """The absent person, where the actor could do for him a task that he holds or could take himself."""
        common = {role for order in self.in_force(absent, actor) for role in order.roles}
        if not common or (work.role and work.role not in common) or actor in self.taken(work):
            return None
        if self.signs(actor, work):
            return None
        both = {absent, actor}
        fits = not both & self.recused and not any(self.barred(one, work) for one in both) and self.holds(absent, work)
        fits = fits and (self.holds(actor, work) or self.could_handle(actor, work))
        return absent if fits and (actor in work.candidates or not self.elsewhere(actor, work)) else None

    def still_his(self, person: str, work: Work) -> bool:
        """Whether who did a step could do it today, in his own name or for whom he did it."""
        absent = work.instead_of
        roles = {role for order in self.in_force(absent, person) for role in order.roles} if absent else set()
        acts = bool(roles) and (not work.role or work.role in roles)
        return self.candidate(person, work) or (acts and self.candidate(absent or "", work))

    def could_handle(self, person: str, work: Work) -> bool:
        """Whether somebody who is no officer of the case could do an officer's step for him, this once."""
        mine = work.role == OFFICER and OFFICER in ROLES[person]
        return mine and person not in self.discharged and not self.stood_above(person)

    def in_force(self, absent: str, present: str) -> list[Order]:
        """The orders by which somebody acts for another in this process today."""
        return [
            one for one in self.orders
            if (one.absent, one.present) == (absent, present) and one.starts <= self.day <= one.ends
            and one.here and not one.ended and absent not in self.gone
        ]  # fmt: skip

    def acts_in(self, actor: str) -> bool:
        had = any(actor in (work.assignee, work.by) for work in self.works
                  if work.kind == "step" or work.state != "cancelled")  # fmt: skip
        return had or actor in self.officers or bool(ROLES[actor] & {
            HEAD, LEGAL, LEADER, "bureau_head", "hearing_officer"})  # fmt: skip

    def takes_part(self, person: str) -> bool:
        """Whether there is something in the case from which somebody could withdraw."""
        parts = {one for work in self.works for one in (work.owner, work.instead_of)}
        parts |= {one for work in self.live for one in work.candidates}
        return self.acts_in(person) or person in parts

    # moves of the process

    def sync(self) -> list[Work]:
        """Tasks follow the process; those that are new."""
        self.told["RoundChanged"] += self.game.doubled
        self.game.doubled = 0
        stand = list(self.game.live()) if not (self.ended or self.recalled) else []
        known = {(work.at, work.number, work.named): work for work in self.live if work.kind == "step"}
        for place, work in known.items():
            if place not in stand:
                self.end(work, "cancelled", "TaskCancelled")
        fresh = [self._offer(*place) for place in stand if place not in known or not known[place].live]
        for work in self.live:
            if work.parent is not None and not work.parent.live:
                self.end(work, "cancelled", "TaskCancelled")
        return fresh

    def _offer(self, at: At, number: int, named: str) -> Work:
        role = at.plan.role
        people = ({named} - self.gone - self.recused if named else self.pool(role))
        alone = next(iter(people)) if len(people) == 1 else None
        work = Work(at, number, "step", None, set(people), alone, self.now, role=role, named=named,
                    state="claimed" if alone else "open")  # fmt: skip
        self._bring(work)
        self.works.append(work)
        self.told["TaskOffered"] += 1
        return work

    def withdraw(self, person: str) -> None:
        """回避: nothing stays with whoever has an interest in the case; an answer of his that waits counts no more."""
        self.recused.add(person)
        if person in self.officers:
            self.officers.remove(person)
            self.discharged.add(person)
        for work in self.live:
            if not work.live:
                continue
            work.drafts.discard(person)
            work.typed.discard(person)
            if work.kind != "step":
                if work.assignee == person:
                    self._spare(work)
            elif work.assignee == person and work.owner not in (None, person):
                self.told["TaskGivenUp"] += self.candidate(work.owner, work)  # or it is told with the offer
                work.candidates.discard(person)
                self.give_back(work)
            elif person in (work.assignee, work.owner):
                self._offer_anew(work, person)
            else:
                if work.given is not None and person in work.given[:2]:
                    work.given, work.touched = None, True
                    self.told["TaskGivenUp"] += 1
                if person in work.candidates:
                    work.candidates.discard(person)
                    if not work.assignee and not work.candidates:
                        self._offer_anew(work, person)

    def _spare(self, work: Work) -> None:
        """What was asked of him is taken back; an answer that only he had still to sign goes back to its holder."""
        parent = work.parent
        assert parent is not None
        self.end(work, "cancelled", "SubtaskRemoved")
        parent.touched = True
        if not any(one.kind == "after" for one in self.beside(parent)):
            parent.given = None

    def give_back(self, work: Work) -> None:
        """To who let another prepare it; to those who fit, where he can't do it himself any more."""
        owner = work.owner or ""
        if self.candidate(owner, work):
            work.assignee, work.owner, work.touched = owner, None, True
        else:
            self._offer_anew(work, owner)

    def _offer_anew(self, work: Work, person: str) -> None:
        for one in self.beside(work):
            if one.owner == person:
                self.end(one, "cancelled", "SubtaskRemoved")
        people = ({work.named} - self.gone - self.recused if work.named else self.pool(work.role))
        people = {one for one in people - self.taken(work) if one != person and not self.signs(one, work)}
        work.candidates, work.owner, work.given = set(people), None, None
        work.assignee = next(iter(people)) if len(people) == 1 else None
        work.state = "claimed" if work.assignee else "open"
        self.told["TaskGivenUp"] += 1

    def take_up(self) -> None:
        """One more officer: what waited for an officer, and nobody could take, is offered again."""
        for work in self.live:
            if work.role == OFFICER and not work.assignee and self.stuck(work):
                people = {one for one in self.pool(OFFICER) if not self.signs(one, work)}
                if people:
                    work.candidates, work.given = people, None
                    work.assignee = next(iter(people)) if len(people) == 1 else None
                    work.state = "claimed" if work.assignee else "open"
                    self.told["TaskGivenUp"] += 1

    def _bring(self, work: Work) -> None:
        """What was typed at the same place, and taken away before it was sent, is there again."""
        place = [one for one in self.works
                 if one.kind == "step" and one.plan is work.plan and one.named == work.named
                 and (one.named or one.number == work.number)]  # fmt: skip
        done = max((one.ended for one in place if one.state in ("completed", "returned", "withdrawn")), default=-1)
        for one in place:
            if one.state == "cancelled" and one.ended >= done:
                work.drafts |= one.drafts & work.candidates
                one.drafts -= work.candidates

    def end(self, work: Work, state: str, event: str, by: str = "") -> None:
        work.state, work.ended, work.by = state, self.now, by or work.by
        if state != "cancelled":
            work.drafts = set()
        work.touched = True
        self.told[event] += 1

    def finish(self, work: Work, by: str, instead_of: str | None, choice: str | None, vote: str | None) -> None:
        self.game.complete(work.at, work.number, choice, vote)
        self.end(work, "completed", "TaskCompleted", by)
        work.instead_of, work.assignee, work.given = instead_of, by, None
        self.sync()

    def last(self, at: At) -> Work | None:
        done = [work for work in self.works
                if work.plan is at.plan and work.kind == "step" and work.state == "completed"]  # fmt: skip
        return max(done, key=lambda work: work.ended, default=None)

    def stands(self, target: At) -> bool | None:
        """Whether a return would cross an act that is not done again; None where the target is a subprocess."""
        acts = [work for work in self.works if work.state == "completed" and work.kind == "step"
                and work.plan.act not in REPEATED]  # fmt: skip
        if target.plan.kind == "sub":
            return None if acts else False
        last = self.last(target)
        return any(last is None or work.ended >= last.ended for work in acts)

    def choices(self, work: Work) -> Iterator[tuple[At, bool | None]]:
        """Earlier places, and whether all can be done again from there."""
        for target in self.game.earlier(work.at):
            stands = self.stands(target)
            yield target, None if stands is None else not stands

    def back(self, target: At, *, doer: Work | None = None) -> None:
        """Stand at an earlier place again, and give its steps to who did them last."""
        self.game.go_back(target)
        target.since = self.now
        fresh = self.sync()
        for work in fresh:
            work.returned = True
            last = doer or self.last(work.at)
            if last is not None and not work.assignee and last.by in work.candidates and self.candidate(last.by, work):
                work.assignee, work.state = last.by, "claimed"
                self.told["TaskReassigned"] += 1
