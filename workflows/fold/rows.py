"""The rows of a case or meeting as its ledger tells them, compared with the tables, column by column.

The fold is the same for every noun: an entry of the journal sets columns or ends a row. What a table is called and
where its rows belong stands in `ledger.journal.KEPT`; no column is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, cast, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from workflows.errors import Invalid
from workflows.fold.difference import NOTHING, Difference
from workflows.ledger import Entry
from workflows.ledger.journal import CASE, KEPT, MEETING, written
from workflows.models import metadata

TABLES = tuple(name for name in KEPT if name in metadata.tables)
"""The folded tables, parents before what hangs on them."""

Key = tuple[Any, ...]
State = dict[str, dict[Key, dict[str, Any]]]
"""table → key → column → value, as the ledger writes values."""


def fold(entries: Iterable[Entry]) -> State:
    """What the journal of one case or meeting comes to. entries: its stream, in order."""
    state: State = {table: {} for table in KEPT}
    for entry in entries:
        for told in entry.data.get("rows", ()):
            rows, key = state.setdefault(told["table"], {}), tuple(told["key"])
            if told.get("gone"):
                rows.pop(key, None)
            else:
                rows.setdefault(key, {}).update(told["columns"])
    return state


def stored(session: Session, root_id: str) -> State:
    """The same from the tables. A value that its column can't hold stands as {unreadable: text}."""
    return {name: read(session, metadata.tables[name], _belongs(name, root_id)) for name in TABLES}


def compare(root_id: str, told: State, found: State) -> Iterator[Difference]:
    """Every column in which the two differ, and every row that one side lacks."""
    for table in sorted({*told, *found}):
        left, right = told.get(table, {}), found.get(table, {})
        for key in sorted({*left, *right}, key=str):
            shown = "/".join(str(part) for part in key)
            if key not in left or key not in right:
                yield Difference(
                    root_id, table, shown, None, left.get(key, NOTHING), right.get(key, NOTHING)
                )  # fmt: skip
                continue
            for column in sorted({*left[key], *right[key]}):
                a, b = left[key].get(column, NOTHING), right[key].get(column, NOTHING)
                if a is NOTHING or b is NOTHING or not _same(a, b):
                    yield Difference(root_id, table, shown, column, a, b)


def roots(session: Session) -> dict[str, str]:
    """Every case and meeting in the tables: id → "case" or "meeting"."""
    tables = {CASE: metadata.tables["case_file"], MEETING: metadata.tables["meeting"]}
    return {
        root_id: kind for kind, table in tables.items()
        for root_id in session.execute(select(table.c.id).order_by(table.c.id)).scalars()
    }  # fmt: skip


def counts(session: Session) -> dict[str, int]:
    """How many rows each kept table has: more than its cases have means rows that belong nowhere."""
    return {
        name: session.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
        for name in TABLES
    }  # fmt: skip


def _same(a: Any, b: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_same(one, other) for one, other in zip(a, b, strict=True))
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _belongs(name: str, root_id: str) -> ColumnElement[bool]:
    column, leads_to = KEPT[name]
    own = metadata.tables[name].c[column]
    if leads_to in (CASE, MEETING):
        return own == root_id
    parent = metadata.tables[leads_to]
    return own.in_(select(parent.c.id).where(_belongs(leads_to, root_id)))


def read(session: Session, table: Table, wanted: ColumnElement[bool]) -> dict[Key, dict[str, Any]]:
    """The wanted rows of any table by their keys, values as the ledger writes them; unreadable ones as in `stored`."""
    try:
        found = [dict(row) for row in session.execute(select(table).where(wanted)).mappings()]
        return {_key(table, row): {name: written(value) for name, value in row.items()} for row in found}
    except (ValueError, TypeError, LookupError, Invalid, SQLAlchemyError):
        return _rows_with_care(session, table, wanted)


def _rows_with_care(session: Session, table: Table, wanted: ColumnElement[bool]) -> dict[Key, dict[str, Any]]:
    """Row by row and column by column, for a table in which something can't be read."""
    rows: dict[Key, dict[str, Any]] = {}
    keys = list(table.primary_key.columns)
    for key in session.execute(select(*keys).where(wanted)):
        here = [column == value for column, value in zip(keys, key, strict=True)]
        rows[tuple(key)] = {column.name: _value(session, column, here) for column in table.columns}
    return rows


def _value(session: Session, column: Any, here: list[ColumnElement[bool]]) -> Any:
    try:
        return written(session.execute(select(column).where(*here)).scalar_one())
    except (ValueError, TypeError, LookupError, Invalid, SQLAlchemyError):
        raw = session.execute(select(cast(column, Text)).where(*here)).scalar_one()
        return {"unreadable": str(raw)}


def _key(table: Table, row: Mapping[str, Any]) -> Key:
    return tuple(row[column.name] for column in table.primary_key.columns)
