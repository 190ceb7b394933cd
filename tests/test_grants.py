"""The application's user on PostgreSQL can do its work and cannot touch what was recorded (L5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from tests.durability import grants as attempts
from workflows import backup, grants
from workflows.errors import Invalid, NotFound
from workflows.files import Files
from workflows.models import metadata
from workflows.store import Store

ROLE = "fashen_app_test"


@pytest.fixture
def as_application(postgres_demo_store: Store) -> Iterator[Store]:
    """The demonstration bureau, logged in to as a user with the granted rights only."""
    with attempts.application(postgres_demo_store, ROLE) as store:
        yield store


def test_every_right_is_of_a_table_that_exists() -> None:
    assert set(grants.RIGHTS) <= set(metadata.tables)


def test_what_was_recorded_cannot_be_touched(as_application: Store) -> None:
    assert attempts.forbidden(as_application) == []


def test_a_case_can_be_carried_with_these_rights(as_application: Store) -> None:
    assert make_url(as_application.engine.url).username == ROLE
    assert attempts.carry_a_case(as_application) == []


def test_a_backup_is_taken_with_these_rights(as_application: Store, tmp_path: Path) -> None:
    source = Files(str(tmp_path / "files"))
    backup.take(as_application, source, tmp_path / "backup")
    assert (tmp_path / "backup").is_dir()


def test_a_role_that_no_grant_binds_is_refused(postgres_demo_store: Store) -> None:
    with postgres_demo_store.engine.begin() as connection:
        owner = connection.execute(text("SELECT current_user")).scalar_one()
        with pytest.raises(Invalid, match="role_too_strong"):
            grants.grant(connection, owner)
        with pytest.raises(NotFound, match="role_unknown"):
            grants.grant(connection, "nobody_of_that_name")


@pytest.mark.parametrize(
    "made_strong",
    [
        "GRANT pg_write_all_data TO {role}",
        "GRANT pg_execute_server_program TO {role}",
        "ALTER SCHEMA public OWNER TO {role}",
        "GRANT SET ON PARAMETER session_replication_role TO {role}",
        "GRANT UPDATE, DELETE ON ledger_entry TO {group}; GRANT {group} TO {role}",
        "GRANT DELETE ON case_file TO {group}; GRANT {group} TO {role}",
    ],
)
def test_a_role_that_is_strong_by_other_ways_is_refused(postgres_demo_store: Store, made_strong: str) -> None:
    engine, role, group = postgres_demo_store.engine, "strong_app", "strong_group"
    with engine.connect() as connection, connection.begin() as all_of_it:
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS {grants.VERSION_TABLE} (version_num varchar(32))"))
        connection.execute(text(f"CREATE ROLE {role}"))
        connection.execute(text(f"CREATE ROLE {group}"))
        grants.grant(connection, role)
        for statement in made_strong.format(role=role, group=group).split(";"):
            connection.execute(text(statement))
        with pytest.raises(Invalid, match="role_too_strong"):
            grants.grant(connection, role)
        all_of_it.rollback()


def test_the_granted_role_has_no_right_too_many(as_application: Store, postgres_demo_store: Store) -> None:
    with postgres_demo_store.engine.connect() as connection:
        assert grants.too_much(connection, ROLE) == []
        connection.execute(text(f"GRANT UPDATE ON ledger_entry TO {ROLE}"))
        assert grants.too_much(connection, ROLE) == ["UPDATE ledger_entry"]
        connection.rollback()


@pytest.mark.parametrize(
    ("granted", "found"),
    [
        ("UPDATE ON ledger_entry", "UPDATE ledger_entry"), ("UPDATE (data) ON ledger_entry", "UPDATE ledger_entry"),
        ("DELETE ON case_file", "DELETE case_file"), ("TRUNCATE ON ledger_head", "TRUNCATE ledger_head"),
    ],
)  # fmt: skip
def test_the_measure_finds_a_right_that_a_trigger_hides(
    as_application: Store, postgres_demo_store: Store, granted: str, found: str
) -> None:
    with postgres_demo_store.engine.begin() as connection:
        connection.execute(text(f"GRANT {granted} TO {ROLE}"))
    assert f"has the right to {found}" in attempts.forbidden(as_application, 0)


def test_on_sqlite_there_is_nothing_to_grant(sqlite_demo_store: Store) -> None:
    with sqlite_demo_store.engine.begin() as connection, pytest.raises(Invalid, match="only_postgresql"):
        grants.grant(connection, ROLE)


def test_sqlites_triggers_hold_whatever_a_statement_says_of_conflicts(sqlite_demo_store: Store) -> None:
    assert attempts.forbidden(sqlite_demo_store) == []


def test_a_name_with_quotes_is_a_name(postgres_demo_store: Store) -> None:
    strange = 'fashen "app"; DROP TABLE ledger_entry'
    with attempts.application(postgres_demo_store, strange) as store, store.read() as session:
        assert session.execute(text("SELECT count(*) FROM ledger_entry")).scalar_one() > 0
    with pytest.raises(DBAPIError), postgres_demo_store.engine.begin() as connection:
        connection.execute(text("DELETE FROM ledger_entry"))
