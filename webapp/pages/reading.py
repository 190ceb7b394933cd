"""Reading the file of a case in place, and the notes on its pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import reading
from webapp.errors import Trouble, redrawn
from webapp.formpages import form_key
from webapp.house import actor, house
from webapp.pages.cases import case_of
from webapp.pages.tasks import task_page
from workflows.cases import notes
from workflows.cases.notes import PageNote, Pin
from workflows.desk import notes as pinning
from workflows.desk.execute import execute

blueprint = Blueprint("reading", __name__, url_prefix="/cases")


@blueprint.get("/<case_id>/read")
def show(case_id: str) -> ResponseReturnValue:
    """What lies in the file, shown in place (?read=…&page=…&note=…)."""
    return _page(case_id)


def _page(case_id: str, trouble: Trouble | None = None) -> ResponseReturnValue:
    with house().store.read() as session:
        who = actor()
        case = case_of(session, who, case_id)
        pane = reading.pane(session, who, case)
        template = "reading/alone.html" if reading.only_pane() else "reading/show.html"
        return render_template(template, case=case, pane=pane, trouble=trouble, key=form_key(trouble), task=None)


def _drawn(trouble: Trouble, case_id: str, material_id: str = "", note_id: str = "") -> ResponseReturnValue:
    task_id = request.form.get("task", "")
    return task_page(task_id, trouble) if task_id else _page(case_id, trouble)


def _back(note: PageNote, pointed: bool) -> ResponseReturnValue:
    """Where one goes on reading: at the page, with the note pointed out."""
    place: dict[str, Any] = {"read": note.material_id, "page": note.page}
    if pointed:
        place["note"] = note.id
    task_id = request.form.get("task", "")
    if task_id:
        return redirect(url_for("tasks.show", task_id=task_id, **place), 303)
    return redirect(url_for("reading.show", case_id=note.case_id, **place), 303)


@blueprint.post("/<case_id>/materials/<material_id>/notes")
@redrawn(_drawn)
def pin(case_id: str, material_id: str) -> ResponseReturnValue:
    """Pin a note to a page."""
    form = request.form
    pinned = Pin(
        form.get("page", 0, type=int), form.get("text", ""), form.get("circle", ""), form.get("point", ""),
        form.get("x", type=int), form.get("y", type=int),
    )  # fmt: skip
    last = reading.last_page(case_id, material_id) if pinned.page > 1 else notes.LAST_PAGE
    note_id = execute(
        house().store, pinning.pin_note, actor(), case_id, material_id, pinned, key=form.get("key", ""),
        task_id=form.get("task") or None, last=last,
    )  # fmt: skip
    with house().store.read() as session:
        return _back(session.get_one(PageNote, note_id), pointed=True)


@blueprint.post("/<case_id>/notes/<note_id>/withdraw")
@redrawn(_drawn)
def withdraw(case_id: str, note_id: str) -> ResponseReturnValue:
    """Take back a note of one's own."""
    note = execute(house().store, notes.withdraw_note, actor(), note_id)
    if not reading.only_pane():
        flash(_("批注已撤回。"), "success")
    return _back(note, pointed=False)
