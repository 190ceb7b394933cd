"""What a case waits for: its live steps, and the people they wait for. The lists of the desk stand in `lists/`."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from workflows.desk.tasks import Task, TaskCandidate


def live_tasks(session: Session, case_id: str) -> list[Task]:
    """The steps that a case waits for, oldest first."""
    rows = session.execute(
        select(Task)
        .where(Task.case_id == case_id, Task.ended_at.is_(None))
        .options(selectinload(Task.assignee), selectinload(Task.candidates).selectinload(TaskCandidate.person))
        .order_by(Task.created_at, Task.id)
    ).scalars()
    return list(rows)


def waiting_for(task: Task) -> list[str]:
    """Names of those the task waits for."""
    if task.assignee is not None:
        return [task.assignee.name]
    return sorted(candidate.person.name for candidate in task.candidates)
