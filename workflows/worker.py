"""What happens without a person: timers fire, processes are published, notices leave, files are made and read.

The worker is a process of its own; several may run at once, on several machines. A unit of work takes the instance
that has waited longest, under the lock of its case, passing over what is locked, and fires its timers: a timer fires
once, whoever is faster, and one that is killed half-way leaves everything as it was. An instance whose timers fail is
put off, each time longer, and stops nobody else.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import SYSTEM, Actor
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk import advance
from workflows.desk.execute import execute, put_on_record
from workflows.desk.migrating import carrying
from workflows.diagrams import releases as publications
from workflows.diagrams import suspensions
from workflows.diagrams import trying_replays as closed
from workflows.documents import render_pending
from workflows.documents.fonts import Fonts
from workflows.engine import state
from workflows.engine.state import EngineInstance, StoredInstance
from workflows.errors import FashenError, Incident, Unavailable
from workflows.files import Files
from workflows.ledger import events
from workflows.notices.posting import deliver
from workflows.search import materials
from workflows.store import Store

PAUSE_SECONDS = 1.0
"""Between two looks when there was nothing to do: how late a timer may fire on a quiet machine."""
LONGEST_PAUSE_SECONDS = 30.0
"""Between two tries at a database that does not answer."""
BATCH = 100
"""Of each kind in a round, so that timers, notices and documents take turns."""
FEW = 5
"""Documents between two looks whether the worker shall end: a page takes a part of a second."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did; failed: instances whose timers were put off; texts: files read for the search.

    releases: processes that were published at their moment, or could not be; migrations: cases moved to another
    version, or back, or not; replays: batches of closed cases that were driven through a draft.
    """

    timers: int
    notices: int
    documents: int
    failed: int = 0
    texts: int = 0
    releases: int = 0
    migrations: int = 0
    replays: int = 0

    def __bool__(self) -> bool:
        done = (self.timers, self.notices, self.documents, self.texts, self.releases, self.migrations, self.replays)
        return any(done)


def run_round(
    store: Store, files: Files, fonts: Fonts, stopped: Callable[[], bool] = lambda: False,
    channels: Collection[str] = (),
) -> Round:  # fmt: skip
    """Do once whatever is due now, a batch of each at most; ends early, between two units of work, when `stopped()`.

    channels: by which notices go out beside the page. Raises Unavailable when the database does not answer.
    """
    try:
        timers, failed = _fire_due(store, stopped)
        releases = _publish_due(store, stopped)
        migrations = _migrate(store, stopped)
        with store.read() as session:  # a look costs no lock; on SQLite a writer would keep others out for nothing
            waiting = outbox.waits(session)
        notices = execute(store, deliver, BATCH, channels) if waiting and not stopped() else 0
        documents = done = 0
        while not stopped() and documents < BATCH and (done := render_pending(store, files, fonts, limit=FEW)):
            documents += done
        texts = materials.read_waiting(store, files, FEW, stopped)
        replays = 0 if stopped() else _replay_closed(store)
    except (OperationalError, InterfaceError) as error:
        raise Unavailable("store.unavailable") from error
    return Round(timers, notices, documents, failed, texts, releases, migrations, replays)


def _fire_due(store: Store, stopped: Callable[[], bool]) -> tuple[int, int]:
    """Timers that fired, and instances that failed, until nothing is due that is free."""
    fired = failed = 0
    for _ in range(BATCH):
        if stopped():
            break
        with store.read() as session:
            due = state.earliest_due(session)
        if due is None or due > clock.now():
            break
        done = fire_next(store)
        if done is None:
            break
        fired, failed = fired + done, failed + (not done)
    return fired, failed


def _publish_due(store: Store, stopped: Callable[[], bool]) -> int:
    """Approved releases whose moment has come, each in a unit of work of its own; how many ended."""
    ended = 0
    for _ in range(BATCH):
        if stopped():
            break
        with store.read() as session:
            if not publications.waits(session, clock.now()):
                break
        with store.work() as session:
            if publications.publish_due(session, clock.now()) is None:
                break  # another worker was faster
        ended += 1
    return ended


def _migrate(store: Store, stopped: Callable[[], bool]) -> int:
    """Cases that are to be moved to another version of their process, or back; how many were seen to."""
    done = 0
    while done < BATCH and not stopped():
        with store.read() as session:
            if not carrying.waits(session):
                break
        with store.work() as session:
            found = carrying.carry_next(session)
        done += found is not None
        if found is None:
            with store.work() as session:
                if not carrying.end_next(session):
                    break  # what is left is in somebody's hands
    return done


def _replay_closed(store: Store) -> int:
    """A batch of closed cases through a draft that somebody asked about; 0 where nobody did."""
    with store.read() as session:
        waiting = closed.next_one(session)
    if waiting is None:
        return 0
    try:
        with store.read(snapshot=True) as session:
            batch = closed.examine(session, waiting)
    except FashenError as error:
        with store.work() as session:
            closed.give_up(session, waiting, error.code)
    else:
        with store.work() as session:
            closed.note(session, batch)
    return 1


def fire_next(store: Store) -> int | None:
    """Take one instance and fire what is due in it, in one unit of work; how many timers fired.

    0 when they failed: the instance is as before but for its incident, and rests. None when nothing is due that nobody
    else holds. Raises what the database raises when it does not answer; then nothing has happened.
    """
    now = clock.now()
    with store.work() as session:
        taken = take(session, now)
        if taken is None:
            return None
        case, instance_id = taken
        try:
            with session.begin_nested():
                return _fire(session, case, instance_id, now)
        except (OperationalError, InterfaceError):
            raise  # nothing is known about the instance
        except FashenError as error:
            _put_off(session, instance_id, Incident(error.code, **{**error.facts, "instance": instance_id}), now)
        except Exception as error:  # whatever is wrong with one instance, the others' timers fire
            log.exception("the timers of instance %s failed unexpectedly", instance_id)
            reason = f"{type(error).__name__}: {getattr(error, 'orig', error)}"[:500]
            _put_off(session, instance_id, Incident("engine.failed", reason=reason, instance=instance_id), now)
        return 0


def take(session: Session, now: datetime) -> tuple[Case, str] | None:
    """The instance whose timers have waited longest to be tried, and its case, both locked until the unit ends.

    On PostgreSQL those are passed over that somebody else has locked, a worker or a person at work on the case. On
    SQLite a writing unit of work is alone.
    """
    found = session.execute(due_first(now)).first()
    return None if found is None else (found[0], found[1])


def due_first(now: datetime) -> Select[Case, str]:
    """The query of `take`: along the index of moments, one row."""
    return (
        select(Case, EngineInstance.id)
        .join(EngineInstance, EngineInstance.case_id == Case.id)
        .where(EngineInstance.try_at <= now)
        .order_by(EngineInstance.try_at, EngineInstance.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _fire(session: Session, case: Case, instance_id: str, now: datetime) -> int:
    if suspensions.holds(session, instance_id):
        state.look_again(session, instance_id, now=now)
        return 0
    instance = state.load(session, instance_id)
    fired = fire(session, case, instance, SYSTEM, now)
    if fired == 0:  # `try_at` said otherwise than the instance itself: only the next look is mended
        state.save(session, instance)
    return fired


def fire(session: Session, case: Case, instance: StoredInstance, actor: Actor, now: datetime) -> int:
    """Fire what is due in an instance that was loaded under the lock of its case, on the record; how many timers fired.

    0 when nothing is due: then nothing is stored. Raises what stops the process on its way.
    """
    due = instance.next_due()
    with advance.naming(instance):
        fired = instance.wake(now)
    if due is None or fired == 0:
        return 0
    first = instance.trace[0] if instance.trace else None
    ledger.append(
        session,
        advance.stream(case),
        events.TimerFired(
            instance_id=instance.id,
            element_id=first.element_id if first else "",
            name=first.name if first else "",
            due_at=due,
            passed=advance.passed(instance.trace),
        ),
        actor=actor,
        happened=now,
        case_id=case.id,
    )
    advance.follow(session, case, instance, actor)
    case.version += 1
    return fired


def _put_off(session: Session, instance_id: str, incident: Incident, now: datetime) -> None:
    """Note why the timers of an instance failed, and let them rest."""
    put_on_record(session, incident, SYSTEM)
    again = state.put_off(session, instance_id, now=now)
    log.warning("the timers of instance %s rest until %s: %s", instance_id, again.isoformat(), incident)


def run(
    store: Store, files: Files, fonts: Fonts, stopped: Callable[[], bool], unfit: Callable[[], FashenError | None],
    channels: Collection[str] = (),
) -> None:  # fmt: skip
    """Round after round until `stopped()`, which is asked between units of work.

    unfit: asked before each round whether this program may still work on this database, which an upgrade may have
    changed under it; the error that it gives is raised, and nothing more is done.
    A database that does not answer is asked again after 1, 2, 4 … LONGEST_PAUSE_SECONDS; what else goes wrong costs one
    round, not the worker.
    """
    silent = 0
    while not stopped():
        reason = None
        try:
            reason = unfit()
            done = reason is None and bool(run_round(store, files, fonts, stopped, channels))
            silent = 0
            if done:
                continue
        except (Unavailable, OperationalError, InterfaceError) as error:
            silent += 1
            log.warning("the database does not answer: %s", error.__cause__ or error)
        except Exception:  # the worker outlives every single failure; each is logged with its trace
            log.exception("a round of the worker failed")
        if reason is not None:
            raise reason
        _pause(min(PAUSE_SECONDS * 2 ** max(silent - 1, 0), LONGEST_PAUSE_SECONDS), stopped)


def _pause(seconds: float, stopped: Callable[[], bool]) -> None:
    """Wait, and notice within a moment that the worker shall end."""
    end = time.monotonic() + seconds
    while not stopped() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))
