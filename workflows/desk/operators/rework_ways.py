"""Whether a step that was done again alone (补正后直送本人) may go straight on with the step that waits for it.

It may where no gateway between the two would choose otherwise now: what the answer says for the variables that are read
on the ways between them is what the instance has. Else the step that waits would stand on a way that is not gone any
more: a refusal would have no effect, a seizure that is asked for would come before nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from workflows.actors import Person
from workflows.desk.operators.ways_between import read_behind, read_between
from workflows.desk.tasks import Task
from workflows.engine.definition import Definition
from workflows.engine.elements import Call
from workflows.engine.payload import from_outside
from workflows.engine.state import StoredInstance
from workflows.errors import Invalid

_CHILD = " [child]"  # how the engine names what runs of an element that runs several times
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class _Level:
    """One process that runs around the step that waits. element: that step, or the call in which it lies."""

    definition: Definition
    element: str
    variables: Mapping[str, Any]


def require_same_way(
    session: Session, instance: StoredInstance, parent: Task, task: Task, variables: Mapping[str, Any]
) -> None:
    """Raise Invalid("rework.other_way") where a rework's answer leads another way than to the step that waits.

    parent: that step; task: the rework; variables: what its act gives the gateways.
    """
    levels = _levels(instance, parent)
    given = from_outside(variables)
    if _differs(instance, levels, task, given):
        asked_by = session.get(Person, parent.assignee_id or task.owner_id or "")
        raise Invalid(
            "rework.other_way", name=task.name, waits=parent.name, requester=asked_by.name if asked_by else ""
        )


def _differs(instance: StoredInstance, levels: list[_Level], task: Task, given: Mapping[str, Any]) -> bool:
    """Whether a value that decides between the two steps is not what it was when the way was gone."""
    called: Mapping[str, Definition] = instance.run.called
    known = [
        number for number, level in enumerate(levels)
        if level.definition.key == task.process_key and task.element_id in level.definition.nodes
    ]  # fmt: skip
    if not known:  # where the step lies is not told: whatever anything reads
        return any(
            _changed(given, level.variables, level.definition.variables_read) for level in levels
        )  # fmt: skip
    for level in levels[known[-1]:]:
        source = task.element_id if level is levels[known[-1]] else None
        if _changed(given, level.variables, read_between(level.definition, called, source, level.element)):
            return True
        call = level.definition.nodes[level.element].call if level is not levels[-1] else None
        if call is not None and _changed(given, level.variables, _lost(level, called, call)):
            return True
    return False


def _lost(level: _Level, called: Mapping[str, Definition], call: Call) -> frozenset[str]:
    """The variables that a process reads and would not learn of: the answer is told to the process that it called.

    Those that go in under another name; and those that are read behind the call and do not come out of it again.
    """
    renamed = {
        name for copy in call.into if copy.source is not None for name in copy.source.names if name != copy.target
    }
    if any(copy.source is None for copy in call.out):
        return frozenset(renamed)
    back = {copy.target for copy in call.out}
    return frozenset(renamed | (read_behind(level.definition, called, level.element) - back))


def _changed(given: Mapping[str, Any], held: Mapping[str, Any], names: frozenset[str]) -> bool:
    return any(given[name] != held.get(name, _ABSENT) for name in names if name in given)


def _levels(instance: StoredInstance, parent: Task) -> list[_Level]:
    """The processes around the step that waits, the outermost first, each with its variables."""
    called: Mapping[str, Definition] = instance.run.called
    seen = instance.step(parent.engine_task_id or "").variables  # with those of its own place in a round
    found: list[_Level] = []
    id, element = parent.engine_task_id or "", parent.element_id
    while (scope := instance.stored_tasks[id].scope) != "":
        around, holder = instance.stored_scopes[scope], instance.stored_tasks[scope]
        if around.variables is not None:  # a process called; a subprocess shares the variables around it
            held = json.loads(around.variables) if found else seen
            found.append(_Level(called[around.process_key], element, held))
            element = holder.element.removesuffix(_CHILD)
        id = scope
    found.append(_Level(instance.definition, element, instance.variables if found else seen))
    return found[::-1]
