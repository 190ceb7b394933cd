"""Databases that are copied and compared whole: what a fault left behind is held against what was there before."""

from __future__ import annotations

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


def dump(url: str) -> Dump:
    """Every row of every table that is committed, read without any code of the product."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: _rows(connection.execute(_all(name)).fetchall()) for name in sorted(names) if _told(name)}
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1)) as other:
        found = other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return {name: _rows(other.execute(_all(name).encode()).fetchall()) for (name,) in found}


def _told(table: str) -> bool:
    """Whether what stands in it is a dump's business: FTS5 arranges its own tables as it likes."""
    return not table.startswith("search_gram") and table != "sqlite_sequence"


def _all(table: str) -> str:
    """The statement that reads a table. The entries of the search without their ids, which leave gaps."""
    columns = "kind, row_id, part, case_id, folded, awaits, attempts" if table == "search_entry" else "*"
    return f'SELECT {columns} FROM "{table}"'  # noqa: S608 (names that the database tells)


def _rows(found: list[Any]) -> tuple[str, ...]:
    return tuple(sorted(map(repr, found)))


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
