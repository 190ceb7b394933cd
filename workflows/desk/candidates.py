"""From the role that a step names to the people who may take it, with separation of duties."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, holders, subtree
from workflows.cases import access
from workflows.cases.file import Case, CaseOfficer
from workflows.desk import substitutes
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


def require_fit(session: Session, actor: Actor, task: Task, case: Case, *, stands_in: bool = False) -> str | None:
    """Check under the lock that the actor may take the task now: named or offered, still in the role, not barred.

    stands_in: whether the step may be done for somebody absent. Gives back for whom it is done, None for oneself.
    Raises Forbidden: "task.not_yours", "task.role_lost" or "task.handles_case".
    """
    absent = None
    if task.assignee_id not in (None, actor.person_id):
        if not stands_in or not _acts_for(session, actor, task):
            raise Forbidden("task.not_yours", name=task.name)
        absent = task.assignee_id
    if task.assignee_id is None and not is_candidate(session, actor, task):
        raise Forbidden("task.not_yours", name=task.name)
    if task.role is None:
        return absent
    roles = task.role.split(",")
    if actor.person_id in {person.id for person in people_for(session, case, roles)}:
        return absent
    if any(actor.person_id in access.barred(session, case, role) for role in roles):
        raise Forbidden("task.handles_case", name=task.name)
    raise Forbidden("task.role_lost", name=task.name, roles=roles)


def require_candidate(session: Session, person: Person, task: Task, case: Case) -> None:
    """Check that somebody may be given the task: holds its role in this case today, is not barred, not disabled.

    Raises Forbidden: "task.unfit" (no such role), "task.unfit_handles" (did another part of the case).
    """
    if person.disabled_at is not None:
        raise Forbidden("person.disabled", name=person.name)
    roles = (task.role or "").split(",") if task.role else []
    if roles and person.id not in {one.id for one in people_for(session, case, roles)}:
        if any(person.id in access.barred(session, case, role) for role in roles):
            raise Forbidden("task.unfit_handles", name=person.name, task=task.name)
        raise Forbidden("task.unfit", name=person.name, task=task.name, roles=roles)


def _acts_for(session: Session, actor: Actor, task: Task) -> bool:
    """Whether an order lets the actor act for the task's holder: in its role, or for a named person in any."""
    roles = substitutes.acts_for(session, actor, task.assignee_id or "")
    return bool(roles & set((task.role or "").split(",")) if task.role else roles)
