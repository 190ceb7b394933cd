"""How a measurement is taken, told and written down."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")
Fact = int | float | str


@dataclass(frozen=True)
class Effort:
    """How much is measured. The whole is a matter of minutes; TINY shows within seconds that everything runs.

    old: past steps of the old case; rounds: rounds of four steps that are measured on each side; blocks: alternating
    blocks; cases: cases a block; times: how often a quick thing is done; processes: how many work at once.
    """

    old: int = 5_000
    rounds: int = 50
    blocks: int = 9
    cases: int = 8
    times: int = 300
    processes: tuple[int, ...] = (1, 2)


FULL = Effort()
TINY = Effort(old=8, rounds=1, blocks=1, cases=1, times=3)


@dataclass(frozen=True)
class Measure:
    """One measured thing. n: samples behind the median and the lower quartile; facts: further figures."""

    name: str
    median: float
    p25: float
    n: int
    unit: str
    what: str
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def entry(self) -> dict[str, object]:
        """What stands in results.json."""
        found = {"measure": self.name, "median": _short(self.median), "p25": _short(self.p25), "n": self.n}
        facts = {name: _short(value) if isinstance(value, float) else value for name, value in self.facts.items()}
        return {**found, "unit": self.unit, "what": self.what, **facts}


HEAD = "| measure | median | p25 | n | unit | |\n|---|---:|---:|---:|---|---|"
_NO_FACTS = frozenset({"measure", "median", "p25", "n", "unit", "what", "commit", "date", "machine"})


def row(entry: Mapping[str, Any]) -> str:
    """A line of the table, from an entry of results.json."""
    facts = ", ".join(
        f"{name.replace('_', ' ')} {_told(value)}" for name, value in entry.items() if name not in _NO_FACTS
    )
    told = _told(entry["median"]), _told(entry["p25"])
    return f"| {entry['measure']} | {told[0]} | {told[1]} | {entry['n']} | {entry['unit']} | {facts} |"


def spread(name: str, values: Sequence[float], unit: str, what: str, **facts: Fact) -> Measure:
    """The measure of a thing done several times."""
    return Measure(name, statistics.median(values), p25(values), len(values), unit, what, facts)


def ratio(name: str, above: Sequence[float], below: Sequence[float], what: str, blocks: int, **facts: Fact) -> Measure:
    """How many times the first is the second: the ratio of the medians of samples that were taken in turn.

    p25 is the lower quartile of the same ratio over `blocks` stretches of the run.
    """
    size = max(1, len(above) // max(1, blocks))
    stretches = [slice(start, start + size) for start in range(0, len(above), size)]
    ratios = [statistics.median(above[one]) / statistics.median(below[one]) for one in stretches]
    whole = statistics.median(above) / statistics.median(below)
    return Measure(name, whole, p25(ratios), len(above), "ratio", what, facts)


def p25(values: Sequence[float]) -> float:
    """The lower quartile."""
    return statistics.quantiles(values, n=4, method="inclusive")[0] if len(values) > 1 else values[0]


def timed(name: str, act: Callable[[int], object], times: int, what: str, *, warm: int = 2) -> Measure:
    """Do `act(number)` `warm` times unmeasured, then `times` times measured; in milliseconds."""
    for number in range(warm):
        act(number - warm)
    measured = []
    for number in shown(range(times), name):
        start = time.perf_counter()
        act(number)
        measured.append((time.perf_counter() - start) * 1000)
    slow = sorted(measured)[min(len(measured) - 1, int(len(measured) * 0.95))]
    return spread(name, measured, "ms", what, p95=slow, per_second=1000 * len(measured) / sum(measured))


def shown(rounds: Iterable[T], name: str) -> Iterable[T]:
    """The same, with a bar of progress where a person looks on."""
    return tqdm(rounds, desc=name, leave=False, disable=None)


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def _told(value: Fact) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 or isinstance(value, int) else f"{value:.3g}"
