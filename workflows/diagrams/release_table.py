"""The table of releases: who asked that a draft be published, who approved, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Row, Utc

WAITING, SCHEDULED, PUBLISHED = "waiting", "scheduled", "published"
REJECTED, WITHDRAWN, FAILED = "rejected", "withdrawn", "failed"
LIVE = (WAITING, SCHEDULED)
"""States of a release that is not over."""


class Release(Row):
    """A draft as it was when somebody asked for its publication; later saves of the draft do not change it.

    files: the package as `Package.to_json` writes it, package_hash: its hash; present_hash: the version in force that
    it was compared with; publish_at: empty for at once; version: of the process, once published; problems: why the
    publication failed at its moment.
    """

    __tablename__ = "process_release"
    __table_args__ = (
        Index("ix_process_release_state_publish_at", "state", "publish_at"),
        Index("ix_process_release_process_key_version", "process_key", "version"),
    )
    draft_id: Mapped[str] = mapped_column(ForeignKey("process_draft.id"), index=True)
    draft_revision: Mapped[int] = mapped_column(Integer)
    process_key: Mapped[str] = mapped_column(String(64))
    package_hash: Mapped[str] = mapped_column(String(64))
    files: Mapped[str] = mapped_column(Text, deferred=True)
    present_hash: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    legal_basis: Mapped[str] = mapped_column(Text)
    publish_at: Mapped[datetime | None] = mapped_column(Utc)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    writers: Mapped[list[Any]] = mapped_column(JSON, default=list)
    asked_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Utc)
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Utc)
    decision: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    version: Mapped[int | None] = mapped_column(Integer)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
