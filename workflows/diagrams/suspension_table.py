"""The table of suspended processes: of which no new cases are opened, and whose running ones may be held."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Row, Utc

_STANDS = text("ended_at IS NULL")


class Suspension(Row):
    """A process, or one version of it, that an administrator suspended.

    package_hash: of the version; empty for all versions. holds: whether running cases are held too. ended_at: when it
    was resumed, empty while it is suspended.
    """

    __tablename__ = "process_suspension"
    __table_args__ = (
        Index("ix_process_suspension_standing", "process_key", sqlite_where=_STANDS, postgresql_where=_STANDS),
    )
    process_key: Mapped[str] = mapped_column(String(64))
    package_hash: Mapped[str | None] = mapped_column(ForeignKey("engine_package.hash"))
    holds: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Utc)
    ended_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_reason: Mapped[str] = mapped_column(Text, default="")
