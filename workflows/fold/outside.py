"""The rows in which external tasks wait, compared with the diagram and with what the ledger tells of them.

Which variables a program outside may write, of which topic a task is and whether it waits decides what a machine gets
to see and to change. None of that is the row's to say: the diagram declares it, the replay knows what waits, and every
end and failure stands in the ledger. Who holds a task until when is no fact of a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from sqlalchemy.orm import Session

from workflows.engine.definition import Definition
from workflows.engine.runtime import External
from workflows.external.offering import declared
from workflows.fold import rows
from workflows.fold.difference import NOTHING, Difference
from workflows.ledger import Entry
from workflows.ledger.journal import written
from workflows.models import metadata

TABLE = "external_task"


class Pinned(Protocol):
    """What an instance runs on. called: process key → definition; versions: hash → whatever it has run on."""

    called: Mapping[str, Definition]
    versions: dict[str, Definition]


def compare(
    session: Session, of: tuple[str, str], pinned: Pinned, waiting: Mapping[str, External], entries: Iterable[Entry],
) -> Iterator[Difference]:  # fmt: skip
    """The differences of one instance's rows. of: ids of case and instance; waiting: engine task id → what waits there.

    pinned: what it runs on and ran on; entries: the story of the case.
    """
    case_id, instance_id = of
    told = _told(instance_id, entries)
    table = metadata.tables[TABLE]
    kept = {key[0]: row for key, row in rows.read(session, table, table.c.instance_id == instance_id).items()}
    for task_id in sorted({*kept, *waiting, *told}):
        row, task, said = kept.get(task_id), waiting.get(task_id), told.get(task_id, {})
        if row is None:
            yield Difference(case_id, TABLE, task_id, None, _expected(task, said) or said, NOTHING)
            continue
        if task is None and "outcome" not in said:
            said = {**said, "outcome": "withdrawn"}
        expected = {"case_id": case_id, **_drawn(row, pinned, waits=task is not None), **_expected(task, said)}
        for column, value in sorted(expected.items()):
            if row.get(column, NOTHING) != value:
                yield Difference(case_id, TABLE, task_id, column, value, row.get(column, NOTHING))
        if task is None and row["ended_at"] is None:
            cause = ("流程已不再等待此任务", "the process does not wait for it any more")
            yield Difference(case_id, TABLE, task_id, "ended_at", NOTHING, None, cause)


def _told(instance_id: str, entries: Iterable[Entry]) -> dict[str, dict[str, Any]]:
    """Task id → columns that the ledger tells; of failures the last one counts."""
    told: dict[str, dict[str, Any]] = {}
    for entry in entries:
        data = entry.data
        if not entry.event.startswith("ExternalTask") or data["instance_id"] != instance_id:
            continue
        row = told.setdefault(data["external_id"], {"element_id": data["element_id"], "name": data["name"]})
        if entry.event == "ExternalTaskCompleted":
            row["outcome"] = "error" if data["error"] else "completed"
        else:
            row["retries"] = data["retries"]
            if entry.event == "ExternalTaskFailed":
                row["error"] = written(data["message"])
    return told


def _expected(task: External | None, said: Mapping[str, Any]) -> dict[str, Any]:
    """What a row must say: of a task that waits what the replay knows, of any what the ledger tells."""
    if task is None:
        return {"retries": None, "error": "", "locked_until": None, **said}
    return {
        "retries": None, "error": "", **said, "ended_at": None, "outcome": None, "process_key": task.process_key,
        "element_id": task.element.id,
    }  # fmt: skip


def _drawn(row: Mapping[str, Any], pinned: Pinned, *, waits: bool) -> dict[str, Any]:
    """What the diagram says of the element that a row names: of what waits the present one, else one it ran on."""
    definition = pinned.called.get(str(row["process_key"]))
    if not waits and str(row["package_hash"]) in pinned.versions:
        definition = pinned.versions[str(row["package_hash"])]
        if definition.key != row["process_key"]:
            return {"process_key": definition.key}
    node = definition.nodes.get(str(row["element_id"])) if definition else None
    if definition is None or node is None or node.topic is None:
        return {"element_id": NOTHING}
    return {
        "package_hash": definition.hash, "topic": node.topic, "name": node.element.name,
        "outputs": declared(node.element.properties),
    }  # fmt: skip
