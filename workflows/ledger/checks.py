"""Verifications of the whole ledger that somebody asked for: done by the worker, a few seconds or hours later.

A page never walks the chains itself. One check runs at a time; a worker that dies leaves a lease that runs out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Integer, String, Text, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.actors import Actor
from workflows.calendar import clock
from workflows.ledger.checkpoints import checkpoint
from workflows.ledger.verification import verify
from workflows.store import Row, Store, Utc

WAITING, RUNNING, WHOLE, FAULTY, BROKEN = "waiting", "running", "whole", "faulty", "broken"
LEASE = timedelta(minutes=5)
MOST_STREAMS = 100_000
"""Streams of which a checkpoint is kept with its check, some 10 MB; of more, the terminal takes one."""
TELL_EVERY = timedelta(seconds=5)
SHOWN_FAULTS = 200
"""Faults that are kept with a check; one is enough for the alarm, and the terminal names all of them."""

log = logging.getLogger(__name__)


class LedgerCheck(Row):
    """One verification. checkpoint: the state of all streams that was verified; digest: of that, for paper.

    The row is no part of the ledger: whoever doubts it asks for another one, or verifies at the terminal.
    """

    __tablename__ = "ledger_check"
    asked_by_id: Mapped[str] = mapped_column(String(32))
    asked_at: Mapped[datetime] = mapped_column(Utc, index=True)
    state: Mapped[str] = mapped_column(String(10), default=WAITING, index=True)
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    faults: Mapped[list[Any]] = mapped_column(JSON, default=list)
    checkpoint: Mapped[str] = mapped_column(Text, default="", deferred=True)
    digest: Mapped[str] = mapped_column(String(64), default="")


class _Ended(Exception):
    """The worker is told to end; the check is begun again by the next one."""


def ask_check(session: Session, actor: Actor) -> LedgerCheck:
    """Ask for a verification; the one that waits or runs already, if there is one.

    Raises Forbidden("actor.role_missing") unless the actor is an auditor or a security administrator.
    """
    actor.require("auditor", "sec_admin")
    live = select(LedgerCheck).where(LedgerCheck.state.in_((WAITING, RUNNING))).limit(1)
    found = session.execute(live).scalar_one_or_none()
    if found is not None:
        return found
    row = LedgerCheck(asked_by_id=actor.person_id, asked_at=clock.now(), state=WAITING)
    session.add(row)
    session.flush()
    return row


def latest(session: Session, limit: int = 10) -> Sequence[LedgerCheck]:
    """The verifications asked for last, the newest first."""
    return session.execute(select(LedgerCheck).order_by(LedgerCheck.asked_at.desc()).limit(limit)).scalars().all()


def run_next(store: Store, stopped: Callable[[], bool] = lambda: False) -> int:
    """Do the verification that waits, if there is one; how many were done. The chains are read without a lock."""
    with store.read() as session:
        if session.execute(_free()).first() is None:
            return 0
    with store.work() as session:
        taken = session.execute(_free().with_for_update(skip_locked=True)).scalar_one_or_none()
        if taken is None:
            return 0
        taken.state, taken.lease_until, taken.done = RUNNING, clock.now() + LEASE, 0
        check_id = taken.id
    told = clock.now()

    def progress(done: int, total: int) -> None:
        nonlocal told
        if stopped():
            raise _Ended
        if clock.now() - told >= TELL_EVERY:
            told = clock.now()
            _note(store, check_id, done=done, total=total, lease_until=told + LEASE)

    try:
        progress(0, 0)
        with store.read(snapshot=True) as session:
            faults = verify(session, progress=progress)
            taken_now = checkpoint(session)
    except _Ended:
        _note(store, check_id, state=WAITING, lease_until=None)
        return 0
    except Exception:
        _note(store, check_id, state=BROKEN, ended_at=clock.now(), lease_until=None)
        raise
    shown = [{"stream": one.stream, "seq": one.seq, "kind": one.kind, "detail": [one.detail, one.detail_en]}
             for one in faults[:SHOWN_FAULTS]]  # fmt: skip
    _note(
        store, check_id, state=FAULTY if faults else WHOLE, ended_at=clock.now(), lease_until=None, faults=shown,
        done=taken_now.total, total=taken_now.total, digest=taken_now.digest,
        checkpoint=taken_now.to_json() if len(taken_now.streams) <= MOST_STREAMS else "",
    )  # fmt: skip
    if faults:
        log.error("the ledger has faults in %d streams, the first in %s", len(faults), faults[0].stream)
    return 1


def _free() -> Any:
    """The check that waits, or that a worker left behind."""
    lost = (LedgerCheck.state == RUNNING) & (LedgerCheck.lease_until < clock.now())
    wanted = select(LedgerCheck).where(or_(LedgerCheck.state == WAITING, lost))
    return wanted.order_by(LedgerCheck.asked_at).limit(1)


def _note(store: Store, check_id: str, **columns: Any) -> None:
    with store.work() as session:
        row = session.get_one(LedgerCheck, check_id)
        for name, value in columns.items():
            setattr(row, name, value)
