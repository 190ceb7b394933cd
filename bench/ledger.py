"""Appending to the ledger, and verifying it: the nightly check of a bureau's year."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import databases
from bench.measure import Effort, Measure, timed
from workflows import ledger, migrations
from workflows.actors import SYSTEM
from workflows.ledger.events import TaskClaimed
from workflows.store import Store, new_id

STREAMS = 50


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """One entry a unit of work; then the whole, told by entry. On both databases."""
    for name in databases.NAMES:
        place = folder / name
        place.mkdir()
        store = Store(databases.empty(name, place))
        migrations.upgrade(store)
        try:
            yield from _measures(store, name, effort.times * 5)
        finally:
            store.close()


def _measures(store: Store, name: str, entries: int) -> Iterator[Measure]:
    def append(number: int) -> None:
        event = TaskClaimed(task_id=new_id(), element_id="initial_review", name="法规初审")
        with store.work() as session:
            ledger.append(session, f"case:{number % STREAMS}", event, actor=SYSTEM)

    def verify(_number: int) -> None:
        with store.read() as session:
            faults = ledger.verify(session)
        if faults:
            raise RuntimeError(f"the ledger does not verify: {faults[0]}")

    warm = 2
    yield timed(f"ledger_append_{name}", append, entries, "one entry in a unit of work of its own", warm=warm)
    whole = timed("", verify, 5, "")
    each = 1000 / (entries + warm)
    values = [whole.p25 * each, whole.median * each]
    yield Measure(
        f"ledger_verify_{name}", values[1], values[0], whole.n, "µs/entry",
        f"verifying {entries + warm} entries, by entry", {"per_second": 1e6 / values[1]},
    )  # fmt: skip
