"""From the role that a step names to the people who may take it, with separation of duties."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, Unit, holders, subtree
from workflows.cases.file import Case, CaseOfficer, officer_ids
from workflows.desk.tasks import Task, TaskCandidate
from workflows.errors import Forbidden

INDEPENDENT = frozenset({"legal_reviewer", "legal_counsel", "hearing_officer", "panel_member", "domain_expert"})
"""Roles that nobody who handles the case may take in it (行政处罚法 58, 64(4); domain brief SOD-1, SOD-4)."""


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
    if role == "handling_unit_head":
        return holders(session, role, _up_to_bureau(session, case))
    people = holders(session, role, subtree(session, case.bureau_id))
    if role in INDEPENDENT:
        handling = officer_ids(session, case.id)
        people = [person for person in people if person.id not in handling]
    return people


def _up_to_bureau(session: Session, case: Case) -> list[str]:
    """The handling unit and the units above it, up to the bureau: a division without a head is led from above."""
    path: list[str] = []
    unit: Unit | None = case.unit
    while unit is not None and unit.id not in path:
        path.append(unit.id)
        unit = None if unit.id == case.bureau_id else unit.parent
    return path


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
    if INDEPENDENT.intersection(roles) and actor.person_id in officer_ids(session, case.id):
        raise Forbidden("task.handles_case", name=task.name)
    raise Forbidden("task.role_lost", name=task.name, roles=roles)
