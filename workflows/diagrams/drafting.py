"""Changing drafts: begin one, save its files, go back, throw it away. One command for each button.

What is saved may be broken: only its size is limited, its name must be one of a package, and the checks say the rest.
Whoever saves over somebody else's work loses the race and nothing else: their text is kept beside the draft.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.diagrams import drafts, library
from workflows.diagrams.archive import read_import
from workflows.diagrams.draft_tables import DISCARDED, FETCHED, OPEN, DraftCopy, DraftSave, ProcessDraft
from workflows.diagrams.drafts import EDITORS, packed, unpacked
from workflows.diagrams.library import PublishedPackage
from workflows.diagrams.starter import described, starter
from workflows.engine import packages, xml
from workflows.engine.package import MAX_BYTES, MAX_FILES, require_key, require_name
from workflows.errors import Invalid, NotFound, Stale

KEPT = 200
"""Saves of a draft that one can go back to."""
MAX_FILE = xml.MAX_BYTES
LONGEST_NAME = 100
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a save. revision: of the file now; at: when that was written.

    lost: why nothing was saved, where somebody else was faster (who, when); the text is kept as a `DraftCopy`.
    """

    revision: int
    at: datetime
    lost: Stale | None = None


def begin_from_version(
    session: Session, actor: Actor, key: str, version: int, name: str, *, draft_id: str
) -> ProcessDraft:
    """Begin a draft with a published version, to change it or to bring it back.

    draft_id: of the new draft, chosen by whoever asks: asked twice, one draft is begun. Raises Forbidden, NotFound
    ("library.version_unknown"), Invalid ("draft.name_missing").
    """
    found = session.execute(
        select(PublishedPackage).where(PublishedPackage.process_key == key, PublishedPackage.version == version)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("library.version_unknown", process=key, version=version)
    files = packages.stored(session, found.package_hash).files
    return begin_with(session, actor, draft_id, key, name, "version", files, found.package_hash, version)


def begin_from_shipped(session: Session, actor: Actor, key: str, name: str, *, draft_id: str) -> ProcessDraft:
    """Begin a draft with the package that the program brings. Raises as above; NotFound ("library.not_shipped")."""
    package = library.shipped().get(key)
    if package is None:
        raise NotFound("library.not_shipped", process=key)
    return begin_with(session, actor, draft_id, key, name, "shipped", package.files, package.hash)


def begin_empty(session: Session, actor: Actor, key: str, name: str, *, draft_id: str) -> ProcessDraft:
    """Begin a new process with a diagram of one step. Raises as above; Invalid ("package.key", "draft.key_taken")."""
    _require_new(session, key)
    return begin_with(session, actor, draft_id, key, name, "empty", starter(key, name))


def begin_imported(
    session: Session, actor: Actor, key: str, name: str, file: str, data: bytes, *, draft_id: str
) -> ProcessDraft:
    """Begin a draft with a file from outside, byte for byte: the zip of a package, or a diagram alone.

    A diagram of a known process takes the place of that in force; of a new one, it comes with a process.yaml to fill
    in. Raises as above; Invalid ("draft.import_*") for what is no such file or can't be read.
    """
    require_key(key)
    files: dict[str, bytes] = read_import(key, file, data).files
    if not any(path.endswith(".yaml") for path in files):  # a diagram without its package
        present = packages.current(session, key)
        drawn = next((data for path, data in files.items() if path.endswith(".bpmn")), b"")
        rest = packages.stored(session, present).files if present else described(key, name, drawn)
        files = {**{path: kept for path, kept in rest.items() if not path.endswith(".bpmn")}, **files}
    return begin_with(session, actor, draft_id, key, name, "import", files)


def begin_with(
    session: Session, actor: Actor, draft_id: str, key: str, name: str, origin: str, files: Mapping[str, bytes],
    from_hash: str | None = None, from_version: int | None = None,
) -> ProcessDraft:  # fmt: skip
    """Begin a draft with files. origin, from_hash, from_version: where they are from. Raises Forbidden, Invalid."""
    actor.require(*EDITORS)
    require_id(draft_id)
    if (known := session.get(ProcessDraft, draft_id)) is not None:
        return known
    now = clock.now()
    row = ProcessDraft(
        id=draft_id, process_key=key, name=_name(name), origin=origin, from_hash=from_hash, from_version=from_version,
        present_hash=packages.current(session, key), author_id=actor.person_id, created_at=now,
        changed_by_id=actor.person_id, changed_at=now, revision=0, state=OPEN, writers=[],
    )  # fmt: skip
    session.add(row)
    session.flush()
    _write(session, actor, row, files)
    if origin in FETCHED:  # whoever only fetched a version has written nothing yet
        row.writers = []
    return row


def save_file(session: Session, actor: Actor, draft_id: str, path: str, data: bytes, *, seen: int | None) -> Saved:
    """Save a file of a draft. seen: the revision it was drawn from, 0 for a new one; None to save over whatever stands.

    The same content again changes nothing. Raises Forbidden, NotFound, and Invalid ("draft.closed",
    "package.file_name", "draft.file_too_large", "draft.too_large"); a lost race is told in the answer.
    """
    row = locked(session, actor, draft_id)
    _require_fit(session, row, {path: data})
    last = drafts.saved(session, draft_id, path)
    if last is not None and last.data is not None and unpacked(last.data) == data:
        return Saved(last.revision, last.at)
    found = last.revision if last is not None and last.data is not None else 0
    if seen is not None and seen != found:
        _keep_beside(session, actor, row, path, data, seen)
        return Saved(found, last.at if last else row.changed_at, lost_race(session, path, last, row))
    number = _write(session, actor, row, {path: data})
    for kept, _ in drafts.copies(session, draft_id):  # they had lost, looked, and put theirs over it after all
        if (kept.path, kept.by_id) == (path, actor.person_id) and unpacked(kept.data) == data:
            session.delete(kept)
    return Saved(number, row.changed_at)


def import_files(session: Session, actor: Actor, draft_id: str, files: Mapping[str, bytes]) -> int:
    """Save several files in one go, over whatever stands; the revision. Those that stand so already change nothing.

    Raises as `save_file`.
    """
    row = locked(session, actor, draft_id)
    _require_fit(session, row, files)
    present = drafts.contents(session, draft_id)
    return _write(session, actor, row, {path: data for path, data in files.items() if present.get(path) != data})


def remove_file(session: Session, actor: Actor, draft_id: str, path: str, *, seen: int | None) -> int:
    """Take a file out of a draft; the revision. Raises as `save_file`, and Stale ("draft.stale")."""
    row = locked(session, actor, draft_id)
    _, found = drafts.content(session, draft_id, path)
    if seen is not None and seen != found:
        raise lost_race(session, path, drafts.saved(session, draft_id, path), row)
    return _write(session, actor, row, {path: None})


def rename_file(session: Session, actor: Actor, draft_id: str, path: str, new: str) -> int:
    """Give a file another name. Raises as `save_file`; Invalid ("draft.file_exists")."""
    row = locked(session, actor, draft_id)
    data, _ = drafts.content(session, draft_id, path)
    last = drafts.saved(session, draft_id, new)
    if last is not None and last.data is not None:
        raise Invalid("draft.file_exists", file=new)
    _require_fit(session, row, {new: data}, gone={path})
    return _write(session, actor, row, {path: None, new: data})


def rename_draft(session: Session, actor: Actor, draft_id: str, name: str) -> None:
    """Call a draft something else. Raises Forbidden, NotFound, Invalid."""
    locked(session, actor, draft_id).name = _name(name)


def discard(session: Session, actor: Actor, draft_id: str) -> None:
    """Close a draft without publishing it; its files stay to be read. Raises Forbidden, NotFound, Invalid."""
    row = locked(session, actor, draft_id)
    row.state, row.changed_by_id, row.changed_at = DISCARDED, actor.person_id, clock.now()


def undo_to(session: Session, actor: Actor, draft_id: str, revision: int, *, seen: int) -> int:
    """Make a draft as it was after an earlier save, by a new save. seen: the revision that the page showed.

    Raises NotFound ("draft.revision_unknown") for one that is no longer kept, Stale ("draft.changed").
    """
    row = locked(session, actor, draft_id)
    require_seen(session, row, seen)
    if not max(1, row.revision - KEPT) <= revision <= row.revision:
        raise NotFound("draft.revision_unknown", revision=revision)
    then, now = drafts.contents(session, draft_id, revision), drafts.contents(session, draft_id)
    differing = sorted(path for path in {*then, *now} if then.get(path) != now.get(path))
    return _write(session, actor, row, {path: then.get(path) for path in differing})


def take_copy(session: Session, actor: Actor, draft_id: str, copy_id: str) -> int:
    """Save what was kept beside a draft over what stands; the revision. Raises Forbidden, NotFound, Invalid."""
    row = locked(session, actor, draft_id)
    kept = drafts.copy(session, draft_id, copy_id)
    data = unpacked(kept.data)
    _require_fit(session, row, {kept.path: data})
    writers = {*row.writers, kept.by_id}
    session.delete(kept)
    number = _write(session, actor, row, {kept.path: data})
    row.writers = sorted({*row.writers, *writers})
    return number


def take_copy_anew(
    session: Session, actor: Actor, draft_id: str, copy_id: str, name: str, *, new_id: str
) -> ProcessDraft:
    """Begin a draft with what was kept beside one that is closed: over the version in force, and where there is none,
    over the files of the closed draft. name, new_id: of the new draft; asked twice, one is begun. Its writers are
    everybody who wrote what is new in it. Raises Forbidden, NotFound, Invalid.
    """
    actor.require(*EDITORS)
    if (known := session.get(ProcessDraft, new_id)) is not None:
        return known
    closed = _locked(session, actor, draft_id)
    kept = drafts.copy(session, draft_id, copy_id)
    data, writers, key = unpacked(kept.data), {kept.by_id}, closed.process_key
    if published := library.versions(session, key)[:1]:
        present, number = published[0].package_hash, published[0].version
        files = packages.stored(session, present).files
        row = begin_with(session, actor, new_id, key, name, "version", files, present, number)
    else:
        writers |= {*closed.writers}
        row = begin_with(session, actor, new_id, key, name, closed.origin, drafts.contents(session, draft_id))
    _require_fit(session, row, {kept.path: data})
    session.delete(kept)
    _write(session, actor, row, {kept.path: data})
    row.writers = sorted({*row.writers, *writers})
    return row


def drop_copy(session: Session, actor: Actor, draft_id: str, copy_id: str) -> None:
    """Throw away what was kept beside a draft, open or closed. Raises Forbidden, NotFound."""
    _locked(session, actor, draft_id)
    session.delete(drafts.copy(session, draft_id, copy_id))


def locked(session: Session, actor: Actor, draft_id: str) -> ProcessDraft:
    """The draft, locked until the unit of work ends: saves take turns.

    Raises Forbidden, NotFound ("draft.unknown"), Invalid ("draft.closed").
    """
    row = _locked(session, actor, draft_id)
    if row.state != OPEN:
        raise Invalid("draft.closed", name=row.name)
    return row


def _locked(session: Session, actor: Actor, draft_id: str) -> ProcessDraft:
    """The same of one that may be closed."""
    actor.require(*EDITORS)
    row = session.execute(
        select(ProcessDraft).where(ProcessDraft.id == draft_id).with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()  # fmt: skip
    if row is None:
        raise NotFound("draft.unknown")
    return row


def require_id(id: str) -> None:
    """Raise Invalid ("receipt.key_bad") for what no row of ours could be called by."""
    if not _ID.fullmatch(id):
        raise Invalid("receipt.key_bad")


def require_seen(session: Session, row: ProcessDraft, seen: int) -> None:
    """Raise Stale ("draft.changed", who, when) unless the draft is still at the revision that a page showed."""
    if row.revision != seen:
        by = session.get_one(Person, row.changed_by_id).name
        raise Stale("draft.changed", by=by, at=row.changed_at, revision=row.revision)


def _write(session: Session, actor: Actor, row: ProcessDraft, changes: Mapping[str, bytes | None]) -> int:
    """One more save. changes: path → content, None for a file that goes."""
    if not changes:
        return row.revision
    row.revision += 1
    row.changed_by_id, row.changed_at = actor.person_id, clock.now()
    if actor.person_id not in row.writers:
        row.writers = [*row.writers, actor.person_id]
    for path, data in changes.items():
        session.add(DraftSave(
            draft_id=row.id, path=path, revision=row.revision, data=None if data is None else packed(data),
            size=len(data or b""), by_id=actor.person_id, at=row.changed_at,
        ))  # fmt: skip
    session.flush()
    _forget(session, row.id, row.revision - KEPT)
    return row.revision


def _forget(session: Session, draft_id: str, horizon: int) -> None:
    """Let go of what nobody can go back to: saves before the horizon that another one, up to it, took the place of."""
    if horizon <= 0:
        return
    later = aliased(DraftSave)
    replaced = select(later.id).where(
        later.draft_id == DraftSave.draft_id, later.path == DraftSave.path, later.revision > DraftSave.revision,
        later.revision <= horizon,
    )  # fmt: skip
    old = delete(DraftSave).where(DraftSave.draft_id == draft_id, DraftSave.revision < horizon, replaced.exists())
    session.execute(old, execution_options={"synchronize_session": False})


def _keep_beside(session: Session, actor: Actor, row: ProcessDraft, path: str, data: bytes, seen: int) -> None:
    kept = session.execute(select(DraftCopy).where(
        DraftCopy.draft_id == row.id, DraftCopy.path == path, DraftCopy.by_id == actor.person_id,
        DraftCopy.revision == seen,
    )).scalar_one_or_none()  # fmt: skip
    if kept is None:
        kept = DraftCopy(draft_id=row.id, path=path, by_id=actor.person_id, revision=seen)
        session.add(kept)
    kept.data, kept.size, kept.at = packed(data), len(data), clock.now()
    session.flush()


def lost_race(session: Session, path: str, last: DraftSave | None, row: ProcessDraft) -> Stale:
    """Who saved a file first, and when: what whoever comes second is told."""
    by = session.get_one(Person, last.by_id if last else row.author_id).name
    found = last.revision if last is not None and last.data is not None else 0
    return Stale("draft.stale", file=path, by=by, at=last.at if last else row.changed_at, revision=found)


def _require_fit(
    session: Session, row: ProcessDraft, files: Mapping[str, bytes], gone: set[str] | frozenset[str] = frozenset()
) -> None:
    for path, data in files.items():
        require_name(path)
        if len(data) > MAX_FILE:
            raise Invalid("draft.file_too_large", file=path, megabytes=MAX_FILE // 1_000_000)
    sizes = {one.path: one.size for one in drafts.files(session, row.id) if one.path not in gone}
    sizes.update((path, len(data)) for path, data in files.items())
    if len(sizes) > MAX_FILES or sum(sizes.values()) > MAX_BYTES:
        raise Invalid("draft.too_large", files=MAX_FILES, megabytes=MAX_BYTES // 1_000_000)


def _require_new(session: Session, key: str) -> None:
    require_key(key)
    taken = select(func.count()).where(PublishedPackage.process_key == key)
    if session.execute(taken).scalar_one() or drafts.open_drafts(session, key):
        raise Invalid("draft.key_taken", key=key)


def _name(name: str) -> str:
    if not name.strip() or len(name.strip()) > LONGEST_NAME:
        raise Invalid("draft.name_missing", limit=LONGEST_NAME)
    return name.strip()
