"""Two commands that compete come out as if one had come after the other, whichever was first."""

from __future__ import annotations

from tests.durability import pairs
from workflows.store import Store


def test_every_pair_in_every_order_has_one_legal_result(demo_store: Store) -> None:
    url = demo_store.engine.url.render_as_string(hide_password=False)
    assert pairs.run(url, 1) == (len(pairs.PAIRS) * len(pairs.ORDERS), [])
