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
from workflows.diagrams import mending, upgrades
from workflows.errors import Stale

blueprint = Blueprint("mending", __name__, url_prefix="/studio/drafts/<draft_id>/leftovers")
sides = Blueprint("upgrades", __name__, url_prefix="/studio/drafts/<draft_id>/sides")


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


@sides.post("")
@redrawn(draft_page)
def take_side(draft_id: str) -> ResponseReturnValue:
    """Put the program's or the bureau's file into a draft that an upgrade was put onto (path, whose, seen)."""
    path, whose = request.form.get("path", ""), request.form.get("whose", "")
    seen = request.form.get("seen", 0, type=int)
    execute(house().store, upgrades.take_side, actor(), draft_id, path, whose, seen=seen)
    words = _("“%(name)s”已采用程序的文件。") if whose == upgrades.PROGRAM else _("“%(name)s”已改回本局的文件。")
    flash(words % {"name": path}, "success")
    return redirect(url_for("drafts.show", draft_id=draft_id, _anchor="upgrade-title"))


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
