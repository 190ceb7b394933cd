"""Signing together: adding signers before, beside and after a step or in a round (加签), taking them away (减签), and
asking somebody for advice without moving responsibility (征询).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk import advance, copies, places, receipts, signers, texts
from workflows.desk.candidates import (
    in_office,
    note_hand,
    require_beside,
    require_candidate,
    require_fit,
    require_not_recused,
)
from workflows.desk.locking import locked_task, require_current
from workflows.desk.offering import require_offered
from workflows.desk.operators import halting, handing, returning, subtasks
from workflows.desk.tasks import Task
from workflows.engine import state
from workflows.errors import Forbidden, Invalid, NotFound, Problem
from workflows.ledger import events

MOST = 20
"""Who can be asked beside one step at a time."""
OPERATOR = {"before": "add_signer", "beside": "add_signer", "after": "add_signer", "advice": "ask"}


def ask(
    session: Session, actor: Actor, task_id: str, person_id: str, *, kind: str, question: str, seen: int, key: str
) -> str:
    """Ask somebody beside a step that one holds; gives back the id of the task asked.

    kind: before, beside, after (signers) or advice. Raises NotFound, Stale, Forbidden ("task.not_yours",
    "task.operator_not_offered", "task.unfit", "task.unfit_handles", "task.unfit_office", "sign.own_step"), Invalid
    ("sign.*").
    """
    task, case = locked_task(session, actor, task_id)
    arguments = {"task": task_id, "person": person_id, "kind": kind, "question": question}
    if (earlier := receipts.replay(session, actor, key, "ask", arguments)) is not None:
        return str(earlier["task"])
    require_current(session, task, seen)
    halting.require_running(case)
    if kind not in OPERATOR:
        raise Invalid("sign.kind", [Problem("sign.kind", "kind")])
    require_offered(session, task, OPERATOR[kind])
    if kind in subtasks.SIGNING and places.is_round(session, task):  # who signs with others joins their round
        raise Forbidden("task.operator_not_offered", name=task.name)
    require_fit(session, actor, task, case)
    if task.assignee_id != actor.person_id:
        raise Forbidden("task.not_yours", name=task.name)
    if task.owner_id is not None or (task.effect is not None and kind != "advice"):
        subtasks.require_free(session, task)
    if kind == "after" and not returning.waits_for_signers(task.act):
        raise Invalid("sign.not_after", [Problem("sign.not_after", "kind")], name=task.name)
    person = _asked(session, actor, task, case, person_id, kind)
    question = texts.question(question, needed=kind == "advice")
    if kind in subtasks.SIGNING:
        note_hand(session, task, case, person)
    made = subtasks.offer(session, actor, case, task, kind, person, question=question)
    task.version += 1
    case.version += 1
    receipts.keep(session, actor, key, "ask", arguments, {"task": made.id})
    return made.id


def unask(session: Session, actor: Actor, task_id: str, *, reason: str, key: str) -> Task:
    """Take back what was asked of somebody who has not answered: by who asked, who holds the step now, or the heads
    where nobody can do it any more.

    Whoever signs behind the step (后加签) is taken away with a reason only; who refused the answer before, not at all.
    Raises NotFound, Stale when it was answered, Forbidden ("task.not_yours", "sign.refused"), Invalid
    ("case.reason_missing", "case.reason_long").
    """
    task, case = locked_task(session, actor, task_id)
    if receipts.replay(session, actor, key, "unask", {"task": task_id, "reason": reason}) is not None:
        return task
    require_current(session, task, task.version)
    halting.require_running(case)  # a step that waited for it only would be completed
    parent = session.get(Task, task.parent_id or "")
    if parent is None:  # a step, or the lead: nobody asked for it beside another
        raise Forbidden("task.not_yours", name=task.name)
    if not handing.takes_back(session, actor, task, parent):
        raise Forbidden("task.not_yours", name=task.name)
    subtasks.require_removable(session, task, parent)
    told = texts.reason(reason, needed=task.kind == "after")
    subtasks.remove(session, actor, case, task, reason=told)
    parent.version += 1
    case.version += 1
    session.flush()
    subtasks.go_on(session, actor, parent, case)
    receipts.keep(session, actor, key, "unask", {"task": task_id, "reason": reason}, {})
    return task


def add_signer(
    session: Session, actor: Actor, task_id: str, person_id: str, *, before: bool, reason: str, seen: int, key: str
) -> None:
    """One signer more in the round (会签) in which one signs: beside the others; in a sequence next, or now (`before`).

    A place that was given to the actor (转办) stays his behind whom he puts before himself. Raises NotFound, Stale
    ("engine.no_round" where the step is no round), Forbidden, Invalid.
    """
    task, case = locked_task(session, actor, task_id)
    arguments = {"task": task_id, "person": person_id, "before": before, "reason": reason}
    if receipts.replay(session, actor, key, "add_signer", arguments) is not None:
        return
    _require_mine(session, actor, task, case, seen, "add_signer")
    reason = texts.reason(reason, needed=False)
    person, instance, now = _person(session, actor, person_id), state.load(session, task.instance_id), clock.now()
    _require_signer(session, task, case, instance, person)
    note_hand(session, task, case, person)
    given = before and places.give(session, task, instance, actor.person_id)
    with advance.naming(instance):
        instance.add_signer(
            task.engine_task_id or "", person.id, now, before=before, holder=actor.person_id if given else None
        )
    told = events.RoundChanged(
        task_id=task.id, instance_id=task.instance_id, element_id=task.element_id, name=task.name, person_id=person.id,
        person_name=person.name, before=before, noted=True, reason=reason, passed=advance.passed(instance.trace),
        holder_id=actor.person_id if given else "", holder_name=actor.name if given else "",
    )  # fmt: skip
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id, happened=now)
    advance.follow(session, case, instance, actor)
    case.version += 1
    receipts.keep(session, actor, key, "add_signer", arguments, {})


def remove_signer(
    session: Session, actor: Actor, task_id: str, index: int, *, reason: str, seen: int, key: str
) -> None:
    """One signer less in the round in which one signs, by number: one who was added to it and has not signed.

    Whom the process named signs, whatever the others think of it. Raises NotFound, Stale ("engine.no_round",
    "engine.no_instance"), Forbidden (also "sign.named"), Invalid without a reason.
    """
    task, case = locked_task(session, actor, task_id)
    arguments = {"task": task_id, "index": index, "reason": reason}
    if receipts.replay(session, actor, key, "remove_signer", arguments) is not None:
        return
    _require_mine(session, actor, task, case, seen, "remove_signer")
    reason = texts.reason(reason)
    instance, now = state.load(session, task.instance_id), clock.now()
    person = places.left(session, task).get(index)
    if index == places.number(task):
        raise Invalid("task.to_oneself", [Problem("task.to_oneself", "person")])
    if person is not None and index not in places.added(session, task):
        raise Forbidden("sign.named", name=task.name, person=person.name)
    with advance.naming(instance):
        instance.remove_signer(task.engine_task_id or "", index, now)
    told = events.RoundChanged(
        task_id=task.id, instance_id=task.instance_id, element_id=task.element_id, name=task.name,
        person_id=person.id if person else "", person_name=person.name if person else "",
        index=index, reason=reason, passed=advance.passed(instance.trace),
    )  # fmt: skip
    ledger.append(session, advance.stream(case), told, actor=actor, case_id=case.id, happened=now)
    advance.follow(session, case, instance, actor)
    if person is not None:
        outbox.send(session, person.id, "subtask_removed", {"name": task.name, "by": actor.name}, case_id=case.id)
    case.version += 1
    receipts.keep(session, actor, key, "remove_signer", arguments, {})


def _require_mine(session: Session, actor: Actor, task: Task, case: Case, seen: int, operator: str) -> None:
    require_current(session, task, seen)
    halting.require_running(case)
    require_offered(session, task, operator)
    require_fit(session, actor, task, case)
    if task.assignee_id != actor.person_id:
        raise Forbidden("task.not_yours", name=task.name)
    if task.owner_id is not None:
        subtasks.require_free(session, task)


def _asked(session: Session, actor: Actor, task: Task, case: Case, person_id: str, kind: str) -> Person:
    """Who is asked: somebody of the bureau who acts in cases, and is not asked already; a signer holds the step's role
    and has no other part in the case, nor did any of the step.

    Nobody signs a step twice, before and beside it, say; advice is no signature.
    """
    person = _person(session, actor, person_id)
    require_not_recused(session, person, task, case)
    if person_id in in_office(session):
        raise Forbidden("task.unfit_office", name=person.name, task=task.name)
    signs = kind in subtasks.SIGNING
    if signs:
        require_beside(session, person, task, case)
        signers.require_undone(session, person, task)
    elif person_id not in {one.id for one, _post in copies.readers(session, actor, case)}:
        raise Forbidden("task.unfit", name=person.name, task=task.name, roles=[])
    left = subtasks.live(session, task)
    if any(one.assignee_id == person_id and (one.kind in subtasks.SIGNING) == signs for one in left):
        raise _already(person)
    if len(left) >= MOST:
        raise Invalid("sign.too_many", [Problem("sign.too_many", "person", facts={"most": MOST})], most=MOST)
    return person


def _require_signer(
    session: Session, task: Task, case: Case, instance: state.StoredInstance, person: Person
) -> None:  # fmt: skip
    """Whether somebody may join the round: it is one of people, he fits the step, and has no place in it."""
    left = instance.signers(task.engine_task_id or "")
    step = instance.step(task.engine_task_id or "")
    if step.assignee is None or step.assignee not in left.values():
        raise Invalid("sign.no_people", [Problem("sign.no_people", "person")], name=task.name)
    places.require_none(session, task, person)
    require_candidate(session, person, task, case)
    if person.id == task.assignee_id:
        raise _already(person)


def _person(session: Session, actor: Actor, person_id: str) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound("person.unknown", person=person_id)
    if person_id == actor.person_id:
        raise Invalid("task.to_oneself", [Problem("task.to_oneself", "person")])
    return person


def _already(person: Person) -> Invalid:
    problem = Problem("sign.asked_already", "person", facts={"name": person.name})
    return Invalid("sign.asked_already", [problem], name=person.name)
