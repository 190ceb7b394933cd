"""A furnished bureau, copied for each test on SQLite; PostgreSQL where a test asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.cases_room.room import Room, furnish
from workflows.store import Store


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the bureau in it."""
    path = tmp_path_factory.mktemp("furnished") / "room.sqlite"
    shutil.copyfile(sqlite_template, path)
    store = Store(f"sqlite:///{path}")
    with store.work() as session:
        furnish(session)
    store.close()  # the last connection folds the log into the file
    return path


@pytest.fixture
def room(furnished: Path, tmp_path: Path) -> Iterator[Room]:
    """The bureau on Monday, 4 March 2024, 09:00."""
    path = tmp_path / "room.sqlite"
    shutil.copyfile(furnished, path)
    store = Store(f"sqlite:///{path}")
    event.listen(store.engine, "connect", _in_a_hurry)
    opened = Room(store)
    yield opened
    opened.close()
    store.close()


def _in_a_hurry(connection: Any, _record: Any) -> None:
    """These tests are not about durability: no waiting for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def postgres_room(postgres_store: Store) -> Iterator[Room]:
    """The same on PostgreSQL."""
    with postgres_store.work() as session:
        furnish(session)
    opened = Room(postgres_store)
    yield opened
    opened.close()
