"""Who is to act where nobody can do a step: to charge another officer, to give the step on, or to see to the posts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows import outbox
from workflows.actors import Person, holders, subtree
from workflows.cases import access, recusals
from workflows.cases.file import Case
from workflows.desk import candidates
from workflows.desk.tasks import REGISTRATION, Task
from workflows.diagrams import description
from workflows.errors import Invalid

CHARGE, GIVE, POSTS = "charge", "give", "posts"
"""To charge another officer with the case (增加办案人员); to give the step on (转办); to name who holds its post."""
NOTICES = {CHARGE: "step_without_officers", GIVE: "step_to_give_on", POSTS: "task_without_candidates"}
"""What is to be done → the notice that asks for it."""


@dataclass(frozen=True, slots=True)
class Helper:
    """Of whom the case waits while nobody can do a step. role: whose turn it is; deed: what they are to do."""

    role: str
    deed: str


def helper(session: Session, task: Task) -> Helper:
    """Who is to act at a task that waits for nobody.

    An officers' step is offered to whoever is charged next; a step that names people, or whose role somebody holds by
    now, is the bureau's head's to give on. The administrator is called where the posts have nobody, who alone sees to
    them.
    """
    step = task.parent if task.parent is not None else task
    if step.kind == REGISTRATION or "case_officer" in candidates.roles_of(step):
        charging = ("handling_unit_head", "bureau_leader", "bureau_head")
        return next((Helper(one, CHARGE) for one in charging if _of(session, step.case, one)), _ADMINISTRATOR)
    gives = "reassign" not in description.withheld(step.act) and bool(_of(session, step.case, "bureau_head"))
    return Helper("bureau_head", GIVE) if gives and _somebody_fits(session, step) else _ADMINISTRATOR


_ADMINISTRATOR = Helper("sys_admin", POSTS)


def tell(session: Session, task: Task) -> None:
    """A notice to those who are to act, for a task that is offered to nobody."""
    found = helper(session, task)
    facts = {"name": task.name, "title": task.case.title}
    for person in _of(session, task.case, found.role):
        outbox.send(session, person.id, NOTICES[found.deed], facts, case_id=task.case_id)


def why_not_urged(session: Session, task: Task) -> Invalid:
    """Why nobody can be reminded of a task that waits for nobody: first somebody must be found for it, and by whom."""
    found = helper(session, task)
    if found.deed == CHARGE:
        return Invalid("urge.nobody_charged", name=task.name, role=found.role)
    if found.deed == GIVE:
        return Invalid("urge.nobody_given", name=task.name, role=found.role)
    return Invalid("urge.nobody", name=task.name)


def _of(session: Session, case: Case, role: str) -> list[Person]:
    units = access.path_to_bureau(session, case) if role == "handling_unit_head" else subtree(session, case.bureau_id)
    gone = recusals.recused(session, case.id)
    return [person for person in holders(session, role, units) if person.id not in gone]


def _somebody_fits(session: Session, step: Task) -> bool:
    """Whether the step could be given to anybody today; one that names people is for all who act in cases."""
    roles = candidates.roles_of(step)
    if not roles:
        return True
    people = candidates.people_for(session, step.case, roles, step.act)
    return any(candidates.fits(session, person, step, step.case) for person in people)
