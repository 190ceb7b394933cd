"""What a check found, put right by one button: on the page of a draft, and in its editors, whose scripts read JSON."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.errors import redrawn
from webapp.house import actor, house
from webapp.pages.drafts import draft_page
from webapp.pages.editing import in_json, lost_to, seen_revision
from workflows.desk.execute import execute
from workflows.diagrams import mending
from workflows.errors import Stale

blueprint = Blueprint("mending", __name__, url_prefix="/studio/drafts/<draft_id>/leftovers")


@blueprint.post("")
@redrawn(draft_page)
def leftovers(draft_id: str) -> ResponseReturnValue:
    """Take settings without an element out of process.yaml, or move them to another id (old, new), from the page."""
    _revision, told = _mended(draft_id, request.form.get("seen", 0, type=int))
    flash(told, "success")
    return redirect(url_for("drafts.show", draft_id=draft_id))


@blueprint.post("/json")
@redrawn(in_json)
def in_editor(draft_id: str) -> ResponseReturnValue:
    """The same from an editor. If-Match: the revision of process.yaml; 409 where somebody else was faster."""
    try:
        revision, told = _mended(draft_id, seen_revision() or 0)
    except Stale as lost:
        return lost_to(lost), 409
    return jsonify(revision=revision, sentence=told)


def _mended(draft_id: str, seen: int) -> tuple[int, str]:
    """The revision of process.yaml, and what became of it."""
    old, new = request.values.get("old", ""), request.values.get("new", "")
    if old and new:
        revision = execute(house().store, mending.move_leftovers, actor(), draft_id, old, new, seen=seen)
        return revision, _("“%(old)s”的设置已改到“%(new)s”。", old=old, new=new)
    revision = execute(house().store, mending.clear_leftovers, actor(), draft_id, seen=seen)
    if revision == seen:
        return revision, _("没有需要清除的设置，文件没有改动。")
    return revision, _("已从流程说明中清除流程图里没有的环节和元素的设置，可以从保存记录恢复。")
