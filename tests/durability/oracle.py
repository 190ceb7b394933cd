"""The engine against an independent token game on random diagrams (test D7.oracle).

    python -m tests.durability D7.oracle [--n 5000]

The game is written from the BPMN standard and shares no code with the engine. Each round plays one diagram of blocks
(sequence, choice, parallel, inclusive, several flows out of activities, loops, multi-instance, subprocesses, calls,
boundary events) and one whose gateways are joined at random.
"""

from __future__ import annotations

import time
from collections import Counter

from tqdm import tqdm

from tests.durability.record import Figures
from tests.engine.matches import DIVERGENCES, play_graph, play_tree

ROUNDS = 5_000
_MOVES = 40


def measure(n: int | None = None) -> Figures:
    """D7.oracle with n rounds of two diagrams each."""
    rounds, began = ROUNDS if n is None else n, time.monotonic()
    counts, wrong = Counter[str](), list[str]()
    for seed in tqdm(range(rounds), desc="oracle", unit="round", disable=None):
        try:
            played = play_tree(seed, 1 + seed % 14, _MOVES)
            counts.update(diagrams=1, steps=played.moves, finished=played.finished)
            if (loose := play_graph(seed)) is not None:
                counts.update(diagrams=1, steps=loose.moves, finished=loose.finished,
                              stopped_alike=loose.incident is not None)
        except DIVERGENCES as error:
            wrong.append(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}")
    return Figures(
        "D7.oracle", rounds, len(wrong), time.monotonic() - began,
        "random diagrams, answers and orders are played by the engine (kept in memory, and stored and read back after "
        "each step) and by a token game written from the standard; both offer the same steps throughout",
        {**counts, "divergences": len(wrong)}, tuple(wrong),
    )
