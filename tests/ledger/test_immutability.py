"""The database itself refuses to change or remove an entry."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from tests.ledger.filling import REVIEWER, event, fill
from workflows import ledger
from workflows.ledger import immutability
from workflows.store import Store

REFUSED = {
    "update an entry": "UPDATE ledger_entry SET data = '{}' WHERE seq = 2",
    "update its hash": "UPDATE ledger_entry SET hash = 'x'",
    "delete an entry": "DELETE FROM ledger_entry WHERE seq = 3",
    "delete all": "DELETE FROM ledger_entry",
    "delete a head": "DELETE FROM ledger_head",
    "shorten a stream": "UPDATE ledger_head SET length = length - 1",
    "rewrite a head": "UPDATE ledger_head SET hash = 'x'",
    "rename a stream": "UPDATE ledger_head SET stream = 'case:z', length = length + 1",
}
ON_SQLITE = {
    "replace an entry": "INSERT OR REPLACE INTO ledger_entry SELECT stream, seq, 'X', version, case_id, actor_id,"
    " actor_name, post, unit_id, unit_name, happened_at, recorded_at, data, algorithm, previous, hash"
    " FROM ledger_entry WHERE seq = 2",
    "replace a head": "INSERT OR REPLACE INTO ledger_head VALUES ('case:a', 0, '')",
    "begin long": "INSERT INTO ledger_head VALUES ('case:z', 7, 'x')",
}
ON_POSTGRESQL = {"truncate entries": "TRUNCATE ledger_entry", "truncate heads": "TRUNCATE ledger_head"}


@pytest.fixture
def filled(store: Store) -> Store:
    fill(store, {"case:a": 5})
    return store


def refuses(store: Store, statements: dict[str, str]) -> None:
    for statement in statements.values():
        with pytest.raises(DBAPIError, match="ledger"), store.work() as session:
            session.execute(text(statement))
    with store.read() as session:
        assert ledger.verify(session) == []
        assert len(ledger.history(session, "case:a")) == 5


def test_the_database_refuses_to_change_or_remove_what_was_written(filled: Store) -> None:
    refuses(filled, REFUSED)


def test_sqlite_refuses_to_replace_as_well(sqlite_store: Store) -> None:
    fill(sqlite_store, {"case:a": 5})
    refuses(sqlite_store, ON_SQLITE)


def test_postgresql_refuses_to_truncate_as_well(postgres_store: Store) -> None:
    fill(postgres_store, {"case:a": 5})
    refuses(postgres_store, ON_POSTGRESQL)


def test_a_migration_can_set_the_triggers_again(filled: Store) -> None:
    with filled.engine.begin() as connection:
        immutability.unprotect(connection)
        connection.execute(text("UPDATE ledger_entry SET post = 'x' WHERE seq = 2"))
        immutability.protect(connection)
    with pytest.raises(DBAPIError, match="ledger"), filled.work() as session:
        session.execute(text("UPDATE ledger_entry SET post = 'y' WHERE seq = 2"))


def as_role(store: Store, statement: str) -> None:
    with store.work() as session:
        session.execute(text("SET LOCAL ROLE ledger_test_role"))
        session.execute(text(statement))


def test_a_restricted_role_may_append_and_read_and_no_more(postgres_store: Store) -> None:
    with postgres_store.engine.begin() as connection:
        connection.execute(text("CREATE ROLE ledger_test_role"))
        immutability.restrict(connection, "ledger_test_role")
    try:
        with postgres_store.work() as session:
            session.execute(text("SET LOCAL ROLE ledger_test_role"))
            ledger.append(session, "case:a", event(0), actor=REVIEWER)
            assert ledger.verify(session) == []
        for statement in ("UPDATE ledger_entry SET post = 'x'", "DELETE FROM ledger_entry", "DROP TABLE ledger_entry"):
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                as_role(postgres_store, statement)
    finally:
        with postgres_store.engine.begin() as connection:
            connection.execute(text("DROP OWNED BY ledger_test_role"))
            connection.execute(text("DROP ROLE ledger_test_role"))
