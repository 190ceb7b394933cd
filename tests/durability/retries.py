"""D3: the answer is lost after the commit, and the same request is sent again: one effect each, whoever asks.

    python -m tests.durability D3 [--n 1000]

Half of the retries go over HTTP to the real server: the browser hangs up when the answer arrives and before a byte of
it is read, sometimes with a second copy of the form under way at the same moment. The other half are commands whose
database commits and then says that the connection broke, on both databases.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import func, select

from tests.conftest import make_demo
from tests.durability.audit import audit
from tests.durability.client import Gone, Page
from tests.durability.nursery import Nursery
from tests.durability.people import ANSWERS, PAUSE, Receipts, Worker
from tests.durability.record import Figures
from tests.durability.scene import open_cases
from tests.durability.server import QuickServer
from tests.postgres import TestServer
from workflows import bureau, ledger
from workflows.actors import Person, acting
from workflows.cases.file import Case
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.errors import FashenError, Unavailable
from workflows.ledger.entries import EntryRow
from workflows.store import Store, new_id

LOGINS = ("deputy", "officer1", "officer2")
CASES = 8
MANY = 50
"""Refusals beyond the number of forms: three people who each do their own tasks seldom get one."""
HANGING = 120.0
"""Seconds without any form done: a limit for hanging."""
ENOUGH = 5
"""Commands that went wrong after which no further one is tried."""


class Forgetful(Worker):
    """A person whose browser loses the first answer to every form, and sends it again."""

    def _until_answered(self, path: str, fields: dict[str, str], key: str) -> Page:
        with self.receipts.lock:
            self.receipts.retried.add(key)
        beside = None
        if self.chance.random() < 0.3:  # a second click: two copies at once
            beside = threading.Thread(target=self._lose, args=(path, fields))
            beside.start()
        self._lose(path, fields)
        answer = super()._until_answered(path, fields, key)
        if beside is not None:
            beside.join()
        return answer

    def _lose(self, path: str, fields: dict[str, str]) -> None:
        try:
            self.client.lose(path, fields)
        except Gone as error:
            self.receipts.odd.append(str(error))


def over_http(folder: Path, retries: int) -> Receipts:
    """So many forms sent at least twice to a server in `folder`; what the clients were told, and what was wrong."""
    receipts, stopping = Receipts(), threading.Event()
    with Nursery() as nursery:
        server = QuickServer(folder, nursery=nursery)
        try:
            server.start()
            open_cases(server.url, CASES)
            password = bureau.demo_accounts()[1]
            people = [
                Forgetful(login, password, server.port, receipts, stopping, random.Random(number))
                for number, login in enumerate(LOGINS)
            ]
            for person in people:
                person.start()
            _until_done(receipts, retries, people)
            stopping.set()
            for person in people:
                person.join(120)
        finally:
            server.stop()
    store = Store(server.url)
    try:
        found = audit(store, receipts)
        receipts.odd += [*found.lost, *found.doubled, *found.half_written]
    finally:
        store.close()
    return receipts


def _until_done(receipts: Receipts, retries: int, people: list[Forgetful]) -> None:
    """Until so many forms are done; or until it is plain that they never will be, which is a fault of its own.

    A program that forgets a key answers the second form as if somebody had been faster: a task is then completed and
    nobody was told so, again and again.
    """
    seen, moved = 0, time.monotonic()
    while (done := len(receipts.done)) < retries and any(person.is_alive() for person in people):
        if done > seen:
            seen, moved = done, time.monotonic()
        if len(receipts.refused) > retries + MANY or time.monotonic() - moved > HANGING:
            receipts.odd.append(f"{done} of {retries} forms done, {len(receipts.refused)} sent again and refused")
            return
        time.sleep(PAUSE)


class Deaf:
    """A store whose next commit happens and is then reported as a broken connection."""

    def __init__(self, store: Store) -> None:
        self.store, self.armed = store, False
        commit = store.engine.dialect.do_commit
        postgres = store.dialect == "postgresql"
        broken: type[Exception] = psycopg.OperationalError if postgres else sqlite3.OperationalError

        def do_commit(connection: Any) -> None:
            commit(connection)
            if self.armed:
                self.armed = False
                raise broken("server closed the connection unexpectedly")

        store.engine.dialect.do_commit = do_commit  # type: ignore[method-assign,assignment]

    def twice(self, *call: Any, **named: Any) -> Any:
        """Run a command whose answer is lost, and once more; what the second said. Raises AssertionError if heard."""
        self.armed = True
        try:
            execute(self.store, *call, **named)
        except Unavailable:
            return execute(self.store, *call, **named)
        raise AssertionError("the first answer arrived")


def of_commands(url: str, retries: int) -> list[str]:
    """So many commands whose answer is lost and that are sent again, on the demonstration bureau at `url`."""
    store, wrong = Store(url), []
    deaf, opened = Deaf(store), 0
    with store.read() as session:
        people = {login: acting(session, session.scalars(select(Person.id).where(Person.login == login)).one())
                  for login in LOGINS}  # fmt: skip
    by_id = {actor.person_id: actor for actor in people.values()}
    for number in range(retries):
        live = select(Task).where(Task.state == "claimed").order_by(Task.created_at, Task.id).limit(1)
        with store.read() as session:
            used_up = session.scalars(live).one_or_none() is None
        if used_up:
            open_cases(url, CASES)
            opened += CASES
        with store.read() as session:
            task = session.scalars(live).one()
            asked = {field.key for field in commands.task_form(session, task).fields}
        answer = {name: value for name, value in ANSWERS.items() if name in asked}
        try:
            done = deaf.twice(
                commands.complete_task, by_id[str(task.assignee_id)], task.id, answer, seen=task.version, key=new_id()
            )
        except FashenError as error:
            wrong.append(f"retry {number}: {error}")
        else:
            wrong += [] if done.replayed else [f"retry {number}: carried out again"]
        if len(wrong) >= ENOUGH:
            break
    with store.read() as session:
        ended = session.execute(select(func.count()).where(Task.state == "completed")).scalar_one()
        told = session.execute(select(func.count()).where(EntryRow.event == "TaskCompleted")).scalar_one()
        cases = session.execute(select(func.count()).select_from(Case)).scalar_one()
        wrong += [f"ledger: {fault}" for fault in ledger.verify(session)]
    if (ended, told, cases) != (retries, retries, opened):
        wrong.append(f"{retries} retries: {ended} tasks completed, {told} in the ledger, {cases} cases of {opened}")
    store.close()
    return wrong


def measure(n: int | None = None) -> Figures:
    """D3 with n retries, 1,000 if not said: half over HTTP, a quarter as commands on each database."""
    wanted, began = n or 1000, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fashen-retries-") as place:
        folder = Path(place)
        (folder / "web").mkdir()
        told = over_http(folder / "web", wanted - 2 * (wanted // 4))
        file = f"sqlite:///{folder / 'commands.sqlite'}"
        make_demo(file)
        wrong = [*told.odd, *of_commands(file, wanted // 4)]
        wrong += of_commands(TestServer(folder / "server", "retries").fresh_database(make_demo), wanted // 4)
    return Figures(
        "D3",
        len(told.done) + 2 * (wanted // 4),
        len(wrong),
        time.monotonic() - began,
        "the answer to a committed request is lost and the request is sent again with its key: one task completed, "
        "one entry in the ledger",
        {"over_http": len(told.done), "as_commands": 2 * (wanted // 4), "sent_again": len(told.retried)},
        tuple(wrong),
    )
