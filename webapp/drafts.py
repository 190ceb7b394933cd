"""What was typed and not sent: kept as a draft of the task, also over the end of a session."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from flask import request
from sqlalchemy.orm import Session

from webapp.house import house
from webapp.posted import Posted
from workflows.actors import Actor
from workflows.cases import access
from workflows.desk import commands
from workflows.desk.candidates import is_candidate
from workflows.desk.drafts import TAKE_OVER as TAKE_OVER
from workflows.desk.drafts import mark
from workflows.desk.execute import execute
from workflows.desk.offering import task_form
from workflows.desk.tasks import Task, TaskDraft
from workflows.errors import Invalid
from workflows.forms import writes

SEEN = "draft_seen"
"""The field in which a form says which draft its window began with."""
LARGEST = 4_000_000
"""Bytes of a request that only keeps a draft: no file comes with it."""
_TASK_FORM = re.compile(r"/tasks/([0-9a-f]{32})/(?:complete|draft|form)")


def of(session: Session, actor: Actor, task: Task) -> tuple[Posted, TaskDraft] | None:
    """This person's draft of a task, or None."""
    row = session.get(TaskDraft, (task.id, actor.person_id))
    return (Posted.from_json(row.answer), row) if row is not None else None


def save(actor: Actor, task_id: str, posted: Posted) -> str:
    """Keep what is typed so far; the mark of the draft, which the page says when it keeps the next one.

    Raises NotFound, and Stale when the task has ended or another window has kept something else meanwhile.
    """
    seen = posted.values.pop(SEEN, [TAKE_OVER])[-1]  # the button that writes over comes after what the form began with
    return execute(house().store, commands.save_draft, actor, task_id, posted.to_json(), seen=seen)


def blank(actor: Actor, task_id: str, posted: Posted) -> bool:
    """Whether nothing was typed, and nothing was kept before that may have been cleared."""
    if posted.files:
        return False
    with house().store.read() as session:
        task = session.get(Task, task_id)
        if task is None or session.get(TaskDraft, (task_id, actor.person_id)) is not None:
            return False
        form = task_form(session, task)
        return not any(text.strip() for name, texts in posted.values.items() if writes(form, name) for text in texts)


def seen(session: Session, actor: Actor, task: Task) -> str:
    """The mark that the page of a task carries: of the draft it shows, or what a form said that is drawn again.

    A form that was refused because of another window's draft keeps the old one: it writes over that draft only when
    its button says so (TAKE_OVER), and never by keeping itself.
    """
    if SEEN in request.form:
        return request.form[SEEN]
    return mark(session.get(TaskDraft, (task.id, actor.person_id)))


def adopt(actor: Actor, path: str, fields: Sequence[tuple[str, str]]) -> None:
    """Make a draft of the fields of a task's form that arrived when nobody was logged in any more.

    path: where they were sent. Does nothing for other forms, and for tasks that are not (or no longer) this person's:
    their existence is not told either. Nor for more than the form takes: nobody is there to be told.
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
        if name != SEEN and not name.endswith(".token"):
            values.setdefault(name, []).append(value)
    with suppress(Invalid):
        save(actor, found[1], Posted(values))


def visible(session: Session, actor: Actor, task: Task) -> bool:
    """Whether the person may look at the task: it is theirs, it is offered to them, or the case is open to them."""
    return (
        task.assignee_id == actor.person_id
        or is_candidate(session, actor, task)
        or access.visible_id(session, actor, task.case_id)
    )
