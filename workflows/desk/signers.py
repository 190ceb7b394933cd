"""Who signs a step and who does it: two hands, in whatever order things came about.

It is signed by whoever was asked to sign it before, beside or after its holder (加签) and not taken away, whether he
has signed yet or not. It is done by whoever holds it or answers for it, prepared it (委派、交回), or sent its answer,
for himself or in somebody's stead. A signature beside one's own work would be one person's, looking like two.

Of one run of a step: a step that is done again (退回、撤回) is signed anew. Advice is no signature, and a round (会签)
has places of its own (`places`).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Person
from workflows.desk.tasks import STEP, Task
from workflows.errors import Forbidden

SIGNING = ("before", "beside", "after")
"""Kinds of what is asked beside a step by which it is signed."""
_DONE_BY = frozenset({"TaskHandedBack", "TaskAnswered"})


def signers(session: Session, task: Task) -> dict[str, bool]:
    """Person id → whether he has signed the step, of all who were asked to and were not taken away."""
    if task.kind != STEP:
        return {}
    wanted = (
        select(Task.assignee_id, Task.state)
        .where(Task.parent_id == task.id, Task.kind.in_(SIGNING), Task.state != "cancelled").order_by(Task.created_at)
    )  # fmt: skip
    found: dict[str, bool] = {}
    for person_id, state in session.execute(wanted):
        if person_id:  # whoever is asked beside a step is always somebody
            found[person_id] = found.get(person_id, False) or state == "completed"
    return found


def doers(session: Session, task: Task) -> set[str]:
    """Ids of those who do or did the step: holder, owner, who prepared it, who sent an answer of it."""
    given = task.effect or {}
    found = {task.assignee_id, task.owner_id, given.get("by"), given.get("for")}
    for entry in ledger.history(session, f"case:{task.case_id}", only=_DONE_BY):
        if entry.data["task_id"] == task.id and entry.actor_id != entry.data.get("to_id"):  # else: taken back (收回)
            found.add(entry.actor_id)
    return {one for one in found if one}


def left(session: Session, task: Task, person_id: str) -> set[str]:
    """Ids of those who were offered the step and could take it from somebody who gives it back."""
    return {one.person_id for one in task.candidates} - {person_id, *signers(session, task)}


def why_not(session: Session, person_id: str, task: Task) -> Forbidden | None:
    """What somebody is told who signs the step and wants to do it himself; None for everybody else."""
    return Forbidden("task.signs_it", name=task.name) if person_id in signers(session, task) else None


def require_unsigned(session: Session, person: Person, task: Task) -> None:
    """Raise Forbidden("task.unfit_signs") for somebody who signs the step and so can neither have nor prepare it."""
    if person.id in signers(session, task):
        raise Forbidden("task.unfit_signs", name=person.name, task=task.name)


def require_undone(session: Session, person: Person, task: Task) -> None:
    """Raise Forbidden("sign.own_step") for somebody who does or did the step and so can't sign it."""
    if person.id in doers(session, task):
        raise Forbidden("sign.own_step", name=person.name, task=task.name)
