"""The two databases of the benchmarks, both as safe as in production: every commit is on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg

from tests.postgres import TestServer

NAMES = ("sqlite", "postgresql")
SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}


def empty(name: str, folder: Path) -> str:
    """The SQLAlchemy URL of a new database without tables. name: one of NAMES; folder: where SQLite keeps it.

    Raises RuntimeError when the PostgreSQL server can not be made to keep what it confirms.
    """
    if name == "sqlite":
        return f"sqlite:///{folder / 'bench.sqlite'}"
    return _server(folder.parent / "postgres").empty_database()


@cache
def _server(folder: Path) -> TestServer:
    server = TestServer(folder, "bench")
    with _connected(server.url("postgres")) as connection:
        connection.execute("ALTER SYSTEM RESET ALL")  # tests switch durability off; here it is what is measured
        connection.execute("SELECT pg_reload_conf()")
    with _connected(server.url("postgres")) as connection:
        for setting, wanted in SAFE.items():
            row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
            if row is None or row[0] != wanted:
                raise RuntimeError(f"PostgreSQL runs with {setting} = {row and row[0]}, not {wanted}")
    return server


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        yield connection
