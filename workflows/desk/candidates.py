"""From the role that a step names to the people who may take it, with separation of duties: one rule for everything.

* A step is its role's. The process offers it to those who hold the role, and never to somebody who would judge his
  own work in it (`own_barred`): who handled the case neither checks, reviews, hears, votes on nor decides it, who
  checked it for the unit does not review or hear it, and so on. The role's own later steps stay open: a unit's head
  checks twice, the leader who approved the filing decides.
* Whoever is brought into a step by name (转办、委派、加签、会签、委托代理) holds the step's role as well, acts for no
  office that keeps out of cases, and has taken no part in the case but the step's own (`others_parts`).
* Whoever signs a step beside its holder (加签) is not who does it (`signers`), in whatever order it came about.

All are asked anew after every operator and when the step is done (docs/decisions/0010-desk-operators.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, Post, acting, holders, subtree
from workflows.calendar import clock
from workflows.cases import access, circles, opening, parts, recusals
from workflows.cases.file import HAND, Case, CaseOfficer, officer_ids
from workflows.cases.parts import Part
from workflows.desk import places, policies, signers, substitutes
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.errors import FashenError, Forbidden, Invalid

NEVER = frozenset({"sys_admin", "sec_admin", "auditor"})
"""Roles whose holders act in no case: they keep the system and its record (domain brief R13)."""


def people_for(session: Session, case: Case, roles: Iterable[str], act: str | None = None) -> list[Person]:
    """The people who may take a step of `roles` in this case today, in the order of rank. act: of the step."""
    found: dict[str, Person] = {}
    for role in roles:
        for person in _people_for_role(session, case, role, act):
            found.setdefault(person.id, person)
    gone = recusals.recused(session, case.id)
    return [person for person in found.values() if person.id not in gone]


def _people_for_role(session: Session, case: Case, role: str, act: str | None) -> list[Person]:
    if role == "case_officer":
        rows = session.execute(
            select(Person)
            .join(CaseOfficer, CaseOfficer.person_id == Person.id)
            .where(CaseOfficer.case_id == case.id, CaseOfficer.until.is_(None), Person.disabled_at.is_(None))
            .order_by(CaseOfficer.position)
        )
        return list(rows.scalars())
    barred = own_barred(session, case, role, act)
    # A division without a head is led from above.
    units = access.path_to_bureau(session, case) if role == "handling_unit_head" else subtree(session, case.bureau_id)
    return [person for person in holders(session, role, units) if person.id not in barred]


def own_barred(session: Session, case: Case, role: str, act: str | None = None) -> set[str]:
    """Ids of those who would judge their own work in a step of a role, though they hold it."""
    found = access.barred(session, case, role)
    if role == "handling_unit_head" and act == "unit_check":
        found |= officer_ids(session, case.id)
    return found


def is_candidate(session: Session, actor: Actor, task: Task) -> bool:
    """Whether the actor was offered the task."""
    return session.get(TaskCandidate, (task.id, actor.person_id)) is not None


def require_fit(session: Session, actor: Actor, task: Task, case: Case, *, stands_in: bool = False) -> str | None:
    """Check under the lock that the actor may take the task now: named or offered, still in the role, not barred.

    stands_in: whether the step may be done for somebody absent, who holds it or was offered it and could take it today.
    Gives back for whom it is done, None for oneself.
    Raises Forbidden: "task.not_yours", "case.you_recused", "task.role_lost", "task.handles_case", "task.unfit_office",
    "task.unfit_handles", "task.unfit_signs", "task.signs_it" for who signs the step beside its holder,
    "task.apart_excluded", "case.stood_above", "sign.own_place" for who has another place in the
    round; Invalid for one without certificate in a step of the officers ("officer.no_certificate").
    """
    if task.assignee_id == actor.person_id or (task.assignee_id is None and is_candidate(session, actor, task)):
        return _fit(session, actor, task, case, None)
    why: FashenError = Forbidden("task.not_yours", name=task.name)
    for absent in _away(session, actor, task, case) if stands_in else ():
        try:
            return _fit(session, actor, task, case, absent)
        except FashenError as error:
            why = error
    raise why


def _away(session: Session, actor: Actor, task: Task, case: Case) -> Iterator[str]:
    """Ids of those for whom the actor may act in a step: its holder; of an open one, who could take it today himself.

    Officers are offered the steps of their cases and nobody else is, so that a substitute must not wait until the one
    who is away has claimed a step.
    """
    if task.assignee_id is not None:
        if acts_for(session, actor, task, task.assignee_id):
            yield task.assignee_id
        return
    offered = {one.person_id for one in task.candidates} & substitutes.absent(session, actor)
    people = sorted((session.get_one(Person, one) for one in offered), key=lambda one: one.login)
    for person in people:
        if person.disabled_at is None and acts_for(session, actor, task, person.id):
            try:
                _fit(session, acting(session, person.id), task, case, None)
            except FashenError:
                continue
            yield person.id


def _fit(session: Session, actor: Actor, task: Task, case: Case, absent: str | None) -> str | None:
    """What `require_fit` asks of who does a step, for himself or for an absent one, beside whose it is."""
    recusals.require_none(session, actor, case.id)
    if (why := signers.why_not(session, actor.person_id, task)) is not None:
        raise why
    person = session.get_one(Person, actor.person_id)
    policies.require_apart(session, person, task)
    if actor.person_id in places.taken(session, task):
        raise Forbidden("sign.own_place", name=task.name)
    if absent is not None:
        _require_own(session, session.get_one(Person, absent), task, case)
        policies.require(session, person, task, case)
        if not is_candidate(session, actor, task):
            require_no_other_part(session, person, task, case)
        if not _holds(session, actor.person_id, task, case):
            _require_could_handle(session, person, task, case)
    roles = roles_of(task)
    if any(actor.person_id in own_barred(session, case, role, task.act) for role in roles):
        raise Forbidden("task.handles_case", name=task.name)
    if task.role is None:
        _require_office(session, person, task)
        return absent
    if _holds(session, actor.person_id, task, case) or (absent is not None and _could_handle(session, actor, task)):
        return absent
    raise Forbidden("task.role_lost", name=task.name, roles=roles)


def in_stead(session: Session, actor: Actor, absent: str) -> Actor:
    """The actor as who acts for an absent person with this command: the record of what comes of it has both names."""
    return replace(actor, for_id=absent, for_name=session.get_one(Person, absent).name)


def _could_handle(session: Session, actor: Actor, task: Task) -> bool:
    """Whether a step is the officers' and a substitute is one of the bureau, though not of the case."""
    units = subtree(session, task.bureau_id)
    return "case_officer" in roles_of(task) and bool(actor.units.get("case_officer", frozenset()) & units)


def _require_could_handle(session: Session, person: Person, task: Task, case: Case) -> None:
    """Raise unless a substitute in a step of the officers could be an officer of the case: holds a certificate of today
    (行政处罚法 42), did not have to withdraw from it (43), and judged nothing in it (58, 64).
    """
    if "case_officer" not in roles_of(task):
        return
    if not opening.certificate(session, person.id):
        raise Invalid("officer.no_certificate", name=person.name)
    if person.id in circles.withdrawn(session, case.id):
        raise Forbidden("task.unfit_handles", name=person.name, task=task.name)
    if person.id in access.stood_above(session, case):
        raise Forbidden("case.stood_above", name=person.name)


def require_candidate(session: Session, person: Person, task: Task, case: Case) -> None:
    """Check that somebody may be given the task: holds its role in this case today, is not barred, not disabled.

    Who was offered it, or did it last, judges no work of his own; anybody else has no other part in the case either. A
    step that names people instead of a role is for all who act in cases. Raises Forbidden: "person.disabled",
    "task.unfit" (no such role), "task.unfit_office", "task.unfit_handles" (another part), "task.unfit_signs" (signs it
    beside its holder), "task.opener_excluded", "task.twice_excluded", "task.apart_excluded".
    """
    _require_own(session, person, task, case)
    if session.get(TaskCandidate, (task.id, person.id)) is None and task.ended_by_id != person.id:
        require_beside(session, person, task, case)
    policies.require(session, person, task, case)


def fits(session: Session, person: Person, task: Task, case: Case) -> bool:
    """Whether somebody may be given the step today, as `require_candidate` says."""
    try:
        require_candidate(session, person, task, case)
    except Forbidden:
        return False
    return True


def require_beside(session: Session, person: Person, task: Task, case: Case) -> None:
    """Check that somebody may sign or prepare another's step: holds its role in the bureau and has no other part.

    Raises Forbidden: "person.disabled", "task.unfit", "task.unfit_office", "task.unfit_handles", "task.apart_excluded".
    """
    policies.require_apart(session, person, task)
    if person.disabled_at is not None:
        raise Forbidden("person.disabled", name=person.name)
    require_not_recused(session, person, task, case)
    _require_office(session, person, task)
    require_no_other_part(session, person, task, case)
    if person.id not in beside(session, task, case):
        raise Forbidden("task.unfit", name=person.name, task=task.name, roles=roles_of(task))


def require_not_recused(session: Session, person: Person, task: Task, case: Case) -> None:
    """Raise Forbidden("task.unfit_recused") for somebody who withdrew from the case because of an interest in it."""
    if person.id in recusals.recused(session, case.id):
        raise Forbidden("task.unfit_recused", name=person.name, task=task.name)


def require_no_other_part(session: Session, person: Person, task: Task, case: Case) -> None:
    """Raise Forbidden("task.unfit_handles") for somebody who has taken another part in the case than the step's."""
    if person.id in others_parts(session, task, case):
        raise Forbidden("task.unfit_handles", name=person.name, task=task.name)


def others_parts(session: Session, task: Task, case: Case) -> dict[str, Part]:
    """Person id → the part of the case that keeps them from being brought into a step; the first, where there are more.

    Steps of the officers are open to all officers of the case, whatever else they did. A step of named people, whose
    part nobody can tell, is closed to all who have done another step of the case.
    """
    roles = roles_of(task)
    own = parts.of_roles(roles)
    if roles and not own:
        return {}
    found: dict[str, Part] = {}
    for one in parts.taken(session, case):
        same = (one.process_key, one.element_id) == (task.process_key, task.element_id)
        if not same and (one.part not in own if one.part else not roles):
            found.setdefault(one.person_id, one)
    if "handling" in own:
        for person_id in _handling(session, case):
            found.pop(person_id, None)
    return found


def beside(session: Session, task: Task, case: Case) -> set[str]:
    """Ids of those who hold, somewhere in the bureau, a role that fits a step: its own, or one of the same part of a
    case (a deputy head's step may be signed by the head); of all who act in cases, where it names none.
    """
    units, roles = subtree(session, case.bureau_id), roles_of(task)
    if not roles:
        return _all(session, case)
    own = parts.of_roles(roles)
    fitting = {*roles, *(role for role, part in parts.PART.items() if part in own)}
    return {person.id for role in fitting for person in holders(session, role, units)}


def _all(session: Session, case: Case) -> set[str]:
    """Ids of all people of the bureau who act in cases."""
    units, today = subtree(session, case.bureau_id), clock.today()
    posts = session.execute(select(Post).where(Post.unit_id.in_(units), Post.role.not_in(NEVER))).scalars()
    return {post.person_id for post in posts if post.holds(today)}


def in_office(session: Session) -> set[str]:
    """Ids of those who keep the system or its record today, and act in no case whatever else they hold."""
    today = clock.today()
    posts = session.execute(select(Post).where(Post.role.in_(NEVER))).scalars()
    return {post.person_id for post in posts if post.holds(today)}


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
    return parts.roles_of(task.role, task.act if task.kind == STEP else None)


def _holds(session: Session, person_id: str, task: Task, case: Case) -> bool:
    """Whether somebody may do the step by its role, or by the role to which it was offered because nobody fitted."""
    roles = (task.role or "").split(",")
    if person_id in {one.id for one in people_for(session, case, roles, task.act)}:
        return True
    instead = policies.of(session, task).nobody
    if instead not in policies.FALLBACK or session.get(TaskCandidate, (task.id, person_id)) is None:
        return False
    return person_id in {one.id for one in people_for(session, case, [policies.FALLBACK[instead]])}


def _require_own(session: Session, person: Person, task: Task, case: Case) -> None:
    """What everybody must be whose step it is, present or absent: an order widens nobody's rights."""
    if person.disabled_at is not None:
        raise Forbidden("person.disabled", name=person.name)
    require_not_recused(session, person, task, case)
    signers.require_unsigned(session, person, task)
    if any(person.id in own_barred(session, case, role, task.act) for role in roles_of(task)):
        raise Forbidden("task.unfit_handles", name=person.name, task=task.name)
    if task.role is None:
        _require_office(session, person, task)
    if person.id not in _all(session, case) if task.role is None else not _holds(session, person.id, task, case):
        raise Forbidden("task.unfit", name=person.name, task=task.name, roles=roles_of(task))


def _require_office(session: Session, person: Person, task: Task) -> None:
    if person.id in in_office(session):
        raise Forbidden("task.unfit_office", name=person.name, task=task.name)


def _handling(session: Session, case: Case) -> set[str]:
    rows = select(CaseOfficer.person_id).where(CaseOfficer.case_id == case.id, CaseOfficer.until.is_(None))
    return set(session.execute(rows).scalars())


def acts_for(session: Session, actor: Actor, task: Task, absent: str) -> bool:
    """Whether an order lets the actor do the task for somebody: in its role, or for a named person in any."""
    roles = substitutes.acts_for(session, actor, absent, task.process_key)
    return bool(roles & set(roles_of(task)) if roles_of(task) else roles)
