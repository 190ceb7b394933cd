"""What one case takes of disk and steps: `python -m tests.deployment.footprint`.

Plays the published cases through the real commands, each some times in a PostgreSQL database of its own, and prints
what one more of it leaves: bytes of the tables with their indexes (of the ledger apart), bytes and number of files,
entries, steps of people. The uploaded exhibits of the scripts are small; a bureau adds its own photographs and
recordings to the files.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import astuple, dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, text

from tests.durability.server import ROOT
from tests.postgres import TestServer
from webapp import launch
from workflows import play
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI
from workflows.desk.tasks import Task
from workflows.documents.fonts.faces import fonts_of
from workflows.files import Files
from workflows.ledger.entries import EntryRow
from workflows.store import Store

CASES = ROOT / "tests" / "cases"
BEFORE_ALL = datetime(2021, 1, 4, 9, tzinfo=SHANGHAI)
MEASURED = 2
"""Plays that are measured, after a first one has given every table its pages."""
LEDGER = ("ledger_entry", "ledger_head")


@dataclass(frozen=True)
class Footprint:
    """What one case left. Sizes in bytes; the ledger's are part of the database's."""

    case: str
    steps: int
    entries: int
    database: int
    ledger: int
    files: int
    file_count: int


def measure(server: TestServer, path: Path, folder: Path) -> Footprint:
    """Play one case in an empty bureau and measure what it added."""
    url = server.fresh_database(_bureau)
    store, files = Store(url), Files(str(folder / path.stem))
    try:
        script = play.read(path)
        _play(store, files, script)
        before, ledger_before = _sizes(store)
        known = replace(script, matters=[])  # those that the catalogue lacked were entered by the first play
        for _ in range(MEASURED):
            _play(store, files, known)
        after, ledger_after = _sizes(store)
        with store.read() as session:
            steps = session.execute(select(func.count()).select_from(Task)).scalar_one()
            entries = session.execute(select(func.count()).select_from(EntryRow).where(EntryRow.case_id.is_not(None)))
            kept = [each.stat().st_size for each in (folder / path.stem).rglob("*") if each.is_file()]
            played = MEASURED + 1
            return Footprint(
                path.stem, steps // played, entries.scalar_one() // played, (after - before) // MEASURED,
                (ledger_after - ledger_before) // MEASURED, sum(kept) // played, len(kept) // played,
            )  # fmt: skip
    finally:
        store.close()
        server.drop(url)


def _play(store: Store, files: Files, script: play.Script) -> None:
    with clock.simulated(script.begins) as time:
        play.Player(store, files, fonts_of(None), time).play(script)


def _bureau(url: str) -> None:
    store = Store(url)
    with clock.simulated(BEFORE_ALL):
        launch.prepare(store, demo=True)
    store.close()


def _sizes(store: Store) -> tuple[int, int]:
    """Bytes of all tables and of the ledger's, with indexes, after dead rows are cleared away."""
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM FULL"))
        size = text("SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND "
                    "relnamespace = current_schema()::regnamespace")  # fmt: skip
        found = {str(name): int(taken) for name, taken in connection.execute(size)}
    return sum(found.values()), sum(found[name] for name in LEDGER)


def main() -> int:
    """Measure every published case and print a table."""
    with tempfile.TemporaryDirectory(prefix="fashen-footprint-") as place:
        server = TestServer(Path(place) / "postgres", "footprint")
        found = [measure(server, path, Path(place)) for path in sorted(CASES.glob("*.yaml"))]
    names = [field.name for field in fields(Footprint)]
    print("  ".join(f"{name:>22}" if name == "case" else f"{name:>10}" for name in names))
    for one in found:
        print("  ".join(f"{value:>22}" if isinstance(value, str) else f"{value:>10,}" for value in astuple(one)))
    middle = [statistics.median(values) for values in zip(*(astuple(one)[1:] for one in found), strict=True)]
    print("  ".join([f"{'median':>22}", *(f"{value:>10,.0f}" for value in middle)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
