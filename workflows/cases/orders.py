"""Standing orders to act for somebody absent (委托代理), as rows.

They stand with the case, which the substitute of one of its officers reads while he may do the officer's steps. To give
and to end them is the desk's (`desk.substitutes`).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows.actors import Person
from workflows.calendar import clock
from workflows.store import Row, Utc


class Substitute(Row):
    """One order: who acts for whom, in which roles, from when to when (both days included)."""

    __tablename__ = "substitute"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    substitute_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    roles: Mapped[list[str]] = mapped_column(JSON)
    processes: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")  # keys; none: all
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(Utc)
    created_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    substitute: Mapped[Person] = relationship(foreign_keys=[substitute_id])

    def holds(self, on: date) -> bool:
        """Whether the order is in force on that day."""
        return self.ended_at is None and self.starts_on <= on <= self.ends_on

    def covers(self, process_key: str | None) -> bool:
        """Whether the order is for steps of a process; None: of any."""
        return process_key is None or not self.processes or process_key in self.processes


def today_of(session: Session, person_id: str) -> list[Substitute]:
    """The orders by which somebody may act for others today."""
    today = clock.today()
    wanted = select(Substitute).where(
        Substitute.substitute_id == person_id, Substitute.ended_at.is_(None), Substitute.starts_on <= today,
        Substitute.ends_on >= today,
    )  # fmt: skip
    return list(session.execute(wanted).scalars())
