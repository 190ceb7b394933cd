"""How a measurement is taken and told."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tqdm import tqdm


@dataclass(frozen=True)
class Result:
    """One measured thing: how often it was done and how long each took, in milliseconds."""

    name: str
    times: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half took longer."""
        return statistics.median(self.times)

    @property
    def slow(self) -> float:
        """One in twenty took longer."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * 0.95))]

    def row(self) -> str:
        """A line of the table."""
        per_second = 1000 * len(self.times) / sum(self.times)
        return f"| {self.name} | {len(self.times)} | {self.median:.1f} | {self.slow:.1f} | {per_second:.1f} |"


HEAD = "| what | times | median ms | 95 % below ms | per second |\n|---|---:|---:|---:|---:|"


def timed(name: str, act: Callable[[int], object], times: int, *, warm: int = 2) -> Result:
    """Do `act(number)` `warm` times unmeasured, then `times` times measured."""
    for number in range(warm):
        act(number - warm)
    measured = []
    for number in _shown(range(times), name):
        start = time.perf_counter()
        act(number)
        measured.append((time.perf_counter() - start) * 1000)
    return Result(name, tuple(measured))


def _shown(numbers: Iterable[int], name: str) -> Iterable[int]:
    return tqdm(numbers, desc=name, leave=False, disable=None)
