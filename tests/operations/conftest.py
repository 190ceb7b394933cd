"""The demonstration bureau, on SQLite; on both databases where a test says so."""

from __future__ import annotations

import pytest

from tests.desk.conftest import Bureau
from tests.desk.conftest import bureau as on_both
from tests.desk.conftest import time as time
from tests.external.conftest import served as served
from workflows.calendar.clock import SimulatedClock
from workflows.store import Store

any_bureau = on_both


@pytest.fixture
def bureau(sqlite_demo_store: Store, time: SimulatedClock) -> Bureau:
    """The demonstration bureau."""
    return Bureau(sqlite_demo_store)
