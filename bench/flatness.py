"""Does a step of an old case cost what a step of a new one costs? Time, bytes and statements, in turn on one database.

One case is returned again and again until it has thousands of steps behind it. Then one round of it (four steps) and
one round of a fresh case that was returned once (steps 5 to 8) are done in turn, so that whatever else the machine
does hits both. Each round also passes two splits that nothing joins, whose other branch ends at once. Everything goes
through the command of the desk, from its unit of work's beginning to its commit.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench import databases
from bench.measure import Effort, Measure, ratio, shown, spread
from bench.scene import REWORK, ROUND, Scene, prepare
from bench.written import Passing, passing, stored_bytes

STEPS = len(ROUND)


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """On both databases."""
    for name in databases.NAMES:
        place = folder / name
        place.mkdir()
        url = databases.empty(name, place)
        prepare(url)
        scene = Scene(url)
        try:
            yield from _Old(scene, name, effort).measures()
        finally:
            scene.close()


class _Old:
    """An old case and the fresh ones beside it."""

    def __init__(self, scene: Scene, name: str, effort: Effort) -> None:
        self.scene, self.name, self.effort = scene, name, effort

    def measures(self) -> Iterator[Measure]:
        """Time first, then bytes, on the same old case."""
        old = self.scene.open_case(REWORK)
        for _ in shown(range(self.effort.old // STEPS), f"old case ({self.name})"):
            self.scene.run_round(old, returned=True)
        yield from self._time(old)
        yield from self._bytes(old)

    def _time(self, old: str) -> Iterator[Measure]:
        aged: list[tuple[float, float]] = []
        fresh: list[tuple[float, float]] = []
        for number in shown(range(self.effort.rounds), f"step_flatness_{self.name}"):
            young = self._young()
            for element in ROUND:
                sides = [(old, aged), (young, fresh)]
                for case, samples in sides if number % 2 else reversed(sides):
                    samples.append(self._timed(case, element))
        wall = [[one[0] for one in samples] for samples in (aged, fresh)]
        cpu = [statistics.median(one[1] for one in samples) for samples in (aged, fresh)]
        yield ratio(
            f"step_flatness_{self.name}", wall[0], wall[1],
            f"time of step {self.effort.old:,} / time of step 5: complete_task to its commit, taken in turn", 10,
            ms_old=statistics.median(wall[0]), ms_new=statistics.median(wall[1]), cpu_ratio=cpu[0] / cpu[1],
        )  # fmt: skip
        facts = {"cpu_ms": cpu[1], "per_second": 1000 / statistics.fmean(wall[1])}
        yield spread(f"step_ms_{self.name}", wall[1], "ms", "one completion in a new case", **facts)

    def _timed(self, case: str, element: str) -> tuple[float, float]:
        task = self.scene.waiting(case, element)
        start, cpu = time.perf_counter(), time.process_time()
        self.scene.complete(task, returned=True)
        return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000

    def _bytes(self, old: str) -> Iterator[Measure]:
        aged: list[tuple[Passing, int]] = []
        fresh: list[tuple[Passing, int]] = []
        for _ in range(max(1, self.effort.rounds // 3)):
            young = self._young()
            for element in ROUND:
                aged.append(self._written(old, element))
                fresh.append(self._written(young, element))
        sent = [[float(one.total) for one, _ in samples] for samples in (aged, fresh)]
        stored = [[float(size) for _, size in samples] for samples in (aged, fresh)]
        tables = sum((one.bytes for one, _ in fresh), start=type(fresh[0][0].bytes)())
        facts = {table: size / len(fresh) for table, size in tables.most_common()}
        log = "pages in the write-ahead log" if self.name == "sqlite" else "write-ahead log records"
        yield spread(f"bytes_per_step_{self.name}", sent[1], "bytes", "values sent to tables (mean by table)", **facts)
        yield ratio(f"bytes_flatness_{self.name}", sent[0], sent[1], "the same, old case / new case", 10)
        yield spread(f"stored_bytes_per_step_{self.name}", stored[1], "bytes", f"written by the database: {log}")
        yield ratio(f"stored_bytes_flatness_{self.name}", stored[0], stored[1], "the same, old case / new case", 10)
        counts = [[float(one.statements) for one, _ in samples] for samples in (fresh, aged)]
        facts = {"old_case": statistics.median(counts[1])}
        yield spread(f"statements_per_step_{self.name}", counts[0], "statements", "SQL of one completion", **facts)

    def _written(self, case: str, element: str) -> tuple[Passing, int]:
        task = self.scene.waiting(case, element)
        with passing(self.scene.store) as seen:
            size = stored_bytes(self.scene.store, lambda: self.scene.complete(task, returned=True))
            seen.statements -= _own(self.name)
        return seen, size

    def _young(self) -> str:
        case = self.scene.open_case(REWORK)
        self.scene.run_round(case, returned=True)
        return case


def _own(name: str) -> int:
    """Statements that the measurement itself sends."""
    return 5 if name == "sqlite" else 2
