"""The worker's part of migrations: case by case, each in a unit of work of its own, each with its result."""

from __future__ import annotations

import logging

from sqlalchemy import exists, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk.migrating import moving, plans, trial
from workflows.desk.migrating.tables import (
    DONE,
    MOVED,
    QUEUED,
    REFUSED,
    RUNNING,
    TO_DO,
    UNDONE,
    MigratedInstance,
    Migration,
)
from workflows.desk.migrating.trial import reasons
from workflows.errors import FashenError, Incident, Problem
from workflows.ledger import events

log = logging.getLogger(__name__)


def waits(session: Session) -> bool:
    """Whether a migration has work for the worker; takes no lock."""
    return session.execute(select(Migration.id).where(Migration.state == RUNNING).limit(1)).first() is not None


def carry_next(session: Session) -> bool | None:
    """See to the instance whose turn it is: move it, or put it back.

    True when that was done, False when it could not be, None when there is nothing to do that nobody else holds. An
    instance that can't move has its reasons in its row, and is as it was. Raises what the database or the
    disk raises when it does not answer; then nothing has happened.
    """
    found = session.execute(
        select(MigratedInstance, Case)
        .join(Case, Case.id == MigratedInstance.case_id)
        .where(MigratedInstance.state.in_(TO_DO))
        .order_by(MigratedInstance.migration_id, MigratedInstance.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if found is None:
        return None
    row, case = found
    plan = session.get_one(Migration, row.migration_id)
    fresh = row.state == QUEUED
    try:
        with session.begin_nested():
            _require_told(session, plan)
            (moving.move if fresh else moving.put_back)(session, case, row, plan)
        return True
    except (OperationalError, InterfaceError, OSError):
        raise
    except FashenError as error:
        problems = reasons(error)
    except Exception as error:  # whatever is wrong with one case, the others move
        log.exception("instance %s could not be migrated", row.instance_id)
        problems = [Problem("engine.failed", facts={"reason": f"{type(error).__name__}: {error}"[:500]})]
    if fresh:
        row.steps = [list(spot) for spot in trial.standing(session, row.instance_id)]
    row.state = REFUSED if fresh else MOVED
    row.problems = [plain(one) for one in problems]
    row.at = clock.now() if fresh else row.at
    return False


def plain(problem: Problem) -> dict[str, object]:
    """A reason as JSON."""
    facts = {name: value if isinstance(value, (int, bool)) else str(value) for name, value in problem.facts.items()}
    return {"code": problem.code, "place": problem.place, "line": problem.line, "facts": facts}


def end_next(session: Session) -> bool:
    """End a migration all of whose cases have their result; whether there was one. Who asked and approved is told."""
    ledger.lock_stream(session, "bureau")
    left = exists().where(MigratedInstance.migration_id == Migration.id, MigratedInstance.state.in_(TO_DO))
    row = session.execute(
        select(Migration).where(Migration.state == RUNNING, ~left).order_by(Migration.asked_at).limit(1)
        .with_for_update(skip_locked=True)
    ).scalar_one_or_none()  # fmt: skip
    if row is None:
        return False
    counted = plans.counts(session, row)
    row.state, row.ended_at = DONE, clock.now()
    told = {"moved": counted.get(MOVED, 0), "refused": counted.get(REFUSED, 0), "undone": counted.get(UNDONE, 0)}
    event = events.MigrationEnded(migration_id=row.id, key=row.process_key, **told)
    ledger.append(session, "bureau", event, actor=SYSTEM)
    for id in {row.asked_by_id, row.decided_by_id, row.undone_by_id} - {None}:
        outbox.send(session, str(id), "migration_ended", {**plans.facts(session, row), **told})
    return True


def _require_told(session: Session, row: Migration) -> None:
    """Whoever may write to this table but approved nothing must not move cases: the ledger tells of the approval."""
    told = ledger.of_event(session, "bureau", "MigrationApproved")
    if not any(entry.data["migration_id"] == row.id and entry.data["source_hash"] == row.source_hash
               and entry.data["target_hash"] == row.target_hash and entry.data["elements"] == row.elements
               and entry.actor_id not in (None, row.asked_by_id) for entry in told):  # fmt: skip
        raise Incident("migration.not_told")
