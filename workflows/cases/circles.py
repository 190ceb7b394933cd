"""Circles of readers in a case: who reads what is said or noted beside the record of acts (讨论、批注).

Whoever had to withdraw from a case (回避, 调离) may still be able to open its file; of what others think of it they
read nothing any more, and have no word in it (行政处罚法 43).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, Post, subtree
from workflows.calendar import clock
from workflows.cases import access, recusals
from workflows.cases.file import HAND, Case, CaseOfficer, CaseReader, officer_ids
from workflows.cases.meetings import AgendaItem, MeetingMember

CIRCLES: Mapping[str, tuple[str, str]] = {
    "case": ("能够查看本案的人员", "Whoever sees the case"),
    "unit": ("承办机构", "The handling unit"),
    "review": ("法制审核人员和法律顾问", "The review side"),
}
"""Circle → (Chinese, English). Whoever wrote something reads it in any case."""

REVIEW_SIDE = ("legal_reviewer", "legal_counsel")
CHARGED = CaseOfficer.position != HAND
"""The condition on parts of officers that holds for those who were charged with the case: whoever only had a hand in
one of their acts (委派、委托代理) withdrew from nothing when it was over. Searching asks it too (`search.sight`)."""
LOOKING_ON = frozenset({"auditor", "sys_admin", "sec_admin"})
"""Roles that have no voice in a case."""


def of(session: Session, actor: Actor, case: Case) -> frozenset[str]:
    """Which circles of a case are the actor's; none for who does not see it or has withdrawn from it."""
    if not access.visible(session, actor, case) or actor.person_id in withdrawn(session, case.id):
        return frozenset()
    found = {"case"}
    handling = select(CaseOfficer.id).where(
        CaseOfficer.case_id == case.id, CaseOfficer.person_id == actor.person_id, CaseOfficer.until.is_(None)
    )
    heads = actor.units.get("handling_unit_head", frozenset())
    if session.execute(handling).first() is not None or heads & access.path_to_bureau(session, case):
        found.add("unit")
    in_bureau = subtree(session, case.bureau_id)
    reviews = any(actor.units.get(role, frozenset()) & in_bureau for role in REVIEW_SIDE)
    if reviews and actor.person_id not in officer_ids(session, case.id):
        found.add("review")
    return frozenset(found)


def speaks(actor: Actor) -> bool:
    """Whether the actor has a voice in cases: whoever only looks on has none."""
    return not actor.roles <= LOOKING_ON


def withdrawn(session: Session, case_id: str) -> set[str]:
    """Ids of the people who had to withdraw from the case: officers whose part ended, and who withdrew because of an
    interest (回避). Whoever only had a hand in an act of the officers withdrew from nothing.
    """
    parts = session.execute(
        select(CaseOfficer.person_id, CaseOfficer.until).where(
            CaseOfficer.case_id == case_id, CHARGED)
    ).all()  # fmt: skip
    found = {person for person, until in parts if until is not None} - {p for p, until in parts if until is None}
    return found | recusals.recused(session, case_id)


def readers(session: Session, case: Case) -> list[tuple[Person, Post]]:
    """Who sees the case and has a voice in it, each with the post that comes first, by unit and rank."""
    by_part = [
        select(CaseOfficer.person_id).where(CaseOfficer.case_id == case.id, CaseOfficer.until.is_(None)),
        select(CaseReader.person_id).where(CaseReader.case_id == case.id),
        select(MeetingMember.person_id).join(AgendaItem, AgendaItem.meeting_id == MeetingMember.meeting_id)
        .where(AgendaItem.case_id == case.id),
    ]  # fmt: skip
    by_post = [
        Post.role.in_(access.BUREAU_WIDE) & Post.unit_id.in_(subtree(session, case.bureau_id)),
        Post.role.in_(access.UNIT_WIDE) & Post.unit_id.in_(access.path_to_bureau(session, case)),
    ]
    sees = or_(*(Post.person_id.in_(part) for part in by_part), *by_post)
    rows = session.execute(
        select(Person, Post).join(Post, Post.person_id == Person.id)
        .where(sees, Post.role.not_in(LOOKING_ON), Person.disabled_at.is_(None))
        .order_by(Post.unit_id, Post.rank, Person.name, Person.id)
    )  # fmt: skip
    gone, today = withdrawn(session, case.id), clock.today()
    found: dict[str, tuple[Person, Post]] = {}
    for person, post in rows:
        if post.holds(today) and person.id not in gone:
            found.setdefault(person.id, (person, post))
    return list(found.values())
