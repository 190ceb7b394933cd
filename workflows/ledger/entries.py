"""The ledger's two tables, what an entry is in Python, and what its hash is taken over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, Index, Integer, String, Text, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from workflows.ledger.canonical import digest, moment_text, read_moment
from workflows.ledger.events import from_data
from workflows.store import Base

HASHED = (
    "actor_id", "actor_name", "algorithm", "case_id", "data", "event", "happened_at", "post", "previous",
    "recorded_at", "seq", "stream", "unit_id", "unit_name", "version",
)  # fmt: skip
"""Every column of an entry but `hash`: together they are hashed."""


class Written(TypeDecorator[datetime]):
    """A moment kept as the very text that is hashed, so that no database or driver can write it differently.

    Text order is time order. In Python it is a moment in UTC.
    """

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """The text of a moment; ValueError for one without a zone."""
        return None if value is None else moment_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """The moment of a text."""
        return None if value is None else read_moment(value)


class EntryRow(Base):
    """One entry. Rows are only ever inserted; triggers refuse anything else (`immutability.py`).

    No foreign keys: the ledger says what was, whatever becomes of the rows it speaks of.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_case_id_recorded_at", "case_id", "recorded_at"),)
    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)  # 1, 2, 3 … in the stream
    event: Mapped[str] = mapped_column(Text, index=True)
    version: Mapped[int] = mapped_column(Integer)  # of the event's schema
    case_id: Mapped[str | None] = mapped_column(Text)
    actor_id: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    post: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[str] = mapped_column(Text)
    unit_name: Mapped[str] = mapped_column(Text)
    happened_at: Mapped[datetime] = mapped_column(Written)
    recorded_at: Mapped[datetime] = mapped_column(Written, index=True)
    data: Mapped[str] = mapped_column(Text)  # canonical JSON; text, because JSON columns re-order and re-write
    algorithm: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(Text)  # hash of the entry before; empty for the first
    hash: Mapped[str] = mapped_column(Text)


class HeadRow(Base):
    """The end of one stream: what an appender locks, and what a cut-off end is seen against."""

    __tablename__ = "ledger_head"
    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    length: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger. `event` is the event's name, `data` its fields as parsed JSON."""

    stream: str
    seq: int
    event: str
    version: int
    case_id: str | None
    actor_id: str
    actor_name: str
    post: str
    unit_id: str
    unit_name: str
    happened_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any]
    algorithm: str
    previous: str
    hash: str

    def typed(self) -> Any:
        """The event itself, of the class and version it was recorded with. Raises NotFound for an unknown one."""
        return from_data(self.event, self.version, self.data)


def entry_of(row: EntryRow) -> Entry:
    """The entry that a row holds."""
    return Entry(
        row.stream, row.seq, row.event, row.version, row.case_id, row.actor_id, row.actor_name, row.post, row.unit_id,
        row.unit_name, row.happened_at, row.recorded_at, json.loads(row.data), row.algorithm, row.previous, row.hash,
    )  # fmt: skip


def entry_hash(columns: Mapping[str, Any]) -> str:
    """The hash of an entry, from its columns as they are stored (moments and data as text).

    It is the digest of the canonical JSON object of the columns in `HASHED`. Raises TypeError for a column of a
    type that no entry has, and Invalid for an unknown algorithm.
    """
    hashed = {name: columns[name] for name in HASHED}
    if not all(isinstance(value, str | int | None) for value in hashed.values()):
        raise TypeError("an entry's columns are texts and integers")
    # The keys are ASCII and sorted, the values texts, small integers and null: this is RFC 8785 already.
    written = json.dumps(hashed, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return digest(columns["algorithm"], written.encode("utf-8"))
