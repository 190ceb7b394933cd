"""Whether a scope in which every token waits at a join can still be ended from around it.

Nothing more arrives at the joins: what moves in a scope moves there, and nothing does. But an event at the border of
the activity around, or an event subprocess, may interrupt the whole; another branch may end what lies around it; and
a round may be over before all its instances are. Only when none of that can happen any more is the process stuck.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.task import Task

_FROM_OUTSIDE = frozenset({"timer", "message", "signal", "condition"})


def is_stuck(scope: Any) -> bool:
    """Whether all tokens of a scope wait at joins for others that can't come, and nothing can end it any more."""
    tokens = [task for task in scope.live() if not task.task_spec.on_watch(task)]
    return bool(tokens) and all(task.task_spec.at_join(task) for task in tokens) and not _can_be_ended(scope)


def _can_be_ended(scope: Any) -> bool:
    acting = [task for task in scope.top_workflow.tokens() if task.task_spec.may_act(task)]
    if not acting:
        return False
    while not _interrupted(scope.live(), scope, acting):
        holder = getattr(scope, "holder", None)
        if holder is None:
            return False
        activity = holder.parent if holder.task_spec.is_instance else holder
        if activity.task_spec.ends_early() or _interrupted(activity.children, scope, acting):
            return True
        scope = holder.workflow
        if any(spec.drawn.throws and spec.drawn.throws.kind == "terminate" for spec in scope.spec.task_specs.values()):
            return True
    return True


def _interrupted(watching: list[Task], scope: Any, acting: list[Task]) -> bool:
    """Whether one of these events may interrupt a scope; errors and the like are thrown by what acts inside of it."""
    kinds = {trigger.kind for task in watching if (trigger := task.task_spec.interrupter(task)) is not None}
    inside = any(scope in _around(task) for task in acting)
    return bool(kinds & _FROM_OUTSIDE) or (bool(kinds) and inside)


def _around(task: Task) -> Iterator[Any]:
    scope: Any = task.workflow
    while scope is not None:
        yield scope
        holder = getattr(scope, "holder", None)
        scope = holder.workflow if holder is not None else None
