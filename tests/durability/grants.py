"""The application's database user can't change or remove what was recorded, and can do all of its work (L5).

    python -m tests.durability L5 [--n 400]

One round is one forbidden statement, tried by the application's user on PostgreSQL (a role of its own, with the rights
of `fashen db grant`) or by the application on SQLite (where the triggers stand alone). A published case is carried from
lead to archive under those rights as well.
"""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import make_demo
from tests.durability.record import Figures
from tests.fold.conftest import play_case
from tests.postgres import TestServer
from workflows import fold, grants, ledger, migrations
from workflows.files import Files
from workflows.store import Store

NIGHTLY = 400
CASE = "yinzhou-welders"

EVERYWHERE = (
    "UPDATE ledger_entry SET data = '{}'",
    "UPDATE ledger_entry SET hash = 'x' WHERE seq = 1",
    "DELETE FROM ledger_entry",
    "DELETE FROM ledger_entry WHERE seq = 1",
    "DELETE FROM ledger_head",
    "UPDATE ledger_head SET length = length - 1",
    "UPDATE ledger_head SET hash = 'x'",
    "UPDATE ledger_head SET stream = 'case:z', length = length + 1",
    "INSERT INTO ledger_entry SELECT * FROM ledger_entry LIMIT 1",
)
_COPY = "SELECT * FROM ledger_entry LIMIT 1"
ON_SQLITE = (
    f"INSERT OR REPLACE INTO ledger_entry {_COPY}",
    f"REPLACE INTO ledger_entry {_COPY}",
    f"INSERT OR IGNORE INTO ledger_entry {_COPY}",
    "INSERT INTO ledger_entry SELECT * FROM ledger_entry WHERE true LIMIT 1"
    " ON CONFLICT (stream, seq) DO UPDATE SET data = '{}'",
    "UPDATE OR IGNORE ledger_entry SET data = '{}'",
    "UPDATE OR REPLACE ledger_entry SET seq = 1",
    "UPDATE OR ROLLBACK ledger_entry SET data = '{}'",
    "UPDATE OR FAIL ledger_entry SET data = '{}'",
    "UPDATE OR IGNORE ledger_head SET length = 0",
    "INSERT OR REPLACE INTO ledger_head SELECT stream, 0, '' FROM ledger_head LIMIT 1",
    "INSERT INTO ledger_head VALUES ('case:z', 7, 'x')",
)
ON_POSTGRESQL = (
    "TRUNCATE ledger_entry",
    "TRUNCATE ledger_head CASCADE",
    "INSERT INTO ledger_entry SELECT * FROM ledger_entry LIMIT 1 ON CONFLICT (stream, seq) DO UPDATE SET data = '{}'",
    "DROP TABLE ledger_entry",
    "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
    "ALTER TABLE ledger_entry ADD COLUMN more text",
    "ALTER TABLE case_file ADD COLUMN more text",
    "ALTER TABLE ledger_entry OWNER TO CURRENT_USER",
    "DROP TRIGGER ledger_entry_only_inserts ON ledger_entry",
    "DROP FUNCTION ledger_refuse() CASCADE",
    "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE mine (id integer)",
    "CREATE RULE gone AS ON INSERT TO ledger_entry DO INSTEAD NOTHING",
    "CREATE TRIGGER mine BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
    "SET session_replication_role = replica",
    "SET ROLE postgres",
    "GRANT ALL ON ledger_entry TO PUBLIC",
    "CREATE ROLE mine SUPERUSER",
    "COPY ledger_entry TO PROGRAM 'true'",
    "UPDATE engine_package SET files = '{}'",
    "DELETE FROM engine_package",
    "UPDATE alembic_version SET version_num = 'x'",
    "DELETE FROM alembic_version",
    "DELETE FROM case_file",
    "DELETE FROM task",
    "DELETE FROM document",
    "DELETE FROM opinion",
    "TRUNCATE case_file CASCADE",
)


@contextmanager
def application(owner: Store, role: str) -> Iterator[Store]:
    """The same database, logged in to as a new role with the application's rights; the role is removed at the end."""
    migrations.upgrade(owner) if migrations.current(owner) else _version_table(owner)
    password = secrets.token_hex(16)
    with owner.engine.begin() as connection:
        name = connection.dialect.identifier_preparer.quote(role)
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
        grants.grant(connection, role)
    url = make_url(owner.engine.url).set(username=role, password=password)
    store = Store(url.render_as_string(hide_password=False))
    try:
        yield store
    finally:
        store.close()
        with owner.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {name}")
            connection.exec_driver_sql(f"DROP ROLE {name}")


def _version_table(owner: Store) -> None:
    """Databases of the tests are made of the models and have no revision; an installation has one."""
    with owner.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": migrations.newest()})


def statements(store: Store) -> tuple[str, ...]:
    """What may not succeed on this database."""
    return EVERYWHERE + (ON_SQLITE if store.dialect == "sqlite" else ON_POSTGRESQL)


def forbidden(store: Store, rounds: int | None = None) -> list[str]:
    """Try each forbidden statement (again and again up to `rounds`); those that succeeded, or left a trace.

    On PostgreSQL also each right that the role has beyond its own, whatever stands before its use.
    """
    wanted = statements(store)
    escaped = []
    for number in range(rounds if rounds is not None else len(wanted)):
        statement = wanted[number % len(wanted)]
        if _succeeds(store, statement):
            escaped.append(f"{store.dialect}: {statement}")
    with store.read() as session:
        escaped += [f"{store.dialect}: {fault.stream} {fault.seq}" for fault in ledger.verify(session)]
    return escaped + (rights(store) if store.dialect == "postgresql" else [])


def rights(store: Store) -> list[str]:
    """Rights that the logged-in role has and should not: a trigger may hide one until somebody takes it away."""
    with store.engine.connect() as connection:
        role = connection.execute(text("SELECT current_user")).scalar_one()
        return [f"has the right to {right}" for right in grants.too_much(connection, role)]


def _succeeds(store: Store, statement: str) -> bool:
    """Whether the database let it happen. OR IGNORE and GRANT may say nothing and do nothing: the rows tell then."""
    with store.engine.connect() as connection:
        before = _rows(connection)
        connection.rollback()
        try:
            connection.exec_driver_sql(statement)
        except DBAPIError:
            return False
        changed = _rows(connection) != before
        connection.rollback()
        return changed or not ("OR IGNORE" in statement or statement.startswith("GRANT"))


def _rows(connection: Connection) -> list[tuple[object, ...]]:
    found = connection.execute(text("SELECT stream, seq, data, hash FROM ledger_entry ORDER BY stream, seq")).all()
    heads = connection.execute(text("SELECT stream, length, hash FROM ledger_head ORDER BY stream")).all()
    rights = "SELECT relname, relacl::text FROM pg_class WHERE relname LIKE 'ledger%' ORDER BY relname"
    granted = connection.execute(text(rights)).all() if connection.dialect.name == "postgresql" else []
    return [tuple(row) for row in (*found, *heads, *granted)]


def carry_a_case(store: Store) -> list[str]:
    """Play a published case from lead to archive under these rights; what the auditor's checks then find."""
    with tempfile.TemporaryDirectory(prefix="fashen-granted-") as place:
        play_case(store, Files(Path(place).as_uri()), CASE)
    with store.read(snapshot=True) as session:
        found = [str(fault) for fault in ledger.verify(session)]
        return found + [one.sentence("en") for one in fold.verify_state(session)]


def measure(n: int | None = None) -> Figures:
    """L5 with n forbidden statements, half on each database, and a case carried under the rights on PostgreSQL."""
    rounds, began, wrong = n if n is not None else NIGHTLY, time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="fashen-grants-") as place:
        server = TestServer(Path(place) / "postgres", "grants")
        local, remote = f"sqlite:///{place}/grants.sqlite", server.empty_database()
        for url in (local, remote):
            make_demo(url)
        store, owner = Store(local), Store(remote)
        try:
            wrong += forbidden(store, rounds - rounds // 2)
            with application(owner, "fashen_app") as restricted:
                wrong += carry_a_case(restricted)
                wrong += forbidden(restricted, rounds // 2)
        finally:
            store.close()
            owner.close()
        server.drop(remote)
    figures = {
        "statements_sqlite": len(EVERYWHERE + ON_SQLITE),
        "statements_postgresql": len(EVERYWHERE + ON_POSTGRESQL),
        "cases_carried_under_the_rights": 1,
    }
    return Figures(
        "L5", rounds, len(wrong), time.monotonic() - began,
        "a statement that would change or remove what was recorded, tried as the application's database user",
        figures, tuple(wrong),
    )  # fmt: skip
