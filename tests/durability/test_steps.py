"""A step that fails leaves the case where it was, once on record, and is taken again when the fault is mended."""

from __future__ import annotations

from tests.durability import steps
from workflows.store import Store


def test_a_fault_behind_a_step_or_a_timer_costs_nothing_but_the_time_to_mend_it(demo_store: Store) -> None:
    url = demo_store.engine.url.render_as_string(hide_password=False)
    assert steps.run(url, 1, places=(0, 3)) == (8, [])
