"""The suspended processes, compared with what the ledger of the bureau tells of them.

Who may write this table without an entry could stop the bureau's work, or let the cases of a wrong diagram go on: which
steps may be done now, and which timers fire, is asked of it alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import true
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.fold import rows
from workflows.fold.difference import Difference
from workflows.ledger.journal import written
from workflows.models import metadata

TABLE = "process_suspension"


def compare(session: Session) -> Iterator[Difference]:
    """Every column of every suspension that is not as the ledger tells, and every row that only one side has."""
    told = _told(session)
    found = rows.read(session, metadata.tables[TABLE], true())
    yield from rows.compare("", {TABLE: told}, {TABLE: found})


def _told(session: Session) -> dict[rows.Key, dict[str, object]]:
    """The rows as they were begun, and ended where they were."""
    told: dict[rows.Key, dict[str, object]] = {}
    for entry in ledger.of_event(session, "bureau", "ProcessSuspended"):
        data, id = entry.data, entry.data["suspension_id"]
        told[(id,)] = {
            "id": id, "process_key": data["key"], "package_hash": data["package_hash"], "holds": data["holds"],
            "reason": data["reason"], "by_id": entry.actor_id, "at": written(entry.happened_at),
            "ended_by_id": None, "ended_at": None, "ended_reason": "",
        }  # fmt: skip
    for entry in ledger.of_event(session, "bureau", "ProcessResumed"):
        told.setdefault((entry.data["suspension_id"],), {}).update(
            ended_by_id=entry.actor_id, ended_at=written(entry.happened_at), ended_reason=entry.data["reason"]
        )
    return told
