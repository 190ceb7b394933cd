"""The timers of an instance that wait, each with the moment for which it is set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.scopes import Run


@dataclass(frozen=True, slots=True)
class Ticking:
    """A timer that waits. process_key, element: where it is drawn, of an event subprocess the subprocess; due: in UTC,
    of a repeated one the next moment.
    """

    process_key: str
    element: str
    due: datetime


def ticking(run: Run) -> list[Ticking]:
    """The timers that wait, the earliest first."""
    found = [(moment, task) for task in run.tokens() if (moment := due(task)) is not None]
    return [Ticking(task.workflow.definition.key, task.task_spec.drawn.id, moment)
            for moment, task in sorted(found, key=lambda one: (one[0], one[1].internal_data["n"]))]  # fmt: skip


def due(task: Task) -> datetime | None:
    """When the timer of a token fires; None where none waits."""
    moment = task.internal_data.get("due")
    return datetime.fromisoformat(moment) if moment is not None and task.state == TaskState.WAITING else None
