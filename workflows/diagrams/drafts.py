"""Drafts as they stand: the files of one, what was saved before, who wrote what. Reading only; `drafting.py` writes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person
from workflows.diagrams import library
from workflows.diagrams.draft_tables import FETCHED, OPEN, DraftCopy, DraftSave, ProcessDraft
from workflows.diagrams.library import PublishedPackage
from workflows.engine import packages
from workflows.engine.package import Package
from workflows.errors import NotFound

EDITORS = ("sys_admin",)
READERS = ("sys_admin", "sec_admin", "auditor")
"""Who may look at drafts and releases; those of them who are no editors change nothing."""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file of a draft: its path, its revision (of the save that wrote it last), its size, by whom and when."""

    path: str
    revision: int
    size: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """One save of a draft: its number, when and by whom, and the files that it wrote or took away."""

    number: int
    at: datetime
    by: str
    paths: Sequence[str]


def draft(session: Session, actor: Actor, draft_id: str) -> ProcessDraft:
    """A draft. Raises Forbidden without a role of `READERS`, and NotFound."""
    actor.require(*READERS)
    row = session.get(ProcessDraft, draft_id)
    if row is None:
        raise NotFound("draft.unknown")
    return row


def open_drafts(session: Session, key: str | None = None) -> Sequence[ProcessDraft]:
    """The drafts that are being worked on, the newest change first; of one process if its key is given."""
    wanted = select(ProcessDraft).where(ProcessDraft.state == OPEN)
    if key is not None:
        wanted = wanted.where(ProcessDraft.process_key == key)
    return session.execute(wanted.order_by(ProcessDraft.changed_at.desc(), ProcessDraft.id)).scalars().all()


def files(session: Session, draft_id: str) -> list[FileState]:
    """The files of a draft as they stand, by path."""
    rows = session.execute(
        _standing(draft_id).where(DraftSave.data.is_not(None))
        .with_only_columns(DraftSave.path, DraftSave.revision, DraftSave.size, Person.name, DraftSave.at)
        .join(Person, Person.id == DraftSave.by_id).order_by(DraftSave.path)
    )  # fmt: skip
    return [FileState(*row) for row in rows]


def content(session: Session, draft_id: str, path: str) -> tuple[bytes, int]:
    """A file of a draft and its revision. Raises NotFound ("draft.file_unknown")."""
    row = saved(session, draft_id, path)
    if row is None or row.data is None:
        raise NotFound("draft.file_unknown", file=path[:120])
    return unpacked(row.data), row.revision


def contents(session: Session, draft_id: str, revision: int | None = None) -> dict[str, bytes]:
    """All files of a draft; as they stood after the save of that number if one is given."""
    rows = session.execute(_standing(draft_id, revision).where(DraftSave.data.is_not(None)).order_by(DraftSave.path))
    return {row.path: unpacked(row.data) for row in rows.scalars() if row.data is not None}


def package(session: Session, row: ProcessDraft) -> Package:
    """A draft as a package. Raises Invalid ("package.*") where its files are too many for one."""
    return Package(row.process_key, contents(session, row.id))


def saved(session: Session, draft_id: str, path: str) -> DraftSave | None:
    """The last save of a file, which may have taken it away; None where there never was one."""
    return session.execute(_standing(draft_id).where(DraftSave.path == path)).scalar_one_or_none()


def revisions(session: Session, draft_id: str) -> list[Revision]:
    """The saves of a draft that are kept, the latest first."""
    rows = session.execute(
        select(DraftSave.revision, DraftSave.at, Person.name, DraftSave.path)
        .join(Person, Person.id == DraftSave.by_id)
        .where(DraftSave.draft_id == draft_id).order_by(DraftSave.revision.desc(), DraftSave.path)
    )  # fmt: skip
    found: dict[int, tuple[datetime, str, list[str]]] = {}
    for number, at, by, path in rows:
        found.setdefault(number, (at, by, []))[2].append(path)
    return [Revision(number, *told) for number, told in found.items()]


def copies(session: Session, draft_id: str) -> Sequence[tuple[DraftCopy, str]]:
    """What was kept beside a draft after lost races, with its writer's name, the latest first."""
    rows = session.execute(
        select(DraftCopy, Person.name).join(Person, Person.id == DraftCopy.by_id)
        .where(DraftCopy.draft_id == draft_id).order_by(DraftCopy.at.desc(), DraftCopy.id)
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


def copies_mark(kept: Iterable[tuple[DraftCopy, str]]) -> str:
    """Tells which copies somebody was shown, as they were then; empty for none."""
    shown = sorted(f"{row.id} {row.at.isoformat()}" for row, _ in kept)
    return hashlib.sha256("\n".join(shown).encode()).hexdigest() if shown else ""


def copy(session: Session, draft_id: str, copy_id: str) -> DraftCopy:
    """One of them. Raises NotFound ("draft.copy_unknown")."""
    row = session.get(DraftCopy, copy_id)
    if row is None or row.draft_id != draft_id:
        raise NotFound("draft.copy_unknown")
    return row


def offers(session: Session) -> dict[str, Package]:
    """The packages that an upgrade of the program brought and that are not in force, by process key.

    Where a bureau has a version of its own, nothing is overwritten: the new package is offered here, until it was
    published or a draft was begun with it, whatever became of that draft.
    """
    answered = set(session.execute(select(ProcessDraft.from_hash).where(ProcessDraft.from_hash.is_not(None))).scalars())
    answered |= set(session.execute(select(PublishedPackage.package_hash)).scalars())
    return {key: package for key, package in library.shipped().items() if package.hash not in answered}


def packed(data: bytes) -> bytes:
    """As a column holds it: diagrams are XML, of which a tenth remains."""
    return zlib.compress(data, 6)


def unpacked(data: bytes) -> bytes:
    """Back from `packed`."""
    return zlib.decompress(data)


def writers(session: Session, wanted: Package) -> set[str]:
    """The ids of those who saved what a package has anew, byte for byte, in any draft of its process.

    What was published before (two people saw it), what the program ships, and what a draft began with, nobody wrote.
    """
    known = [packages.stored(session, one.package_hash) for one in library.versions(session, wanted.key)]
    known += [one for one in (library.shipped().get(wanted.key),) if one is not None]
    before = {data for one in known for data in one.files.values()}
    changed = {data for data in wanted.files.values() if data not in before}
    rows = session.execute(
        select(DraftSave.by_id, DraftSave.data).join(ProcessDraft, ProcessDraft.id == DraftSave.draft_id).where(
            ProcessDraft.process_key == wanted.key, DraftSave.size.in_({len(data) for data in changed}),
            or_(DraftSave.revision > 1, ProcessDraft.origin.not_in(FETCHED)),
        )
    )  # fmt: skip
    return {by for by, data in rows if data is not None and unpacked(data) in changed}


def names(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """The names of people by id; "system" and unknown ones are not in it."""
    wanted = select(Person.id, Person.name).where(Person.id.in_([id for id in ids if id]))
    return {row.id: row.name for row in session.execute(wanted)}


def _standing(draft_id: str, revision: int | None = None) -> Select[DraftSave]:
    """The last save of each path of a draft, up to one revision."""
    of = select(DraftSave.path, func.max(DraftSave.revision).label("last")).where(DraftSave.draft_id == draft_id)
    if revision is not None:
        of = of.where(DraftSave.revision <= revision)
    last = of.group_by(DraftSave.path).subquery()
    return select(DraftSave).join(
        last, (DraftSave.path == last.c.path) & (DraftSave.revision == last.c.last)
    ).where(DraftSave.draft_id == draft_id)  # fmt: skip
