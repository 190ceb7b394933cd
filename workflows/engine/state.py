"""Where instances are kept between commands.

A command loads the instance under its row lock, changes it, and saves what changed; another that loaded the same
version meanwhile is refused. There is no cache of instances; definitions, which never change, are cached by hash.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    bindparam,
    delete,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.engine import packages, rows
from workflows.engine.payload import dump
from workflows.engine.runtime import Instance
from workflows.errors import Incident, NotFound, Stale
from workflows.store import Base, Utc, new_id

RUNNING, FINISHED, STOPPED = "running", "finished", "incident"
LONGEST_REST = 60
"""Minutes until timers that keep failing are tried again."""
_INCIDENT, _RUNS = text("incident IS NOT NULL"), text("ended_at IS NULL")


class EngineInstance(Base):
    """An instance. pins: process key → package hash of all it may call; version: its saves.

    due: its earliest timer; try_at: when the worker looks at it next, which is `due`, or later after failures;
    attempts: failures of its timers since the last save.
    """

    __tablename__ = "engine_instance"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str | None] = mapped_column(String(32), index=True)
    process_key: Mapped[str] = mapped_column(String(64))
    package_hash: Mapped[str] = mapped_column(ForeignKey("engine_package.hash"))
    pins: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16))
    due: Mapped[datetime | None] = mapped_column(Utc)
    try_at: Mapped[datetime | None] = mapped_column(Utc)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    variables: Mapped[str] = mapped_column(Text)
    incident: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    __table_args__ = (
        Index("ix_engine_instance_try_at_id", "try_at", "id"),
        # Few stand still; whoever looks for them walks past nothing else.
        Index("ix_engine_instance_incident", "id", sqlite_where=_INCIDENT, postgresql_where=_INCIDENT),
        Index("ix_engine_instance_running", "package_hash", sqlite_where=_RUNS, postgresql_where=_RUNS),
    )


class EngineScope(Base):
    """A subprocess or called process that runs inside an instance; id: of the engine task that holds it."""

    __tablename__ = "engine_scope"
    __table_args__ = (Index("ix_engine_scope_process_key", "process_key"),)
    instance_id: Mapped[str] = mapped_column(ForeignKey("engine_instance.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    process_key: Mapped[str] = mapped_column(String(64))
    plan: Mapped[str] = mapped_column(String(255))
    number: Mapped[int] = mapped_column(Integer)
    variables: Mapped[str | None] = mapped_column(Text)


class EngineTask(Base):
    """A live engine task. scope: the engine_scope it lies in, "" for the outermost; number: its age in the instance."""

    __tablename__ = "engine_task"
    instance_id: Mapped[str] = mapped_column(ForeignKey("engine_instance.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    scope: Mapped[str] = mapped_column(String(32))
    parent: Mapped[str | None] = mapped_column(String(32))
    element: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(8))
    number: Mapped[int] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)


class StoredInstance(Instance):
    """An instance with its row: id, case, version, and what the rows said when it was loaded."""

    def __init__(self, instance: Instance, id: str, case_id: str | None, pins: Mapping[str, str], version: int) -> None:
        super().__init__(instance.run)
        self.id, self.case_id, self.pins, self.version = id, case_id, dict(pins), version
        self.stored_tasks: dict[str, rows.TaskRow] = {}
        self.stored_scopes: dict[str, rows.ScopeRow] = {}


def start_instance(
    session: Session, process_key: str, variables: Mapping[str, Any], *, case_id: str | None, now: datetime
) -> StoredInstance:
    """Start an instance on the current packages of the process and of all that it calls, and save it.

    Raises NotFound ("engine.process_unknown") when one of them is not published, else what Instance.start raises.
    """
    pins: dict[str, str] = {}
    queue = [process_key]
    while queue:
        key = queue.pop()
        if key in pins:
            continue
        hash = packages.current(session, key)
        if hash is None:
            raise NotFound("engine.process_unknown", key=key)
        pins[key] = hash
        queue.extend(sorted(packages.definition(session, hash).calls))
    called = {key: packages.definition(session, hash) for key, hash in pins.items()}
    started = Instance.start(called[process_key], called, variables, now)
    instance = StoredInstance(started, new_id(), case_id, dict(sorted(pins.items())), 0)
    session.execute(insert(EngineInstance).values(
        id=instance.id, case_id=case_id, process_key=process_key, package_hash=pins[process_key],
        pins=dump(instance.pins), version=0, status=RUNNING, variables="{}", created_at=now))
    save(session, instance)
    return instance


def load(session: Session, instance_id: str, *, lock: bool = True) -> StoredInstance:
    """Load an instance; with `lock` nobody else can change it before this unit of work ends.

    Raises NotFound ("engine.instance_unknown"), and Incident ("engine.state_damaged") for rows that no program of ours
    wrote so: only this instance stands still.
    """
    row = session.execute(_LOCKED if lock else _SEEN, {"of": instance_id}).first()
    if row is None:
        raise NotFound("engine.instance_unknown", instance=instance_id)
    scopes = {row.id: rows.ScopeRow(*row) for row in session.execute(_SCOPES.read, {"of": instance_id})}
    tasks = {row.id: rows.TaskRow(*row) for row in session.execute(_TASKS.read, {"of": instance_id})}
    try:
        pins: dict[str, str] = json.loads(row.pins)
        called = {key: packages.definition(session, hash) for key, hash in pins.items()}
        main, finished = called[row.process_key], row.status == FINISHED
        run = rows.restore(main, called, row.variables, finished, scopes.values(), tasks.values())
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Incident("engine.state_damaged", reason=repr(error)[:200], instance=instance_id) from error
    instance = StoredInstance(Instance(run), instance_id, row.case_id, pins, row.version)
    instance.stored_scopes, instance.stored_tasks = scopes, tasks
    return instance


def save(session: Session, instance: StoredInstance) -> None:
    """Write what changed since the instance was loaded or last saved; `trace` and `withdrawn` begin anew.

    Raises Stale ("engine.instance_stale") when somebody else saved meanwhile, Incident ("engine.spoilt") for an
    instance in which a command failed. If the unit of work is rolled back, the instance is spoilt.
    """
    if instance.spoilt:
        raise Incident("engine.spoilt")
    event.listen(session, "after_rollback", lambda _session: instance.spoil(), once=True)
    tasks, scopes = rows.task_rows(instance.run), rows.scope_rows(instance.run)
    done, due = instance.finished, instance.next_due()
    changed: Any = session.execute(_SAVED, {
        "of": instance.id, "loaded": instance.version, "new_version": instance.version + 1,
        "new_status": FINISHED if done else RUNNING, "new_due": due, "new_try_at": due, "new_attempts": 0,
        "new_variables": dump(instance.run.variables), "new_incident": None,
        "new_ended_at": instance.run.now if done else None})
    if changed.rowcount != 1:
        instance.spoil()
        raise Stale("engine.instance_stale", instance=instance.id)
    _write(session, _SCOPES, instance.id, instance.stored_scopes, scopes)
    _write(session, _TASKS, instance.id, instance.stored_tasks, tasks)
    instance.version += 1
    instance.stored_tasks, instance.stored_scopes = tasks, scopes
    instance.run.trace, instance.run.withdrawn = [], []


def moved(
    session: Session, instance: StoredInstance, other: Instance, pins: Mapping[str, str]
) -> StoredInstance:
    """Put what an instance became on other versions in its place, yet to be saved. pins: process key → package hash.

    Raises Stale ("engine.instance_stale") when somebody else saved meanwhile.
    """
    changed: Any = session.execute(
        update(EngineInstance).where(EngineInstance.id == instance.id, EngineInstance.version == instance.version)
        .values(pins=dump(dict(sorted(pins.items()))), package_hash=pins[instance.definition.key])
    )
    if changed.rowcount != 1:
        instance.spoil()
        raise Stale("engine.instance_stale", instance=instance.id)
    found = StoredInstance(other, instance.id, instance.case_id, pins, instance.version)
    found.stored_tasks, found.stored_scopes = instance.stored_tasks, instance.stored_scopes
    instance.spoil()
    return found


def due_instances(session: Session, now: datetime, limit: int) -> list[str]:
    """Ids of instances whose timers are to be tried now, the longest due first, locked for this unit of work.

    Those that another unit has locked are passed over on PostgreSQL; on SQLite a writing unit of work is alone.
    """
    query = select(EngineInstance.id).where(EngineInstance.try_at <= now)
    query = query.order_by(EngineInstance.try_at, EngineInstance.id).limit(limit).with_for_update(skip_locked=True)
    return list(session.execute(query).scalars())


def case_of(session: Session, instance_id: str) -> str | None:
    """The case that an instance belongs to; None for none, and for an unknown instance."""
    return session.execute(select(EngineInstance.case_id).where(EngineInstance.id == instance_id)).scalar()


def running_of(session: Session, case_id: str) -> list[str]:
    """Ids of the instances of a case that have not ended, oldest first."""
    query = select(EngineInstance.id).where(EngineInstance.case_id == case_id, EngineInstance.status != FINISHED)
    return list(session.execute(query.order_by(EngineInstance.created_at, EngineInstance.id)).scalars())


def rest(session: Session, instance_id: str, *, over: bool = False) -> None:
    """Let the timers of an instance wait until the rest is over; then those that came due meanwhile fire.

    Raises NotFound ("engine.instance_unknown").
    """
    row = session.get(EngineInstance, instance_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("engine.instance_unknown", instance=instance_id)
    row.try_at = row.due if over else None


def earliest_due(session: Session) -> datetime | None:
    """When the timers of any instance are to be tried next; None when nothing waits for time."""
    return session.execute(select(func.min(EngineInstance.try_at))).scalar()


def put_off(session: Session, instance_id: str, *, now: datetime) -> datetime:
    """After a failure of its timers, let an instance rest 1, 2, 4 … LONGEST_REST minutes; when it is tried again.

    A save ends the row of failures. Raises NotFound ("engine.instance_unknown").
    """
    row = session.get(EngineInstance, instance_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("engine.instance_unknown", instance=instance_id)
    rest = min(2 ** min(row.attempts, 16), LONGEST_REST)
    row.attempts, row.try_at = row.attempts + 1, now + timedelta(minutes=rest)
    return row.try_at


def look_again(session: Session, instance_id: str, *, now: datetime) -> None:
    """Let due timers of an instance that is held wait, LONGEST_REST at most, without counting it as a failure."""
    session.execute(update(EngineInstance).where(EngineInstance.id == instance_id)
                    .values(try_at=now + timedelta(minutes=LONGEST_REST)))  # fmt: skip


def record_incident(session: Session, instance_id: str, incident: Incident, *, now: datetime) -> bool:
    """Note why a command on an instance failed, until the next save; whether that was not noted already.

    Its timers go on: the instance is where it was before the command. One that was noted before keeps its moment.
    """
    facts = {name: value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)
             for name, value in incident.facts.items()}
    query = select(EngineInstance.incident).where(EngineInstance.id == instance_id).with_for_update()
    noted = json.loads(session.execute(query).scalar() or "{}")
    if (noted.get("code"), noted.get("facts")) == (incident.code, facts):
        return False
    session.execute(
        update(EngineInstance).where(EngineInstance.id == instance_id, EngineInstance.status != FINISHED)
        .values(status=STOPPED, incident=json.dumps({"code": incident.code, "facts": facts, "at": now.isoformat()}))
    )
    return True


def incident(session: Session, instance_id: str) -> dict[str, Any] | None:
    """The incident of an instance: code, facts, at (ISO 8601); None if there is none."""
    noted = session.execute(select(EngineInstance.incident).where(EngineInstance.id == instance_id)).scalar()
    return json.loads(noted) if noted else None


class _Rows:
    """The statements on one table of an instance's parts, built once: a step of a case runs most of them."""

    def __init__(self, table: type[Base], names: tuple[str, ...]) -> None:
        rows_of: Any = table.__table__
        key = (rows_of.c.instance_id == bindparam("of"), rows_of.c.id == bindparam("key"))
        self.names = names
        self.read = select(*(rows_of.c[name] for name in names)).where(rows_of.c.instance_id == bindparam("of"))
        self.add, self.remove = insert(rows_of), delete(rows_of).where(*key)
        self.change = update(rows_of).where(*key).values({
            name: bindparam(f"new_{name}") for name in names if name != "id"})


_SCOPES, _TASKS = _Rows(EngineScope, rows.SCOPE_COLUMNS), _Rows(EngineTask, rows.TASK_COLUMNS)
_instances: Any = EngineInstance.__table__
_SEEN = select(
    *(_instances.c[name] for name in ("case_id", "process_key", "pins", "version", "status", "variables"))
).where(_instances.c.id == bindparam("of"))
_LOCKED = _SEEN.with_for_update()
_SAVED = (
    update(_instances).where(_instances.c.id == bindparam("of"), _instances.c.version == bindparam("loaded"))
    .values({name: bindparam(f"new_{name}") for name in (
        "version", "status", "due", "try_at", "attempts", "variables", "incident", "ended_at")})
)


def _write(
    session: Session, table: _Rows, instance_id: str, stored: Mapping[str, Any], present: Mapping[str, Any]
) -> None:
    if gone := [{"of": instance_id, "key": id} for id in stored if id not in present]:
        session.execute(table.remove, gone)
    new = [row for id, row in present.items() if id not in stored]
    if new:
        session.execute(table.add, [
            {"instance_id": instance_id, **{name: getattr(row, name) for name in table.names}} for row in new])
    changed = [row for id, row in present.items() if id in stored and row != stored[id]]
    if changed:
        session.execute(table.change, [
            {"of": instance_id, "key": row.id,
             **{f"new_{name}": getattr(row, name) for name in table.names if name != "id"}} for row in changed])
