"""`kill -9` at random moments while people complete tasks: nothing may be lost, doubled or half-written.

    python -m tests.durability D1 [--n 500]

The real server (waitress) and worker run on SQLite or PostgreSQL. Threads log in over HTTP and complete tasks with
idempotency keys; a form whose answer was lost is sent again. After the last kill the server is started once more, every
form is seen through, and what the clients were told is compared with the database and the ledger (`audit.py`).
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from tests.durability.audit import Findings, audit
from tests.durability.nursery import Nursery
from tests.durability.people import Receipts, Worker
from tests.durability.record import Figures
from tests.durability.scene import open_cases
from tests.durability.server import QuickServer
from tests.postgres import lasting_server
from workflows import bureau
from workflows.store import Store

PEOPLE = ("deputy", "officer1", "deputy", "officer2", "officer1", "deputy", "officer2", "deputy")
"""Some twice: two browsers of one person race for the same tasks."""
WORKER_TOO = 5
"""Every so many kills the worker is killed as well."""
LONGEST_WORK = 0.5
"""Seconds that the server may go on working after its first answer; the moment is drawn evenly."""
NEXT_FORM = 60.0
"""Seconds to wait for work before killing anyway: a limit for hanging."""


@dataclass
class Outcome:
    """What a run did. struck: kills that came while at least one completion waited for its answer."""

    kills: int
    struck: int
    receipts: Receipts
    findings: Findings

    @property
    def wrong(self) -> list[str]:
        """Everything that broke the promise, a line each."""
        return [*self.findings.lost, *self.findings.doubled, *self.findings.half_written, *self.receipts.odd]

    def counts(self) -> dict[str, int]:
        """What happened, in numbers."""
        return {
            "struck_a_completion": self.struck,
            "completed": self.findings.completed,
            "told_to_clients": len(self.receipts.done),
            "sent_again": len(self.receipts.retried),
            "somebody_was_faster": len(self.receipts.refused),
            "lost": len(self.findings.lost),
            "doubled": len(self.findings.doubled),
            "half_written": len(self.findings.half_written),
        }

    def report(self) -> str:
        """For whoever reads that a test failed."""
        return "\n".join([str(self.counts()), *self.wrong[:30]])


def run(
    folder: Path, *, kills: int, clients: int = 8, cases: int = 12, seed: int | None = None, database: str = ""
) -> Outcome:
    """Do it all in `folder`, on SQLite there or on the given empty database."""
    receipts = Receipts()
    with Nursery() as nursery:
        server = QuickServer(folder, database, nursery=nursery)
        try:
            server.start()  # migrates and loads the demonstration bureau
            open_cases(server.url, cases)
            struck = _work_and_kill(server, receipts, kills, clients, random.Random(seed))
        finally:
            server.stop()
    store = Store(server.url)
    try:
        findings = audit(store, receipts)
    finally:
        store.close()
    if "Traceback" in server.log():
        receipts.odd.append("a traceback in the server's log: " + server.log().partition("Traceback")[2][:2000])
    return Outcome(kills, struck, receipts, findings)


def _work_and_kill(server: QuickServer, receipts: Receipts, kills: int, clients: int, chance: random.Random) -> int:
    """Let people work, kill and start again; at the end everybody finishes the form in hand. How many kills struck."""
    stopping = threading.Event()
    password = bureau.demo_accounts()[1]
    people = [
        Worker(PEOPLE[number % len(PEOPLE)], password, server.port, receipts, stopping, random.Random(chance.random()))
        for number in range(clients)
    ]
    for person in people:
        person.start()
    struck = 0
    try:
        for number in tqdm(range(kills), desc="kills", unit="kill", disable=None):
            if number % WORKER_TOO == 0:
                server.kill_worker()
            struck += _kill_at_work(server, receipts, chance)
            server.start()
    finally:
        stopping.set()
        for person in people:
            person.join(120)
    receipts.odd += [f"{person.login} never got an answer" for person in people if person.is_alive()]
    return struck


def _kill_at_work(server: QuickServer, receipts: Receipts, chance: random.Random) -> bool:
    """Let people complete something, then kill while a completion is under way; whether one was."""
    before = len(receipts.done)
    end = time.monotonic() + NEXT_FORM
    while len(receipts.done) == before and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(chance.uniform(0, LONGEST_WORK))
    while not receipts.in_flight and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.03))  # into the middle of reading, working, committing or answering
    server.kill()
    return bool(receipts.in_flight)


def measure(n: int | None = None) -> Figures:
    """D1 with n kills, half of them on each database; 500 if not said, or FASHEN_KILLS of the environment."""
    kills = n if n is not None else int(os.environ.get("FASHEN_KILLS", "500"))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fashen-kills-") as place, ThreadPoolExecutor(2) as pool:
        folders = [Path(place) / name for name in ("sqlite", "postgresql")]
        for folder in folders:
            folder.mkdir()
        database = lasting_server(Path(place) / "server").empty_database()
        both = [
            pool.submit(run, folders[0], kills=kills - kills // 2),
            pool.submit(run, folders[1], kills=kills // 2, database=database),
        ]
        outcomes = [one.result() for one in both]
    counts = [outcome.counts() for outcome in outcomes]
    wrong = [line for outcome in outcomes for line in outcome.wrong]
    return Figures(
        "D1",
        kills,
        len(wrong),
        time.monotonic() - began,
        "the server is killed (SIGKILL) while 8 people complete tasks over HTTP, half of the time on each database; "
        "then receipts, rows, engine and ledger agree",
        {"on_postgresql": kills // 2, **{name: counts[0][name] + counts[1][name] for name in counts[0]}},
        tuple(wrong),
    )
