"""Which variables a task sees and sets.

Variables belong to the process, as in Camunda: a called process has its own, an embedded subprocess shares, an instance
of a multi-instance and an activity with input parameters have local ones (`task.data`). SpiffWorkflow copies all data
into every task and merges the copies at joins, where a branch's stale value can win over what another has set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from SpiffWorkflow.task import Task

from workflows.engine import expressions
from workflows.engine.temporal import Months, iso
from workflows.errors import Incident

COUNTERS = frozenset({"loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"})
"""Names that multi-instance gives; nothing else may set them."""
EXACT = 2**53
"""Below it a number with a fraction (IEEE 754, 64 bits) keeps its whole part."""
_NAME = re.compile(r"[^\W\d]\w{0,99}\Z")


def may_name(name: str) -> bool:
    """Whether a variable may have this name: one that expressions can read, and no counter."""
    return bool(_NAME.match(name)) and name not in COUNTERS and name not in expressions.RESERVED


def layers(task: Task) -> Iterator[dict[str, Any]]:
    """The variables that a task can set, innermost first; the last are those of its process."""
    scope, current = task.workflow, task
    while True:
        while current is not scope.task_tree:
            yield current.data
            current = current.parent
        if scope.variables is not None:
            yield scope.variables
            return
        current, scope = scope.holder, scope.holder.workflow


def seen_by(task: Task) -> dict[str, Any]:
    """Names and values that expressions of a task see. The values are the live ones: never change them."""
    scope, current, found = task.workflow, task, list[Mapping[str, Any]]()
    while True:
        while current is not scope.task_tree:
            found += (current.data, current.task_spec.counters(current))
            current = current.parent
        if scope.variables is not None:
            found.append(scope.variables)
            break
        current, scope = scope.holder, scope.holder.workflow
    merged: dict[str, Any] = {}
    for layer in reversed(found):
        merged.update(layer)
    return merged


def assign(task: Task, values: Mapping[str, Any], *, local: bool = True) -> None:
    """Set variables where they exist, new ones in the process.

    local: whether the task's own local variables may be set; its outputs are set around it.
    """
    places = list(layers(task))
    if not local and task is not task.workflow.task_tree:
        places = places[1:]
    for name, value in values.items():
        place = next((place for place in places if name in place), places[-1])
        place[name] = plain(value)


def weight(value: Any) -> int:
    """About how many characters a value takes as JSON, whatever it is."""
    if isinstance(value, str):
        return len(value)
    return len(json.dumps(value, default=str)) if isinstance(value, (list, tuple, Mapping)) else 10


def _number(value: Decimal) -> int | float:
    """A number as JSON readers keep it: a fraction has 15 digits or more; its whole part is never another one."""
    if value == value.to_integral_value():
        return int(value)
    if abs(value) >= EXACT:
        raise Incident("engine.number_inexact", value=format(value, "f"))
    return float(value)


def plain(value: Any) -> Any:
    """A deep copy as JSON has it: whole numbers stay whole, days become text.

    Raises Incident ("engine.not_json"), ("engine.number_inexact").
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float() if isfinite(value):
            return value
        case Decimal() if value.is_finite():
            return _number(value)
        case date():
            return value.isoformat()
        case timedelta() | Months():
            return iso(value)
        case Mapping():
            return {str(name): plain(entry) for name, entry in value.items()}
        case list() | tuple():
            return [plain(entry) for entry in value]
    raise Incident("engine.not_json", reason=type(value).__name__)
