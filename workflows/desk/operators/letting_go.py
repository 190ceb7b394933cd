"""What becomes of the steps of somebody who withdraws from a case (回避, 行政处罚法 43): none stays with him.

A step that he holds, or answered and others have yet to sign, is offered anew to those who fit; what he prepares for
another goes back empty; what he was asked beside a step is taken back. What he completed before stands: the
investigation does not stop (43 para. 3), and whether it is done again is for those who go on with the case.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import outbox
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases import opening, recusals
from workflows.cases.file import Case
from workflows.desk import advance, candidates, places, reoffering, signers
from workflows.desk.operators import departing, subtasks
from workflows.desk.tasks import REGISTRATION, STEP, Task, TaskCandidate, TaskDraft
from workflows.engine import state


@recusals.follows
def let_go(session: Session, actor: Actor, case: Case, person_id: str, reason: str) -> None:
    """Take every live task of a case from somebody who has withdrawn from it. The case is locked."""
    person = session.get_one(Person, person_id)
    departing.withdraw(session, actor, case, person, reason)
    wanted = select(Task).where(Task.case_id == case.id, Task.ended_at.is_(None)).order_by(Task.created_at, Task.id)
    for task in session.execute(wanted).scalars().all():
        if task.ended_at is not None:  # it went with the step beside which he had asked for it
            continue
        if (draft := session.get(TaskDraft, (task.id, person_id))) is not None:
            session.delete(draft)
        if not subtasks.is_step(task) and task.kind != REGISTRATION:
            if task.assignee_id == person_id:
                _unask(session, actor, case, task, person, reason)
        elif task.assignee_id == person_id and task.owner_id not in (None, person_id):
            _hand_back(session, actor, case, task, person, reason)
        elif person_id in (task.assignee_id, task.owner_id):
            offer_anew(session, actor, case, task, person, reason)
        else:
            _leave(session, actor, case, task, person, reason)
    case.version += 1
    session.flush()


@opening.follows
def take_up(session: Session, actor: Actor, case: Case) -> None:
    """Offer the officers' steps that nobody could take to those who can, now that one more is charged with the case."""
    wanted = select(Task).where(
        Task.case_id == case.id, Task.ended_at.is_(None), Task.assignee_id.is_(None),
        Task.kind.in_((STEP, REGISTRATION)),
    ).order_by(Task.created_at, Task.id)  # fmt: skip
    for task in session.execute(wanted).scalars().all():
        officers = task.kind == REGISTRATION or "case_officer" in (task.role or "").split(",")
        if officers and not any(candidates.fits(session, one.person, task, case) for one in task.candidates):
            people, instead = _people(session, case, task, set())
            if people:
                reoffering.offer_again(session, actor, case, task, None, people, instead)


def _unask(session: Session, actor: Actor, case: Case, task: Task, person: Person, reason: str) -> None:
    """Nobody waits for him any more. An answer that only he had still to sign goes back to the step's holder, who asks
    somebody else or sends it as it is: it is not complete because a signature is missing.
    """
    subtasks.remove(session, actor, case, task, reason=reason)
    parent = session.get_one(Task, task.parent_id or "")
    session.flush()
    if not any(one.kind == "after" for one in subtasks.live(session, parent)):
        parent.effect = None
    parent.version += 1
    _tell(session, case, parent, person)


def _hand_back(session: Session, actor: Actor, case: Case, task: Task, person: Person, reason: str) -> None:
    """The owner has the step as it was before he let him prepare it, unless he can't do it himself any more."""
    owner = session.get_one(Person, task.owner_id or "")
    if not candidates.fits(session, owner, task, case):
        offer_anew(session, actor, case, task, person, reason, but=owner.id)
        return
    task.assignee_id, task.owner_id, task.claimed_at = task.owner_id, None, clock.now()
    task.version += 1
    _drop_candidate(session, task, person)
    reoffering.tell_given_up(session, actor, case, task, person)
    _tell(session, case, task, person)


def _leave(session: Session, actor: Actor, case: Case, task: Task, person: Person, reason: str) -> None:
    """A step of others that he could claim, or in which his answer for an absent one waits."""
    if task.effect is not None and person.id in (task.effect["by"], task.effect["for"]):
        task.effect, task.answer = None, None
        task.version += 1
        reoffering.tell_given_up(session, actor, case, task, person)
        _tell(session, case, task, person)
    if _drop_candidate(session, task, person) and task.assignee_id is None and not task.candidates:
        offer_anew(session, actor, case, task, person, reason)


def offer_anew(
    session: Session, actor: Actor, case: Case, task: Task, person: Person, reason: str, *, but: str = ""
) -> None:
    """Offer a step to those who fit, without what `person` asked for beside it: whoever has it next asks whom he wants.

    person: who can't do it any more; but: the id of somebody else who can't. The case is locked.
    """
    for one in subtasks.live(session, task):
        if one.owner_id == person.id:
            subtasks.remove(session, actor, case, one, reason=reason)
    people, instead = _people(session, case, task, {person.id, but})
    reoffering.offer_again(session, actor, case, task, person, people, instead)


def _people(session: Session, case: Case, task: Task, out: set[str]) -> tuple[list[Person], str]:
    """As when the step was offered first, but to nobody who is out of it, signs it or has a place in its round; a lead
    to be corrected, to the other officers.
    """
    if task.engine_task_id is None:
        people = candidates.people_for(session, case, ["case_officer"])
        return [one for one in people if one.id not in out][:1], ""  # nobody claims it: it is the first officer's
    instance = state.load(session, task.instance_id, lock=False)
    people, instead = advance.people_of(session, case, instance, instance.step(task.engine_task_id))
    out |= signers.signers(session, task).keys() | places.taken(session, task)
    return [one for one in people if one.id not in out], instead


def _drop_candidate(session: Session, task: Task, person: Person) -> bool:
    """Whether he was one."""
    offered = session.get(TaskCandidate, (task.id, person.id))
    if offered is not None:
        session.delete(offered)
        session.flush()
        session.refresh(task, ["candidates"])
    return offered is not None


def _tell(session: Session, case: Case, task: Task, person: Person) -> None:
    if task.assignee_id is not None:
        facts = {"task": task.id, "name": task.name, "person": person.name}
        outbox.send(session, task.assignee_id, "colleague_recused", facts, case_id=case.id)
