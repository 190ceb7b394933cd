"""What a page that lies open asks every few seconds: does its login still live, and has anything changed?

One statement answers, along the keys of its tables. It writes nothing: looking out for changes is no use of a session,
so a page that was left open is logged out like any other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.orm import Session, raiseload

from workflows.actors import Person
from workflows.calendar import clock
from workflows.outbox import OutboxNotice
from workflows.pulse import Pulse
from workflows.sessions import WebSession, opened_by

MOST_UNREAD = 100
"""Unread notices are counted to here."""


@dataclass(frozen=True, slots=True)
class Look:
    """beat: grows with every change that concerns the person or one of the scopes; unread: at most MOST_UNREAD."""

    beat: int
    unread: int


def look(session: Session, token: str, scopes: Collection[str] = (), *, idle: timedelta) -> Look | None:
    """How things stand for whoever the token belongs to; None when it opens no living session of an enabled person.

    scopes: ids of units and cases whose changes matter to the page. idle: how long a session may rest unused.
    """
    found = session.execute(question(token, scopes)).one_or_none()
    if found is None:
        return None
    row, disabled_at, own, others, unread = found
    if disabled_at is not None or not row.lives(clock.now(), idle):
        return None
    return Look(own + others, unread)


def beat(session: Session, person_id: str, scopes: Collection[str] = ()) -> int:
    """The number that `look` would tell this person now: put on a page before what it shows is read."""
    wanted = select(func.coalesce(func.sum(Pulse.beat), 0)).where(Pulse.scope.in_({person_id, *scopes}))
    return int(session.execute(wanted).scalar_one())


def question(token: str, scopes: Collection[str]) -> Select[WebSession, object, int, int, int]:
    """The statement of `look`, for those who look how the database answers it."""
    own = select(Pulse.beat).where(Pulse.scope == WebSession.person_id).scalar_subquery()
    others = select(func.sum(Pulse.beat)).where(Pulse.scope.in_(set(scopes))).scalar_subquery()
    unread = (
        select(literal_column("1").label("one"))
        .where(
            OutboxNotice.person_id == WebSession.person_id, OutboxNotice.read_at.is_(None),
            OutboxNotice.delivered_at.is_not(None),
        )
        .limit(MOST_UNREAD).correlate(WebSession).subquery()
    )  # fmt: skip
    return (
        select(
            WebSession, Person.disabled_at, func.coalesce(own, 0), func.coalesce(others, 0),
            select(func.count()).select_from(unread).scalar_subquery(),
        )
        .join(Person, Person.id == WebSession.person_id)
        .where(opened_by(token))
        .options(raiseload(WebSession.person))
    )  # fmt: skip
