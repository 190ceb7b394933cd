"""Where the cases of a version of a process wait: how many at each element, and which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person
from workflows.cases.file import Case
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.engine import packages
from workflows.engine.state import EngineInstance, EngineScope, EngineTask
from workflows.errors import NotFound
from workflows.operations import scope

SIZE = 50
MOST = 200
"""Pages that are turned to; whoever needs more looks at another version or step."""
_BESIDE = frozenset({"boundaryEvent", "startEvent"})
"""Kinds of elements that wait beside a step, and not for it."""

Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """An element at which cases wait. cases: how many."""

    element_id: str
    name: str
    kind: str
    cases: int


@dataclass(frozen=True, slots=True)
class Waiter:
    """A case that waits. since: at this step, of the process where nobody is in charge of it; due: of the step.

    holder: who does it; offered: how many could take it, where nobody has.
    """

    instance_id: str
    case_id: str
    number: str | None
    opened: datetime
    since: datetime
    due: datetime | None = None
    holder: str = ""
    offered: int = 0


def places(session: Session, actor: Actor, key: str, package_hash: str) -> list[Place]:
    """The elements of a version at which cases wait, most cases first. Raises Forbidden, NotFound."""
    bureaus = scope.bureaus(session, actor)
    elements = packages.definition(session, package_hash).elements
    found: dict[str, int] = {}
    for query in _tokens(key, package_hash):
        counted = query.where(Case.bureau_id.in_(bureaus)).with_only_columns(
            EngineTask.element, func.count(EngineInstance.case_id.distinct())
        )
        for element_id, count in session.execute(counted.group_by(EngineTask.element)):
            found[element_id] = found.get(element_id, 0) + count
    shown = {id: count for id, count in found.items() if id in elements and elements[id].kind not in _BESIDE}
    order = sorted(shown.items(), key=lambda one: (-one[1], one[0]))
    return [Place(id, elements[id].name, elements[id].kind, count) for id, count in order]


def waiters(
    session: Session, actor: Actor, key: str, package_hash: str, element_id: str, number: int = 1
) -> tuple[list[Waiter], bool]:
    """A page of the cases that wait at an element, the longest first; whether there are more.

    Raises Forbidden, NotFound ("operations.unknown") for an element that the version does not have.
    """
    bureaus = scope.bureaus(session, actor)
    element = packages.definition(session, package_hash).elements.get(element_id)
    if element is None:
        raise NotFound("operations.unknown")
    here = (min(max(number, 1), MOST) - 1) * SIZE
    if element.kind == "userTask":
        found = _tasks(session, bureaus, package_hash, element_id, here)
    else:
        found = _others(session, bureaus, (key, package_hash), element_id, here)
    return found[:SIZE], len(found) > SIZE


def _tokens(key: str, package_hash: str) -> Sequence[Query]:
    """Tokens that stand in a version: of its own instances, and of those that called it. Each joined with the case."""
    base = (
        select(EngineTask.element).join(EngineInstance, EngineInstance.id == EngineTask.instance_id)
        .join(Case, Case.id == EngineInstance.case_id)
    )  # fmt: skip
    inside = (EngineScope.instance_id == EngineTask.instance_id) & (EngineScope.id == EngineTask.scope)
    own = base.outerjoin(EngineScope, inside).where(
        EngineInstance.package_hash == package_hash, EngineInstance.ended_at.is_(None),
        func.coalesce(EngineScope.process_key, key) == key,
    )  # fmt: skip
    called = base.join(EngineScope, inside).where(
        EngineScope.process_key == key, EngineInstance.process_key != key, EngineInstance.ended_at.is_(None),
        EngineInstance.pins.contains(package_hash),
    )  # fmt: skip
    return own, called


def _tasks(
    session: Session, bureaus: frozenset[str], package_hash: str, element_id: str, here: int
) -> list[Waiter]:  # fmt: skip
    offered = (
        select(func.count()).where(TaskCandidate.task_id == Task.id, TaskCandidate.closed_at.is_(None))
        .correlate(Task).scalar_subquery()
    )  # fmt: skip
    rows = session.execute(
        select(Task, Case, Person.name, offered).join(Case, Case.id == Task.case_id)
        .outerjoin(Person, Person.id == Task.assignee_id)
        .where(Task.package_hash == package_hash, Task.element_id == element_id, Task.ended_at.is_(None),
               Task.kind == STEP, Task.bureau_id.in_(bureaus))
        .order_by(Task.created_at, Task.id).offset(here).limit(SIZE + 1)
    )  # fmt: skip
    return [
        Waiter(task.instance_id, case.id, case.number, case.opened_at, task.created_at, task.due_at, name or "", count)
        for task, case, name, count in rows
    ]


def _others(
    session: Session, bureaus: frozenset[str], version: tuple[str, str], element_id: str, here: int
) -> list[Waiter]:  # fmt: skip
    columns = (EngineInstance.id, Case.id, Case.number, Case.opened_at, EngineInstance.created_at, EngineInstance.due)
    found: Mapping[str, Waiter] = {}
    for query in _tokens(*version):
        rows = query.with_only_columns(*columns).where(
            EngineTask.element == element_id, Case.bureau_id.in_(bureaus)
        ).distinct().order_by(EngineInstance.created_at, EngineInstance.id).limit(here + SIZE + 1)  # fmt: skip
        found = {**found, **{row[0]: Waiter(*row) for row in session.execute(rows)}}
    order = sorted(found.values(), key=lambda one: (one.since, one.instance_id))
    return order[here : here + SIZE + 1]
