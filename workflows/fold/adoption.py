"""Cases from before the ledger told of rows: taken over as they stand, once, at the upgrade."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import SYSTEM
from workflows.fold import rows
from workflows.fold.lines import add_lines, shorten_lines
from workflows.ledger.entries import HeadRow
from workflows.ledger.events import RowsWritten
from workflows.ledger.journal import stream_of


def take_over(session: Session) -> int:
    """Tell the ledger the rows of every case and meeting that it knows and has no rows of; how many there were.

    Only those with a stream of their own are taken over: rows that somebody slipped in past the commands are not made
    true by an upgrade. A later upgrade that adds columns tells them for all rows of the cases it finds. Tokens from
    before tokens knew the steps behind them learn them, and those that remember more than a step leaves them today
    are shortened (`lines`).
    """
    known = set(session.execute(select(HeadRow.stream)).scalars())
    taken = 0
    for root_id, kind in sorted(rows.roots(session).items()):
        if f"{kind}:{root_id}" not in known:
            continue
        found = rows.stored(session, root_id)
        told = rows.fold(ledger.history(session, stream_of(root_id)))
        new = stream_of(root_id) not in known
        missing = [
            {"table": table, "key": list(key), "columns": columns}
            for table, of in found.items() for key, row in of.items()
            if (columns := row if new else _untold(told[table].get(key), row))
        ]  # fmt: skip
        if missing:
            event = RowsWritten(rows=missing, taken_over=True)
            ledger.append(session, stream_of(root_id), event, actor=SYSTEM)
            taken += 1
    add_lines(session)
    shorten_lines(session)
    return taken


def _untold(told: dict[str, object] | None, row: dict[str, object]) -> dict[str, object]:
    """Columns of a known row that no entry ever told: the upgrade added them."""
    return {} if told is None else {name: value for name, value in row.items() if name not in told}
