"""The desk: what waits for me, what I may take, what I have done, what became of the cases I opened."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from webapp import labels, shown
from webapp.house import actor, house
from workflows import outbox
from workflows.desk import inbox
from workflows.desk.lists import kinds, pages
from workflows.desk.tasks import Task

blueprint = Blueprint("desk", __name__)


LISTS = {name: kinds.LISTS[name] for name in ("todo", "claimable", "done", "started")}


@dataclass(frozen=True, slots=True)
class Line:
    """One task on the desk."""

    task: Task
    step: str
    waits_for: list[str]
    left: shown.Left | None


@blueprint.get("/desk")
def show() -> ResponseReturnValue:
    """A list of tasks (?list=todo|claimable|done|started), page by page."""
    with house().store.read() as session:
        counts = pages.counts(session, actor())
        first = "claimable" if counts["claimable"] and not counts["todo"] else "todo"
        which = request.args.get("list", first)
        which = which if which in LISTS else first
        page = pages.page(session, actor(), which, number=request.args.get("page", 1, type=int))
        return render_template(
            "desk/show.html", which=which, lists=LISTS, counts=counts, page=page,
            lines=[_line(session, task) for task in page.tasks],
            unread=outbox.count_unread(session, actor().person_id),
        )  # fmt: skip


def _line(session: Session, task: Task) -> Line:
    live = task.state in ("open", "claimed")
    return Line(
        task, labels.step_name(session, task), inbox.waiting_for(task) if live else [],
        shown.left_of(session, task),
    )  # fmt: skip
