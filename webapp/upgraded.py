"""A draft that an upgrade of the program was put onto: which file whose change is, and how the draft stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from webapp.studiowords import WHOSE
from workflows.diagrams import upgrades
from workflows.diagrams.draft_tables import ProcessDraft


def upgraded(
    session: Session, row: ProcessDraft, files: Mapping[str, bytes], revisions: Mapping[str, int]
) -> dict[str, Any] | None:  # fmt: skip
    """What templates/studio/upgrade.html shows of a draft; None for one that did not begin so.

    files, revisions: of the draft as it stands, by path. version: the bureau's; both: paths that both changed; seen:
    the revisions, sent along with a choice; rows: (path, who changed it, whose file stands in the draft now: program,
    bureau, or "other").
    """
    sides = upgrades.sides_of(session, row)
    if sides is None:
        return None
    changed = sides.changed()
    rows = [(path, who, _standing(sides, path, files.get(path))) for path, who in changed.items()]
    rows.sort(key=lambda one: (list(WHOSE).index(one[1]), one[0]))
    return {
        "version": sides.version, "rows": rows, "whose": WHOSE, "seen": revisions,
        "both": [path for path, who in changed.items() if who == upgrades.BOTH],
    }  # fmt: skip


def _standing(sides: upgrades.Sides, path: str, data: bytes | None) -> str:
    if data == sides.theirs.get(path):
        return upgrades.PROGRAM
    return upgrades.BUREAU if data == sides.ours.get(path) else "other"
