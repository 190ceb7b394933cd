"""What machines outside may do: fetch external tasks of their topics, complete them, or say that they could not.

A machine does external tasks and nothing else: it has no role, sees no case, and writes only the variables that the
step declares. Each change is one command under the lock of its case, with a ledger entry; done twice, the second is
refused. While a case is held up (中止), its tasks rest as people's do: nobody gets them, nobody completes them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import Actor, holders, subtree
from workflows.calendar import clock
from workflows.cases.file import Case, lock_case
from workflows.desk import advance
from workflows.desk.execute import put_on_record
from workflows.desk.operators import halting
from workflows.diagrams import suspensions
from workflows.engine import state
from workflows.engine.runtime import External
from workflows.engine.state import StoredInstance
from workflows.errors import Forbidden, Incident, Invalid, NotFound
from workflows.external.accounts import Machine
from workflows.external.offering import declared, end
from workflows.external.tables import ExternalTask
from workflows.ledger import events

MOST_TASKS = 100
LONGEST_LOCK = timedelta(hours=24)
FIRST_RETRIES = 3
"""What a failure without a number of its own leaves."""
MESSAGE_LENGTH = 666
"""As long as Camunda keeps it."""

_HELD_UP = select(Case.id).where(Case.suspended_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Fetched:
    """A task that a worker holds now, with the variables it sees and the properties of its step."""

    row: ExternalTask
    variables: Mapping[str, Any]
    properties: Mapping[str, str]


def lock_tasks(
    session: Session, machine: Machine, worker: str, topics: Mapping[str, timedelta], limit: int
) -> list[str]:
    """Lock up to `limit` waiting tasks for a worker, the oldest first; gives back their ids.

    topics: topic → how long. Tasks of cases that are held up are left out; those that others are locking at this moment
    are passed over (PostgreSQL). Raises Forbidden("external.topic") for a topic that is not the machine's,
    Invalid("external.duration").
    """
    for topic, duration in topics.items():
        _require_topic(machine, topic)
        _require_duration(duration)
    now = clock.now()
    waiting = (
        select(ExternalTask)
        .where(ExternalTask.ended_at.is_(None), ExternalTask.topic.in_(list(topics)),
               ExternalTask.case_id.not_in(_HELD_UP),
               ~suspensions.holding(ExternalTask.process_key, ExternalTask.package_hash),
               or_(ExternalTask.locked_until.is_(None), ExternalTask.locked_until <= now),
               or_(ExternalTask.retries.is_(None), ExternalTask.retries > 0))
        .order_by(ExternalTask.created_at, ExternalTask.id).limit(max(0, min(limit, MOST_TASKS)))
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    rows = session.execute(waiting).scalars().all()
    for row in rows:
        row.account_id, row.worker, row.locked_until = machine.id, worker, now + topics[row.topic]
    return [row.id for row in rows]


def fetched(session: Session, task_ids: Collection[str]) -> tuple[list[Fetched], dict[str, Incident]]:
    """The tasks with what their worker sees; those that ended meanwhile are left out.

    Also the ids of those whose process can't be read, each with the reason: `set_aside` is for them.
    """
    wanted = select(ExternalTask).where(ExternalTask.id.in_(list(task_ids)), ExternalTask.ended_at.is_(None))
    rows = session.execute(wanted.order_by(ExternalTask.created_at, ExternalTask.id)).scalars().all()
    seen: dict[str, dict[str, External]] = {}
    found: list[Fetched] = []
    unreadable: dict[str, Incident] = {}
    for row in rows:
        if row.instance_id not in seen:
            try:
                instance = state.load(session, row.instance_id, lock=False)
            except Incident as incident:
                unreadable[row.id] = Incident(incident.code, **{**incident.facts, "instance": row.instance_id})
                continue
            seen[row.instance_id] = {task.id: task for task in instance.external()}
        task = seen[row.instance_id].get(row.id)
        if task is not None and task.topic == row.topic:  # whoever changed a row's topic shows its case to nobody
            found.append(Fetched(row, task.variables, task.element.properties))
    return found, unreadable


def set_aside(session: Session, machine: Machine, task_id: str, worker: str, incident: Incident) -> None:
    """A task that was locked and can't be handed over: nobody gets it until an administrator has seen to its case.

    incident: why its process can't be read. Else it would come first at every fetch, and keep others waiting. Raises as
    `complete` does.
    """
    case, row = _held(session, machine, task_id, worker)
    put_on_record(session, incident, machine.actor)
    row.retries, row.error = 0, incident.code
    row.worker, row.locked_until = None, clock.now()
    ledger.append(session, advance.stream(case), events.ExternalTaskFailed(
        external_id=row.id, instance_id=row.instance_id, element_id=row.element_id, name=row.name, topic=row.topic,
        worker=worker, retries=0, message=row.error), actor=machine.actor, case_id=case.id,
    )  # fmt: skip


def complete(session: Session, machine: Machine, task_id: str, worker: str, variables: Mapping[str, Any]) -> None:
    """A worker has done its task: the process moves on with what it found out.

    Which variables the step declares and whose topic it is says the diagram, not the row that the worker was handed.
    Raises NotFound("external.unknown") for a task that ended or is none of this machine's, Forbidden("external.locked")
    when another worker holds it, Stale("case.suspended") while its case is held up, Invalid("external.undeclared") for
    a variable that the step does not declare, Incident when the process can't move on; then the task waits as before.
    """
    _finish(session, machine, task_id, worker, variables, "", StoredInstance.complete_external)


def report_error(
    session: Session, machine: Machine, task_id: str, worker: str, code: str, variables: Mapping[str, Any]
) -> None:
    """A worker reports an error that the diagram handles. Raises as `complete`; Incident where nothing handles it."""
    if not code:
        raise Invalid("external.body", place="errorCode")

    def fail(instance: StoredInstance, task_id: str, values: Mapping[str, Any], now: datetime) -> None:
        instance.fail_external(task_id, code, values, now)

    _finish(session, machine, task_id, worker, variables, code, fail)


def fail(
    session: Session, machine: Machine, task_id: str, worker: str, *, message: str, retries: int | None,
    pause: timedelta,
) -> None:  # fmt: skip
    """A worker could not do its task. retries: how often it may be tried again, None leaves one less than before.

    Nobody gets it before `pause` is over; with no tries left nobody gets it, and the administrators are told. Raises as
    `complete` does, Invalid("external.duration", "external.body").
    """
    case, row = _held(session, machine, task_id, worker)
    if pause < timedelta(0) or pause > LONGEST_LOCK:
        raise Invalid("external.duration", place="retryTimeout")
    left = retries if retries is not None else max(0, (FIRST_RETRIES if row.retries is None else row.retries) - 1)
    if not 0 <= left <= 1_000:
        raise Invalid("external.body", place="retries")
    _, task = _drawn(state.load(session, row.instance_id, lock=False), machine, row)
    row.retries, row.error = left, message[:MESSAGE_LENGTH]
    row.worker, row.locked_until = None, clock.now() + pause
    ledger.append(session, advance.stream(case), events.ExternalTaskFailed(
        external_id=row.id, instance_id=row.instance_id, element_id=task.element.id, name=task.element.name,
        topic=task.topic, worker=worker, retries=left, message=row.error), actor=machine.actor, case_id=case.id,
    )  # fmt: skip
    if left == 0:
        for admin in holders(session, "sys_admin", subtree(session, case.bureau_id)):
            outbox.send(session, admin.id, "incident", {"title": case.title}, case_id=case.id)


def extend(session: Session, machine: Machine, task_id: str, worker: str, duration: timedelta) -> None:
    """A worker needs its task so much longer, from now. Raises as `complete` does, Invalid("external.duration")."""
    _require_duration(duration)
    _, row = _held(session, machine, task_id, worker)
    row.locked_until = clock.now() + duration


def lock(session: Session, machine: Machine, task_id: str, worker: str, duration: timedelta) -> None:
    """A worker takes a task that it knows by its id.

    Raises Forbidden("external.locked") while another has it, Stale("case.suspended") while its case is held up.
    """
    _require_duration(duration)
    case, row = _waiting(session, machine, task_id)
    halting.require_running(case)
    suspensions.require_going(session, row.process_key, row.package_hash)
    now = clock.now()
    if row.locked_until is not None and row.locked_until > now and (row.account_id, row.worker) != (machine.id, worker):
        raise Forbidden("external.locked", worker=worker)
    row.account_id, row.worker, row.locked_until = machine.id, worker, now + duration


def unlock(session: Session, machine: Machine, task_id: str) -> None:
    """Give a task back, so that any worker may fetch it. Raises Forbidden("external.locked") for another machine's."""
    _, row = _waiting(session, machine, task_id)
    if row.account_id not in (None, machine.id):
        raise Forbidden("external.locked", worker="")
    row.worker, row.locked_until = None, None


def listed(session: Session, topics: Collection[str] | None, *, limit: int, offset: int = 0) -> Sequence[ExternalTask]:
    """The waiting tasks of these topics (None: of all), the oldest first."""
    wanted = select(ExternalTask).where(ExternalTask.ended_at.is_(None))
    if topics is not None:
        wanted = wanted.where(ExternalTask.topic.in_(list(topics)))
    page = wanted.order_by(ExternalTask.created_at, ExternalTask.id).offset(offset).limit(limit)
    return session.execute(page).scalars().all()


def counted(session: Session, topics: Collection[str]) -> int:
    """How many tasks of these topics wait."""
    wanted = select(func.count()).where(ExternalTask.ended_at.is_(None), ExternalTask.topic.in_(list(topics)))
    return session.execute(wanted).scalar_one()


def one(session: Session, machine: Machine, task_id: str) -> ExternalTask:
    """A waiting task. Raises NotFound("external.unknown") for one that ended or is none of this machine's."""
    row = session.get(ExternalTask, task_id)
    if row is None or row.ended_at is not None or row.topic not in machine.topics:
        raise NotFound("external.unknown", task=task_id[:64])
    return row


def resting(session: Session, tasks: Collection[ExternalTask]) -> frozenset[str]:
    """The ids of those of these tasks that nobody gets now, because their case is held up."""
    held = set(session.scalars(_HELD_UP.where(Case.id.in_({task.case_id for task in tasks}))))
    return frozenset(task.id for task in tasks if task.case_id in held)


def retry(session: Session, actor: Actor, task_id: str, retries: int = FIRST_RETRIES) -> None:
    """An administrator has seen to a failed task: workers get it again.

    Asked twice, it is one act: a task that workers get as often anyway stays as it is. Raises
    NotFound("external.unknown"), Invalid("external.not_failed") for a task at which nobody has failed yet.
    """
    case, row = _locked(session, task_id, None)
    if row.retries is None:
        raise Invalid("external.not_failed", name=row.name)
    if (row.retries, row.worker, row.locked_until) == (retries, None, None):
        return
    row.retries, row.worker, row.locked_until = retries, None, None
    ledger.append(session, advance.stream(case), events.ExternalTaskRetried(
        external_id=row.id, instance_id=row.instance_id, element_id=row.element_id, name=row.name, retries=retries,
    ), actor=actor, case_id=case.id)  # fmt: skip


Move = Callable[[StoredInstance, str, Mapping[str, Any], datetime], None]


def _finish(
    session: Session, machine: Machine, task_id: str, worker: str, variables: Mapping[str, Any], code: str, move: Move
) -> None:
    case, row = _held(session, machine, task_id, worker)
    instance = state.load(session, row.instance_id)
    place, task = _drawn(instance, machine, row)
    undeclared = sorted(set(variables) - set(declared(task.element.properties)))
    if undeclared:
        raise Invalid("external.undeclared", names=undeclared, element=task.element.id)
    with advance.naming(instance):
        move(instance, row.id, variables, clock.now())
    end(row, "error" if code else "completed")
    session.flush()
    ledger.append(session, advance.stream(case), events.ExternalTaskCompleted(
        external_id=row.id, instance_id=instance.id, element_id=task.element.id, name=task.element.name,
        topic=task.topic, place=place, worker=worker, error=code, variables=dict(variables),
        passed=advance.passed(instance.trace),
    ), actor=machine.actor, case_id=case.id)  # fmt: skip
    advance.follow(session, case, instance, machine.actor)
    case.version += 1


def _drawn(instance: StoredInstance, machine: Machine, row: ExternalTask) -> tuple[int, External]:
    """The waiting step that a row stands for, as the diagram has it, and its place among those that wait.

    Raises NotFound("external.unknown") where the process waits for no such thing, or for another topic's machine.
    """
    for place, task in enumerate(instance.external()):
        if task.id == row.id and task.topic in machine.topics:
            return place, task
    raise NotFound("external.unknown", task=row.id)


def _held(session: Session, machine: Machine, task_id: str, worker: str) -> tuple[Case, ExternalTask]:
    """Case and task, both locked, if this worker holds it; also when its time is over and nobody else took it.

    As in Camunda, what a worker says of a task that rests is refused; it says so again, or loses the task.
    """
    case, row = _waiting(session, machine, task_id)
    if row.account_id != machine.id or row.worker is None or row.worker != worker:
        raise Forbidden("external.locked", worker=worker)
    halting.require_running(case)
    suspensions.require_going(session, row.process_key, row.package_hash)
    return case, row


def _waiting(session: Session, machine: Machine, task_id: str) -> tuple[Case, ExternalTask]:
    return _locked(session, task_id, machine.topics)


def _locked(session: Session, task_id: str, topics: Collection[str] | None) -> tuple[Case, ExternalTask]:
    """The case is locked first, as in every command; a task of another topic looks like none."""
    found = session.execute(
        select(ExternalTask.case_id, ExternalTask.topic).where(ExternalTask.id == task_id)
    ).one_or_none()
    if found is None or (topics is not None and found.topic not in topics):
        raise NotFound("external.unknown", task=task_id[:64])
    case = lock_case(session, found.case_id)
    row = session.execute(
        select(ExternalTask).where(ExternalTask.id == task_id, ExternalTask.ended_at.is_(None))
        .with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("external.unknown", task=task_id[:64])
    return case, row


def _require_topic(machine: Machine, topic: str) -> None:
    if topic not in machine.topics:
        raise Forbidden("external.topic", topic=topic[:64])


def _require_duration(duration: timedelta) -> None:
    if not timedelta(0) < duration <= LONGEST_LOCK:
        raise Invalid("external.duration", place="lockDuration")
