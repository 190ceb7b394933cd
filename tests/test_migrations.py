"""Migrations bring an empty database to exactly what the models say, and lose no row on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import make_tables
from tests.postgres import TestServer
from webapp import launch
from workflows import grants, migrations
from workflows.errors import Unavailable
from workflows.models import metadata
from workflows.store import Store


def told(index: object) -> str:
    """An index with the text of its condition, which is an object without a face of its own."""
    assert isinstance(index, dict)
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def shape(store: Store) -> dict[str, object]:
    """Tables, columns, constraints, indexes and triggers as the database itself tells them."""
    inspector = inspect(store.engine)
    found: dict[str, object] = {}
    for table in inspector.get_table_names():
        if table == "alembic_version" or table.startswith("search_gram"):  # what FTS5 keeps for itself; see below
            continue
        found[table] = {
            "columns": {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)},
            "key": inspector.get_pk_constraint(table),
            "references": sorted(map(str, inspector.get_foreign_keys(table))),
            "unique": sorted(map(str, inspector.get_unique_constraints(table))),
            "checks": sorted(map(str, inspector.get_check_constraints(table))),
            "indexes": sorted(map(told, inspector.get_indexes(table))),
        }
    triggers = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
        "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname",
    }
    with store.read() as session:
        found["triggers"] = [tuple(row) for row in session.execute(text(triggers[store.dialect]))]
        if store.dialect == "sqlite":
            grams = text("SELECT name, sql FROM sqlite_master WHERE name LIKE 'search_gram%' ORDER BY name")
            found["grams"] = [tuple(row) for row in session.execute(grams)]
    return found


@pytest.fixture
def migrated(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A second database beside `store`, on the same kind of server, made by the migrations."""
    if store.dialect == "sqlite":
        url = f"sqlite:///{tmp_path / 'migrated.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").empty_database()
    made = Store(url)
    migrations.upgrade(made)
    yield made
    made.close()


def test_an_empty_database_becomes_what_the_models_say(migrated: Store, store: Store) -> None:
    assert shape(migrated) == shape(store)
    with migrated.engine.connect() as connection:
        known = MigrationContext.configure(connection, opts={"include_object": migrations.is_compared})
        assert compare_metadata(known, metadata) == []


def test_the_database_tells_its_revision(empty_url: str) -> None:
    store = Store(empty_url)
    assert migrations.current(store) is None
    assert migrations.upgrade(store) == migrations.newest()
    assert migrations.current(store) == migrations.newest()
    store.close()


def test_a_second_upgrade_changes_nothing_and_keeps_the_rows(empty_url: str) -> None:
    store = Store(empty_url)
    migrations.upgrade(store)
    with store.work() as session:
        session.execute(text("INSERT INTO unit (id, name, name_en, level, legal_subject, region, settings) "
                             "VALUES ('u', '局', '', 'city', TRUE, '', '{}')"))
    before = shape(store)
    migrations.upgrade(store)
    assert shape(store) == before
    with store.read() as session:
        assert session.execute(text("SELECT name FROM unit")).scalars().all() == ["局"]
    store.close()


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(empty_url: str) -> None:
    store = Store(empty_url)
    with store.work() as session:  # a table of somebody else stands in the way
        session.execute(text("CREATE TABLE post (id VARCHAR(32))"))
    with pytest.raises(DBAPIError):
        migrations.upgrade(store)
    assert inspect(store.engine).get_table_names() == ["post"]
    store.close()


def test_two_processes_that_upgrade_at_once_do_not_disturb_each_other(empty_url: str) -> None:
    stores = [Store(empty_url) for _ in range(2)]
    reached: list[str | None] = []

    def upgrade(store: Store) -> None:
        reached.append(migrations.upgrade(store))

    threads = [threading.Thread(target=upgrade, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reached == [migrations.newest()] * 2
    for store in stores:
        store.close()


def test_a_database_of_a_newer_program_is_refused(empty_url: str) -> None:
    store = Store(empty_url)
    migrations.upgrade(store)
    with store.work() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for asked in (migrations.upgrade, migrations.require_newest):
        with pytest.raises(Unavailable) as refused:
            asked(store)
        assert (refused.value.code, refused.value.facts["found"]) == ("database.newer", "9999")
    store.close()


def test_a_program_works_on_its_own_revision_only(empty_url: str) -> None:
    store = Store(empty_url)
    with pytest.raises(Unavailable) as refused:
        migrations.require_newest(store)
    assert refused.value.code == "database.empty"
    migrations.upgrade(store, "0001")
    with pytest.raises(Unavailable) as refused:
        migrations.require_newest(store)
    assert (refused.value.code, refused.value.facts["found"]) == ("database.older", "0001")
    migrations.upgrade(store)
    migrations.require_newest(store)
    store.close()


def test_sqlite_still_minds_references_after_an_upgrade(sqlite_store: Store) -> None:
    with sqlite_store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_the_models_can_be_created_without_migrations(empty_url: str) -> None:
    make_tables(empty_url)
    store = Store(empty_url)
    made = inspect(store.engine).get_table_names()
    assert {name for name in made if not name.startswith("search_gram")} == set(metadata.tables)
    store.close()


def test_a_user_who_may_not_change_tables_is_told_who_may(postgres: TestServer) -> None:
    owned = postgres.empty_database()
    owner = Store(owned)
    migrations.upgrade(owner)
    with owner.engine.begin() as connection:
        connection.execute(text("CREATE ROLE only_app LOGIN PASSWORD 'only'"))
        grants.grant(connection, "only_app")
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    app = Store(make_url(owned).set(username="only_app", password="only").render_as_string(hide_password=False))
    try:
        for upgrade in (migrations.upgrade, lambda store: launch.prepare(store, demo=False)):
            with pytest.raises(Unavailable) as refused:
                upgrade(app)
            assert refused.value.code == "database.no_right"
            facts = refused.value.facts
            assert (facts["role"], facts["found"], facts["needed"]) == ("only_app", "0001", migrations.newest())
        assert migrations.current(owner) == "0001"
    finally:
        app.close()
        with owner.engine.begin() as connection:
            connection.execute(text("DROP OWNED BY only_app"))
            connection.execute(text("DROP ROLE only_app"))
        owner.close()
        postgres.drop(owned)


def test_a_database_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'fashen.sqlite'}"
    store = Store(url)
    migrations.upgrade(store, "0001")
    store.close()
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    with pytest.raises(Unavailable) as refused:
        migrations.upgrade(store)
    assert refused.value.code == "database.read_only"
    store.close()
