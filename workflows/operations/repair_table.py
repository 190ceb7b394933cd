"""The table of repairs: what one administrator asked to be put right in a process, and what another one decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Row, Utc

VARIABLE, ASSIGNEE = "variable", "assignee"
WAITING, DONE, REJECTED, WITHDRAWN = "waiting", "done", "rejected", "withdrawn"


class Repair(Row):
    """One value that is to be put right. kind: a variable of the process, or who does a step.

    process_key: of the process in whose scope the variable lies, scope: its place among the scopes of the instance,
    oldest first, 0 for the outermost; task_id: of the step; old, new: values of the variable, or ids of people.
    """

    __tablename__ = "repair"
    __table_args__ = (
        Index("ix_repair_state_asked_at", "state", "asked_at"),
        Index("ix_repair_instance_id", "instance_id"),
    )
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    instance_id: Mapped[str] = mapped_column(ForeignKey("engine_instance.id"))
    kind: Mapped[str] = mapped_column(String(10))
    process_key: Mapped[str] = mapped_column(String(64))
    scope: Mapped[int] = mapped_column(Integer, default=0)
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))
    name: Mapped[str] = mapped_column(String(200))
    old: Mapped[Any] = mapped_column(JSON)
    new: Mapped[Any] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    asked_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Utc)
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Utc)
    decision: Mapped[str] = mapped_column(Text, default="")
