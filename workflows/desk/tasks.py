"""Tasks of people as rows of their own, apart from the engine's tasks.

state: open (somebody of the candidates may claim it) → claimed (one assignee) → completed | cancelled.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.actors import Person
from workflows.cases.file import Case
from workflows.store import Base, Row, Utc


class Task(Row):
    """One person's step."""

    __tablename__ = "task"
    __table_args__ = (Index("ix_task_assignee_state", "assignee_id", "state"),)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    instance_id: Mapped[str] = mapped_column(String(32), index=True)
    engine_task_id: Mapped[str] = mapped_column(String(36), unique=True)
    process_key: Mapped[str] = mapped_column(String(64))  # the package in which the element stands
    package_hash: Mapped[str] = mapped_column(String(64))
    element_id: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    act: Mapped[str | None] = mapped_column(String(40))
    form_key: Mapped[str | None] = mapped_column(String(120))
    variables: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # as the step saw them when offered
    role: Mapped[str | None] = mapped_column(String(40))  # the candidate role
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    assignee_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10), default="open", index=True)
    priority: Mapped[int] = mapped_column(Integer, default=50)
    due_at: Mapped[datetime | None] = mapped_column(Utc, index=True)
    clock_id: Mapped[str | None] = mapped_column(String(32))  # the statutory clock that sets `due_at`
    created_at: Mapped[datetime] = mapped_column(Utc)
    claimed_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what was answered at completion
    case: Mapped[Case] = relationship()
    assignee: Mapped[Person | None] = relationship(foreign_keys=[assignee_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])
    candidates: Mapped[list[TaskCandidate]] = relationship(back_populates="task")


class TaskCandidate(Base):
    """Somebody who may claim the task."""

    __tablename__ = "task_candidate"
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    task: Mapped[Task] = relationship(back_populates="candidates")
    person: Mapped[Person] = relationship()


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
