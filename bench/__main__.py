"""Measures what people wait for, on this machine: a table in the terminal, bench/results.json and bench/last.md.

    python -m bench                     everything
    python -m bench --only flatness     one part; its entries in results.json are replaced, the others kept

results.json is a list with one entry a measure: {measure, median, p25, n, unit, what, commit, date, …}; last.md is the
same to read. A ratio is taken from samples of one run that alternate, so that whatever else the machine does hits both
sides.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import documents, flatness, inbox, ledger, memory, operations, pages, racing, reading, search, timers
from bench.measure import FULL, HEAD, TINY, Effort, Measure, row
from tests.durability.record import commit
from workflows.calendar import clock

PARTS: dict[str, Callable[[Path, Effort], Iterator[Measure]]] = {
    "reading": reading.run,
    "flatness": flatness.run,
    "memory": memory.run,
    "viewflow": racing.run,
    "timers": timers.run,
    "ledger": ledger.run,
    "documents": documents.run,
    "pages": pages.run,
    "inbox": inbox.run,
    "operations": operations.run,
    "search": search.run,
}
RESULTS = Path(__file__).parent / "results.json"
LAST = Path(__file__).parent / "last.md"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--tiny", action="store_true", help="only show that it runs: a handful of samples")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the entries are written")
    given = parser.parse_args()
    parts = given.only or list(PARTS)
    measures = []
    print(HEAD)
    with tempfile.TemporaryDirectory(prefix="fashen-bench-") as place:
        for part in parts:
            folder = Path(place) / part
            folder.mkdir()
            for measure in PARTS[part](folder, TINY if given.tiny else FULL):
                measures.append(measure)
                print(row(measure.entry()), flush=True)
    keep(measures, given.results)
    if given.results == RESULTS:
        LAST.write_text(readable(json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def keep(measures: list[Measure], file: Path) -> None:
    """Write the measures into `file`, in place of older ones of the same names."""
    made: dict[str, Any] = {"commit": commit(), "date": clock.today().isoformat(), "machine": machine()}
    kept = {entry["measure"]: entry for entry in json.loads(file.read_text("utf-8"))} if file.is_file() else {}
    kept |= {measure.name: measure.entry() | made for measure in measures}
    file.write_text(json.dumps(list(kept.values()), ensure_ascii=False, indent=2) + "\n", "utf-8")


def readable(entries: list[dict[str, Any]]) -> str:
    """The entries of results.json as a page, those measured on one commit and machine together."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for entry in entries:
        groups.setdefault((entry["commit"], entry["machine"]), []).append(entry)
    parts = ["# What `make bench` last measured\n"]
    for (of, where), group in groups.items():
        parts.append("\n".join((f"Commit {of}, {where}\n", HEAD, *(row(entry) for entry in group))) + "\n")
    return "\n".join(parts)


def machine() -> str:
    """Where it was measured."""
    return (
        f"{clock.today()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    )


if __name__ == "__main__":
    main()
