"""What a unit of work wrote into the tables of a case or a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RowsWritten:
    """The rows that one unit of work wrote, as the database has them now.

    rows: [{table, key: [values of the primary key], columns: {name: value}}], with every column of a new row and the
    changed ones of an old row, or [{table, key, gone: true}]. A long value stands as {sha256, length}
    (`journal.written`). taken_over: the rows were there before the ledger told of rows (`fold.take_over`).
    """

    rows: list[dict[str, Any]]
    taken_over: bool = False
