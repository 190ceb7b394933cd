"""A dump holds everything, reads the same on both databases, and leaves the guards of the ledger standing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from tests.golden import dump
from tests.golden.release import goldens
from workflows.store import Store


@pytest.fixture(scope="module")
def stored() -> dump.Dump:
    """The bureau and, over it, a case in the midst of a vote."""
    golden = next(golden for golden in reversed(goldens()) if "vote" in golden.name)  # of the schema of today
    return {**golden.release.bureau(), **golden.rows()}



def test_what_is_put_is_what_is_taken(store: Store, stored: dump.Dump) -> None:
    known = {name: rows for name, rows in stored.items() if rows}
    dump.put(store, known)
    taken = {name: rows for name, rows in dump.take(store).items() if rows}
    for name, rows in known.items():
        # A later revision may have added columns; what the dump says is there all the same.
        assert [{column: row[column] for column in rows[0]} for row in taken[name]] == rows, name


def test_text_and_file_hold_the_same(stored: dump.Dump, tmp_path: Path) -> None:
    assert dump.parse(dump.text(stored)) == stored
    for rows in (stored, {"task": stored["task"]}):
        assert dump.open_file(dump.save(rows, tmp_path / "x")) == rows
    assert {path.name for path in tmp_path.iterdir()} == {"x.dump", "x.dump.gz"}


def test_a_missing_value_is_not_jsons_null(store: Store, stored: dump.Dump) -> None:
    dump.put(store, {"unit": stored["unit"]})
    row: dict[str, Any] = stored["unit"][0]
    values: list[Any] = [{"$json": None}, {"a": [1, "审"]}, []]
    for value in values:
        dump.put(store, {"unit": [{**row, "settings": value, "parent_id": None, "delegated_by_id": None}]})
        assert dump.take(store)["unit"][0]["settings"] == value


def test_the_ledger_is_guarded_again_afterwards(store: Store, stored: dump.Dump) -> None:
    dump.put(store, {name: rows for name, rows in stored.items() if rows})
    for statement in ("DELETE FROM ledger_entry", "UPDATE ledger_head SET length = 0"):
        with pytest.raises(DBAPIError, match="ledger"), store.work() as session:
            session.execute(sql(statement))


def test_a_table_that_is_not_there_is_an_error(sqlite_store: Store) -> None:
    with pytest.raises(KeyError):
        dump.put(sqlite_store, {"nothing": []})
