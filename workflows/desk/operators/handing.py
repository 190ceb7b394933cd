"""Handing a step on: for good (转办), to be prepared (委派) and given back (交回); reminding its holder (催办)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from workflows import forms, outbox
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases import access, recusals
from workflows.cases.file import Case
from workflows.desk import candidates, copies, inbox, places, receipts, signers, texts, vacancy
from workflows.desk.candidates import (
    note_hand,
    require_beside,
    require_candidate,
    require_fit,
    require_no_other_part,
)
from workflows.desk.locking import locked_task, record, require_current
from workflows.desk.offering import require_offered, task_form
from workflows.desk.operators import halting, letting_go, subtasks
from workflows.desk.tasks import REGISTRATION, Task, TaskCandidate, TaskDraft
from workflows.diagrams import description
from workflows.errors import Forbidden, Invalid, NotFound, Problem
from workflows.ledger import events

URGE_AGAIN = timedelta(hours=4)
"""Until the same step is reminded of again."""


def reassign_task(
    session: Session, actor: Actor, task_id: str, to_id: str, *, reason: str, seen: int, key: str
) -> Task:
    """Give a step to somebody else for good: by its holder, or by the head of the unit or bureau it waits in.

    Where its holder can't do it any more, the heads can give it on whatever the package offers: no case is stuck.

    Raises NotFound, Stale, Forbidden ("task.not_yours", "task.operator_not_offered", "task.unfit",
    "task.unfit_handles", "task.unfit_office", "task.unfit_signs"), Invalid without a reason.
    """
    task, case, to, done = _begin(session, actor, task_id, to_id, reason, seen, key, "reassign_task")
    if done:
        return task
    _require_hand(session, actor, task, case)
    if task.assignee_id == actor.person_id or not stuck(session, task, case):
        if task.kind == REGISTRATION:
            raise Forbidden("task.operator_not_offered", name=task.name)
        require_offered(session, task, "reassign")
        subtasks.require_free(session, task)
    elif "reassign" in description.withheld(task.act):
        raise Forbidden("task.operator_not_offered", name=task.name)
    give_on(session, actor, task, case, to, reason=reason.strip())
    _keep(session, actor, key, "reassign_task", task_id, to_id, reason)
    return task


def give_on(session: Session, actor: Actor, task: Task, case: Case, to: Person, *, reason: str) -> None:
    """Make somebody who fits the holder of a step, on the record; both locked. Raises Forbidden, Invalid."""
    places.require_none(session, task, to)
    require_candidate(session, to, task, case)
    if session.get(TaskCandidate, (task.id, to.id)) is None:
        session.add(TaskCandidate(task_id=task.id, person_id=to.id))
    _give(session, case, task, to, reason="转办")
    task.owner_id, task.effect = None, None
    record(session, case, actor, events.TaskReassigned, task, to_id=to.id, to_name=to.name, reason=reason)
    _notify(session, actor, case, task, to.id, "task_reassigned")


def delegate_task(
    session: Session, actor: Actor, task_id: str, to_id: str, *, reason: str, seen: int, key: str
) -> Task:
    """Let somebody prepare a step; whoever delegates still answers for it and completes it.

    The other holds the step's role in the bureau, has no other part in the case and does not sign the step. Raises as
    `reassign_task`.
    """
    task, case, to, done = _begin(session, actor, task_id, to_id, reason, seen, key, "delegate_task")
    if done:
        return task
    require_offered(session, task, "delegate")
    require_fit(session, actor, task, case)
    if task.assignee_id != actor.person_id:
        raise Forbidden("task.not_yours", name=task.name)
    subtasks.require_free(session, task)
    require_beside(session, to, task, case)
    signers.require_unsigned(session, to, task)
    note_hand(session, task, case, to)
    _give(session, case, task, to, reason="委派")
    _lend_draft(session, actor, task, to)
    task.owner_id = actor.person_id
    record(session, case, actor, events.TaskDelegated, task, to_id=to.id, to_name=to.name, reason=reason.strip())
    _notify(session, actor, case, task, to.id, "task_delegated")
    _keep(session, actor, key, "delegate_task", task_id, to_id, reason)
    return task


def _lend_draft(session: Session, actor: Actor, task: Task, to: Person) -> None:
    """What the owner typed is what the other begins with: it comes back with what he makes of it."""
    typed = session.get(TaskDraft, (task.id, actor.person_id))
    if typed is not None and session.get(TaskDraft, (task.id, to.id)) is None:
        session.add(TaskDraft(task_id=task.id, person_id=to.id, answer=dict(typed.answer), saved_at=clock.now()))


def hand_back_task(
    session: Session, actor: Actor, task_id: str, *, note: str, draft: dict[str, Any], seen: int, key: str
) -> Task:
    """Give a delegated step back, with what was prepared as the owner's draft; or, as the owner, take it back.

    Where the owner can't do it himself any more (he was charged with the case meanwhile, say), it is offered anew to
    those who fit, and what was prepared stays with who prepared it.

    Raises NotFound, Stale, Forbidden("task.not_yours", "task.not_delegated"), Invalid for a note that is too long.
    """
    task, case = locked_task(session, actor, task_id)
    arguments = {"task": task_id, "note": note, "draft": draft}
    if receipts.replay(session, actor, key, "hand_back_task", arguments) is not None:
        return task
    require_current(session, task, seen)
    halting.require_running(case)
    if task.owner_id is None or not subtasks.is_step(task):
        raise Forbidden("task.not_delegated", name=task.name)
    if actor.person_id not in (task.assignee_id, task.owner_id):
        raise Forbidden("task.not_yours", name=task.name)
    texts.note(note)
    owner, delegate = session.get_one(Person, task.owner_id), task.assignee_id or ""
    goes_on = candidates.fits(session, owner, task, case)
    if draft and actor.person_id == delegate:
        require_no_other_part(session, session.get_one(Person, delegate), task, case)
        kept = forms.of_draft(task_form(session, task), forms.to_json(draft))
        whose = owner.id if goes_on else delegate
        session.merge(TaskDraft(task_id=task.id, person_id=whose, answer=kept, saved_at=clock.now()))
    task.assignee_id, task.owner_id, task.claimed_at = owner.id, None, clock.now()
    task.version += 1
    case.version += 1
    record(session, case, actor, events.TaskHandedBack, task, to_id=owner.id, to_name=owner.name, note=note.strip())
    other = owner.id if actor.person_id == delegate else delegate
    if goes_on or other == delegate:
        _notify(session, actor, case, task, other, "task_handed_back")
    if not goes_on:
        letting_go.offer_anew(session, actor, case, task, owner, note.strip())
    receipts.keep(session, actor, key, "hand_back_task", arguments, {})
    return task


def urge_task(session: Session, actor: Actor, task_id: str, *, note: str, key: str) -> Task:
    """Remind whoever can act at a step now: its holder, or those who sign before he can go on. For those who have a
    part in the case, once in four hours a step.

    Raises NotFound, Stale for a step that has ended or a case that is held up, Forbidden("copy.not_acting"),
    Invalid("urge.too_soon", "urge.nobody", "urge.nobody_charged", "urge.nobody_given").
    """
    task, case = locked_task(session, actor, task_id)
    if receipts.replay(session, actor, key, "urge_task", {"task": task_id, "note": note}) is not None:
        return task
    require_current(session, task, task.version)
    halting.require_running(case)
    texts.note(note)
    if not copies.acts_in(session, actor, case):
        raise Forbidden("copy.not_acting")
    if task.assignee_id == actor.person_id:
        raise Invalid("task.to_oneself", [Problem("task.to_oneself", "note")])
    now = clock.now()
    waits = inbox.who_can_act(session, [task])[task.id]
    if not waits:
        raise vacancy.why_not_urged(session, task)
    if task.urged_at is not None and now < task.urged_at + URGE_AGAIN:
        raise Invalid("urge.too_soon", at=task.urged_at, hours=URGE_AGAIN // timedelta(hours=1))
    people = [one for one in waits if one.id != actor.person_id] or waits
    task.urged_at = now
    for person in people:
        if person.id != actor.person_id:
            _notify(session, actor, case, task, person.id, "task_urged", note=note.strip())
    names = [person.name for person in people]
    record(session, case, actor, events.TaskUrged, task, to_names=names, note=note.strip())
    receipts.keep(session, actor, key, "urge_task", {"task": task_id, "note": note}, {})
    return task


def _begin(
    session: Session, actor: Actor, task_id: str, to_id: str, reason: str, seen: int, key: str, command: str
) -> tuple[Task, Case, Person, bool]:  # fmt: skip
    """What handing on has in common: the lock, the receipt, the step as it is, and to whom."""
    task, case = locked_task(session, actor, task_id)
    to = session.get(Person, to_id)
    if to is None:
        raise NotFound("person.unknown", person=to_id)
    arguments = {"task": task_id, "to": to_id, "reason": reason}
    if receipts.replay(session, actor, key, command, arguments) is not None:
        return task, case, to, True
    require_current(session, task, seen)
    halting.require_running(case)
    if not subtasks.is_step(task) and not (command == "reassign_task" and task.kind == REGISTRATION):
        raise Forbidden("task.operator_not_offered", name=task.name)
    texts.reason(reason, most=texts.LONGEST_NOTE)
    if to_id == task.assignee_id:
        raise Invalid("task.to_oneself", [Problem("task.to_oneself", "to")])
    return task, case, to, False


def stuck(session: Session, task: Task, case: Case) -> bool:
    """Whether nobody who answers for the step or was offered it can do it today: gone, out of the role, barred; or who
    was to prepare it can't, so that its owner alone could take it back, and may be away.
    """
    if task.owner is not None and task.assignee is not None and not prepares(session, task.assignee, task, case):
        return True
    holder = task.owner or task.assignee
    people = [holder] if holder is not None else [one.person for one in task.candidates]
    return not any(candidates.fits(session, person, task, case) for person in people)


def prepares(session: Session, person: Person, task: Task, case: Case) -> bool:
    """Whether somebody may prepare the step for its owner today."""
    try:
        require_beside(session, person, task, case)
    except Forbidden:
        return False
    return True


def takes_back(session: Session, actor: Actor, asked: Task, parent: Task) -> bool:
    """Whether the actor may take back what was asked beside a step: who holds the step now, or asked for it, as long as
    the step could be his; or who may give the step on, where nobody can do it any more or who was asked can't answer.
    """
    case = parent.case
    if actor.person_id in (asked.owner_id, parent.assignee_id) and _could_do(session, actor, parent, case):
        return True
    try:
        _require_hand(session, actor, parent, case, holder=False)
    except Forbidden:
        return False
    return stuck(session, parent, case) or not _answers(session, asked, parent, case)


def _could_do(session: Session, actor: Actor, task: Task, case: Case) -> bool:
    """Whether the step could be the actor's, but for a signature of his beside it, which he may well take away."""
    try:
        require_candidate(session, session.get_one(Person, actor.person_id), task, case)
    except Forbidden as error:
        return error.code == "task.unfit_signs"
    return True


def _answers(session: Session, asked: Task, parent: Task, case: Case) -> bool:
    """Whether who was asked beside a step can still answer."""
    if asked.assignee is None:
        return False
    if asked.kind in subtasks.SIGNING:
        return prepares(session, asked.assignee, parent, case)
    return asked.assignee.disabled_at is None and asked.assignee_id not in recusals.recused(session, case.id)


def _require_hand(session: Session, actor: Actor, task: Task, case: Case, *, holder: bool = True) -> None:
    """holder: whether the step's own holder is one of them."""
    if holder and task.assignee_id == actor.person_id:
        return
    unit = "case_officer" in (task.role or "").split(",")
    access.require_role(session, actor, case, *(("handling_unit_head",) if unit else ()), "bureau_head")


def _give(session: Session, case: Case, task: Task, to: Person, *, reason: str) -> None:
    task.assignee_id, task.state, task.claimed_at = to.id, "claimed", clock.now()
    task.version += 1
    case.version += 1
    access.admit(session, case, to.id, reason=f"{reason}：{task.name}")


def _notify(
    session: Session, actor: Actor, case: Case, task: Task, person_id: str, kind: str, note: str = ""
) -> None:
    facts = {"task": task.id, "name": task.name, "by": actor.name, "note": note}
    outbox.send(session, person_id, kind, facts, case_id=case.id)


def _keep(session: Session, actor: Actor, key: str, command: str, task_id: str, to_id: str, reason: str) -> None:
    receipts.keep(session, actor, key, command, {"task": task_id, "to": to_id, "reason": reason}, {})
