"""People: entered, renamed, locked out and let in again.

Two administrators make an account that opens the door: the system administrator enters the person and asks for the
first post, the security administrator approves the post and gives the password.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, sessions
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.errors import Invalid, Problem
from workflows.ledger import events
from workflows.staff import posts, realm, stuck
from workflows.staff.requests import PostRequest

LONGEST_NAME = 64


def enter_person(
    session: Session, actor: Actor, login: str, name: str, *, unit_id: str, role: str, title: str,
    starts_on: date | None = None, reason: str = "",
) -> PostRequest:  # fmt: skip
    """Enter somebody, without a password, and ask for a first post; the security administrator decides on it.

    Raises Forbidden, NotFound("unit.unknown"), Invalid for a login that is taken or malformed, a name, role or reason.
    """
    realm.require(actor, "sys_admin")
    ledger.lock_stream(session, "bureau")
    person = put_person(session, actor, login, name)
    return posts.ask_post(
        session, actor, person.id, unit_id, role=role, title=title, starts_on=starts_on, reason=reason, first=True
    )


def put_person(session: Session, actor: Actor, login: str, name: str) -> Person:
    """Part of a command: the row of a new person, and its entry.

    Raises Forbidden("actor.role_missing"), Invalid for a login that is taken or malformed, or a bad name.
    """
    realm.require(actor, "sys_admin")
    login = login.strip()
    if not (2 <= len(login) <= 64 and login.isascii() and login.replace("-", "").replace(".", "").isalnum()):
        raise Invalid("person.login_bad", [Problem("person.login_bad", "login", facts={"login": login})], login=login)
    ledger.lock_stream(session, "bureau")
    if session.execute(select(Person.id).where(Person.login == login)).first():
        taken = Problem("person.login_taken", "login", facts={"login": login})
        raise Invalid("person.login_taken", [taken], login=login)
    person = Person(login=login, name=_named(name), password_hash=None)
    session.add(person)
    session.flush()
    event = events.PersonAdded(person_id=person.id, login=login, name=person.name)
    ledger.append(session, "bureau", event, actor=actor, happened=person.created_at)
    return person


def rename_person(session: Session, actor: Actor, person_id: str, name: str, *, reason: str) -> Person:
    """Give somebody another name from now on; what was signed keeps the name that it bears.

    Raises Forbidden, NotFound("person.unknown"), Invalid for a bad name or without a reason.
    """
    realm.require(actor, "sys_admin")
    realm.require_other(actor, person_id)
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    person = realm.person(session, actor, person_id, lock=True)
    realm.require_whole(session, actor, person)
    named, before = _named(name), person.name
    if named == before:
        return person
    person.name = named
    session.flush()
    event = events.PersonRenamed(person_id=person.id, before=before, name=named, reason=why)
    ledger.append(session, "bureau", event, actor=actor)
    return person


def disable_person(session: Session, actor: Actor, person_id: str, *, reason: str) -> int:
    """Lock somebody out: every session ends, the password is gone, the heads hear of the steps that wait with him.

    By either administrator, because it may be urgent. Gives back how many steps wait. Done once more, does nothing.
    Raises Forbidden ("actor.role_missing", "staff.oneself", "staff.elsewhere"), NotFound("person.unknown"), Invalid
    without a reason and for the last one who holds an administrator's role ("staff.last_administrator").
    """
    realm.require(actor, "sys_admin", "sec_admin")
    realm.require_other(actor, person_id)
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    person = realm.person(session, actor, person_id, lock=True)
    realm.require_whole(session, actor, person)
    tasks = stuck.waiting_with(session, person.id)
    if person.disabled_at is not None:
        return len(tasks)
    today = clock.today()
    for post in person.posts:
        posts.require_not_last(session, post, today)
    person.disabled_at, person.password_hash, person.password_until = clock.now(), None, None
    session.flush()
    event = events.PersonDisabled(person_id=person.id, name=person.name, tasks=len(tasks), reason=why)
    ledger.append(session, "bureau", event, actor=actor)
    stuck.tell_heads(session, person, tasks)
    sessions.revoke_all(session, actor, person.id, reason="person_disabled")
    return len(tasks)


def enable_person(session: Session, actor: Actor, person_id: str, *, reason: str) -> Person:
    """Let somebody in again; a new password is for the security administrator to give.

    Raises Forbidden, NotFound("person.unknown"), Invalid without a reason.
    """
    realm.require(actor, "sys_admin")
    realm.require_other(actor, person_id)
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    person = realm.person(session, actor, person_id, lock=True)
    realm.require_whole(session, actor, person)
    if person.disabled_at is None:
        return person
    person.disabled_at = None
    session.flush()
    event = events.PersonEnabled(person_id=person.id, name=person.name, reason=why)
    ledger.append(session, "bureau", event, actor=actor)
    return person


def _named(name: str) -> str:
    named = name.strip()
    if not named or len(named) > LONGEST_NAME:
        raise Invalid("person.name_bad", [Problem("person.name_bad", "name")], most=LONGEST_NAME)
    return named
