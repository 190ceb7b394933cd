"""What was typed and not sent: kept as a draft of the task, also over the end of a session."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy.orm import Session

from webapp.house import house
from webapp.posted import Posted
from workflows.actors import Actor
from workflows.cases import access
from workflows.desk import commands
from workflows.desk.candidates import is_candidate
from workflows.desk.execute import execute
from workflows.desk.tasks import Task, TaskDraft

_TASK_FORM = re.compile(r"/tasks/([0-9a-f]{32})/(?:complete|draft|form)")


def of(session: Session, actor: Actor, task: Task) -> tuple[Posted, TaskDraft] | None:
    """This person's draft of a task, or None."""
    row = session.get(TaskDraft, (task.id, actor.person_id))
    return (Posted.from_json(row.answer), row) if row is not None else None


def save(actor: Actor, task_id: str, posted: Posted) -> None:
    """Keep what is typed so far. Raises NotFound, and Stale when the task has ended."""
    execute(house().store, commands.save_draft, actor, task_id, posted.to_json())


def adopt(actor: Actor, path: str, fields: Sequence[tuple[str, str]]) -> None:
    """Make a draft of the fields of a task's form that arrived when nobody was logged in any more.

    path: where they were sent. Does nothing for other forms, and for tasks that are not (or no longer) this person's:
    their existence is not told either.
    """
    found = _TASK_FORM.fullmatch(path)
    if found is None or not fields:
        return
    with house().store.read() as session:
        task = session.get(Task, found[1])
        mine = task is not None and task.state == "claimed" and task.assignee_id == actor.person_id
    if not mine:
        return
    values: dict[str, list[str]] = {}
    for name, value in fields:
        if not name.endswith(".token"):
            values.setdefault(name, []).append(value)
    save(actor, found[1], Posted(values))


def visible(session: Session, actor: Actor, task: Task) -> bool:
    """Whether the person may look at the task: it is theirs, it is offered to them, or the case is open to them."""
    return (
        task.assignee_id == actor.person_id
        or is_candidate(session, actor, task)
        or access.visible_id(session, actor, task.case_id)
    )
