"""Appending to the ledger, and verifying it: the nightly check of a bureau's year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.measure import Result, timed
from workflows import ledger, migrations
from workflows.actors import SYSTEM
from workflows.ledger.events import TaskClaimed
from workflows.store import Store, new_id

ENTRIES = 2_000
STREAMS = 50


def run(folder: Path) -> Iterator[Result]:
    """One entry a unit of work; then the whole."""
    store = Store(f"sqlite:///{folder / 'fashen.sqlite'}")
    migrations.upgrade(store)

    def append(number: int) -> None:
        event = TaskClaimed(task_id=new_id(), element_id="initial_review", name="法规初审")
        with store.work() as session:
            ledger.append(session, f"case:{number % STREAMS}", event, actor=SYSTEM)

    def verify(_number: int) -> None:
        with store.read() as session:
            faults = ledger.verify(session)
        if faults:
            raise RuntimeError(f"the ledger does not verify: {faults[0]}")

    try:
        yield timed("append to the ledger", append, ENTRIES)
        yield timed(f"verify {ENTRIES} entries", verify, 5)
    finally:
        store.close()
