"""Figures of reliability: what a measured run found, and bench/durability.json, where the published ones stand.

A published figure is never better than the truth, and never said of fewer rounds than it was. So a run replaces one
when it was as large as a night's, or when anything failed in it, however small it was: a fault that was seen once
stands there until a whole run is without. A small run in which nothing failed shows little; it is printed, and kept
beside what the program writes (var/durability.json), unless somebody says `--record`.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FILE = ROOT / "bench" / "durability.json"
"""test id → {id, n, failures, seconds, commit, date, what, figures}"""
SMALL = ROOT / "var" / "durability.json"
"""The same of runs that are not published."""


@dataclass(frozen=True)
class Figures:
    """One run of one test of reliability.

    n: rounds that were tried; failures: rounds that broke the promise (0 is the only good figure); seconds: how long
    it took; what: one English sentence that says what one round is; figures: further counts, name → value;
    wrong: what broke, for whoever has to mend it (printed, never recorded).
    """

    test_id: str
    n: int
    failures: int
    seconds: float
    what: str
    figures: Mapping[str, int | float | str] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()


def place(run: Figures, *, whole: bool) -> Path:
    """Where a run is kept. whole: it had the rounds of a night or more, or somebody wants it published all the same."""
    return FILE if whole or run.failures else SMALL


def keep(run: Figures, file: Path) -> None:
    """Merge one run into `file`. The entries of other ids are kept; two runs at once take turns."""
    entry = {
        "id": run.test_id,
        "n": run.n,
        "failures": run.failures,
        "seconds": round(run.seconds, 1),
        "commit": commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "what": run.what,
        "figures": dict(sorted(run.figures.items())),
    }
    with _alone(file):
        kept = recorded(file)
        kept[run.test_id] = entry
        text = json.dumps(dict(sorted(kept.items(), key=lambda one: order(one[0]))), ensure_ascii=False, indent=2)
        fresh = file.with_suffix(".new")
        fresh.write_text(text + "\n", encoding="utf-8")
        os.replace(fresh, file)  # whoever reads meanwhile sees the old file or the new one


def recorded(file: Path = FILE) -> dict[str, dict[str, Any]]:
    """All entries, test id → entry; empty when nothing was ever measured."""
    try:
        entries: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return entries


def order(test_id: str) -> tuple[str, int, str]:
    """A key that puts D2 before D11."""
    digits = "".join(letter for letter in test_id if letter.isdigit())
    return test_id.partition(digits)[0] if digits else test_id, int(digits or 0), test_id


def commit() -> str:
    """The commit of the checkout, short, with a + when product or tests were changed since; "" without git."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD").strip()
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", "workflows", "webapp", "bpmn", "tests")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head + ("+" if changed.strip() else "")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Reading and writing back is one turn. The lock goes with the process that holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
