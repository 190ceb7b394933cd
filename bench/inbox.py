"""The lists of the desk over 10,000, 100,000 and 1,000,000 tasks: does a page cost the same however many there are?

The same ten people hold everything, so that their lists grow with the database: with a million tasks each of them has
some five thousand to do. Asked are the lists as they open, narrowed (to a handling unit and a span of the time limit,
or to the state of the case), and the newest first; each with its own count, and the counts of all lists apart. Samples
of the three sizes alternate.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bench.measure import Effort, Measure, ratio, shown, spread
from tests.desk import crowd
from tests.postgres import TestServer
from workflows import migrations
from workflows.actors import Actor, acting
from workflows.calendar import clock
from workflows.desk.lists import order, pages
from workflows.desk.lists.criteria import Criteria
from workflows.store import Store

SIZES = (10_000, 100_000, 1_000_000)
TINY_SIZES = (200, 400, 800)
SAMPLES = 25
"""Of each question on each size."""

HEAD, OFFICERS = crowd.login(0), tuple(crowd.login(number) for number in range(2, crowd.PEOPLE))
NARROWED = Criteria(unit=crowd.UNITS[1], due_from=date(2024, 3, 1), due_to=date(2024, 3, 20))
QUESTIONS: dict[str, tuple[str, Criteria, str]] = {
    "to do": ("todo", Criteria(), ""),
    "to do, narrowed": ("todo", NARROWED, ""),
    "to do, newest first": ("todo", Criteria(), "-arrived"),
    "to claim": ("claimable", Criteria(), ""),
    "to claim, narrowed": ("claimable", NARROWED, ""),
    "to claim, newest first": ("claimable", Criteria(), "-arrived"),
    "started": ("started", Criteria(), ""),
    "overdue": ("overdue", Criteria(), ""),
    "done": ("done", Criteria(), ""),
    "done, narrowed": ("done", Criteria(unit=crowd.UNITS[1]), ""),
    "of a bureau": ("unit", Criteria(), ""),
    "of a bureau, narrowed": ("unit", NARROWED, ""),
    "of a bureau, newest first": ("unit", Criteria(), "-arrived"),
    "of a bureau, by state": ("unit", Criteria(state="reviewing"), ""),
}
"""Name → (list, criteria, order)."""


@dataclass
class Crowd:
    """A database with its number of tasks, and how long each question took on it, in milliseconds."""

    store: Store
    size: int
    people: dict[str, Actor]
    times: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in QUESTIONS})
    counting: list[float] = field(default_factory=list)
    words: list[float] = field(default_factory=list)

    def ask(self, name: str, draw: random.Random) -> None:
        """Open a list as a page does, and note how long that took."""
        which, criteria, sort = QUESTIONS[name]
        who = self.people[HEAD if which == "unit" else draw.choice(OFFICERS)]
        begun = time.perf_counter()
        with self.store.read() as session:
            pages.page(session, who, which, criteria, order.read(sort, which))
        self.times[name].append((time.perf_counter() - begun) * 1000)

    def count(self, draw: random.Random) -> None:
        """Count all lists of somebody, and look for words among what they have to do."""
        who = self.people[draw.choice(OFFICERS)]
        begun = time.perf_counter()
        with self.store.read() as session:
            pages.counts(session, who)
        self.counting.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        with self.store.read() as session:
            pages.page(session, who, "todo", Criteria(words="第77项"))
        self.words.append((time.perf_counter() - begun) * 1000)

    @property
    def all_times(self) -> list[float]:
        """Every question's samples, in the order in which they were taken."""
        return [sample for taken in zip(*self.times.values(), strict=True) for sample in taken]


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """On SQLite, then on PostgreSQL."""
    sizes = SIZES if effort.times > 10 else TINY_SIZES
    samples = SAMPLES if effort.times > 10 else 1
    yield from _on("SQLite", [f"sqlite:///{folder / f'{size}.sqlite'}" for size in sizes], sizes, samples)
    server = TestServer(folder / "postgres", "bench")
    yield from _on("PostgreSQL", [server.empty_database() for _size in sizes], sizes, samples)


def _on(name: str, urls: list[str], sizes: tuple[int, ...], samples: int) -> Iterator[Measure]:
    with clock.simulated(crowd.NOW):
        crowds = [_filled(url, size) for url, size in zip(urls, sizes, strict=True)]
        try:
            _measure(crowds, samples)
        finally:
            for one in crowds:
                one.store.close()
    small, large = crowds[0], crowds[-1]
    suffix = "" if name == "SQLite" else f"_{name.lower()}"
    worst = {
        question: statistics.median(large.times[question]) / statistics.median(small.times[question])
        for question in QUESTIONS
    }
    most = max(worst, key=lambda question: worst[question])
    yield ratio(
        f"inbox_1e6_vs_1e4{suffix}", large.all_times, small.all_times,
        f"a page of a list with its count over {large.size:,} tasks against {small.size:,} ({name}): lists of tasks as"
        " they open, narrowed, newest first",
        samples, median_small_ms=statistics.median(small.all_times), median_large_ms=statistics.median(large.all_times),
        worst_question=most, worst_ratio=worst[most],
        counts_ratio=statistics.median(large.counting) / statistics.median(small.counting),
        words_large_ms=statistics.median(large.words),
        **{f"{question} (ratio)": value for question, value in worst.items()},
    )  # fmt: skip
    for one in crowds:
        yield spread(
            f"inbox_{one.size}{suffix}", one.all_times, "ms", f"a page of a list over {one.size:,} tasks ({name})",
            counts_ms=statistics.median(one.counting), words_ms=statistics.median(one.words),
        )  # fmt: skip


def _filled(url: str, size: int) -> Crowd:
    store = Store(url)
    migrations.upgrade(store)
    crowd.fill(store, size)
    with store.read() as session:
        people = {person: acting(session, person) for person in (HEAD, *OFFICERS)}
    return Crowd(store, size, people)


def _measure(crowds: list[Crowd], samples: int) -> None:
    """Every question on every size in turn; the first round only warms up."""
    draw = random.Random(11)  # noqa: S311 (which officer looks)
    for number in shown(range(samples + 1), "lists"):
        for one in crowds:
            for question in QUESTIONS:
                one.ask(question, draw)
            one.count(draw)
        if number == 0:
            for one in crowds:
                one.times, one.counting, one.words = {name: [] for name in QUESTIONS}, [], []
