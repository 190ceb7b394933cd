"""The tables of an installation, brought from any earlier version to the present one.

`upgrade(store)` is what `fashen db upgrade` and `make run` call. One transaction carries the whole way: it arrives at
the newest revision, or the database stays as it was. Two processes that upgrade at once queue, and the second finds
nothing to do.
"""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from workflows.errors import Unavailable
from workflows.store import Store

LOCK = 6_071_701
"""An arbitrary number that means "migrating" among PostgreSQL's advisory locks."""


def upgrade(store: Store, target: str = "head") -> str | None:
    """Bring the database to `target`, the newest revision if not given; gives back the revision it now has.

    Existing rows are kept. Raises Unavailable: "database.newer" when the database has a revision that this program does
    not know (a newer one wrote it), "database.no_right" or "database.read_only" when this user may not change tables.
    """
    try:
        return _upgrade(store, target)
    except DBAPIError as error:
        if (told := refusal(store, error)) is not None:
            raise told from error
        raise


def _upgrade(store: Store, target: str) -> str | None:
    with store.engine.connect() as connection:
        # A table that SQLite must rebuild is dropped for a moment: rows that refer to it must not notice. The pragma
        # has no effect within a transaction, so it goes past SQLAlchemy, and what was left out is checked at the end.
        _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                _known(MigrationContext.configure(connection).get_current_revision())
                command.upgrade(config(connection), target)
                _check_references(connection)
                return MigrationContext.configure(connection).get_current_revision()
        finally:
            _foreign_keys(connection, on=True)


def current(store: Store) -> str | None:
    """The revision that the database has, None when it has no tables yet."""
    with store.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


@cache
def newest() -> str | None:
    """The revision that this program expects."""
    return ScriptDirectory.from_config(config()).get_current_head()


def require_newest(store: Store) -> None:
    """Raise Unavailable unless the database has the very revision that this program was written for.

    "database.empty" without tables, "database.older" before `fashen db upgrade`, "database.newer" for an older program
    that was left running or started again after an upgrade. One row is read.
    """
    found, needed = current(store), newest()
    if found is None:
        raise Unavailable("database.empty", needed=needed)
    _known(found)
    if found != needed:
        raise Unavailable("database.older", found=found, needed=needed)


def changed(store: Store) -> Unavailable | None:
    """What a process that was started on the right revision says when the database has another one now, else None.

    One row is read: cheap enough to be asked again and again. The error is "database.changed".
    """
    found = current(store)
    return None if found == newest() else Unavailable("database.changed", found=found or "-", needed=newest())


def refusal(store: Store, error: DBAPIError) -> Unavailable | None:
    """What a database's refusal to change anything is for the person at the terminal; None for any other error.

    "database.no_right" for a PostgreSQL role without the right (SQLSTATE 42501), "database.read_only" for a file of
    SQLite.
    """
    where = store.engine.url
    if getattr(error.orig, "sqlstate", None) == "42501":
        reason = str(error.orig).partition("\n")[0]
        facts = {"role": where.username or "", "reason": reason, "found": current(store) or "-", "needed": newest()}
        return Unavailable("database.no_right", **facts)
    if "READONLY" in getattr(error.orig, "sqlite_errorname", ""):
        return Unavailable("database.read_only", file=where.database or "")
    return None


def is_compared(_item: object, name: str | None, kind: str, _found: bool, _other: object) -> bool:
    """Whether Alembic compares it with the models; as its `include_object`.

    The index of the search is none that both databases have: FTS5's tables here, an index over a tsvector there.
    """
    return not (kind == "table" and (name or "").startswith("search_gram")) and name != "ix_search_entry_grams"


def alone(session: Session) -> None:
    """Let this unit of work be the only one that prepares the database: others that do so queue until it ends."""
    if session.get_bind().dialect.name == "postgresql":  # on SQLite a writing unit of work is alone anyway
        session.connection().exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def _known(revision: str | None) -> None:
    """Raise Unavailable("database.newer") for a revision that is not among this program's."""
    if revision is not None and revision not in _revisions():
        raise Unavailable("database.newer", found=revision, needed=newest())


@cache
def _revisions() -> frozenset[str]:
    return frozenset(each.revision for each in ScriptDirectory.from_config(config()).walk_revisions())


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file; `connection` is the one to migrate on."""
    made = Config()
    made.set_main_option("script_location", "workflows:migrations")
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 (a connection that was just opened)
        driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        first = [tuple(row) for row in broken[:5]]
        raise RuntimeError(f"the migration would leave rows that refer to nothing: {first}")
