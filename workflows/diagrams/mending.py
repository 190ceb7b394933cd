"""Putting right what a check found, by one button: an ordinary save of a file of the draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.diagrams import drafting, drafts, leftovers
from workflows.diagrams.description import FILE
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.engine import packages
from workflows.engine.package import Package
from workflows.errors import Invalid, NotFound


def clear_leftovers(session: Session, actor: Actor, draft_id: str, *, seen: int) -> int:
    """Take out of process.yaml what is said of elements that the diagram, as it is saved, does not have; its revision.

    seen: the revision of process.yaml that the page showed. Nothing to take out changes nothing. Raises as
    `leftovers.cleared` and `drafting.save_file`; Stale ("draft.stale") where somebody else was faster.
    """
    return _rewritten(session, actor, draft_id, leftovers.cleared, seen)


def move_leftovers(session: Session, actor: Actor, draft_id: str, old: str, new: str, *, seen: int) -> int:
    """Say of `new` in process.yaml what is said of `old`, an id that is gone. Raises as above and `leftovers.moved`."""
    return _rewritten(session, actor, draft_id, lambda package: leftovers.moved(package, old, new), seen)


def _rewritten(
    session: Session, actor: Actor, draft_id: str, rewrite: Callable[[Package], bytes], seen: int
) -> int:  # fmt: skip
    row = drafting.locked(session, actor, draft_id)
    _data, revision = drafts.content(session, draft_id, FILE)
    if revision != seen:
        raise drafting.lost_race(session, FILE, drafts.saved(session, draft_id, FILE), row)
    new = rewrite(drafts.package(session, row))
    return drafting.save_file(session, actor, draft_id, FILE, new, seen=seen).revision


def renamed(session: Session, row: ProcessDraft) -> Mapping[str, str]:
    """Old id → new id of steps whose settings process.yaml still has under the old one (`leftovers.renamed`)."""
    began = row.from_hash or row.present_hash
    if began is None:
        return {}
    try:
        before = leftovers.drawn(packages.stored(session, began))
        return leftovers.renamed(before, drafts.package(session, row))
    except (NotFound, Invalid):  # the diagram or process.yaml can't be read: the checks say so
        return {}
