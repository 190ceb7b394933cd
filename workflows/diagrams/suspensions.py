"""Suspending a process, or one version of it: no new cases are opened on it; running ones go on, or are held.

A wrong diagram is stopped at once, by one administrator with a reason; what it should say instead takes a draft and two
people. Holding rests the steps that stand in the process and its timers. It stops no statutory time limit, and it never
stops what the law makes the bureau begin beside a case (a referral of a suspected crime, 310号令 3).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflows import ledger
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.diagrams import concerned
from workflows.diagrams.suspension_table import Suspension
from workflows.engine import packages
from workflows.engine.packages import EnginePackage
from workflows.engine.state import EngineInstance, EngineScope
from workflows.errors import Invalid, NotFound, Problem, Stale
from workflows.ledger import events

LONGEST = 1_000
"""Characters of a reason."""


def standing(session: Session) -> Sequence[Suspension]:
    """The suspensions that stand, the latest first; there are few."""
    wanted = select(Suspension).where(Suspension.ended_at.is_(None))
    return session.execute(wanted.order_by(Suspension.at.desc(), Suspension.id)).scalars().all()


def of_process(session: Session, key: str) -> Sequence[Suspension]:
    """All suspensions of a process, the latest first."""
    wanted = select(Suspension).where(Suspension.process_key == key)
    return session.execute(wanted.order_by(Suspension.at.desc(), Suspension.id)).scalars().all()


def suspend(
    session: Session, actor: Actor, key: str, *, package_hash: str | None, holds: bool, reason: str,
    confirmed: int | None = None,
) -> Suspension:
    """Suspend a process, or the version with that package only. The other administrators and the heads of the units
    whose cases are held are told.

    holds: whether running cases are held too; confirmed: how many of them, as whoever does it was told; None where no
    person is asked. Raises Forbidden, NotFound ("engine.process_unknown"), Stale("process.suspended_already"), Invalid
    for the reason, or ("process.confirm") where another number of cases would be held.
    """
    actor.require("sys_admin")
    said = _reason(reason)
    ledger.lock_stream(session, "bureau")
    known = select(EnginePackage.hash).where(EnginePackage.key == key)
    if package_hash is not None:
        known = known.where(EnginePackage.hash == package_hash)
    if session.execute(known.limit(1)).first() is None:
        raise NotFound("engine.process_unknown", key=key[:64])
    if any((one.process_key, one.package_hash) == (key, package_hash) for one in standing(session)):
        raise Stale("process.suspended_already")
    held = concerned.bound_to(session, key, package_hash) if holds else ()
    concerned.require_told(len(held), confirmed)
    row = Suspension(process_key=key, package_hash=package_hash, holds=holds, reason=said, by_id=actor.person_id,
                     at=clock.now(), ended_reason="")  # fmt: skip
    session.add(row)
    session.flush()
    told = events.ProcessSuspended(
        suspension_id=row.id, key=key, package_hash=package_hash, holds=holds, reason=said,
        cases=len(held) if holds else None,
    )  # fmt: skip
    ledger.append(session, "bureau", told, actor=actor, happened=row.at)
    concerned.tell(session, actor, key, ("process_suspended", "cases_held"), {"reason": said}, held)
    return row


def resume(session: Session, actor: Actor, suspension_id: str, *, reason: str) -> Suspension:
    """End a suspension; what was held goes on, and timers that came due meanwhile fire.

    Raises Forbidden, NotFound, Stale("process.not_suspended"), Invalid for the reason.
    """
    actor.require("sys_admin")
    said = _reason(reason)
    ledger.lock_stream(session, "bureau")
    wanted = select(Suspension).where(Suspension.id == suspension_id).with_for_update()
    row = session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise NotFound("operations.unknown")
    if row.ended_at is not None:
        raise Stale("process.not_suspended")
    row.ended_at, row.ended_by_id, row.ended_reason = clock.now(), actor.person_id, said
    told = events.ProcessResumed(
        suspension_id=row.id, key=row.process_key, package_hash=row.package_hash, reason=said
    )
    ledger.append(session, "bureau", told, actor=actor, happened=row.ended_at)
    held = concerned.bound_to(session, row.process_key, row.package_hash) if row.holds else ()
    concerned.tell(session, actor, row.process_key, ("process_resumed", "cases_go_on"), {"reason": said}, held)
    if row.holds:  # those that the worker put off meanwhile; those that failed keep their rest
        session.execute(
            update(EngineInstance).where(
                EngineInstance.try_at > EngineInstance.due, EngineInstance.attempts == 0,
                EngineInstance.due <= row.ended_at,
            ).values(try_at=EngineInstance.due)
        )  # fmt: skip
    return row


def require_open(session: Session, key: str) -> None:
    """Raise Stale("process.suspended") while no new cases are opened on a process, or on one that it calls."""
    stands = standing(session)
    queue, seen = [key] if stands else [], set[str]()
    while queue:
        one = queue.pop()
        present = packages.current(session, one)
        if one in seen or present is None:
            continue
        seen.add(one)
        definition = packages.definition(session, present)
        for row in stands:
            if row.process_key == one and row.package_hash in (None, present):
                raise Stale("process.suspended", process=definition.name or one, reason=row.reason, at=row.at)
        queue.extend(sorted(definition.calls))


def require_going(session: Session, key: str, package_hash: str) -> None:
    """Raise Stale("process.held") while the running cases of a version of a process are held."""
    row = holder(session, key, package_hash)
    if row is not None:
        raise Stale("process.held", reason=row.reason, at=row.at)


def holder(session: Session, key: str, package_hash: str) -> Suspension | None:
    """The suspension that holds the running cases of a version of a process; None while they go on."""
    wanted = select(Suspension).where(
        Suspension.ended_at.is_(None), Suspension.holds.is_(True), Suspension.process_key == key,
        or_(Suspension.package_hash.is_(None), Suspension.package_hash == package_hash),
    )  # fmt: skip
    return session.execute(wanted.order_by(Suspension.at, Suspension.id).limit(1)).scalar_one_or_none()


def holding(key: InstrumentedAttribute[str], package_hash: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """A condition on rows that name a process and a package: whether their version is held now."""
    return exists(select(Suspension.id).where(
        Suspension.ended_at.is_(None), Suspension.holds.is_(True), Suspension.process_key == key,
        or_(Suspension.package_hash.is_(None), Suspension.package_hash == package_hash),
    ))  # fmt: skip


def holds(session: Session, instance_id: str) -> bool:
    """Whether an instance stands in a process that is held: its own, or one that it called and is in."""
    stands = [row for row in standing(session) if row.holds]
    if not stands:
        return False
    inside = _inside(session, session.get_one(EngineInstance, instance_id))
    return any(_meets(row, inside) for row in stands)


def of_case(session: Session, case_id: str) -> list[Suspension]:
    """The suspensions that hold a process in which a case stands now, the latest first."""
    stands = [row for row in standing(session) if row.holds]
    if not stands:
        return []
    running = select(EngineInstance).where(EngineInstance.case_id == case_id, EngineInstance.ended_at.is_(None))
    places = [_inside(session, row) for row in session.execute(running).scalars()]
    return [row for row in stands if any(_meets(row, inside) for inside in places)]


def ever_held(session: Session, pins: dict[str, str]) -> bool:
    """Whether a process with these packages was ever held, now or before."""
    wanted = select(Suspension.process_key, Suspension.package_hash).where(
        Suspension.holds.is_(True), Suspension.process_key.in_(list(pins))
    )
    return any(package_hash in (None, pins[key]) for key, package_hash in session.execute(wanted))


def _inside(session: Session, row: EngineInstance) -> Mapping[str, str | None]:
    """The processes in which an instance stands, each with the package that it runs on."""
    pins = json.loads(row.pins)
    called = select(EngineScope.process_key).where(EngineScope.instance_id == row.id)
    return {key: pins.get(key) for key in (row.process_key, *session.execute(called).scalars())}


def _meets(row: Suspension, inside: Mapping[str, str | None]) -> bool:
    """Whether a suspension is of one of these processes, in this version."""
    return row.process_key in inside and row.package_hash in (None, inside[row.process_key])


def _reason(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST:
        problem = Problem("process.reason", "reason", facts={"most": LONGEST})
        raise Invalid("process.reason", [problem], most=LONGEST)
    return said
