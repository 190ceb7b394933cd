"""A task with its form: look, take, type, keep, complete."""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import bar, drafts, labels, onward, posted, reading, shown, taskpage, uploads
from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.pages.cases import case_of
from webapp.pages.files import sandboxed
from webapp.preferences import kept
from webapp.watching import watch_task
from workflows import forms
from workflows.calendar import clock
from workflows.desk import commands, offering
from workflows.desk.candidates import require_fit
from workflows.desk.execute import execute
from workflows.desk.operators import handing, subtasks
from workflows.desk.tasks import REGISTRATION, REWORK, Task
from workflows.documents.fonts.faces import fonts_of
from workflows.documents.kinds.registry import KINDS
from workflows.documents.printing import render
from workflows.errors import Invalid, NotFound

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")
onward.init(blueprint)


@blueprint.get("/<task_id>")
def show(task_id: str) -> ResponseReturnValue:
    """The task: its form with one's draft beside the file, or another of its tabs (?tab=…)."""
    return task_page(task_id)


@blueprint.get("/<task_id>/preview/<int:number>.pdf")
def preview(task_id: str, number: int) -> ResponseReturnValue:
    """A paper that completing the task would issue, counted from 1, printed from the case as it stands."""
    who = actor()
    with house().store.read() as session:
        papers = taskpage.papers_of(session, who, taskpage.task_of(session, who, task_id))
        if not 1 <= number <= len(papers):
            raise NotFound("document.unknown", document=f"{task_id}/{number}")
        wanted = papers[number - 1]
        content = wanted.build()
    done = render(wanted.type, content, fonts_of(house().settings.fonts), mark=wanted.mark)
    name = "".join((_("预览"), KINDS[wanted.type].zh, wanted.party, ".pdf"))
    return sandboxed(send_file(io.BytesIO(done.pdf), mimetype="application/pdf", download_name=name, max_age=0))


@blueprint.post("/<task_id>/form")
@redrawn(lambda trouble, task_id: task_page(task_id, trouble))
def redraw(task_id: str) -> ResponseReturnValue:
    """The same form with a row more or less; nothing is saved."""
    _require_fit_for_files(task_id)
    typed, problems = uploads.received()
    fresh = posted.change_rows(typed, request.form.get("rows", ""))
    trouble = Trouble(200, "", "invalid", "", "", problems=problems) if problems else None
    return kept(task_page(task_id, trouble, focus=fresh))


@blueprint.post("/<task_id>/claim")
@redrawn(lambda trouble, task_id: task_page(task_id, trouble))
def claim(task_id: str) -> ResponseReturnValue:
    """Take a task that was offered."""
    execute(house().store, commands.claim_task, actor(), task_id, seen=_seen())
    flash(_("任务已认领。"), "success")
    return _again(task_id)


@blueprint.post("/<task_id>/release")
def release(task_id: str) -> ResponseReturnValue:
    """Give a task back to the others it was offered to, and go on with the next one."""
    with house().store.read() as session:
        on = onward.place(session, task_id)
    task = execute(house().store, commands.release_task, actor(), task_id, seen=_seen())
    flash(_("任务已退回，其他候选人可以认领。"), "success")
    return onward.go_on(task.case_id, on)


@blueprint.post("/<task_id>/draft")
@redrawn(lambda trouble, task_id: task_page(task_id, trouble))
def draft(task_id: str) -> ResponseReturnValue:
    """Keep what is typed so far, wrong or right."""
    _require_fit_for_files(task_id)
    typed, problems = uploads.received()
    if problems:
        raise Invalid("form.invalid", problems)
    then = request.form.get("then", "")
    if then not in bar.WORDS or not drafts.blank(actor(), task_id, typed):
        drafts.save(actor(), task_id, typed)
    if then in bar.WORDS:  # on the way to an operator's page: what is typed is kept and no word is made of it
        with house().store.read() as session:
            return redirect(bar.address(session.get_one(Task, task_id), then))
    flash(_("草稿已保存，尚未提交。"), "success")
    return _again(task_id)


@blueprint.url_value_preprocessor  # the only hook that runs before the house reads a form
def bound(endpoint: str | None, _address: object) -> None:
    """What only keeps a draft brings no files: a larger body is answered with 413."""
    if endpoint == "tasks.keep":
        request.max_content_length = drafts.LARGEST


@blueprint.post("/<task_id>/keep")
def keep(task_id: str) -> ResponseReturnValue:
    """The same, as the page does it by itself while somebody types: it is told when, and nothing else changes.

    What was typed meanwhile in another window is not written over (409): the page asks which of both is to stay.
    """
    _require_fit_for_files(task_id)
    typed, _problems = uploads.received()  # of files, the page sends only those that are with us already
    mark = drafts.save(actor(), task_id, typed)
    return {"at": shown.moment(clock.now()), "seen": mark}


@blueprint.post("/<task_id>/hand-back")
@redrawn(lambda trouble, task_id: task_page(task_id, trouble))
def hand_back(task_id: str) -> ResponseReturnValue:
    """Give what one prepared back to whoever answers for it, and go on with the next task."""
    _require_fit_for_files(task_id)
    typed, problems = uploads.received()
    if problems:
        raise Invalid("form.invalid", problems)
    note = " ".join(typed.values.pop("hand_back_note", []))
    with house().store.read() as session:
        on = onward.place(session, task_id)
    task = execute(
        house().store, handing.hand_back_task, actor(), task_id, note=note, draft=typed.to_json(), seen=_seen(),
        key=request.form.get("key", ""),
    )  # fmt: skip
    flash(_("已交回，由委派人核对办结。"), "success")
    return onward.go_on(task.case_id, on)


@blueprint.post("/<task_id>/complete")
@redrawn(lambda trouble, task_id: task_page(task_id, trouble))
def complete(task_id: str) -> ResponseReturnValue:
    """Send the form and go on: to what is one's own now in this case, else to the next task of one's list."""
    _require_fit_for_files(task_id)
    typed, problems = uploads.received()
    if problems:
        raise Invalid("form.invalid", problems)
    with house().store.read() as session:
        form = offering.task_form(session, taskpage.task_of(session, actor(), task_id))
        on = onward.place(session, task_id)
    done = execute(
        house().store, commands.complete_task, actor(), task_id, forms.read(form, typed.values, typed.files),
        seen=_seen(), key=request.form.get("key", ""),
    )  # fmt: skip
    _tell(done)
    return onward.go_on(done.case_id, on)


def _tell(done: commands.Completed) -> None:
    """What was done, in words."""
    with house().store.read() as session:
        task = session.get_one(Task, done.task_id)
        name, number = labels.bare_name(session, task), task.case.number or task.case.title
        waits, kind = task.effect is not None, task.kind
        asker = task.parent.assignee if task.parent is not None else None
    if done.replayed:
        flash(_("“%(step)s”此前已经提交成功，未重复办理。", step=name), "info")
    elif waits:
        flash(_("“%(step)s”已提交，待后加签人员签署同意后办结（%(case)s）。", step=name, case=number), "success")
    elif kind == "advice":
        flash(_("已答复征询：%(step)s（%(case)s）。", step=name, case=number), "success")
    elif kind in subtasks.SIGNING:
        flash(_("已签署意见：%(step)s（%(case)s）。", step=name, case=number), "success")
    elif kind == REWORK:
        flash(_("“%(step)s”已补正，送回%(name)s继续办理（%(case)s）。", step=name, case=number,
                name=asker.name if asker else _("退回人")), "success")  # fmt: skip
    elif kind == REGISTRATION:
        flash(_("案件线索已重新提交（%(case)s）。", case=number), "success")
    elif done.next_task_id == done.task_id:
        flash(_("已登记部分缴纳，“%(step)s”继续办理（%(case)s）。", step=name, case=number), "success")
    else:
        flash(_("“%(step)s”已办结（%(case)s）。", step=name, case=number), "success")


def _again(task_id: str) -> ResponseReturnValue:
    """The page of the task, open where one was reading."""
    return redirect(url_for("tasks.show", task_id=task_id, read=reading.wanted() or None))


def _seen() -> int:
    """The version that the form was drawn from; 0, which is never current, when it is missing."""
    return request.form.get("seen", 0, type=int)


def _require_fit_for_files(task_id: str) -> None:
    """Refuse files of somebody whose task this is not before they are stored, and those that the step does not take.

    Raises NotFound, Forbidden.
    """
    with house().store.read() as session:
        task = taskpage.task_of(session, actor(), task_id)
        uploads.admit(offering.task_form(session, task))
        prepares = task.owner_id is not None and task.assignee_id == actor().person_id
        if request.files and task.state in ("open", "claimed") and not prepares:
            stands_in = "substitute" in offering.task_operators(session, task)
            require_fit(session, actor(), task, task.case, stands_in=stands_in)


def task_page(
    task_id: str, trouble: Trouble | None = None, focus: str | None = None, *, tab: str = ""
) -> ResponseReturnValue:
    """The task as it stands now; after a refusal with what was typed, and with what happened meanwhile.

    focus: the name of a fresh row; tab: one of taskpage.TABS, else what the request asks for. Raises NotFound.
    """
    who, tab = actor(), tab or request.args.get("tab", "")
    tab = tab if tab in taskpage.TABS else taskpage.TABS[0]
    with house().store.read() as session:
        seen = watch_task(session, task_id)
        task = taskpage.task_of(session, who, task_id)
        if reading.only_pane():
            return render_template("reading/alone.html", **taskpage.beside_form(session, who, task, trouble))
        head = {"watch": seen, **taskpage.head(session, who, task, tab)}
        if tab == "work":
            return render_template("tasks/show.html", **head, **taskpage.work(session, who, task, trouble, focus))
        case_of(session, who, task.case_id)  # who is only offered the step sees no more than the step
        return render_template("tasks/tab.html", **head, **taskpage.other(session, who, task, tab, trouble))
