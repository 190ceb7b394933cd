"""Triggers that let the ledger grow and nothing else, on SQLite and PostgreSQL.

`Base.metadata.create_all` sets them with the tables; a migration calls `protect(connection)`. They guard against a
mistake and against an application account. Who owns the database can drop them: `gaps` tells, and servers and workers
do not start then. Against what was done meanwhile stand the hash chain and exported checkpoints. On PostgreSQL the
application's role should not own the tables; `restrict` takes from it what it does not need.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, MetaData, Table, event, text
from sqlalchemy.orm import Session

from workflows.errors import Unavailable
from workflows.ledger.entries import EntryRow, HeadRow
from workflows.store import Base

SQLITE_TRIGGERS = {
    "ledger_entry_no_update": "BEFORE UPDATE ON ledger_entry BEGIN"
    " SELECT RAISE(ABORT, 'ledger: an entry is never changed'); END",
    "ledger_entry_no_delete": "BEFORE DELETE ON ledger_entry BEGIN"
    " SELECT RAISE(ABORT, 'ledger: an entry is never removed'); END",
    # INSERT OR REPLACE removes the old row without firing a delete trigger (recursive_triggers is off by default).
    "ledger_entry_no_replace": "BEFORE INSERT ON ledger_entry"
    " WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE stream = NEW.stream AND seq = NEW.seq) BEGIN"
    " SELECT RAISE(ABORT, 'ledger: an entry is never replaced'); END",
    "ledger_head_only_grows": "BEFORE UPDATE ON ledger_head"
    " WHEN NEW.stream <> OLD.stream OR NEW.length <> OLD.length + 1 BEGIN"
    " SELECT RAISE(ABORT, 'ledger: a stream only grows'); END",
    "ledger_head_no_delete": "BEFORE DELETE ON ledger_head BEGIN"
    " SELECT RAISE(ABORT, 'ledger: a stream is never removed'); END",
    "ledger_head_no_replace": "BEFORE INSERT ON ledger_head"
    " WHEN NEW.length <> 0 OR EXISTS (SELECT 1 FROM ledger_head WHERE stream = NEW.stream) BEGIN"
    " SELECT RAISE(ABORT, 'ledger: a stream begins empty, once'); END",
}
"""Trigger name → its definition after CREATE TRIGGER name."""

POSTGRESQL_FUNCTIONS = {
    "ledger_refuse": "BEGIN RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',"
    " MESSAGE = 'ledger: ' || TG_OP || ' refused on ' || TG_TABLE_NAME; END",
    "ledger_only_grows": "BEGIN IF NEW.stream <> OLD.stream OR NEW.length <> OLD.length + 1 THEN"
    " RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = 'ledger: a stream only grows';"
    " END IF; RETURN NEW; END",
}
"""Function name → its PL/pgSQL body."""

POSTGRESQL_TRIGGERS = {
    "ledger_entry_only_inserts": "BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW"
    " EXECUTE FUNCTION ledger_refuse()",
    "ledger_entry_no_truncate": "BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
    "ledger_head_only_grows": "BEFORE UPDATE ON ledger_head FOR EACH ROW EXECUTE FUNCTION ledger_only_grows()",
    "ledger_head_no_delete": "BEFORE DELETE ON ledger_head FOR EACH ROW EXECUTE FUNCTION ledger_refuse()",
    "ledger_head_no_truncate": "BEFORE TRUNCATE ON ledger_head FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
}
"""Trigger name → its definition after CREATE TRIGGER name."""


def protect(connection: Connection) -> None:
    """Set the triggers (again), on the tables as they exist. For `create_all` and for migrations."""
    unprotect(connection)
    if connection.dialect.name == "postgresql":
        for name, body in POSTGRESQL_FUNCTIONS.items():
            _run(connection, f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
        for name, definition in POSTGRESQL_TRIGGERS.items():
            _run(connection, f"CREATE TRIGGER {name} {definition}")
    else:
        for name, definition in SQLITE_TRIGGERS.items():
            _run(connection, f"CREATE TRIGGER {name} {definition}")


@dataclass(frozen=True, slots=True)
class Gap:
    """A trigger that is not as `protect` sets it. kind: "missing", "changed" (switched off too) or "foreign"."""

    trigger: str
    kind: Literal["missing", "changed", "foreign"]


def gaps(session: Session) -> list[Gap]:
    """Every trigger on the ledger's tables that is missing, other than set, or none of ours; empty when all is well.

    One or two statements on the database's own catalogue, which every role may read. The chain tells whether anything
    was changed behind a missing trigger, and only as far as a checkpoint kept elsewhere reaches.
    """
    if session.get_bind().dialect.name == "postgresql":
        expected, found = {name: _shape(name) for name in POSTGRESQL_TRIGGERS}, _on_postgresql(session)
    else:
        expected = {name: f"CREATE TRIGGER {name} {definition}" for name, definition in SQLITE_TRIGGERS.items()}
        found = {row.name: row.sql for row in session.execute(text(_SQLITE_FOUND))}
    wrong = [Gap(name, "missing") for name in expected.keys() - found.keys()]
    wrong += [Gap(name, "foreign") for name in found.keys() - expected.keys()]
    wrong += [Gap(name, "changed") for name in expected.keys() & found.keys() if expected[name] != found[name]]
    return sorted(wrong, key=lambda gap: gap.trigger)


def require_protected(session: Session) -> None:
    """Raise Unavailable("ledger.unprotected") unless every trigger stands as it was set."""
    if found := gaps(session):
        raise Unavailable("ledger.unprotected", triggers=", ".join(f"{gap.trigger} ({gap.kind})" for gap in found))


_SQLITE_FOUND = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) IN ('ledger_entry', 'ledger_head')"
)
_POSTGRESQL_FOUND = (
    "SELECT t.tgname AS name, c.relname AS tab, t.tgtype AS kind, t.tgenabled IN ('O', 'A') AS fires,"
    " t.tgqual IS NULL AND t.tgattr = '' AS always, p.proname AS function, p.prosrc AS body"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE NOT t.tgisinternal AND t.tgrelid IN (to_regclass('ledger_entry'), to_regclass('ledger_head'))"
)
_BITS = {"FOR EACH ROW": 1, "BEFORE": 2, "INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
"""What `pg_trigger.tgtype` is made of (PostgreSQL's catalog/pg_trigger.h)."""


def _shape(name: str) -> object:
    """What PostgreSQL's catalogue should say of one of our triggers."""
    definition = POSTGRESQL_TRIGGERS[name]
    table = definition.partition(" ON ")[2].split()[0]
    function = definition.rpartition("FUNCTION ")[2].removesuffix("()")
    kind = sum(bit for word, bit in _BITS.items() if word in definition)
    return table, kind, True, True, function, POSTGRESQL_FUNCTIONS[function]


def _on_postgresql(session: Session) -> dict[str, object]:
    found = session.execute(text(_POSTGRESQL_FOUND))
    return {row.name: (row.tab, row.kind, row.fires, row.always, row.function, row.body) for row in found}


def unprotect(connection: Connection) -> None:
    """Take the triggers away. For a migration that must rebuild the tables, and for tests that play an attacker."""
    if connection.dialect.name == "postgresql":
        for name, definition in POSTGRESQL_TRIGGERS.items():
            _run(connection, f"DROP TRIGGER IF EXISTS {name} ON {definition.partition(' ON ')[2].split()[0]}")
        for name in POSTGRESQL_FUNCTIONS:
            _run(connection, f"DROP FUNCTION IF EXISTS {name}()")
    else:
        for name in SQLITE_TRIGGERS:
            _run(connection, f"DROP TRIGGER IF EXISTS {name}")


def restrict(connection: Connection, role: str) -> None:
    """On PostgreSQL, leave the application's role only what it needs: read and insert entries, read and advance heads.

    Run as the owner of the tables. SELECT … FOR UPDATE on heads needs the UPDATE right. Does nothing on SQLite, which
    has no roles.
    """
    if connection.dialect.name != "postgresql":
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    _run(connection, f"REVOKE ALL ON ledger_entry, ledger_head FROM {quoted}")
    _run(connection, f"GRANT SELECT, INSERT ON ledger_entry TO {quoted}")
    _run(connection, f"GRANT SELECT, INSERT, UPDATE ON ledger_head TO {quoted}")


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


@event.listens_for(Base.metadata, "after_create")
def _protect_new_tables(_metadata: MetaData, connection: Connection, *, tables: Collection[Table], **_: Any) -> None:
    if EntryRow.__table__ in tables or HeadRow.__table__ in tables:
        protect(connection)
