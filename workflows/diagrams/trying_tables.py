"""Tables of what is tried before it is published: plays of drafts, runs of tests, closed cases through a draft.

Nothing in them is a case: a play is a list of moves, a run is what came of a test, a replay is numbers of cases and the
names of steps.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Base, Row, Utc

WAITING, DONE, STOPPED = "waiting", "done", "stopped"
"""States of a replay of closed cases."""


class ProcessPlay(Row):
    """A play of a draft by one administrator. moves: as `rehearsal.scene` makes them; the scene itself is not kept.

    process_key: with which process the play begins; started_at: where its clock begins; revision: grows with each
    change of the moves, so that two windows do not write over each other.
    """

    __tablename__ = "process_play"
    __table_args__ = (Index("ix_process_play_draft_id_changed_at", "draft_id", "changed_at"),)
    draft_id: Mapped[str] = mapped_column(ForeignKey("process_draft.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    process_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    moves: Mapped[list[Any]] = mapped_column(JSON, default=list)
    revision: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime] = mapped_column(Utc)
    changed_at: Mapped[datetime] = mapped_column(Utc)


class TestRun(Base):
    """What came of a test of a package when it was run last. problem: {code, facts}, empty where it passed."""

    __tablename__ = "process_test_run"
    __test__ = False
    package_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(String(120), primary_key=True)
    passed: Mapped[bool] = mapped_column(Boolean)
    problem: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ran_at: Mapped[datetime] = mapped_column(Utc, index=True)
    by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))


class ClosedReplay(Row):
    """Closed cases driven through a draft as it stood. since, until: days of closing, both included.

    units: ids of the bureaus whose cases are looked at; total, done: cases; after: the last case that was looked at;
    same, other, skipped: how many went the same way, another way, or could not be followed; found: one entry for each
    case of the last two, as `trying_closed` writes them.
    """

    __tablename__ = "process_replay"
    __table_args__ = (Index("ix_process_replay_state_asked_at", "state", "asked_at"),)
    draft_id: Mapped[str] = mapped_column(ForeignKey("process_draft.id"), index=True)
    draft_revision: Mapped[int] = mapped_column(Integer)
    package_hash: Mapped[str] = mapped_column(String(64))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    units: Mapped[list[Any]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    total: Mapped[int] = mapped_column(Integer, default=0)
    done: Mapped[int] = mapped_column(Integer, default=0)
    after: Mapped[str] = mapped_column(String(32), default="")
    same: Mapped[int] = mapped_column(Integer, default=0)
    other: Mapped[int] = mapped_column(Integer, default=0)
    skipped: Mapped[int] = mapped_column(Integer, default=0)
    found: Mapped[list[Any]] = mapped_column(JSON, default=list)
    reason: Mapped[str] = mapped_column(String(64), default="")
    asked_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
