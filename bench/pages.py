"""Pages of the running server, as one browser sees them, from the first byte sent to the last received."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Effort, Measure, ratio, shown, timed
from bench.scene import ROUND, Scene, publish
from tests.durability.client import Client, Page
from tests.durability.scene import open_cases
from tests.durability.server import Server
from workflows import bureau
from workflows.store import Store

CASES = 50
OLD = 5
"""The old case of the pages has a fifth of the steps of the old case of the completions: its making takes as long."""


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """The desk with a page of tasks, a task with its form, the page of its case; a case with a long history."""
    server = Server(folder)
    server.start()
    try:
        open_cases(server.url, min(CASES, effort.times))
        client = Client(server.port)
        client.log_in("deputy", bureau.demo_accounts()[1])
        task = _seen(client, "/desk?list=todo").links("/tasks/")[0]
        case = _seen(client, task).links("/cases/")[0]
        for name, path in (("desk", "/desk?list=todo"), ("task", task), ("case", case)):

            def see(_number: int, path: str = path) -> None:
                _seen(client, path)

            yield timed(f"page_{name}", see, min(100, effort.times), f"the page {name} over HTTP, on SQLite")
        yield _old(server.url, client, effort)
    finally:
        server.stop()


def _old(url: str, client: Client, effort: Effort) -> Measure:
    store = Store(url)
    publish(store)
    store.close()
    scene = Scene(url)
    try:
        cases = [scene.open_case() for _ in range(2)]
        for number in shown(range(effort.old // OLD // len(ROUND)), "old case (pages)"):
            scene.run_round(cases[0], returned=True)
            if number == 0:
                scene.run_round(cases[1], returned=True)
    finally:
        scene.close()
    took: list[list[float]] = [[], []]
    for number in range(-2, min(100, effort.times)):
        for case, samples in zip(cases, took, strict=True):
            start = time.perf_counter()
            _seen(client, f"/cases/{case}")
            if number >= 0:  # the first two are to warm up
                samples.append((time.perf_counter() - start) * 1000)
    facts = {"ms_old": statistics.median(took[0]), "ms_new": statistics.median(took[1])}
    what = f"the page of a case with {effort.old // OLD:,} steps behind it / with {len(ROUND)}"
    return ratio("page_case_flatness", took[0], took[1], what, effort.blocks, **facts)


def _seen(client: Client, path: str) -> Page:
    page = client.get(path)
    if page.status != 200:
        raise RuntimeError(f"{path}: {page.status}")
    return page
