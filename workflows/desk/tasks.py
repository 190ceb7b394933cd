"""The desk's own rows: drafts and the receipts of commands; and the tasks, whose rows stand with the case (`cases`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.cases.tasks import REGISTRATION, REWORK, STEP, Task, TaskCandidate
from workflows.store import Base, Utc

__all__ = ["REGISTRATION", "REWORK", "STEP", "Receipt", "Task", "TaskCandidate", "TaskDraft"]


class TaskDraft(Base):
    """What somebody typed and has not sent yet."""

    __tablename__ = "task_draft"
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(Utc)


class Receipt(Base):
    """The outcome of a command under its idempotency key: a retry gets it again instead of a second effect."""

    __tablename__ = "receipt"
    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    command: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))  # of the arguments: another use of the same key is refused
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Utc)
