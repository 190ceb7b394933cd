"""回避: whoever takes part in a case withdraws from it, or is told to, because of an interest in it (行政处罚法 43).

To withdraw is a duty: who declares it (自行回避) is out at once, whatever the process offers and however few are left.
That somebody else must (决定回避) is decided by the leaders of the bureau (43 para. 3); of the case's officers also by
the head of the unit that charges them, of a leader by the bureau's head alone. docs/decisions/0022-recusal.md.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import Actor, Person, acting, holders
from workflows.calendar import clock
from workflows.cases import access, ending, entering, recusals
from workflows.cases.file import Case, CaseOfficer, lock_case
from workflows.desk import copies, receipts, texts
from workflows.desk.operators import letting_go as letting_go
from workflows.desk.tasks import Task, TaskCandidate
from workflows.errors import FashenError, Forbidden, Invalid, NotFound, Problem
from workflows.ledger import events


def declare_recusal(session: Session, actor: Actor, case_id: str, *, reason: str, key: str) -> None:
    """Withdraw from a case in which one takes part, for an interest in it.

    Raises NotFound, Forbidden("case.you_recused", "recusal.no_part"), Invalid ("case.<state>", "case.reason_missing",
    "case.reason_long").
    """
    if not access.visible_id(session, actor, case_id):
        raise NotFound("case.unknown", case=case_id)
    case, arguments = lock_case(session, case_id), {"case": case_id, "reason": reason}
    if receipts.replay(session, actor, key, "declare_recusal", arguments) is not None:
        return  # sent again: by then the actor is one of those to whom the case is closed
    recusals.require_none(session, actor, case_id)
    ending.require_unsettled(session, case)
    if (why := why_not_declared(session, actor, case)) is not None:
        raise why
    person = session.get_one(Person, actor.person_id)
    _withdraw(session, actor, case, person, texts.reason(reason), ordered=False)
    receipts.keep(session, actor, key, "declare_recusal", arguments, {})


def order_recusal(session: Session, actor: Actor, case_id: str, person_id: str, *, reason: str, key: str) -> None:
    """Decide that somebody who takes part in a case must withdraw from it.

    Raises NotFound, Forbidden ("case.you_recused", "actor.role_missing", "recusal.no_part_of"), Invalid
    ("case.<state>", "recusal.oneself", "recusal.already", "officer.two_needed", "case.reason_missing",
    "case.reason_long").
    """
    case = entering.enter(session, actor, case_id)
    arguments = {"case": case_id, "person": person_id, "reason": reason}
    if receipts.replay(session, actor, key, "order_recusal", arguments) is not None:
        return
    ending.require_unsettled(session, case)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound("person.unknown", person=person_id)
    if person_id == actor.person_id:
        raise Invalid("recusal.oneself", [Problem("recusal.oneself", "person")])
    if person_id in recusals.recused(session, case_id):
        problem = Problem("recusal.already", "person", facts={"name": person.name})
        raise Invalid("recusal.already", [problem], name=person.name)
    if not _takes_part(session, person_id, case):
        raise Forbidden("recusal.no_part_of", name=person.name)
    access.require_role(session, actor, case, *recusals.deciding(session, case, person_id))
    handling = _handling(session, case)
    if person_id in handling and len(handling) <= 2:
        raise Invalid("officer.two_needed")
    _withdraw(session, actor, case, person, texts.reason(reason), ordered=True)
    receipts.keep(session, actor, key, "order_recusal", arguments, {})


def why_not_declared(session: Session, actor: Actor, case: Case) -> FashenError | None:
    """Why the actor can't withdraw from the case: he takes no part in it; None when he can."""
    if copies.acts_in(session, actor, case) or actor.person_id in _in_steps(session, case):
        return None
    return Forbidden("recusal.no_part")


def could_order(session: Session, actor: Actor, case: Case) -> list[Person]:
    """Those who take part in the case and whose recusal the actor could decide on, by name."""
    gone = recusals.recused(session, case.id) | {actor.person_id}
    ids = (_in_steps(session, case) | _handling(session, case).keys()) - gone
    people = session.execute(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id)).scalars()
    return [one for one in people if _decides(session, actor, case, one.id)]


def _decides(session: Session, actor: Actor, case: Case, person_id: str) -> bool:
    try:
        access.require_role(session, actor, case, *recusals.deciding(session, case, person_id))
    except Forbidden:
        return False
    return True


def _withdraw(session: Session, actor: Actor, case: Case, person: Person, reason: str, *, ordered: bool) -> None:
    now = clock.now()
    row = recusals.CaseRecusal(
        case_id=case.id, person_id=person.id, since=now, reason=reason,
        ordered_by_id=actor.person_id if ordered else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    event = events.RecusalOrdered if ordered else events.RecusalDeclared
    told = event(recusal_id=row.id, person_id=person.id, name=person.name, reason=reason)
    ledger.append(session, f"case:{case.id}", told, actor=actor, case_id=case.id, happened=now)
    handling = _handling(session, case)
    if (part := handling.pop(person.id, None)) is not None:
        part.until = now
        left = events.OfficerRemoved(person_id=person.id, name=person.name, reason=reason, recused=True)
        ledger.append(session, f"case:{case.id}", left, actor=actor, case_id=case.id)
    if ordered:
        outbox.send(session, person.id, "recusal_ordered", {"title": case.title, "by": actor.name}, case_id=case.id)
    if part is not None and len(handling) < 2:  # 行政处罚法 42: somebody else is to be charged
        for head in holders(session, "handling_unit_head", access.path_to_bureau(session, case)):
            facts = {"title": case.title, "person": person.name}
            outbox.send(session, head.id, "officer_needed", facts, case_id=case.id)
    recusals.took_effect(session, actor, case, person.id, reason)


def _takes_part(session: Session, person_id: str, case: Case) -> bool:
    return why_not_declared(session, acting(session, person_id), case) is None


def _in_steps(session: Session, case: Case) -> set[str]:
    """Ids of those who hold, may claim or did a step, or were asked beside one."""
    held = select(Task.assignee_id, Task.owner_id, Task.ended_by_id, Task.ended_for_id).where(Task.case_id == case.id)
    found = {one for row in session.execute(held.distinct()) for one in row}
    offered = select(TaskCandidate.person_id).join(Task, Task.id == TaskCandidate.task_id).where(
        Task.case_id == case.id, Task.ended_at.is_(None)
    )  # fmt: skip
    return {one for one in found | set(session.execute(offered).scalars()) if one}


def _handling(session: Session, case: Case) -> dict[str, CaseOfficer]:
    rows = select(CaseOfficer).where(CaseOfficer.case_id == case.id, CaseOfficer.until.is_(None))
    return {row.person_id: row for row in session.execute(rows).scalars()}
