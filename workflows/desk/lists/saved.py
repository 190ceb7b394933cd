"""Filters with a name: kept for oneself, or shared with one's unit or with holders of roles in the bureau.

A shared filter carries criteria, never rows: whoever uses it sees what of their own lists it leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, UniqueConstraint, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from workflows.actors import ROLES, Actor, Person, Unit, legal_subject
from workflows.calendar import clock
from workflows.desk.lists import order as orders
from workflows.desk.lists.columns import ListLayout, layout_of
from workflows.desk.lists.criteria import Criteria, read
from workflows.desk.lists.kinds import offered
from workflows.errors import Invalid, NotFound, Problem
from workflows.store import Base, Row, Utc

LONGEST_NAME = 40
MOST = 30
"""Filters that one person keeps."""


class SavedFilter(Row):
    """A filter with a name."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("owner_id", "which", "name"),)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    which: Mapped[str] = mapped_column(String(16))  # the list
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    criteria: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # as Criteria.given()
    sort: Mapped[str] = mapped_column(String(120), default="")  # as order.write; empty: the usual order
    # shared with whoever has a post in it
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    bureau_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))  # where the roles below count
    changed_at: Mapped[datetime] = mapped_column(Utc)
    owner: Mapped[Person] = relationship()
    unit: Mapped[Unit | None] = relationship(foreign_keys=[unit_id])
    roles: Mapped[list[SavedFilterRole]] = relationship(cascade="all, delete-orphan", order_by="SavedFilterRole.role")

    @property
    def asks(self) -> Criteria:
        """The criteria; fields of an older program that are not known any more are passed over."""
        return read(self.criteria)[0]

    @property
    def unread(self) -> list[str]:
        """Fields whose value an older program took and this one does not; they narrow nothing."""
        return read(self.criteria)[1]

    @property
    def order(self) -> orders.Order:
        """The order in which it shows its list."""
        return orders.read(self.sort, self.which)


class SavedFilterRole(Base):
    """A role whose holders in the bureau may use the filter."""

    __tablename__ = "saved_filter_role"
    filter_id: Mapped[str] = mapped_column(ForeignKey("saved_filter.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)


@dataclass(frozen=True, slots=True)
class Sharing:
    """With whom. unit: with everybody who has a post in the owner's own unit; roles: with their holders."""

    unit: bool = False
    roles: tuple[str, ...] = ()


def usable(session: Session, actor: Actor, which: str | None = None) -> Sequence[SavedFilter]:
    """One's own filters and those that are shared with one, by name, of one list or of all."""
    wanted = select(SavedFilter).where(or_(SavedFilter.owner_id == actor.person_id, *_shared(session, actor)))
    wanted = wanted.where(SavedFilter.which.in_([which] if which else offered(actor)))
    wanted = wanted.options(selectinload(SavedFilter.roles), selectinload(SavedFilter.owner))
    return session.execute(wanted.order_by(SavedFilter.name, SavedFilter.id)).scalars().all()


def save_filter(
    session: Session, actor: Actor, *, which: str, name: str, criteria: Criteria, order: orders.Order,
    sharing: Sharing | None = None,
) -> SavedFilter:  # fmt: skip
    """Keep criteria and order under a name; one's own filter of that name gets them, so that a repeat is harmless.

    sharing: with whom besides those with whom a filter of that name is shared already; `share_filter` takes that back.

    Raises NotFound for a list one does not have; Invalid without a name, without criteria or order, or with too many.
    """
    if which not in offered(actor):
        raise NotFound("desk.list_unknown", list=which)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid("filter.name_bad", [Problem("filter.name_bad", "name", facts={"most": LONGEST_NAME})],
                      most=LONGEST_NAME)  # fmt: skip
    if not criteria and order == orders.usual(which):
        raise Invalid("filter.empty", [Problem("filter.empty", "name")])
    own = select(SavedFilter).where(SavedFilter.owner_id == actor.person_id)
    found = session.execute(own.where(SavedFilter.which == which, SavedFilter.name == name)).scalar_one_or_none()
    if found is None:
        if session.execute(select(func.count()).select_from(own.subquery())).scalar_one() >= MOST:
            raise Invalid("filter.too_many", [Problem("filter.too_many", "name", facts={"most": MOST})], most=MOST)
        found = SavedFilter(owner_id=actor.person_id, which=which, name=name, changed_at=clock.now())
        session.add(found)
    found.criteria, found.sort = criteria.given(), orders.write(order) if order != orders.usual(which) else ""
    found.changed_at = clock.now()
    if sharing is not None and (sharing.unit or sharing.roles):
        roles = (*(one.role for one in found.roles), *sharing.roles)
        _share(session, actor, found, Sharing(sharing.unit or found.unit_id is not None, roles))
    session.flush()
    return found


def share_filter(session: Session, actor: Actor, filter_id: str, sharing: Sharing) -> SavedFilter:
    """Say with whom one's own filter is shared from now on. Raises NotFound("filter.unknown"), Invalid."""
    found = _own(session, actor, filter_id)
    _share(session, actor, found, sharing)
    found.changed_at = clock.now()
    return found


def delete_filter(session: Session, actor: Actor, filter_id: str) -> str:
    """Drop one's own filter, for everybody it was shared with too; gives back its name. Raises NotFound."""
    found = _own(session, actor, filter_id)
    for layout in session.execute(select(ListLayout).where(ListLayout.filter_id == filter_id)).scalars():
        layout.filter_id = None
    session.flush()
    session.delete(found)
    return found.name


def open_with(session: Session, actor: Actor, which: str, filter_id: str | None) -> None:
    """Let a list open with a filter one may use, or with none. Raises NotFound for an unknown list or filter."""
    if filter_id is not None and filter_id not in {one.id for one in usable(session, actor, which)}:
        raise NotFound("filter.unknown")
    layout_of(session, actor, which).filter_id = filter_id


def opens_with(session: Session, actor: Actor, which: str) -> SavedFilter | None:
    """The filter with which a list opens; None where there is none, or it is not shared with the actor any more."""
    layout = session.get(ListLayout, (actor.person_id, which))
    if layout is None or layout.filter_id is None:
        return None
    return next((one for one in usable(session, actor, which) if one.id == layout.filter_id), None)


def _own(session: Session, actor: Actor, filter_id: str) -> SavedFilter:
    found = session.get(SavedFilter, filter_id)
    if found is None or found.owner_id != actor.person_id:
        raise NotFound("filter.unknown")
    return found


def _share(session: Session, actor: Actor, found: SavedFilter, sharing: Sharing) -> None:
    unknown = [role for role in sharing.roles if role not in ROLES]
    if unknown or ((sharing.unit or sharing.roles) and not actor.unit_id):
        raise Invalid("filter.sharing_bad", [Problem("filter.sharing_bad", "roles")])
    found.unit_id = actor.unit_id if sharing.unit else None
    found.bureau_id = legal_subject(session, actor.unit_id).id if sharing.roles else None
    found.roles = [SavedFilterRole(role=role) for role in sorted(set(sharing.roles))]


def _shared(session: Session, actor: Actor) -> list[ColumnElement[bool]]:
    """The conditions under which somebody else's filter is shared with the actor."""
    held: Collection[str] = set().union(*actor.units.values())
    conditions: list[ColumnElement[bool]] = [SavedFilter.unit_id.in_(held)] if held else []
    by_bureau: dict[str, set[str]] = {}
    for role, units in actor.units.items():
        for unit_id in units:
            try:
                bureau = legal_subject(session, unit_id)
            except NotFound:  # a unit outside of every bureau shares nothing by role
                continue
            by_bureau.setdefault(bureau.id, set()).add(role)
    for bureau_id, roles in by_bureau.items():
        named = select(SavedFilterRole.filter_id).where(SavedFilterRole.role.in_(roles))
        conditions.append(and_(SavedFilter.bureau_id == bureau_id, SavedFilter.id.in_(named)))
    return conditions
