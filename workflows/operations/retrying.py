"""Trying again what stands still: one thing is one command, several are one after the other, each with its result."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from workflows import ledger, machines, worker
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.file import Case, lock_case
from workflows.desk import advance
from workflows.desk.execute import execute
from workflows.desk.operators import halting
from workflows.documents.document import Document
from workflows.engine import state
from workflows.errors import FashenError, Incident, Invalid, NotFound
from workflows.external.tables import ExternalTask
from workflows.ledger import events
from workflows.notices import deliveries
from workflows.operations import scope
from workflows.operations.troubles import DELIVERY, DOCUMENT, EXTERNAL, INSTANCE
from workflows.store import Store

log = logging.getLogger(__name__)
MOST = 100
"""Rows of one go."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row, named as `Trouble.key`. error: why it stands still as before; None where it goes on."""

    key: str
    error: FashenError | None = None


def retry_instance(session: Session, actor: Actor, instance_id: str) -> int:
    """Fire now what is due in an instance that stands still; how many timers fired.

    Where nothing is due, it is read, checked and stored: whoever is in charge of its step can go on. One that does not
    stand still is left alone. Raises Forbidden, NotFound, Stale("case.suspended"), Incident where it fails again: it is
    as before then.
    """
    actor.require(*scope.ACTING)
    row, case = scope.instance(session, actor, instance_id)
    case = lock_case(session, case.id)
    session.refresh(row, with_for_update=True)
    if row.incident is None:  # asked twice, or it went on by itself
        return 0
    halting.require_running(case)
    now = clock.now()
    try:
        instance = state.load(session, instance_id)
        if fired := worker.fire(session, case, instance, actor, now):
            return fired
        ledger.append(
            session, advance.stream(case),
            events.InstanceRetried(instance_id=instance_id, code=str(json.loads(row.incident)["code"])),
            actor=actor, happened=now, case_id=case.id,
        )  # fmt: skip
        advance.follow(session, case, instance, actor)
    except (OperationalError, InterfaceError, OSError):
        raise  # nothing is known about the instance
    except FashenError as error:
        raise Incident(error.code, **{**error.facts, "instance": instance_id}) from error
    except Exception as error:  # whatever a handler or a row does: it stands still as before, with the reason
        log.exception("instance %s failed again", instance_id)
        reason = f"{type(error).__name__}: {error}"[:500]
        raise Incident("engine.failed", reason=reason, instance=instance_id) from error
    case.version += 1
    return 0


def retry_external(session: Session, actor: Actor, task_id: str) -> None:
    """Let programs outside fetch a failed task again. Raises Forbidden, NotFound, and as `machines.retry` does."""
    actor.require(*scope.ACTING)
    case_id = session.execute(select(ExternalTask.case_id).where(ExternalTask.id == task_id)).scalar()
    _require_case(session, actor, case_id)
    machines.retry(session, actor, task_id)


def retry_document(session: Session, actor: Actor, document_id: str) -> None:
    """Let the worker print a document at once that it could not print. Raises Forbidden, NotFound."""
    actor.require(*scope.ACTING)
    row = session.get(Document, document_id)
    case = _require_case(session, actor, row.case_id if row is not None else None)
    lock_case(session, case.id)
    waiting = select(Document).where(Document.id == document_id, Document.state == "pending", Document.attempts > 0)
    row = session.execute(waiting.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()
    if row is not None:
        row.retry_at = None


def retry_delivery(session: Session, actor: Actor, delivery_id: str) -> None:
    """Send a message again that was given up. Raises Forbidden, and NotFound as `deliveries.retry_delivery` does."""
    actor.require(*scope.ACTING)
    deliveries.retry_delivery(session, actor, delivery_id)


RETRY = {
    INSTANCE: retry_instance, EXTERNAL: retry_external, DOCUMENT: retry_document, DELIVERY: retry_delivery,
}  # fmt: skip
"""Kind of trouble → the command that tries it again."""


def retry(store: Store, actor: Actor, keys: Collection[str]) -> Sequence[Outcome]:
    """Try each again, one after the other; one that fails stops none of the others.

    keys: as `Trouble.key`. Raises Invalid for none, for more than MOST and for what no list holds.
    """
    named = [tuple(key.partition(":")[::2]) for key in dict.fromkeys(keys)]
    if not named:
        raise Invalid("operations.none_chosen")
    if len(named) > MOST:
        raise Invalid("operations.too_many", most=MOST)
    if any(kind not in RETRY for kind, _ in named):
        raise Invalid("operations.unknown")
    return [_one(store, actor, kind, row_id) for kind, row_id in named]


def _one(store: Store, actor: Actor, kind: str, row_id: str) -> Outcome:
    try:
        execute(store, RETRY[kind], actor, row_id)
    except FashenError as error:
        return Outcome(f"{kind}:{row_id}", error)
    return Outcome(f"{kind}:{row_id}")


def _require_case(session: Session, actor: Actor, case_id: str | None) -> Case:
    wanted = select(Case).where(Case.id == case_id, Case.bureau_id.in_(scope.bureaus(session, actor)))
    case = session.execute(wanted).scalar_one_or_none()
    if case is None:
        raise NotFound("operations.unknown")
    return case

