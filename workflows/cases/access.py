"""Who may see a case and who may do what in it: posts, parts in the case, separation of duties.

Officers see their cases, heads those of their units, reviewers and leaders those of their bureau. A member of the
collective discussion sees the cases on the agendas of his meetings. Whoever had a task in a case keeps reading it
(`CaseReader`), which is how counsel from outside comes to see a case at all. Whoever acts for an absent officer sees
the cases whose steps wait for him. The auditor sees everything.
Administrators see no case, unless another post of theirs lets them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor, Unit, subtree
from workflows.calendar import clock
from workflows.cases import orders, parts
from workflows.cases.file import Case, CaseOfficer, CaseReader, officer_ids
from workflows.cases.meetings import AgendaItem, MeetingMember
from workflows.cases.proceedings import Decision, Seizure
from workflows.cases.tasks import STEP, Task, TaskCandidate
from workflows.errors import Forbidden

BUREAU_WIDE = ("legal_reviewer", "bureau_leader", "bureau_head", "hearing_officer", "publication_officer")
"""Roles that see all cases of the bureau in which they are held."""

APPROVALS = frozenset({"ApprovalGiven", "CoerciveMeasureDecided", "SubmissionChecked", "HearingNotified"})
"""Events by which somebody judges what the officers of a case did."""

UNIT_WIDE = ("handling_unit_head",)
"""Roles that see the cases handled by their unit and those below it."""


def visible_cases(session: Session, actor: Actor) -> ColumnElement[bool]:
    """A condition on `Case` that holds for the cases the actor may see."""
    if "auditor" in actor.roles:
        return true()
    own: list[ColumnElement[bool]] = [
        Case.id.in_(select(CaseOfficer.case_id).where(CaseOfficer.person_id == actor.person_id)),
        Case.id.in_(select(CaseReader.case_id).where(CaseReader.person_id == actor.person_id)),
        Case.id.in_(
            select(AgendaItem.case_id)
            .join(MeetingMember, MeetingMember.meeting_id == AgendaItem.meeting_id)
            .where(MeetingMember.person_id == actor.person_id, AgendaItem.state != "withdrawn")
        ),
    ]
    units = _below(session, actor, UNIT_WIDE)
    bureaus = _below(session, actor, BUREAU_WIDE, bureau=True)
    own += [Case.unit_id.in_(units)] if units else [false()]
    own += [Case.bureau_id.in_(bureaus)] if bureaus else [false()]
    return or_(*own, *_stands_in(session, actor))


def _stands_in(session: Session, actor: Actor) -> list[ColumnElement[bool]]:
    """Conditions for the cases in which the actor may today do the step of an absent officer (委托代理).

    Everybody else who acts for somebody sees the bureau's cases by the role that both hold.
    """
    if "case_officer" not in actor.roles:
        return []
    found: list[ColumnElement[bool]] = []
    for order in orders.today_of(session, actor.person_id):
        if "case_officer" in order.roles:
            steps = [Task.ended_at.is_(None), Task.kind == STEP, Task.role.contains("case_officer")]
            steps += [Task.process_key.in_(order.processes)] if order.processes else []
            held = select(Task.case_id).where(Task.assignee_id == order.person_id, *steps)
            offer = (TaskCandidate.person_id == order.person_id, TaskCandidate.closed_at.is_(None))
            open_ = select(Task.case_id).join(TaskCandidate, TaskCandidate.task_id == Task.id).where(*offer, *steps)
            found += [Case.id.in_(held), Case.id.in_(open_)]
    return found


def visible_id(session: Session, actor: Actor, case_id: str) -> bool:
    """Whether the actor may see the case with that id; False for one that does not exist."""
    wanted = select(Case.id).where(Case.id == case_id, visible_cases(session, actor))
    return session.execute(wanted).first() is not None


def visible(session: Session, actor: Actor, case: Case) -> bool:
    """Whether the actor may see the case."""
    return visible_id(session, actor, case.id)


def admit(session: Session, case: Case, person_id: str, *, reason: str) -> None:
    """Let somebody read the case from now on, because a task in it was offered or a part given; once is enough."""
    if session.get(CaseReader, (case.id, person_id)) is None:
        session.add(CaseReader(case_id=case.id, person_id=person_id, since=clock.now(), reason=reason[:200]))


def admit_all(session: Session, case: Case, person_ids: Collection[str], *, reason: str) -> None:
    """Let several people read the case from now on, as `admit` does for one."""
    wanted = select(CaseReader.person_id).where(CaseReader.case_id == case.id, CaseReader.person_id.in_(person_ids))
    known = set(session.execute(wanted).scalars()) if person_ids else set()
    now = clock.now()
    for person_id in dict.fromkeys(person_ids):
        if person_id not in known:
            session.add(CaseReader(case_id=case.id, person_id=person_id, since=now, reason=reason[:200]))


def require_visible(session: Session, actor: Actor, case: Case) -> None:
    """Raise Forbidden("case.not_visible") unless the actor may see the case."""
    if not visible(session, actor, case):
        raise Forbidden("case.not_visible")


def require_role(session: Session, actor: Actor, case: Case, *roles: str) -> None:
    """Raise Forbidden("actor.role_missing") unless one of the roles is held where it counts for this case.

    `handling_unit_head` counts in the handling unit and those above it up to the bureau, the others anywhere in the
    bureau.
    """
    for role in roles:
        where = path_to_bureau(session, case) if role == "handling_unit_head" else subtree(session, case.bureau_id)
        if actor.units.get(role, frozenset()).intersection(where):
            return
    raise Forbidden("actor.role_missing", roles=list(roles))


def require_officer(session: Session, actor: Actor, case: Case) -> None:
    """Raise Forbidden("case.not_officer") unless the actor handles the case now, or acts for an absent one who does."""
    handling = select(CaseOfficer.id).where(
        CaseOfficer.case_id == case.id, CaseOfficer.person_id.in_((actor.person_id, actor.for_id)),
        CaseOfficer.until.is_(None),
    )  # fmt: skip
    if session.execute(handling).first() is None:
        raise Forbidden("case.not_officer")


def require_independent(session: Session, actor: Actor, case: Case) -> None:
    """Raise Forbidden("case.handles") for anybody who handles or handled the case (SOD-1, SOD-4)."""
    if actor.person_id in officer_ids(session, case.id):
        raise Forbidden("case.handles", name=actor.name)


def require_hearing_chair(session: Session, actor: Actor, case: Case) -> None:
    """Raise Forbidden unless the actor neither handled nor reviewed the case (行政处罚法 64(4); SOD-1)."""
    require_independent(session, actor, case)
    did = parts.people(session, case)
    if actor.person_id in _took(did, "review", "counsel"):
        raise Forbidden("case.reviewed", name=actor.name)


def require_reviewer(session: Session, actor: Actor, case: Case, role: str = "legal_reviewer") -> None:
    """Raise Forbidden unless the actor neither handled the case nor chaired its hearing (SOD-1).

    Nor may a legal officer be the counsel who looks at the same case again, or the other way round.
    """
    require_independent(session, actor, case)
    did = parts.people(session, case)
    if actor.person_id in _took(did, "hearing"):
        raise Forbidden("case.chaired", name=actor.name)
    if actor.person_id in _took(did, "review" if role == "legal_counsel" else "counsel"):
        raise Forbidden("case.reviewed_otherwise", name=actor.name)


BARRED_BY: Mapping[str, tuple[str, ...]] = {
    "handling_unit_head": ("review", "counsel", "hearing"),
    "legal_reviewer": ("handling", "unit", "counsel", "hearing", "deciding"),
    "legal_counsel": ("handling", "unit", "review", "hearing"),
    "domain_expert": ("handling", "unit"),
    "hearing_officer": ("handling", "unit", "review", "counsel"),
    "panel_member": ("handling", "review", "counsel"),
    "bureau_leader": ("handling", "review", "counsel"),
    "bureau_head": ("handling", "review", "counsel"),
}
"""Role → the parts of a case (`parts.PART`) that bar from it. Nobody judges his own work, nor decides what he
investigated or reviewed, however he took part: he did the step, signed it, prepared it, or somebody did it for him
(行政处罚法 58, 64(4); domain brief SOD-1, SOD-4)."""


def barred(session: Session, case: Case, role: str) -> set[str]:
    """Ids of the people who may not take a role in this case because of what they did in it."""
    return _took(parts.people(session, case), *BARRED_BY[role]) if role in BARRED_BY else set()


def _took(did: Mapping[str, set[str]], *wanted: str) -> set[str]:
    return set().union(*(did.get(part, set()) for part in wanted))


def stood_above(session: Session, case: Case) -> set[str]:
    """Who checked, reviewed, advised, chaired, called to vote, approved or signed in the case, also beside another's
    step or in his stead: none of them may handle it afterwards.
    """
    did = parts.people(session, case)
    found = _took(did, *(part for part in did if part not in ("", "handling")))
    found |= {case.leader_id} if case.leader_id else set()
    items = session.execute(select(AgendaItem).where(AgendaItem.case_id == case.id)).scalars().all()
    for item in items:
        found.update(item.voters)
        found.update(vote.person_id for vote in item.votes)
    for signed in (
        select(Decision.decided_by_id).where(Decision.case_id == case.id),
        select(Seizure.approved_by_id).where(Seizure.case_id == case.id, Seizure.approved_by_id.is_not(None)),
    ):
        found.update(one for one in session.execute(signed).scalars() if one)
    told = ledger.history(session, f"case:{case.id}", only=APPROVALS)
    return found | {entry.actor_id for entry in told}


def path_to_bureau(session: Session, case: Case) -> set[str]:
    """The handling unit and the units above it, up to the bureau."""
    path: set[str] = set()
    unit = session.get(Unit, case.unit_id)
    while unit is not None and unit.id not in path:
        path.add(unit.id)
        unit = None if unit.id == case.bureau_id else unit.parent
    return path | {case.bureau_id}


def _below(session: Session, actor: Actor, roles: Iterable[str], *, bureau: bool = False) -> set[str]:
    found: set[str] = set()
    for role in roles:
        for unit_id in actor.units.get(role, frozenset()):
            found |= {_bureau_of(session, unit_id)} if bureau else subtree(session, unit_id)
    return found


def _bureau_of(session: Session, unit_id: str) -> str:
    """The nearest legal subject at or above a unit. A delegated body's own posts see its delegating bureau's cases."""
    unit = session.get(Unit, unit_id)
    while unit is not None and not unit.legal_subject:
        above = unit.delegated_by_id or unit.parent_id
        unit = session.get(Unit, above) if above else None
    return unit.id if unit is not None else unit_id
