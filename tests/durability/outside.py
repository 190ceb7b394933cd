"""The commands of programs outside, each ready to be tried: an installation that serves a topic, and a small process.

No published case has a task for a machine. So a process with one is begun beside the case, on a copy that the play
never sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from tests.durability.trials import Deed
from tests.external.gazette import TOPIC, admit, begin
from workflows import machines
from workflows.actors import SYSTEM, Actor, Person, acting
from workflows.desk.execute import execute
from workflows.errors import Incident
from workflows.external import accounts
from workflows.external.accounts import Machine
from workflows.operations import retrying
from workflows.store import Store

if TYPE_CHECKING:
    from tests.durability.faults import Drill

LASTS, PAUSE = timedelta(minutes=5), timedelta(minutes=1)
WORKER = "drill-worker"


def deeds(drill: Drill) -> Iterator[tuple[str, Deed]]:
    """Each command of a machine or about one, on tasks of the drilled case; what it needs is done before."""
    with drill.aside():
        machine, _ = admit(drill.store, "drill-office")
        waiting = begin(drill.store, drill.case_id, 2, number=7)
        yield from _of_the_accounts()
        yield "machines.lock_tasks", lambda store, files: execute(
            store, machines.lock_tasks, machine, WORKER, {TOPIC: LASTS}, 10
        )
        yield "machines.lock", lambda store, files: execute(store, machines.lock, machine, waiting[0], WORKER, LASTS)
        execute(drill.store, machines.lock_tasks, machine, WORKER, {TOPIC: LASTS}, 10)
        yield from _of_a_held_task(machine, waiting[0])
        yield from _of_a_failed_task(drill.store, machine, waiting[1])


def _of_the_accounts() -> Iterator[tuple[str, Deed]]:
    yield "external.accounts.admit", lambda store, files: execute(
        store, accounts.admit, SYSTEM, "drill-archive", [TOPIC]
    )
    yield "external.accounts.revoke", lambda store, files: execute(store, accounts.revoke, SYSTEM, "drill-office")


def _of_a_held_task(machine: Machine, task: str) -> Iterator[tuple[str, Deed]]:
    yield "machines.complete", lambda store, files: execute(
        store, machines.complete, machine, task, WORKER, {"page": 3, "place": "A"}
    )
    yield "machines.report_error", lambda store, files: execute(
        store, machines.report_error, machine, task, WORKER, "refused", {"page": 0}
    )
    yield "machines.extend", lambda store, files: execute(store, machines.extend, machine, task, WORKER, 2 * LASTS)
    yield "machines.unlock", lambda store, files: execute(store, machines.unlock, machine, task)
    yield "machines.fail", lambda store, files: execute(
        store, lambda session: machines.fail(session, machine, task, WORKER, message="无回应", retries=0, pause=PAUSE)
    )
    yield "machines.set_aside", lambda store, files: execute(
        store, machines.set_aside, machine, task, WORKER, Incident("engine.state_damaged", reason="drill")
    )


def _of_a_failed_task(store: Store, machine: Machine, task: str) -> Iterator[tuple[str, Deed]]:
    with store.work() as session:
        machines.fail(session, machine, task, WORKER, message="无回应", retries=0, pause=PAUSE)
    yield "machines.retry", lambda store, files: execute(store, machines.retry, SYSTEM, task)
    admin = _administrator(store)
    yield "operations.retrying.retry_external", lambda store, files: execute(
        store, retrying.retry_external, admin, task
    )


def _administrator(store: Store) -> Actor:
    with store.read() as session:
        return acting(session, session.scalars(select(Person.id).where(Person.login == "admin")).one())
