"""The journal of rows: whatever a unit of work writes into the tables of a case is told to the ledger with it.

The entries that people read ("opinion given", "task completed") say what happened; they do not say every column. So
that the state of every case can be compared with its ledger, column by column, each unit of work appends one more
entry to the stream "rows:<id of the case or meeting>": the rows it wrote. Nobody calls this and nobody can forget it:
it hangs on SQLAlchemy's flush and commit. `workflows.fold` reads it again.

Statements that write the same tables past the objects (UPDATE … WHERE) would not be seen, and are refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, SessionTransaction, UOWTransaction
from sqlalchemy.orm.state import InstanceState

from workflows.actors import SYSTEM
from workflows.ledger.append import actor_of, append
from workflows.ledger.canonical import digest, text
from workflows.ledger.events import RowsWritten
from workflows.store import Base

CASE, MEETING = "case", "meeting"

KEPT: Mapping[str, tuple[str, str]] = {
    "case_file": ("id", CASE),
    "case_officer": ("case_id", CASE),
    "case_reader": ("case_id", CASE),
    "case_copy": ("case_id", CASE),
    "case_recusal": ("case_id", CASE),
    "party": ("case_id", CASE),
    "case_matter": ("case_id", CASE),
    "draft": ("case_id", CASE),
    "draft_penalty": ("draft_id", "draft"),
    "material": ("case_id", CASE),
    "opinion": ("case_id", CASE),
    "finding": ("opinion_id", "opinion"),
    "notice": ("case_id", CASE),
    "hearing": ("case_id", CASE),
    "seizure": ("case_id", CASE),
    "on_site_act": ("case_id", CASE),
    "referral": ("case_id", CASE),
    "decision": ("case_id", CASE),
    "document": ("case_id", CASE),
    "clock": ("case_id", CASE),
    "task": ("case_id", CASE),
    "task_candidate": ("task_id", "task"),
    "remark": ("case_id", CASE),
    "page_note": ("case_id", CASE),
    "repair": ("case_id", CASE),
    "meeting": ("id", MEETING),
    "meeting_member": ("meeting_id", MEETING),
    "agenda_item": ("meeting_id", MEETING),
    "vote": ("item_id", "agenda_item"),
}
"""Table → the column that leads to its case or meeting, and where it leads: there at once, or to a row of a table."""

COPIED: Mapping[str, tuple[str, str, frozenset[str]]] = {
    "task": ("task_candidate", "task_id", frozenset({"state", "due_at", "returned"})),
}
"""Table → (the table whose rows carry copies of some of its columns, by which column they refer to it, which columns of
it are copied). The models keep such copies by a statement of their own (`cases.tasks`)."""

LONGEST = 2_000
"""Characters of a value's canonical form that the journal repeats; of a longer one it keeps the hash. What such texts
say (a decision, an opinion, a document) stands in the entries that people read."""

_PENDING, _SAVEPOINTS = "ledger.journal", "ledger.journal.savepoints"


@dataclass(slots=True)
class _Change:
    """What became of one row in a unit of work. of: the table of `row`, where that is the row it was copied from."""

    row: Any
    columns: dict[str, Any]
    gone: bool = False
    of: str = ""


def stream_of(root_id: str) -> str:
    """The stream of a case's or a meeting's rows."""
    return f"rows:{root_id}"


def written(value: Any) -> Any:
    """A column's value as the journal has it: plain JSON, of a long one {sha256, length}.

    Raises Invalid("ledger.not_json") for what no column holds.
    """
    form = text(value)
    if len(form) > LONGEST:
        return {"sha256": digest("sha256", form.encode("utf-8")), "length": len(form)}
    return json.loads(form)


@event.listens_for(Session, "after_flush")
def _note_rows(session: Session, _flush: UOWTransaction) -> None:
    """Note what was just written; objects still know what was new and what changed."""
    pending: dict[tuple[str, tuple[Any, ...]], _Change] = session.info.setdefault(_PENDING, {})
    for row in session.new:
        _note(pending, row, whole=True)
    for row in session.dirty:
        _note(pending, row, whole=False)
    for row in session.deleted:
        _note(pending, row, whole=False, gone=True)


def _note(
    pending: dict[tuple[str, tuple[Any, ...]], _Change], row: Any, *, whole: bool, gone: bool = False
) -> None:  # fmt: skip
    mapper: Mapper[Any] = inspect(row).mapper
    table = mapper.local_table.name  # type: ignore[attr-defined]
    if table not in KEPT:
        return
    columns = {} if gone else _columns(mapper, inspect(row), whole=whole)
    if not columns and not gone:
        return
    key = (table, tuple(mapper.primary_key_from_instance(row)))
    earlier = pending.get(key)
    known = {} if earlier is None or gone else earlier.columns
    pending[key] = _Change(row, {**known, **columns}, gone)


def _columns(mapper: Mapper[Any], state: InstanceState[Any], *, whole: bool) -> dict[str, Any]:
    """Column → value: all of a new row, the changed ones of an old row."""
    return {
        attribute.columns[0].name: written(state.dict.get(attribute.key))
        for attribute in mapper.column_attrs
        if whole or state.attrs[attribute.key].history.has_changes()
    }


@event.listens_for(Session, "before_commit")
def _tell_rows(session: Session) -> None:
    """Append what was written, in the transaction that wrote it, once for each case and meeting."""
    if session.in_nested_transaction():
        return
    session.flush()
    pending: dict[tuple[str, tuple[Any, ...]], _Change] = session.info.pop(_PENDING, {})
    _add_copies(session, pending)
    told: dict[str, list[dict[str, Any]]] = {}
    # The session's own order is that of addresses in memory; the same command writes the same entry, whenever it runs.
    for (table, key), change in sorted(pending.items(), key=lambda one: (one[0][0], str(one[0][1]))):
        entry: dict[str, Any] = {"table": table, "key": list(key)}
        entry.update({"gone": True} if change.gone else {"columns": change.columns})
        told.setdefault(_root(session, change.of or table, change.row), []).append(entry)
    for root_id in sorted(told):  # everybody locks the streams of rows last and in this order
        append(session, stream_of(root_id), RowsWritten(rows=told[root_id]), actor=actor_of(session) or SYSTEM)


def _add_copies(session: Session, pending: dict[tuple[str, tuple[Any, ...]], _Change]) -> None:
    """Read what the tables' own rules wrote beside the objects: they carry columns of one row over into others."""
    for table, (copies, column, watched) in COPIED.items():
        moved = {
            key[0]: change.row for (name, key), change in pending.items()
            if name == table and not change.gone and watched & change.columns.keys()
        }  # fmt: skip
        if not moved:
            continue
        kept = Base.metadata.tables[copies]
        wanted = select(kept).where(kept.c[column].in_(moved)).order_by(*kept.primary_key.columns)
        for row in session.execute(wanted).mappings():
            key = (copies, tuple(row[one.name] for one in kept.primary_key.columns))
            columns = {name: written(value) for name, value in row.items()}
            pending[key] = _Change(moved[row[column]], columns, of=table)


def _root(session: Session, table: str, row: Any) -> str:
    """The id of the case or meeting that a row belongs to."""
    column, leads_to = KEPT[table]
    if leads_to in (CASE, MEETING):
        return str(getattr(row, column))
    parent_class = next(mapper.class_ for mapper in row.registry.mappers if mapper.local_table.name == leads_to)
    return _root(session, leads_to, session.get_one(parent_class, getattr(row, column)))


@event.listens_for(Session, "after_transaction_create")
def _mark_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(_SAVEPOINTS, {})[transaction] = dict(session.info.get(_PENDING, {}))


@event.listens_for(Session, "after_soft_rollback")
def _forget_rows(session: Session, transaction: SessionTransaction) -> None:
    """What was taken back is not told: back to the savepoint, or to nothing."""
    if transaction.nested:
        session.info[_PENDING] = session.info.get(_SAVEPOINTS, {}).pop(transaction, {})
    else:
        session.info.pop(_PENDING, None)
        session.info.pop(_SAVEPOINTS, None)


@event.listens_for(Session, "do_orm_execute")
def _refuse_statements(execution: ORMExecuteState) -> None:
    """A statement that writes kept tables past the objects would leave the ledger behind."""
    if execution.is_update or execution.is_delete or execution.is_insert:
        table = getattr(getattr(execution.statement, "table", None), "name", None)
        if table in KEPT:
            raise TypeError(f"{table}: rows of a case are written as objects, so that the ledger tells of them")
