"""What waits for people for whom somebody acts today (委托代理): the tasks that he could do in their place."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, holders, subtree
from workflows.cases import access
from workflows.desk import offering, substitutes
from workflows.desk.candidates import require_fit
from workflows.desk.tasks import STEP, Task
from workflows.errors import FashenError

MOST = 100
"""Tasks that the list shows; those that end first."""


def stood_in_for(session: Session, actor: Actor, task: Task) -> Person | None:
    """The absent person for whom the actor could do a task now; None where the actor can't, or needs nobody's order.

    Asks what completing the task asks: the step offers a substitute, the order names its role, nobody is barred.
    """
    if task.ended_at is not None or task.assignee_id in (None, actor.person_id):
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
    wanted = (
        select(Task).where(Task.assignee_id.in_(people), Task.ended_at.is_(None), Task.kind == STEP)
        .order_by(Task.due_at.is_(None), Task.due_at, Task.created_at).limit(MOST)
    )  # fmt: skip
    found = []
    for task in session.execute(wanted).scalars():
        absent = stood_in_for(session, actor, task)
        if absent is not None and access.visible_id(session, actor, task.case_id):
            found.append((task, absent))
    return found


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
