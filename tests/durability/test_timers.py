"""Three workers race for timers that came due while nobody was there, one is killed: each timer fires once.

Starting four of them takes seconds: here on PostgreSQL, where workers really race; on both by `tests.durability D9`.
"""

from __future__ import annotations

import pytest

from tests.durability import timers
from tests.durability.both import demonstration
from tests.postgres import TestServer

pytestmark = pytest.mark.durability


def test_every_timer_fires_once_whoever_is_killed(postgres: TestServer) -> None:
    url = postgres.fresh_database(demonstration)
    outcome = timers.run(url, timers=60, live=2)
    assert outcome.wrong == []
    assert outcome.due == 60
    postgres.drop(url)
