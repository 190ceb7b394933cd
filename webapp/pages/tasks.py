"""A task with its form: look, take, type, keep, complete."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import bar, casefile, drafts, formview, grounds, labels, posted, shown, standing, uploads
from webapp.errors import Trouble, redrawn
from webapp.formpages import form_key
from webapp.house import actor, house
from webapp.languages import language
from webapp.pages.files import sandboxed
from webapp.posted import Posted
from webapp.preferences import kept
from workflows import forms, ledger
from workflows.actors import Actor
from workflows.cases import scales
from workflows.cases.papers import previews
from workflows.desk import commands, inbox, offering, prefill
from workflows.desk.candidates import require_fit
from workflows.desk.execute import execute
from workflows.desk.operators import handing
from workflows.desk.tasks import Task
from workflows.documents.fonts.faces import fonts_of
from workflows.documents.kinds.registry import KINDS
from workflows.documents.printing import render
from workflows.errors import Invalid, NotFound

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happened to the case since the form was drawn."""

    entry: Any
    text: str
    who: str


@blueprint.get("/<task_id>")
def show(task_id: str) -> ResponseReturnValue:
    """The task and its form, with one's draft if there is one."""
    return _page(task_id)


@blueprint.get("/<task_id>/preview/<int:number>.pdf")
def preview(task_id: str, number: int) -> ResponseReturnValue:
    """A paper that completing the task would issue, counted from 1, printed from the case as it stands."""
    who = actor()
    with house().store.read() as session:
        papers = _papers(session, who, _task(session, who, task_id))
        if not 1 <= number <= len(papers):
            raise NotFound("document.unknown", document=f"{task_id}/{number}")
        wanted = papers[number - 1]
        content = wanted.build()
    done = render(wanted.type, content, fonts_of(house().settings.fonts), mark=wanted.mark)
    name = "".join((_("预览"), KINDS[wanted.type].zh, wanted.party, ".pdf"))
    return sandboxed(send_file(io.BytesIO(done.pdf), mimetype="application/pdf", download_name=name, max_age=0))


def _papers(session: Session, who: Actor, task: Task) -> list[previews.Preview]:
    """What a task that still waits would issue, with the words of one's draft where one is kept."""
    if task.state not in ("open", "claimed"):
        return []
    kept = drafts.of(session, who, task)
    return previews.previews(session, who, task.case, task.act, task.variables, kept[0].values if kept else {})


@blueprint.post("/<task_id>/form")
@redrawn(lambda trouble, task_id: _page(task_id, trouble))
def redraw(task_id: str) -> ResponseReturnValue:
    """The same form with a row more or less; nothing is saved."""
    _require_fit_for_files(task_id)
    typed, problems = uploads.received()
    fresh = posted.change_rows(typed, request.form.get("rows", ""))
    trouble = Trouble(200, "", "invalid", "", "", problems=problems) if problems else None
    return kept(_page(task_id, trouble, focus=fresh))


@blueprint.post("/<task_id>/claim")
def claim(task_id: str) -> ResponseReturnValue:
    """Take a task that was offered."""
    execute(house().store, commands.claim_task, actor(), task_id, seen=_seen())
    flash(_("任务已认领。"), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


@blueprint.post("/<task_id>/release")
def release(task_id: str) -> ResponseReturnValue:
    """Give a task back to the others it was offered to."""
    execute(house().store, commands.release_task, actor(), task_id, seen=_seen())
    flash(_("任务已退回，其他候选人可以认领。"), "success")
    return redirect(url_for("desk.show", list="claimable"))


@blueprint.post("/<task_id>/draft")
@redrawn(lambda trouble, task_id: _page(task_id, trouble))
def draft(task_id: str) -> ResponseReturnValue:
    """Keep what is typed so far, wrong or right."""
    _require_fit_for_files(task_id)
    typed, problems = uploads.received()
    if problems:
        raise Invalid("form.invalid", problems)
    drafts.save(actor(), task_id, typed)
    then = request.form.get("then", "")
    if then in bar.WORDS:  # on the way to an operator's page: what is typed is kept and no word is made of it
        return redirect(url_for("operators.show", task_id=task_id, name=then))
    flash(_("草稿已保存，尚未提交。"), "success")
    return redirect(url_for("tasks.show", task_id=task_id))


@blueprint.post("/<task_id>/hand-back")
@redrawn(lambda trouble, task_id: _page(task_id, trouble))
def hand_back(task_id: str) -> ResponseReturnValue:
    """Give what one prepared back to whoever answers for it."""
    _require_fit_for_files(task_id)
    typed, problems = uploads.received()
    if problems:
        raise Invalid("form.invalid", problems)
    note = " ".join(typed.values.pop("hand_back_note", []))
    execute(
        house().store, handing.hand_back_task, actor(), task_id, note=note, draft=typed.to_json(), seen=_seen(),
        key=request.form.get("key", ""),
    )  # fmt: skip
    flash(_("已交回，由委派人核对办结。"), "success")
    return redirect(url_for("desk.show"))


@blueprint.post("/<task_id>/complete")
@redrawn(lambda trouble, task_id: _page(task_id, trouble))
def complete(task_id: str) -> ResponseReturnValue:
    """Send the form and go on to the next task of this case, else to the desk."""
    _require_fit_for_files(task_id)
    typed, problems = uploads.received()
    if problems:
        raise Invalid("form.invalid", problems)
    with house().store.read() as session:
        form = offering.task_form(session, _task(session, actor(), task_id))
    done = execute(
        house().store, commands.complete_task, actor(), task_id, forms.read(form, typed.values, typed.files),
        seen=_seen(), key=request.form.get("key", ""),
    )  # fmt: skip
    return _onward(done)


def _onward(done: commands.Completed) -> ResponseReturnValue:
    """Tell what was done, and what comes next."""
    with house().store.read() as session:
        task = session.get_one(Task, done.task_id)
        name, number = labels.step_name(session, task), task.case.number or task.case.title
        waits = task.effect is not None
    if done.replayed:
        flash(_("“%(step)s”此前已经提交成功，未重复办理。", step=name), "info")
    elif waits:
        flash(_("“%(step)s”已提交，待后加签人员签署同意后办结（%(case)s）。", step=name, case=number), "success")
    elif done.next_task_id == done.task_id:
        flash(_("已登记部分缴纳，“%(step)s”继续办理（%(case)s）。", step=name, case=number), "success")
    else:
        flash(_("“%(step)s”已办结（%(case)s）。", step=name, case=number), "success")
    if done.next_task_id:
        return redirect(url_for("tasks.show", task_id=done.next_task_id))
    return redirect(url_for("desk.show"))


def _seen() -> int:
    """The version that the form was drawn from; 0, which is never current, when it is missing."""
    return request.form.get("seen", 0, type=int)


def _require_fit_for_files(task_id: str) -> None:
    """Refuse files of somebody whose task this is not before they are stored. Raises NotFound, Forbidden."""
    with house().store.read() as session:
        task = _task(session, actor(), task_id)
        prepares = task.owner_id is not None and task.assignee_id == actor().person_id
        if request.files and task.state in ("open", "claimed") and not prepares:
            stands_in = "substitute" in offering.task_operators(session, task)
            require_fit(session, actor(), task, task.case, stands_in=stands_in)


def _task(session: Session, who: Actor, task_id: str) -> Task:
    task = session.get(Task, task_id)
    if task is None or not drafts.visible(session, who, task):
        raise NotFound("task.unknown", task=task_id)
    return task


def _page(task_id: str, trouble: Trouble | None = None, focus: str | None = None) -> ResponseReturnValue:
    """The task as it stands now; after a refusal with what was typed, and with what happened meanwhile."""
    who = actor()
    with house().store.read() as session:
        task = _task(session, who, task_id)
        form = offering.task_form(session, task)
        typed, saved = _typed(session, who, task, form)
        operators = offering.task_operators(session, task)
        stands = standing.of(session, who, task, operators)
        options = offering.task_options(session, task, task.case, who)
        drawn = formview.view(form, options, typed, trouble.problems if trouble else (), focus)
        stale = trouble is not None and trouble.kind == "stale"
        return render_template(
            "tasks/show.html", task=task, case=task.case, step=labels.step_name(session, task), form=drawn,
            stands=stands, mine=stands.mine, claimable=stands.claimable, saved=saved, trouble=trouble,
            key=form_key(trouble), releasable=_releasable(who, task, operators),
            left=shown.left_of(session, task), waits_for=inbox.waiting_for(task),
            sheet=casefile.sheet(session, task.case), copies=posted.typed(form, typed) if stale and typed else [],
            meanwhile=_meanwhile(session, task) if stale else [], papers=_papers(session, who, task),
            scales=scales.scales_of(session, task.case) if formview.asks(form, "stages") else [],
            **_grounds(session, task), **_around(session, who, task, stands),
        )  # fmt: skip


def _releasable(who: Actor, task: Task, operators: frozenset[str]) -> bool:
    """Whether the holder may give the step back to the others it was offered to."""
    plain = task.owner_id is None and task.effect is None  # neither delegated nor answered
    return plain and task.assignee_id == who.person_id and "release" in operators and len(task.candidates) > 1


def _around(session: Session, who: Actor, task: Task, stands: standing.Standing) -> dict[str, Any]:
    """What the operators made of the step: buttons, who was asked beside it, why it came back, where it leads."""
    signed, parent = standing.asked_of(task), task.parent
    answered = None
    if signed is not None and parent is not None:  # who signs after a step sees what is to be signed
        form = offering.task_form(session, parent)
        options = offering.task_options(session, parent, task.case, who)
        answered = formview.view(form, options, posted.from_answer(form, signed), (), None)
    return {
        "bar": bar.of_task(session, who, task), "suspended": standing.suspended(task.case), "answered": answered,
        "kind": standing.kind_name(task), "beside": standing.beside(session, who, task),
        "returned": standing.returned(session, task),
        "ways": standing.ways(session, task) if stands.mine and not stands.prepares else [],
        "doer": casefile.both_names(
            task.ended_by.name if task.ended_by else "", task.ended_for.name if task.ended_for else ""
        ),
    }  # fmt: skip


def _grounds(session: Session, task: Task) -> dict[str, Any]:
    """What must be known before this step is decided."""
    referral = task.process_key == grounds.REFERRAL or task.act == "referral"
    return {
        "asked": grounds.asked(session, task.case, task),
        "suspicions": grounds.suspicions(session, task.case) if referral else [],
        "basis": grounds.basis(session, task.case) if task.act == "decision" else None,
    }


def _typed(session: Session, who: Actor, task: Task, form: forms.Form) -> tuple[Posted | None, Any]:
    """What the form starts with: what was just sent, else a finished task's answer, else the draft, else nothing."""
    if request.method == "POST":
        return uploads.received()[0], None
    if task.state == "completed":
        return posted.from_answer(form, task.answer or {}), None
    kept = drafts.of(session, who, task)
    if kept is not None:
        return kept[0], kept[1].saved_at
    proposed = prefill.start(session, task, form)
    return (posted.from_answer(form, proposed), None) if proposed else (None, None)


def _meanwhile(session: Session, task: Task) -> list[Meanwhile]:
    """The last entries about the case: the one that overtook this form is among them."""
    entries = [e for e in ledger.timeline(session, task.case_id) if e.actor_id != "system"][-5:]
    return [
        Meanwhile(entry, ledger.describe(entry, language()), casefile.doer(session, entry))
        for entry in reversed(entries)
    ]
