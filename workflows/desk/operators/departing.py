"""A voter who was there and is gone (中途退席): the discussion goes on without him, or is put on another agenda."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases.acts import ActContext, departure
from workflows.cases.file import Case
from workflows.desk import advance, places, receipts, texts
from workflows.desk.locking import locked_task, require_current
from workflows.desk.operators import halting, returning
from workflows.desk.tasks import STEP, Task
from workflows.engine import state
from workflows.errors import Forbidden, Invalid, Problem
from workflows.ledger import events


def can_depart(task: Task) -> bool:
    """Whether the task is a vote of which its holder can be said to have left."""
    return task.act == "vote" and bool(voter(task)) and places.number(task) is not None


def voter(task: Task) -> str:
    """The id of whose vote it is: of its holder, and of whom the round names where he can't hold it any more."""
    return task.assignee_id or str(task.variables.get("voter") or "")


def record_departure(session: Session, actor: Actor, task_id: str, *, reason: str, seen: int, key: str) -> None:
    """Record that whoever is to vote has left: by whoever keeps the attendance, with the reason for the minutes.

    With a quorum left the others go on voting; without one the case is put on the agenda again, and all vote anew.
    Raises NotFound, Stale, Forbidden ("task.operator_not_offered", "actor.role_missing", "case.handles"), Invalid
    ("case.reason_missing", "case.reason_long", "task.to_oneself").
    """
    task, case = locked_task(session, actor, task_id)
    arguments = {"task": task_id, "reason": reason}
    if receipts.replay(session, actor, key, "record_departure", arguments) is not None:
        return
    require_current(session, task, seen)
    halting.require_running(case)
    if not can_depart(task):
        raise Forbidden("task.operator_not_offered", name=task.name)
    if voter(task) == actor.person_id:
        raise Invalid("task.to_oneself", [Problem("task.to_oneself", "reason")])
    reason = texts.reason(reason, most=texts.LONGEST_MINUTE)
    now = clock.now()
    context = ActContext(session, actor, case, task.process_key, task.element_id, task.variables, now, task.id)
    effect = departure.depart(context, voter(task), reason)
    instance = state.load(session, task.instance_id)
    if effect.variables["quorum"]:
        gone = session.get_one(Person, voter(task))
        _without(session, actor, case, task, instance, dict(effect.variables), reason, gone, places.number(task) or 0)
    else:
        discuss_anew(session, actor, case, task, instance, reason)
    case.version += 1
    receipts.keep(session, actor, key, "record_departure", arguments, {})


def withdraw(session: Session, actor: Actor, case: Case, person: Person, reason: str) -> None:
    """Take somebody who withdrew from the case (回避) out of the discussion in which it is voted on, if there is one.

    The others go on where he has not voted and a quorum is left; the case is discussed anew where not.
    """
    wanted = select(Task).where(
        Task.case_id == case.id, Task.ended_at.is_(None), Task.kind == STEP,
        Task.act.in_(("vote", "meeting_conclusion")),
    ).order_by(Task.created_at, Task.id)  # fmt: skip
    waiting = session.execute(wanted).scalars().all()
    own = [task for task in waiting if can_depart(task) and voter(task) == person.id]
    task = next(iter((*own, *waiting)), None)
    if task is None:
        return
    context = ActContext(
        session, actor, case, task.process_key, task.element_id, task.variables, clock.now(), task.id
    )
    effect = departure.withdraw(context, person.id, reason)
    if effect is None:
        return
    instance = state.load(session, task.instance_id)
    index = next((index for index, one in places.left(session, task).items() if one.id == person.id), None)
    if effect.variables["quorum"] and index is not None:
        _without(session, actor, case, task, instance, dict(effect.variables), reason, person, index)
    else:
        discuss_anew(session, actor, case, task, instance, reason)


def _without(
    session: Session, actor: Actor, case: Case, task: Task, instance: state.StoredInstance,
    variables: dict[str, object], reason: str, person: Person, index: int,
) -> None:  # fmt: skip
    """The round goes on with those who are still there; the next one, and the conclusion, are theirs too."""
    step, now = task.engine_task_id or "", clock.now()
    with advance.naming(instance):
        instance.assign(step, variables, now)
        instance.remove_signer(step, index, now)
    told = events.RoundChanged(
        task_id=task.id, instance_id=task.instance_id, element_id=task.element_id, name=task.name, person_id=person.id,
        person_name=person.name, index=index, reason=reason, variables=variables, passed=advance.passed(instance.trace),
    )  # fmt: skip
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id, happened=now)
    advance.follow(session, case, instance, actor)


def discuss_anew(
    session: Session, actor: Actor, case: Case, task: Task, instance: state.StoredInstance, reason: str
) -> None:
    """Back to where the case is put on an agenda: all take part and vote anew. Raises Invalid("return.nowhere")."""
    earlier = instance.earlier(task.engine_task_id or "")
    agenda = next((one for one in earlier if one.element.properties.get("act") == "agenda"), None)
    if agenda is None:
        raise Invalid("return.nowhere", name=task.name)
    returning.send_back(session, actor, case, task, instance, agenda, reason)
