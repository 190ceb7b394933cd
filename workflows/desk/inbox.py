"""What a person finds on the desk: queries over tasks. They read rows only and never touch the engine."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, selectinload

from workflows.actors import Actor
from workflows.cases.file import Case
from workflows.desk.tasks import Task, TaskCandidate

PAGE = 50

LISTS: dict[str, tuple[str, str]] = {
    "todo": ("待办", "To do"),
    "claimable": ("待认领", "To claim"),
    "done": ("已办", "Done"),
    "started": ("我发起", "Started by me"),
}
"""List id → (Chinese, English)."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: tasks with their case, parties and people loaded; total over all pages."""

    tasks: list[Task]
    total: int
    page: int
    pages: int


def _mine(actor: Actor) -> Select[Task]:
    return select(Task).where(Task.assignee_id == actor.person_id, Task.state == "claimed")


def _claimable(actor: Actor) -> Select[Task]:
    offered = and_(TaskCandidate.task_id == Task.id, TaskCandidate.person_id == actor.person_id)
    return select(Task).join(TaskCandidate, offered).where(Task.state == "open")


def _done(actor: Actor) -> Select[Task]:
    return select(Task).where(Task.ended_by_id == actor.person_id, Task.state == "completed")


def _started(actor: Actor) -> Select[Task]:
    return (
        select(Task)
        .join(Case, Case.id == Task.case_id)
        .where(Case.opened_by_id == actor.person_id, Task.state.in_(("open", "claimed")))
    )


_QUERIES = {"todo": _mine, "claimable": _claimable, "done": _done, "started": _started}


def tasks(session: Session, actor: Actor, which: str, page: int = 1) -> Page:
    """A page of a list, the most pressing first, done ones newest first. Raises KeyError for an unknown list."""
    query = _QUERIES[which](actor)
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    order = (
        (Task.ended_at.desc(), Task.id)
        if which == "done"
        else (Task.due_at.is_(None), Task.due_at, Task.priority.desc(), Task.created_at, Task.id)
    )
    rows = session.execute(
        query.options(
            selectinload(Task.case).selectinload(Case.parties),
            selectinload(Task.case).selectinload(Case.unit),
            selectinload(Task.assignee),
            selectinload(Task.candidates).selectinload(TaskCandidate.person),
        )
        .order_by(*order)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).scalars()
    return Page(list(rows), total, page, pages)


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many tasks each list holds."""
    return {
        which: session.execute(select(func.count()).select_from(query(actor).subquery())).scalar_one()
        for which, query in _QUERIES.items()
    }


def live_tasks(session: Session, case_id: str) -> list[Task]:
    """The steps that a case waits for, oldest first."""
    rows = session.execute(
        select(Task)
        .where(Task.case_id == case_id, Task.state.in_(("open", "claimed")))
        .options(selectinload(Task.assignee), selectinload(Task.candidates).selectinload(TaskCandidate.person))
        .order_by(Task.created_at, Task.id)
    ).scalars()
    return list(rows)


def waiting_for(task: Task) -> list[str]:
    """Names of those the task waits for."""
    if task.assignee is not None:
        return [task.assignee.name]
    return sorted(candidate.person.name for candidate in task.candidates)
