"""The demonstration bureau with its three administrators, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.desk.conftest import MORNING, Bureau
from workflows import passwords
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.desk.execute import execute
from workflows.store import Store


class Office(Bureau):
    """The bureau, and commands of its administrators."""

    def does(self, login: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """One command of somebody, in a unit of work of its own."""
        return execute(self.store, command, self.actor(login), *args, **kwargs)

    def id(self, login: str) -> str:
        """The id of a person."""
        from workflows import staff

        with self.store.read() as session:
            return staff.find_person(session, login).id

    def unit(self, name: str) -> str:
        """The id of a unit."""
        from workflows import staff

        with self.store.read() as session:
            return staff.find_unit(session, name).id


@pytest.fixture
def time() -> Iterator[SimulatedClock]:
    """A working day's morning, standing still."""
    with clock.simulated(MORNING) as simulated:
        yield simulated


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real algorithm with the least work."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()


@pytest.fixture
def office(demo_store: Store, time: SimulatedClock) -> Office:
    """The bureau on both databases."""
    return Office(demo_store)


@pytest.fixture
def small_office(sqlite_demo_store: Store, time: SimulatedClock) -> Office:
    """The bureau on SQLite, for what is the same on both."""
    return Office(sqlite_demo_store)
