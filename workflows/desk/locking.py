"""A task under the lock of its case: the first lines of every command at the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor, Person
from workflows.cases import access, ending, entering
from workflows.cases.file import Case
from workflows.desk import advance
from workflows.desk.candidates import is_candidate
from workflows.desk.tasks import Task
from workflows.errors import NotFound, Stale


def locked_task(session: Session, actor: Actor, task_id: str) -> tuple[Task, Case]:
    """The task and its case under the case's lock, as they are now. Raises NotFound ("task.unknown"), Forbidden
    ("case.you_recused") for who withdrew from the case.
    """
    task = visible_task(session, actor, task_id)
    case = entering.lock_for(session, actor, task.case_id)
    session.refresh(task)
    return task, case


def visible_task(session: Session, actor: Actor, task_id: str) -> Task:
    """The task, for those who hold it, were offered it, or may see its case. Raises NotFound ("task.unknown")."""
    task = session.get(Task, task_id)
    mine = task is not None and (task.assignee_id == actor.person_id or is_candidate(session, actor, task))
    if task is None or not (mine or access.visible_id(session, actor, task.case_id)):
        raise NotFound("task.unknown", task=task_id)
    return task


def require_current(session: Session, task: Task, seen: int) -> None:
    """Raise Stale unless the task still waits and is as it was when the form was drawn, of version `seen`."""
    if task.state not in advance.LIVE:
        raise ended(session, task)
    if task.version != seen:
        holder = session.get(Person, task.assignee_id or "")
        raise Stale("task.changed", name=task.name, holder=holder.name if holder else "")


def ended(session: Session, task: Task) -> Stale:
    """Why a task can't be worked on any more: who ended it, and how; for one that went with its case, who ended the
    case and why: Stale("task.case_terminated").
    """
    case, end, over = task.case, task.ended_at, task.case.closed_at
    alive = task.state == "cancelled" and end is not None and over is not None and task.created_at <= over <= end
    if alive and (told := ending.termination(session, case)) is not None:
        facts = {"by": told.actor_name, "at": over, "reason": told.data["reason"], "case_id": case.id}
        return Stale("task.case_terminated", name=task.name, **facts)
    by = session.get(Person, task.ended_by_id or "")
    return Stale(f"task.{task.state}", name=task.name, by=by.name if by else "", at=task.ended_at, case_id=task.case_id)


def record(session: Session, case: Case, actor: Actor, event: Callable[..., object], task: Task, **facts: Any) -> None:
    """Put an event of a task on the record of its case."""
    ledger.append(
        session,
        advance.stream(case),
        event(task_id=task.id, element_id=task.element_id, name=task.name, **facts),
        actor=actor,
        case_id=case.id,
    )
