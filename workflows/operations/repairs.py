"""Putting data of a process right, by two people: one asks and says why, another one approves; then it takes effect.

What may be put right: a plain value that the way of a process reads and no statutory act decided (`protected.py`), and
who does a step that nobody can do any more. Whoever asked does not approve; the second person is another system
administrator or a security administrator. What is approved is what was asked for: a value that changed meanwhile is
left as it is. `values.py` says what there is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import Actor, Person, holders, subtree
from workflows.calendar import clock
from workflows.cases.file import Case, lock_case
from workflows.desk import advance, texts
from workflows.desk.candidates import require_candidate
from workflows.desk.operators import halting, handing
from workflows.desk.tasks import STEP, Task
from workflows.engine import state
from workflows.engine.state import EngineInstance
from workflows.errors import Forbidden, Invalid, NotFound, Problem, Stale
from workflows.ledger import events
from workflows.operations import scope, values
from workflows.operations.repair_table import ASSIGNEE, DONE, REJECTED, VARIABLE, WAITING, WITHDRAWN, Repair
from workflows.store import new_id

LONGEST = 500
"""Characters of a value."""
SIZE = 50


def repair(session: Session, actor: Actor, repair_id: str) -> tuple[Repair, Case]:
    """A repair and its case. Raises Forbidden, NotFound ("operations.unknown")."""
    bureaus = scope.bureaus(session, actor)
    found = session.execute(
        select(Repair, Case).join(Case, Case.id == Repair.case_id)
        .where(Repair.id == repair_id, Case.bureau_id.in_(bureaus))
    ).one_or_none()  # fmt: skip
    if found is None:
        raise NotFound("operations.unknown")
    return found[0], found[1]


def listed(session: Session, actor: Actor, *, waiting: bool, number: int = 1) -> tuple[list[tuple[Repair, Case]], bool]:
    """A page of the repairs, those that wait or those that are decided, the latest first; whether there are more."""
    open_: ColumnElement[bool] = Repair.state == WAITING if waiting else Repair.state != WAITING
    rows = session.execute(
        select(Repair, Case).join(Case, Case.id == Repair.case_id)
        .where(open_, Case.bureau_id.in_(scope.bureaus(session, actor)))
        .order_by(Repair.asked_at.desc(), Repair.id).offset((max(number, 1) - 1) * SIZE).limit(SIZE + 1)
    ).all()  # fmt: skip
    return [(row, case) for row, case in rows[:SIZE]], len(rows) > SIZE


def of_instance(session: Session, instance_id: str) -> Sequence[Repair]:
    """The repairs of an instance, the latest first."""
    wanted = select(Repair).where(Repair.instance_id == instance_id).order_by(Repair.asked_at.desc(), Repair.id)
    return session.execute(wanted.limit(SIZE)).scalars().all()


def may_decide(row: Repair, actor: Actor) -> bool:
    """Whether this person may be the second: an administrator who did not ask."""
    return bool(actor.roles.intersection(scope.APPROVING)) and actor.person_id != row.asked_by_id


def deciders(session: Session, case: Case, asked_by_id: str) -> list[Person]:
    """The administrators of a case's bureau who could be the second person."""
    units = subtree(session, case.bureau_id)
    found = {one.id: one for role in scope.APPROVING for one in holders(session, role, units)}
    return [one for one in found.values() if one.id != asked_by_id]


def ask_variable(
    session: Session, actor: Actor, instance_id: str, place: int, name: str, value: Any, reason: str, *,
    repair_id: str = "",
) -> Repair:  # fmt: skip
    """Ask that a variable be put right. place: whose it is, as `values.Value.place`; repair_id: chosen by whoever asks.

    Asked twice under one id, it is asked once. Raises Forbidden, NotFound, Stale("case.suspended", "repair.ended",
    "repair.waits"), Invalid ("repair.act" and the like for what is not put right, "repair.value", "repair.same").
    """
    if (known := _known(session, repair_id)) is not None:
        return known
    row, case = _begin(session, actor, instance_id, reason)
    found = values.one(values.of(session, state.load(session, row.id), case), place, name)
    fresh = _plain(value)
    if type(fresh) is type(found.value) and fresh == found.value:
        raise Invalid("repair.same")
    asked = Repair(
        id=repair_id or new_id(), case_id=case.id, instance_id=row.id, kind=VARIABLE, process_key=found.process_key,
        scope=place, task_id=None, name=name, old=found.value, new=fresh,
    )  # fmt: skip
    return _ask(session, actor, case, asked, reason)


def ask_assignee(
    session: Session, actor: Actor, task_id: str, to_id: str, reason: str, *, repair_id: str = ""
) -> Repair:
    """Ask that a step which nobody can do any more be given to somebody who fits.

    Raises as `ask_variable`, Invalid("repair.not_stuck") where somebody can do it, Forbidden("task.unfit" and the
    like) for somebody who does not fit.
    """
    if (known := _known(session, repair_id)) is not None:
        return known
    task = session.get(Task, task_id)
    if task is None:
        raise NotFound("operations.unknown")
    row, case = _begin(session, actor, task.instance_id, reason)
    task, to = _stuck(session, task_id, case), _person(session, to_id)
    require_candidate(session, to, task, case)
    asked = Repair(
        id=repair_id or new_id(), case_id=case.id, instance_id=row.id, kind=ASSIGNEE, process_key=task.process_key,
        scope=0, task_id=task.id, name=task.name, old=task.assignee_id, new=to.id,
    )  # fmt: skip
    return _ask(session, actor, case, asked, reason)


def approve(session: Session, actor: Actor, repair_id: str, decision: str) -> Repair:
    """Approve: it takes effect in the same unit of work. decision: the second person's words.

    Raises Forbidden("repair.own"), NotFound, Stale ("repair.decided", "repair.moved", "repair.ended",
    "case.suspended"), Invalid; Incident when the process can't go on with it. Then nothing has changed.
    """
    row, case = _decided(session, actor, repair_id, DONE, decision)
    halting.require_running(case)
    told = events.RepairApproved(repair_id=row.id, instance_id=row.instance_id, name=row.name, decision=row.decision)
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id)
    if row.kind == ASSIGNEE:
        task, to = _stuck(session, row.task_id or "", case), _person(session, row.new)
        if task.assignee_id != row.old:
            raise Stale("repair.moved")
        handing.give_on(session, actor, task, case, to, reason=row.reason[: texts.LONGEST_NOTE])
    else:
        _put_right(session, actor, row, case)
    outbox.send(session, row.asked_by_id, "repair_approved", {**_facts(row, case), "by": actor.name}, case_id=case.id)
    return row


def reject(session: Session, actor: Actor, repair_id: str, decision: str) -> Repair:
    """Refuse, and say why; nothing changes. Raises as `approve`."""
    row, case = _decided(session, actor, repair_id, REJECTED, decision)
    told = events.RepairRejected(repair_id=row.id, instance_id=row.instance_id, name=row.name, decision=row.decision)
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id)
    outbox.send(session, row.asked_by_id, "repair_rejected", {**_facts(row, case), "by": actor.name}, case_id=case.id)
    return row


def withdraw(session: Session, actor: Actor, repair_id: str, reason: str) -> Repair:
    """Take back what was asked for; by a system administrator. Raises Forbidden, NotFound, Stale, Invalid."""
    actor.require(*scope.ACTING)
    row, case = _locked(session, actor, repair_id)
    row.decision = texts.reason(reason)
    row.state, row.decided_by_id, row.decided_at = WITHDRAWN, actor.person_id, clock.now()
    told = events.RepairWithdrawn(repair_id=row.id, instance_id=row.instance_id, name=row.name, reason=row.decision)
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id)
    return row


def _plain(value: Any) -> Any:
    sound = values.is_plain(value) and not (isinstance(value, float) and not math.isfinite(value))
    if not sound or (isinstance(value, str) and len(value) > LONGEST) or (
        isinstance(value, (int, float)) and abs(value) >= 2**53
    ):  # fmt: skip
        raise Invalid("repair.value", [Problem("repair.value", "value", facts={"most": LONGEST})], most=LONGEST)
    return value


def _known(session: Session, repair_id: str) -> Repair | None:
    return session.get(Repair, repair_id) if repair_id else None


def _begin(session: Session, actor: Actor, instance_id: str, reason: str) -> tuple[EngineInstance, Case]:
    actor.require(*scope.ACTING)
    texts.reason(reason)
    row, case = scope.instance(session, actor, instance_id)
    case = lock_case(session, case.id)
    session.refresh(row)
    halting.require_running(case)
    if row.ended_at is not None:
        raise Stale("repair.ended")
    return row, case


def _ask(session: Session, actor: Actor, case: Case, asked: Repair, reason: str) -> Repair:
    same = select(Repair.id).where(
        Repair.instance_id == asked.instance_id, Repair.state == WAITING, Repair.kind == asked.kind,
        Repair.scope == asked.scope, Repair.name == asked.name,
        Repair.task_id.is_(None) if asked.task_id is None else Repair.task_id == asked.task_id,
    )  # fmt: skip
    if session.execute(same).first() is not None:
        raise Stale("repair.waits", name=asked.name)
    asked.reason, asked.asked_by_id, asked.asked_at = texts.reason(reason), actor.person_id, clock.now()
    asked.state = WAITING
    session.add(asked)
    session.flush()
    ledger.append(session, advance.stream(case), events.RepairAsked(
        repair_id=asked.id, instance_id=asked.instance_id, kind=asked.kind, name=asked.name, old=asked.old,
        new=asked.new, reason=asked.reason, process_key=asked.process_key, scope=asked.scope, task_id=asked.task_id,
    ), actor=actor, case_id=case.id)  # fmt: skip
    for person in deciders(session, case, actor.person_id):
        outbox.send(session, person.id, "repair_asked", {**_facts(asked, case), "by": actor.name}, case_id=case.id)
    return asked


def _locked(session: Session, actor: Actor, repair_id: str) -> tuple[Repair, Case]:
    row, case = repair(session, actor, repair_id)
    case = lock_case(session, case.id)
    session.refresh(row, with_for_update=True)
    if row.state != WAITING:
        by = session.get(Person, row.decided_by_id or "")
        raise Stale("repair.decided", by=by.name if by else "", at=row.decided_at)
    return row, case


def _decided(session: Session, actor: Actor, repair_id: str, outcome: str, decision: str) -> tuple[Repair, Case]:
    actor.require(*scope.APPROVING)
    row, case = _locked(session, actor, repair_id)
    if not may_decide(row, actor):
        raise Forbidden("repair.own")
    row.decision = texts.reason(decision)
    row.state, row.decided_by_id, row.decided_at = outcome, actor.person_id, clock.now()
    return row, case


def _put_right(session: Session, actor: Actor, row: Repair, case: Case) -> None:
    instance = state.load(session, row.instance_id)
    if instance.finished:
        raise Stale("repair.ended")
    held = instance.held()
    if row.scope >= len(held) or held[row.scope].process_key != row.process_key:
        raise Stale("repair.moved")
    # Asked again: an act may have set it meanwhile, so that it is protected by now.
    present = values.one(values.of(session, instance, case), row.scope, row.name)
    if type(present.value) is not type(row.old) or present.value != row.old:
        raise Stale("repair.moved")
    now = clock.now()
    with advance.naming(instance):
        instance.put_right(row.scope, row.name, row.new, now)
    ledger.append(session, advance.stream(case), events.VariableRepaired(
        repair_id=row.id, instance_id=instance.id, process_key=row.process_key, scope=row.scope, name=row.name,
        old=row.old, new=row.new, passed=advance.passed(instance.trace),
    ), actor=actor, happened=now, case_id=case.id)  # fmt: skip
    advance.follow(session, case, instance, actor)
    case.version += 1


def _stuck(session: Session, task_id: str, case: Case) -> Task:
    wanted = select(Task).where(Task.id == task_id, Task.case_id == case.id, Task.ended_at.is_(None))
    task = session.execute(wanted.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()
    if task is None or task.kind != STEP:
        raise Stale("repair.moved")
    if not handing.stuck(session, task, case):
        raise Invalid("repair.not_stuck", name=task.name)
    return task


def _person(session: Session, person_id: Any) -> Person:
    person = session.get(Person, str(person_id))
    if person is None:
        raise NotFound("person.unknown", person=str(person_id)[:32])
    return person


def _facts(row: Repair, case: Case) -> Mapping[str, Any]:
    return {"repair": row.id, "number": case.number or "", "name": row.name}
