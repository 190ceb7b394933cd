"""External tasks follow the engine: one row for each that waits, ended when the process has moved past it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.calendar import clock
from workflows.engine.definition import Definition
from workflows.engine.runtime import External
from workflows.engine.state import StoredInstance
from workflows.external.tables import ExternalTask

OUTPUTS = "outputs"
"""The camunda:property of a step that names the variables its worker may write, separated by commas."""
NEVER = frozenset({"case_id"})
"""Variables that tell which case it is; no worker writes them, whatever a diagram says."""


def follow(session: Session, case_id: str, instance: StoredInstance) -> None:
    """Bring the rows in step with an instance that was just saved; called under the lock of its case."""
    if not any(_has_external(each) for each in (instance.definition, *instance.run.called.values())):
        return  # most processes: no question to the database at each of their steps
    waiting = {task.id: task for task in instance.external()}
    rows = _open_rows(session, instance.id)
    for task_id, row in rows.items():
        if task_id not in waiting:
            end(row, "withdrawn")
    for task_id, task in waiting.items():
        if task_id not in rows:
            session.add(_row(case_id, instance, task))


def end(row: ExternalTask, outcome: str) -> None:
    """Note that a task waits no longer. outcome: completed, error or withdrawn."""
    row.ended_at, row.outcome, row.locked_until = clock.now(), outcome, None


def declared(properties: Mapping[str, str]) -> list[str]:
    """The variables that a step's worker may write."""
    names = (name.strip() for name in properties.get(OUTPUTS, "").split(","))
    return [name for name in dict.fromkeys(names) if name and name not in NEVER]


def _has_external(definition: Definition) -> bool:
    return any(element.kind in ("serviceTask", "sendTask") for element in definition.elements.values())


def _open_rows(session: Session, instance_id: str) -> dict[str, ExternalTask]:
    wanted = select(ExternalTask).where(ExternalTask.instance_id == instance_id, ExternalTask.ended_at.is_(None))
    return {row.id: row for row in session.execute(wanted).scalars()}


def _row(case_id: str, instance: StoredInstance, task: External) -> ExternalTask:
    return ExternalTask(
        id=task.id, instance_id=instance.id, case_id=case_id, topic=task.topic, process_key=task.process_key,
        package_hash=instance.pins[task.process_key], element_id=task.element.id, name=task.element.name,
        outputs=declared(task.element.properties), created_at=clock.now(),
    )  # fmt: skip
