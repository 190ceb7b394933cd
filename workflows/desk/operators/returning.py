"""Going back: to an earlier step (退回), and taking one's own step back while nobody has acted (撤回)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases.acts import ActContext, undone
from workflows.cases.file import Case
from workflows.desk import advance, places, receipts, texts
from workflows.desk.candidates import acts_for, fits, require_candidate, require_fit
from workflows.desk.drafts import begun, drop_drafts
from workflows.desk.locking import locked_task, record, require_current
from workflows.desk.offering import require_offered
from workflows.desk.operators import downstream, halting, subtasks
from workflows.desk.tasks import STEP, Task
from workflows.engine import packages, state
from workflows.engine.runtime import Earlier, Instance
from workflows.errors import FashenError, Forbidden, Invalid, Problem, Stale
from workflows.ledger import events

AGAIN, RESUME = "again", "resume"
"""Ways of going back: all from the earlier step on is done again; or that step alone, then on with this one."""

LAST_DOER = "原办理人"
"""The reason of a step that comes back to who did it last."""
WITHDRAWABLE = frozenset({
    "investigation", "investigation_report", "unit_check", "file_supplement", "legal_review", "evidence_supplement",
    "draft_correction", "unit_response", "counsel_review", "submission_check", "suspicion_report", "agenda",
})  # fmt: skip
"""Acts that stay in the house: of two reports or opinions the later one counts. What was served, issued, voted or
decided is not taken back (行政处罚法 40, 61); it is corrected by a further act."""

REPEATED = WITHDRAWABLE | {
    "lead", "notice", "statement", "hearing_notice", "hearing", "review_conclusion", "transfer_supplement",
}  # fmt: skip
"""Acts that are done again after a return: told and heard anew, recorded beside the earlier ones. All others stand: a
return that would ask for them again would lead to a step that nobody can complete."""


SIGNED_AFTER = frozenset({"investigation", "investigation_report", "unit_check"})
"""Acts that set nothing going beside the process when they are recorded. Of all others a later refusal would come too
late: the time of the review runs or stands by them, papers are issued, parties are told; those are signed beforehand.
"""


STATES: Mapping[str, str] = {
    "investigation": "investigating", "investigation_report": "investigating", "unit_check": "reported",
    "submission_check": "reported", "file_supplement": "reviewing", "legal_review": "reviewing",
    "counsel_review": "reviewing", "review_conclusion": "reviewing", "statement": "noticed",
    "hearing_notice": "noticed", "hearing": "hearing",
}  # fmt: skip
"""Act → the state of the case while its step waits: the state goes back with the case, before the act is done again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An earlier step to go back to. person: who did it last; resumes: whether it can be done again alone."""

    target: str
    element_id: str
    name: str
    person: str
    resumes: bool


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a step: a token, and the step as it lies behind it. step: id of the task that waits there, or join:
    the token's number among those that wait at a join.
    """

    token: str
    earlier: Earlier
    step: str = ""
    join: int = -1


def choices(session: Session, task: Task) -> list[Choice]:
    """Where a step can go back to, nearest first; nothing that lies before an act that stands."""
    if task.state not in advance.LIVE or not subtasks.is_step(task):
        return []
    instance = state.load(session, task.instance_id, lock=False)
    found = []
    for earlier in instance.earlier(task.engine_task_id or ""):
        last = None if earlier.whole else _latest(session, task, earlier)
        alone = last is not None and _again_by(session, last)
        if standing(session, task, instance, earlier) is None:
            who = last.ended_by.name if last and last.ended_by else ""
            found.append(Choice(earlier.id, earlier.element.id, earlier.element.name, who, alone))
    return found


def repeatable(act: str | None) -> bool:
    """Whether an act can be done once more in the same case; a step without one can."""
    return act is None or act in REPEATED


def waits_for_signers(act: str | None) -> bool:
    """Whether the answer of a step can wait for those who sign after it; that of a step without an act can."""
    return act is None or act in SIGNED_AFTER


def _alone(session: Session, last: Task) -> bool:
    """Whether a step can be done once more by whoever did it last: no round, which is the work of several."""
    return repeatable(last.act) and not places.is_round(session, last)


def _again_by(session: Session, last: Task) -> bool:
    """Whether whoever did a step last could do it once more today."""
    if last.ended_by is None or not _alone(session, last):
        return False
    try:
        require_candidate(session, last.ended_by, last, last.case)
    except Forbidden:
        return False
    return True


def standing(session: Session, task: Task, instance: Instance, earlier: Earlier) -> Task | None:
    """The latest completed step since the earlier one whose act can't be done again; None when all can."""
    before = _before(session, task, instance, earlier)
    since = select(Task).where(
        Task.instance_id == task.instance_id, Task.state == "completed", Task.act.is_not(None),
        Task.act.not_in(REPEATED),
    )  # fmt: skip
    if before is not None:
        since = since.where(Task.ended_at >= before.ended_at)
    return session.execute(since.order_by(Task.ended_at.desc()).limit(1)).scalar_one_or_none()


def _before(session: Session, task: Task, instance: Instance, earlier: Earlier) -> Task | None:
    """The latest completion of an earlier step; of a subprocess as a whole, of the nearest step in front of it."""
    ahead = instance.earlier(task.engine_task_id or "")
    further = ahead[[one.id for one in ahead].index(earlier.id):]
    return next((last for one in further if not one.whole and (last := _latest(session, task, one))), None)


def return_task(
    session: Session, actor: Actor, task_id: str, target: str, *, how: str, reason: str, seen: int, key: str
) -> None:
    """Go back from a step that one holds to an earlier one.

    how: "again" or "resume". Raises NotFound, Stale ("engine.not_earlier"), Forbidden, Invalid ("return.*"), Incident.
    """
    task, case = locked_task(session, actor, task_id)
    arguments = {"task": task_id, "target": target, "how": how, "reason": reason}
    if receipts.replay(session, actor, key, "return_task", arguments) is not None:
        return
    require_current(session, task, seen)
    halting.require_going(session, task, case)
    require_offered(session, task, "return")
    require_fit(session, actor, task, case)
    if task.assignee_id != actor.person_id:
        raise Forbidden("task.claim_first", name=task.name)
    reason = texts.reason(reason)
    if how not in (AGAIN, RESUME):
        raise Invalid("return.how", [Problem("return.how", "how")])
    subtasks.require_free(session, task)
    instance = state.load(session, task.instance_id)
    earlier = next((one for one in instance.earlier(task.engine_task_id or "") if one.id == target), None)
    if earlier is None:
        raise Stale("engine.not_earlier", target=target)
    if (stands := standing(session, task, instance, earlier)) is not None:
        raise Forbidden("return.stands", name=stands.name)
    if how == AGAIN:
        send_back(session, actor, case, task, instance, earlier, reason)
    else:
        _resume(session, actor, case, task, earlier, reason)
    case.version += 1
    receipts.keep(session, actor, key, "return_task", arguments, {})


def withdraw_task(session: Session, actor: Actor, task_id: str, *, reason: str, key: str) -> None:
    """Take back a step that one completed, before anybody has claimed, begun or done anything that came of it.

    What other branches did stands; where they are waited for, or were, they are waited for again. Raises NotFound,
    Forbidden ("withdraw.not_yours", "withdraw.act", "withdraw.no_part"), Stale ("withdraw.acted", "withdraw.gone_on")
    when it is too late, Invalid ("case.reason_missing", "case.reason_long").
    """
    task, case = locked_task(session, actor, task_id)
    arguments = {"task": task_id, "reason": reason}
    if receipts.replay(session, actor, key, "withdraw_task", arguments) is not None:
        return
    halting.require_going(session, task, case)
    if task.state != "completed" or task.ended_by_id != actor.person_id or not subtasks.is_step(task):
        raise Forbidden("withdraw.not_yours", name=task.name)
    if task.act is not None and task.act not in WITHDRAWABLE:
        raise Forbidden("withdraw.act", name=task.name)
    _require_still(session, actor, task, case)
    reason = texts.reason(reason)
    instance = state.load(session, task.instance_id)
    came = _came_of(session, task, instance)
    send_back(session, actor, case, task, instance, came.earlier, reason, withdrawn=came)
    case.version += 1
    receipts.keep(session, actor, key, "withdraw_task", arguments, {})


def can_withdraw(session: Session, actor: Actor, task: Task) -> bool:
    """Whether the actor could take the step back now."""
    return why_not_withdrawn(session, actor, task) is None


def why_not_withdrawn(session: Session, actor: Actor, task: Task) -> FashenError | None:
    """Why the actor can't take the step back now: what `withdraw_task` would raise; None when it can be taken back."""
    if task.state != "completed" or task.ended_by_id != actor.person_id or not subtasks.is_step(task):
        return Forbidden("withdraw.not_yours", name=task.name)
    if task.act is not None and task.act not in WITHDRAWABLE:
        return Forbidden("withdraw.act", name=task.name)
    try:
        _require_still(session, actor, task, task.case)
        _came_of(session, task, state.load(session, task.instance_id, lock=False))
    except FashenError as error:
        return error
    return None


def _require_still(session: Session, actor: Actor, task: Task, case: Case) -> None:
    """Raise Forbidden("withdraw.no_part") unless whoever did the step could do it today: in his own name, or for the
    absent person for whom he did it. Nobody opens again what is not his any more.
    """
    absent = task.ended_for_id
    names = [actor.person_id]
    if absent is not None and acts_for(session, actor, task, absent):
        names.append(absent)
    if not any(fits(session, session.get_one(Person, one), task, case) for one in names):
        raise Forbidden("withdraw.no_part", name=task.name)


def _came_of(session: Session, task: Task, instance: state.StoredInstance) -> Came:
    """What came of a completed step, nothing of which anybody has touched. Raises Stale("withdraw.acted") where
    somebody has, ("withdraw.gone_on") where nothing stands that leads back to the step.
    """
    definition = packages.definition(session, task.package_hash)
    rows = session.execute(
        select(Task).where(Task.instance_id == task.instance_id, Task.created_at >= task.ended_at, Task.id != task.id,
                           Task.kind == STEP)
    ).scalars()  # fmt: skip
    later = [one for one in rows if downstream.can_come(definition, one, task)]
    if begun(session, [one for one in later if one.state != "cancelled"]):
        raise Stale("withdraw.acted", name=task.name)
    node = definition.nodes.get(task.element_id)
    if node is not None and node.multi is not None:  # the whole round would begin anew, and with it all signatures
        raise Forbidden("withdraw.round", name=task.name)
    came = {one.engine_task_id: one for one in later if one.ended_at is None and one.engine_task_id is not None}
    for step in instance.steps():
        if step.id in came and (earlier := _behind(instance, step.id, task)) is not None:
            return Came(step.id, earlier, step=came[step.id].id)
    if task.process_key == instance.definition.key and downstream.single(definition, task.element_id):
        for number, token in enumerate(instance.joining()):
            if (earlier := _behind(instance, token, task)) is not None:
                return Came(token, earlier, join=number)
    raise Stale("withdraw.gone_on", name=task.name)


def _behind(instance: Instance, token: str, task: Task) -> Earlier | None:
    """A completed step, as it lies behind a token."""
    wanted = (task.element_id, task.process_key)
    return next((one for one in instance.earlier(token) if (one.element.id, one.process_key) == wanted), None)


def send_back(
    session: Session, actor: Actor, case: Case, task: Task, instance: state.StoredInstance, earlier: Earlier,
    reason: str, withdrawn: Came | None = None,
) -> None:  # fmt: skip
    """Move the tokens back, end what came of the earlier step, offer that step to whoever did it last.

    task: the step that sends back; or that is withdrawn, with what came of it.
    """
    now = clock.now()
    acts = {task.act} if withdrawn else _acts_since(session, task, instance, earlier)
    with advance.naming(instance):
        instance.go_back(withdrawn.token if withdrawn else task.engine_task_id or "", earlier.id, now)
    known = {one.engine_task_id for one in _live(session, task.instance_id)}
    facts: dict[str, Any] = {"instance_id": task.instance_id, "target": earlier.id, "reason": reason,
             "passed": advance.passed(instance.trace)}  # fmt: skip
    told: object
    if withdrawn is None:
        _end(session, task, "returned", actor)
        task.answer = {"returned_to": earlier.element.id, "reason": reason}
        told = events.TaskReturned(task_id=task.id, element_id=task.element_id, name=task.name,
                                   to=earlier.element.id, to_name=earlier.element.name, **facts)  # fmt: skip
    else:
        task.state = "withdrawn"
        task.version += 1
        told = events.TaskWithdrawn(task_id=task.id, element_id=task.element_id, name=task.name, step=withdrawn.step,
                                    join=withdrawn.join, **facts)  # fmt: skip
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id, happened=now)
    advance.follow(session, case, instance, actor, why="returned" if withdrawn is None else "withdrawn")
    if case.filed_at is not None:
        case.state = STATES.get(earlier.element.properties.get("act", ""), case.state)
    context = ActContext(session, actor, case, task.process_key, task.element_id, {}, now)
    undone.put_back(context, undone.Undone({one for one in acts if one}, withdrawn is not None))
    for one in _live(session, task.instance_id):
        if one.engine_task_id not in known:  # the earlier step; of a round its signers, of a subprocess its first steps
            last = task if withdrawn else _last_of(session, one.instance_id, one.process_key, one.element_id)
            one.returned, one.question = True, reason
            undone.comes_again(context, one.act)
            _to_last(session, actor, one, case, last)
            if one.assignee_id is not None and one.assignee_id != actor.person_id:
                outbox.send(session, one.assignee_id, "task_returned", {
                    "task": one.id, "name": one.name, "by": actor.name, "note": reason}, case_id=case.id)  # fmt: skip


def _acts_since(session: Session, task: Task, instance: Instance, earlier: Earlier) -> set[str | None]:
    """The acts that were done from an earlier step on, and came of it: they will be done once more."""
    before = _before(session, task, instance, earlier)
    done = select(Task).where(Task.instance_id == task.instance_id, Task.state == "completed", Task.kind == STEP)
    if before is not None:
        since = Task.ended_at > before.ended_at if earlier.whole else Task.ended_at >= before.ended_at
        done = done.where(since)
    rows = session.execute(done).scalars().all()
    if before is None or earlier.whole:
        return {one.act for one in rows}
    definition = packages.definition(session, before.package_hash)
    return {before.act, *(one.act for one in rows if downstream.can_come(definition, one, before))}


def _resume(session: Session, actor: Actor, case: Case, task: Task, earlier: Earlier, reason: str) -> None:
    last = None if earlier.whole else _latest(session, task, earlier)
    if last is None or last.ended_by is None or not _alone(session, last):
        raise Invalid("return.not_alone", [Problem("return.not_alone", "how")])
    require_candidate(session, last.ended_by, last, case)
    subtasks.offer(session, actor, case, task, "rework", last.ended_by, question=reason, again=last)
    task.version += 1


def _to_last(session: Session, actor: Actor, task: Task, case: Case, last: Task | None) -> None:
    """Give a step that came back to whoever did it last, if they still may do it."""
    person = session.get(Person, last.ended_by_id) if last is not None and last.ended_by_id else None
    if person is None or task.assignee_id is not None or person.id not in {one.person_id for one in task.candidates}:
        return
    try:
        require_candidate(session, person, task, case)
    except Forbidden:
        return
    task.assignee_id, task.state = person.id, "claimed"
    record(session, case, actor, events.TaskReassigned, task, to_id=person.id, to_name=person.name, reason=LAST_DOER)


def _latest(session: Session, task: Task, earlier: Earlier) -> Task | None:
    """The latest completion of an earlier step."""
    return _last_of(session, task.instance_id, earlier.process_key, earlier.element.id)


def _last_of(session: Session, instance_id: str, process_key: str, element_id: str) -> Task | None:
    wanted = (
        select(Task)
        .where(Task.instance_id == instance_id, Task.element_id == element_id, Task.state == "completed",
               Task.kind == STEP, Task.process_key == process_key)
        .order_by(Task.ended_at.desc()).limit(1)
    )  # fmt: skip
    return session.execute(wanted).scalar_one_or_none()


def _live(session: Session, instance_id: str) -> list[Task]:
    wanted = select(Task).where(Task.instance_id == instance_id, Task.ended_at.is_(None), Task.kind == STEP)
    return list(session.execute(wanted).scalars())


def _end(session: Session, task: Task, state: str, actor: Actor) -> None:
    task.state, task.ended_at, task.ended_by_id = state, clock.now(), actor.person_id
    task.version += 1
    drop_drafts(session, task)
