"""Plays as tests of a process: recorded into the draft, run, updated with a reason, opened again as a play."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.errors import redrawn
from webapp.house import actor, house
from webapp.pages.trying import index_page, play_page
from workflows.desk.execute import execute
from workflows.diagrams import drafting, trying
from workflows.engine.package import Package
from workflows.errors import NotFound
from workflows.rehearsal import plays, sandbox, trials

blueprint = Blueprint("trials", __name__, url_prefix="/studio")


@blueprint.post("/tries/<play_id>/record")
@redrawn(play_page)
def record(play_id: str) -> ResponseReturnValue:
    """Keep the play as a test of the draft: a new one, or in the place of one (path), which needs a reason."""
    form, who, store = request.form, actor(), house().store
    path, title = form.get("path", ""), form.get("title", "")
    with store.read() as session:
        row = plays.play(session, who, play_id)
        scratch, package = plays.sandbox_of(session, who, row), plays.package_of(session, who, row.draft_id)
    changes = []
    if path:
        earlier = trials.read(package, _known(package, path))
        title, changes = earlier.title, [*earlier.changes, trials.changed(who, form.get("reason", ""))]
    else:
        path = trials.free_path(list(package.files))
    trial = trials.recorded(scratch, row.process_key, title, row.moves, changes)
    execute(store, drafting.save_file, who, row.draft_id, path, trials.written(trial), seen=None)
    flash(_("已录制为测试“%(title)s”，随草稿保存。", title=trial.title), "success")
    return redirect(url_for("trying.index", draft_id=row.draft_id))


@blueprint.post("/drafts/<draft_id>/tests/run")
@redrawn(index_page)
def run(draft_id: str) -> ResponseReturnValue:
    """Run all tests of the draft as it stands."""
    with house().store.read() as session:
        package = plays.package_of(session, actor(), draft_id)
    outcomes = trials.run_all(house().store, actor(), package)
    failed = sum(one.problem is not None for one in outcomes)
    if failed:
        flash(_("%(count)s个测试中有%(failed)s个未通过。", count=len(outcomes), failed=failed), "warning")
    else:
        flash(_("%(count)s个测试全部通过。", count=len(outcomes)), "success")
    return redirect(url_for("trying.index", draft_id=draft_id))


@blueprint.post("/drafts/<draft_id>/tests/update")
@redrawn(index_page)
def update(draft_id: str) -> ResponseReturnValue:
    """What the draft does now is what the test expects from now on; the reason stays in the test.

    first: only so many of its moves stay, where a later one can't be made any more.
    """
    form, who, store = request.form, actor(), house().store
    with store.read() as session:
        package = plays.package_of(session, who, draft_id)
        path = _known(package, form.get("path", ""))
        earlier = trials.read(package, path)
        scratch = sandbox.prepare(session, who, package, earlier.begins)
    first = request.form.get("first", len(earlier.moves), type=int)
    changes = [*earlier.changes, trials.changed(who, form.get("reason", ""))]
    trial = trials.recorded(scratch, earlier.process, earlier.title, earlier.moves[: max(first, 0)], changes)
    execute(store, drafting.save_file, who, draft_id, path, trials.written(trial), seen=None)
    flash(_("测试“%(title)s”已按现在的走向更新。", title=trial.title), "success")
    return redirect(url_for("trying.index", draft_id=draft_id))


@blueprint.post("/drafts/<draft_id>/tests/open")
@redrawn(index_page)
def open_test(draft_id: str) -> ResponseReturnValue:
    """Begin a play with the moves of a test."""
    with house().store.read() as session:
        package = plays.package_of(session, actor(), draft_id)
        trial = trials.read(package, _known(package, request.form.get("path", "")))
    row = execute(
        house().store, plays.begin, actor(), draft_id, trial.process, trial.title, play_id=request.form.get("key", ""),
        moves=[{name: value for name, value in move.items() if name != "then"} for move in trial.moves],
        begins=trial.begins,
    )  # fmt: skip
    return redirect(url_for("trying.show", play_id=row.id))


def _known(package: Package, path: str) -> str:
    if path not in trying.paths(package):
        raise NotFound("draft.file_unknown", file=path[:120])
    return path
