"""Between an instance in memory and rows: one row per live task, one per scope inside; JSON text, nothing pickled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.definition import Definition
from workflows.engine.payload import dump
from workflows.engine.scopes import Run

_STATES = {"waiting": TaskState.WAITING, "ready": TaskState.READY, "started": TaskState.STARTED}
_NAMES = {state: name for name, state in _STATES.items()}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A live task. scope: id of the task whose scope it lies in, "" for the outermost; number: its age."""

    id: str
    scope: str
    parent: str | None
    element: str
    state: str
    number: int
    body: str


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """A scope inside. id: of the task that holds it; variables: None if it shares those around it."""

    id: str
    process_key: str
    plan: str
    number: int
    variables: str | None


TASK_COLUMNS = tuple(field.name for field in fields(TaskRow))
SCOPE_COLUMNS = tuple(field.name for field in fields(ScopeRow))


def task_rows(run: Run) -> dict[str, TaskRow]:
    """The live tasks of an instance at rest, by id."""
    rows: dict[str, TaskRow] = {}
    for scope in run.scopes():
        name = "" if scope is run else scope.holder.id.hex  # type: ignore[attr-defined]
        for task in scope.live():
            parent = None if task.parent is scope.task_tree else task.parent.id.hex
            internal = {key: value for key, value in task.internal_data.items() if key != "n"}
            body = dump({key: value for key, value in (("data", task.data), ("internal", internal)) if value})
            rows[task.id.hex] = TaskRow(task.id.hex, name, parent, task.task_spec.name, _NAMES[task.state],
                                        task.internal_data["n"], body)
    return rows


def scope_rows(run: Run) -> dict[str, ScopeRow]:
    """The scopes inside an instance, by the id of the task that holds them."""
    return {
        id.hex: ScopeRow(id.hex, scope.definition.key, scope.spec.name, scope.holder.internal_data["n"],
                         None if scope.variables is None else dump(scope.variables))
        for id, scope in run.subprocesses.items()
    }


def restore(
    definition: Definition, called: Mapping[str, Definition], variables: str, finished: bool,
    scopes: Iterable[ScopeRow], tasks: Iterable[TaskRow],
) -> Run:
    """The instance that these rows were made from; every task has data of its own."""
    run = Run(definition, called, json.loads(variables))
    run.completed = finished
    inner = {row.id: row for row in scopes}
    for row in sorted(tasks, key=lambda row: row.number):
        scope = run if row.scope == "" else run.subprocesses[UUID(row.scope)]
        task = _task(scope, row)
        run.numbered(row.number)
        if row.id in inner:
            held = inner[row.id]
            owner = definition if held.process_key == definition.key else called[held.process_key]
            own = None if held.variables is None else json.loads(held.variables)
            run.open(task, owner, owner.plans[held.plan], own)
    return run


def _task(scope: Any, row: TaskRow) -> Task:
    parent = scope.task_tree if row.parent is None else scope.tasks[UUID(row.parent)]
    task = Task(scope, scope.spec.task_specs[row.element], parent, state=_STATES[row.state], id=UUID(row.id))
    body = json.loads(row.body)
    task.data = body.get("data", {})
    task.internal_data = {"n": row.number, **body.get("internal", {})}
    return task
