"""What a process wants where the law leaves a choice: when nobody fits a step, when the case's own opener fits it, when
the same person did the step before, when two steps are to be done by two people.

Policies are data of the package (`process.yaml`) and can only narrow who is offered a step, or widen it to one head who
is told of it. The separation of duties of the law stands in `candidates` and knows no policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Person
from workflows.cases.file import Case
from workflows.desk import signers
from workflows.desk.tasks import STEP, Task
from workflows.diagrams import description, library
from workflows.diagrams.description import Policies
from workflows.engine import packages, state
from workflows.engine.elements import Drawn
from workflows.engine.runtime import Instance, Step
from workflows.errors import FashenError, Forbidden

FALLBACK: Mapping[str, str] = {"unit_head": "handling_unit_head", "bureau_head": "bureau_head"}
"""What `nobody` says → the role to which the step is offered. It stays a step that a person must do."""


def of(session: Session, task: Task) -> Policies:
    """The policies of a task's step."""
    return description.policies(library.definition(session, task.package_hash).package, task.element_id)


def of_step(session: Session, step: Step) -> Policies:
    """The policies of a step that is not a task yet."""
    return description.policies(library.definition(session, step.package_hash).package, step.element.id)


def left_out(session: Session, case: Case, said: Policies, instance: Instance, instance_id: str, step: Step
             ) -> set[str]:  # fmt: skip
    """Ids of those for whom a step is not, that is offered now."""
    return {
        *_excluded(session, case, said, instance, instance_id, step.id),
        *_apart(session, said, instance, instance_id, step.process_key),
    }


def require(session: Session, person: Person, task: Task, case: Case) -> None:
    """Raise Forbidden("task.opener_excluded", "task.twice_excluded", "task.apart_excluded") for somebody whom the
    process leaves out.
    """
    require_apart(session, person, task)
    if task.kind != STEP or task.engine_task_id is None:
        return
    said = of(session, task)
    if (said.opener, said.twice) == ("keep", "keep"):
        return
    instance = state.load(session, task.instance_id, lock=False)
    reason = _excluded(session, case, said, instance, task.instance_id, task.engine_task_id).get(person.id)
    if reason is not None:
        raise Forbidden(reason, name=person.name, task=task.name)


def require_apart(session: Session, person: Person, task: Task) -> None:
    """Raise Forbidden("task.apart_excluded") for somebody who did, holds or signed a step from which the process keeps
    this one apart.
    """
    if (why := why_not(session, person.id, person.name, task)) is not None:
        raise why


def why_not(session: Session, person_id: str, name: str, task: Task) -> Forbidden | None:
    """What somebody of that name is told for whom a task is not, since it is kept apart from one of theirs."""
    other = together(session, task).get(person_id)
    return Forbidden("task.apart_excluded", name=name, task=task.name, other=other) if other is not None else None


def together(session: Session, task: Task) -> dict[str, str]:
    """Person id → name of the step because of which a task is not for them, of those that are kept apart from it."""
    if task.kind != STEP or task.engine_task_id is None or not (said := of(session, task)).apart:
        return {}
    instance = state.load(session, task.instance_id, lock=False)
    return _apart(session, said, instance, task.instance_id, task.process_key)


def _excluded(
    session: Session, case: Case, said: Policies, instance: Instance, instance_id: str, step_id: str
) -> dict[str, str]:
    """Person id → the code of the reason why the step is not for the opener, or for who did the one before."""
    found: dict[str, str] = {}
    if said.twice == "exclude":
        found = dict.fromkeys(_did_before(session, instance, instance_id, step_id), "task.twice_excluded")
    if said.opener == "exclude":
        found[case.opened_by_id] = "task.opener_excluded"
    return found


def _apart(session: Session, said: Policies, instance: Instance, instance_id: str, process_key: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for element_id in sorted(said.apart):
        for task in _last_run(session, instance, instance_id, process_key, element_id):
            signed, did = signers.signers(session, task), signers.doers(session, task)
            found |= {one: task.name for one in (*signed, *did, task.ended_by_id, task.ended_for_id) if one}
    return found


def _last_run(
    session: Session, instance: Instance, instance_id: str, process_key: str, element_id: str
) -> Sequence[Task]:
    """The tasks of a step that wait; while it is not under way, the one that was completed last; of a round (会签), all
    that were.
    """
    of_step = select(Task).where(Task.instance_id == instance_id, Task.process_key == process_key,
                                 Task.element_id == element_id, Task.kind == STEP)  # fmt: skip
    waiting = session.execute(of_step.where(Task.ended_at.is_(None))).scalars().all()
    if waiting or any((one.process_key, one.element.id) == (process_key, element_id) for one in instance.steps()):
        return waiting
    done = session.execute(of_step.where(Task.state == "completed").order_by(Task.ended_at.desc())).scalars().all()
    node = packages.definition(session, done[0].package_hash).nodes.get(element_id) if done else None
    return done if node is not None and node.multi is not None else done[:1]


def _did_before(session: Session, instance: Instance, instance_id: str, step_id: str) -> set[str]:
    """Ids of those who did, signed or answer for the step from which the process came to this one; behind a join, for
    the last of each branch.
    """
    try:
        earlier, step = instance.earlier(step_id), instance.step(step_id)
    except FashenError:
        return set()
    order: dict[str, int] = {}
    for number, one in enumerate(earlier):
        if one.process_key == step.process_key:
            order.setdefault(one.element.id, number)
    near = _before(packages.definition(session, step.package_hash).nodes, step.element.id, order, set())
    found = set[str]()
    for one in [earlier[order[id]] for id in sorted(near)] or earlier[:1]:
        wanted = (
            select(Task)
            .where(Task.instance_id == instance_id, Task.element_id == one.element.id, Task.state == "completed",
                   Task.kind == STEP, Task.process_key == one.process_key)
            .order_by(Task.ended_at.desc()).limit(1)
        )  # fmt: skip
        for task in session.execute(wanted).scalars():
            found |= {id for id in (task.ended_by_id, task.ended_for_id, *signers.signers(session, task)) if id}
    return found


def _before(nodes: Mapping[str, Drawn], element: str, order: Mapping[str, int], seen: set[str]) -> set[str]:
    """The steps done last on the ways that lead to an element: of all ways where they are joined, else of the one on
    which something was done last. order: element → how many steps ago it was done.
    """
    node, ways = nodes[element], []
    for source in (*(flow.source for flow in node.flows_in), *([node.attached_to] if node.attached_to else [])):
        if source in order:
            ways.append({source})
        elif source not in seen:
            seen.add(source)
            ways.append(_before(nodes, source, order, seen))
    ways = [way for way in ways if way]
    if node.element.kind in ("parallelGateway", "inclusiveGateway"):
        return set().union(*ways)
    return min(ways, key=lambda way: min(order[one] for one in way), default=set())
