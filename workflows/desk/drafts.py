"""What somebody typed in a task and did not send: when it counts as work begun, and when it goes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.desk.tasks import Task, TaskDraft


def begun(session: Session, tasks: Collection[Task]) -> bool:
    """Whether anybody has begun one of some tasks: claimed it, handed it on, ended it, or typed in it as its holder.

    Who may claim a task and only typed in it has taken nothing on himself: that hinders no withdrawal (撤回).
    """
    if any(one.claimed_at is not None or one.version > 1 for one in tasks):
        return True
    held = [one.id for one in tasks if one.assignee_id is not None]
    return session.execute(select(TaskDraft.task_id).where(TaskDraft.task_id.in_(held)).limit(1)).first() is not None


def drop_drafts(session: Session, task: Task) -> None:
    """What was typed for a task that is done is not kept."""
    for draft in session.execute(select(TaskDraft).where(TaskDraft.task_id == task.id)).scalars():
        session.delete(draft)
