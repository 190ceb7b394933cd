"""Tables of drafts: processes while they are being changed, and everything that was saved of them.

A draft's revision is one counter: each save takes the next number, and a file's revision is the number of the save that
wrote it last. Nothing in these tables is run by a case.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Row, Utc

OPEN, PUBLISHED, DISCARDED = "open", "published", "discarded"
"""States of a draft."""
FETCHED = ("version", "shipped", "upgrade")
"""Origins whose files nobody wrote: they were published before, or the program brings them."""


class ProcessDraft(Row):
    """A process under change.

    origin: what it began with ("version", "shipped", "upgrade", "empty", "import"); from_hash, from_version: the
    package it began with, where there was one (of an upgrade: the program's, and the version that it was put
    onto); present_hash: the version in force of which its editors know that it will be replaced.
    writers: ids of everybody who saved anything in it; none of them may approve its release.
    """

    __tablename__ = "process_draft"
    __table_args__ = (Index("ix_process_draft_process_key_state", "process_key", "state"),)
    process_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    origin: Mapped[str] = mapped_column(String(10))
    from_hash: Mapped[str | None] = mapped_column(String(64))
    from_version: Mapped[int | None] = mapped_column(Integer)
    present_hash: Mapped[str | None] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    writers: Mapped[list[Any]] = mapped_column(JSON, default=list)
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(Utc)
    changed_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(Utc)


class DraftSave(Row):
    """One file as one save left it. data: compressed, empty where the save took the file away; size: of the content."""

    __tablename__ = "process_draft_save"
    __table_args__ = (UniqueConstraint("draft_id", "path", "revision"),)
    draft_id: Mapped[str] = mapped_column(ForeignKey("process_draft.id"))
    path: Mapped[str] = mapped_column(String(120))
    revision: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(Integer, default=0)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Utc)


class DraftCopy(Row):
    """What somebody had written when another one saved first: kept beside the draft until it is taken over or dropped.

    revision: of the file as they had read it. A later text of the same person from the same reading takes its place.
    """

    __tablename__ = "process_draft_copy"
    __table_args__ = (UniqueConstraint("draft_id", "path", "by_id", "revision"),)
    draft_id: Mapped[str] = mapped_column(ForeignKey("process_draft.id"))
    path: Mapped[str] = mapped_column(String(120))
    revision: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(Integer)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Utc)
