"""What one was told: notices not read yet, newest first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import labels
from webapp.house import actor, house
from webapp.languages import language, pick
from webapp.sentences import sentence
from webapp.watching import watch
from workflows import outbox
from workflows.cases import access
from workflows.cases.file import Case
from workflows.desk.execute import execute
from workflows.desk.operators import subtasks
from workflows.desk.tasks import Task
from workflows.notices import deliveries
from workflows.notices.topics import CHANNELS

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The notices that wait to be read, each with its case."""
    with house().store.read() as session:
        seen = watch(session)
        rows = outbox.unread(session, actor().person_id)
        ids = {str(row.facts["task"]) for row in rows if row.facts.get("task")}
        steps = {task.id: task for task in session.scalars(select(Task).where(Task.id.in_(ids)))}
        facts = {row.id: _facts(session, row, steps.get(str(row.facts.get("task")))) for row in rows}
        told = {row.id: sentence(f"notice.{row.kind}", facts[row.id], language()) for row in rows}
        wanted = select(Case.id, Case.title).where(
            Case.id.in_({row.case_id for row in rows if row.case_id}), access.visible_cases(session, actor())
        )
        titles = {row.id: row.title for row in session.execute(wanted)}
        failed = len(deliveries.troubled(session, actor().person_id))
        return render_template("notices/index.html", rows=rows, told=told, titles=titles, failed=failed, watch=seen)


def _facts(session: Session, row: outbox.OutboxNotice, task: Task | None) -> dict[str, Any]:
    """The facts of a notice; its step, what is asked beside it and channels in the reader's language."""
    step = (task.name, labels.bare_name(session, task)) if task is not None else ("", "")
    kind = subtasks.NAMES.get(str(row.facts.get("kind")))
    channel = CHANNELS.get(row.facts.get("channel", ""))
    said = {"kind": kind, "channel": channel}
    facts = {name: step[1] if value == step[0] else value for name, value in row.facts.items()}
    return {**facts, **{name: pick(pair) for name, pair in said.items() if pair is not None}}


@blueprint.post("/read")
def mark_read() -> ResponseReturnValue:
    """Note that the listed notices were read."""
    marked = execute(house().store, outbox.mark_read, actor(), request.form.getlist("id"))
    flash(_("已将 %(num)d 条通知标为已读。", num=marked), "success")
    return redirect(url_for("notices.index"))
