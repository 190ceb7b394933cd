"""The desk's operators against a model of what they mean, on random diagrams (test D7.operators).

    python -m tests.durability D7.operators [--n 20000]

Each process draws diagrams of its own (branches, loops, signing rounds with their rules, subprocesses), and plays
sequences of operators on them through the real commands on SQLite. A model that knows neither engine nor desk
says what is allowed and what comes of it; what is offered, rows, engine and record must say the same.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from hypothesis.errors import HypothesisException
from tqdm import tqdm

from tests.desk.model import machine, scene
from tests.durability.record import Figures
from tests.engine.matches import DIVERGENCES

ROUNDS = 20_000
CHUNK = 250
"""Sequences of one process's turn; with the diagrams that are drawn for them."""
DIAGRAMS = 30
MEMORY = Path("/dev/shm")  # copies of a small database, thousands of them; a disk would be worn out


def play(number: int, sequences: int) -> tuple[Counter[Any], str]:
    """One turn: what was done, and what went wrong first, "" if nothing did."""
    counts = Counter[Any]()
    with tempfile.TemporaryDirectory(prefix="fashen-operators-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        stage = scene.make(Path(folder), number * 1_000, DIAGRAMS)
        try:
            while counts["sequences"] < sequences:
                number += 1_000_000
                machine.run(stage, sequences - counts["sequences"], counts, number=number)
        except (*DIVERGENCES, HypothesisException) as error:
            return counts, f"seed {number}: {type(error).__name__}: {str(error)[:3000]}"
        finally:
            stage.store.close()
    return counts, ""


def measure(n: int | None = None) -> Figures:
    """D7.operators with n sequences."""
    rounds, began = ROUNDS if n is None else n, time.monotonic()
    turns = [min(CHUNK, rounds - begun) for begun in range(0, rounds, CHUNK)]
    with ProcessPoolExecutor(min(len(turns), os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        played = pool.map(play, range(len(turns)), turns)
        done = list(tqdm(played, total=len(turns), desc="operators", unit="turn", disable=None))
    return figures(done, time.monotonic() - began)


def figures(turns: Sequence[tuple[Counter[Any], str]], seconds: float) -> Figures:
    """What some turns found together."""
    counts, wrong = sum((done for done, _ in turns), Counter[Any]()), [broke for _, broke in turns if broke]
    tried = {key: value for key, value in counts.items() if isinstance(key, tuple)}
    done_ = sum(value for (_, heard), value in tried.items() if heard == "done")
    return Figures(
        "D7.operators", counts["sequences"], len(wrong), seconds,
        "random operators on a case in a random diagram: a model without any code of the product says what is allowed "
        "and what comes of it; offers, commands, rows, engine and record agree, and a way out leads to the end",
        {"diagrams": DIAGRAMS * len(turns), "commands": sum(tried.values()), "commands_done": done_,
         "carried_to_the_end": counts["finished"]}, tuple(wrong),
    )  # fmt: skip
