"""What an upgrade of the program brings, put onto what a bureau made of a process: three packages, file by file.

Two packages go back to one that the program brought before. A file that only one of them changed is taken from that
one; a file that both changed stays the bureau's, and is named, so that somebody takes the program's change over by
hand, or the program's file as a whole. The checks say of the outcome what they say of every draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.calendar import clock
from workflows.diagrams import drafting, drafts, library
from workflows.diagrams.draft_tables import ProcessDraft
from workflows.diagrams.release_table import Release
from workflows.engine import packages
from workflows.errors import NotFound

UPGRADE = "upgrade"
"""Where such a draft began (`ProcessDraft.origin`)."""
BUREAU, PROGRAM, BOTH, ALIKE = "bureau", "program", "both", "alike"
"""Who changed a file; both in the same way is `ALIKE`."""
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Sides:
    """base: what both began from; ours: the bureau's; theirs: the program's new one. All by path.

    version: the number of the bureau's.
    """

    base: Files
    ours: Files
    theirs: Files
    version: int

    def changed(self) -> dict[str, str]:
        """Each file that is not as it was, and who changed it."""
        found = {}
        for path in sorted({*self.base, *self.ours, *self.theirs}):
            base, ours, theirs = (files.get(path) for files in (self.base, self.ours, self.theirs))
            if ours == theirs == base:
                continue
            found[path] = ALIKE if ours == theirs else PROGRAM if ours == base else BUREAU if theirs == base else BOTH
        return found

    def merged(self) -> dict[str, bytes]:
        """The bureau's files with those that only the program changed, added or took away."""
        taken = {path for path, who in self.changed().items() if who == PROGRAM}
        kept = {path: data for path, data in self.ours.items() if path not in taken}
        return kept | {path: self.theirs[path] for path in taken if path in self.theirs}


def begin_from_upgrade(session: Session, actor: Actor, key: str, name: str, *, draft_id: str) -> ProcessDraft:
    """Begin a draft with the version in force and, put onto it, what the program's new package changed.

    Raises as `drafting.begin_from_shipped`, and NotFound ("engine.process_unknown") where nothing is in force.
    """
    actor.require(*drafts.EDITORS)
    package = library.shipped().get(key)
    if package is None:
        raise NotFound("library.not_shipped", process=key)
    versions = library.versions(session, key)
    if not versions:
        raise NotFound("engine.process_unknown", key=key)
    packages.store(session, package, now=clock.now())  # a later upgrade is held against this one
    base, ours = base_of(session, key, versions[0].version), packages.stored(session, versions[0].package_hash)
    files = Sides(base, ours.files, package.files, versions[0].version).merged()
    number = versions[0].version
    return drafting.begin_with(session, actor, draft_id, key, name, UPGRADE, files, package.hash, number)


def sides_of(session: Session, row: ProcessDraft) -> Sides | None:
    """What a draft was put together from; None for one that did not begin so."""
    if row.origin != UPGRADE or row.from_hash is None or row.from_version is None:
        return None
    numbered = {one.version: one for one in library.versions(session, row.process_key)}
    ours = packages.stored(session, numbered[row.from_version].package_hash)
    theirs = packages.stored(session, row.from_hash)
    return Sides(base_of(session, row.process_key, row.from_version), ours.files, theirs.files, row.from_version)


def take_side(
    session: Session, actor: Actor, draft_id: str, path: str, whose: str, *, seen: int
) -> int:  # fmt: skip
    """Put the program's or the bureau's file into such a draft, as a save of it; its revision.

    whose: `PROGRAM` or `BUREAU`; where that side has no such file, it is taken away. seen: the file's revision, 0 for
    none. Raises as `drafting.save_file`, Stale ("draft.stale"), NotFound ("draft.file_unknown").
    """
    row = drafting.locked(session, actor, draft_id)
    sides = sides_of(session, row)
    if sides is None or path not in sides.changed() or whose not in (PROGRAM, BUREAU):
        raise NotFound("draft.file_unknown", file=path[:120])
    data = (sides.theirs if whose == PROGRAM else sides.ours).get(path)
    if data is None:
        return drafting.remove_file(session, actor, draft_id, path, seen=seen) if seen else row.revision
    last = drafts.saved(session, draft_id, path)
    found = last.revision if last is not None and last.data is not None else 0
    if found != seen:
        raise drafting.lost_race(session, path, last, row)
    return drafting.save_file(session, actor, draft_id, path, data, seen=seen).revision


def base_of(session: Session, key: str, version: int) -> Files:
    """The package of the program that a version goes back to; empty where there was none.

    A shipped version is its own; one that was released from a draft has that of what the draft began with.
    """
    rows = {row.version: row for row in library.versions(session, key)}
    began = select(Release.version, ProcessDraft).join(ProcessDraft, ProcessDraft.id == Release.draft_id)
    released = {row.version: row.ProcessDraft for row in session.execute(began.where(Release.process_key == key))}
    number = version
    while number in rows:
        draft = released.get(number)
        if rows[number].source == library.SHIPPED:
            return packages.stored(session, rows[number].package_hash).files
        if draft is not None and draft.origin in (UPGRADE, "shipped") and draft.from_hash is not None:
            try:
                return packages.stored(session, draft.from_hash).files
            except NotFound:  # begun before such packages were kept
                number -= 1
        elif draft is not None and draft.origin == "version" and 0 < (draft.from_version or 0) < number:
            number = draft.from_version or 0
        else:
            number -= 1
    return {}
