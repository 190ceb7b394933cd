"""After the kills: what the clients were told, against what the database and the ledger say."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.durability.people import Receipts
from workflows import ledger
from workflows.cases.file import Case
from workflows.desk.tasks import Receipt, Task
from workflows.engine import state
from workflows.ledger.entries import EntryRow
from workflows.store import Store

LIVE = ("open", "claimed")


@dataclass
class Findings:
    """What is wrong; every list is empty when nothing was lost, doubled or half-written."""

    completed: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    half_written: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether the promise was kept."""
        return not (self.lost or self.doubled or self.half_written)


def audit(store: Store, receipts: Receipts) -> Findings:
    """Compare. Every task that was completed at all was completed by our clients."""
    found = Findings()
    with store.read() as session:
        told = Counter(receipts.done.values())
        entries = Counter(
            json.loads(data)["task_id"]
            for data in session.scalars(select(EntryRow.data).where(EntryRow.event == "TaskCompleted"))
        )
        ended = {task.id: task for task in session.scalars(select(Task).where(Task.state == "completed"))}
        kept = {row.key: row.outcome["task_id"] for row in session.scalars(
            select(Receipt).where(Receipt.command == "complete_task"))}  # fmt: skip
        found.completed = len(ended)
        _steps(found, told, entries, set(ended))
        _receipts(found, receipts, kept, set(ended))
        _instances(found, session)
        found.half_written += [f"ledger: {fault}" for fault in ledger.verify(session)]
        found.half_written += _database(session)
    return found


def _steps(found: Findings, told: Counter[str], entries: Counter[str], ended: set[str]) -> None:
    found.lost += [f"task {task}: told to a client, unknown to the database" for task in told if task not in ended]
    found.lost += [f"task {task}: completed, and not in the ledger" for task in ended if not entries[task]]
    found.doubled += [f"task {task}: {count} clients were told" for task, count in told.items() if count > 1]
    found.doubled += [f"task {task}: {count} ledger entries" for task, count in entries.items() if count > 1]
    found.half_written += [f"task {task}: in the ledger, and not completed" for task in entries if task not in ended]
    # Every client saw its form through, so a completed task of which nobody was told was done by nobody's hand.
    found.doubled += [f"task {task}: completed, and no client was told" for task in ended if task not in told]


def _receipts(found: Findings, receipts: Receipts, kept: dict[str, str], ended: set[str]) -> None:
    for key, task in receipts.done.items():
        if kept.get(key) != task:
            found.half_written.append(f"key {key}: the client was told of {task}, the receipt says {kept.get(key)}")
    found.half_written += [f"key {key}: receipt of a task not completed" for key, t in kept.items() if t not in ended]
    found.doubled += [f"key {key}: refused to the client, and yet kept" for key in receipts.refused if key in kept]


def _instances(found: Findings, session: Session) -> None:
    """The engine's ready steps and the desk's live tasks are the same things, one to one, in every case."""
    for case in session.scalars(select(Case)):
        tasks = session.scalars(select(Task).where(Task.case_id == case.id)).all()
        live = {task.engine_task_id for task in tasks if task.state in LIVE}
        instances = [state.load(session, instance, lock=False) for instance in {task.instance_id for task in tasks}]
        ready = {step.id for instance in instances for step in instance.steps()}
        if live != ready:
            found.half_written.append(f"case {case.id}: tasks {sorted(live)}, engine {sorted(ready)}")
        if not live:
            found.lost.append(f"case {case.id}: nobody has anything to do in it")


def _database(session: Session) -> list[str]:
    """What SQLite itself finds wrong with its file; PostgreSQL checks foreign keys whenever they change."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    wrong = [row for row in session.scalars(text("PRAGMA integrity_check")) if row != "ok"]
    return [*map(str, wrong), *(str(tuple(row)) for row in session.execute(text("PRAGMA foreign_key_check")))]
