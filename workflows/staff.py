"""Units and people of a bureau: entered by its administrator, each with a ledger entry."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, passwords
from workflows.actors import ROLES, Actor, Person, Post, Unit
from workflows.calendar import clock
from workflows.errors import Invalid, NotFound, Problem
from workflows.ledger import events

LEVELS = ("city", "county", "township", "division")


def add_unit(
    session: Session, actor: Actor, name: str, *, level: str, parent: str | None = None, legal_subject: bool = False,
    region: str = "",
) -> Unit:  # fmt: skip
    """Enter a unit. parent: the name of the unit above it; region: the prefix of its document numbers, e.g. 衢.

    Raises NotFound for an unknown parent, Invalid for an unknown level or a name that is taken.
    """
    if level not in LEVELS:
        raise Invalid("unit.level_unknown", level=level, levels=LEVELS)
    if session.execute(select(Unit.id).where(Unit.name == name)).first():
        raise Invalid("unit.exists", name=name)
    above = find_unit(session, parent) if parent else None
    unit = Unit(
        name=name, level=level, parent_id=above.id if above else None, legal_subject=legal_subject, region=region
    )
    session.add(unit)
    session.flush()
    event = events.UnitAdded(unit_id=unit.id, name=name, level=level, parent_id=unit.parent_id, region=region)
    ledger.append(session, "bureau", event, actor=actor)
    return unit


def add_person(
    session: Session, actor: Actor, login: str, name: str, *, unit: str, role: str, title: str, password: str,
    starts_on: date | None = None,
) -> Person:  # fmt: skip
    """Enter a person with a first post. unit: the unit's name; starts_on: today if not given.

    Raises NotFound for an unknown unit, Invalid for a login that is taken or malformed, an unknown role or a weak
    password.
    """
    if not (2 <= len(login) <= 64 and login.isascii() and login.replace("-", "").replace(".", "").isalnum()):
        raise Invalid("person.login_bad", [Problem("person.login_bad", "login", facts={"login": login})], login=login)
    if session.execute(select(Person.id).where(Person.login == login)).first():
        raise Invalid("person.login_taken", login=login)
    passwords.require_strong(password, login)
    person = Person(login=login, name=name, password_hash=passwords.hashed(password))
    session.add(person)
    session.flush()
    ledger.append(session, "bureau", events.PersonAdded(person_id=person.id, login=login, name=name), actor=actor)
    give_post(session, actor, person, unit=unit, role=role, title=title, starts_on=starts_on)
    return person


def give_post(
    session: Session, actor: Actor, person: Person, *, unit: str, role: str, title: str, starts_on: date | None = None
) -> Post:
    """Give a person a post in a unit; the one held already if it is the same, so that a request sent twice gives one.

    Raises NotFound for an unknown unit, Invalid for an unknown role.
    """
    if role not in ROLES:
        raise Invalid("role.unknown", role=role, roles=sorted(ROLES))
    place, begins = find_unit(session, unit), starts_on or clock.today()
    session.refresh(person, with_for_update=True)
    for held in person.posts:
        if (held.unit_id, held.role, held.title) == (place.id, role, title) and held.holds(begins):
            return held
    post = Post(
        person_id=person.id, unit_id=place.id, role=role, title=title, starts_on=begins, rank=len(person.posts)
    )
    session.add(post)
    session.flush()
    event = events.PostGiven(person_id=person.id, post_id=post.id, unit=place.name, role=role, title=title)
    ledger.append(session, "bureau", event, actor=actor)
    return post


def find_unit(session: Session, name: str) -> Unit:
    """The unit of that name. Raises NotFound."""
    unit = session.execute(select(Unit).where(Unit.name == name)).scalar_one_or_none()
    if unit is None:
        raise NotFound("unit.unknown", name=name)
    return unit


def find_person(session: Session, login: str) -> Person:
    """The person with that login. Raises NotFound."""
    person = session.execute(select(Person).where(Person.login == login)).scalar_one_or_none()
    if person is None:
        raise NotFound("person.unknown", person=login)
    return person
