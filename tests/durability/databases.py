"""Databases that are copied and compared whole: what a fault left behind is held against what was there before."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from tests.postgres import TestServer

Dump = Mapping[str, tuple[str, ...]]
"""Table → its rows, each as text, in an order that depends on nothing but the rows."""


class Shelf:
    """Copies of a database, of either kind. server: where PostgreSQL's stand, None for SQLite; folder: SQLite's."""

    def __init__(self, folder: Path, server: TestServer | None) -> None:
        self._folder, self._server, self._number = folder, server, 0

    def copy(self, url: str) -> str:
        """The URL of a copy. Nobody may be connected to the original, or be writing to it."""
        self._number += 1
        if self._server is not None:
            return self._server.copy(url)
        path, fresh = Path(url.removeprefix("sqlite:///")), self._folder / f"copy{self._number}.sqlite"
        for end in ("", "-wal"):
            if path.with_name(path.name + end).exists():
                shutil.copyfile(path.with_name(path.name + end), fresh.with_name(fresh.name + end))
        return f"sqlite:///{fresh}"

    def drop(self, url: str) -> None:
        """Remove a copy."""
        if self._server is not None:
            self._server.drop(url)
            return
        path = Path(url.removeprefix("sqlite:///"))
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)


NOTHING_LEFT_OUT: Mapping[str, frozenset[str]] = {}


def dump(url: str, left_out: Mapping[str, frozenset[str]] = NOTHING_LEFT_OUT) -> Dump:
    """Every row of every table that is committed, read without any code of the product.

    left_out: table → columns that are not looked at; "*" for all of them, so that the table has no rows.
    """
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            told = sorted(name for name in names if _told(name))
            return {name: _rows(connection.execute(_all(name)), left_out.get(name)) for name in told}
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1)) as other:
        found = other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return {name: _rows(other.execute(_all(name).encode()), left_out.get(name)) for (name,) in found}


def _told(table: str) -> bool:
    """Whether what stands in it is a dump's business: FTS5 arranges its own tables as it likes."""
    return not table.startswith("search_gram") and table != "sqlite_sequence"


def _all(table: str) -> str:
    """The statement that reads a table. The entries of the search without their ids, which leave gaps."""
    columns = "kind, row_id, part, case_id, folded, awaits, attempts" if table == "search_entry" else "*"
    return f'SELECT {columns} FROM "{table}"'  # noqa: S608 (names that the database tells)


def _rows(cursor: Any, left_out: frozenset[str] | None) -> tuple[str, ...]:
    found = cursor.fetchall()
    if left_out is not None:
        places = [number for number, one in enumerate(cursor.description) if one[0] not in left_out]
        found = [] if "*" in left_out else [tuple(row[place] for place in places) for row in found]
    return tuple(sorted(map(repr, found)))


_ID = re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b")


def renamed(of: Dump, known: Dump) -> Dump:
    """A dump in which all ids that another one does not have are the same: two runs draw different ones."""
    ids = {one for rows in known.values() for row in rows for one in _ID.findall(row)}
    return {
        table: tuple(sorted(_ID.sub(lambda found: found[0] if found[0] in ids else "new", row) for row in rows))
        for table, rows in of.items()
    }  # fmt: skip


def difference(found: Dump, wanted: Dump) -> str:
    """In which tables two dumps differ, and by how many rows; empty when they are the same."""
    told = []
    for table in sorted({*found, *wanted}):
        have, should = set(found.get(table, ())), set(wanted.get(table, ()))
        if found.get(table) != wanted.get(table):
            told.append(f"{table} +{len(have - should)} -{len(should - have)}")
    return ", ".join(told)


def sizes(of: Dump) -> dict[str, int]:
    """How many rows each table has."""
    return {table: len(rows) for table, rows in of.items()}
