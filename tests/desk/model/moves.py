"""Each operator as a move: what the model allows, what the product offers, the command, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.desk.model.blocks import HEAD, LEADER, OFFICER
from tests.desk.model.game import At
from tests.desk.model.office import KEPT, REPEATED, ROLES, SIGNING, Work
from tests.desk.model.play import Play
from workflows.calendar import clock
from workflows.desk import commands, copies, remarks, substitutes
from workflows.desk.operators import halting, handing, returning, signing
from workflows.store import new_id

HEADS = {HEAD, LEADER, "bureau_head"}


def complete(play: Play, login: str, work: Work, choice: str, vote: str) -> bool:
    """Complete a step, for oneself or an absent one; or answer what was asked beside one."""
    office = play.office
    if work.kind in (*SIGNING, "advice"):
        return _answer(play, login, work, vote)
    absent = office.instead(login, work)
    fits = office.fit(login, work) or absent is not None
    allowed = work.live and not office.suspended and fits and (work.kind == "rework" or office.free(work))
    given = {"vote": vote} if work.plan.kind == "round" else {"choice": choice}

    def then() -> None:
        after = [one for one in office.beside(work) if one.kind == "after"]
        answer = (login, absent, given.get("choice"), given.get("vote"))
        if work.kind == "rework":
            office.game.choice = choice
            office.end(work, "completed", "SubtaskAnswered", login)
        elif after:
            work.given, work.asked = answer, after
            work.touched = True
            office.told["TaskAnswered"] += 1
        else:
            office.finish(work, *answer)

    return play.attempt("complete", login, allowed, commands.complete_task, work.row, given, seen=play.seen(work),
                        key=new_id(), then=then)  # fmt: skip


def _answer(play: Play, login: str, work: Work, vote: str) -> bool:
    office, parent = play.office, work.parent
    assert parent is not None
    turn = work.kind != "after" or parent.given is not None
    signs = work.kind in SIGNING
    allowed = (
        work.live and not office.suspended and work.assignee == login and turn
        and not (signs and office.barred(login, parent))
    )  # fmt: skip

    def then() -> None:
        office.end(work, "completed", "SubtaskAnswered", login)
        work.agrees = vote == "yes"
        parent.touched = True
        _go_on(play, parent)

    answer = {"agrees": vote, "text": "已阅"} if signs else {"text": "已阅"}
    return play.attempt("answer", login, allowed, commands.complete_task, work.row, answer, seen=play.seen(work),
                        key=new_id(), then=then)  # fmt: skip


def _go_on(play: Play, parent: Work) -> None:
    """A step whose answer is in is done when all who sign after it agree, and begins anew when one does not."""
    office = play.office
    if parent.given is None or any(one.kind == "after" for one in office.beside(parent)):
        return
    if all(one.agrees for one in parent.asked if one.state == "completed"):
        office.finish(parent, *parent.given)
    else:
        parent.given = None


def claim(play: Play, login: str, work: Work) -> bool:
    """认领."""
    office = play.office
    mine = work.live and work.state == "claimed" and work.assignee == login
    allowed = mine or (
        work.live and work.kind == "step" and "claim" in work.plan.operators and not work.assignee
        and office.fit(login, work)
    )  # fmt: skip

    def then() -> None:
        if not mine:
            work.state, work.assignee, work.touched = "claimed", login, True
            office.told["TaskClaimed"] += 1

    return play.attempt("claim", login, allowed, commands.claim_task, work.row, seen=play.seen(work), then=then)


def release(play: Play, login: str, work: Work) -> bool:
    """放回."""
    office = play.office
    allowed = (
        work.live and work.kind == "step" and "release" in work.plan.operators and work.assignee == login
        and len(work.candidates) > 1 and office.free(work)
    )  # fmt: skip

    def then() -> None:
        work.state, work.assignee, work.touched = "open", None, True
        office.told["TaskReleased"] += 1

    return play.attempt("release", login, allowed, commands.release_task, work.row, seen=play.seen(work), then=then)


def reassign(play: Play, login: str, work: Work, to: str) -> bool:
    """转办."""
    office = play.office
    heads, stuck = office.head_of(login, work), office.stuck(work)
    usual = "reassign" in work.plan.operators and office.free(work)
    hand = (work.assignee == login and usual) or (heads and (usual or (stuck and work.assignee != login)))
    allowed = (
        work.live and work.kind == "step" and not office.suspended and hand and to != work.assignee
        and office.candidate(to, work) and to not in office.taken(work)
    )  # fmt: skip
    said = play.told(login, work, "reassign")
    offered = said.operators.get("reassign", False) and said.people.get(to, to == login and heads)

    def then() -> None:
        work.candidates.add(to)
        _give(work, to)
        work.owner, work.given = None, None
        office.told["TaskReassigned"] += 1

    return play.attempt("reassign", login, allowed, handing.reassign_task, work.row, play.people[to], reason="出差",
                        seen=play.seen(work), key=new_id(), then=then,
                        offered=None if to == login else offered)  # fmt: skip


def _give(work: Work, to: str) -> None:
    work.assignee, work.state, work.touched = to, "claimed", True


def delegate(play: Play, login: str, work: Work, to: str) -> bool:
    """委派."""
    office = play.office
    allowed = (
        work.live and work.kind == "step" and not office.suspended and "delegate" in work.plan.operators
        and work.assignee == login and office.fit(login, work) and office.free(work) and to != login
        and to not in office.gone and not office.barred(to, work)
    )  # fmt: skip
    said = play.told(login, work, "delegate")
    offered = said.operators.get("delegate", False) and said.people.get(to, False)

    def then() -> None:
        if work.role == OFFICER:
            office.handled.add(to)
        _give(work, to)
        work.owner = login
        office.told["TaskDelegated"] += 1

    return play.attempt("delegate", login, allowed, handing.delegate_task, work.row, play.people[to], reason="请先拟稿",
                        seen=play.seen(work), key=new_id(), then=then, offered=offered)  # fmt: skip


def hand_back(play: Play, login: str, work: Work) -> bool:
    """交回, or 收回 by the owner."""
    office = play.office
    allowed = (
        work.live and work.kind == "step" and not office.suspended and work.owner is not None
        and login in (work.assignee, work.owner)
    )  # fmt: skip
    offered = None
    if work.owner == login:
        offered = play.told(login, work).operators.get("take_back", False)

    def then() -> None:
        work.assignee, work.owner, work.touched = work.owner, None, True
        office.told["TaskHandedBack"] += 1

    return play.attempt("hand back", login, allowed, handing.hand_back_task, work.row, note="", draft={},
                        seen=play.seen(work), key=new_id(), then=then, offered=offered)  # fmt: skip


def ask(play: Play, login: str, work: Work, person: str, kind: str) -> bool:
    """前加签、并加签、后加签, 征询."""
    office, signs = play.office, kind in SIGNING
    operator = "add_signer" if signs else "ask"
    twice = any(one.assignee == person and (one.kind in SIGNING) == signs for one in office.beside(work))
    allowed = (
        work.live and work.kind == "step" and not office.suspended and operator in work.plan.operators
        and work.assignee == login and office.fit(login, work) and work.owner is None
        and not (signs and (work.given is not None or office.round_of(work) or office.barred(person, work)))
        and not (kind == "after" and work.plan.act not in REPEATED)
        and person != login and person not in office.gone and not twice
    )  # fmt: skip
    said = play.told(login, work, "sign" if signs else "ask")
    offered = said.operators.get("sign" if signs else "ask", False) and said.people.get(person, False)

    def then() -> None:
        if signs and work.role == OFFICER:
            office.handled.add(person)
        work.touched = True
        _beside(play, work, kind, person, login)

    return play.attempt(
        kind, login, allowed, signing.ask, work.row, play.people[person], kind=kind, question="请审阅",
        seen=play.seen(work), key=new_id(), then=then,
        offered=None if kind == "after" and work.plan.act not in REPEATED else offered,
    )  # fmt: skip


def _beside(play: Play, work: Work, kind: str, person: str, owner: str, again: Work | None = None) -> None:
    office, model = play.office, again or work
    made = Work(model.at, work.number, kind, work, {person}, person, office.now, owner=owner,
                role=again.role if again else "", state="claimed", returned=kind == "rework")  # fmt: skip
    office.works.append(made)
    office.told["SubtaskOffered"] += 1


def unask(play: Play, login: str, work: Work) -> bool:
    """Take back what was asked."""
    office, parent = play.office, work.parent
    allowed = (
        work.live and parent is not None and not office.suspended and login in (work.owner, parent.assignee)
    )  # fmt: skip
    offered = play.told(login, work).operators.get("unask", False) if parent is not None else None

    def then() -> None:
        assert parent is not None
        office.end(work, "cancelled", "SubtaskRemoved")
        parent.touched = True
        _go_on(play, parent)

    return play.attempt("unask", login, allowed, signing.unask, work.row, reason="", key=new_id(), then=then,
                        offered=offered)  # fmt: skip


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
            _beside(play, work, "rework", last.by, login, again=last)
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
    untouched = not any(one.touched and one.state != "cancelled" for one in since)
    came = any(
        one.live and work.at in office.game.earlier(one.at) for one in since
    )  # fmt: skip
    allowed = (
        not office.suspended and work.kind == "step" and work.state == "completed" and work.by == login
        and work.plan.act in KEPT and work.plan.kind != "round" and untouched and came
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
        office.game.add(work.at, work.number, person, before=before)
        office.told["RoundChanged"] += 1
        office.sync()

    return play.attempt("add signer", login, allowed, signing.add_signer, work.row, play.people[person], before=before,
                        reason="", seen=play.seen(work), key=new_id(), then=then, offered=offered)  # fmt: skip


def remove_signer(play: Play, login: str, work: Work, number: int) -> bool:
    """减签 in a round."""
    office = play.office
    left = office.game.left(work.at) if work.live and office.round_of(work) else {}
    allowed = _in_round(play, login, work, "remove_signer") and number in left and number != work.number
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


def urge(play: Play, login: str, work: Work) -> bool:
    """催办."""
    office = play.office
    allowed = work.live and office.acts_in(login) and not work.urged and work.assignee != login
    offered = play.told(login, work).operators.get("urge", False)

    def then() -> None:
        work.urged = True
        office.told["TaskUrged"] += 1

    return play.attempt("urge", login, allowed, handing.urge_task, work.row, note="", key=new_id(), then=then,
                        offered=offered)  # fmt: skip


def copy(play: Play, login: str, person: str, sent: set[str]) -> bool:
    """抄送. sent: who has a copy that they have not read."""
    office = play.office
    allowed = office.acts_in(login) and person != login and person not in office.gone
    told = 0 if person in sent else 1

    def then() -> None:
        office.told["CaseCopied"] += told
        sent.add(person)

    return play.attempt("copy", login, allowed, copies.send_copies, play.case_id, [play.people[person]], note="",
                        key=new_id(), then=then)  # fmt: skip


def remark(play: Play, login: str) -> bool:
    """讨论: it changes nothing."""
    def then() -> None:
        play.office.told["RemarkMade"] += 1

    return play.attempt("remark", login, None, remarks.make_remark, play.case_id, "请核对。", visibility="case",
                        key=new_id(), then=then)  # fmt: skip


def halt(play: Play, login: str, what: str) -> bool:
    """中止、恢复、终止."""
    office = play.office
    leads = bool(ROLES[login] & HEADS)
    allowed = not office.ended and {
        "suspend": leads and not office.suspended, "resume": leads and office.suspended,
        "terminate": leads or login == "officer1",
    }[what]  # fmt: skip
    command: Any = {
        "suspend": halting.suspend_case, "resume": halting.resume_case, "terminate": halting.terminate_case
    }[what]  # fmt: skip

    def then() -> None:
        office.suspended = what == "suspend"
        office.told[{"suspend": "CaseSuspended", "resume": "CaseResumed", "terminate": "CaseTerminated"}[what]] += 1
        if what == "terminate":
            office.ended = True
            office.sync()

    return play.attempt(what, login, allowed, command, play.case_id, reason="等待鉴定", key=new_id(), then=then,
                        offered=play.case_offer(login, what))  # fmt: skip


def order(play: Play, absent: str, present: str) -> bool:
    """委托代理, in all roles that both hold."""
    office = play.office
    if office.gone & {absent, present}:
        return False
    common = sorted(ROLES[absent] & ROLES[present] - {"panel_member"})
    today = clock.today()
    allowed = bool(common) and absent != present and not any(one == absent for one, _ in office.orders)

    def then() -> None:
        office.orders.add((absent, present))

    return play.attempt(
        "order", absent, allowed, substitutes.name_substitute,
        play.people[absent], play.people[present], roles=common, starts_on=today, ends_on=today + timedelta(days=7),
        reason="出差", key=new_id(), then=then,
    )  # fmt: skip
