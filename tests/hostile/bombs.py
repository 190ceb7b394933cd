"""Bombs for the engine: each must be refused or stopped at a limit, and what runs the engine goes on (test H6).

    python -m tests.durability H6 [--n 200]

Loops without a wait (timers of no time, signals, messages, escalations, conditions and calls among them), millions of
instances, processes that call themselves, variables and answers of megabytes, copies that add up, nesting. Those with
timers are also left to the real worker, between timers that have nothing wrong with them.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from tqdm import tqdm

from tests.conftest import make_demo
from tests.durability.record import Figures
from tests.durability.timers import open_case
from tests.engine import drawing as d
from tests.hostile import watch
from tests.hostile.bomb_diagrams import Bomb, every
from tests.publishing import put_in_force
from workflows import worker
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.desk import advance
from workflows.engine import state
from workflows.errors import DiagramRefused, Incident, Invalid
from workflows.store import Store

HANGING = 60.0
"""Seconds after which one bomb counts as not stopped; the slowest takes a few."""


def set_off(bomb: Bomb) -> str | None:
    """Where it was stopped: "refused" when it was read, "invalid" or the code of the incident; None if it was not.

    Raises watch.Hang when nothing stops it, and whatever else the engine lets out.
    """
    with watch.limited(HANGING):
        try:
            bomb()
        except DiagramRefused:
            return "refused"
        except Invalid as error:
            return error.code
        except Incident as incident:
            return incident.code if "line" in incident.facts and incident.code != "engine.failed" else None
    return None


GOOD = d.package(d.start(), d.catch("t", d.timer("PT1H")), d.end(), d.flows("start > t > end"), key="good")
_LOOP = d.flows("""
    start > w > m > b > g
    g > m
    g > end ? done""")
BAD = [
    d.package(d.start(), d.catch("w", d.timer("PT1H")), d.xor("m"), body, d.xor("g", default="g__m"), d.end(), _LOOP,
              key=key)
    for key, body in (("no_time", d.catch("b", d.timer("PT0S"))), ("no_wait", d.node("task", "b")),
                      ("too_many", d.user("b", d.many(times="${times}"))))
]
"""A timer starts each of them."""


def left_to_the_worker(url: str) -> list[str]:
    """Bombs with timers in real cases, a good timer after each: what the worker did wrong with them."""
    began, wrong, store = clock.now(), list[str](), Store(url)
    try:
        good, bad = list[str](), list[str]()
        with store.work() as session:
            for package in (GOOD, *BAD):
                put_in_force(session, package)
            given = {"done": False, "times": 10**6}
            for package in BAD:
                bad.append(advance.start(session, open_case(session), package.key, given, SYSTEM).id)
                good.append(advance.start(session, open_case(session), "good", {}, SYSTEM).id)
        with clock.simulated(began + timedelta(hours=2)), watch.limited(HANGING):
            while worker.fire_next(store) is not None:
                pass
        with store.read() as session:
            wrong += [f"the good timer of {id} did not fire" for id in good
                      if not state.load(session, id, lock=False).finished]
            wrong += [f"{id} has no incident" for id in bad if not state.incident(session, id)]
    finally:
        store.close()
    return wrong


def measure(n: int | None = None) -> Figures:
    """H6 with n bombs, all of them in turn; four rounds of all if not said."""
    known, began = every(), time.monotonic()
    rounds = 4 * len(known) if n is None else n
    stopped, wrong, slowest = Counter[str](), list[str](), (0.0, "")
    for number in tqdm(range(rounds), desc="bombs", unit="bomb", disable=None):
        name, bomb = known[number % len(known)]
        started = time.monotonic()
        try:
            where = set_off(bomb)
        except (watch.Hang, Exception) as escaped:  # noqa: BLE001 (whatever gets out is what is looked for)
            wrong.append(f"{name}: {type(escaped).__name__}: {str(escaped)[:200]}")
        else:
            if where is None:
                wrong.append(f"{name}: not stopped, or stopped without a place")
            else:
                stopped[where.replace(".", "_")] += 1
        slowest = max(slowest, (time.monotonic() - started, name))
    with tempfile.TemporaryDirectory(prefix="fashen-bombs-") as place:
        url = f"sqlite:///{Path(place) / 'bombs.sqlite'}"
        make_demo(url)
        wrong += left_to_the_worker(url)
    return Figures(
        "H6", rounds, len(wrong), time.monotonic() - began,
        "a diagram, answer or file made to run for ever or to fill the memory is refused or stopped at a limit that is "
        "named with its element and line; three of them are left to the worker, which fires the good timers between",
        {"kinds": len(known), **stopped, "slowest_ms": round(slowest[0] * 1000), "slowest": slowest[1],
         "peak_mb": watch.peak_megabytes()},
        tuple(wrong),
    )
