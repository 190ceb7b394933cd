"""People at work while the server is being killed: each thread is one person in one browser.

A person takes a task from the desk, fills its form and sends it with its idempotency key. When the connection breaks,
the same form is sent again with the same key until the server answers: what a user does with "try again".
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.durability.client import Client, Gone, Page

PAUSE = 0.05
"""Seconds between two tries at a server that is down."""

ANSWERS = {
    "result": "return",  # 立案审批: back to the officer, so that the two steps follow each other for ever
    "opinion": "请补正线索材料后再报。",
    "note": "已按要求补正。",
}


@dataclass
class Receipts:
    """What the clients were told, in their own memory; compared with the database afterwards."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    done: dict[str, str] = field(default_factory=dict)  # idempotency key → task that the server said is completed
    refused: dict[str, tuple[str, int]] = field(default_factory=dict)  # key → task, status: somebody was faster
    retried: set[str] = field(default_factory=set)  # keys of forms whose first answer was lost with the connection
    in_flight: set[str] = field(default_factory=set)  # keys of forms that wait for their answer now
    odd: list[str] = field(default_factory=list)  # anything that should not happen


@dataclass
class Worker(threading.Thread):
    """One person in one browser, until `stopping` is set; a form that was sent is always seen through."""

    login: str
    password: str
    port: int
    receipts: Receipts
    stopping: threading.Event
    chance: random.Random

    def __post_init__(self) -> None:
        super().__init__(name=f"client-{self.login}", daemon=True)
        self.client = Client(self.port)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Work until told to stop."""
        try:
            self._patiently(lambda: self.client.log_in(self.login, self.password))
            while not self.stopping.is_set():
                try:
                    self._one_task()
                except Gone:
                    time.sleep(PAUSE)
        except BaseException as error:
            self.receipts.odd.append(f"{self.login}: {error!r}")
            raise

    def _patiently(self, act: Callable[[], None]) -> None:
        while True:
            try:
                act()
                return
            except Gone:
                if self.stopping.is_set():
                    return
                time.sleep(PAUSE)

    def _one_task(self) -> None:
        """Look at the desk, choose a task, do it."""
        which = self.chance.choice(("todo", "claimable"))
        tasks = [path for path in self.client.get(f"/desk?list={which}").links("/tasks/") if path.count("/") == 2]
        if not tasks:
            time.sleep(PAUSE)
            return
        path = self.chance.choice(tasks)
        page = self.client.get(path)
        claim = page.form(f"{path}/claim")
        if claim is not None:
            self.client.post(f"{path}/claim", claim.untouched)
            page = self.client.get(path)
        form = page.form(f"{path}/complete")
        if form is not None:
            self._complete(path, form.filled(ANSWERS))

    def _complete(self, path: str, fields: dict[str, str]) -> None:
        """Send a filled form until the server has answered; note what it said."""
        key = fields["key"]
        with self.receipts.lock:
            self.receipts.in_flight.add(key)
        answer = self._until_answered(f"{path}/complete", fields, key)
        task = path.rpartition("/")[2]
        with self.receipts.lock:
            self.receipts.in_flight.discard(key)
            if answer.status in (302, 303) and "login" not in answer.location:
                self.receipts.done[key] = task
            elif answer.status in (403, 404, 409):
                self.receipts.refused[key] = (task, answer.status)
            else:
                self.receipts.odd.append(f"{self.login} got {answer.status} {answer.location} for {path}")

    def _until_answered(self, path: str, fields: dict[str, str], key: str) -> Page:
        while True:
            try:
                return self.client.post(path, fields)
            except Gone:
                with self.receipts.lock:
                    self.receipts.retried.add(key)
                time.sleep(PAUSE)
