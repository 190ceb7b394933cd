"""One action on several rows of a list. Each row is a command of its own, with its own unit of work, key and result.

Only what needs no thought about the single case stands in the table: who takes it, who gives it back, what was read.
Never an opinion, a vote or a decision: each of those is one person's act on one case (行政处罚法 57, 58).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.desk import commands, copies, receipts
from workflows.desk.execute import execute
from workflows.errors import FashenError, Invalid
from workflows.store import Store

MOST = 100
"""Rows of one go."""

Deed = Callable[[Session, Actor, str, int], object]
"""What is done to one row: (session, actor, id of the row, its version when it was ticked)."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """An action that a list offers for several rows at once. lists: which of them offer it."""

    zh: str
    en: str
    lists: frozenset[str]
    do: Deed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row. error: why nothing was done to it; None when it was done."""

    row_id: str
    error: FashenError | None = None


def _claim(session: Session, actor: Actor, task_id: str, seen: int) -> object:
    return commands.claim_task(session, actor, task_id, seen=seen)


def _release(session: Session, actor: Actor, task_id: str, seen: int) -> object:
    return commands.release_task(session, actor, task_id, seen=seen)


def _acknowledge(session: Session, actor: Actor, copy_id: str, _seen: int) -> object:
    return copies.acknowledge_copy(session, actor, copy_id)


_MINE = frozenset({"soon", "overdue", "returned"})

BULK: dict[str, Bulk] = {
    "claim": Bulk("认领", "Claim", _MINE | {"claimable"}, _claim),
    "release": Bulk("退回待认领", "Give back", _MINE | {"todo"}, _release),
    "acknowledge": Bulk("阅知", "Mark as read", frozenset({"copied"}), _acknowledge),
}
"""The closed table of actions on several rows."""


def offered_on(which: str) -> dict[str, Bulk]:
    """The actions that a list offers."""
    return {name: bulk for name, bulk in BULK.items() if which in bulk.lists}


def run(store: Store, actor: Actor, name: str, rows: Sequence[tuple[str, int]], *, key: str) -> list[Outcome]:
    """Do it to every row, one after the other; a refused row stops none of the others.

    rows: (id, version seen), each once; key: of the whole, from which each row's own is made, so that sending it twice
    does nothing twice. Raises Invalid for an unknown action, for no rows and for more than MOST.
    """
    if name not in BULK:
        raise Invalid("desk.bulk_unknown")
    if not rows:
        raise Invalid("desk.bulk_nothing")
    if len(rows) > MOST:
        raise Invalid("desk.bulk_too_many", most=MOST)
    return [_one(store, actor, name, row_id, seen, key) for row_id, seen in dict(rows).items()]


def _one(store: Store, actor: Actor, name: str, row_id: str, seen: int, key: str) -> Outcome:
    try:
        execute(store, do_to_row, actor, name, row_id, seen=seen, key=row_key(key, row_id))
    except FashenError as error:
        return Outcome(row_id, error)
    return Outcome(row_id)


def do_to_row(session: Session, actor: Actor, name: str, row_id: str, *, seen: int, key: str) -> bool:
    """Do it to one row, once under a key; gives back whether it was done now. Raises what the single command raises."""
    arguments = {"row": row_id}
    if receipts.replay(session, actor, key, f"bulk_{name}", arguments) is not None:
        return False
    BULK[name].do(session, actor, row_id, seen)
    receipts.keep(session, actor, key, f"bulk_{name}", arguments, {})
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
