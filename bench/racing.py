"""Completions a second beside viewflow: the same approval, the same database server, in turn.

Both are driven below HTTP, by processes of their own, on databases of their own that hold the same approvals and are
equally durable (SQLite: WAL, synchronous=FULL, BEGIN IMMEDIATE; PostgreSQL: fsync and synchronous_commit on). Each
block completes the same number of steps with the one and then with the other; the ratio is ours / theirs, so above 1
means that this program completes more. What each does for a completion is told in docs/decisions/0008-benchmarks.md.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from bench import databases
from bench.measure import Effort, Measure, p25, shown

ROOT = Path(__file__).parents[1]
SITE = Path(__file__).parent / "viewflow_site"
ENVIRONMENT = ROOT / "var" / "viewflow-env"
LOCK = SITE / "requirements.lock"


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """On both databases, with one process and with several."""
    python = installed()
    for name in databases.NAMES:
        racers = []
        for side in ("ours", "viewflow"):
            place = folder / f"{name}-{side}"
            place.mkdir()
            url = databases.empty(name, place)
            racers.append(_Racer(*(_ours(url) if side == "ours" else _theirs(python, url))))
        try:
            for racer in racers:
                racer.prepare(max(effort.processes))
            for processes in effort.processes:
                yield _race(name, racers, processes, effort)
        finally:
            for racer in racers:
                racer.stop()


def _race(name: str, racers: list[_Racer], processes: int, effort: Effort) -> Measure:
    label = f"completions_vs_viewflow_{name}" + ("" if processes == 1 else f"_{processes}_processes")
    rates: list[list[float]] = [[], []]
    for block in shown(range(-1, effort.blocks), label):
        for side in (0, 1) if block % 2 else (1, 0):
            rate = racers[side].completions_per_second(processes, effort.cases)
            if block >= 0:  # the first is to warm up
                rates[side].append(rate)
    ratios = [ours / theirs for ours, theirs in zip(*rates, strict=True)]
    facts = {"ours_per_second": statistics.median(rates[0]), "viewflow_per_second": statistics.median(rates[1])}
    what = f"completions a second, ours / viewflow's, {processes} process{'es' if processes > 1 else ''}"
    return Measure(label, statistics.median(ratios), p25(ratios), len(ratios), "ratio", what, facts)


@dataclass
class _Racer:
    """One of the two: a command that starts a runner, where, and with what environment."""

    command: list[str]
    folder: Path
    environment: Mapping[str, str]

    def prepare(self, processes: int) -> None:
        """Start the runners and let the first fill the database."""
        self._runners = [
            subprocess.Popen(
                self.command, cwd=self.folder, env={**os.environ, "PYTHONPATH": "", **self.environment},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for _ in range(processes)
        ]  # fmt: skip
        self._all(1, {"prepare": True})

    def completions_per_second(self, processes: int, cases: int) -> float:
        """Open `cases` cases in each runner, then complete them all; only the completing counts."""
        for number in range(processes):  # one after another: opening is not measured
            self._ask(number, {"open": cases})
            self._answer(number)
        told = self._all(processes, {"go": True})
        took = max(one["ended"] for one in told) - min(one["begun"] for one in told)
        return float(sum(one["completions"] for one in told) / took)

    def stop(self) -> None:
        """No more orders: the runners end."""
        for runner in getattr(self, "_runners", []):
            runner.communicate()

    def _all(self, processes: int, order: Mapping[str, Any]) -> list[dict[str, float]]:
        for number in range(processes):
            self._ask(number, order)
        return [self._answer(number) for number in range(processes)]

    def _ask(self, number: int, order: Mapping[str, Any]) -> None:
        stream = self._runners[number].stdin
        if stream is not None:
            stream.write(json.dumps(order) + "\n")
            stream.flush()

    def _answer(self, number: int) -> dict[str, float]:
        stream = self._runners[number].stdout
        line = stream.readline() if stream is not None else ""
        if not line:
            raise RuntimeError(f"a runner gave up: {' '.join(self.command)}")
        answer: dict[str, float] = json.loads(line)
        return answer


def _ours(url: str) -> tuple[list[str], Path, Mapping[str, str]]:
    return [sys.executable, "-m", "bench.runner", url], ROOT, {}


def _theirs(python: Path, url: str) -> tuple[list[str], Path, Mapping[str, str]]:
    read = make_url(url)
    found = {"BENCH_ENGINE": read.get_backend_name(), "BENCH_DATABASE": read.database or ""}
    if found["BENCH_ENGINE"] == "postgresql":
        found |= {"BENCH_HOST": str(read.query.get("host") or read.host or ""), "BENCH_USER": read.username or ""}
    return [str(python), "-m", "runner"], SITE, found


def installed() -> Path:
    """The Python of viewflow's own environment under var/, made from the locked versions when it is missing or old.

    Raises subprocess.CalledProcessError when the registry does not give them.
    """
    python, mark = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "installed.lock"
    if not mark.is_file() or mark.read_bytes() != LOCK.read_bytes():
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        install = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r"]
        own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run([python, *install, LOCK], check=True, env=own)
        mark.write_bytes(LOCK.read_bytes())
    return python
