"""Due times by the wall clock, on machines in any zone, with clocks that jump; and the order of what is told."""

from __future__ import annotations

from tests.durability import clocks
from workflows.store import Store


def test_due_times_are_exact_on_every_machine_and_timers_fire_once_however_its_clock_jumps() -> None:
    assert clocks.moments(150) == []


def test_what_is_written_while_the_clock_jumps_keeps_its_order(demo_store: Store) -> None:
    url = demo_store.engine.url.render_as_string(hide_password=False)
    assert clocks.order(url, 3) == []
