"""What an instance was at a moment, as JSON, and the instance as it was once more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from typing import Any
from uuid import uuid4

from workflows.engine import rows
from workflows.engine.definition import Definition
from workflows.engine.payload import dump
from workflows.engine.runtime import Instance


def snapshot(instance: Instance) -> dict[str, Any]:
    """All that is stored of an instance that has not ended."""
    run = instance.run
    return {
        "process_key": run.definition.key, "variables": dump(run.variables),
        "tasks": [asdict(row) for row in rows.task_rows(run).values()],
        "scopes": [asdict(row) for row in rows.scope_rows(run).values()],
    }  # fmt: skip


def restored(taken: Mapping[str, Any], called: Mapping[str, Definition], alive: Collection[str]) -> Instance:
    """The instance of a snapshot. called: what it ran on then, by process key.

    alive: ids of tokens that have been there all the time; the others, which were taken away meanwhile, get new ids:
    whoever held their steps was told that these are gone.
    """
    tasks = [rows.TaskRow(**row) for row in taken["tasks"]]
    ids = {row.id: row.id if row.id in alive else uuid4().hex for row in tasks}
    tasks = [replace(row, id=ids[row.id], scope=ids.get(row.scope, row.scope),
                     parent=ids[row.parent] if row.parent else None) for row in tasks]  # fmt: skip
    scopes = [replace(scope, id=ids[scope.id]) for scope in (rows.ScopeRow(**row) for row in taken["scopes"])]
    main = called[taken["process_key"]]
    return Instance(rows.restore(main, called, taken["variables"], False, scopes, tasks))


def tokens(instance: Instance) -> set[str]:
    """Ids of all tokens of an instance."""
    return set(rows.task_rows(instance.run))
