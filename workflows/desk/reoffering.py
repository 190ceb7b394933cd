"""Offering a step again that waits: to those whom it fits without somebody for whom it is not any more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person
from workflows.cases.file import Case
from workflows.desk import advance, policies
from workflows.desk.locking import record
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.diagrams import description, library
from workflows.engine import state
from workflows.ledger import events


def keep_apart(session: Session, actor: Actor, case: Case, done: Task) -> None:
    """Offer the steps that nobody has taken yet, and that the process keeps apart from one that was done just now,
    without whoever did that one (`policies.together`). The case is locked.
    """
    names = description.apart(library.definition(session, done.package_hash).package, done.element_id)
    if not names:
        return
    open_ = select(Task).where(
        Task.instance_id == done.instance_id, Task.process_key == done.process_key, Task.element_id.in_(names),
        Task.ended_at.is_(None), Task.assignee_id.is_(None), Task.kind == STEP,
    )  # fmt: skip
    for task in session.execute(open_.order_by(Task.created_at, Task.id)).scalars().all():
        out = policies.together(session, task)
        gone = next((one.person for one in task.candidates if one.person_id in out), None)
        if gone is not None:
            instance = state.load(session, task.instance_id, lock=False)
            step = instance.step(task.engine_task_id or "")
            offer_again(session, actor, case, task, gone, *advance.people_of(session, case, instance, step))


def offer_again(
    session: Session, actor: Actor, case: Case, task: Task, person: Person | None, people: Sequence[Person],
    instead: str,
) -> None:  # fmt: skip
    """Offer a step to those people and nobody else, as it was offered first; what was typed or answered at it is gone.

    person: for whom it is not any more, None where it was nobody's; instead: the role to which it is offered because
    nobody fits, "" where it is not. The case is locked.
    """
    offered = {one.person_id: one for one in task.candidates}
    fit = {one.id for one in people}
    for person_id in offered.keys() - fit:
        session.delete(offered[person_id])
    session.flush()
    session.refresh(task, ["candidates"])
    alone = people[0].id if len(people) == 1 else None
    task.assignee_id, task.state = alone, "claimed" if alone else "open"
    task.owner_id, task.claimed_at, task.effect, task.answer = None, None, None, None
    task.urged_at = None  # whoever has it now was not reminded
    task.version += 1
    session.flush()
    session.add_all(TaskCandidate(task_id=task.id, person_id=id) for id in sorted(fit - offered.keys()))
    session.flush()
    session.refresh(task, ["candidates"])
    advance.tell(session, case, task, people, instead)
    tell_given_up(session, actor, case, task, person, instead)


def tell_given_up(
    session: Session, actor: Actor, case: Case, task: Task, person: Person | None, instead: str = ""
) -> None:  # fmt: skip
    """Record that a step is not somebody's any more, and whose it is now. instead: as in `offer_again`."""
    record(
        session, case, actor, events.TaskGivenUp, task, person_id=person.id if person is not None else "",
        person_name=person.name if person is not None else "",
        assignee_id=task.assignee_id, candidate_ids=sorted(one.person_id for one in task.candidates), nobody=instead,
    )  # fmt: skip
