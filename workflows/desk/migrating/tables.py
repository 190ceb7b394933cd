"""The tables of migrations: what was asked and approved, and what became of each instance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows import pulse
from workflows.store import Row, Utc

WAITING, RUNNING, DONE, REJECTED, WITHDRAWN = "waiting", "running", "done", "rejected", "withdrawn"
ALIVE = (WAITING, RUNNING)
"""States of a migration that is not over."""

QUEUED, MOVED, REFUSED, UNDOING, UNDONE = "queued", "moved", "refused", "undoing", "undone"
TO_DO = (QUEUED, UNDOING)
"""States of an instance that the worker has still to see to."""


class Migration(Row):
    """Instances of one version of a process to be moved to another. elements: id in the old → id in the new version.

    chosen: ids of the instances, None for all. undo_reason and undone_by_id: of the last time that it was undone.
    """

    __tablename__ = "migration"
    __table_args__ = (Index("ix_migration_process_key_state", "process_key", "state"),)
    process_key: Mapped[str] = mapped_column(String(64))
    source_hash: Mapped[str] = mapped_column(String(64))
    target_hash: Mapped[str] = mapped_column(String(64))
    source_version: Mapped[int] = mapped_column(Integer)
    target_version: Mapped[int] = mapped_column(Integer)
    elements: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    chosen: Mapped[list[Any] | None] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    legal_basis: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    asked_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Utc)
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Utc)
    decision: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    undo_reason: Mapped[str] = mapped_column(Text, default="")
    undone_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class MigratedInstance(Row):
    """One instance of a migration. number: its place in the queue; problems: why it was not moved, or not moved back.

    before: what it was before the move, to be as it was once more; version: of the instance after the move.
    """

    __tablename__ = "migrated_instance"
    __table_args__ = (
        UniqueConstraint("migration_id", "instance_id"),
        Index("ix_migrated_instance_state", "state", "migration_id", "number"),
    )
    migration_id: Mapped[str] = mapped_column(ForeignKey("migration.id"))
    instance_id: Mapped[str] = mapped_column(ForeignKey("engine_instance.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10), default=QUEUED)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    steps: Mapped[list[Any]] = mapped_column(JSON, default=list)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    version: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime | None] = mapped_column(Utc)


def _concerned(session: Session, rows: Any) -> list[str]:
    """Whose open pages show an instance of a migration."""
    found = [session.get(Migration, id) for id in {row.migration_id for row in rows}]
    return [id for one in found if one is not None for id in (one.asked_by_id, one.decided_by_id) if id]


pulse.watched(Migration, "asked_by_id", "decided_by_id")
pulse.watched(MigratedInstance, others=_concerned)
