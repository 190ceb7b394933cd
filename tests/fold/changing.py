"""What an attacker with the database may do to a case: one column of one row becomes something else, by raw SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    Row,
    Table,
    TypeDecorator,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from workflows.fold import Difference, verify_state
from workflows.fold.verification import EXCEPTED_COLUMNS, EXCEPTED_TABLES
from workflows.models import metadata
from workflows.store import Store

FOLDED = sorted(set(metadata.tables) - set(EXCEPTED_TABLES))
"""Every table whose rows must be what the ledger says."""
UNPLAYED = frozenset({
    "case_copy", "case_recusal", "engine_scope", "engine_task", "page_note", "referral", "remark", "repair",
})  # fmt: skip
"""Those in which the played case has no row at its end: one that stands there was slipped in."""


@contextmanager
def attacked(store: Store) -> Iterator[Connection]:
    """The database without its foreign keys; whatever is done is taken back at the end."""
    with store.engine.connect() as connection:
        if store.dialect == "sqlite":
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin() as transaction:
            if store.dialect == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
            transaction.rollback()


def differences(connection: Connection) -> list[Difference]:
    """What the auditor's check says of the database as the attacker left it."""
    with Session(connection, join_transaction_mode="rollback_only", autoflush=False) as session:
        return list(verify_state(session))


def targets() -> list[Column[Any]]:
    """Every column of every folded table, but for the excepted ones."""
    return [
        column
        for name in FOLDED
        for column in metadata.tables[name].columns
        if (name, column.name) not in EXCEPTED_COLUMNS
    ]


def rows_of(connection: Connection, table: Table) -> list[Row[Any]]:
    """The primary keys of a table's rows."""
    keys = list(table.primary_key.columns)
    return list(connection.execute(select(*keys).order_by(*keys)).all())


def change(connection: Connection, column: Column[Any], key: Row[Any]) -> None:
    """Give one column of one row another value that its type allows."""
    here = [one == value for one, value in zip(column.table.primary_key.columns, key, strict=True)]
    before = connection.execute(select(column).where(*here)).scalar_one()
    connection.execute(update(column.table).where(*here).values({column.name: another(column, before)}))


def remove(connection: Connection, table: Table, key: Row[Any]) -> None:
    """Take one row away."""
    here = [one == value for one, value in zip(table.primary_key.columns, key, strict=True)]
    connection.execute(delete(table).where(*here))


def slip_in(connection: Connection, table: Table) -> None:
    """Put a row into a table, of the case that was played and its instance."""
    case_id, instance_id = (connection.execute(text(f"SELECT min(id) FROM {one}")).scalar_one()  # noqa: S608 (two names)
                            for one in ("case_file", "engine_instance"))  # fmt: skip
    known = {"case_id": case_id, "instance_id": instance_id}
    connection.execute(insert(table).values({
        column.name: known.get(column.name) or another(column, None) for column in table.columns
    }))  # fmt: skip


def filled(connection: Connection) -> set[str]:
    """The names of the tables that have rows."""
    return {name for name in FOLDED if rows_of(connection, metadata.tables[name])}


def another(column: Column[Any], before: Any) -> Any:
    """Another value of a column's type."""
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, Boolean):
        return not before
    if isinstance(kind, (Integer, BigInteger)):
        return (before or 0) + 1_000
    if isinstance(kind, DateTime):
        assert before is None or isinstance(before, datetime)
        return (before or datetime.fromisoformat("2020-01-01T00:00:00+00:00")) + timedelta(seconds=1)
    if isinstance(kind, Date):
        return (before or date(2020, 1, 1)) + timedelta(days=1)
    if kind.python_type is dict:  # JSON
        return {"forged": True}
    return "forged" if (getattr(kind, "length", None) or 99) >= 6 else "x"


def named(found: list[Difference], column: Column[Any]) -> bool:
    """Whether the check names the place: the column, or the row when its key was changed."""
    return any(
        one.table == column.table.name and (one.column in (column.name, None) or column.primary_key) for one in found
    )
