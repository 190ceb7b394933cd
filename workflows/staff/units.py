"""Units: entered, renamed, moved, ended. By the system administrator (系统管理员), each with its reason."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import SYSTEM, Actor, Post, Unit, legal_subject
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.errors import Invalid, NotFound, Problem
from workflows.ledger import events
from workflows.staff import realm
from workflows.staff.requests import WAITING, PostRequest

LEVELS = ("city", "county", "township", "division")
DIVISION, SUBJECT, DELEGATED = "division", "subject", "delegated"
STANDINGS = (DIVISION, SUBJECT, DELEGATED)
"""A part of the unit above it; a bureau that decides in its own name; a body to which the unit above it delegated its
powers in writing (行政处罚法 20, 21)."""
LONGEST_NAME = 200
OVER = ("refused", "closed", "archived", "terminated")
"""States of a case in which a unit has nothing more to do."""


def enter_unit(
    session: Session, actor: Actor, name: str, *, level: str, parent_id: str | None, standing: str = DIVISION,
    region: str = "", name_en: str = "", reason: str = "",
) -> Unit:  # fmt: skip
    """Enter a unit below another one. region: the prefix of its document numbers; only the terminal enters a top.

    Raises Forbidden("actor.role_missing"), NotFound("unit.unknown"), and Invalid for an unknown level or standing, a
    bad or taken name, a unit that has ended.
    """
    realm.require(actor, "sys_admin")
    why = reason.strip() if actor == SYSTEM else realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    if level not in LEVELS or standing not in STANDINGS:
        raise Invalid("unit.level_unknown", level=level, levels=LEVELS)
    named = _free_name(session, name)
    above = _living(session, actor, parent_id) if parent_id else None
    if above is None and actor != SYSTEM:
        raise Invalid("unit.no_parent", [Problem("unit.no_parent", "parent")])
    unit = Unit(
        name=named, name_en=name_en.strip()[:LONGEST_NAME], level=level, parent_id=above.id if above else None,
        legal_subject=standing == SUBJECT, region=region.strip()[:20],
        delegated_by_id=above.id if above and standing == DELEGATED else None,
    )  # fmt: skip
    session.add(unit)
    session.flush()
    event = events.UnitAdded(
        unit_id=unit.id, name=named, level=level, parent_id=unit.parent_id, region=unit.region, reason=why,
        standing=standing,
    )  # fmt: skip
    ledger.append(session, "bureau", event, actor=actor)
    return unit


def rename_unit(session: Session, actor: Actor, unit_id: str, name: str, *, name_en: str, reason: str) -> Unit:
    """Give a unit another name from now on; documents that were issued keep the one they bear.

    Raises Forbidden, NotFound("unit.unknown"), Invalid for a bad or taken name or without a reason.
    """
    realm.require(actor, "sys_admin")
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    unit = _living(session, actor, unit_id)
    english = name_en.strip()[:LONGEST_NAME]
    if (unit.name, unit.name_en) == (name.strip(), english):
        return unit
    before, named = unit.name, unit.name if unit.name == name.strip() else _free_name(session, name)
    unit.name, unit.name_en = named, english
    session.flush()
    event = events.UnitRenamed(unit_id=unit.id, before=before, name=named, reason=why)
    ledger.append(session, "bureau", event, actor=actor)
    return unit


def move_unit(session: Session, actor: Actor, unit_id: str, parent_id: str, *, reason: str) -> Unit:
    """Hang a unit below another one; with it move those below it, its people and who may see its cases.

    Raises Forbidden, NotFound("unit.unknown"), and Invalid: "unit.circle" below itself, "unit.other_bureau" from one
    bureau to another while it has cases on the desk, "unit.is_subject" for a bureau itself.
    """
    realm.require(actor, "sys_admin")
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    unit, above = _living(session, actor, unit_id), _living(session, actor, parent_id)
    if unit.parent_id == above.id:
        return unit
    if unit.legal_subject or unit.delegated_by_id is not None:
        raise Invalid("unit.is_subject", [Problem("unit.is_subject", "parent")], name=unit.name)
    below = descendants(session, unit.id)
    if above.id in below:
        raise Invalid("unit.circle", [Problem("unit.circle", "parent")], name=unit.name)
    if legal_subject(session, above.id).id != legal_subject(session, unit.id).id and _busy(session, below):
        raise Invalid("unit.other_bureau", [Problem("unit.other_bureau", "parent")], name=unit.name)
    before = unit.parent_id
    unit.parent_id = above.id
    session.flush()
    event = events.UnitMoved(
        unit_id=unit.id, name=unit.name, before_id=before, parent_id=above.id, parent=above.name, reason=why
    )
    ledger.append(session, "bureau", event, actor=actor)
    return unit


def end_unit(session: Session, actor: Actor, unit_id: str, *, last_day: date, reason: str) -> Unit:
    """End a unit with a day that is past or today. What it did stays on record under its name.

    Raises Forbidden, NotFound("unit.unknown"), and Invalid: "unit.has_units", "unit.has_people", "unit.has_cases"
    while something still hangs on it, "unit.ends_later" for a day to come.
    """
    realm.require(actor, "sys_admin")
    why = realm.reasoned(reason)
    ledger.lock_stream(session, "bureau")
    unit = realm.unit(session, actor, unit_id, lock=True)
    if unit.ended_on is not None:
        return unit
    if last_day > clock.today():
        raise Invalid("unit.ends_later", [Problem("unit.ends_later", "last_day")])
    if len(living(session, descendants(session, unit.id))) > 1:
        raise Invalid("unit.has_units", name=unit.name)
    held = session.execute(select(Post).where(Post.unit_id == unit.id)).scalars().all()
    asked = select(PostRequest.id).where(PostRequest.unit_id == unit.id, PostRequest.state == WAITING)
    if any(post.ends_on is None or post.ends_on > last_day for post in held) or session.execute(asked).first():
        raise Invalid("unit.has_people", name=unit.name)
    if _busy(session, {unit.id}):
        raise Invalid("unit.has_cases", name=unit.name)
    unit.ended_on = last_day
    session.flush()
    ledger.append(
        session, "bureau", events.UnitEnded(unit_id=unit.id, name=unit.name, ended_on=last_day, reason=why), actor=actor
    )
    return unit


def descendants(session: Session, unit_id: str) -> set[str]:
    """Ids of the unit and of everything below it, other bureaus and delegated bodies too."""
    below = select(Unit.id).where(Unit.id == unit_id).cte("descendants", recursive=True)
    below = below.union(select(Unit.id).where(Unit.parent_id == below.c.id))
    return set(session.execute(select(below.c.id)).scalars())


def living(session: Session, unit_ids: set[str]) -> list[Unit]:
    """Those of the units that have not ended."""
    return list(session.execute(select(Unit).where(Unit.id.in_(unit_ids), Unit.ended_on.is_(None))).scalars())


def _living(session: Session, actor: Actor, unit_id: str) -> Unit:
    unit = realm.unit(session, actor, unit_id, lock=True)
    if unit.ended_on is not None:
        raise Invalid("unit.ended", name=unit.name)
    return unit


def _free_name(session: Session, name: str) -> str:
    named = name.strip()
    if not named or len(named) > LONGEST_NAME:
        raise Invalid("unit.name_bad", [Problem("unit.name_bad", "name")], most=LONGEST_NAME)
    if session.execute(select(Unit.id).where(Unit.name == named)).first():
        raise Invalid("unit.exists", [Problem("unit.exists", "name", facts={"name": named})], name=named)
    return named


def _busy(session: Session, unit_ids: set[str]) -> bool:
    """Whether one of the units has a case that is not over."""
    wanted = select(Case.id).where(Case.unit_id.in_(unit_ids), Case.state.not_in(OVER)).limit(1)
    return session.execute(wanted).first() is not None


def require_unit(session: Session, actor: Actor, unit_id: str) -> Unit:
    """A unit of the actor's that exists today. Raises NotFound("unit.unknown"), Invalid("unit.ended")."""
    if not unit_id:
        raise NotFound("unit.unknown", name="")
    return _living(session, actor, unit_id)
