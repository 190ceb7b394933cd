"""A whole database as text that a person can read and compare: one line for a row, sorted, nothing of a driver in it.

    table task ["id","case_id", …]
    ["0a…","3f…", …]

Written and read by the tables as the database itself tells them, never by the models: a dump outlives the code. Moments
are ISO 8601 in UTC, days ISO 8601; a JSON column holds its JSON, and `{"$json": null}` where it holds JSON's null.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Date, DateTime, LargeBinary, MetaData, Table, insert, null, select, type_coerce
from sqlalchemy import cast as as_type
from sqlalchemy import text as sql
from sqlalchemy.engine import Connection
from sqlalchemy.types import Text, TypeEngine

from workflows.store import Store

Rows = list[dict[str, Any]]
Dump = dict[str, Rows]
"""Table → its rows, sorted, each column → a value of JSON."""

COMPRESSED_ABOVE = 300_000
"""Bytes of text; larger dumps are kept compressed."""
_REVISION = "alembic_version"
_NULL = {"$json": None}


def take(store: Store) -> Dump:
    """Everything in the database but its revision."""
    dump: Dump = {}
    with store.engine.connect() as connection:
        for table in _tables(connection):
            columns = [
                as_type(type_coerce(column, Text), Text).label(column.name) if isinstance(column.type, JSON) else column
                for column in table.columns
            ]
            rows = [
                {column.name: _plain(column.type, row[column.name]) for column in table.columns}
                for row in connection.execute(select(*columns)).mappings()
            ]
            dump[table.name] = sorted(rows, key=lambda row: json.dumps(list(row.values()), ensure_ascii=False))
    return dump


def put(store: Store, dump: Mapping[str, Rows]) -> None:
    """Write the rows into the database, as they are, in place of whatever its tables of those names hold.

    The triggers that guard the ledger and the references rest meanwhile; afterwards they stand as before.
    Raises KeyError for a table that the database does not have.
    """
    with store.engine.connect() as connection, _unguarded(connection):
        tables = {table.name: table for table in _tables(connection)}
        for name, rows in dump.items():
            table = tables[name]
            connection.execute(table.delete())
            if rows:
                connection.execute(insert(table), [_typed(table, row, connection.dialect.name) for row in rows])


def text(dump: Mapping[str, Rows]) -> str:
    """The dump as text."""
    lines: list[str] = []
    for name, rows in sorted(dump.items()):
        columns = list(rows[0]) if rows else []
        lines.append(f"table {name} {_json(columns)}")
        lines += (_json([row[column] for column in columns]) for row in rows)
    return "\n".join(lines) + "\n"


def parse(written: str) -> Dump:
    """Back from `text`."""
    dump: Dump = {}
    columns: list[str] = []
    for line in written.split("\n"):
        if line.startswith("table "):
            _, name, names = line.split(" ", 2)
            columns, rows = json.loads(names), dump.setdefault(name, [])
        elif line:
            rows.append(dict(zip(columns, json.loads(line), strict=True)))
    return dump


def save(dump: Mapping[str, Rows], path: Path) -> Path:
    """Write the dump beside others: PATH.dump, or PATH.dump.gz where it is large. The file that was written."""
    data = text(dump).encode()
    if len(data) > COMPRESSED_ABOVE:
        file, data = path.with_name(path.name + ".dump.gz"), gzip.compress(data, mtime=0)
    else:
        file = path.with_name(path.name + ".dump")
    file.write_bytes(data)
    return file


def open_file(path: Path) -> Dump:
    """Read what `save` wrote."""
    data = path.read_bytes()
    return parse((gzip.decompress(data) if path.suffix == ".gz" else data).decode())


def _tables(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    return [one for one in metadata.sorted_tables if one.name != _REVISION and not one.name.startswith("search_")]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(kind: TypeEngine[Any], value: Any) -> Any:
    if isinstance(kind, JSON):
        read = None if value is None else json.loads(value)
        return _NULL if value is not None and read is None else read
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(kind, LargeBinary) or not isinstance(value, str | int | float | bool | None):
        raise TypeError(f"a dump has no way to write {value!r}")
    return value


def _typed(table: Table, row: Mapping[str, Any], dialect: str) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in row.items():
        kind = table.columns[name].type
        if isinstance(kind, JSON):
            typed[name] = null() if value is None else None if value == _NULL else value
        elif value is None:
            typed[name] = None
        elif isinstance(kind, DateTime):
            moment = datetime.fromisoformat(value)
            typed[name] = moment.replace(tzinfo=None) if dialect == "sqlite" else moment
        else:
            typed[name] = date.fromisoformat(value) if isinstance(kind, Date) else value
    return typed


@contextmanager
def _unguarded(connection: Connection) -> Iterator[None]:
    """One transaction in which no trigger fires and no reference is checked."""
    if connection.dialect.name == "postgresql":
        with connection.begin():
            connection.execute(sql("SET LOCAL session_replication_role = replica"))
            yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # has no effect within a transaction
    try:
        with connection.begin():
            guards = list(connection.execute(sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")))
            for name, _ in guards:
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            yield
            for _, definition in guards:
                connection.exec_driver_sql(definition)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise ValueError(f"rows of the dump refer to nothing: {[tuple(row) for row in broken[:5]]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
