"""Measures what people wait for, on this machine, and writes what it found to bench/last.md.

    python -m bench [NAME …]       commands, ledger, documents, reading, pages; all when none is named
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import tempfile
from pathlib import Path

from bench import commands, documents, ledger, pages, reading
from bench.measure import HEAD
from workflows.calendar import clock

ALL = {
    "reading": reading.run,
    "commands": commands.run,
    "ledger": ledger.run,
    "documents": documents.run,
    "pages": pages.run,
}
LAST = Path(__file__).parent / "last.md"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    names = parser.parse_args().names or list(ALL)
    if unknown := set(names) - set(ALL):
        parser.error(f"there is no benchmark {sorted(unknown)}; there are {', '.join(ALL)}")
    lines = [HEAD]
    with tempfile.TemporaryDirectory(prefix="fashen-bench-") as place:
        for name in names:
            folder = Path(place) / name
            folder.mkdir()
            for result in ALL[name](folder):
                lines.append(result.row())
                print(result.row(), flush=True)
    if set(names) == set(ALL):
        machine = (
            f"{clock.today()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
            f" {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
        )
        LAST.write_text("# What `make bench` last printed\n\n" + machine + "\n\n" + "\n".join(lines) + "\n", "utf-8")
        print(f"written to {LAST}")


if __name__ == "__main__":
    main()
