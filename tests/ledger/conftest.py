"""A filled ledger, on each database."""

from __future__ import annotations

import pytest

from tests.ledger.filling import fill
from workflows.store import Store


@pytest.fixture
def filled_sqlite(sqlite_store: Store) -> Store:
    """300 entries in three streams, on SQLite."""
    fill(sqlite_store)
    return sqlite_store


@pytest.fixture
def filled_postgres(postgres_store: Store) -> Store:
    """300 entries in three streams, on PostgreSQL."""
    fill(postgres_store)
    return postgres_store


@pytest.fixture
def filled(store: Store) -> Store:
    """300 entries in three streams, on either."""
    fill(store)
    return store
