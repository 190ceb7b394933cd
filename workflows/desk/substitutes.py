"""Standing orders to act for somebody absent (委托代理).

An order widens nobody's rights: the substitute holds each role of the order himself, in the same bureau, and may not
be barred from the case; what he does carries both names. It is not passed on to a third (行政处罚法 21).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, String, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows import ledger, outbox
from workflows.actors import ROLES, Actor, Person, acting
from workflows.calendar import clock
from workflows.desk import receipts
from workflows.errors import Invalid, NotFound, Problem
from workflows.ledger import events
from workflows.store import Row, Utc

LONGEST_REASON = 500
LONGEST_ORDER = 366
"""Days that one order may last: a longer absence is a new post."""
NEVER = frozenset({"sys_admin", "sec_admin", "auditor", "panel_member"})
"""Roles in which nobody acts for another: a vote is one's own (行政处罚法 57), administrators have no cases."""


class Substitute(Row):
    """One order: who acts for whom, in which roles, from when to when (both days included)."""

    __tablename__ = "substitute"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    substitute_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    roles: Mapped[list[str]] = mapped_column(JSON)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    created_at: Mapped[datetime] = mapped_column(Utc)
    created_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    substitute: Mapped[Person] = relationship(foreign_keys=[substitute_id])

    def holds(self, on: date) -> bool:
        """Whether the order is in force on that day."""
        return self.ended_at is None and self.starts_on <= on <= self.ends_on


def name_substitute(
    session: Session, actor: Actor, person_id: str, substitute_id: str, *, roles: Collection[str], starts_on: date,
    ends_on: date, reason: str, key: str,
) -> str:  # fmt: skip
    """Let somebody act for a person; gives back the order's id.

    For oneself, or as sys_admin for others. Raises Forbidden("actor.role_missing"), NotFound("person.unknown") and
    Invalid with a problem for each field.
    """
    if person_id != actor.person_id:
        actor.require("sys_admin")
    wanted = sorted(set(roles))
    arguments = {
        "person": person_id, "substitute": substitute_id, "roles": wanted, "from": starts_on.isoformat(),
        "to": ends_on.isoformat(), "reason": reason,
    }  # fmt: skip
    if (earlier := receipts.replay(session, actor, key, "name_substitute", arguments)) is not None:
        return str(earlier["order"])
    absent, present = acting(session, person_id), acting(session, substitute_id)
    _check(session, absent, present, wanted, starts_on, ends_on, reason)
    order = Substitute(
        person_id=person_id, substitute_id=substitute_id, roles=wanted, starts_on=starts_on, ends_on=ends_on,
        reason=reason.strip(), created_at=clock.now(), created_by_id=actor.person_id,
    )  # fmt: skip
    session.add(order)
    session.flush()
    told = events.SubstituteNamed(
        order_id=order.id, person_id=person_id, name=absent.name, substitute_id=substitute_id,
        substitute_name=present.name, roles=wanted, starts_on=starts_on, ends_on=ends_on, reason=order.reason,
    )  # fmt: skip
    ledger.append(session, f"person:{person_id}", told, actor=actor)
    outbox.send(session, substitute_id, "substitute_named", {
        "name": absent.name, "from": starts_on.isoformat(), "to": ends_on.isoformat()})  # fmt: skip
    receipts.keep(session, actor, key, "name_substitute", arguments, {"order": order.id})
    return order.id


def end_substitute(session: Session, actor: Actor, order_id: str) -> Substitute:
    """End an order now; one that ended already stays as it is. For either of the two, or sys_admin.

    Raises NotFound("substitute.unknown"), Forbidden("actor.role_missing").
    """
    order = session.get(Substitute, order_id, with_for_update=True)
    if order is None:
        raise NotFound("substitute.unknown")
    if actor.person_id not in (order.person_id, order.substitute_id):
        actor.require("sys_admin")
    if order.ended_at is None:
        order.ended_at = clock.now()
        told = events.SubstituteEnded(
            order_id=order.id, person_id=order.person_id, name=order.person.name, substitute_name=order.substitute.name
        )
        ledger.append(session, f"person:{order.person_id}", told, actor=actor)
    return order


def orders_of(session: Session, person_id: str) -> Sequence[Substitute]:
    """The orders of a person and those for others that name him, newest first."""
    wanted = or_(Substitute.person_id == person_id, Substitute.substitute_id == person_id)
    return session.execute(select(Substitute).where(wanted).order_by(Substitute.created_at.desc())).scalars().all()


def acts_for(session: Session, actor: Actor, person_id: str) -> frozenset[str]:
    """The roles in which the actor acts for a person today: those of the orders that he still holds himself."""
    today = clock.today()
    found = session.execute(select(Substitute).where(
        Substitute.person_id == person_id, Substitute.substitute_id == actor.person_id, Substitute.ended_at.is_(None)
    )).scalars()  # fmt: skip
    return frozenset(role for order in found if order.holds(today) for role in order.roles if role in actor.roles)


def absent(session: Session, actor: Actor) -> frozenset[str]:
    """Ids of those for whom the actor acts today."""
    today = clock.today()
    wanted = select(Substitute.person_id).where(
        Substitute.substitute_id == actor.person_id, Substitute.ended_at.is_(None),
        and_(Substitute.starts_on <= today, Substitute.ends_on >= today),
    )  # fmt: skip
    return frozenset(session.execute(wanted).scalars())


def _check(
    session: Session, person: Actor, substitute: Actor, roles: Sequence[str], starts_on: date, ends_on: date,
    reason: str,
) -> None:  # fmt: skip
    problems: list[Problem] = []
    if person.person_id == substitute.person_id:
        problems.append(Problem("substitute.oneself", "substitute"))
    if not roles:
        problems.append(Problem("substitute.no_role", "roles"))
    for role in roles:
        if role in NEVER or role not in ROLES:
            problems.append(Problem("substitute.never", "roles", facts={"roles": [role]}))
        elif role not in person.roles:
            problems.append(Problem("substitute.not_held", "roles", facts={"name": person.name, "roles": [role]}))
        elif role not in substitute.roles:
            facts = {"name": substitute.name, "roles": [role]}
            problems.append(Problem("substitute.not_fit", "substitute", facts=facts))
    if ends_on < starts_on or (ends_on - starts_on).days >= LONGEST_ORDER:
        problems.append(Problem("substitute.days", "ends_on", facts={"most": LONGEST_ORDER}))
    if ends_on < clock.today():
        problems.append(Problem("substitute.past", "ends_on"))
    if len(reason) > LONGEST_REASON:
        problems.append(Problem("substitute.reason_long", "reason", facts={"most": LONGEST_REASON}))
    overlapping = session.execute(select(Substitute).where(
        Substitute.person_id == person.person_id, Substitute.ended_at.is_(None), Substitute.starts_on <= ends_on,
        Substitute.ends_on >= starts_on,
    )).scalars()  # fmt: skip
    if any(set(order.roles) & set(roles) for order in overlapping):
        problems.append(Problem("substitute.overlaps", "starts_on"))
    if problems:
        raise Invalid(problems[0].code, problems, **problems[0].facts)
