"""The administrators' house: units and people of a bureau, their posts, certificates and doors.

Each command is guarded by one of the three administrators' roles (docs/decisions/0020-administrators.md) and appends to
the stream of the bureau. Nothing is deleted; what is over carries its last day. What is importable from here is for the
terminal, where there is nobody yet who could log in.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, Post, Unit
from workflows.errors import NotFound
from workflows.sessions import set_password
from workflows.staff import people, posts, units
from workflows.staff.units import LEVELS as LEVELS


def add_unit(
    session: Session, actor: Actor, name: str, *, level: str, parent: str | None = None, legal_subject: bool = False,
    region: str = "",
) -> Unit:  # fmt: skip
    """Enter a unit. parent: the name of the unit above it; region: the prefix of its document numbers, e.g. 衢.

    Raises NotFound for an unknown parent, Invalid for an unknown level or a name that is taken.
    """
    above = find_unit(session, parent).id if parent else None
    standing = units.SUBJECT if legal_subject else units.DIVISION
    return units.enter_unit(session, actor, name, level=level, parent_id=above, standing=standing, region=region)


def add_person(
    session: Session, actor: Actor, login: str, name: str, *, unit: str, role: str, title: str, password: str,
    starts_on: date | None = None,
) -> Person:  # fmt: skip
    """Enter a person with a first post and a password. unit: the unit's name; starts_on: today if not given.

    Raises NotFound for an unknown unit, Invalid for a login that is taken or malformed, an unknown role or a weak
    password.
    """
    person = people.put_person(session, actor, login, name)
    set_password(session, actor, person, password)
    give_post(session, actor, person, unit=unit, role=role, title=title, starts_on=starts_on)
    return person


def give_post(
    session: Session, actor: Actor, person: Person, *, unit: str, role: str, title: str, starts_on: date | None = None
) -> Post:
    """Give a person a post in a unit; the one held already if it is the same, so that a request sent twice gives one.

    Raises NotFound for an unknown unit, Invalid for an unknown role or one that goes with none of the person's others.
    """
    place = find_unit(session, unit)
    return posts.give_post(session, actor, person.id, place.id, role=role, title=title, starts_on=starts_on)


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
