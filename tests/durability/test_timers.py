"""Three workers race for timers that came due while nobody was there, one is killed: each timer fires once."""

from __future__ import annotations

import pytest

from tests.durability import timers
from tests.durability.both import demonstration

pytestmark = pytest.mark.durability


def test_every_timer_fires_once_whoever_is_killed(empty_url: str) -> None:
    demonstration(empty_url)
    outcome = timers.run(empty_url, timers=90, live=3)
    assert outcome.wrong == []
    assert outcome.due == 90
