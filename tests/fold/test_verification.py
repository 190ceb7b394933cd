"""The auditor's check: the tables of every case say what its ledger says, column by column (L4)."""

from __future__ import annotations

import dataclasses
import random

import pytest
from sqlalchemy import text

from tests.fold import changing
from workflows.fold.difference import NOUNS
from workflows.fold.told import SAYS
from workflows.fold.verification import EXCEPTED_COLUMNS, EXCEPTED_TABLES
from workflows.ledger import events
from workflows.ledger.journal import KEPT
from workflows.models import metadata
from workflows.store import Store

BESIDE = {
    "person", "post", "machine_account", "engine_package", "engine_current", "published_package", "process_suspension",
    "external_task", "bureau_rule", "certificate", "matter", "post_request", "process_release", "review_class",
    "workday",
}
"""Compared otherwise than column by column."""
ENGINE = {"engine_instance", "engine_scope", "engine_task"}


def test_every_table_is_folded_or_excepted_with_a_reason() -> None:
    folded = set(KEPT) | ENGINE | {"number_series"}
    assert set(metadata.tables) <= folded | set(EXCEPTED_TABLES)
    assert folded.isdisjoint(EXCEPTED_TABLES)
    assert all(EXCEPTED_TABLES.values())


def test_every_excepted_column_exists_and_has_a_reason() -> None:
    for (table, column), reason in EXCEPTED_COLUMNS.items():
        assert column in metadata.tables[table].c
        assert reason


def test_every_compared_table_has_a_name_in_both_languages() -> None:
    assert set(NOUNS) == set(changing.FOLDED) | BESIDE
    assert set(EXCEPTED_TABLES) >= BESIDE


def test_whatever_an_event_says_of_a_row_is_a_column_and_a_field() -> None:
    fields = {name: {one.name for one in dataclasses.fields(cls)} for (name, _), cls in events.registered().items()}
    for event, says in SAYS.items():
        assert set(says.columns) <= set(metadata.tables[says.table].c.keys()), event
        parts = {part for field in (says.key, *says.columns.values()) for part in field.split("|")}
        told = {part for part in parts if not part.startswith(("@", "=")) and part != "-"}
        assert told <= fields[event], event


def test_a_case_that_was_carried_by_the_commands_shows_no_difference(played: Store) -> None:
    with changing.attacked(played) as connection:
        assert changing.differences(connection) == []


def test_a_case_on_postgresql_shows_no_difference_either(played_on_postgresql: Store) -> None:
    with changing.attacked(played_on_postgresql) as connection:
        assert changing.differences(connection) == []


def spot_check(store: Store, columns: int, seed: int) -> None:
    """Change some columns of some rows, each by itself; the check must name every one."""
    chance = random.Random(seed)
    with changing.attacked(store) as connection:
        filled = changing.filled(connection)
    for column in chance.sample([one for one in changing.targets() if one.table.name in filled], columns):
        with changing.attacked(store) as connection:
            changing.change(connection, column, chance.choice(changing.rows_of(connection, column.table)))
            assert changing.named(changing.differences(connection), column), column


def test_a_changed_column_of_any_table_is_named(played: Store) -> None:
    spot_check(played, 35, seed=1)


def test_a_changed_column_is_named_on_postgresql_too(played_on_postgresql: Store) -> None:
    spot_check(played_on_postgresql, 9, seed=2)


@pytest.mark.parametrize("name", [name for name in changing.FOLDED if name not in changing.UNPLAYED])
def test_a_removed_row_is_named(played: Store, name: str) -> None:
    table = metadata.tables[name]
    with changing.attacked(played) as connection:
        changing.remove(connection, table, changing.rows_of(connection, table)[-1])
        assert any(one.table == name for one in changing.differences(connection))


@pytest.mark.parametrize("name", sorted(changing.UNPLAYED))
def test_a_row_of_a_table_that_the_ledger_leaves_empty_is_named(played: Store, name: str) -> None:
    with changing.attacked(played) as connection:
        assert name not in changing.filled(connection)
        changing.slip_in(connection, metadata.tables[name])
        assert any(one.table == name for one in changing.differences(connection))


def test_a_row_that_was_slipped_in_is_named(played: Store) -> None:
    with changing.attacked(played) as connection:
        connection.execute(text(
            "INSERT INTO case_reader (case_id, person_id, since, reason) SELECT case_file.id, person.id,"
            " case_file.opened_at, 'x' FROM case_file, person WHERE person.login = 'admin'"
        ))  # fmt: skip
        assert [(one.table, one.column) for one in changing.differences(connection)] == [("case_reader", None)]


def test_a_row_that_belongs_to_no_case_is_named(played: Store) -> None:
    with changing.attacked(played) as connection:
        connection.execute(text(
            "INSERT INTO case_reader (case_id, person_id, since, reason)"
            " SELECT 'nowhere', id, created_at, 'x' FROM person WHERE login = 'admin'"
        ))  # fmt: skip
        assert [one.table for one in changing.differences(connection)] == ["case_reader"]


def test_a_value_that_its_column_cannot_hold_is_named_and_stops_nothing(played: Store) -> None:
    with changing.attacked(played) as connection:
        connection.execute(text("UPDATE case_file SET found_on = 'soon'"))
        connection.execute(text("UPDATE decision SET content = '{broken'"))
        found = {(one.table, one.column) for one in changing.differences(connection)}
        assert found == {("case_file", "found_on"), ("decision", "content")}


def test_a_difference_is_told_in_both_languages(played: Store) -> None:
    with changing.attacked(played) as connection:
        connection.execute(text("UPDATE case_file SET title = '另一个案由'"))
        (one,) = changing.differences(connection)
    assert "账本为" in one.sentence("zh")
    assert "另一个案由" in one.sentence("zh")
    assert "the table says \"另一个案由\"" in one.sentence("en")
