"""D11: the database is restarted and its connections are cut while people work; every case is finished all the same.

    python -m tests.durability D11 [--n 150]

Two server processes and a worker of their own share one PostgreSQL server. Every few seconds it is restarted (in good
order, or at once as if it had crashed) or all connections are terminated. People enter cases and carry each to its end;
what the server could not answer they send again with the same key. An answer is a page or 503 with a sentence, never
500, and 503 only while the database was away.
"""

from __future__ import annotations

import json
import random
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from tests.durability.client import Client, Gone, Page
from tests.durability.nursery import Nursery
from tests.durability.record import Figures
from tests.durability.scene import open_cases
from tests.durability.server import QuickServer
from tests.postgres import TestServer, lasting_server
from workflows import bureau, ledger
from workflows.cases.file import Case
from workflows.desk.tasks import Task
from workflows.engine.state import EngineInstance
from workflows.ledger.entries import EntryRow
from workflows.outbox import OutboxNotice
from workflows.store import Store

RETURNS = 2
"""How often a lead is sent back before it is refused, which ends its case."""
GRACE = 3.0
"""Seconds after a gap in which a request that began within it may still be answered with 503."""
PAUSE = 0.1
PAGES = 6
"""Pages that are read between two disturbances at least."""
CALM = (2.0, 5.0)
"""Seconds between two disturbances, drawn evenly."""


@dataclass
class Watch:
    """What everybody saw: statuses, the gaps of the database, what should not have happened."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    statuses: Counter[int] = field(default_factory=Counter)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    silent: list[tuple[float, float]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    done: set[str] = field(default_factory=set)
    odd: list[str] = field(default_factory=list)

    def outside(self) -> int:
        """How many 503 came while the database was there."""
        return sum(
            not any(began < end + GRACE and ended > start for start, end in self.gaps) for began, ended in self.silent
        )


@dataclass
class Person(threading.Thread):
    """Somebody who works on whatever waits for them until nothing does."""

    login: str
    ports: list[int]
    watch: Watch
    chance: random.Random
    ending: threading.Event

    def __post_init__(self) -> None:
        super().__init__(name=f"person-{self.login}", daemon=True)
        self.browsers = [Client(port) for port in self.ports]

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Work until told to end."""
        try:
            while not self.ending.is_set():
                if not self._one_task(self.chance.choice(self.browsers)):
                    self.ending.wait(PAUSE)
        except BaseException as error:
            self.watch.odd.append(f"{self.login}: {error!r}")
            raise

    def log_in(self) -> None:
        """Log in at both servers, before anything is disturbed: attempts that nobody answers count as attempts."""
        for browser in self.browsers:
            browser.log_in(self.login, bureau.demo_accounts()[1])

    def _one_task(self, browser: Client) -> bool:
        which = self.chance.choice(("todo", "claimable"))
        desk = self._insist(lambda: browser.get(f"/desk?list={which}"))
        tasks = [path for path in desk.links("/tasks/") if path.count("/") == 2]
        if not tasks:
            return False
        path = self.chance.choice(tasks)
        page = self._insist(lambda: browser.get(path))
        claim = page.form(f"{path}/claim")
        if claim is not None:
            self._insist(lambda: browser.post(f"{path}/claim", claim.untouched))
            page = self._insist(lambda: browser.get(path))
        form = page.form(f"{path}/complete")
        if form is None:
            return False
        refuses = self.login == "deputy" and self.chance.random() < 1 / (RETURNS + 1)
        fields = form.filled({
            "result": "reject" if refuses else "return", "opinion": "请补正线索材料后再报。", "note": "已按要求补正。",
        })  # fmt: skip
        answer = self._insist(lambda: browser.post(f"{path}/complete", fields))
        if answer.status in (302, 303) and "login" not in answer.location:
            with self.watch.lock:
                self.watch.done.add(path.rpartition("/")[2])
        if answer.location.startswith("/login") or answer.status not in (302, 303, 403, 404, 409):
            self.watch.odd.append(f"{self.login}: {answer.status} for {path}: {answer.text[:300]}")
        return True

    def _insist(self, ask: object) -> Page:
        """Ask until the server answers; 503 must carry its sentence."""
        assert callable(ask)
        while True:
            began = time.monotonic()
            try:
                page: Page = ask()
            except Gone as error:
                self.watch.odd.append(f"{self.login}: the server hung up: {error}")
                time.sleep(PAUSE)
                continue
            with self.watch.lock:
                self.watch.statuses[page.status] += 1
                if page.status == 503:
                    self.watch.silent.append((began, time.monotonic()))
                    if "系统暂时无法办理" not in page.text:
                        self.watch.odd.append(f"{self.login}: 503 without its sentence: {page.text[:200]}")
                elif page.status >= 500:
                    self.watch.odd.append(f"{self.login}: {page.status}: {page.text[:300]}")
            if page.status < 500:
                return page
            time.sleep(PAUSE)


def disturb(server: TestServer, watch: Watch, chance: random.Random, ending: threading.Event) -> None:
    """Restart the database or cut its connections every few seconds until told to end.

    On a machine that is busy with other things nobody would get anything done between two disturbances, so each waits
    for a few pages.
    """
    while not ending.wait(chance.uniform(*CALM)):
        before = watch.statuses[200]
        while watch.statuses[200] < before + PAGES and not ending.wait(PAUSE):
            pass
        kind = chance.choice(("fast", "immediate", "cut"))
        began = time.monotonic()
        if kind == "cut":
            server.cut()
        else:
            server.restart(kind)
        with watch.lock:
            watch.gaps.append((began, time.monotonic()))
            watch.kinds[kind] += 1


def run(folder: Path, cases: int) -> Watch:
    """Carry so many cases from lead to refusal under disturbance; what was seen, and what was found wrong."""
    watch, ending = Watch(), threading.Event()
    database = lasting_server(folder / "server")
    url = database.empty_database()
    with Nursery() as nursery:
        servers = [QuickServer(folder, url, nursery=nursery) for _ in range(2)]
        try:
            servers[0].start()
            servers[1].worker = servers[0].worker  # one worker for both
            servers[1].start()
            open_cases(url, cases)
            chance = random.Random()
            people = [
                Person(login, [server.port for server in servers], watch, random.Random(chance.random()), ending)
                for login in ("deputy", "officer1", "deputy", "officer1")
            ]
            for person in people:
                person.log_in()
            for person in people:
                person.start()
            nemesis = threading.Thread(target=disturb, args=(database, watch, chance, ending))
            nemesis.start()
            try:
                _until_finished(database, url, people, watch)
            finally:
                ending.set()
                nemesis.join()
                for person in people:
                    person.join(120)
            _until_told(url)
            if "Internal Server Error" in servers[0].log():
                watch.odd.append("the servers' log tells of an internal error")
        finally:
            servers[1].worker = 0
            for server in servers:
                server.stop()
    _audit(url, watch, cases)
    return watch


def _until_finished(database: TestServer, url: str, people: list[Person], watch: Watch) -> None:
    """Wait until nobody has anything to do any more."""
    store = Store(url)
    try:
        while any(person.is_alive() for person in people):
            time.sleep(0.5)
            try:
                with store.read() as session:
                    live = select(func.count()).where(Task.state.in_(("open", "claimed")))
                    if not session.execute(live).scalar_one() and watch.gaps:
                        return
            except Exception:  # noqa: BLE001, S112 (the database is away, as it should be now and then)
                continue
    finally:
        store.close()


def _until_told(url: str) -> None:
    """Wait until the worker has delivered what was left; a limit for hanging."""
    store, end = Store(url), time.monotonic() + 60
    while time.monotonic() < end:
        with store.read() as session:
            waiting = select(func.count()).where(OutboxNotice.delivered_at.is_(None))
            if not session.execute(waiting).scalar_one():
                break
        time.sleep(0.2)
    store.close()


def _audit(url: str, watch: Watch, cases: int) -> None:
    """Everything finished, once; nothing that was told is missing; the worker did its part."""
    store = Store(url)
    with store.read() as session:
        ended = set(session.scalars(select(Task.id).where(Task.state == "completed")))
        entries = session.scalars(select(EntryRow.data).where(EntryRow.event == "TaskCompleted"))
        told = Counter(json.loads(data)["task_id"] for data in entries)
        found = session.execute(select(func.count()).select_from(Case)).scalar_one()
        running = session.execute(select(func.count()).where(EngineInstance.status == "running")).scalar_one()
        undelivered = session.execute(select(func.count()).where(OutboxNotice.delivered_at.is_(None))).scalar_one()
        watch.odd += [f"ledger: {fault}" for fault in ledger.verify(session)]
    store.close()
    watch.odd += [f"task {one}: told to a person, unknown to the database" for one in watch.done - ended]
    watch.odd += [f"task {one}: completed, and nobody was told" for one in ended - watch.done]
    if set(told) != ended or any(count > 1 for count in told.values()):
        watch.odd.append(f"{len(ended)} tasks completed, {sum(told.values())} in the ledger")
    if found != cases or running or undelivered:
        watch.odd.append(f"{found} cases of {cases}, {running} still running, {undelivered} notices not delivered")
    if outside := watch.outside():
        watch.odd.append(f"{outside} answers of 503 while the database was there")


def measure(n: int | None = None) -> Figures:
    """D11 with n cases, 150 if not said."""
    cases, began = n or 150, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fashen-restarts-") as place:
        watch = run(Path(place), cases)
    return Figures(
        "D11",
        cases,
        len(watch.odd),
        time.monotonic() - began,
        "a case is carried from lead to refusal by people at two servers while PostgreSQL is restarted or its "
        "connections are cut every 2 to 5 seconds: finished once, 503 only meanwhile, never 500",
        {
            "completed": len(watch.done), "disturbances": len(watch.gaps), "restarts_in_order": watch.kinds["fast"],
            "crashes": watch.kinds["immediate"], "connections_cut": watch.kinds["cut"],
            "answered_503": watch.statuses[503], "answered_500": watch.statuses[500],
        },
        tuple(watch.odd),
    )  # fmt: skip
