"""Who did what in a case so far: the parts that people took in it, each by the role in which it was taken.

Read from the steps that were completed or sent back, from what others signed or prepared beside them, from the opinions
and hearings on file, and from the officers of the case. What somebody took back (撤回) is no part: nothing came of it.

The one answer to that question: who may handle, check, review, hear or decide the case (`access`), to whom a step is
offered and who can be brought into one (`desk.candidates`) all ask here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from workflows import ledger
from workflows.actors import Post
from workflows.cases.file import Case, officer_ids
from workflows.cases.proceedings import Hearing
from workflows.cases.reviews import Opinion
from workflows.cases.tasks import Task

ROLE_OF_ACT: Mapping[str, str] = {
    "submission_check": "legal_reviewer", "legal_review": "legal_reviewer", "review_conclusion": "legal_reviewer",
    "counsel_review": "legal_counsel", "hearing": "hearing_officer", "vote": "panel_member",
}  # fmt: skip
"""Acts of the independent side → the role in which they are done, also where the diagram names a person instead."""

PART: Mapping[str, str] = {
    "case_officer": "handling", "handling_unit_head": "unit", "legal_reviewer": "review", "legal_counsel": "counsel",
    "domain_expert": "expert", "hearing_officer": "hearing", "bureau_leader": "deciding", "bureau_head": "deciding",
    "panel_member": "deciding",
}  # fmt: skip
"""Role → the part of a case that is its own: 办案, 承办机构审核, 法制审核, 法律顾问审核, 专家意见, 听证, 审批决定.
Leaders approve the filing and decide: one part. To publish what was decided judges nothing, and is no part."""

_SIGNED = ("before", "beside", "after")
# Made once: an alias that is made for each question costs more than the question.
_parent = aliased(Task)
_ROLE, _ACT = func.coalesce(Task.role, _parent.role), func.coalesce(Task.act, _parent.act)


@dataclass(frozen=True, slots=True)
class Part:
    """A part that somebody took. part: of PART; "" where the step was for named people, whatever their role.

    element_id, name and package_hash tell the step; they are empty for the officers of the case and what is on file.
    """

    person_id: str
    part: str
    process_key: str = ""
    element_id: str = ""
    name: str = ""
    package_hash: str = ""


def of_roles(roles: Collection[str]) -> frozenset[str]:
    """The parts to which the steps of some roles belong."""
    return frozenset(PART[role] for role in roles if role in PART)


def roles_of(role: str | None, act: str | None) -> list[str]:
    """The roles in which a step is done, from the roles that it names and its act; none where people are named."""
    if role:
        return role.split(",")
    return [ROLE_OF_ACT[act]] if act and act in ROLE_OF_ACT else []


def taken(session: Session, case: Case) -> list[Part]:
    """All parts that people have taken in the case, each once."""
    found = [Part(person_id, "handling") for person_id in sorted(officer_ids(session, case.id))]
    steps = [*_ended(session, case), *_prepared(session, case)]
    held = _held(session, {person_id for person_id, *_ in steps})
    for person_id, roles, process_key, element_id, name, package_hash in steps:
        own = held.get(person_id, frozenset())
        # Who did the step of a role that he never held did it in his own: nobody fitted, and it was offered to him.
        parts = of_roles(own.intersection(roles) or own) if roles else frozenset({""})
        found += [Part(person_id, part, process_key, element_id, name, package_hash) for part in sorted(parts)]
    return list(dict.fromkeys([*found, *_on_file(session, case)]))


def people(session: Session, case: Case) -> dict[str, set[str]]:
    """Part → ids of those who took it; a part that nobody took is missing."""
    found: dict[str, set[str]] = {}
    for one in taken(session, case):
        found.setdefault(one.part, set()).add(one.person_id)
    return found


def _on_file(session: Session, case: Case) -> Iterator[Part]:
    """The parts of those whose opinion or hearing stands in the case file, whatever step it came from."""
    given = select(Opinion.reviewer_id, Opinion.level).where(Opinion.case_id == case.id)
    for person_id, level in session.execute(given.order_by(Opinion.reviewer_id, Opinion.level).distinct()):
        yield Part(person_id, "counsel" if level == "counsel_review" else "review")
    for person_id in session.execute(select(Hearing.chair_id).where(Hearing.case_id == case.id)).scalars():
        yield Part(person_id, "hearing")


_Step = tuple[str, tuple[str, ...], str, str, str, str]


def _ended(session: Session, case: Case) -> Iterator[_Step]:
    """Person, roles, process, element, name and package of what was completed, signed or sent back."""
    wanted = (
        select(Task.ended_by_id, Task.ended_for_id, _ROLE, _ACT, Task.process_key, Task.element_id, Task.name,
               Task.package_hash)
        .outerjoin(_parent, (_parent.id == Task.parent_id) & Task.kind.in_(_SIGNED))
        .where(Task.case_id == case.id, Task.ended_at.is_not(None), Task.state.in_(("completed", "returned")),
               Task.kind.not_in(("advice", "lead")))
        .distinct()
    )  # fmt: skip
    for by, instead_of, named, done, key, element_id, name, package_hash in session.execute(wanted):
        for person_id in dict.fromkeys(one for one in (by, instead_of) if one):
            yield person_id, tuple(roles_of(named, done)), key, element_id, name, package_hash


def _prepared(session: Session, case: Case) -> Iterator[_Step]:
    """The same of those who prepared a step for somebody else and gave it back (委派、交回)."""
    for entry in ledger.history(session, f"case:{case.id}", only=("TaskHandedBack",)):
        task = session.get(Task, entry.data["task_id"])
        if task is not None and entry.actor_id and entry.actor_id != entry.data["to_id"]:
            roles = tuple(roles_of(task.role, task.act))
            yield entry.actor_id, roles, task.process_key, task.element_id, task.name, task.package_hash


def _held(session: Session, people: Collection[str]) -> dict[str, frozenset[str]]:
    """Person → the roles of all posts that they hold or held."""
    found: dict[str, set[str]] = {}
    for person_id, role in session.execute(select(Post.person_id, Post.role).where(Post.person_id.in_(people))):
        found.setdefault(person_id, set()).add(role)
    return {person_id: frozenset(roles) for person_id, roles in found.items()}
