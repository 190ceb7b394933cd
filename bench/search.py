"""The full-text search over 100,000 cases: a question of every sort, asked by who sees all cases, some, and a few.

In the index stand each case, its party, its document of some two hundred characters and every fifth case's remark.
Asked are a number, a name, words that stand everywhere and nowhere, one character, several words; a sample is one
answer with its counts, its first page and its excerpts.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Effort, Measure, shown, spread
from tests.desk import crowd
from tests.postgres import TestServer
from tests.search import archive
from workflows import migrations
from workflows.actors import acting
from workflows.calendar import clock
from workflows.search import answers
from workflows.search.answers import Question
from workflows.store import Store

CASES, TINY_CASES = 100_000, 60
SAMPLES = 15
"""Of each question by each person."""
QUESTIONS = (
    "衢应急罚〔2024〕{n}号", "第{n}化工有限公司", "违反安全生产规定第{m}项案", "安全", "罚", "消防 演练",
    "有限空间作业", "证据 {n}", "没有这样的词", "2024",
)  # fmt: skip
"""{n} and {m} are drawn anew for each sample."""
PEOPLE = {"all": archive.HEAD, "some": archive.OFFICER, "few": archive.COUNSEL}


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """On SQLite, then on PostgreSQL."""
    cases, samples = (CASES, SAMPLES) if effort.times > 10 else (TINY_CASES, 1)
    yield _measured("SQLite", f"sqlite:///{folder / 'archive.sqlite'}", cases, samples)
    yield _measured("PostgreSQL", TestServer(folder / "postgres", "bench").empty_database(), cases, samples)


def _measured(name: str, url: str, cases: int, samples: int) -> Measure:
    store, draw = Store(url), random.Random(5)  # noqa: S311 (which number is asked for)
    with clock.simulated(crowd.NOW):
        migrations.upgrade(store)
        archive.fill(store, cases)
        times: dict[str, list[float]] = {}
        for number in shown(range(samples + 1), "search"):
            for who, person in PEOPLE.items():
                for question in QUESTIONS:
                    text = question.format(n=draw.randrange(cases), m=draw.randrange(997))
                    begun = time.perf_counter()
                    with store.read() as session:
                        answers.answer(session, acting(session, person), Question(text))
                    if number:  # the first round only warms up
                        times.setdefault(f"{who}: {question}", []).append((time.perf_counter() - begun) * 1000)
    store.close()
    medians = {asked: statistics.median(taken) for asked, taken in times.items()}
    worst = max(medians, key=lambda asked: medians[asked])
    return spread(
        "search_1e5_ms" if name == "SQLite" else f"search_1e5_ms_{name.lower()}",
        [sample for taken in times.values() for sample in taken], "ms",
        f"a question to the full-text search over {cases:,} cases ({name})",
        **{f"{who}_ms": statistics.median([sample for asked, taken in times.items() if asked.startswith(f"{who}:")
                                           for sample in taken]) for who in PEOPLE},
        worst_question=worst, worst_ms=medians[worst],
    )  # fmt: skip
