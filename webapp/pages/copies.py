"""Copies for reading: sending a case to colleagues, seeing who has read of it, and saying that one has."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.errors import Trouble, redrawn
from webapp.formpages import form_key
from webapp.house import actor, house
from webapp.pages.cases import case_of
from workflows.cases import ending, recusals
from workflows.desk import copies, texts
from workflows.desk.execute import execute

blueprint = Blueprint("copies", __name__)


@blueprint.get("/cases/<case_id>/copies")
def show(case_id: str) -> ResponseReturnValue:
    """To whom copies of the case went and who has read of it; for who acts in the case, the form for more."""
    return _page(case_id)


def _page(case_id: str, trouble: Trouble | None = None) -> str:
    who = actor()
    with house().store.read() as session:
        case = case_of(session, who, case_id)
        acts = ending.why_settled(session, case) is None and copies.acts_in(session, who, case)
        people = copies.readers(session, who, case) if acts else []
        units = {post.unit_id: post.unit for _person, post in people}
        return render_template(
            "copies/show.html", case=case, rows=copies.copies_of(session, case_id), acts=acts, trouble=trouble,
            people=[(unit, [one for one in people if one[1].unit_id == unit.id]) for unit in units.values()],
            gone=recusals.recused(session, case.id), chosen=set(request.form.getlist("people")),
            note=request.form.get("note", ""), key=form_key(trouble), longest=texts.LONGEST_NOTE,
        )  # fmt: skip


@blueprint.post("/cases/<case_id>/copies")
@redrawn(lambda trouble, case_id: _page(case_id, trouble))
def send(case_id: str) -> ResponseReturnValue:
    """Send copies to the people who are ticked."""
    sent = execute(
        house().store, copies.send_copies, actor(), case_id, request.form.getlist("people"),
        note=request.form.get("note", ""), key=request.form.get("key", ""),
    )  # fmt: skip
    flash(ngettext("已抄送 %(num)d 人。", "已抄送 %(num)d 人。", sent), "success")
    return redirect(url_for("copies.show", case_id=case_id))


@blueprint.post("/copies/<copy_id>/read")
def acknowledge(copy_id: str) -> ResponseReturnValue:
    """Say that one has read of it, and go to the case."""
    copy = execute(house().store, copies.acknowledge_copy, actor(), copy_id)
    flash(_("已登记阅知。"), "success")
    return redirect(url_for("cases.show", case_id=copy.case_id))
