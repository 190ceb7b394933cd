"""Rounds of signers (会签): whether a step is one of a round, and who has a place in it. Nobody signs twice in one
round, for whomever.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflows.actors import Person
from workflows.desk.tasks import STEP, Task
from workflows.engine import packages, state
from workflows.engine.runtime import Instance, Step
from workflows.errors import Invalid, Problem, Stale


def is_round(session: Session, task: Task) -> bool:
    """Whether the task is one signer's step of a round."""
    node = packages.definition(session, task.package_hash).nodes.get(task.element_id)
    return task.kind == STEP and node is not None and node.multi is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """How the round of a step ends. counts: what of ("all", "any" or "share" have to agree), "until" a condition of the
    process holds, "" where nothing is counted and everybody signs. needed: how many of `total` must agree; 0 where
    nothing is counted.
    """

    counts: str
    sequential: bool
    needed: int
    total: int


def rule(session: Session, task: Task) -> Rule | None:
    """The rule of the round of a step that waits; None where it is none."""
    node = packages.definition(session, task.package_hash).nodes.get(task.element_id)
    multi = node.multi if node is not None and task.kind == STEP else None
    if multi is None:
        return None
    signing = multi.signing
    if signing is None:
        return Rule("until" if multi.condition is not None else "", multi.sequential, 0, 0)
    counts = "any" if signing.share is None else "all" if signing.share == 1 else "share"
    total = _total(session, task)
    return Rule(counts, multi.sequential, signing.needed(total), total)


def _total(session: Session, task: Task) -> int:
    """How many are in the round of a step now, those who have signed too."""
    steps = state.load(session, task.instance_id, lock=False).steps()
    return next((int(one.variables.get("nrOfInstances", 0)) for one in steps if one.id == task.engine_task_id), 0)


def number(task: Task) -> int | None:
    """The number of a step among those of its round; None for any other."""
    return task.variables.get("loopCounter") if task.kind == STEP else None


def left(session: Session, task: Task) -> dict[int, Person]:
    """Number → person of those who have not signed in the round of a step, in their order; empty where it is none.

    Whoever was given somebody's place holds it in their stead.
    """
    return _left(session, task, state.load(session, task.instance_id, lock=False))


def added(session: Session, task: Task) -> frozenset[int]:
    """The numbers of those who were added to the round of a step (加签); of none other may a signer be taken away."""
    try:
        return state.load(session, task.instance_id, lock=False).added(task.engine_task_id or "")
    except Stale:
        return frozenset()


def _left(session: Session, task: Task, instance: Instance) -> dict[int, Person]:
    try:
        items = instance.signers(task.engine_task_id or "")
    except Stale:
        return {}
    found: dict[int, Person | None] = {
        index: session.get(Person, item) if isinstance(item, str) else None for index, item in items.items()
    }
    for one in (*session.execute(_others(task).where(Task.ended_at.is_(None))).scalars(), task):
        index = number(one)
        if index in found and one.assignee is not None:
            found[index] = one.owner or one.assignee
    return {index: person for index, person in sorted(found.items()) if person is not None}


def _others(task: Task) -> Select[Task]:
    return select(Task).where(
        Task.instance_id == task.instance_id, Task.element_id == task.element_id, Task.process_key == task.process_key,
        Task.kind == STEP, Task.id != task.id,
    )  # fmt: skip


def give(session: Session, task: Task, instance: Instance, person_id: str) -> bool:
    """Let a place of a round in sequence be that of who holds its step, which comes again when he has put somebody
    before himself. Whether the round named another for it, who had given it to him (转办); the step says his then.
    """
    multi = packages.definition(session, task.package_hash).nodes[task.element_id].multi
    item = instance.signers(task.engine_task_id or "").get(number(task) or 0)
    if multi is None or not multi.sequential or multi.element_variable is None or item == person_id:
        return False
    task.variables = {**task.variables, multi.element_variable: person_id}  # what he typed finds the place again
    return True


def doubled(instance: Instance, step: Step) -> dict[int, str]:
    """Number → person of the places that somebody who has an earlier one got in a round that begins with a step, the
    last first; nothing for any other step.
    """
    if not step.multi or step.variables.get("loopCounter") != 0 or step.assignee is None:
        return {}
    left, known, found = instance.signers(step.id), set[str](), dict[int, str]()
    if step.assignee not in left.values():  # no round of people: one person works on several things
        return {}
    for index, item in sorted(left.items()):
        if isinstance(item, str) and item in known:
            found[index] = item
        elif isinstance(item, str):
            known.add(item)
    return dict(reversed(found.items()))


def taken(session: Session, task: Task) -> set[str]:
    """Ids of those who signed, sign, will sign or may claim to sign in the round of a step, beside the step itself.

    None where it is no round.
    """
    if not is_round(session, task):
        return set()
    instance, mine = state.load(session, task.instance_id, lock=False), number(task)
    found = {person.id for index, person in _left(session, task, instance).items() if index != mine}
    live = _others(task).where(Task.ended_at.is_(None), Task.assignee_id.is_(None))
    found |= {one.person_id for open_ in session.execute(live).scalars() for one in open_.candidates}
    return found | _signed(session, task, instance)


def signed(session: Session, task: Task) -> set[str]:
    """Ids of those who have signed in the round of a step, for themselves or through somebody; none where it is no
    round.
    """
    if not is_round(session, task):
        return set()
    return _signed(session, task, state.load(session, task.instance_id, lock=False))


def _signed(session: Session, task: Task, instance: Instance) -> set[str]:
    # The round's own are the latest: each instance that is done left one completed task.
    step = next((one for one in instance.steps() if one.id == task.engine_task_id), None)
    count = step.variables.get("nrOfCompletedInstances", 0) if step is not None else 0
    done = _others(task).where(Task.state == "completed").order_by(Task.ended_at.desc()).limit(int(count))
    rows = session.execute(done).scalars()
    return {person for one in rows for person in (one.ended_by_id, one.ended_for_id) if person}


def require_none(session: Session, task: Task, person: Person) -> None:
    """Raise Invalid("sign.signed_already", "sign.asked_already") for somebody who has a place in the step's round."""
    if person.id in taken(session, task):
        code = "sign.signed_already" if person.id in signed(session, task) else "sign.asked_already"
        raise Invalid(code, [Problem(code, "person", facts={"name": person.name})], name=person.name)
