"""What waits for people for whom somebody acts today (委托代理): the tasks that he could do in their place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, holders, subtree
from workflows.cases import access
from workflows.desk import offering, substitutes
from workflows.desk.candidates import require_fit
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.errors import FashenError

MOST = 100
"""Tasks that the list shows; those that end first."""


def stood_in_for(session: Session, actor: Actor, task: Task) -> Person | None:
    """The absent person for whom the actor could do a task now; None where the actor can't, or needs nobody's order.

    Asks what completing the task asks: the step offers a substitute, the order names its role, nobody is barred.
    """
    if task.ended_at is not None or task.assignee_id == actor.person_id:
        return None
    if "substitute" not in offering.task_operators(session, task):
        return None
    try:
        absent = require_fit(session, actor, task, task.case, stands_in=True)
    except FashenError:
        return None
    return session.get(Person, absent) if absent else None


def waiting_for_absent(session: Session, actor: Actor) -> list[tuple[Task, Person]]:
    """The steps that wait for people for whom the actor acts today, with the person, the most urgent first."""
    people = substitutes.absent(session, actor)
    if not people:
        return []
    found = []
    for task in sorted([*_held(session, people), *_open(session, actor, people)], key=_urgency)[:MOST]:
        absent = stood_in_for(session, actor, task)
        if absent is not None and access.visible_id(session, actor, task.case_id):
            found.append((task, absent))
    return found


def _held(session: Session, people: Collection[str]) -> Sequence[Task]:
    """The steps that some people hold, those that end first."""
    wanted = select(Task).where(Task.assignee_id.in_(people), Task.ended_at.is_(None), Task.kind == STEP)
    return session.execute(_first(wanted)).scalars().all()


def _open(session: Session, actor: Actor, people: Collection[str]) -> Sequence[Task]:
    """The steps that some people may claim and the actor may not, those that end first: an officer's are offered to
    the officers of the case alone.
    """
    theirs = select(TaskCandidate.task_id).where(TaskCandidate.person_id.in_(people), TaskCandidate.closed_at.is_(None))
    own = select(TaskCandidate.task_id).where(
        TaskCandidate.person_id == actor.person_id, TaskCandidate.closed_at.is_(None)
    )
    wanted = select(Task).where(
        Task.id.in_(theirs), Task.id.not_in(own), Task.assignee_id.is_(None), Task.ended_at.is_(None),
        Task.kind == STEP,
    )  # fmt: skip
    return session.execute(_first(wanted)).scalars().all()


def _first(wanted: Select[Task]) -> Select[Task]:
    return wanted.order_by(Task.due_at.is_(None), Task.due_at, Task.created_at).limit(MOST)


def _urgency(task: Task) -> tuple[bool, datetime, datetime]:
    return task.due_at is None, task.due_at or task.created_at, task.created_at


def could_stand_in(session: Session, person: Actor) -> list[tuple[Person, list[str]]]:
    """Colleagues of the bureau who hold a role of the person's that may be passed on, each with these roles."""
    found: dict[str, tuple[Person, list[str]]] = {}
    for role in passed_on(person):
        units = {unit_id for top in substitutes.bureaus(session, person, role) for unit_id in subtree(session, top)}
        for one in holders(session, role, units):
            if one.id != person.person_id:
                found.setdefault(one.id, (one, []))[1].append(role)
    return list(found.values())


def passed_on(person: Actor) -> Sequence[str]:
    """The roles of a person in which somebody may act for them."""
    return sorted(person.roles - substitutes.NEVER)
