"""Who has a place in the round (会签) of which a step is one: nobody signs twice in one round, for whomever."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Person
from workflows.desk.tasks import STEP, Task
from workflows.engine import state
from workflows.errors import Invalid, Problem, Stale


def taken(session: Session, task: Task) -> set[str]:
    """Ids of those who signed, sign or will sign in the round of a step, beside the step itself; none where it is no
    round.
    """
    instance = state.load(session, task.instance_id, lock=False)
    try:
        step, left = instance.step(task.engine_task_id or ""), instance.signers(task.engine_task_id or "")
    except Stale:
        return set()
    round_ = select(Task).where(
        Task.instance_id == task.instance_id, Task.element_id == task.element_id, Task.process_key == task.process_key,
        Task.kind == STEP, Task.id != task.id,
    )  # fmt: skip
    live = session.execute(round_.where(Task.ended_at.is_(None))).scalars()
    found = {one.assignee_id for one in live} | {item for item in left.values() if isinstance(item, str)}
    found -= {step.assignee} if step.assignee != task.assignee_id or task.assignee_id is None else {task.assignee_id}
    # The round's own are the latest: each instance that is done left one completed task.
    done = round_.where(Task.state == "completed").order_by(Task.ended_at.desc())
    for one in session.execute(done.limit(int(step.variables.get("nrOfCompletedInstances", 0)))).scalars():
        found |= {one.ended_by_id, one.ended_for_id}
    return {one for one in found if one}


def require_none(session: Session, task: Task, person: Person) -> None:
    """Raise Invalid("sign.asked_already") for somebody who has a place in the step's round already."""
    if person.id in taken(session, task):
        problem = Problem("sign.asked_already", "person", facts={"name": person.name})
        raise Invalid("sign.asked_already", [problem], name=person.name)
