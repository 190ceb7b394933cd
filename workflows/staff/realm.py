"""Whom and what an administrator has charge of: the bureau of the post, and everything below it in the tree.

Whoever acts at the terminal of the installation (`SYSTEM`) has charge of all; how else would there be a first one.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from workflows.actors import ADMINISTRATORS, SYSTEM, Actor, Person, Post, Unit, legal_subject
from workflows.calendar import clock
from workflows.errors import Forbidden, Invalid, NotFound, Problem
from workflows.staff.requests import PostRequest

LONGEST_REASON = 500


def require(actor: Actor, *roles: str) -> None:
    """Raise Forbidden("actor.role_missing") unless one of the roles is held, or the terminal acts."""
    if actor != SYSTEM:
        actor.require(*roles)


def require_other(actor: Actor, person_id: str) -> None:
    """Nobody administers himself. Raises Forbidden("staff.oneself")."""
    if actor.person_id == person_id:
        raise Forbidden("staff.oneself")


def reasoned(text: str) -> str:
    """The reason of a change, without blanks around it. Raises Invalid at the place "reason"."""
    told = text.strip()
    if not told:
        raise Invalid("staff.reason_missing", [Problem("staff.reason_missing", "reason")])
    if len(told) > LONGEST_REASON:
        problem = Problem("staff.reason_long", "reason", facts={"most": LONGEST_REASON})
        raise Invalid(problem.code, [problem], most=LONGEST_REASON)
    return told


def units_of(session: Session, actor: Actor) -> frozenset[str]:
    """Ids of the units that the actor administers, ended ones too."""
    if actor == SYSTEM:
        return frozenset(session.execute(select(Unit.id)).scalars())
    tops = {
        legal_subject(session, unit_id).id for role in ADMINISTRATORS for unit_id in actor.units.get(role, frozenset())
    }
    below = select(Unit.id).where(Unit.id.in_(tops)).cte("administered", recursive=True)
    # UNION and not UNION ALL: a unit that was hung below itself by mistake is met once.
    below = below.union(select(Unit.id).where(or_(Unit.parent_id == below.c.id, Unit.delegated_by_id == below.c.id)))
    return frozenset(session.execute(select(below.c.id)).scalars())


def people_of(session: Session, actor: Actor) -> ColumnElement[bool]:
    """A condition on `Person` that holds for those the actor administers: with a post there, past, present or asked."""
    if actor == SYSTEM:
        return true()
    units = units_of(session, actor)
    return or_(
        Person.id.in_(select(Post.person_id).where(Post.unit_id.in_(units))),
        Person.id.in_(select(PostRequest.person_id).where(PostRequest.unit_id.in_(units))),
    )


def unit(session: Session, actor: Actor, unit_id: str, *, lock: bool = False) -> Unit:
    """A unit that the actor administers. Raises NotFound("unit.unknown") for any other."""
    found = session.get(Unit, unit_id, with_for_update=lock or None)
    if found is None or found.id not in units_of(session, actor):
        raise NotFound("unit.unknown", name="")
    return found


def person(session: Session, actor: Actor, person_id: str, *, lock: bool = False) -> Person:
    """Somebody whom the actor administers. Raises NotFound("person.unknown") for anybody else."""
    wanted = select(Person).where(Person.id == person_id, people_of(session, actor))
    if lock:
        wanted = wanted.with_for_update(of=Person).execution_options(populate_existing=True)
    found = session.execute(wanted).scalar_one_or_none()
    if found is None:
        raise NotFound("person.unknown")
    return found


def require_whole(session: Session, actor: Actor, one: Person) -> None:
    """The account as a whole is for the administrator of all posts that its holder has today.

    A county's administrator does not lock the door of somebody who also has a post in the city's bureau.
    Raises Forbidden("staff.elsewhere").
    """
    units, today = units_of(session, actor), clock.today()
    if any(post.holds(today) and post.unit_id not in units for post in one.posts):
        raise Forbidden("staff.elsewhere", name=one.name)
