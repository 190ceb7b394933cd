"""Who presides over a discussion is gone after all votes: another one concludes, or the case is discussed anew."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows import outbox
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases import access, recusals
from workflows.cases.acts import ActContext, presiding
from workflows.cases.acts.meeting import current_item
from workflows.cases.file import Case
from workflows.desk import receipts, texts
from workflows.desk.locking import locked_task, record, require_current
from workflows.desk.operators import departing, halting
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.engine import state
from workflows.errors import FashenError, Forbidden, Invalid, Problem
from workflows.ledger import events

ANOTHER, RECUSED, ANEW = "another", "recused", "anew"
"""What is done: another member concludes; the presiding one withdraws and all is discussed anew; anew because nobody
is left to preside."""


def can_appoint(task: Task) -> bool:
    """Whether the task is the conclusion of a discussion, in which all have voted."""
    return task.act == "meeting_conclusion" and task.kind == STEP


def could_preside(session: Session, actor: Actor, task: Task) -> list[Person]:
    """Whom one could appoint to conclude; nobody where the item is not here any more."""
    try:
        item = current_item(_context(session, actor, task, task.case), "voting")
    except FashenError:
        return []
    return presiding.could_preside(session, task.case, item)


def appoint_presiding(
    session: Session, actor: Actor, task_id: str, person_id: str, *, how: str, reason: str, seen: int, key: str
) -> None:
    """Say who concludes in place of the presiding member, or that the case is discussed anew. For whoever keeps the
    attendance.

    how: ANOTHER (with person_id), RECUSED or ANEW. Raises NotFound, Stale, Forbidden ("task.operator_not_offered",
    "actor.role_missing", "case.handles", "meeting.may_not_preside", "meeting.others_preside"), Invalid
    ("case.reason_missing", "case.reason_long", "task.to_oneself", "meeting.how").
    """
    task, case = locked_task(session, actor, task_id)
    arguments = {"task": task_id, "person": person_id, "how": how, "reason": reason}
    if receipts.replay(session, actor, key, "appoint_presiding", arguments) is not None:
        return
    require_current(session, task, seen)
    halting.require_running(case)
    if not can_appoint(task):
        raise Forbidden("task.operator_not_offered", name=task.name)
    if task.assignee_id == actor.person_id:
        raise Invalid("task.to_oneself", [Problem("task.to_oneself", "reason")])
    reason, context = texts.reason(reason, most=texts.LONGEST_MINUTE), _context(session, actor, task, case)
    if how == ANOTHER:
        _hand_on(session, actor, case, task, presiding.appoint(context, person_id, reason), reason)
    elif how in (RECUSED, ANEW):
        withdrew = presiding.postpone(context, reason, recused=how == RECUSED)
        departing.discuss_anew(session, actor, case, task, state.load(session, task.instance_id), reason)
        if withdrew:
            recusals.took_effect(session, actor, case, withdrew, reason)
    else:
        raise Invalid("meeting.how", [Problem("meeting.how", "how")])
    case.version += 1
    receipts.keep(session, actor, key, "appoint_presiding", arguments, {})


def _hand_on(session: Session, actor: Actor, case: Case, task: Task, person: Person, reason: str) -> None:
    """The conclusion is now another's; both are told."""
    before = task.assignee_id
    if session.get(TaskCandidate, (task.id, person.id)) is None:
        session.add(TaskCandidate(task_id=task.id, person_id=person.id))
    task.assignee_id, task.state, task.claimed_at = person.id, "claimed", clock.now()
    task.version += 1
    access.admit(session, case, person.id, reason=f"主持讨论：{task.name}")
    record(session, case, actor, events.TaskReassigned, task, to_id=person.id, to_name=person.name, reason=reason)
    facts = {"task": task.id, "name": task.name, "by": actor.name, "note": reason}
    outbox.send(session, person.id, "task_reassigned", facts, case_id=case.id)
    if before is not None:
        outbox.send(session, before, "presiding_moved", {**facts, "to": person.name}, case_id=case.id)


def _context(session: Session, actor: Actor, task: Task, case: Case) -> ActContext:
    return ActContext(
        session, actor, case, task.process_key, task.element_id, task.variables, clock.now(), task.id
    )
