"""撤回 by whoever opened a case, while nobody has acted on it: its lead is corrected and sent again.

The processes of the case end, and a task of its own brings the form of the lead back to its opener, with everything
typed. The case stays the same: its time limit for filing goes on from the day of the lead (行政处罚法 54).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import forms, ledger
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk import advance, receipts
from workflows.desk.drafts import begun, drop_drafts
from workflows.desk.operators import halting
from workflows.desk.tasks import REGISTRATION, STEP, Task, TaskCandidate
from workflows.diagrams import library
from workflows.engine import state
from workflows.engine.elements import Element
from workflows.errors import FashenError, Forbidden, Invalid, Stale
from workflows.ledger import events


def withdraw_lead(session: Session, actor: Actor, case_id: str, *, reason: str, key: str) -> Case:
    """Take a case back that one opened, before anybody has claimed, begun or done anything in it.

    Raises NotFound, Forbidden ("withdraw.not_opener", "case.crime_open"), Stale ("withdraw.case_acted",
    "case.suspended"), Invalid ("withdraw.lead_already", "case.reason_long").
    """
    case, done = halting.locked(session, actor, case_id, "withdraw_lead", reason, key, needed=False)
    if done:
        return case
    if (why := why_not_withdrawn(session, actor, case)) is not None:
        raise why
    now, running = clock.now(), halting.instances(session, case)
    task = _registration(session, actor, case, running, reason.strip())
    told = events.LeadWithdrawn(
        task_id=task.id, element_id=task.element_id, name=task.name, reason=task.question, instance_ids=running
    )
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id, happened=now)
    for instance_id in running:
        instance = state.load(session, instance_id)
        instance.terminate(now)
        advance.follow(session, case, instance, actor, why=advance.LEAD_WITHDRAWN)
    case.version += 1
    receipts.keep(session, actor, key, "withdraw_lead", {"case": case_id, "reason": reason}, {})
    return case


def why_not_withdrawn(session: Session, actor: Actor, case: Case) -> FashenError | None:
    """Why the actor can't take the case back now: what `withdraw_lead` would raise; None when he can."""
    if not halting.opens(session, actor, case):
        return Forbidden("withdraw.not_opener")
    if case.suspended_at is not None:
        return Stale("case.suspended", reason=case.suspended_for, at=case.suspended_at)
    if case.crime in halting.OPEN_CRIME:
        return Forbidden("case.crime_open")
    if case.state != "lead" or _acted(session, case):
        return Stale("withdraw.case_acted")
    running = halting.instances(session, case)
    if not running or _start(session, running) is None:
        return Invalid("withdraw.lead_already")
    return None


def send_again(session: Session, actor: Actor, task: Task, case: Case, clean: Mapping[str, Any]) -> None:
    """End the task on which a lead was corrected, and begin its process anew."""
    task.state, task.ended_at, task.ended_by_id = "completed", clock.now(), actor.person_id
    task.answer = forms.to_json(dict(clean))
    task.version += 1
    drop_drafts(session, task)
    told = events.LeadSentAgain(task_id=task.id, element_id=task.element_id, name=task.name, answer=task.answer)
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id)
    advance.start(session, case, task.process_key, {}, actor)
    case.version += 1


def _acted(session: Session, case: Case) -> bool:
    """Whether anybody has claimed, begun or done a step of the case; what was taken back counts as not done."""
    steps = session.execute(select(Task).where(
        Task.case_id == case.id, Task.kind == STEP, Task.state.not_in(("cancelled", "withdrawn"))
    )).scalars().all()  # fmt: skip
    return begun(session, steps)


def _start(session: Session, running: list[str]) -> tuple[state.EngineInstance, Element] | None:
    """The process of the case that began with a form, and the element that has it."""
    for instance_id in running:
        row = session.get_one(state.EngineInstance, instance_id)
        definition = library.definition(session, row.package_hash)
        for element in definition.elements.values():
            if element.kind == "startEvent" and element.form_key and element.form_key == definition.start_form:
                return row, element
    return None


def _registration(session: Session, actor: Actor, case: Case, running: list[str], reason: str) -> Task:
    found = _start(session, running)
    if found is None:
        raise Invalid("withdraw.lead_already")
    instance, element = found
    now = clock.now()
    task = Task(
        kind=REGISTRATION, case_id=case.id, instance_id=instance.id, process_key=instance.process_key,
        package_hash=instance.package_hash, element_id=element.id, name=element.name, form_key=element.form_key,
        variables={}, role="case_officer", unit_id=case.unit_id, assignee_id=actor.person_id, state="claimed",
        created_at=now, claimed_at=now, returned=True, question=reason,
        candidates=[TaskCandidate(person_id=actor.person_id)],
    )  # fmt: skip
    session.add(task)
    session.flush()
    return task
