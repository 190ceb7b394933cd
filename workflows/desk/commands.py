"""What people do at the desk: one command a button, each guard → change → record in one unit of work.

Every command takes an idempotency key; those on a form take the version the form was drawn from. A command locks
the case, looks for its receipt under the lock, and only then changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from workflows import forms
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases import choices, correcting, entering, further, recusals
from workflows.cases.acts import ACTS, ActContext, Effect, crime, plain, undone
from workflows.cases.file import Case
from workflows.cases.opening import new_case
from workflows.desk import advance, again, present, receipts, signers
from workflows.desk.candidates import in_stead, note_hand, require_fit
from workflows.desk.drafts import TAKE_OVER, drop_drafts, mark
from workflows.desk.finishing import finish
from workflows.desk.lists import onward
from workflows.desk.locking import ended, locked_task, record, require_current, visible_task
from workflows.desk.offering import package_of, require_offered, start_form, task_form, task_operators, task_options
from workflows.desk.operators import halting, registering, subtasks
from workflows.desk.operators import letting_go as letting_go
from workflows.desk.tasks import REGISTRATION, REWORK, STEP, Task, TaskDraft
from workflows.diagrams import description, library, suspensions
from workflows.engine import packages
from workflows.errors import Forbidden, Invalid, Stale
from workflows.ledger import events


@dataclass(frozen=True, slots=True)
class Completed:
    """What came of completing a task. next_task_id: what this person can do next in the case."""

    task_id: str
    case_id: str
    name: str
    next_task_id: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of opening a case."""

    case_id: str
    replayed: bool = False


def open_case(session: Session, actor: Actor, process_key: str, answer: Mapping[str, Any], *, key: str) -> Opened:
    """Enter a lead: the case with its parties, matters and officers, and the instance that carries it.

    Raises Forbidden without the role case_officer, Invalid for a wrong form.
    """
    arguments = {"process": process_key, "answer": dict(answer)}
    if (earlier := receipts.replay(session, actor, key, "open_case", arguments)) is not None:
        return Opened(earlier["case_id"], replayed=True)
    actor.require("case_officer")
    suspensions.require_open(session, process_key)
    definition = library.current(session, process_key)
    form = start_form(session, definition)
    unit_id = min(actor.units["case_officer"])
    clean = forms.validate(form, answer, lambda name: choices.options(session, name, None, actor, unit_id=unit_id))
    try:
        case = new_case(session, actor, clean, unit_id)
    except Invalid as error:
        raise forms.with_labels(form, error, answer) from error
    advance.start(session, case, process_key, {}, actor)
    receipts.keep(session, actor, key, "open_case", arguments, {"case_id": case.id})
    return Opened(case.id)


def complete_task(
    session: Session, actor: Actor, task_id: str, answer: Mapping[str, Any], *, seen: int, key: str
) -> Completed:
    """Complete a task with an answer.

    seen: the task's version when the form was drawn; key: idempotency key. Raises NotFound, Forbidden, Stale, Invalid,
    GateClosed; Incident when the engine could not advance. Whatever is raised, nothing has changed.
    """
    task, case = locked_task(session, actor, task_id)
    arguments = {"task": task_id, "answer": dict(answer)}
    if (earlier := receipts.replay(session, actor, key, "complete_task", arguments)) is not None:
        return Completed(**earlier, replayed=True)
    require_current(session, task, seen)
    halting.require_going(session, task, case)
    absent = require_fit(session, actor, task, case, stands_in="substitute" in task_operators(session, task))
    if absent is not None:
        actor = in_stead(session, actor, absent)
        note_hand(session, task, case, session.get_one(Person, actor.person_id))
    subtasks.require_free(session, task) if subtasks.is_step(task) else subtasks.require_turn(session, task)
    form = task_form(session, task)
    options = task_options(session, task, case, actor)
    clean = forms.validate(form, answer, options, present.values(session, task, form))
    further.hold(session, case, description.further_gates(package_of(session, task), task.element_id), clock.now())
    try:
        effect = perform(session, actor, task, case, present.completed(session, task, case, actor, clean))
    except Invalid as error:
        raise forms.with_labels(form, error, answer) from error
    if effect.stays:
        return _go_on(session, actor, task, key, arguments)
    if task.kind == REGISTRATION:
        registering.send_again(session, actor, task, case, clean)
    elif not subtasks.is_step(task):
        subtasks.answer(session, actor, task, case, clean, effect)
    else:
        if not subtasks.hold(session, actor, task, case, forms.to_json(clean), effect, absent):
            finish(session, actor, task, case, forms.to_json(clean), effect.variables, for_id=absent)
        advance.start_siblings(session, case, effect, actor)
    following = onward.in_case(session, actor, case.id)
    done = Completed(task.id, case.id, task.name, following.id if following is not None else None)
    outcome = asdict(done)
    del outcome["replayed"]
    receipts.keep(session, actor, key, "complete_task", arguments, outcome)
    return done


def _go_on(session: Session, actor: Actor, task: Task, key: str, arguments: dict[str, Any]) -> Completed:
    """The act recorded a part: the task stays where it is, with a new version, and is the next one to do."""
    task.version += 1
    drop_drafts(session, task)
    advance.show_clocks(session, task.case)
    task.case.version += 1
    done = Completed(task.id, task.case_id, task.name, task.id)
    outcome = asdict(done)
    del outcome["replayed"]
    receipts.keep(session, actor, key, "complete_task", arguments, outcome)
    return done


def claim_task(session: Session, actor: Actor, task_id: str, *, seen: int) -> Task:
    """Take an open task. Raises Stale when somebody was faster or the case is held up, Forbidden when it is not
    offered.
    """
    task, case = locked_task(session, actor, task_id)
    if task.state == "claimed" and task.assignee_id == actor.person_id:
        return task
    require_current(session, task, seen)
    halting.require_running(case)
    require_offered(session, task, "claim")
    require_fit(session, actor, task, case)
    task.state, task.assignee_id, task.claimed_at = "claimed", actor.person_id, clock.now()
    task.version += 1
    record(session, case, actor, events.TaskClaimed, task)
    return task


def release_task(session: Session, actor: Actor, task_id: str, *, seen: int) -> Task:
    """Give a claimed task back to the other candidates. Raises Forbidden when there are none, or when others prepare it
    or sign before or after it; Stale while the case is held up.
    """
    task, case = locked_task(session, actor, task_id)
    require_current(session, task, seen)
    halting.require_running(case)
    if task.assignee_id != actor.person_id:
        raise Forbidden("task.not_yours", name=task.name)
    require_offered(session, task, "release")
    subtasks.require_free(session, task)
    if not signers.left(session, task, actor.person_id):
        raise Forbidden("task.no_other_candidate", name=task.name)
    task.state, task.assignee_id, task.claimed_at = "open", None, None
    task.version += 1
    record(session, case, actor, events.TaskReleased, task)
    return task


def flag_suspicion(session: Session, actor: Actor, case_id: str, *, offence: str, grounds: str, key: str) -> str:
    """Report that the case may hold a crime: the fine is suspended and the criminal referral begins (310号令 art. 5).

    Returns the case id. Raises NotFound, Forbidden, Invalid (also when a referral already runs).
    """
    case = entering.enter(session, actor, case_id)
    arguments = {"case": case_id, "offence": offence, "grounds": grounds}
    if receipts.replay(session, actor, key, "flag_suspicion", arguments) is not None:
        return case.id
    effect = crime.flag(session, actor, case, offence=offence, grounds=grounds, now=clock.now())
    advance.start_siblings(session, case, effect, actor)
    case.version += 1
    receipts.keep(session, actor, key, "flag_suspicion", arguments, {"case_id": case.id})
    return case.id


def save_draft(
    session: Session, actor: Actor, task_id: str, answer: Mapping[str, Any], *, seen: str = TAKE_OVER
) -> str:
    """Keep what was typed so far, for this person only; not part of the record.

    answer: "values" and "files" by flat name; what the step does not write is left out. For whoever could do the task:
    holds it, prepares it, may claim it or stands in for its holder. seen: the mark (`drafts.mark`) of the draft with
    which the window began; gives back the mark of the new one. Raises NotFound, Stale, also when another window of the
    same person has kept something else meanwhile ("task.draft_elsewhere"), Forbidden("task.draft_not_yours",
    "case.you_recused"), Invalid for more than the form takes (`forms.of_draft`).
    """
    task = visible_task(session, actor, task_id)
    recusals.require_none(session, actor, task.case_id)
    if task.state not in advance.LIVE:
        raise ended(session, task)
    _require_could_do(session, actor, task)
    draft = session.get(TaskDraft, (task.id, actor.person_id))
    kept = forms.of_draft(task_form(session, task), forms.to_json(dict(answer)))
    if draft is not None and seen not in (TAKE_OVER, mark(draft)) and draft.answer != kept:
        raise Stale("task.draft_elsewhere", name=task.name, at=draft.saved_at)
    if draft is None:
        draft = TaskDraft(task_id=task.id, person_id=actor.person_id, answer={}, saved_at=clock.now())
        session.add(draft)
    draft.answer, draft.saved_at = kept, clock.now()
    return mark(draft)


def _require_could_do(session: Session, actor: Actor, task: Task) -> None:
    """Raise Forbidden("task.draft_not_yours") for who neither holds a task nor could take it or do it for its holder.

    Whoever may read a case may look at all its steps; what he types in one is no work on it.
    """
    if task.assignee_id == actor.person_id:
        return
    try:
        require_fit(session, actor, task, task.case, stands_in="substitute" in task_operators(session, task))
    except (Forbidden, Invalid) as error:
        raise Forbidden("task.draft_not_yours", name=task.name) from error


def perform(session: Session, actor: Actor, task: Task, case: Case, answer: Mapping[str, Any]) -> Effect:
    """Carry out the statutory act of a task, or record the answer of a task that has none."""
    if task.kind == REGISTRATION:
        correcting.correct_lead(session, actor, case, answer)
        return Effect()
    context = ActContext(
        session=session,
        actor=actor,
        case=case,
        process_key=task.process_key,
        element_id=task.element_id,
        variables=task.variables,
        now=clock.now(),
        task_id=task.id,
        task_name=task.name,
        offered_at=task.created_at,
        before=again.submitted(session, task),
    )
    if task.kind == REWORK or (task.kind == STEP and task.answer is not None):  # refused by who signs after it
        undone.put_back(context, undone.Undone({task.act or ""}))
    stood = case.state
    effect = ACTS[task.act].perform(context, answer) if task.act else plain(context, answer)
    if task.kind == REWORK:  # one step was done again; the case stands where the step that waits for it stands
        case.state = stood
    return _with_vote(session, task, answer, effect)


def _with_vote(session: Session, task: Task, answer: Mapping[str, Any], effect: Effect) -> Effect:
    """In a round with a signing rule, the vote goes to the engine, which counts it, whatever the act is."""
    node = packages.definition(session, task.package_hash).nodes.get(task.element_id)
    rule = node.multi.signing if node is not None and node.multi is not None and subtasks.is_step(task) else None
    if rule is None or rule.vote in effect.variables:
        return effect
    return replace(effect, variables={**effect.variables, rule.vote: forms.to_json(dict(answer)).get(rule.vote)})
