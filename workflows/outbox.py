"""Notices to people: written in the transaction of the command that causes them, sent on by the worker after it.

A notice tells of nothing that was rolled back, and no command waits for its delivery. A delivered notice stands in its
reader's list until read; `workflows.notices` sends it on by e-mail and webhook, as its reader chose. Its sentence is
`notice.<kind>` in sentences.yaml.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows import pulse
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.errors import NotFound
from workflows.store import Row, Utc


class OutboxNotice(Row):
    """Something a person should know. `kind` finds its sentence, `facts` fill it."""

    __tablename__ = "outbox_notice"
    __table_args__ = (
        Index("ix_outbox_notice_delivered_at_created_at", "delivered_at", "created_at"),
        Index("ix_outbox_notice_person_id_read_at", "person_id", "read_at"),
    )
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Utc)
    delivered_at: Mapped[datetime | None] = mapped_column(Utc)
    read_at: Mapped[datetime | None] = mapped_column(Utc)


pulse.watched(OutboxNotice, "person_id")


def send(
    session: Session, person_id: str, kind: str, facts: Mapping[str, Any], case_id: str | None = None
) -> OutboxNotice:
    """Leave a notice for a person; it goes out once the command's unit of work is committed.

    facts: what JSON can hold, named as in the sentence of the kind.
    """
    notice = OutboxNotice(person_id=person_id, case_id=case_id, kind=kind, facts=dict(facts), created_at=clock.now())
    session.add(notice)
    return notice


def waits(session: Session) -> bool:
    """Whether any notice waits for delivery; takes no lock."""
    waiting = select(OutboxNotice.id).where(OutboxNotice.delivered_at.is_(None))
    return session.execute(waiting.limit(1)).first() is not None


def pending(session: Session, limit: int) -> Sequence[OutboxNotice]:
    """The oldest notices that wait for delivery, locked by this unit of work; another worker's are passed over."""
    waiting = select(OutboxNotice).where(OutboxNotice.delivered_at.is_(None))
    waiting = waiting.order_by(OutboxNotice.created_at, OutboxNotice.id).limit(limit)
    return session.execute(waiting.with_for_update(skip_locked=True)).scalars().all()


def deliver(session: Session, limit: int = 100) -> int:
    """Deliver the oldest waiting notices: from now on they stand in their readers' lists. Gives back how many."""
    return len(deliver_waiting(session, limit))


def deliver_waiting(session: Session, limit: int) -> Sequence[OutboxNotice]:
    """The same; gives back the notices themselves, for whoever sends them further."""
    waiting = pending(session, limit)
    for notice in waiting:
        notice.delivered_at = clock.now()
    return waiting


def unread(session: Session, person_id: str, limit: int = 50) -> Sequence[OutboxNotice]:
    """What was delivered to a person and not read yet, newest first."""
    wanted = select(OutboxNotice).where(_unread(person_id)).limit(limit)
    return session.execute(wanted.order_by(OutboxNotice.created_at.desc(), OutboxNotice.id)).scalars().all()


def count_unread(session: Session, person_id: str) -> int:
    """How many notices wait to be read."""
    return session.execute(select(func.count()).select_from(OutboxNotice).where(_unread(person_id))).scalar_one()


def mark_read(session: Session, actor: Actor, ids: Collection[str]) -> int:
    """Note that the actor has read these notices; gives back how many were unread.

    Raises NotFound("notice.unknown") when one of them is not the actor's; then none is marked.
    """
    wanted = select(OutboxNotice).where(OutboxNotice.id.in_(ids), OutboxNotice.person_id == actor.person_id)
    mine = session.execute(wanted.order_by(OutboxNotice.id).with_for_update()).scalars().all()
    if {notice.id for notice in mine} != set(ids):
        raise NotFound("notice.unknown")
    new = [notice for notice in mine if notice.read_at is None]
    for notice in new:
        notice.read_at = clock.now()
    return len(new)


def _unread(person_id: str) -> ColumnElement[bool]:
    return and_(
        OutboxNotice.person_id == person_id, OutboxNotice.delivered_at.is_not(None), OutboxNotice.read_at.is_(None)
    )
