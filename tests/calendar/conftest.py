"""A store whose calendar is seeded, and people who act."""

from __future__ import annotations

import pytest

from workflows.actors import Actor
from workflows.calendar import days
from workflows.store import Store

YEARS = range(2023, 2027)
"""The years that tests of clocks play in; seeding all of the library's would take most of their time."""


@pytest.fixture
def seeded(store: Store) -> Store:
    """An empty database with the library's calendar, on each database."""
    with store.work() as session:
        days.seed(session, YEARS)
    return store


@pytest.fixture
def seeded_sqlite(sqlite_store: Store) -> Store:
    """An empty SQLite database with the library's calendar."""
    with sqlite_store.work() as session:
        days.seed(session, YEARS)
    return sqlite_store


@pytest.fixture
def officer() -> Actor:
    """Somebody who handles cases."""
    return Actor("p1", "张三", "执法队员", "u1", "衢州市应急管理局", {"case_officer": frozenset({"u1"})})


@pytest.fixture
def leader() -> Actor:
    """The deputy head in charge."""
    return Actor("p2", "王五", "副局长", "u1", "衢州市应急管理局", {"bureau_leader": frozenset({"u1"})})


@pytest.fixture
def admin() -> Actor:
    """The system administrator."""
    return Actor("p3", "赵六", "系统管理员", "u1", "衢州市应急管理局", {"sys_admin": frozenset({"u1"})})
