"""One case moves: its instance becomes one of the other version, and the tasks of people follow it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import SYSTEM, Person
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk import advance
from workflows.desk.candidates import require_candidate
from workflows.desk.locking import record
from workflows.desk.migrating.tables import MOVED, UNDONE, MigratedInstance, Migration
from workflows.desk.migrating.terms import Terms, become
from workflows.desk.tasks import STEP, Task, TaskDraft
from workflows.engine import packages, snapshots, state
from workflows.engine.offers import Step
from workflows.engine.state import StoredInstance
from workflows.errors import Forbidden, Stale
from workflows.external.offering import declared
from workflows.external.tables import ExternalTask
from workflows.ledger import events

Spot = tuple[str, str, str]
"""A step: the hash of its package, the id of its element, its name."""
MIGRATED, PUT_BACK = "migrated", "migration_undone"
"""Why steps went, for the record."""
_OF_THE_STEP = ("element_id", "name", "form_key", "package_hash", "act")
"""What a task has from the diagram, beside its place in the process."""


def move(session: Session, case: Case, row: MigratedInstance, plan: Migration) -> None:
    """Move an instance, under the lock of its case. Raises as `terms.become` does; then nothing has been written."""
    terms, now = Terms.of(plan), clock.now()
    instance = state.load(session, row.instance_id)
    with advance.naming(instance):
        future = become(session, instance, terms, now)
    held = _holders(session, instance.id)
    holders = [[*place, who] for place, who in held.items()]
    before = {**snapshots.snapshot(instance), "pins": instance.pins, "held": holders}
    moved = state.moved(session, instance, future.instance, future.pins)
    ledger.append(session, advance.stream(case), events.InstanceMigrated(
        instance_id=instance.id, migration_id=plan.id, process_key=terms.key, from_hash=terms.source,
        to_hash=terms.target, from_version=plan.source_version, to_version=plan.target_version, pins=moved.pins,
        elements=dict(terms.elements), forgotten=[list(one) for one in future.forgotten], reason=plan.reason,
        legal_basis=plan.legal_basis, asked_by_id=plan.asked_by_id, approved_by_id=str(plan.decided_by_id),
        steps=names(moved), passed=advance.passed(moved.trace),
    ), actor=SYSTEM, case_id=case.id, happened=now)  # fmt: skip
    _keep_tasks(session, case, moved, notify=True)
    advance.follow(session, case, moved, SYSTEM, why=MIGRATED)
    _give_back(session, case, moved, {(key, terms.elements.get(element, element)): who
                                      for (key, element), who in held.items()})  # fmt: skip
    session.flush()
    before["seen"] = {task.id: task.version for task in live(session, instance.id)}
    row.state, row.problems, row.steps, row.at = MOVED, [], [list(one) for one in spots(moved)], now
    row.before, row.version = before, moved.version
    case.version += 1


def put_back(session: Session, case: Case, row: MigratedInstance, plan: Migration) -> None:
    """Put an instance back to what it was before it was moved, if nobody has acted since.

    Raises Stale ("migration.acted", "migration.not_moved").
    """
    now, before = clock.now(), row.before
    if before is None:
        raise Stale("migration.not_moved")
    instance = state.load(session, row.instance_id)
    _require_untouched(session, instance, row)
    called = {key: packages.definition(session, hash) for key, hash in before["pins"].items()}
    was = snapshots.restored(before, called, snapshots.tokens(instance))
    back = state.moved(session, instance, was, before["pins"])
    ledger.append(session, advance.stream(case), events.InstanceMigrationUndone(
        instance_id=instance.id, migration_id=plan.id, process_key=plan.process_key, from_hash=plan.target_hash,
        to_hash=plan.source_hash, from_version=plan.target_version, to_version=plan.source_version, pins=back.pins,
        reason=plan.undo_reason, by_id=str(plan.undone_by_id),
    ), actor=SYSTEM, case_id=case.id, happened=now)  # fmt: skip
    _keep_tasks(session, case, back, notify=False)
    advance.follow(session, case, back, SYSTEM, why=PUT_BACK)
    _give_back(session, case, back, {(key, element): who for key, element, who in before["held"]})
    row.state, row.problems, row.before, row.version = UNDONE, [], None, None
    row.steps = [list(one) for one in spots(back)]
    row.at = now
    case.version += 1


def spots(instance: StoredInstance) -> list[Spot]:
    """The steps at which an instance stands, without the activities around them."""
    found: dict[Spot, None] = {}
    for one in instance.live():
        element = instance.run.called[one.process_key].elements[one.element_id]
        if element.kind not in ("callActivity", "subProcess", "transaction"):
            found[one.package_hash, element.id, element.name or element.id] = None
    return list(found)


def names(instance: StoredInstance) -> list[str]:
    """What people call these steps."""
    return [name for _, _, name in spots(instance)]


def live(session: Session, instance_id: str) -> list[Task]:
    """The tasks of an instance that wait, sub-tasks too."""
    wanted = select(Task).where(Task.instance_id == instance_id, Task.ended_at.is_(None))
    return list(session.execute(wanted.order_by(Task.created_at, Task.id)).scalars())


def _require_untouched(session: Session, instance: StoredInstance, row: MigratedInstance) -> None:
    """Raise Stale ("migration.acted") where anybody has claimed, written or done anything since the move."""
    if instance.version != row.version:
        raise Stale("migration.acted", name="、".join(names(instance)))
    seen: dict[str, int] = (row.before or {}).get("seen", {})
    tasks = live(session, instance.id)
    written = set(session.execute(
        select(TaskDraft.task_id).where(TaskDraft.task_id.in_([task.id for task in tasks]), TaskDraft.saved_at > row.at)
    ).scalars())  # fmt: skip
    for task in tasks:
        if seen.get(task.id) != task.version or task.id in written:
            raise Stale("migration.acted", name=task.name)


def _keep_tasks(session: Session, case: Case, instance: StoredInstance, *, notify: bool) -> None:
    """Tasks whose steps stay are theirs who hold them, and are now steps of the other version."""
    steps = {step.id: step for step in instance.steps()}
    for task in live(session, instance.id):
        step = steps.get(task.engine_task_id or "")
        parent = task.parent if task.kind != STEP else None
        of = step or (steps.get(parent.engine_task_id or "") if parent is not None else None)
        if of is None or not _adopt(task, of, whole=step is not None):
            continue
        record(session, case, SYSTEM, events.TaskMoved, task, package_hash=task.package_hash, act=task.act)
        if notify and step is not None:
            for person_id in [task.assignee_id] if task.assignee_id else [one.person_id for one in task.candidates]:
                facts = {"task": task.id, "name": task.name}
                outbox.send(session, person_id, "task_moved", facts, case_id=case.id)
    _keep_external(session, instance)


def _adopt(task: Task, step: Step, *, whole: bool) -> bool:
    """Let a task be one of a step of the other version; whether anything about it changed."""
    element = step.element
    now: dict[str, str | None] = {"element_id": element.id, "package_hash": step.package_hash}
    if whole:
        now |= {"name": element.name, "form_key": step.form_key, "act": element.properties.get("act")}
    if all(getattr(task, column) == value for column, value in now.items()):
        return False
    for column, value in now.items():
        setattr(task, column, value)
    task.version += 1
    return True


def _keep_external(session: Session, instance: StoredInstance) -> None:
    """Tasks of programs outside that go on waiting are of the other version too."""
    waiting = {task.id: task for task in instance.external()}
    wanted = select(ExternalTask).where(ExternalTask.instance_id == instance.id, ExternalTask.ended_at.is_(None))
    for row in session.execute(wanted).scalars():
        if (task := waiting.get(row.id)) is not None:
            row.package_hash, row.element_id = instance.pins[task.process_key], task.element.id
            row.name, row.outputs = task.element.name, declared(task.element.properties)


def _holders(session: Session, instance_id: str) -> dict[tuple[str, str], str]:
    """Process key and element → who holds the step there, where it is only one."""
    found: dict[tuple[str, str], str] = {}
    for task in live(session, instance_id):
        if task.kind == STEP and task.assignee_id is not None:
            place = (task.process_key, task.element_id)
            found[place] = "" if place in found else task.assignee_id
    return found


def _give_back(session: Session, case: Case, instance: StoredInstance, held: dict[tuple[str, str], str]) -> None:
    """Steps that began anew go to whoever held them, if they still may do them."""
    for task in live(session, instance.id):
        person = session.get(Person, held.get((task.process_key, task.element_id)) or "")
        if person is None or task.kind != STEP or task.assignee_id is not None:
            continue
        try:
            require_candidate(session, person, task, case)
        except Forbidden:
            continue
        task.assignee_id, task.state = person.id, "claimed"
        record(session, case, SYSTEM, events.TaskReassigned, task, to_id=person.id, to_name=person.name,
               reason="原办理人")  # fmt: skip
