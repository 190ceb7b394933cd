"""The way on which a finding goes wrong, played in the diagrams that it leads through: a calling process's, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from webapp.elementnames import called
from webapp.house import actor, house
from webapp.studiochoices import draft_title, title_of
from webapp.studiofindings import beside, findings_of
from webapp.studiosides import version_of
from workflows.diagrams import checking, drafts
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.proof import Finding, Step
from workflows.engine import packages
from workflows.errors import Invalid

blueprint = Blueprint("paths", __name__, url_prefix="/studio/drafts")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a path within one process. version: which of its versions is drawn; url: its diagram's address.

    steps: elements and flows as {id, name}; own: whether it lies in the draft.
    """

    title: str
    version: str
    url: str
    steps: Sequence[Mapping[str, str]]
    own: bool


@blueprint.get("/<draft_id>/path")
def show(draft_id: str) -> ResponseReturnValue:
    """The path of one finding of a draft as it is saved (?code=…&process=…&element=…), stretch by stretch."""
    with house().store.read() as session:
        row = drafts.draft(session, actor(), draft_id)
        files = drafts.contents(session, row.id)
        one = _finding(session, row)
        found = findings_of([one], files, beside(session, files))[0] if one is not None else None
        return render_template(
            "studio/path.html", draft=row, title=draft_title(row.process_key, files), found=found,
            calling=title_of(session, one.process) if one is not None and one.process != row.process_key else "",
            stretches=_stretches(session, row, files, one.path) if one is not None else [],
        )  # fmt: skip


def _finding(session: Session, row: ProcessDraft) -> Finding | None:
    """The finding that the address names; None where the draft has it no more."""
    wanted = tuple(request.args.get(name, "") for name in ("code", "process", "element"))
    try:
        found = checking.findings(session, drafts.package(session, row))
    except Invalid:  # no package at all by now
        return None
    return next((one for one in found if one.path and (one.code, one.process, one.element) == wanted), None)


def _stretches(
    session: Session, row: ProcessDraft, files: Mapping[str, bytes], path: Sequence[Step]
) -> list[Stretch]:
    found: list[Stretch] = []
    for key, steps in groupby(path, key=lambda one: one.process):
        own = key == row.process_key
        present = packages.current(session, key)
        ref = f"draft-{row.id}" if own else version_of(session, key, present)
        drawn = files if own or present is None else packages.stored(session, present).files
        names = called(drawn)
        version = _("草稿“%(name)s”", name=row.name) if own else _("第 %(number)s 版", number=ref.removeprefix("v"))
        found.append(Stretch(
            draft_title(key, drawn), str(version), url_for("studio.drawing_of", key=key, ref=ref),
            [{"id": one.id, "name": names.get(one.id, one.id)} for one in steps], own,
        ))  # fmt: skip
    return found
