"""Who acts: units, people, dated posts with roles, certificates and qualifications.

Units form a tree (city, county, township). A unit that is a legal subject decides in its own name; a delegated one
acts in the name of its `delegated_by` unit (行政处罚法 20, 21). Roles are those of the domain brief, section 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Integer, String, literal, select
from sqlalchemy.orm import Mapped, Session, contains_eager, mapped_column, relationship

from workflows.calendar import clock
from workflows.errors import Forbidden, NotFound
from workflows.store import Row, Utc

ROLES: dict[str, tuple[str, str]] = {
    "case_officer": ("办案人员", "Case officer"),
    "handling_unit_head": ("承办机构负责人", "Head of handling unit"),
    "legal_reviewer": ("法制审核人员", "Legal officer"),
    "legal_counsel": ("法律顾问", "Legal counsel"),
    "domain_expert": ("行业专家", "Domain expert"),
    "bureau_leader": ("分管领导", "Deputy head in charge"),
    "bureau_head": ("主要负责人", "Head of bureau"),
    "panel_member": ("集体讨论成员", "Member of the collective discussion"),
    "hearing_officer": ("听证主持人", "Hearing officer"),
    "publication_officer": ("公示管理员", "Publication officer"),
    "sys_admin": ("系统管理员", "System administrator"),
    "sec_admin": ("安全管理员", "Security administrator"),
    "auditor": ("审计员", "Auditor"),
}
"""Role id → (Chinese, English). The closed list; a candidate group in a diagram must be one of these."""

ADMINISTRATORS = ("sys_admin", "sec_admin", "auditor")
"""The three who keep the system and its record (三员分立): each is held alone, and none of them acts in a case."""


class Unit(Row):
    """An organisation: a bureau, one of its divisions, or a delegated body."""

    __tablename__ = "unit"
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    level: Mapped[str] = mapped_column(String(20))  # city | county | township | division
    legal_subject: Mapped[bool] = mapped_column(Boolean, default=False)
    delegated_by_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    region: Mapped[str] = mapped_column(String(20), default="")  # number prefix, e.g. 衢
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # court, reconsideration body, bank, address …
    ended_on: Mapped[date | None] = mapped_column(Date)  # last day it existed (撤销); what it did stays
    parent: Mapped[Unit | None] = relationship(remote_side="Unit.id", foreign_keys=[parent_id])


class Person(Row):
    """Somebody who can log in or be named in a file."""

    __tablename__ = "person"
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # set: an administrator gave the password; it opens the door until then, and is changed before anything else
    password_until: Mapped[datetime | None] = mapped_column(Utc)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    disabled_at: Mapped[datetime | None] = mapped_column(Utc)
    created_at: Mapped[datetime] = mapped_column(Utc, default=clock.now)
    posts: Mapped[list[Post]] = relationship(back_populates="person", order_by="Post.rank")


class Post(Row):
    """A dated post of a person in a unit, with one role."""

    __tablename__ = "post"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[str] = mapped_column(String(32), index=True)
    title: Mapped[str] = mapped_column(String(64))
    rank: Mapped[int] = mapped_column(Integer, default=0)  # the first post is the one shown beside the name
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)  # last day in the post
    person: Mapped[Person] = relationship(back_populates="posts")
    unit: Mapped[Unit] = relationship()

    def holds(self, on: date) -> bool:
        """Whether the post is held on that day."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


class Certificate(Row):
    """A 执法证 (enforcement, 行政处罚法 42) or 法律职业资格 (legal_qualification, 行政处罚法 58 para. 2)."""

    __tablename__ = "certificate"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))  # enforcement | legal_qualification
    number: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)  # last valid day; None: does not expire

    def valid(self, on: date) -> bool:
        """Whether it is in force on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as a frozen value: person, the post shown in the record, and the roles held now.

    `units` maps each role to the ids of the units in which it is held. for_id, for_name: the absent person in whose
    stead they act with this command (委托代理); empty for everybody else.
    """

    person_id: str
    name: str
    post_title: str
    unit_id: str
    unit_name: str
    units: dict[str, frozenset[str]]
    for_id: str = ""
    for_name: str = ""

    @property
    def signs_as(self) -> str:
        """The name as the record has it: 何远, or 何远（代林静） of a substitute."""
        return f"{self.name}（代{self.for_name}）" if self.for_name else self.name

    @property
    def roles(self) -> frozenset[str]:
        """The roles held now, in whatever unit."""
        return frozenset(self.units)

    def require(self, *roles: str) -> None:
        """Raise Forbidden unless one of `roles` is held."""
        if not self.roles.intersection(roles):
            raise Forbidden("actor.role_missing", roles=list(roles))


SYSTEM = Actor("system", "系统", "自动", "", "", {})
"""The worker, where no person acts."""


def acting(session: Session, person_id: str, on: date | None = None) -> Actor:
    """The actor for a person on a day (today if not given).

    Raises NotFound for an unknown person and Forbidden for a disabled one.
    """
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound("person.unknown", person=person_id)
    if person.disabled_at is not None:
        raise Forbidden("person.disabled", name=person.name)
    day = on or clock.today()
    held = [post for post in person.posts if post.holds(day)]
    units: dict[str, frozenset[str]] = {}
    for post in held:
        units[post.role] = units.get(post.role, frozenset()) | {post.unit_id}
    first = held[0] if held else None
    return Actor(
        person.id,
        person.name,
        first.title if first else "",
        first.unit_id if first else "",
        first.unit.name if first else "",
        units,
    )


def legal_subject(session: Session, unit_id: str) -> Unit:
    """The bureau in whose name `unit_id` acts: itself or the nearest one above (or delegating body).

    Raises NotFound when the tree has none.
    """
    unit = session.get(Unit, unit_id)
    while unit is not None:
        if unit.legal_subject:
            return unit
        unit = session.get(Unit, unit.delegated_by_id or unit.parent_id or "")
    raise NotFound("unit.no_legal_subject", unit=unit_id)


def is_delegated(session: Session, unit_id: str) -> bool:
    """Whether the unit, or one between it and the bureau, acts by delegation (行政强制法 17: no coercive power)."""
    unit = session.get(Unit, unit_id)
    while unit is not None and not unit.legal_subject:
        if unit.delegated_by_id is not None:
            return True
        unit = unit.parent
    return False


def subtree(session: Session, unit_id: str) -> set[str]:
    """Ids of the unit and its divisions, stopping at other legal subjects and delegated bodies."""
    below = select(literal(unit_id).label("id")).cte("below", recursive=True)
    inner = select(Unit.id).where(
        Unit.parent_id == below.c.id, Unit.legal_subject.is_(False), Unit.delegated_by_id.is_(None)
    )
    # UNION and not UNION ALL: a unit that was hung below itself by mistake is met once.
    return set(session.execute(select(below.union(inner).c.id)).scalars())


def holders(session: Session, role: str, unit_ids: Iterable[str], on: date | None = None) -> list[Person]:
    """People who hold `role` in one of the units on a day, not disabled, ordered by rank and name."""
    day = on or clock.today()
    posts = session.execute(
        select(Post)
        .join(Person)
        .where(Post.role == role, Post.unit_id.in_(list(unit_ids)), Person.disabled_at.is_(None))
        .options(contains_eager(Post.person))
        .order_by(Post.rank, Person.name)
    ).scalars()
    people: dict[str, Person] = {}
    for post in posts:
        if post.holds(day):
            people.setdefault(post.person_id, post.person)
    return list(people.values())


def has_valid(session: Session, person_id: str, kind: str, on: date | None = None) -> bool:
    """Whether the person holds a certificate of that kind in force on a day (today if not given)."""
    day = on or clock.today()
    rows = session.execute(
        select(Certificate).where(Certificate.person_id == person_id, Certificate.kind == kind)
    ).scalars()
    return any(row.valid(day) for row in rows)
