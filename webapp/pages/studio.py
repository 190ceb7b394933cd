"""The studio: which processes there are, their versions, and what is different between two of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from webapp.elementnames import called, words
from webapp.house import actor, house
from webapp.studiochoices import draft_title, form_label, title_of, version_names
from webapp.studiosides import Side, drawing_in_words, side
from webapp.upgraded import upgraded
from workflows.diagrams import difference, drafts, library, releases, suspensions, usage
from workflows.diagrams.archive import zipped
from workflows.diagrams.library import PublishedPackage
from workflows.errors import NotFound

blueprint = Blueprint("studio", __name__, url_prefix="/studio")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """All processes: the version in force, the cases under way, drafts and releases that wait."""
    who = actor()
    with house().store.read() as session:
        keys = library.keys(session)
        newest = {key: library.versions(session, key)[0] for key in keys}
        running, open_drafts, live = usage.running(session), drafts.open_drafts(session), releases.live(session)
        people = drafts.names(session, [
            *(row.published_by for row in newest.values()), *(row.changed_by_id for row in open_drafts),
            *(row.asked_by_id for row in live), *(row.decided_by_id for row in live),
        ])  # fmt: skip
        titles = {key: title_of(session, key) for key in keys}
        titles |= {row.process_key: draft_title(row.process_key, drafts.contents(session, row.id))
                   for row in open_drafts if row.process_key not in titles}  # fmt: skip
        return render_template(
            "studio/index.html", newest=newest, titles=titles, people=people, drafts=open_drafts, live=live,
            offers=sorted(drafts.offers(session)), running=running, older=_on_older(session, running),
            mine={row.id for row in live if releases.may_decide(row, who)}, stands=suspensions.standing(session),
        )  # fmt: skip


def _on_older(session: Session, running: Any) -> dict[str, list[tuple[int, int]]]:
    """Process → (version, cases) of each version that is no longer in force and still has cases."""
    found: dict[str, list[tuple[int, int]]] = {}
    for key in library.keys(session):
        _present, *rest = library.contents(session, key)
        found[key] = [(row.version, running[row.package_hash]) for row, _numbers in rest
                      if running.get(row.package_hash)]  # fmt: skip
    return found


@blueprint.get("/processes/<key>")
def process(key: str) -> ResponseReturnValue:
    """One process: its versions with who, when, why and on what legal basis; drafts; releases."""
    with house().store.read() as session:
        versions = library.versions(session, key)
        open_drafts, asked = drafts.open_drafts(session, key), releases.of_process(session, key)
        if not versions and not open_drafts:
            raise NotFound("engine.process_unknown", key=key)
        people = drafts.names(session, [
            *(row.published_by for row in versions), *(row.changed_by_id for row in open_drafts),
            *(row.asked_by_id for row in asked), *(row.decided_by_id for row in asked),
        ])  # fmt: skip
        return render_template(
            "studio/process.html", key=key, title=_title(session, key, versions), versions=versions, people=people,
            drafts=open_drafts, asked=asked, by_version={row.version: row for row in asked if row.version},
            running=usage.running(session), offered=key in drafts.offers(session), shipped=key in library.shipped(),
            present=versions[0].package_hash if versions else None, stands=suspensions.standing(session),
            version_names=version_names(session, key),
        )  # fmt: skip


def _title(session: Session, key: str, versions: list[PublishedPackage]) -> str:
    if versions:
        return title_of(session, key)
    newest = drafts.open_drafts(session, key)[0]
    return draft_title(key, drafts.contents(session, newest.id))


@blueprint.get("/processes/<key>/compare")
def compare(key: str) -> ResponseReturnValue:
    """Two sides of a process (?old=v1&new=draft-…), one beside the other."""
    if not request.args.keys() & {"old", "new"}:
        raise NotFound("library.version_unknown", process=key, version="—")
    with house().store.read() as session:
        old = side(session, actor(), key, request.args.get("old", "none"))
        new = side(session, actor(), key, request.args.get("new", "none"))
        return render_template(
            "studio/compare.html", key=key, title=title_of(session, key), **compared(key, old, new),
            **_upgrade(session, new),
        )  # fmt: skip


def _upgrade(session: Session, new: Side) -> dict[str, Any]:
    """What templates/studio/upgrade.html shows beside a draft that an upgrade was put onto; nothing beside another."""
    if not new.ref.startswith("draft-"):
        return {}
    row = drafts.draft(session, actor(), new.ref.removeprefix("draft-"))
    return {"draft": row, "upgrade": upgraded(session, row, new.files, {}), "readonly": True}


def compared(key: str, old: Any, new: Any) -> dict[str, Any]:
    """What templates/studio/difference.html shows of two sides."""
    found = difference.compare(old.files, new.files)
    return {
        "old": old, "new": new, "diff": found, "called": {"old": _called(old), "new": _called(new)},
        "form_names": {one.form: form_label(one.form, new.files if one.change != "removed" else old.files)
                       for one in found.forms},
        "marks": {
            which: [{"id": one.id, "change": one.change} for one in found.diagram if one.change not in hidden]
            for which, hidden in (("old", ("added",)), ("new", ("removed",)))
        },
        "drawings": [
            (which, shown, url_for("studio.drawing_of", key=key, ref=shown.ref))
            for which, shown in (("old", old), ("new", new)) if any(path.endswith(".bpmn") for path in shown.files)
        ] if found.diagram else [],
    }  # fmt: skip


def _called(one: Side) -> dict[str, str]:
    """Id, and Chinese name, → what an element is called in the reader's language: steps name their lane by its name."""
    return words(one.files) | called(one.files)


@blueprint.get("/processes/<key>/sides/<ref>/diagram")
def drawing_of(key: str, ref: str) -> ResponseReturnValue:
    """The diagram of one side, for the script that draws it, in the reader's language."""
    with house().store.read() as session:
        data = drawing_in_words(key, side(session, actor(), key, ref).files)
    return Response(data, mimetype="application/octet-stream", headers={"Content-Disposition": "attachment"})


@blueprint.get("/processes/<key>/sides/<ref>.zip")
def export(key: str, ref: str) -> ResponseReturnValue:
    """One side as a zip, to be kept or taken to another installation."""
    with house().store.read() as session:
        found = side(session, actor(), key, ref)
    response = Response(zipped(key, found.files), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=f"{key}-{ref[:16]}.zip")
    return response
