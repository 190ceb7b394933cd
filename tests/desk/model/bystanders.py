"""Moves of those who do not hold the task: reminding, copies, remarks, the case as a whole, orders for absent ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.desk.model.blocks import HEAD, LEADER
from tests.desk.model.office import ROLES, Order, Work
from tests.desk.model.play import Play
from workflows.calendar import clock
from workflows.cases import commands as case_commands
from workflows.desk import copies, remarks, substitutes
from workflows.desk.operators import halting, handing, recusing, registering
from workflows.store import new_id

HEADS = {HEAD, LEADER, "bureau_head"}
ELSEWHERE = "penalty"
"""A process that is not played."""


def urge(play: Play, login: str, work: Work) -> bool:
    """催办."""
    office = play.office
    allowed = (
        work.live and not office.suspended and office.acts_in(login) and not work.urged and work.assignee != login
        and bool(work.assignee or work.candidates)
    )
    offered = play.told(login, work).operators.get("urge", False)

    def then() -> None:
        work.urged = True
        office.told["TaskUrged"] += 1

    return play.attempt("urge", login, allowed, handing.urge_task, work.row, note="", key=new_id(), then=then,
                        offered=offered)  # fmt: skip


def copy(play: Play, login: str, person: str, sent: set[str]) -> bool:
    """抄送，已终止的案件不再抄送. sent: who has a copy that they have not read."""
    office = play.office
    allowed = not office.ended and office.acts_in(login) and person not in {login} | office.gone | office.recused
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
        "terminate": leads or (login == "officer1" and login in office.officers),
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


def recall(play: Play, login: str) -> bool:
    """撤回 by whoever opened the case, while nobody has acted in it: its processes end, the lead is his again."""
    office = play.office
    acted = any(work.begun and work.kind == "step" and work.state not in ("cancelled", "withdrawn")
                for work in office.works)  # fmt: skip
    allowed = (
        login == "officer1" and login in office.officers and not acted
        and not (office.ended or office.recalled or office.suspended)
    )  # fmt: skip

    def then() -> None:
        office.recalled = True
        office.told["LeadWithdrawn"] += 1
        office.sync()

    return play.attempt("recall", login, allowed, registering.withdraw_lead, play.case_id, reason="有误", key=new_id(),
                        then=then, offered=play.case_offer(login, "recall"))  # fmt: skip


def order(play: Play, absent: str, present: str, starts: int, ends: int, scope: str) -> bool:
    """委托代理, in all roles that both hold. starts, ends: days from today; scope: one process, or all."""
    office = play.office
    if office.gone & {absent, present}:
        return False
    given = Order(absent, present, office.day + starts, office.day + ends, scope, scope in ("", play.key))
    today = clock.today()
    clash = any(one.overlaps(given) or one.circles(given) for one in office.orders)
    allowed = bool(given.roles) and absent != present and not clash

    def then() -> None:
        office.orders.append(given)

    return play.attempt(
        "order", absent, allowed, substitutes.name_substitute, play.people[absent], play.people[present],
        roles=sorted(given.roles), starts_on=today + timedelta(days=starts), ends_on=today + timedelta(days=ends),
        processes=[scope] if scope else [], reason="出差", key=new_id(), then=then,
    )  # fmt: skip


def end_order(play: Play, given: Order) -> bool:
    """One of the two takes it back."""
    login = given.absent if given.absent not in play.office.gone else given.present
    if login in play.office.gone:
        return False
    with play.store.read() as session:
        first = clock.today() + timedelta(days=given.starts - play.office.day)
        rows = [
            one.id for one in substitutes.orders_of(session, play.people[given.absent])
            if one.substitute_id == play.people[given.present] and one.starts_on == first and one.ended_at is None
            and one.processes == ([given.scope] if given.scope else [])
        ]  # fmt: skip

    def then() -> None:
        given.ended = True

    return play.attempt("end order", login, True, substitutes.end_substitute, rows[0], then=then)


def charge(play: Play, person: str, *, takes: bool, reason: str = "工作调动") -> bool:
    """The head of the unit charges another officer with the case, or takes one off it: two must stay.

    Nobody who judged it becomes its officer, nor who withdrew because of an interest in it. A case that was ended stays
    as it is.
    """
    office = play.office
    if office.ended:
        allowed = False
    elif takes:
        allowed = person not in {*office.officers, *office.gone, *office.recused} and not office.stood_above(person)
    else:
        allowed = person in office.officers and len(office.officers) > 2
    if office.suspended:  # nobody's part changes but by an interest in the case
        allowed = allowed and not takes and "回避" in reason

    def then() -> None:
        if takes:
            office.officers.append(person)
            office.handled.add(person)
            office.discharged.discard(person)
            office.take_up()
        else:
            office.officers.remove(person)
            office.discharged.add(person)
            if "回避" in reason:
                office.withdraw(person)

    command: Any = case_commands.add_officer if takes else case_commands.remove_officer
    more = {} if takes else {"reason": reason}
    return play.attempt("charge" if takes else "discharge", "unithead", allowed, command, play.case_id,
                        play.people[person], then=then, **more)  # fmt: skip


def recuse(play: Play, login: str) -> bool:
    """自行回避: whoever takes part, at once."""
    office = play.office
    allowed = not office.ended and office.takes_part(login)
    return play.attempt("recuse", login, allowed, recusing.declare_recusal, play.case_id, reason="系当事人近亲属",
                        key=new_id(), then=lambda: office.withdraw(login),
                        offered=play.case_offer(login, "recuse"))  # fmt: skip


def order_recusal(play: Play, login: str, person: str) -> bool:
    """决定回避: by a leader; on a leader by the head; on an officer also by the head of the unit, two must stay."""
    office = play.office
    officer, leads = person in office.officers, bool(ROLES[person] & {LEADER, "bureau_head"})
    deciding = {"bureau_head"} if leads else {LEADER, "bureau_head", *([HEAD] if officer else [])}
    allowed = (
        not office.ended and person != login and person not in office.recused and office.takes_part(person)
        and bool(ROLES[login] & deciding) and not (officer and len(office.officers) <= 2)
    )  # fmt: skip
    return play.attempt("order recusal", login, allowed, recusing.order_recusal, play.case_id, play.people[person],
                        reason="当事人申请回避", key=new_id(), then=lambda: office.withdraw(person))  # fmt: skip
