"""The database itself refuses to change or remove an entry."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from tests.ledger.filling import REVIEWER, event, fill
from workflows import ledger
from workflows.errors import Unavailable
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


BENT_ON_SQLITE = {
    "DROP TRIGGER ledger_entry_no_update": ("ledger_entry_no_update", "missing"),
    "DROP TRIGGER ledger_head_only_grows": ("ledger_head_only_grows", "missing"),
    "DROP TRIGGER ledger_entry_no_delete THEN CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry"
    " WHEN OLD.stream = 'none' BEGIN SELECT RAISE(ABORT, 'ledger'); END": ("ledger_entry_no_delete", "changed"),
    "CREATE TRIGGER tidy AFTER INSERT ON ledger_entry BEGIN SELECT 1; END": ("tidy", "foreign"),
}
BENT_ON_POSTGRESQL = {
    "DROP TRIGGER ledger_entry_only_inserts ON ledger_entry": ("ledger_entry_only_inserts", "missing"),
    "ALTER TABLE ledger_head DISABLE TRIGGER ledger_head_only_grows": ("ledger_head_only_grows", "changed"),
    "CREATE OR REPLACE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'":
        ("ledger_head_only_grows", "changed"),
    "DROP TRIGGER ledger_entry_only_inserts ON ledger_entry THEN CREATE TRIGGER ledger_entry_only_inserts BEFORE UPDATE"
    " ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_refuse()": ("ledger_entry_only_inserts", "changed"),
    "DROP TRIGGER ledger_head_no_delete ON ledger_head THEN CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON"
    " ledger_head FOR EACH ROW WHEN (OLD.length > 9) EXECUTE FUNCTION ledger_refuse()":
        ("ledger_head_no_delete", "changed"),
    "CREATE TRIGGER tidy BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_refuse()":
        ("tidy", "foreign"),
}  # fmt: skip


def seen_when_bent(store: Store, bent: dict[str, tuple[str, str]]) -> None:
    for statements, expected in bent.items():
        with store.engine.connect() as connection, connection.begin() as transaction:
            for statement in statements.split(" THEN "):
                connection.exec_driver_sql(statement)
            found = immutability.gaps(Session(connection))
            assert [(gap.trigger, gap.kind) for gap in found] == [expected], statements
            transaction.rollback()


def test_triggers_that_stand_as_they_were_set_are_no_gap(store: Store) -> None:
    with store.read() as session:
        assert immutability.gaps(session) == []
        immutability.require_protected(session)


def test_a_missing_changed_or_foreign_trigger_is_seen_on_sqlite(sqlite_store: Store) -> None:
    seen_when_bent(sqlite_store, BENT_ON_SQLITE)


def test_a_missing_changed_or_foreign_trigger_is_seen_on_postgresql(postgres_store: Store) -> None:
    seen_when_bent(postgres_store, BENT_ON_POSTGRESQL)


def test_a_ledger_without_its_triggers_is_a_sentence(store: Store) -> None:
    with store.engine.begin() as connection:
        immutability.unprotect(connection)
    with pytest.raises(Unavailable) as refused, store.read() as session:
        immutability.require_protected(session)
    assert refused.value.code == "ledger.unprotected"
    assert "ledger_head_only_grows (missing)" in refused.value.facts["triggers"]
    with store.engine.begin() as connection:
        immutability.protect(connection)
