"""What waits with somebody who goes: told to those who can give it to somebody else, lost to nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from workflows import outbox
from workflows.actors import Person, holders, subtree
from workflows.desk.tasks import Task, TaskCandidate

MOST = 500
"""Tasks that are looked at; whoever holds more is told of so many."""


def waiting_with(session: Session, person_id: str, roles: Iterable[str] | None = None) -> Sequence[Task]:
    """The steps that wait with a person, or with nobody else: held, answered for, or offered to him alone.

    roles: only steps of these.
    """
    other = aliased(TaskCandidate)
    alone = exists().where(TaskCandidate.task_id == Task.id, TaskCandidate.person_id == person_id) & ~exists().where(
        other.task_id == Task.id, other.person_id != person_id
    )
    wanted = select(Task).where(
        Task.ended_at.is_(None),
        or_(Task.assignee_id == person_id, Task.owner_id == person_id, Task.assignee_id.is_(None) & alone),
    )
    if roles is not None:
        wanted = wanted.where(Task.role.in_(list(roles)))
    return session.execute(wanted.order_by(Task.created_at, Task.id).limit(MOST)).scalars().all()


def heads_of(session: Session, task: Task, but: str) -> list[Person]:
    """Who can give a step to somebody else (`desk.operators.handing`); `but` is the one who goes.

    Steps of the officers are for the heads of their unit; all others, and those of a unit without one, the bureau's.
    """
    groups = [("bureau_head", subtree(session, task.bureau_id))]
    if "case_officer" in (task.role or "").split(","):
        groups.insert(0, ("handling_unit_head", {task.case_unit_id}))
    for role, units in groups:
        found = [one for one in holders(session, role, units) if one.id != but]
        if found:
            return found
    return []


def tell_heads(session: Session, person: Person, tasks: Iterable[Task]) -> list[Person]:
    """A notice to each head, with how many steps wait; who was told. The cases themselves are for them to open."""
    counts: dict[str, int] = {}
    heads: dict[str, Person] = {}
    for task in tasks:
        for head in heads_of(session, task, person.id):
            heads[head.id] = head
            counts[head.id] = counts.get(head.id, 0) + 1
    for head_id, count in sorted(counts.items()):
        outbox.send(session, head_id, "tasks_left_behind", {"name": person.name, "count": count})
    return list(heads.values())
