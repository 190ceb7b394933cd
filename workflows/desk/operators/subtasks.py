"""What is asked of somebody beside a step: to sign before, beside or after it, to advise, to do an earlier step again.

A sub-task is a task of its own with `parent_id`; the engine knows nothing of it, so it holds wherever the step stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import forms, ledger, outbox
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases import access, parts, recusals
from workflows.cases.acts import Effect
from workflows.cases.file import Case, CaseReader
from workflows.desk import advance, copies, signers, texts
from workflows.desk.candidates import require_beside
from workflows.desk.drafts import drop_drafts
from workflows.desk.finishing import finish
from workflows.desk.operators import rework_ways
from workflows.desk.signers import SIGNING as SIGNING
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.engine import state
from workflows.errors import Forbidden, Stale
from workflows.ledger import events

HOLDING = ("before", "beside", "rework")
"""Kinds for which the step's own completion waits."""

NAMES: Mapping[str, tuple[str, str]] = {
    "before": ("前加签", "To sign before"),
    "beside": ("并加签", "To sign beside"),
    "after": ("后加签", "To sign after"),
    "advice": ("征询意见", "Advice asked for"),
    "rework": ("退回补正", "To be done again"),
}
"""Kind → (Chinese, English)."""

_OPINION = {
    "type": "radio", "key": "agrees", "label": "意见", "validate": {"required": True},
    "properties": {"label_en": "Opinion"},
    "values": [
        {"value": "yes", "label": "同意", "properties": {"label_en": "I agree"}},
        {"value": "no", "label": "不同意", "properties": {"label_en": "I do not agree"}},
    ],
}  # fmt: skip
_TEXT = {
    "type": "textarea", "key": "text", "label": "说明",
    "properties": {"label_en": "Remarks"}, "validate": {"required": True, "maxLength": texts.LONGEST_QUESTION},
}  # fmt: skip


def form_of(kind: str) -> forms.Form:
    """The form on which a sub-task is answered; a rework has the form of the step that is done again."""
    components = [_TEXT] if kind == "advice" else [_OPINION, _TEXT]
    return forms.parse({"type": "default", "id": f"subtask_{kind}", "components": components}, f"subtask_{kind}")


def live(session: Session, task: Task) -> list[Task]:
    """What is still asked beside a step, oldest first."""
    wanted = select(Task).where(Task.parent_id == task.id, Task.ended_at.is_(None)).order_by(Task.created_at, Task.id)
    return list(session.execute(wanted).scalars())


def of(session: Session, task: Task) -> list[Task]:
    """All that was asked beside a step, oldest first."""
    wanted = select(Task).where(Task.parent_id == task.id).order_by(Task.created_at, Task.id)
    return list(session.execute(wanted).scalars())


def require_free(session: Session, task: Task) -> None:
    """Raise Forbidden unless the step's holder may answer now: nothing delegated, nobody who signs before it, no
    answer given already: "task.delegated", "task.waits_for", "task.answered".
    """
    if task.owner_id is not None:
        holder = session.get_one(Person, task.assignee_id or "")
        raise Forbidden("task.delegated", name=task.name, holder=holder.name)
    if task.effect is not None:
        after = [one for one in live(session, task) if one.kind == "after"]
        raise Forbidden("task.answered", name=task.name, people=_people(after))
    holding = [one for one in live(session, task) if one.kind in HOLDING]
    if holding:
        raise Forbidden("task.waits_for", name=task.name, people=_people(holding))


def offer(
    session: Session, actor: Actor, case: Case, parent: Task, kind: str, person: Person, *, question: str = "",
    again: Task | None = None,
) -> Task:  # fmt: skip
    """Ask somebody beside a step. again: the earlier step that is to be done again."""
    model = again or parent
    task = Task(
        kind=kind, parent_id=parent.id, case_id=case.id, instance_id=parent.instance_id,
        process_key=model.process_key, package_hash=model.package_hash, element_id=model.element_id, name=model.name,
        act=again.act if again else None, form_key=again.form_key if again else None,
        variables=dict(model.variables), role=again.role if again else None, unit_id=model.unit_id,
        assignee_id=person.id, owner_id=parent.assignee_id, state="claimed", priority=parent.priority,
        due_at=parent.due_at, clock_id=parent.clock_id, created_at=clock.now(), claimed_at=clock.now(),
        question=question, returned=kind == "rework", candidates=[TaskCandidate(person_id=person.id)],
    )  # fmt: skip
    session.add(task)
    session.flush()
    access.admit(session, case, person.id, reason=NAMES[kind][0])
    outbox.send(session, person.id, "subtask_offered", {
        "task": task.id, "name": task.name, "kind": kind, "by": actor.name}, case_id=case.id)  # fmt: skip
    told = events.SubtaskOffered(
        task_id=task.id, parent_id=parent.id, kind=kind, element_id=task.element_id, name=task.name,
        person_id=person.id, person_name=person.name, question=question,
    )  # fmt: skip
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id)
    return task


def answer(session: Session, actor: Actor, task: Task, case: Case, clean: Mapping[str, Any], effect: Effect) -> None:
    """Record the answer of a sub-task, and let the step that waited for it go on.

    Raises Invalid("rework.other_way") for a step done again whose answer leads another way than to that step.
    """
    parent = session.get_one(Task, task.parent_id or "")
    if parent.ended_at is not None:
        raise Stale("task.cancelled", name=task.name)
    rework = task.kind == "rework"
    if rework:
        instance = state.load(session, task.instance_id)
        rework_ways.require_same_way(session, instance, parent, task, effect.variables)
        now = clock.now()
        with advance.naming(instance):
            instance.assign(parent.engine_task_id or "", dict(effect.variables), now)
    task.state, task.ended_at, task.ended_by_id = "completed", clock.now(), actor.person_id
    task.answer = forms.to_json(dict(clean))
    task.version += 1
    drop_drafts(session, task)
    told = events.SubtaskAnswered(
        task_id=task.id, parent_id=parent.id, kind=task.kind, element_id=task.element_id, name=task.name,
        answer=task.answer, variables=dict(effect.variables) if rework else {},
        instance_id=task.instance_id if rework else "",
    )  # fmt: skip
    ledger.append(
        session, advance.stream(case), told, actor=actor, case_id=case.id, happened=now if rework else None
    )  # fmt: skip
    parent.version += 1
    case.version += 1
    session.flush()
    if rework:
        advance.follow(session, case, instance, actor)
        advance.start_siblings(session, case, effect, actor)
    if parent.ended_at is None:
        go_on(session, actor, parent, case)


def remove(session: Session, actor: Actor, case: Case, task: Task, *, reason: str) -> None:
    """Take a sub-task away that nobody has answered, and with it what came with it: reading the case."""
    task.state, task.ended_at = "cancelled", clock.now()
    task.version += 1
    holder = session.get(Person, task.assignee_id or "")
    told = events.SubtaskRemoved(
        task_id=task.id, parent_id=task.parent_id or "", kind=task.kind, element_id=task.element_id, name=task.name,
        person_name=holder.name if holder else "", reason=reason,
    )  # fmt: skip
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id)
    if holder is not None:
        outbox.send(session, holder.id, "subtask_removed", {"name": task.name, "by": actor.name}, case_id=case.id)
        _close(session, case, holder)


def _close(session: Session, case: Case, person: Person) -> None:
    """Let somebody read the case no more who did so because of what he was asked alone."""
    session.flush()
    row = session.get(CaseReader, (case.id, person.id))
    if row is None or row.reason not in {zh for zh, _en in NAMES.values()}:
        return
    kept = copies.has_task(session, case.id, person.id, offered=True) or copies.has_copy(session, case.id, person.id)
    if not kept and not any(one.person_id == person.id for one in parts.taken(session, case)):
        session.delete(row)


def go_on(session: Session, actor: Actor, parent: Task, case: Case) -> None:
    """After an answer: complete the step if its own answer was in and all agreed, or tell its holder."""
    left = live(session, parent)
    if parent.effect is not None and recusals.recused(session, case.id) & {parent.effect["by"], parent.effect["for"]}:
        parent.effect = None  # recorded before steps were given up with it: an answer of theirs counts no more
    if parent.effect is not None and not any(one.kind == "after" for one in left):
        asked = [one for one in of(session, parent) if one.kind == "after" and one.state == "completed"]
        waited_for = parent.effect.get("signers") or [one.id for one in asked]
        signed = [one for one in asked if one.id in waited_for]
        if all(_agrees(one) for one in signed):
            given = parent.effect
            finish(
                session, actor, parent, case, given["answer"], given["variables"], by_id=given["by"],
                for_id=given["for"],
                signed_by=list(dict.fromkeys(one.assignee.name for one in signed if one.assignee is not None)),
            )  # fmt: skip
            return
        parent.effect = None  # somebody did not agree: the holder does the step again
    if parent.assignee_id is not None and not any(one.kind in HOLDING for one in left):
        outbox.send(session, parent.assignee_id, "subtasks_answered", {
            "task": parent.id, "name": parent.name}, case_id=case.id)  # fmt: skip


def hold(
    session: Session, actor: Actor, task: Task, case: Case, answer: dict[str, Any], effect: Effect, for_id: str | None
) -> bool:
    """Keep a step's answer until those who sign after it have signed; False when nobody does.

    Whoever refused the answer before is asked again, without the holder's doing: the step passes with his consent only.
    """
    asked, against = [one for one in live(session, task) if one.kind == "after"], refused(session, task)
    if not asked and not against:
        return False
    task.answer = answer
    task.version += 1
    drop_drafts(session, task)
    told = events.TaskAnswered(
        task_id=task.id, element_id=task.element_id, name=task.name, act=task.act, answer=answer,
        variables=dict(effect.variables),
    )  # fmt: skip
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id)
    again = [
        offer(session, actor, case, task, "after", person, question=question) for person, question in against
    ]  # fmt: skip
    task.effect = {
        "answer": answer, "variables": dict(effect.variables), "by": actor.person_id, "for": for_id,
        "signers": [one.id for one in (*asked, *again)],
    }  # fmt: skip
    for one in asked:  # the others were told just now, when they were asked
        facts = {"task": one.id, "name": task.name}
        outbox.send(session, one.assignee_id or "", "sign_now", facts, case_id=case.id)
    case.version += 1
    return True


def refused(session: Session, task: Task) -> list[tuple[Person, str]]:
    """Those whose last word behind a step is a refusal and who are to be asked again, with what they were asked.

    Nobody who is asked now, who left the bureau, lost the role or took another part, or would sign behind himself.
    """
    asked = {one.assignee_id for one in live(session, task) if one.kind == "after"}
    return [
        (one.assignee, one.question) for one in _last_words(session, task).values()
        if one.assignee is not None and not _agrees(one) and one.assignee_id not in asked
        and _could_sign(session, one.assignee, task)
    ]  # fmt: skip


def require_removable(session: Session, task: Task, parent: Task) -> None:
    """Raise Forbidden("sign.refused") for somebody asked again behind a step because he refused, and who can sign."""
    person = task.assignee
    last = _last_words(session, parent).get(person.id) if person is not None and task.kind == "after" else None
    if person is not None and last is not None and not _agrees(last) and _could_sign(session, person, parent):
        raise Forbidden("sign.refused", name=task.name, person=person.name)


def _last_words(session: Session, parent: Task) -> dict[str, Task]:
    """Person → his last answer behind a step."""
    said = [one for one in of(session, parent) if one.kind == "after" and one.state == "completed"]
    return {one.assignee_id or "": one for one in sorted(said, key=lambda one: one.ended_at or one.created_at)}


def _agrees(one: Task) -> bool:
    return (one.answer or {}).get("agrees") == "yes"


def _could_sign(session: Session, person: Person, parent: Task) -> bool:
    """Whether somebody fits to sign behind a step today."""
    try:
        require_beside(session, person, parent, parent.case)
        signers.require_undone(session, person, parent)
    except Forbidden:
        return False
    return True


def require_turn(session: Session, task: Task) -> None:
    """Raise Forbidden for one who signs after a step whose own answer is not in yet ("task.sign_after"), or who got
    another part in the case, lost the role, or did the step himself, since he was asked ("task.unfit_handles",
    "task.unfit", "sign.own_step").
    """
    if task.parent_id is None:
        return
    parent = session.get_one(Task, task.parent_id)
    if task.kind == "after" and parent.effect is None:
        holder = parent.assignee.name if parent.assignee is not None else ""
        raise Forbidden("task.sign_after", name=task.name, holder=holder)
    if task.kind in SIGNING and task.assignee is not None:
        require_beside(session, task.assignee, parent, parent.case)
        signers.require_undone(session, task.assignee, parent)


def is_step(task: Task) -> bool:
    """Whether the task is a step of the process."""
    return task.kind == STEP


def _people(tasks: list[Task]) -> str:
    return "、".join(dict.fromkeys(task.assignee.name for task in tasks if task.assignee is not None))
