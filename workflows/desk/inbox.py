"""What a case waits for: its live steps, and the people they wait for. The lists of the desk stand in `lists/`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.actors import Person
from workflows.desk.operators.subtasks import HOLDING
from workflows.desk.tasks import STEP, Task, TaskCandidate

AFTER = "after"
"""The kind of task of who signs a step when its holder has answered it (后加签)."""


def live_tasks(session: Session, case_id: str) -> list[Task]:
    """The steps that a case waits for, oldest first."""
    rows = session.execute(
        select(Task)
        .where(Task.case_id == case_id, Task.ended_at.is_(None))
        .options(selectinload(Task.assignee), selectinload(Task.candidates).selectinload(TaskCandidate.person))
        .order_by(Task.created_at, Task.id)
    ).scalars()
    return list(rows)


def waiting_for(session: Session, task: Task) -> list[str]:
    """Names of those a task waits for: who can act now (`who_can_act`)."""
    return waiting(session, [task])[task.id]


def waiting(session: Session, tasks: Collection[Task]) -> Mapping[str, list[str]]:
    """Task id → names of those it waits for, as `waiting_for` says of one."""
    return {id: [one.name for one in people] for id, people in who_can_act(session, tasks).items()}


def who_can_act(session: Session, tasks: Collection[Task]) -> Mapping[str, list[Person]]:
    """Task id → who can act at it now, by name where there are several.

    A step that others sign before or beside it, or for which another is done again, waits for them and not for its
    holder; one that is answered waits for those who sign after it. Who signs after a step that is not answered waits
    for whomever that step waits for.
    """
    above = {one.parent_id for one in tasks if one.kind == AFTER and one.parent_id}
    parents = {one.id: one for one in _with_people(session, Task.id.in_(above))} if above else {}
    steps = {one.id for one in (*tasks, *parents.values()) if one.kind == STEP}
    beside: dict[str, list[Task]] = {}
    if steps:
        asked = _with_people(session, Task.parent_id.in_(steps), Task.kind.in_((*HOLDING, AFTER)))
        for one in asked:
            beside.setdefault(one.parent_id or "", []).append(one)
    found = {}
    for task in tasks:
        parent = parents.get(task.parent_id or "")
        acts = parent if parent is not None and parent.effect is None else task
        found[task.id] = _people(acts, beside.get(acts.id, ()))
    return found


def _with_people(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Task]:
    wanted = select(Task).where(*conditions, Task.ended_at.is_(None)).options(
        joinedload(Task.assignee), selectinload(Task.candidates).joinedload(TaskCandidate.person)
    )
    return session.execute(wanted.order_by(Task.created_at, Task.id)).scalars().all()


def _people(task: Task, beside: Sequence[Task]) -> list[Person]:
    wanted = (AFTER,) if task.effect is not None else HOLDING
    asked = {one.assignee.id: one.assignee for one in beside if one.kind in wanted and one.assignee is not None}
    people = list(asked.values()) or ([task.assignee] if task.assignee is not None else [])
    return sorted(people or [one.person for one in task.candidates], key=lambda one: one.name)
