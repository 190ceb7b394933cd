"""Moves in which others sign, advise or do a step again, and that move tokens back or in a round."""

from __future__ import annotations

from tests.desk.model.blocks import OFFICER
from tests.desk.model.game import At
from tests.desk.model.office import KEPT, REPEATED, SIGNED_AFTER, SIGNING, Work
from tests.desk.model.play import Play
from workflows.desk.operators import returning, signing
from workflows.store import new_id

DIVIDED = ("after", "one agreed, another refused")
"""How a play counts that those who sign after one step did not agree with one another."""


def ask(play: Play, login: str, work: Work, person: str, kind: str) -> bool:
    """前加签、并加签、后加签, 征询."""
    office, signs = play.office, kind in SIGNING
    operator = "add_signer" if signs else "ask"
    twice = any(one.assignee == person and (one.kind in SIGNING) == signs for one in office.beside(work))
    allowed = (
        work.live and work.kind == "step" and not office.suspended and operator in work.plan.operators
        and work.assignee == login and office.fit(login, work) and work.owner is None
        and not (signs and (work.given is not None or office.round_of(work) or not office.can_sign(person, work)))
        and not (kind == "after" and work.plan.act not in SIGNED_AFTER)
        and person != login and person not in office.gone | office.recused and not twice
    )  # fmt: skip
    said = play.told(login, work, "sign" if signs else "ask")
    offered = said.operators.get("sign" if signs else "ask", False) and said.people.get(person, False)

    def then() -> None:
        if signs and work.role == OFFICER:
            office.handled.add(person)
        work.touched = True
        put_beside(play, work, kind, person, login)

    return play.attempt(
        kind, login, allowed, signing.ask, work.row, play.people[person], kind=kind, question="请审阅",
        seen=play.seen(work), key=new_id(), then=then,
        offered=None if kind == "after" and work.plan.act not in SIGNED_AFTER else offered,
    )  # fmt: skip


def put_beside(play: Play, work: Work, kind: str, person: str, owner: str, again: Work | None = None) -> Work:
    """One asked beside a step. again: the earlier step that is to be done once more."""
    office, model = play.office, again or work
    made = Work(model.at, work.number, kind, work, {person}, person, office.now, owner=owner,
                role=again.role if again else "", state="claimed", returned=kind == "rework")  # fmt: skip
    office.works.append(made)
    office.told["SubtaskOffered"] += 1
    return made


def unask(play: Play, login: str, work: Work, reason: str = "不再需要") -> bool:
    """Take back what was asked; who signs after a step: only with a reason, and not who refused and still can."""
    office, parent = play.office, work.parent
    allowed = (
        work.live and parent is not None and not office.suspended and office.takes_back(login, work)
        and not (work.kind == "after" and (office.refused(parent, work.assignee or "") or not reason))
    )  # fmt: skip
    offered = play.told(login, work).operators.get("unask", False) if parent is not None and reason else None

    def then() -> None:
        assert parent is not None
        office.end(work, "cancelled", "SubtaskRemoved")
        parent.touched = True
        go_on(play, parent)

    return play.attempt("unask", login, allowed, signing.unask, work.row, reason=reason, key=new_id(), then=then,
                        offered=offered)  # fmt: skip


def go_on(play: Play, parent: Work) -> None:
    """A step whose answer is in is done when all who sign after it agree, and begins anew when one does not."""
    office = play.office
    if parent.given is None or any(one.kind == "after" for one in office.beside(parent)):
        return
    said = {one.agrees for one in parent.asked if one.state == "completed"}
    if False not in said:
        office.finish(parent, *parent.given)
    else:
        play.tally[DIVIDED] += True in said
        parent.given = None


def go_back(play: Play, login: str, work: Work, target: At, how: str) -> bool:
    """退回: all again, or that step alone and then on here."""
    office = play.office
    ways = {id(at): again for at, again in office.choices(work)} if work.live and work.kind == "step" else {}
    known, again = id(target) in ways, ways.get(id(target), False)
    may = (
        work.live and work.kind == "step" and not office.suspended and "return" in work.plan.operators
        and work.assignee == login and office.fit(login, work) and office.free(work) and known
    )  # fmt: skip
    last = office.last(target)
    alone = (
        target.plan.kind in ("step", "again") and last is not None and target.plan.act in REPEATED
        and office.candidate(last.by, last)
    )  # fmt: skip
    allowed = may and again and (how == "again" or alone)
    said = play.told(login, work, "return")
    resumes = said.targets.get(target.plan.id)
    offered = said.operators.get("return", False) and resumes is not None and (how == "again" or resumes)

    def then() -> None:
        if how == "resume":
            assert last is not None
            work.touched = True
            put_beside(play, work, "rework", last.by, login, again=last)
        else:
            office.end(work, "returned", "TaskReturned", login)
            office.back(target)

    return play.attempt(
        f"return {how}", login, allowed, returning.return_task, work.row, play.target(work, target), how=how,
        reason="材料不全", seen=play.seen(work), key=new_id(), then=then, offered=offered,
    )  # fmt: skip


def withdraw(play: Play, login: str, work: Work) -> bool:
    """撤回 by whoever completed a step."""
    office = play.office
    steps = [one for one in office.works if one.kind == "step" and one is not work]
    since = [one for one in steps if one.born >= work.ended] if work.ended else []
    since = [one for one in since if office.game.leads(work.plan, one.plan)]
    untouched = not any(one.begun and one.state != "cancelled" for one in since)
    came = any(one.live and work.at in office.game.earlier(one.at) for one in since) or (
        office.game.arrived(work.at)
    )  # fmt: skip
    allowed = (
        not office.suspended and work.kind == "step" and work.state == "completed" and work.by == login
        and work.plan.act in KEPT and work.plan.kind != "round" and untouched and came
        and office.still_his(login, work)
    )  # fmt: skip
    offered = None if work.live else play.told(login, work).operators.get("withdraw", False)

    def then() -> None:
        work.state = "withdrawn"
        office.told["TaskWithdrawn"] += 1
        office.back(work.at, doer=work)

    return play.attempt("withdraw", login, allowed, returning.withdraw_task, work.row, reason="有误", key=new_id(),
                        then=then, offered=offered)  # fmt: skip


def add_signer(play: Play, login: str, work: Work, person: str, *, before: bool) -> bool:
    """加签 in a round."""
    office = play.office
    allowed = (
        _in_round(play, login, work, "add_signer") and person != login
        and office.candidate(person, work) and person not in office.taken(work) and person != work.assignee
    )  # fmt: skip
    offered = None
    if work.live and office.round_of(work):
        said = play.told(login, work, "round_add")
        offered = said.operators.get("round_add", False) and said.people.get(person, False)

    def then() -> None:
        office.game.add(work.at, work.number, person, before=before, holder=login)
        office.told["RoundChanged"] += 1
        if before and work.plan.sequential:
            work.named = login  # what he typed comes again with his place
            office.end(work, "cancelled", "TaskCancelled")
        office.sync()

    return play.attempt("add signer", login, allowed, signing.add_signer, work.row, play.people[person], before=before,
                        reason="", seen=play.seen(work), key=new_id(), then=then, offered=offered)  # fmt: skip


def remove_signer(play: Play, login: str, work: Work, number: int) -> bool:
    """减签 in a round."""
    office = play.office
    left = office.game.left(work.at) if work.live and office.round_of(work) else {}
    allowed = _in_round(play, login, work, "remove_signer") and number in left and number != work.number
    allowed = allowed and office.game.guest(work.at, number)
    offered = None
    if work.live and office.round_of(work):
        said = play.told(login, work, "round_remove")
        offered = said.operators.get("round_remove", False) and number in said.numbers

    def then() -> None:
        office.game.remove(work.at, number)
        office.told["RoundChanged"] += 1
        office.sync()

    return play.attempt("remove signer", login, allowed, signing.remove_signer, work.row, number, reason="出差",
                        seen=play.seen(work), key=new_id(), then=then, offered=offered)  # fmt: skip


def _in_round(play: Play, login: str, work: Work, operator: str) -> bool:
    return (
        work.live and play.office.round_of(work) and not play.office.suspended and operator in work.plan.operators
        and work.assignee == login and work.owner is None and play.office.fit(login, work)
    )  # fmt: skip
