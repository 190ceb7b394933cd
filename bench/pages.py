"""Pages of the running server, as one browser sees them, from the first byte sent to the last received."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.measure import Effort, Measure, timed
from tests.durability.client import Client
from tests.durability.scene import open_cases
from tests.durability.server import Server
from workflows import bureau

CASES = 50


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """The desk with a page of tasks, a task with its form, the page of its case."""
    server = Server(folder)
    server.start()
    try:
        open_cases(server.url, min(CASES, effort.times))
        client = Client(server.port)
        client.log_in("deputy", bureau.demo_accounts()[1])
        tasks = [
            path for which in ("todo", "claimable") for path in client.get(f"/desk?list={which}").links("/tasks/")
        ]
        task = tasks[0]
        case = client.get(task).links("/cases/")[0]
        for name, path in (("desk", "/desk?list=todo"), ("task", task), ("case", case)):

            def see(_number: int, path: str = path) -> None:
                _seen(client, path)

            yield timed(f"page_{name}", see, min(100, effort.times), f"the page {name} over HTTP, on SQLite")
    finally:
        server.stop()


def _seen(client: Client, path: str) -> None:
    page = client.get(path)
    if page.status != 200:
        raise RuntimeError(f"{path}: {page.status}")
