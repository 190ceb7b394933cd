"""What an instance offers at a moment: steps to people, external tasks to workers, and where its tokens are."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.elements import Element
from workflows.engine.steps import ExternalStep
from workflows.engine.variables import seen_by


@dataclass(frozen=True, slots=True)
class Step:
    """One step that people can do now.

    id: the engine task's id, 32 hexadecimal digits; variables: what the step sees; due: from camunda:dueDate; multi:
    whether it is one instance of a multi-instance.
    """

    id: str
    element: Element
    process_key: str
    package_hash: str
    variables: Mapping[str, Any]
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due: datetime | None
    priority: int
    form_key: str | None
    multi: bool


@dataclass(frozen=True, slots=True)
class Live:
    """Where a token is, to mark it on the diagram. state: "ready", "waiting" or "started"."""

    element_id: str
    process_key: str
    package_hash: str
    state: str


@dataclass(frozen=True, slots=True)
class External:
    """A service or send task that waits for a worker of its topic. id: 32 hexadecimal digits, new for each round."""

    id: str
    topic: str
    element: Element
    process_key: str
    variables: Mapping[str, Any]


def is_offered(task: Task) -> bool:
    """Whether people can do it now."""
    return bool(task.task_spec.manual and task.state == TaskState.READY)


def is_external(task: Task) -> bool:
    """Whether a worker can do it now."""
    return isinstance(task.task_spec, ExternalStep) and task.state == TaskState.WAITING


def external(task: Task) -> External:
    """A task as its worker sees it."""
    spec = task.task_spec
    seen = MappingProxyType(deepcopy(seen_by(task)))
    return External(task.id.hex, spec.topic, spec.drawn.element, task.workflow.definition.key, seen)


def step(task: Task, copies: dict[int, Any] | None = None) -> Step:
    """A task as people see it. copies: of values that other steps told beside it see too, as `deepcopy` keeps them."""
    settled = task.internal_data.get("step", {})
    definition, spec = task.workflow.definition, task.task_spec
    due = settled.get("due")
    seen = MappingProxyType(deepcopy(seen_by(task), copies))
    return Step(
        task.id.hex, spec.drawn.element, definition.key, definition.hash, seen,
        settled.get("assignee"), tuple(settled.get("users", ())), tuple(settled.get("groups", ())),
        datetime.fromisoformat(due) if due else None, settled.get("priority", 0), spec.drawn.element.form_key,
        spec.is_instance,
    )
