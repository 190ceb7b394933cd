"""讨论: comments and side questions about a case, written on the page of the case or of one of its steps."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.pages.cases import case_page
from webapp.pages.tasks import task_page
from webapp.talk import Typed
from workflows.desk import remarks
from workflows.desk.execute import execute
from workflows.errors import Invalid, Problem

blueprint = Blueprint("remarks", __name__)


def _drawn(trouble: Trouble, case_id: str, remark_id: str = "") -> ResponseReturnValue:
    """The page from which the form was sent, with what was typed."""
    task_id = request.form.get("task", "")
    return task_page(task_id, trouble, tab="talk") if task_id else case_page(case_id, trouble, "talk")


def _back(case_id: str, until: str | None = None) -> ResponseReturnValue:
    """The page of the discussion from which the form was sent: the newest, or the one that ends with a remark."""
    task_id = request.form.get("task", "")
    if task_id:
        return redirect(url_for("tasks.show", task_id=task_id, tab="talk", until=until))
    return redirect(url_for("cases.show", case_id=case_id, tab="talk", until=until))


@blueprint.post("/cases/<case_id>/remarks")
@redrawn(_drawn)
def make(case_id: str) -> ResponseReturnValue:
    """Comment on the case, or ask somebody something about it."""
    typed, key, task_id = Typed.of_request(), request.form.get("key", ""), request.form.get("task") or None
    people = typed.people if typed.visibility == "people" else ()  # a box ticked before another circle was chosen
    if typed.kind == "question":
        if not typed.to:
            raise Invalid("form.invalid", [Problem("field.required", "to")])
        execute(
            house().store, remarks.put_question, actor(), case_id, typed.text, typed.to, visibility=typed.visibility,
            people=people, task_id=task_id, key=key,
        )  # fmt: skip
        flash(_("询问已发出，答复会显示在本页。"), "success")
    else:
        execute(
            house().store, remarks.make_remark, actor(), case_id, typed.text, visibility=typed.visibility,
            people=people, task_id=task_id, key=key,
        )  # fmt: skip
        flash(_("留言已发表。"), "success")
    return _back(case_id)


@blueprint.post("/cases/<case_id>/remarks/<remark_id>/answer")
@redrawn(_drawn)
def answer(case_id: str, remark_id: str) -> ResponseReturnValue:
    """Answer a question that was put to one."""
    execute(
        house().store, remarks.answer_question, actor(), remark_id, request.form.get("text", ""),
        key=request.form.get("key", ""),
    )  # fmt: skip
    flash(_("答复已发出。"), "success")
    return _back(case_id, request.args.get("until"))
