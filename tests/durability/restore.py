"""What a database gives back has the same future as what was never stored (test D7.restore).

    python -m tests.durability D7.restore [--n 600]

Half of the rounds are on each database. An instance is loaded before each step and saved after it; beside it runs one
that never leaves memory, and the token game.
"""

from __future__ import annotations

import time
from collections import Counter

from tqdm import tqdm

from tests.conftest import make_tables
from tests.durability.both import databases
from tests.durability.record import Figures
from tests.engine.matches import DIVERGENCES, play_stored
from workflows.store import Store

ROUNDS = 600
_MOVES = 40


def measure(n: int | None = None) -> Figures:
    """D7.restore with n diagrams."""
    rounds, began = ROUNDS if n is None else n, time.monotonic()
    counts, wrong = Counter[str](), list[str]()
    with databases(make_tables) as urls:
        stores = [Store(url) for url in urls.values()]
        for seed in tqdm(range(rounds), desc="restore", unit="diagram", disable=None):
            store = stores[seed % len(stores)]
            try:
                played = play_stored(store, seed, 1 + seed % 14, _MOVES)
                counts.update({"diagrams": 1, "steps": played.moves, f"diagrams_{store.engine.dialect.name}": 1})
            except DIVERGENCES as error:
                wrong.append(f"seed {seed} on {store.engine.dialect.name}: {type(error).__name__}: {str(error)[:300]}")
        for store in stores:
            store.close()
    return Figures(
        "D7.restore", rounds, len(wrong), time.monotonic() - began,
        "random diagrams are stored and loaded around every step; what was loaded offers the same steps, due moments "
        "and variables as what was never stored, to the end",
        {**counts, "divergences": len(wrong)}, tuple(wrong),
    )
