"""The files of a draft for the editors of the studio: read, saved with the revision they were drawn from, checked.

What scripts ask is answered as JSON, refusals too: {"code", "sentence"}. The pages of the editors are those of
`templates/studio/edit_*.html`; the editors of bpmn.io write styles into elements, which their pages alone allow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp import studiochoices
from webapp.errors import Trouble, redrawn
from webapp.house import actor, house
from webapp.languages import language
from webapp.security import content_policy
from webapp.sentences import tell
from webapp.studiofindings import findings_of_draft
from webapp.tested import tested_draft
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.diagrams import drafting, drafts, legible, trying
from workflows.diagrams.draft_tables import OPEN, ProcessDraft
from workflows.errors import Invalid, NotFound, Stale
from workflows.rehearsal import trials

blueprint = Blueprint("editing", __name__, url_prefix="/studio/drafts/<draft_id>")

KINDS = {"bpmn": "diagram", "dmn": "decision", "form": "form", "yaml": "description"}
"""Ending of a file → its editor."""
POLICY = content_policy(style_src="'self' 'unsafe-inline'")
_REVISION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')


def in_json(trouble: Trouble, **_view: str) -> ResponseReturnValue:
    """A refusal as scripts read it."""
    return jsonify(code=trouble.code, sentence=trouble.sentence)


@blueprint.get("/files/<path:path>")
@redrawn(in_json)
def file(draft_id: str, path: str) -> ResponseReturnValue:
    """A file as it stands, byte for byte; its revision is the ETag. ?save=1: to be kept on disk."""
    with house().store.read() as session:
        drafts.draft(session, actor(), draft_id)
        data, revision = drafts.content(session, draft_id, path)
    response = Response(data, mimetype="application/octet-stream")
    response.set_etag(str(revision))
    # What an administrator uploaded must not be shown as a page of ours.
    name = path.rpartition("/")[2]
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.put("/files/<path:path>")
@redrawn(in_json)
def save(draft_id: str, path: str) -> ResponseReturnValue:
    """Save a file. If-Match: the revision it was drawn from, "0" for a new file, * over whatever stands.

    409 where somebody else was faster: {code, sentence, by, at, revision}; the text is kept beside the draft.
    """
    if (request.content_length or 0) > drafting.MAX_FILE:
        raise Invalid("draft.file_too_large", file=path, megabytes=drafting.MAX_FILE // 1_000_000)
    saved = execute(
        house().store, drafting.save_file, actor(), draft_id, path, request.get_data(cache=False), seen=seen_revision()
    )
    if saved.lost is not None:
        return lost_to(saved.lost), 409
    response = jsonify(revision=saved.revision, saved_at=clock.local(saved.at).isoformat())
    response.set_etag(str(saved.revision))
    return response


@blueprint.delete("/files/<path:path>")
@redrawn(in_json)
def remove(draft_id: str, path: str) -> ResponseReturnValue:
    """Take a file out of the draft. If-Match and 409 as for `save`."""
    try:
        revision = execute(house().store, drafting.remove_file, actor(), draft_id, path, seen=seen_revision())
    except Stale as lost:
        return lost_to(lost), 409
    return jsonify(revision=revision, saved_at=clock.local(clock.now()).isoformat())


@blueprint.get("/choices.json")
@redrawn(in_json)
def choices(draft_id: str) -> ResponseReturnValue:
    """What the editors offer to choose from (`webapp.studiochoices`)."""
    with house().store.read() as session:
        row = drafts.draft(session, actor(), draft_id)
        offered = studiochoices.choices_of(session, row.id, row.process_key, drafts.contents(session, row.id))
    return jsonify(offered)


@blueprint.post("/check")
@redrawn(in_json)
def check(draft_id: str) -> ResponseReturnValue:
    """What the checks find in the draft as it is saved. ?tests=1: its tests that have not passed are run before."""
    if request.args.get("tests") and actor().roles.intersection(drafts.EDITORS):
        tested_draft(draft_id)
    with house().store.read() as session:
        return jsonify(findings=findings_of_draft(session, drafts.draft(session, actor(), draft_id)))


@blueprint.post("/reading")
@redrawn(in_json)
def reading(draft_id: str) -> ResponseReturnValue:
    """Whether a file can be read that is to take the place of another; 422 {code, sentence} where it can't.

    ?name=: what it is called; ?file=: whose place it takes, which tells the language that it must be in.
    """
    with house().store.read() as session:
        drafts.draft(session, actor(), draft_id)
    name = request.args.get("name", "")[-120:]
    if (request.content_length or 0) > drafting.MAX_FILE:
        raise Invalid("draft.file_too_large", file=name, megabytes=drafting.MAX_FILE // 1_000_000)
    problem = legible.unreadable(request.args.get("file", ""), request.get_data(cache=False))
    if problem is not None:
        return jsonify(code=problem.code, sentence=tell(replace(problem, place=name), language())), 422
    return "", 204


@blueprint.get("/edit/diagram")
def diagram(draft_id: str) -> ResponseReturnValue:
    """The editor of the draft's diagram."""
    return _editor(draft_id, "diagram")


@blueprint.get("/edit/description")
def description(draft_id: str) -> ResponseReturnValue:
    """The editor of the draft's process.yaml."""
    return _editor(draft_id, "description")


@blueprint.get("/edit/decision/<file>")
def decision(draft_id: str, file: str) -> ResponseReturnValue:
    """The editor of a decision table."""
    return _editor(draft_id, "decision", file)


@blueprint.get("/edit/form/<file>")
def form(draft_id: str, file: str) -> ResponseReturnValue:
    """The editor of a form. file: its name within forms/."""
    return _editor(draft_id, "form", f"forms/{file}")


def editor_url(draft_id: str, path: str) -> str:
    """The address of the editor of a file; empty for a file that has none."""
    kind = KINDS.get(path.rpartition(".")[2], "")
    if kind == "diagram":
        return url_for("editing.diagram", draft_id=draft_id)
    if kind == "description":
        return url_for("editing.description", draft_id=draft_id) if path == "process.yaml" else ""
    if kind == "form":
        if not path.startswith("forms/"):
            return ""
        return url_for("editing.form", draft_id=draft_id, file=path.removeprefix("forms/"))
    return url_for("editing.decision", draft_id=draft_id, file=path) if kind else ""


def label_of(path: str, files: Mapping[str, bytes]) -> str:
    """What a file is called on a page."""
    kind = KINDS.get(path.rpartition(".")[2], "")
    if kind == "diagram":
        return str(_("流程图"))
    if path == "process.yaml":
        return str(_("流程说明"))
    if kind == "form":
        return studiochoices.form_label(path.removeprefix("forms/").removesuffix(".form"), files)
    if path.startswith(trying.FOLDER):
        return str(_("测试“%(title)s”", title=trials.title(files, path)))
    return path.removesuffix(".dmn")


def way_back(row: ProcessDraft, files: Mapping[str, bytes]) -> dict[str, str]:
    """The editor that somebody came from (?editor=…, a path in the draft), else that of the diagram.

    came: the path, empty for nobody's; url, label: of the editor; both empty where the draft has no such file.
    """
    came = request.values.get("editor", "")
    came = came if came in files and editor_url(row.id, came) else ""
    path = came or next((one for one in ordered(files) if editor_url(row.id, one)), "")
    return {"came": came, "url": editor_url(row.id, path), "label": label_of(path, files) if path else ""}


def readonly(row: ProcessDraft, who: Actor) -> bool:
    """Whether somebody may only look at a draft."""
    return row.state != OPEN or not who.roles.intersection(drafts.EDITORS)


def _editor(draft_id: str, kind: str, path: str | None = None) -> ResponseReturnValue:
    with house().store.read() as session:
        row = drafts.draft(session, actor(), draft_id)
        files = drafts.contents(session, row.id)
        path = path or next((one for one in ordered(files) if KINDS.get(one.rpartition(".")[2]) == kind), None)
        if path is None or path not in files or KINDS.get(path.rpartition(".")[2]) != kind:
            raise NotFound("draft.file_unknown", file=path or "")
        editor = _editor_of(session, row, path, files)
    response = Response(render_template(f"studio/edit_{kind}.html", editor=editor))
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _editor_of(session: Session, row: ProcessDraft, path: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """What the templates of the editors want to know (`templates/studio/edit_diagram.html`)."""

    def of(name: str) -> str:
        return url_for("editing.file", draft_id=row.id, path=name)

    drawn = next((one for one in files if one.endswith(".bpmn")), f"{row.process_key}.bpmn")
    return {
        "title": f"{studiochoices.draft_title(row.process_key, files)} · {row.name}",
        "back": url_for("drafts.show", draft_id=row.id), "file": path, "readonly": readonly(row, actor()),
        "files": [
            {"path": one, "kind": KINDS[one.rpartition(".")[2]], "url": url, "label": label_of(one, files),
             "current": one == path}
            for one in ordered(files) if (url := editor_url(row.id, one))
        ],
        "urls": {
            "file": of(path), "description": of("process.yaml"), "diagram": of(drawn),
            "choices": url_for("editing.choices", draft_id=row.id), "check": url_for("editing.check", draft_id=row.id),
            "try": url_for("trying.index", draft_id=row.id, editor=path),
            "reading": url_for("editing.reading", draft_id=row.id, file=path),
            "mend": url_for("mending.in_editor", draft_id=row.id),
            "new": url_for("adding.in_editor", draft_id=row.id),
        },
    }  # fmt: skip


def ordered(files: Mapping[str, bytes]) -> list[str]:
    """The diagram first, then tables, the description, forms."""
    order = (".bpmn", ".dmn", ".yaml", ".form")
    return sorted(files, key=lambda one: (next((n for n, end in enumerate(order) if one.endswith(end)), 9), one))


def seen_revision() -> int | None:
    """The revision in If-Match; 0 where there is none, None for "*"."""
    said = request.headers.get("If-Match", "").strip()
    if said == "*":
        return None
    found = _REVISION.fullmatch(said)
    return int(found[1]) if found else 0


def lost_to(error: Stale) -> Response:
    """What a script is told that came second: {code, sentence, by, at, revision}."""
    facts = error.facts
    return jsonify(
        code=error.code, sentence=tell(error, language()), by=facts["by"], at=clock.local(facts["at"]).isoformat(),
        revision=facts["revision"],
    )  # fmt: skip
