"""From the role that a step names to the people who may take it, with separation of duties."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, Post, holders, subtree
from workflows.calendar import clock
from workflows.cases import access
from workflows.cases.file import Case, CaseOfficer, officer_ids
from workflows.desk import places, policies, substitutes
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.errors import Forbidden

ROLE_OF_ACT: Mapping[str, str] = {
    "submission_check": "legal_reviewer", "legal_review": "legal_reviewer", "review_conclusion": "legal_reviewer",
    "counsel_review": "legal_counsel", "hearing": "hearing_officer", "vote": "panel_member",
}  # fmt: skip
"""Acts of the independent side → the role in which they are done, also where the diagram names a person instead."""

HAND = 99
"""Position of those who had a hand in a step of the officers without being one: behind all officers."""


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
    Raises Forbidden: "task.not_yours", "task.role_lost" or "task.handles_case"; Invalid("sign.asked_already") for a
    substitute who has a place of his own in the round.
    """
    absent = None
    if task.assignee_id not in (None, actor.person_id):
        if not stands_in or not _acts_for(session, actor, task):
            raise Forbidden("task.not_yours", name=task.name)
        absent = task.assignee_id
    if task.assignee_id is None and not is_candidate(session, actor, task):
        raise Forbidden("task.not_yours", name=task.name)
    if absent is not None:
        _require_absent(session, session.get_one(Person, absent), task, case)
        policies.require(session, session.get_one(Person, actor.person_id), task, case)
        places.require_none(session, task, session.get_one(Person, actor.person_id))
    roles = roles_of(task)
    if any(actor.person_id in access.barred(session, case, role) for role in roles):
        raise Forbidden("task.handles_case", name=task.name)
    if task.role is None or _holds(session, actor.person_id, task, case):
        return absent
    raise Forbidden("task.role_lost", name=task.name, roles=roles)


def require_candidate(session: Session, person: Person, task: Task, case: Case) -> None:
    """Check that somebody may be given the task: holds its role in this case today, is not barred, not disabled.

    A step that names people instead of a role is for anybody of the bureau. Raises Forbidden: "person.disabled",
    "task.unfit" (no such role), "task.unfit_handles" (did another part of the case), "task.opener_excluded",
    "task.twice_excluded".
    """
    if person.disabled_at is not None:
        raise Forbidden("person.disabled", name=person.name)
    require_unbarred(session, person, task, case)
    roles = roles_of(task)
    fits = _holds(session, person.id, task, case) if task.role else person.id in _bureau(session, case)
    if not fits:
        raise Forbidden("task.unfit", name=person.name, task=task.name, roles=roles)
    policies.require(session, person, task, case)


def require_unbarred(session: Session, person: Person, task: Task, case: Case) -> None:
    """Raise Forbidden("task.unfit_handles") for somebody whom another part in the case keeps from having a hand in the
    step: officers from the independent side's steps, those who stood above the officers from the officers' own.
    """
    if person.id in barred_from(session, case, roles_of(task)):
        raise Forbidden("task.unfit_handles", name=person.name, task=task.name)


def barred_from(session: Session, case: Case, roles: Collection[str]) -> set[str]:
    """Ids of those whom another part in the case keeps from having a hand in a step of these roles."""
    found = {one for role in roles for one in access.barred(session, case, role)}
    if "case_officer" in roles:
        found |= access.stood_above(session, case) - _handling(session, case)
    return found


def note_hand(session: Session, task: Task, case: Case, person: Person) -> None:
    """Whoever prepares or signs a step of the officers has had a hand in handling the case: an ended part in it keeps
    him from its review, hearing and vote (行政处罚法 57, 58, 64).
    """
    if "case_officer" in roles_of(task) and person.id not in officer_ids(session, case.id):
        now = clock.now()
        session.add(CaseOfficer(case_id=case.id, person_id=person.id, position=HAND, since=now, until=now))
        session.flush()


def roles_of(task: Task) -> list[str]:
    """The roles that a task asks for; where the diagram names people, the one in which its act is done, if any."""
    if task.role:
        return task.role.split(",")
    role = ROLE_OF_ACT.get((task.act or "") if task.kind == STEP else "")
    return [role] if role else []


def _holds(session: Session, person_id: str, task: Task, case: Case) -> bool:
    """Whether somebody may do the step by its role, or by the role to which it was offered because nobody fitted."""
    roles = (task.role or "").split(",")
    if person_id in {one.id for one in people_for(session, case, roles)}:
        return True
    instead = policies.of(session, task).nobody
    if instead not in policies.FALLBACK or session.get(TaskCandidate, (task.id, person_id)) is None:
        return False
    return person_id in {one.id for one in people_for(session, case, [policies.FALLBACK[instead]])}


def _require_absent(session: Session, absent: Person, task: Task, case: Case) -> None:
    """An order widens nobody's rights: what the absent one may not do today, nobody does for him."""
    if absent.disabled_at is not None:
        raise Forbidden("person.disabled", name=absent.name)
    require_unbarred(session, absent, task, case)
    if task.role and not _holds(session, absent.id, task, case):
        raise Forbidden("task.unfit", name=absent.name, task=task.name, roles=roles_of(task))


def _handling(session: Session, case: Case) -> set[str]:
    rows = select(CaseOfficer.person_id).where(CaseOfficer.case_id == case.id, CaseOfficer.until.is_(None))
    return set(session.execute(rows).scalars())


def _bureau(session: Session, case: Case) -> set[str]:
    """Everybody who holds a post in the bureau today but for administrators."""
    today, units = clock.today(), subtree(session, case.bureau_id)
    posts = session.execute(
        select(Post).where(Post.unit_id.in_(units), Post.role.not_in(("sys_admin", "sec_admin")))
    ).scalars()  # fmt: skip
    return {post.person_id for post in posts if post.holds(today)}


def _acts_for(session: Session, actor: Actor, task: Task) -> bool:
    """Whether an order lets the actor act for the task's holder: in its role, or for a named person in any."""
    roles = substitutes.acts_for(session, actor, task.assignee_id or "", task.process_key)
    return bool(roles & set(roles_of(task)) if roles_of(task) else roles)
