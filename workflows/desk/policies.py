"""What a process wants where the law leaves a choice: when nobody fits a step, when the case's own opener fits it, when
the same person did the step before.

Policies are data of the package (`process.yaml`) and can only narrow who is offered a step, or widen it to one head who
is told of it. The separation of duties of the law stands in `candidates` and knows no policy.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Person
from workflows.cases.file import Case
from workflows.desk.tasks import STEP, Task
from workflows.diagrams import description, library
from workflows.diagrams.description import Policies
from workflows.engine import state
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


def left_out(session: Session, case: Case, said: Policies, instance: Instance, instance_id: str, step_id: str
             ) -> dict[str, str]:  # fmt: skip
    """Person id → the code of the reason why the step is not for them."""
    found = {}
    if said.twice == "exclude" and (before := _did_before(session, instance, instance_id, step_id)):
        found[before] = "task.twice_excluded"
    if said.opener == "exclude":
        found[case.opened_by_id] = "task.opener_excluded"
    return found


def require(session: Session, person: Person, task: Task, case: Case) -> None:
    """Raise Forbidden("task.opener_excluded", "task.twice_excluded") for somebody whom the process leaves out."""
    if task.kind != STEP or task.engine_task_id is None:
        return
    said = of(session, task)
    if (said.opener, said.twice) == ("keep", "keep"):
        return
    instance = state.load(session, task.instance_id, lock=False)
    reason = left_out(session, case, said, instance, task.instance_id, task.engine_task_id).get(person.id)
    if reason is not None:
        raise Forbidden(reason, name=person.name, task=task.name)


def _did_before(session: Session, instance: Instance, instance_id: str, step_id: str) -> str | None:
    """Who did the step from which the process came to this one."""
    try:
        nearest = next(iter(instance.earlier(step_id)), None)
    except FashenError:
        return None
    if nearest is None:
        return None
    wanted = (
        select(Task.ended_by_id)
        .where(Task.instance_id == instance_id, Task.element_id == nearest.element.id, Task.state == "completed",
               Task.kind == STEP, Task.process_key == nearest.process_key)
        .order_by(Task.ended_at.desc()).limit(1)
    )  # fmt: skip
    return session.execute(wanted).scalar_one_or_none()
