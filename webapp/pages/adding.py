"""New files of a draft: on its page, and in the editor of its diagram, whose script reads JSON."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp import studiochoices
from webapp.errors import redrawn
from webapp.house import actor, house
from webapp.pages.drafts import draft_page
from webapp.pages.editing import editor_url, in_json
from workflows.desk.execute import execute
from workflows.diagrams import adding, drafts

blueprint = Blueprint("adding", __name__, url_prefix="/studio/drafts/<draft_id>/new")

TABLE = "decision"
"""What a request calls a decision table; anything else is a form."""


@blueprint.post("")
@redrawn(draft_page)
def create(draft_id: str) -> ResponseReturnValue:
    """Put a new form or decision table into the draft (kind, new_name, title), or a copy (copied); to its editor."""
    path = _added(draft_id)
    flash(_("已新建文件“%(name)s”。", name=path), "success")
    return redirect(editor_url(draft_id, path))


@blueprint.post("/json")
@redrawn(in_json)
def in_editor(draft_id: str) -> ResponseReturnValue:
    """The same for a script: {path, value, label, url}, as the lists of choices have a form or a decision."""
    path = _added(draft_id)
    with house().store.read() as session:
        row = drafts.draft(session, actor(), draft_id)
        files = drafts.contents(session, row.id)
        offered = studiochoices.choices_of(session, row.id, row.process_key, files)
    stem = path.removeprefix(adding.FOLDER).removesuffix(adding.FORM).removesuffix(adding.TABLE)
    kind = "forms" if path.endswith(adding.FORM) else "decisions"
    label = next((one["label"] for one in offered[kind] if one["value"] == stem), stem)
    return jsonify(path=path, value=stem, label=label, url=url_for(
        "editing.form" if kind == "forms" else "editing.decision", draft_id=draft_id, file=path.rpartition("/")[2]))


def _added(draft_id: str) -> str:
    form, store, who = request.form, house().store, actor()
    name, copied = form.get("new_name", ""), form.get("copied", "")
    if copied:
        return execute(store, adding.copy_file, who, draft_id, copied, name)
    if form.get("kind") == TABLE:
        return execute(store, adding.add_table, who, draft_id, name, form.get("title", ""))
    return execute(store, adding.add_form, who, draft_id, name)
