"""People at their desks: whoever could think of a move makes it, mostly one that is allowed."""

from __future__ import annotations

from random import Random

from tests.desk.model import bystanders, moves, signers
from tests.desk.model.blocks import CHOICES
from tests.desk.model.office import ROLES, SIGNED_AFTER, SIGNING, Office, Work
from tests.desk.model.play import Play

OPERATORS = (
    "release", "reassign", "head", "delegate", "hand back", "ask", "ask", "unask", "return", "return", "return",
    "withdraw", "round", "round", "round", "round", "draft", "stay", "stay", "stay",
)  # fmt: skip
MEANWHILE = (
    "suspend", "resume", "order", "order", "order", "urge", "copy", "remark", "leave", "terminate", "recall", "days",
    "end order", "charge", "charge", "discharge", "discharge", "recuse", "order recusal",
)  # fmt: skip
ORDERS = (
    ("legal1", "legal2"), ("legal2", "legal1"), ("officer1", "officer2"), ("officer2", "officer3"),
    ("officer3", "legal1"), ("officer3", "legal2"), ("officer1", "officer3"),
)  # fmt: skip
WHEN = ((0, 3), (0, 3), (0, 3), (0, 0), (1, 3))
"""First and last day of an order, from today."""
OFFICERS = ("officer1", "officer2", "officer3", "officer3")
"""Who is charged with the case, or taken off it, while it runs."""
LEAVING = ("legal2", "officer2")
"""Who may leave the bureau: with them gone there is still somebody for every role."""
RECUSING = ("legal1", "legal2", "officer1", "officer2", "officer3", "deputy", "unithead")
"""Who may have an interest in the case: never the head, who ends it where nobody is left."""
SIDES = ("legal1", "legal2", "officer3")
"""Whom the separation of duties keeps from steps, once they have had a hand in others."""
ODD = 0.12
"""How often somebody tries who could not."""


class People:
    """Those who work on one case. sent: who has a copy that they have not read."""

    def __init__(self, play: Play) -> None:
        self.play, self.sent = play, set[str]()

    @property
    def office(self) -> Office:
        return self.play.office

    def here(self) -> list[str]:
        return [one for one in ROLES if one not in self.office.gone]

    def whom(self, chance: Random, work: Work, actor: str) -> str:
        """Somebody to whom a part is given beside a step, mostly one who may have it."""
        fit = [one for one in self.here() if one != actor and self.office.beside_fits(one, work)]
        if fit and chance.random() > 3 * ODD:
            return chance.choice(fit)
        sides = [one for one in SIDES if one not in self.office.gone]
        return chance.choice(sides if chance.random() < 0.6 else self.here())

    def steps(self) -> list[Work]:
        return [one for one in self.office.live if one.kind == "step"]

    def pick(self, chance: Random, found: list[Work]) -> Work | None:
        """One of some tasks, mostly one that somebody holds."""
        taken = [one for one in found if one.assignee and one.assignee not in self.office.gone]
        chosen = taken if taken and chance.random() > ODD else found
        return chance.choice(chosen) if chosen else None

    def who(self, chance: Random, work: Work) -> str:
        """Who holds a task or may claim it, most of the time."""
        mine = [work.assignee] if work.assignee else sorted(work.candidates)
        mine = [one for one in mine if one and one not in self.office.gone]
        return chance.choice(mine if mine and chance.random() > ODD else self.here()) or ""

    def carry_on(self, chance: Random) -> None:
        """Complete, claim, or do it for somebody absent."""
        office = self.office
        if office.suspended and chance.random() > ODD:
            bystanders.halt(self.play, chance.choice(("unithead", "deputy", "head")), "resume")
            return
        work = chance.choice(office.live)
        away = {work.assignee} if work.assignee else work.candidates
        instead = [one.present for one in office.orders if one.absent in away]
        instead = [one for one in instead if one not in office.gone]
        if not work.assignee and chance.random() < 0.5:
            moves.claim(self.play, self.who(chance, work), work)
            return
        actor = chance.choice(instead) if instead and chance.random() < 0.5 else self.who(chance, work)
        moves.complete(self.play, actor, work, chance.choice(CHOICES), chance.choice(("yes", "yes", "no")))
        if chance.random() < ODD:  # thought better of it at once
            self._withdraw(chance)

    def use(self, chance: Random) -> None:
        """One operator, where anybody could think of it."""
        for operator in chance.sample(OPERATORS, len(OPERATORS)):
            match operator:
                case "withdraw":
                    done = self._withdraw(chance)
                case "unask" | "hand back":
                    done = self._take_back(chance, operator)
                case "return":
                    done = self._return(chance)
                case "round":
                    done = self._round(chance)
                case "stay":
                    done = self.stay(chance)
                case _:
                    done = self._hand(chance, operator)
            if done:
                return

    def _hand(self, chance: Random, operator: str) -> bool:
        work = self.pick(chance, self.steps())
        if work is None:
            return False
        actor = self.who(chance, work)
        match operator:
            case "release":
                moves.release(self.play, actor, work)
            case "draft":
                moves.draft(self.play, actor if chance.random() > 2 * ODD else chance.choice(self.here()), work)
            case "delegate":
                moves.delegate(self.play, actor, work, self.whom(chance, work, actor))
            case "ask":
                alone = self.office.round_of(work) and chance.random() > ODD  # who signs with others joins their round
                kind = "advice" if alone else chance.choice((*SIGNING, "advice"))
                signers.ask(self.play, actor, work, self.whom(chance, work, actor), kind)
            case _:
                fit = sorted(self.office.pool(work.role)) if work.role and chance.random() > 2 * ODD else []
                by = chance.choice(("head", "unithead")) if operator == "head" else actor
                moves.reassign(self.play, by, work, chance.choice(fit or self.here()))
        return True

    def _take_back(self, chance: Random, operator: str) -> bool:
        asked = [one for one in self.office.live if one.parent is not None]
        lent = [one for one in self.steps() if one.owner]
        work = self.pick(chance, asked if operator == "unask" else lent)
        if work is None:
            return False
        names = [work.owner, work.parent.assignee if work.parent else work.assignee]
        known = [one for one in names if one and one not in self.office.gone]
        actor = chance.choice(known if known and chance.random() > ODD else self.here())
        if work.parent is None:
            moves.hand_back(self.play, actor, work)
        else:
            signers.unask(self.play, actor, work, "" if chance.random() < ODD else "不再需要")
        return True

    def _return(self, chance: Random) -> bool:
        work = self.pick(chance, [one for one in self.steps() if self.office.game.earlier(one.at)])
        if work is None:
            return False
        target = chance.choice(self.office.game.earlier(work.at))
        signers.go_back(self.play, self.who(chance, work), work, target, "resume" if chance.random() < 0.4 else "again")
        return True

    def _withdraw(self, chance: Random) -> bool:
        done = [one for one in self.office.works if one.state == "completed" and one.kind == "step"]
        if not done:
            return False
        work = max(done, key=lambda one: one.ended) if chance.random() < 0.7 else chance.choice(done)
        known = work.by not in self.office.gone and chance.random() > ODD
        signers.withdraw(self.play, work.by if known else chance.choice(self.here()), work)
        return True

    def _round(self, chance: Random) -> bool:
        work = self.pick(chance, [one for one in self.office.live if self.office.round_of(one)])
        if work is None:
            return False
        actor = self.who(chance, work)
        if chance.random() < 0.5:
            signers.add_signer(self.play, actor, work, chance.choice(self.here()), before=chance.random() < 0.5)
        else:
            left = [one for one in self.office.game.left(work.at) if one != work.number]
            number = chance.choice(left) if left and chance.random() > ODD else chance.choice((work.number, 9))
            signers.remove_signer(self.play, actor, work, number)
        return True

    def order(self, chance: Random, both: tuple[str, str] | None = None) -> None:
        """Somebody is away soon, for some processes or all."""
        scope = chance.choice(("", "", self.play.key, bystanders.ELSEWHERE))
        bystanders.order(self.play, *(both or chance.choice(ORDERS)), *chance.choice(WHEN), scope)

    def charge(self, chance: Random, *, takes: bool) -> None:
        """An officer more or less, mostly one of whom that can be said."""
        known = [one for one in OFFICERS if (one in self.office.officers) != takes]
        reason = chance.choice(("工作调动", "工作调动", "系当事人近亲属，回避"))
        whom = chance.choice(known if known and chance.random() > ODD else OFFICERS)
        bystanders.charge(self.play, whom, takes=takes, reason=reason)

    def stay(self, chance: Random) -> bool:
        """Several moves at one step: who signs after it and refuses, who stands in for its holder."""
        chance.choice((self.insist, self.away, self.divide))(chance)
        return True

    def divide(self, chance: Random) -> None:
        """Two sign after one step and don't agree with one another; then it is sent anew."""
        office = self.office
        found = [
            (work, holder, able) for work in self.steps()
            if not office.suspended and not office.round_of(work) and not office.beside(work) and office.free(work)
            and "add_signer" in work.plan.operators and work.plan.act in SIGNED_AFTER
            for holder in ([work.assignee] if work.assignee else sorted(work.candidates)) if office.fit(holder, work)
            and len(able := [one for one in self.here() if one != holder and office.can_sign(one, work)]) > 1
        ]  # fmt: skip
        if not found:
            self.insist(chance)
            return
        work, holder, able = chance.choice(found)
        if not work.assignee:
            moves.claim(self.play, holder, work)
        for one in chance.sample(able, 2):
            signers.ask(self.play, holder, work, one, "after")
        self.answer(chance, holder, work)
        for one, vote in zip(office.beside(work), chance.sample(("yes", "no"), 2), strict=False):
            moves.complete(self.play, one.assignee or "", one, "a", vote)
        if work.live and chance.random() < 0.5:
            self.answer(chance, holder, work)

    def insist(self, chance: Random) -> None:
        """Those at one step stay with it: others sign before, beside and after it, refuse, and it is sent anew."""
        work = self.pick(chance, [one for one in self.steps() if not self.office.round_of(one)])
        for _ in range(chance.randrange(4, 9)):
            if work is None or not work.live or self.office.suspended:
                return
            actor, beside = self.who(chance, work), self.office.beside(work)
            ready = [one for one in beside if one.kind != "after" or work.given is not None]
            match chance.choice(["complete", *["ask"] * (len(beside) < 2), *["answer"] * 3 * bool(ready),
                                 *["unask"] * bool(beside), *["recuse"] * (work.given is not None)]):  # fmt: skip
                case _ if not work.assignee:
                    moves.claim(self.play, actor, work)
                case "recuse":
                    bystanders.recuse(self.play, actor if actor in RECUSING else chance.choice(RECUSING))
                case "ask":
                    signers.ask(self.play, actor, work, self.whom(chance, work, actor),
                                chance.choice((*SIGNING, "after", "after")))  # fmt: skip
                case "answer":
                    one = chance.choice(ready)
                    self.answer(chance, self.who(chance, one), one)
                case "unask":
                    one = chance.choice(beside)
                    signers.unask(self.play, actor, one, "" if chance.random() < ODD else "不再需要")
                case _:
                    self.answer(chance, actor, work)

    def answer(self, chance: Random, actor: str, work: Work) -> None:
        """Complete a step or answer what is asked beside one."""
        moves.complete(self.play, actor, work, chance.choice(CHOICES), chance.choice(("yes", "no")))

    def away(self, chance: Random) -> None:
        """Somebody holds a step and is away; things happen to both, and whoever stands in tries."""
        found = [
            (absent, present, work) for absent, present in ORDERS for work in self.steps()
            if not self.office.gone & {absent, present} and not self.office.suspended
            and (work.assignee == absent or (not work.assignee and absent in work.candidates))
        ]  # fmt: skip
        if not found:
            return
        sides = [one for one in found if one[0] in SIDES]
        absent, present, work = chance.choice(sides if sides and chance.random() > 3 * ODD else found)
        if not work.assignee and chance.random() < 0.5:
            moves.claim(self.play, absent, work)
        self.order(chance, (absent, present))
        for what in chance.sample(("days", "days", "charge", "charge", "discharge", "end", "draft"), 2):
            match what:
                case "days":
                    self.play.days(chance.choice((1, 4)))
                case "charge" | "discharge":
                    self.charge(chance, takes=what == "charge")
                case "end" if standing := [one for one in self.office.orders if not one.ended]:
                    bystanders.end_order(self.play, chance.choice(standing))
                case "draft" if work.live:
                    moves.draft(self.play, present, work)
        self.answer(chance, present, work)

    def meanwhile(self, chance: Random) -> None:
        """What is done with the case, or beside it."""
        what = chance.choice(MEANWHILE)
        somebody, leading = chance.choice(self.here()), chance.choice(("unithead", "deputy", "head"))
        match what:
            case "suspend" | "resume" | "terminate":
                if what != "terminate" or chance.random() < 0.2:
                    bystanders.halt(self.play, leading if chance.random() > ODD else somebody, what)
            case "recall" if chance.random() < 0.5:
                bystanders.recall(self.play, "officer1" if chance.random() > ODD else somebody)
            case "order":
                self.order(chance)
            case "end order" if standing := [one for one in self.office.orders if not one.ended]:
                bystanders.end_order(self.play, chance.choice(standing))
            case "days":
                self.play.days(chance.choice((1, 4)))
            case "charge" | "discharge":
                self.charge(chance, takes=what == "charge")
            case "urge" if self.office.live:
                bystanders.urge(self.play, somebody, chance.choice(self.office.live))
            case "copy":
                bystanders.copy(self.play, somebody, chance.choice(self.here()), self.sent)
            case "remark":
                bystanders.remark(self.play, somebody)
            case "recuse" if (whom := chance.choice(RECUSING)) not in self.office.gone:
                bystanders.recuse(self.play, whom)
            case "order recusal" if (whom := chance.choice(RECUSING)) not in self.office.gone:
                bystanders.order_recusal(self.play, leading, whom)
            case "leave" if (leaver := chance.choice(LEAVING)) not in self.office.gone:
                self.play.leave(leaver)
                self.play.compare()
