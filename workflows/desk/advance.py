"""From an engine step to task rows, ledger entries and notices: the people's side follows the engine's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger, outbox
from workflows.actors import Actor, Person, holders, subtree
from workflows.calendar import clock, clocks
from workflows.cases import access, recusals
from workflows.cases.acts import ACTS, Effect
from workflows.cases.file import Case
from workflows.desk import places, policies, vacancy
from workflows.desk.candidates import people_for
from workflows.desk.drafts import carry_drafts
from workflows.desk.tasks import REGISTRATION, STEP, Task, TaskCandidate
from workflows.diagrams import library
from workflows.engine import state
from workflows.engine.runtime import Passed, Step
from workflows.engine.state import StoredInstance
from workflows.errors import Incident
from workflows.external.offering import follow as external_tasks
from workflows.ledger import events

LIVE = ("open", "claimed")
LEAD_WITHDRAWN = "lead_withdrawn"
"""Why steps went, where whoever opened the case took it back."""
DOUBLED = "会签名单中重复"
"""Why somebody has a place less in a round, on the record."""


def start(session: Session, case: Case, process_key: str, variables: Mapping[str, Any], actor: Actor) -> StoredInstance:
    """Start an instance of a process for the case, on the packages published now, and offer its first steps.

    Raises Incident ("library.not_told") for a package that nobody published; nothing has begun then.
    """
    given = {**variables, "case_id": case.id}
    now = clock.now()  # on the record too: the ledger's steps, taken again at their moments, lead to the same state
    instance = state.start_instance(session, process_key, given, case_id=case.id, now=now)
    library.require_told(session, instance.pins)
    ledger.append(
        session,
        stream(case),
        events.InstanceStarted(
            instance_id=instance.id,
            process_key=process_key,
            package_hash=instance.definition.hash,
            called=dict(instance.pins),
            variables=given,
        ),
        actor=actor,
        happened=now,
        case_id=case.id,
    )
    follow(session, case, instance, actor, store=False)
    return instance


@contextmanager
def naming(instance: StoredInstance) -> Iterator[None]:
    """Put the instance's id on an incident of the block, so that it can be put on the record afterwards."""
    try:
        yield
    except Incident as incident:
        incident.facts = {**incident.facts, "instance": instance.id}
        raise


def start_siblings(session: Session, case: Case, effect: Effect, actor: Actor) -> None:
    """Start the sibling instances that an act asked for (a criminal referral beside the penalty)."""
    for process_key, variables in effect.starts:
        start(session, case, process_key, variables, actor)


def follow(
    session: Session, case: Case, instance: StoredInstance, actor: Actor, *, store: bool = True, why: str = ""
) -> None:  # fmt: skip
    """Store the instance and bring the task rows in step: new steps are offered, vanished ones cancelled.

    why: what took steps away ("returned", "withdrawn", "terminated"), for the record.
    """
    if store:
        state.save(session, instance)
    waiting = [task for task in _waiting(session, case) if task.instance_id == instance.id]
    rows = {task.engine_task_id: task for task in waiting if task.kind == STEP}
    steps = {step.id: step for step in instance.steps()}
    for engine_task_id, task in rows.items():
        if engine_task_id not in steps:
            cancel(session, case, task, actor, why)
            if why != "terminated":
                _tell_signer(session, case, task, steps.values(), actor)
    gone: set[str] = set()
    for engine_task_id, step in steps.items():
        if engine_task_id not in rows and engine_task_id not in gone:
            task = offer(session, case, instance, step, actor)
            if _one_place_each(session, case, instance, task, step, actor):
                gone = steps.keys() - {one.id for one in instance.steps()}
    if case.suspended_at is not None:  # whatever moves a case that is held up, its timers go on waiting
        state.rest(session, instance.id)
    for task in waiting:  # what was asked beside a step ends with it
        if task.parent is not None and task.parent.ended_at is not None and task.ended_at is None:
            cancel(session, case, task, actor, why)
    external_tasks(session, case.id, instance)
    if instance.finished:
        ledger.append(
            session,
            stream(case),
            events.InstanceEnded(
                instance_id=instance.id,
                process_key=instance.definition.key,
                outcome=why if why in ("terminated", LEAD_WITHDRAWN) else "completed",
                variables={k: v for k, v in instance.variables.items() if k != "case_id"},
            ),
            actor=actor,
            case_id=case.id,
        )
    show_clocks(session, case)


def offer(session: Session, case: Case, instance: StoredInstance, step: Step, actor: Actor) -> Task:
    """Make a task of a step: one fitting person gets it, several may claim it, with none the administrator is told."""
    people, instead = people_of(session, case, instance, step)
    element = step.element
    task = Task(
        case_id=case.id,
        instance_id=instance.id,
        engine_task_id=step.id,
        process_key=step.process_key,
        package_hash=step.package_hash,
        element_id=element.id,
        name=element.name,
        act=element.properties.get("act"),
        form_key=step.form_key,
        variables=dict(step.variables),
        role=",".join(step.candidate_groups) or None,
        unit_id=case.unit_id if "case_officer" in step.candidate_groups else case.bureau_id,
        bureau_id=case.bureau_id,
        case_unit_id=case.unit_id,
        opener_id=case.opened_by_id,
        assignee_id=people[0].id if len(people) == 1 else None,
        state="claimed" if len(people) == 1 else "open",
        priority=step.priority,
        due_at=step.due,
        created_at=clock.now(),
        candidates=[TaskCandidate(person_id=person.id) for person in people],
    )
    session.add(task)
    session.flush()
    carry_drafts(session, task, [person.id for person in people])
    tell(session, case, task, people, instead)
    ledger.append(
        session,
        stream(case),
        events.TaskOffered(
            task_id=task.id,
            instance_id=instance.id,
            element_id=task.element_id,
            name=task.name,
            act=task.act,
            assignee_id=task.assignee_id,
            candidate_ids=[person.id for person in people],
            role=task.role,
            due_at=task.due_at,
            nobody=instead,
        ),
        actor=actor,
        case_id=case.id,
    )
    return task


def tell(session: Session, case: Case, task: Task, people: Collection[Person], instead: str) -> None:
    """Let those to whom a step is offered read the case, and tell them; where nobody fits, those who are to see to it.

    instead: the role to which it is offered because nobody fits, "" where it is not.
    """
    access.admit_all(session, case, [person.id for person in people], reason=task.name)
    for person in people:
        outbox.send(session, person.id, "task_offered", {"task": task.id, "name": task.name}, case_id=case.id)
    if not people:
        vacancy.tell(session, task)
    elif instead:
        for admin in holders(session, "sys_admin", subtree(session, case.bureau_id)):
            facts = {"name": task.name, "title": case.title, "people": "、".join(person.name for person in people)}
            outbox.send(session, admin.id, "task_handed_up", facts, case_id=case.id)


def people_of(session: Session, case: Case, instance: StoredInstance, step: Step) -> tuple[list[Person], str]:
    """Who may do a step; and the role to which it is offered instead because nobody fits, "" where it is not."""
    said = policies.of_step(session, step)
    out = policies.left_out(session, case, said, instance, instance.id, step)
    named = [step.assignee] if step.assignee else list(step.candidate_users)
    if named:
        rows = session.execute(select(Person).where(Person.id.in_(named), Person.disabled_at.is_(None))).scalars()
        gone = recusals.recused(session, case.id)
        return [person for person in rows if person.id not in out and person.id not in gone], ""
    act = step.element.properties.get("act")
    people = [person for person in people_for(session, case, step.candidate_groups, act) if person.id not in out]
    instead = policies.FALLBACK.get(said.nobody, "")
    if people or not instead:
        return people, ""
    heads = [person for person in people_for(session, case, [instead]) if person.id not in out]
    return heads, instead if heads else ""


def _one_place_each(
    session: Session, case: Case, instance: StoredInstance, task: Task, step: Step, actor: Actor
) -> bool:
    """Whoever stands twice in the list of a round that begins signs once, in his first place; the record says so.

    Whether anybody did.
    """
    doubled = places.doubled(instance, step)
    for index, person_id in doubled.items():
        now, person = clock.now(), session.get(Person, person_id)
        with naming(instance):
            instance.remove_signer(step.id, index, now)
        told = events.RoundChanged(
            task_id=task.id, instance_id=instance.id, element_id=task.element_id, name=task.name, person_id=person_id,
            person_name=person.name if person is not None else "", index=index, reason=DOUBLED,
            passed=passed(instance.trace),
        )  # fmt: skip
        ledger.append(session, stream(case), told, actor=actor, case_id=case.id, happened=now)
        state.save(session, instance)
    return bool(doubled)


def cancel(session: Session, case: Case, task: Task, actor: Actor, why: str) -> None:
    """End a task that nobody is to do any more. why: for the record."""
    task.state = "cancelled"
    task.ended_at = clock.now()
    task.version += 1
    ledger.append(
        session,
        stream(case),
        events.TaskCancelled(task_id=task.id, element_id=task.element_id, name=task.name, reason=why),
        actor=actor,
        case_id=case.id,
    )


def _tell_signer(session: Session, case: Case, task: Task, steps: Collection[Step], actor: Actor) -> None:
    """Tell who was asked to sign in a round that is over, or was returned, that his signature is not needed any more.

    steps: those that wait now; while others of the round do, whoever took this one out of it tells.
    """
    goes_on = any((one.element.id, one.process_key) == (task.element_id, task.process_key) for one in steps)
    asked = None if task.assignee_id == actor.person_id or task.act == "vote" or goes_on else task.assignee_id
    if asked is not None and places.is_round(session, task):
        outbox.send(session, asked, "signature_not_needed", {"name": task.name, "by": actor.name}, case_id=case.id)


def show_clocks(session: Session, case: Case) -> None:
    """Put the due date of the statutory clock on every live task whose act runs under one.

    So does a lead that was taken back to be corrected: the time for filing goes on while it is (行政处罚法 54).
    """
    session.flush()
    # Several clocks of one rule may run, one a party: the task shows the one that ends first.
    first = {one.rule: one for one in reversed(clocks.running(session, case.id))}
    for task in _waiting(session, case):
        act = ACTS.get("filing" if task.kind == REGISTRATION else task.act or "")
        running = first.get(act.clock) if act and act.clock else None
        if running is not None:
            task.clock_id = running.id
            task.due_at = None if running.suspended else running.due_at  # nobody knows when it will end


def _waiting(session: Session, case: Case) -> list[Task]:
    """The live tasks of a case: one place in an index, however long its history is."""
    return list(session.execute(select(Task).where(Task.case_id == case.id, Task.ended_at.is_(None))).scalars())


def passed(trace: list[Passed]) -> list[dict[str, Any]]:
    """The engine's trace as the ledger keeps it."""
    return [{"element_id": p.element_id, "kind": p.kind, "name": p.name, "inputs": dict(p.inputs)} for p in trace]


def stream(case: Case) -> str:
    """The case's stream in the ledger."""
    return f"case:{case.id}"
