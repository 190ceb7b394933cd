"""Standing orders to act for somebody absent (委托代理).

An order widens nobody's rights: the substitute holds each role of the order himself, in the same bureau, and may not
be barred from the case; what he does carries both names. It is not passed on to a third (行政处罚法 21).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import ROLES, Actor, Person, Post, Unit, acting
from workflows.calendar import clock
from workflows.cases.orders import Substitute
from workflows.desk import receipts, texts
from workflows.diagrams import library
from workflows.errors import Invalid, NotFound, Problem
from workflows.ledger import events

LONGEST_ORDER = 366
"""Days that one order may last: a longer absence is a new post."""
NEVER = frozenset({"sys_admin", "sec_admin", "auditor", "panel_member"})
"""Roles in which nobody acts for another: a vote is one's own (行政处罚法 57), administrators have no cases."""


def name_substitute(
    session: Session, actor: Actor, person_id: str, substitute_id: str, *, roles: Collection[str], starts_on: date,
    ends_on: date, reason: str, key: str, processes: Collection[str] = (),
) -> str:  # fmt: skip
    """Let somebody act for a person; gives back the order's id.

    processes: keys of those whose steps the order is for; all when empty. For oneself, or as sys_admin for others; all
    of one bureau. Raises Forbidden("actor.role_missing"), NotFound("person.unknown") also for people of another
    bureau, and Invalid with a problem for each field.
    """
    if person_id != actor.person_id:
        actor.require("sys_admin")
    wanted, scope = sorted(set(roles)), sorted(set(processes))
    arguments = {
        "person": person_id, "substitute": substitute_id, "roles": wanted, "from": starts_on.isoformat(),
        "to": ends_on.isoformat(), "reason": reason, "processes": scope,
    }  # fmt: skip
    if (earlier := receipts.replay(session, actor, key, "name_substitute", arguments)) is not None:
        return str(earlier["order"])
    for one in sorted({person_id, substitute_id}):  # of two orders at one moment, the second sees the first
        session.get(Person, one, with_for_update=True)
    own = person_id == actor.person_id
    absent, present = person_of(session, actor, person_id), person_of(session, actor, substitute_id, own=own)
    order = Substitute(
        person_id=person_id, substitute_id=substitute_id, roles=wanted, processes=scope, starts_on=starts_on,
        ends_on=ends_on, reason=reason.strip(), created_at=clock.now(), created_by_id=actor.person_id,
    )  # fmt: skip
    _check(session, absent, present, order)
    session.add(order)
    session.flush()
    told = events.SubstituteNamed(
        order_id=order.id, person_id=person_id, name=absent.name, substitute_id=substitute_id,
        substitute_name=present.name, roles=wanted, starts_on=starts_on, ends_on=ends_on, reason=order.reason,
        processes=scope,
    )  # fmt: skip
    ledger.append(session, f"person:{person_id}", told, actor=actor)
    outbox.send(session, substitute_id, "substitute_named", {
        "name": absent.name, "from": starts_on.isoformat(), "to": ends_on.isoformat()})  # fmt: skip
    receipts.keep(session, actor, key, "name_substitute", arguments, {"order": order.id})
    return order.id


def end_substitute(session: Session, actor: Actor, order_id: str) -> Substitute:
    """End an order now; one that ended already stays as it is. For either of the two, or sys_admin of their bureau.

    Raises NotFound("substitute.unknown") also for an order of another bureau, Forbidden("actor.role_missing").
    """
    order = session.get(Substitute, order_id, with_for_update=True)
    if order is None:
        raise NotFound("substitute.unknown")
    if actor.person_id not in (order.person_id, order.substitute_id):
        if not _same_bureau(session, actor, order.person_id):
            raise NotFound("substitute.unknown")
        actor.require("sys_admin")
    if order.ended_at is None:
        order.ended_at = clock.now()
        told = events.SubstituteEnded(
            order_id=order.id, person_id=order.person_id, name=order.person.name, substitute_name=order.substitute.name
        )
        ledger.append(session, f"person:{order.person_id}", told, actor=actor)
    return order


def person_of(session: Session, actor: Actor, person_id: str, *, own: bool = False) -> Actor:
    """Somebody whom the actor could name in an order: himself, or a colleague of his bureau.

    own: whether it is for himself; as administrator, one orders for the bureau only that one keeps. Raises
    NotFound("person.unknown") for anybody else, Forbidden("person.disabled").
    """
    if not _same_bureau(session, actor, person_id, own=own):
        raise NotFound("person.unknown", person=person_id)
    return acting(session, person_id)


def bureaus(session: Session, person: Actor, role: str) -> set[str]:
    """Ids of the bureaus in which somebody holds a role: of legal subjects and of delegated bodies, which act apart."""
    return {_bureau(session, unit_id) for unit_id in person.units.get(role, ())}


def orders_of(session: Session, person_id: str) -> Sequence[Substitute]:
    """The orders of a person and those for others that name him, newest first."""
    wanted = or_(Substitute.person_id == person_id, Substitute.substitute_id == person_id)
    return session.execute(select(Substitute).where(wanted).order_by(Substitute.created_at.desc())).scalars().all()


def acts_for(session: Session, actor: Actor, person_id: str, process_key: str | None = None) -> frozenset[str]:
    """The roles in which the actor acts for a person today: those of the orders that both of them still hold.

    process_key: the process of the step; None for those of any.
    """
    today = clock.today()
    found = session.execute(select(Substitute).where(
        Substitute.person_id == person_id, Substitute.substitute_id == actor.person_id, Substitute.ended_at.is_(None)
    )).scalars()  # fmt: skip
    given = frozenset(
        role for order in found if order.holds(today) and order.covers(process_key)
        for role in order.roles if role in actor.roles
    )  # fmt: skip
    person = session.get(Person, person_id) if given else None
    if person is None or person.disabled_at is not None:
        return frozenset()
    away = acting(session, person_id)
    return frozenset(role for role in given if bureaus(session, away, role) & bureaus(session, actor, role))


def absent(session: Session, actor: Actor) -> frozenset[str]:
    """Ids of those for whom the actor acts today."""
    today = clock.today()
    wanted = select(Substitute.person_id).where(
        Substitute.substitute_id == actor.person_id, Substitute.ended_at.is_(None),
        and_(Substitute.starts_on <= today, Substitute.ends_on >= today),
    )  # fmt: skip
    return frozenset(session.execute(wanted).scalars())


def _check(session: Session, person: Actor, substitute: Actor, order: Substitute) -> None:
    problems: list[Problem] = []
    if order.person_id == order.substitute_id:
        problems.append(Problem("substitute.oneself", "substitute"))
    if not order.roles:
        problems.append(Problem("substitute.no_role", "roles"))
    for role in order.roles:
        if role in NEVER or role not in ROLES:
            problems.append(Problem("substitute.never", "roles", facts={"roles": [role]}))
        elif role not in person.roles:
            problems.append(Problem("substitute.not_held", "roles", facts={"name": person.name, "roles": [role]}))
        elif not bureaus(session, person, role) & bureaus(session, substitute, role):
            facts = {"name": substitute.name, "roles": [role]}
            problems.append(Problem("substitute.not_fit", "substitute", facts=facts))
    for unknown in sorted(set(order.processes) - set(library.keys(session))):
        problems.append(Problem("substitute.process_unknown", "processes", facts={"process": unknown[:64]}))
    if order.ends_on < order.starts_on or (order.ends_on - order.starts_on).days >= LONGEST_ORDER:
        problems.append(Problem("substitute.days", "ends_on", facts={"most": LONGEST_ORDER}))
    if order.ends_on < clock.today():
        problems.append(Problem("substitute.past", "ends_on"))
    if long := texts.wrong(order.reason, "reason", texts.LONGEST_NOTE, long="substitute.reason_long"):
        problems.append(long)
    if _overlapping(session, order, Substitute.person_id == order.person_id):
        problems.append(Problem("substitute.overlaps", "starts_on"))
    # Both would be absent, and each would act for the other.
    for back in _overlapping(session, order, (Substitute.person_id == order.substitute_id)
                             & (Substitute.substitute_id == order.person_id))[:1]:  # fmt: skip
        both = {"name": substitute.name, "person": person.name, "from": back.starts_on, "to": back.ends_on}
        problems.append(Problem("substitute.circle", "substitute", facts=both))
    if problems:
        raise Invalid(problems[0].code, problems, **problems[0].facts)


def _same_bureau(session: Session, actor: Actor, person_id: str, *, own: bool = False) -> bool:
    """Whether somebody is the actor, or has or had a post in a bureau of his: of an administrator, one that he keeps.

    Past posts count too: an order of somebody who left can be read and ended.
    """
    if person_id == actor.person_id:
        return True
    roles = {"sys_admin"} if "sys_admin" in actor.roles and not own else actor.roles
    mine = {bureau for role in roles for bureau in bureaus(session, actor, role)}
    posts = session.execute(select(Post.unit_id).where(Post.person_id == person_id).distinct()).scalars()
    return any(_bureau(session, unit_id) in mine for unit_id in posts)


def _bureau(session: Session, unit_id: str) -> str:
    """The id of the unit in whose `actors.subtree` another one stands."""
    unit, passed = session.get_one(Unit, unit_id), set[str]()
    while not unit.legal_subject and unit.delegated_by_id is None and unit.parent and unit.id not in passed:
        passed.add(unit.id)
        unit = unit.parent
    return unit.id


def _overlapping(session: Session, order: Substitute, whose: ColumnElement[bool]) -> list[Substitute]:
    """The orders in force that are for one of the same roles, processes and days as an order. whose: of those."""
    others = session.execute(select(Substitute).where(
        whose, Substitute.ended_at.is_(None), Substitute.starts_on <= order.ends_on,
        Substitute.ends_on >= order.starts_on,
    )).scalars()  # fmt: skip
    return [
        other for other in others
        if set(other.roles) & set(order.roles)
        and (not other.processes or not order.processes or set(other.processes) & set(order.processes))
    ]  # fmt: skip
