"""Moves to other versions, driven anew: from the ledger alone, and only those that somebody else approved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflows import ledger
from workflows.engine import snapshots
from workflows.ledger import Entry

if TYPE_CHECKING:
    from workflows.fold.position import Replayed


def _migrated(session: Session, one: Replayed, entry: Entry) -> None:
    """On by other versions; what it was is kept, for an undoing."""
    data = entry.data
    if not _approved(session, data):
        one.stopped(entry, f"第 {entry.seq} 条的迁移没有经他人批准的记载",
                    f"entry {entry.seq} moves a case though no approval of it stands in the ledger")
        return
    one.before[data["migration_id"]] = (snapshots.snapshot(one.instance), one.pins)
    called = one.on(session, data["pins"])
    elements = {data["process_key"]: data["elements"]}
    forgotten = [(key, element) for key, element in data["forgotten"]]
    one.moves(entry, lambda now: one.become(one.instance.migrate(called, elements, now, forgotten), data["pins"]))


def _approved(session: Session, data: Mapping[str, Any]) -> bool:
    """Whether somebody else than who asked approved what the entry of a move tells."""
    same = ("migration_id", "elements")
    return any(
        entry.actor_id not in (None, data["asked_by_id"]) and all(entry.data[name] == data[name] for name in same)
        and (entry.data["source_hash"], entry.data["target_hash"]) == (data["from_hash"], data["to_hash"])
        for entry in ledger.of_event(session, "bureau", "MigrationApproved")
    )  # fmt: skip


def _put_back(session: Session, one: Replayed, entry: Entry) -> None:
    taken, pins = one.before.pop(entry.data["migration_id"], (None, {}))
    if taken is None or pins != entry.data["pins"]:
        one.stopped(entry, f"第 {entry.seq} 条撤销的迁移，账本没有记载",
                    f"entry {entry.seq} undoes a move that the ledger does not tell")
        return
    called = one.on(session, pins)
    one.moves(entry, lambda _now: one.become(
        snapshots.restored(taken, called, snapshots.tokens(one.instance)), pins))


EVENTS: Mapping[str, Callable[[Session, Replayed, Entry], None]] = {
    "InstanceMigrated": _migrated, "InstanceMigrationUndone": _put_back,
}
"""Events that put an instance on other versions of its processes."""
