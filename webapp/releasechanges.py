"""Who changed what of a release: each file that differs from the version in force, and who saved it in the draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from webapp.pages.editing import label_of, ordered
from workflows.diagrams import drafts
from workflows.diagrams.difference.changes import ADDED, CHANGED, REMOVED
from workflows.diagrams.draft_tables import FETCHED, ProcessDraft
from workflows.diagrams.release_table import Release


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who saved a file: how often, and when for the last time."""

    name: str
    saves: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that the release changes. change: ADDED, REMOVED or CHANGED; hands: who saved it, the latest first; none
    where the draft began with it as it is.
    """

    path: str
    label: str
    change: str
    hands: Sequence[Hand]


def changed_files(
    session: Session, row: Release, draft: ProcessDraft, old: Mapping[str, bytes], new: Mapping[str, bytes]
) -> list[Changed]:
    """The files that differ between the version in force (old) and what shall be published (new), in reading order.

    Saves after the request are not in it: they are not released.
    """
    hands = _hands(session, row, draft)
    both = {**old, **new}
    return [
        Changed(path, label_of(path, both), _change(path, old, new), hands.get(path, []))
        for path in ordered(both) if old.get(path) != new.get(path)
    ]  # fmt: skip


def _change(path: str, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> str:
    if path not in new:
        return REMOVED
    return CHANGED if path in old else ADDED


def _hands(session: Session, row: Release, draft: ProcessDraft) -> dict[str, list[Hand]]:
    """Path → who saved it up to the request; what a draft of something published began with, nobody wrote."""
    found: dict[str, dict[str, list[datetime]]] = {}
    for one in drafts.revisions(session, row.draft_id):
        if one.number <= row.draft_revision and not (one.number == 1 and draft.origin in FETCHED):
            for path in one.paths:
                found.setdefault(path, {}).setdefault(one.by, []).append(one.at)
    return {path: [Hand(name, len(times), max(times)) for name, times in by.items()] for path, by in found.items()}
