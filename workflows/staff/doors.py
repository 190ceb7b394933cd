"""Doors: passwords given once, and sessions that others end. By the security administrator (安全管理员)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, outbox, passwords, sessions
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.errors import Forbidden, NotFound
from workflows.ledger import events
from workflows.sessions import WebSession
from workflows.staff import realm

PASSWORD_LASTS = timedelta(hours=72)
"""How long a password that was given opens the door."""
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No character that is taken for another one on paper."""
GROUPS, LENGTH = 4, 4
"""16 of 31 characters: 79 bits."""


def issue_password(session: Session, actor: Actor, person_id: str, *, reason: str) -> str:
    """Give somebody a password that opens the door once: he must change it, within `PASSWORD_LASTS`.

    It is given back to be told to him and is stored nowhere; all his sessions end. Raises Forbidden
    ("actor.role_missing", "staff.oneself", "staff.elsewhere", "person.disabled"), NotFound("person.unknown"), Invalid
    without a reason.
    """
    realm.require(actor, "sec_admin")
    realm.require_other(actor, person_id)
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    person = realm.person(session, actor, person_id, lock=True)
    realm.require_whole(session, actor, person)
    if person.disabled_at is not None:
        raise Forbidden("person.disabled", name=person.name)
    drawn = "-".join("".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(GROUPS))
    until = clock.now() + PASSWORD_LASTS
    person.password_hash, person.password_until = passwords.hashed(drawn), until
    session.flush()
    event = events.PasswordIssued(person_id=person.id, name=person.name, until_at=until, reason=why)
    ledger.append(session, "bureau", event, actor=actor)
    outbox.send(session, person.id, "password_issued", {"by": actor.name})
    sessions.revoke_all(session, actor, person.id, reason="password_issued")
    return drawn


def end_session(session: Session, actor: Actor, session_id: str, *, reason: str) -> str:
    """End one session of somebody else; gives back whose. Raises Forbidden, NotFound("session.unknown"), Invalid."""
    realm.require(actor, "sec_admin")
    why = realm.reasoned(reason)
    row = session.get(WebSession, session_id)
    if row is None or row.person_id == actor.person_id:
        raise NotFound("session.unknown")
    realm.person(session, actor, row.person_id)
    sessions.end(session, row, actor, why)
    return row.person_id


def end_sessions(session: Session, actor: Actor, person_id: str, *, reason: str) -> int:
    """End every session of somebody else; gives back how many.

    Raises Forbidden, NotFound("person.unknown"), Invalid without a reason.
    """
    realm.require(actor, "sec_admin")
    realm.require_other(actor, person_id)
    why = realm.reasoned(reason)
    person = realm.person(session, actor, person_id)
    return sessions.revoke_all(session, actor, person.id, reason=why)


def end_all_sessions(session: Session, actor: Actor, *, reason: str) -> int:
    """End the sessions of everybody whom the actor administers but himself; gives back how many.

    Raises Forbidden, Invalid without a reason.
    """
    realm.require(actor, "sec_admin")
    why = realm.reasoned(reason)
    wanted = (
        select(WebSession.person_id).join(Person, Person.id == WebSession.person_id)
        .where(WebSession.revoked_at.is_(None), realm.people_of(session, actor), Person.id != actor.person_id)
    )  # fmt: skip
    people = sorted(set(session.execute(wanted).scalars()))
    return sum(sessions.revoke_all(session, actor, one, reason=why) for one in people)
