"""From the role that a step names to the people who may take it, with separation of duties."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, holders, subtree
from workflows.cases import access
from workflows.cases.file import Case, CaseOfficer
from workflows.desk.tasks import Task, TaskCandidate
from workflows.errors import Forbidden


def people_for(session: Session, case: Case, roles: Iterable[str]) -> list[Person]:
    """The people who may take a step of `roles` in this case today, in the order of rank."""
    found: dict[str, Person] = {}
    for role in roles:
        for person in _people_for_role(session, case, role):
            found.setdefault(person.id, person)
    return list(found.values())


def _people_for_role(session: Session, case: Case, role: str) -> list[Person]:
    if role == "case_officer":
        rows = session.execute(
            select(Person)
            .join(CaseOfficer, CaseOfficer.person_id == Person.id)
            .where(CaseOfficer.case_id == case.id, CaseOfficer.until.is_(None), Person.disabled_at.is_(None))
            .order_by(CaseOfficer.position)
        )
        return list(rows.scalars())
    if role == "handling_unit_head":  # a division without a head is led from above
        return holders(session, role, access.path_to_bureau(session, case))
    barred = access.barred(session, case, role)
    return [p for p in holders(session, role, subtree(session, case.bureau_id)) if p.id not in barred]


def is_candidate(session: Session, actor: Actor, task: Task) -> bool:
    """Whether the actor was offered the task."""
    return session.get(TaskCandidate, (task.id, actor.person_id)) is not None


def require_fit(session: Session, actor: Actor, task: Task, case: Case) -> None:
    """Check under the lock that the actor may take the task now: named or offered, still in the role, not barred.

    Raises Forbidden: "task.not_yours", "task.role_lost" or "task.handles_case".
    """
    if task.assignee_id not in (None, actor.person_id):
        raise Forbidden("task.not_yours", name=task.name)
    if task.assignee_id is None and not is_candidate(session, actor, task):
        raise Forbidden("task.not_yours", name=task.name)
    if task.role is None:
        return
    roles = task.role.split(",")
    if actor.person_id in {person.id for person in people_for(session, case, roles)}:
        return
    if any(actor.person_id in access.barred(session, case, role) for role in roles):
        raise Forbidden("task.handles_case", name=task.name)
    raise Forbidden("task.role_lost", name=task.name, roles=roles)
