"""Rows of external tasks and of the machine accounts that may do them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Base, Row, Utc

_WAITS = text("ended_at IS NULL")


class MachineAccount(Row):
    """A program outside that does external tasks of some topics. It is no person: no post, no role, no session."""

    __tablename__ = "machine_account"
    name: Mapped[str] = mapped_column(String(64), unique=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256: a stolen database opens no door
    topics: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Utc)
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)


class ExternalTask(Base):
    """An external task of an instance; id: of the engine task. Kept after its end, so that a late answer is understood.

    locked_until: until when the worker has it; after a failure, until when nobody gets it. retries: None before the
    first failure, 0: nobody gets it until an administrator has seen to it. outcome: completed, error, withdrawn.
    """

    __tablename__ = "external_task"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("engine_instance.id"))
    case_id: Mapped[str] = mapped_column(String(32))
    topic: Mapped[str] = mapped_column(String(64))
    process_key: Mapped[str] = mapped_column(String(64))
    package_hash: Mapped[str] = mapped_column(String(64))
    element_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(Text)
    outputs: Mapped[list[str]] = mapped_column(JSON)  # variables that the step says a worker may write
    created_at: Mapped[datetime] = mapped_column(Utc)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("machine_account.id"))
    worker: Mapped[str | None] = mapped_column(String(200))
    locked_until: Mapped[datetime | None] = mapped_column(Utc)
    retries: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    outcome: Mapped[str | None] = mapped_column(String(16))
    __table_args__ = (
        Index("ix_external_task_topic_ended_at_created_at", "topic", "ended_at", "created_at"),
        Index("ix_external_task_instance_id_ended_at", "instance_id", "ended_at"),
        # What waits, by the tries that are left: those with none come first.
        Index("ix_external_task_waiting", "retries", "created_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
    )
