"""Moving the process on when a step is done: the engine, the task, the record, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk import advance, reoffering
from workflows.desk.drafts import drop_drafts
from workflows.desk.tasks import Task
from workflows.engine import state
from workflows.ledger import events


def finish(
    session: Session, actor: Actor, task: Task, case: Case, answer: dict[str, Any], variables: Mapping[str, Any], *,
    by_id: str | None = None, for_id: str | None = None, signed_by: Sequence[str] = (),
) -> None:  # fmt: skip
    """Complete the engine's step and end the task.

    answer: as JSON; by_id: whose answer it is, where the actor is another (the last who signed after it); for_id: the
    absent person for whom it was given; signed_by: names of those who signed after it. Raises Incident when the process
    can't go on.
    """
    instance = state.load(session, task.instance_id)
    now = clock.now()  # on the record too, so that the step can be taken again from the ledger
    with advance.naming(instance):
        instance.complete(task.engine_task_id or "", dict(variables), now)
    task.state, task.ended_at, task.ended_by_id, task.ended_for_id = "completed", now, by_id or actor.person_id, for_id
    task.assignee_id, task.answer, task.effect = by_id or actor.person_id, answer, None
    task.version += 1
    drop_drafts(session, task)
    ledger.append(
        session,
        advance.stream(case),
        events.TaskCompleted(
            task_id=task.id,
            element_id=task.element_id,
            name=task.name,
            act=task.act,
            answer=answer,
            variables=dict(variables),
            passed=advance.passed(instance.trace),
            instance_id=task.instance_id,
            by_id=by_id,
            for_id=for_id,
            by_name=session.get_one(Person, by_id).name if by_id else "",
            signed_by=list(signed_by),
        ),
        actor=actor,
        happened=now,
        case_id=case.id,
    )
    advance.follow(session, case, instance, actor)
    reoffering.keep_apart(session, actor, case, task)
    case.version += 1
