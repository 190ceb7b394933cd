"""Drafts of processes: begun, their files and saves looked at, released or thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from webapp.errors import Trouble, redrawn
from webapp.formpages import form_key
from webapp.house import actor, house
from webapp.languages import language
from webapp.pages.editing import editor_url, label_of, ordered, readonly
from webapp.sentences import tell
from webapp.studiochoices import draft_title, title_of
from webapp.studiofindings import beside, by_name, findings_of_draft
from webapp.studiosides import version_of
from webapp.upgraded import upgraded
from workflows.desk.execute import execute
from workflows.diagrams import drafting, drafts, library, releases, trying, upgrades
from workflows.diagrams.archive import read_import
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.engine import packages
from workflows.engine.package import MAX_BYTES
from workflows.errors import Invalid, Problem

blueprint = Blueprint("drafts", __name__, url_prefix="/studio/drafts")

SHOWN = 50
"""Saves that the page lists."""
NAMED = 12
"""Files left out of an import that are named."""


def new_page(trouble: Trouble | None = None) -> str:
    """The form for a draft of a new process, or from a file."""
    with house().store.read() as session:
        known = {key: title_of(session, key) for key in library.keys(session)}
    return render_template("studio/new.html", trouble=trouble, typed=request.form, key=form_key(trouble), known=known)


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form for a draft of a new process, or from a file."""
    return new_page()


@blueprint.post("")
@redrawn(new_page)
def create() -> ResponseReturnValue:
    """Begin a draft: of a version, of what the program brings, of a file, or of nothing."""
    form, store, who = request.form, house().store, actor()
    key, name, id = form.get("process", "").strip(), form.get("name", ""), form.get("key", "")
    origin, uploaded = form.get("origin", ""), request.files.get("file")
    if origin == "version":
        number = form.get("version", 0, type=int)
        row = execute(store, drafting.begin_from_version, who, key, number, name or _fresh(key, _purpose(key, number)),
                      draft_id=id)  # fmt: skip
    elif origin == upgrades.UPGRADE:
        name = name or _fresh(key, _("并入程序升级"))
        row = execute(store, upgrades.begin_from_upgrade, who, key, name, draft_id=id)
    elif origin == "shipped":
        name = name or _fresh(key, _("随程序提供的版本"))
        row = execute(store, drafting.begin_from_shipped, who, key, name, draft_id=id)
    elif origin == "import":
        file, data = _arrived(uploaded)
        row = execute(store, drafting.begin_imported, who, key, name or file[:100], file, data, draft_id=id)
        _tell_left(read_import(key, file, data).left)
    else:
        row = execute(store, drafting.begin_empty, who, key, name, draft_id=id)
    flash(_("草稿已建立，现行版本不受影响。"), "success")
    return redirect(url_for("drafts.show", draft_id=row.id))


def _purpose(key: str, number: int) -> str:
    """What a draft of a version is for: the version in force is changed, an older one brought back."""
    with house().store.read() as session:
        present = library.versions(session, key)[:1]
    if present and number < present[0].version:
        return str(_("恢复第 %(number)d 版", number=number))
    return str(_("第 %(number)d 版的修改", number=number))


def _fresh(key: str, name: str) -> str:
    """A name that no open draft of the process has: the next one is numbered."""
    with house().store.read() as session:
        taken = {row.name for row in drafts.open_drafts(session, key)}
    numbered = (str(_("%(name)s（%(number)d）", name=name, number=number)) for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


@blueprint.get("/<draft_id>")
def show(draft_id: str) -> ResponseReturnValue:
    """A draft: its files, what the checks find, who saved what, and the request for its release."""
    return draft_page(None, draft_id)


def draft_page(trouble: Trouble | None, draft_id: str, **_view: str) -> ResponseReturnValue:
    """The page of a draft; after a refusal with its reason and what was typed."""
    with house().store.read() as session:
        row = drafts.draft(session, actor(), draft_id)
        parts, files = _parts(session, row, trouble), drafts.contents(session, row.id)
        trouble = by_name(trouble, files, beside(session, files))
        return render_template("studio/draft.html", trouble=trouble, typed=request.form, **parts)


def _address(row: ProcessDraft, path: str) -> str:
    """The editor of a file; of a test its row among the tests."""
    if path.startswith(trying.FOLDER):
        return url_for("trying.index", draft_id=row.id, _anchor=path)
    return editor_url(row.id, path)


def _parts(session: Session, row: ProcessDraft, trouble: Trouble | None) -> dict[str, Any]:
    files, states = drafts.contents(session, row.id), {one.path: one for one in drafts.files(session, row.id)}
    copies = drafts.copies(session, row.id)
    present = packages.current(session, row.process_key)
    asked = [one for one in releases.of_process(session, row.process_key) if one.draft_id == row.id]
    live = releases.live(session, row.process_key)
    return {
        "draft": row, "title": draft_title(row.process_key, files), "readonly": readonly(row, actor()),
        "keeper": bool(actor().roles.intersection(drafts.EDITORS)),
        "files": [(states[path], label_of(path, files), _address(row, path)) for path in ordered(files)],
        "found": findings_of_draft(session, row), "saves": drafts.revisions(session, row.id)[:SHOWN],
        "copies": copies, "copies_mark": drafts.copies_mark(copies), "asked": asked, "live": live,
        "people": drafts.names(session, [row.author_id, row.changed_by_id, *row.writers,
                                         *(one.asked_by_id for one in [*asked, *live])]),
        "deciders": [one.name for one in releases.deciders(session, [actor().person_id, *row.writers])],
        "present": version_of(session, row.process_key, present), "present_hash": present,
        "upgrade": upgraded(session, row, files, {one.path: one.revision for one in states.values()}),
        "moved": row.present_hash != present, "key": form_key(trouble), "megabytes": MAX_BYTES // 1_000_000,
    }  # fmt: skip


@blueprint.get("/<draft_id>.zip")
def export(draft_id: str) -> ResponseReturnValue:
    """The draft as a zip."""
    with house().store.read() as session:
        row = drafts.draft(session, actor(), draft_id)
    return redirect(url_for("studio.export", key=row.process_key, ref=f"draft-{row.id}"))


@blueprint.post("/<draft_id>/name")
@redrawn(draft_page)
def rename(draft_id: str) -> ResponseReturnValue:
    """Call the draft something else."""
    execute(house().store, drafting.rename_draft, actor(), draft_id, request.form.get("name", ""))
    return _back(draft_id, _("草稿名称已更改。"))


@blueprint.post("/<draft_id>/discard")
@redrawn(draft_page)
def discard(draft_id: str) -> ResponseReturnValue:
    """Close the draft without publishing it."""
    execute(house().store, drafting.discard, actor(), draft_id)
    flash(_("草稿已作废，内容仍可查看和导出。"), "success")
    return redirect(url_for("studio.index"))


@blueprint.post("/<draft_id>/undo")
@redrawn(draft_page)
def undo(draft_id: str) -> ResponseReturnValue:
    """Make the draft as it was after an earlier save."""
    wanted, seen = request.form.get("revision", 0, type=int), request.form.get("seen", 0, type=int)
    execute(house().store, drafting.undo_to, actor(), draft_id, wanted, seen=seen)
    return _back(draft_id, _("已恢复到第 %(number)d 次保存的内容。", number=wanted))


@blueprint.post("/<draft_id>/files")
@redrawn(draft_page)
def upload(draft_id: str) -> ResponseReturnValue:
    """Put files into the draft, over those of the same name."""
    with house().store.read() as session:
        key = drafts.draft(session, actor(), draft_id).process_key
    files: dict[str, bytes] = {}
    left: list[Problem] = []
    uploaded: list[FileStorage | None] = [*request.files.getlist("files")]
    for one in uploaded or [None]:
        read = read_import(key, *_arrived(one))
        files |= read.files
        left += read.left
    execute(house().store, drafting.import_files, actor(), draft_id, files)
    _tell_left(left)
    return _back(draft_id, _("已导入：%(files)s", files="、".join(sorted(files))))


@blueprint.post("/<draft_id>/rename")
@redrawn(draft_page)
def rename_file(draft_id: str) -> ResponseReturnValue:
    """Give a file of the draft another name."""
    path, new = request.form.get("path", ""), request.form.get("new", "").strip()
    execute(house().store, drafting.rename_file, actor(), draft_id, path, new)
    return _back(draft_id, _("文件已改名为“%(name)s”。", name=new))


@blueprint.post("/<draft_id>/remove")
@redrawn(draft_page)
def remove_file(draft_id: str) -> ResponseReturnValue:
    """Take a file out of the draft."""
    path = request.form.get("path", "")
    seen = request.form.get("seen", 0, type=int)
    execute(house().store, drafting.remove_file, actor(), draft_id, path, seen=seen)
    return _back(draft_id, _("文件“%(name)s”已删除，可以恢复到此前的保存。", name=path))


@blueprint.get("/<draft_id>/copies/<copy_id>")
def copy(draft_id: str, copy_id: str) -> ResponseReturnValue:
    """What was kept beside the draft, as a file."""
    with house().store.read() as session:
        drafts.draft(session, actor(), draft_id)
        kept = drafts.copy(session, draft_id, copy_id)
        data, name = drafts.unpacked(kept.data), kept.path.rpartition("/")[2]
    response = Response(data, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.post("/<draft_id>/copies/<copy_id>/take")
@redrawn(draft_page)
def take_copy(draft_id: str, copy_id: str) -> ResponseReturnValue:
    """Save what was kept beside the draft over what stands; of a closed one (key: of the new draft), in a new draft."""
    if id := request.form.get("key"):
        with house().store.read() as session:
            row = drafts.draft(session, actor(), draft_id)
        name = _fresh(row.process_key, _("采用“%(name)s”的副本", name=row.name[:60]))
        row = execute(house().store, drafting.take_copy_anew, actor(), draft_id, copy_id, name, new_id=id)
        return _back(row.id, _("已用副本建立新草稿，现行版本不受影响。请与现行版本比较。"))
    execute(house().store, drafting.take_copy, actor(), draft_id, copy_id)
    return _back(draft_id, _("已采用副本，原内容可以从保存记录恢复。"))


@blueprint.post("/<draft_id>/copies/<copy_id>/drop")
@redrawn(draft_page)
def drop_copy(draft_id: str, copy_id: str) -> ResponseReturnValue:
    """Throw away what was kept beside the draft."""
    execute(house().store, drafting.drop_copy, actor(), draft_id, copy_id)
    return _back(draft_id, _("副本已删除。"))


def _back(draft_id: str, told: str) -> ResponseReturnValue:
    flash(told, "success")
    return redirect(url_for("drafts.show", draft_id=draft_id))


def _tell_left(left: Sequence[Problem]) -> None:
    """Say which files of a zip were left out, and why."""
    if left:
        named = [tell(one, language()) for one in left[:NAMED]]
        more = [_("另有 %(number)s 个", number=len(left) - NAMED)] if len(left) > NAMED else []
        said = _("；").join([*named, *more])
        flash(_("压缩包中有 %(number)s 个文件没有导入：%(files)s。", number=len(left), files=said), "warning")


def _arrived(uploaded: FileStorage | None) -> tuple[str, bytes]:
    """An uploaded file, no more of it than a package may weigh. Raises Invalid."""
    if uploaded is None or not uploaded.filename:
        raise Invalid("draft.import_none")
    limit = MAX_BYTES if uploaded.filename.lower().endswith(".zip") else drafting.MAX_FILE
    data = uploaded.stream.read(limit + 1)
    if len(data) > limit or getattr(uploaded.stream, "too_large", False):
        raise Invalid("draft.file_too_large", file=uploaded.filename[-120:], megabytes=limit // 1_000_000)
    return uploaded.filename, data
