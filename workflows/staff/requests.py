"""The table of posts that one administrator asked for and another one decides on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.actors import Person, Unit
from workflows.store import Row, Utc

WAITING, APPROVED, REJECTED = "waiting", "approved", "rejected"


class PostRequest(Row):
    """A post that two administrators give together: one asks, another approves. reason: why it was asked for."""

    __tablename__ = "post_request"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(64))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10), default=WAITING, index=True)
    asked_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Utc)
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Utc)
    decision: Mapped[str] = mapped_column(String(500), default="")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
