"""One action on several rows of a list. Each row is a command of its own, with its own unit of work, key and result.

Only what needs no thought about the single case stands in the table: who takes it, who gives it back or hands it on,
who is reminded, what was read.
Never an opinion, a vote or a decision: each of those is one person's act on one case (行政处罚法 57, 58).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.desk import commands, copies, receipts
from workflows.desk.execute import execute
from workflows.desk.operators import handing
from workflows.errors import FashenError, Invalid
from workflows.store import Store

MOST = 100
"""Rows of one go."""

@dataclass(frozen=True, slots=True)
class Row:
    """One ticked row. seen: its version when it was ticked; given: what was said for all rows; key: of this row."""

    id: str
    seen: int
    given: Mapping[str, str]
    key: str


Deed = Callable[[Session, Actor, Row], object]
"""What is done to one row."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """An action on several rows of a list. lists: which of them offer it; asks: what it must be told."""

    zh: str
    en: str
    lists: frozenset[str]
    do: Deed
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row. error: why nothing was done to it; None when it was done."""

    row_id: str
    error: FashenError | None = None


def _claim(session: Session, actor: Actor, row: Row) -> object:
    return commands.claim_task(session, actor, row.id, seen=row.seen)


def _release(session: Session, actor: Actor, row: Row) -> object:
    return commands.release_task(session, actor, row.id, seen=row.seen)


def _acknowledge(session: Session, actor: Actor, row: Row) -> object:
    return copies.acknowledge_copy(session, actor, row.id)


def _reassign(session: Session, actor: Actor, row: Row) -> object:
    to, reason = row.given.get("to", ""), row.given.get("reason", "")
    return handing.reassign_task(session, actor, row.id, to, reason=reason, seen=row.seen, key=row_key(row.key, "own"))


def _urge(session: Session, actor: Actor, row: Row) -> object:
    return handing.urge_task(session, actor, row.id, note="", key=row_key(row.key, "own"))


_MINE = frozenset({"soon", "overdue", "returned"})

BULK: dict[str, Bulk] = {
    "claim": Bulk("认领", "Claim", _MINE | {"claimable"}, _claim),
    "release": Bulk("退回待认领", "Give back", _MINE | {"todo"}, _release),
    "acknowledge": Bulk("阅知", "Mark as read", frozenset({"copied"}), _acknowledge),
    "urge": Bulk("催办", "Remind", frozenset({"started", "unit"}), _urge),
    "reassign": Bulk("转办", "Reassign", _MINE | {"todo", "unit"}, _reassign, asks=("to", "reason")),
}
"""The closed table of actions on several rows."""


def offered_on(which: str) -> dict[str, Bulk]:
    """The actions that a list offers."""
    return {name: bulk for name, bulk in BULK.items() if which in bulk.lists}


def run(
    store: Store, actor: Actor, name: str, rows: Sequence[tuple[str, int]], *, key: str,
    given: Mapping[str, str] | None = None,
) -> list[Outcome]:  # fmt: skip
    """Do it to every row, one after the other; a refused row stops none of the others.

    rows: (id, version seen), each once; given: what the action asks for (`Bulk.asks`), the same for all; key: of the
    whole, from which each row's own is made, so that sending it twice does nothing twice. Raises Invalid for an unknown
    action, for no rows and for more than MOST.
    """
    if name not in BULK:
        raise Invalid("desk.bulk_unknown")
    if not rows:
        raise Invalid("desk.bulk_nothing")
    if len(rows) > MOST:
        raise Invalid("desk.bulk_too_many", most=MOST)
    told = {field: (given or {}).get(field, "") for field in BULK[name].asks}
    return [
        _one(store, actor, name, Row(row_id, seen, told, row_key(key, row_id))) for row_id, seen in dict(rows).items()
    ]


def _one(store: Store, actor: Actor, name: str, row: Row) -> Outcome:
    try:
        execute(store, do_to_row, actor, name, row)
    except FashenError as error:
        return Outcome(row.id, error)
    return Outcome(row.id)


def do_to_row(session: Session, actor: Actor, name: str, row: Row) -> bool:
    """Do it to one row, once under its key; whether it was done now. Raises what the single command raises."""
    arguments = {"row": row.id, **row.given}
    if receipts.replay(session, actor, row.key, f"bulk_{name}", arguments) is not None:
        return False
    BULK[name].do(session, actor, row)
    receipts.keep(session, actor, row.key, f"bulk_{name}", arguments, {})
    return True


def row_key(key: str, row_id: str) -> str:
    """The idempotency key of one row within the whole."""
    return hashlib.sha256(f"{key}:{row_id}".encode()).hexdigest()


def read_rows(texts: Collection[str]) -> list[tuple[str, int]]:
    """Rows from a form: "id:version". What is not of this shape is passed over."""
    found = []
    for text in texts:
        row_id, _, seen = text.partition(":")
        if row_id and seen.isdecimal() and len(seen) < 10:
            found.append((row_id, int(seen)))
    return found
