"""What a step sends to be written and what the database then writes: bytes and statements, counted as they pass."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url, text

from workflows.store import Store

_WRITES = re.compile(r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)


class Passing:
    """What passed through a store while it was looked at: statements, and bytes of values sent to each table."""

    def __init__(self) -> None:
        self.statements = 0
        self.bytes: Counter[str] = Counter()

    def see(self, statement: str, parameters: Any) -> None:
        """One statement passes; its values count with the length of their text in UTF-8."""
        self.statements += 1
        if found := _WRITES.match(statement):
            self.bytes[found[1]] += _size(parameters)

    @property
    def total(self) -> int:
        """Bytes sent to all tables."""
        return self.bytes.total()


@contextmanager
def passing(store: Store) -> Iterator[Passing]:
    """Look at what passes through the store inside the block."""
    seen = Passing()

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.see(statement, parameters)

    event.listen(store.engine, "before_cursor_execute", listen)
    try:
        yield seen
    finally:
        event.remove(store.engine, "before_cursor_execute", listen)


def stored_bytes(store: Store, act: Callable[[], object]) -> int:
    """What the database writes to its log while `act` runs: SQLite's pages in the WAL, PostgreSQL's WAL records."""
    if store.dialect == "sqlite":
        log = Path(f"{make_url(str(store.engine.url)).database}-wal")
        with store.engine.connect() as connection:  # an empty log grows by what is written
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        act()
        return log.stat().st_size
    before = _position(store)
    act()
    return _position(store) - before


def _position(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')")).scalar_one())


def _size(given: Any) -> int:
    """Of a value, of a row (by name or by place), of several rows, or of several written behind each other."""
    if isinstance(given, Mapping):
        return sum(map(_size, given.values()))
    if isinstance(given, list | tuple):
        return sum(map(_size, given))
    return 0 if given is None else len(str(given).encode())
