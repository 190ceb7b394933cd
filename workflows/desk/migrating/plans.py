"""Migrations by two people: one asks, another one approves what was asked; the worker moves case by case.

Moved cases can be put back while nobody has acted on them since, by any administrator: that takes nothing from anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import Actor, Person, Unit, holders
from workflows.calendar import clock
from workflows.desk.migrating.tables import (
    ALIVE,
    DONE,
    MOVED,
    QUEUED,
    REJECTED,
    RUNNING,
    UNDOING,
    UNDONE,
    WAITING,
    WITHDRAWN,
    MigratedInstance,
    Migration,
)
from workflows.desk.migrating.terms import running_on
from workflows.diagrams import concerned, correspondence, drafting, library
from workflows.diagrams.drafts import EDITORS, READERS
from workflows.errors import Forbidden, Invalid, NotFound, Problem, Stale
from workflows.ledger import events
from workflows.store import new_id

LONGEST = 2_000
"""Characters of a reason."""
MOST = 50_000
"""Instances of one migration."""


def migration(session: Session, actor: Actor, migration_id: str) -> Migration:
    """A migration. Raises Forbidden without a role of `drafts.READERS`, and NotFound."""
    actor.require(*READERS)
    row = session.get(Migration, migration_id)
    if row is None:
        raise NotFound("migration.unknown")
    return row


def of_process(session: Session, key: str) -> Sequence[Migration]:
    """All migrations of a process, the latest first."""
    wanted = select(Migration).where(Migration.process_key == key).order_by(Migration.asked_at.desc(), Migration.id)
    return session.execute(wanted).scalars().all()


def counts(session: Session, row: Migration) -> dict[str, int]:
    """State → how many instances of a migration are in it."""
    wanted = select(MigratedInstance.state, func.count()).where(MigratedInstance.migration_id == row.id)
    return {state: int(number) for state, number in session.execute(wanted.group_by(MigratedInstance.state))}


def undone(session: Session, row: Migration) -> bool:
    """Whether a migration that was carried out was undone for all of its cases."""
    found = counts(session, row) if row.state == DONE and row.undone_by_id else {}
    return bool(found.get(UNDONE)) and not found.get(MOVED)


def may_decide(row: Migration, actor: Actor) -> bool:
    """Whether this person may approve or reject: an administrator who did not ask."""
    return bool(actor.roles.intersection(EDITORS)) and actor.person_id != row.asked_by_id


def deciders(session: Session, asked_by_id: str) -> list[Person]:
    """The administrators of this installation who did not ask."""
    units = session.execute(select(Unit.id)).scalars().all()
    return [person for person in holders(session, EDITORS[0], units) if person.id != asked_by_id]


def ask(
    session: Session, actor: Actor, key: str, *, migration_id: str, source: int, target: int,
    elements: Mapping[str, str], reason: str, legal_basis: str, chosen: Sequence[str] | None = None,
) -> Migration:  # fmt: skip
    """Ask that running cases be moved from one version of a process to another.

    migration_id: of the new row, chosen by whoever asks: asked twice, it is asked once. source, target: numbers of
    versions; elements: id in the old version → id in the new one, for steps that have another id there; chosen: ids of
    instances, None for all. Raises Forbidden, NotFound, Stale ("migration.another"), Invalid ("migration.*").
    """
    actor.require(*EDITORS)
    drafting.require_id(migration_id)
    if (known := session.get(Migration, migration_id)) is not None:
        return known
    require_words({"reason": reason, "legal_basis": legal_basis})
    ledger.lock_stream(session, "bureau")
    hashes = {row.version: row.package_hash for row in library.versions(session, key)}
    if source not in hashes or target not in hashes:
        raise NotFound("library.version_unknown", process=key, version=target if source in hashes else source)
    if hashes[source] == hashes[target]:
        raise Invalid("migration.same_version")
    if other := _alive(session, key):
        raise Stale("migration.another", by=session.get_one(Person, other.asked_by_id).name, at=other.asked_at)
    old, new = library.definition(session, hashes[source]), library.definition(session, hashes[target])
    correspondence.require(old, new, elements)
    asked = Migration(
        id=migration_id, process_key=key, source_hash=old.hash, target_hash=new.hash, source_version=source,
        target_version=target, elements=dict(elements), chosen=None if chosen is None else sorted(set(chosen))[:MOST],
        reason=reason.strip(), legal_basis=legal_basis.strip(), state=WAITING, asked_by_id=actor.person_id,
        asked_at=clock.now(),
    )  # fmt: skip
    if not _instances(session, asked):
        raise Invalid("migration.nobody")
    session.add(asked)
    session.flush()
    ledger.append(session, "bureau", events.MigrationAsked(
        migration_id=asked.id, key=key, source_hash=old.hash, target_hash=new.hash, elements=asked.elements,
        reason=asked.reason, legal_basis=asked.legal_basis, chosen=asked.chosen,
    ), actor=actor)  # fmt: skip
    for person in deciders(session, actor.person_id):
        outbox.send(session, person.id, "migration_asked", {**facts(session, asked), "by": actor.name})
    return asked


def approve(session: Session, actor: Actor, migration_id: str, decision: str) -> Migration:
    """Approve: from now on the worker moves case by case. decision: the approver's words.

    Raises Forbidden ("migration.own") for whoever asked, Stale ("migration.decided"), Invalid.
    """
    row = _decided(session, actor, migration_id, decision)
    found = _instances(session, row)
    row.state = RUNNING
    ledger.append(session, "bureau", events.MigrationApproved(
        migration_id=row.id, key=row.process_key, source_hash=row.source_hash, target_hash=row.target_hash,
        elements=row.elements, decision=row.decision, cases=len(found),
    ), actor=actor)  # fmt: skip
    session.flush()
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "migration_id": row.id, "instance_id": instance_id, "case_id": case_id, "number": number,
         "state": QUEUED, "problems": [], "steps": []}
        for number, (instance_id, case_id) in enumerate(found, start=1)
    ]  # fmt: skip
    if rows:
        session.execute(insert(MigratedInstance), rows)
    outbox.send(session, row.asked_by_id, "migration_approved", {**facts(session, row), "by": actor.name})
    return row


def reject(session: Session, actor: Actor, migration_id: str, decision: str) -> Migration:
    """Refuse, and say why. Raises as `approve`."""
    row = _decided(session, actor, migration_id, decision)
    row.state, row.ended_at = REJECTED, row.decided_at
    event = events.MigrationRejected(migration_id=row.id, key=row.process_key, decision=row.decision)
    ledger.append(session, "bureau", event, actor=actor)
    outbox.send(session, row.asked_by_id, "migration_rejected", {**facts(session, row), "by": actor.name})
    return row


def withdraw(session: Session, actor: Actor, migration_id: str, reason: str) -> Migration:
    """Take it back before it is approved. Raises Forbidden, NotFound, Stale ("migration.decided"), Invalid."""
    row = _locked(session, actor, migration_id)
    _require_state(session, row, WAITING)
    require_words({"reason": reason})
    row.state, row.ended_at = WITHDRAWN, clock.now()
    event = events.MigrationWithdrawn(migration_id=row.id, key=row.process_key, reason=reason.strip())
    ledger.append(session, "bureau", event, actor=actor)
    if row.asked_by_id != actor.person_id:
        outbox.send(session, row.asked_by_id, "migration_withdrawn", {**facts(session, row), "by": actor.name})
    return row


def undo(
    session: Session, actor: Actor, migration_id: str, reason: str, chosen: Sequence[str] | None = None, *,
    confirmed: int | None = None,
) -> Migration:
    """Let moved cases go back to where they were, each if nobody has acted on it since; the worker does it. The other
    administrators and the heads of the units of these cases are told.

    chosen: ids of instances, None for all that were moved; confirmed: how many, as whoever asks was told; None where no
    person is asked. Raises Forbidden, NotFound, Stale ("migration.running", "migration.nothing_moved"), Invalid for
    the reason, or ("process.confirm") where it would be another number.
    """
    row = _locked(session, actor, migration_id)
    if row.state != DONE:
        raise Stale("migration.running")
    require_words({"reason": reason})
    wanted = select(MigratedInstance).where(MigratedInstance.migration_id == row.id, MigratedInstance.state == MOVED)
    if chosen is not None:
        wanted = wanted.where(MigratedInstance.instance_id.in_(list(chosen)[:MOST]))
    found = session.execute(wanted).scalars().all()
    if not found:
        raise Stale("migration.nothing_moved")
    concerned.require_told(len(found), confirmed)
    for one in found:
        one.state, one.problems = UNDOING, []
    row.state, row.ended_at, row.undo_reason, row.undone_by_id = RUNNING, None, reason.strip(), actor.person_id
    ledger.append(session, "bureau", events.MigrationUndoAsked(
        migration_id=row.id, key=row.process_key, reason=row.undo_reason, cases=len(found)
    ), actor=actor)  # fmt: skip
    said = {**facts(session, row), "reason": row.undo_reason[:200]}
    concerned.tell(session, actor, row.process_key, ("migration_undo", "cases_put_back"), said,
                   {one.case_id for one in found})  # fmt: skip
    return row


def facts(session: Session, row: Migration) -> dict[str, Any]:
    """What notices tell of a migration."""
    return {"migration": row.id, "process": concerned.called(session, row.process_key), "source": row.source_version,
            "target": row.target_version, "reason": row.reason[:200], "decision": row.decision[:200]}  # fmt: skip


def require_words(words: Mapping[str, str]) -> None:
    """Raise Invalid ("migration.incomplete") for reasons that are missing or too long."""
    problems = [Problem("release.words_missing", name, facts={"limit": LONGEST}) for name, text in words.items()
                if not text.strip() or len(text) > LONGEST]  # fmt: skip
    if problems:
        raise Invalid("migration.incomplete", problems)


def _instances(session: Session, row: Migration) -> list[tuple[str, str | None]]:
    """Ids of the instances that a migration is about, each with its case."""
    wanted = running_on(row.process_key, row.source_hash).limit(MOST)
    chosen = None if row.chosen is None else set(row.chosen)
    return [(instance_id, case_id) for instance_id, case_id in session.execute(wanted)
            if chosen is None or instance_id in chosen]  # fmt: skip


def _alive(session: Session, key: str) -> Migration | None:
    wanted = select(Migration).where(Migration.process_key == key, Migration.state.in_(ALIVE))
    return session.execute(wanted.limit(1)).scalar_one_or_none()


def _decided(session: Session, actor: Actor, migration_id: str, decision: str) -> Migration:
    row = _locked(session, actor, migration_id)
    _require_state(session, row, WAITING)
    if not may_decide(row, actor):
        raise Forbidden("migration.own")
    require_words({"decision": decision})
    row.decided_by_id, row.decided_at, row.decision = actor.person_id, clock.now(), decision.strip()
    return row


def _locked(session: Session, actor: Actor, migration_id: str) -> Migration:
    actor.require(*EDITORS)
    ledger.lock_stream(session, "bureau")
    row = session.execute(
        select(Migration).where(Migration.id == migration_id).with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()  # fmt: skip
    if row is None:
        raise NotFound("migration.unknown")
    return row


def _require_state(session: Session, row: Migration, state: str) -> None:
    if row.state != state:
        by = session.get(Person, row.decided_by_id or row.asked_by_id)
        raise Stale("migration.decided", by=by.name if by else "", at=row.ended_at or row.decided_at)
