"""What happens without a person: due timers fire, notices leave, documents are rendered.

The worker is a process of its own; several may run at once. A timer fires in one unit of work under the lock of its
case, so that it fires once whoever is faster.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk import advance
from workflows.desk.execute import execute
from workflows.documents import render_pending
from workflows.documents.fonts import Fonts
from workflows.engine import state
from workflows.errors import FashenError
from workflows.files import Files
from workflows.ledger import events
from workflows.store import Store

PAUSE_SECONDS = 1.0
BATCH = 100

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    timers: int
    notices: int
    documents: int

    def __bool__(self) -> bool:
        return bool(self.timers or self.notices or self.documents)


def run_round(store: Store, files: Files, fonts: Fonts) -> Round:
    """Do once whatever is due now. An instance that fails keeps its incident and does not stop the others."""
    with store.read() as session:
        due = state.due_instances(session, clock.now(), BATCH)
    timers = 0
    for instance_id in due:
        try:
            timers += execute(store, fire_timers, instance_id)
        except FashenError as error:
            log.warning("timer of instance %s: %s", instance_id, error)
    notices = execute(store, outbox.deliver, BATCH)
    documents = render_pending(store, files, fonts, limit=BATCH)
    return Round(timers, notices, documents)


def fire_timers(session: Session, instance_id: str) -> int:
    """Fire what is due in one instance; 0 when another worker was faster or holds the case."""
    case_id = state.case_of(session, instance_id)
    case = session.execute(
        select(Case).where(Case.id == case_id).with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if case is None:
        return 0
    instance = state.load(session, instance_id)
    due = instance.next_due()
    if due is None or due > clock.now():
        return 0
    with advance.naming(instance):
        instance.wake(clock.now())
    first = instance.trace[0] if instance.trace else None
    ledger.append(
        session,
        advance.stream(case),
        events.TimerFired(
            instance_id=instance_id,
            element_id=first.element_id if first else "",
            name=first.name if first else "",
            due_at=due,
            passed=advance.passed(instance.trace),
        ),
        actor=SYSTEM,
        case_id=case.id,
    )
    advance.follow(session, case, instance, SYSTEM)
    case.version += 1
    return 1


def run(store: Store, files: Files, fonts: Fonts, stopped: Callable[[], bool]) -> None:
    """Round after round until `stopped()`. A failure of the database or the disk costs one round, not the worker."""
    while not stopped():
        try:
            if run_round(store, files, fonts):
                continue
        except Exception:  # the worker outlives every single failure; each is logged with its trace
            log.exception("a round of the worker failed")
        time.sleep(PAUSE_SECONDS)
