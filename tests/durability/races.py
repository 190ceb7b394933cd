"""D4: many press the button on one task at the same moment: one wins, the others are told so and lose nothing.

    python -m tests.durability D4 [--n 100]

Two real servers on one database answer 2, 10 and 50 people, each in a browser of their own, who claim one task, or
complete one, all at once; half of the rounds on each database. The same is done with the command in processes of their
own. Every round must have one winner; everybody else gets 409, a sentence that names the winner, and what they typed.
"""

from __future__ import annotations

import multiprocessing
import random
import re
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from tqdm import tqdm

from tests.desk.racing import race, stand_by
from tests.durability.both import databases, demonstration
from tests.durability.client import Client, Page
from tests.durability.nursery import Nursery
from tests.durability.record import Figures
from tests.durability.scene import open_cases
from tests.durability.server import QuickServer
from workflows import ledger, sessions
from workflows.actors import Person, Post
from workflows.calendar import clock
from workflows.desk.tasks import Task
from workflows.ledger.entries import EntryRow
from workflows.store import Store, new_id

CLIENTS = (2, 10, 50)
PROCESSES = (2, 10)
SLOWEST = 0.99


@dataclass
class Counts:
    """What happened. wrong: rounds that had no winner or several, and answers that were not as promised."""

    rounds: int = 0
    posts: int = 0
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Contender:
    """Somebody in a browser who is logged in."""

    name: str
    login: str
    client: Client
    token: str


def make_people(store: Store, count: int) -> list[tuple[str, str]]:
    """So many leaders who may decide a filing, beside the deputy; (login, name) of them."""
    with store.work() as session:
        deputy = session.scalars(select(Person).where(Person.login == "deputy")).one()
        model = next(post for post in deputy.posts if post.role == "bureau_leader")
        made = []
        for number in range(count):
            person = Person(login=f"leader{number}", name=f"领导{number:03}号", password_hash=deputy.password_hash)
            session.add(person)
            session.flush()
            session.add(Post(person_id=person.id, unit_id=model.unit_id, role="bureau_leader", title="分管领导",
                             rank=9, starts_on=model.starts_on))  # fmt: skip
            made.append((person.login, person.name))
        return made


def enter(store: Store, port: int, login: str, name: str) -> Contender:
    """A browser with a living session; the login page lets no fifty people a minute in from one address."""
    with store.work() as session:
        person = session.scalars(select(Person.id).where(Person.login == login)).one()
        browser = sessions.Client("127.0.0.1", "race")
        opened = sessions.open_session(session, person, client=browser, lasts=timedelta(hours=8))
    client = Client(port, {"fashen": opened.token})
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/account").text)
    assert found, "no form token on the account's page"
    return Contender(name, login, client, found[1])


def waiting_tasks(store: Store, count: int) -> list[str]:
    """Filings that wait for a decision and that nobody has touched."""
    with store.read() as session:
        wanted = select(Task.id).where(Task.element_id == "approve_filing", Task.state == "open", Task.version == 1)
        return list(session.scalars(wanted.order_by(Task.created_at, Task.id).limit(count)))


def compete(contenders: list[Contender], task: str, button: str, pool: ThreadPoolExecutor, counts: Counts) -> None:
    """One round: everybody presses the button at once."""
    ready = threading.Barrier(len(contenders))

    def press(one: Contender) -> tuple[Page, float]:
        fields = {"csrf_token": one.token, "seen": "1"}
        if button == "complete":
            fields |= {"key": new_id(), "result": "return", "opinion": _typed(one)}
        ready.wait(120)
        began = time.monotonic()
        return one.client.post(f"/tasks/{task}/{button}", fields), time.monotonic() - began

    answers = list(pool.map(press, contenders))
    counts.rounds += 1
    counts.posts += len(answers)
    counts.seconds += [seconds for _, seconds in answers]
    winners = [one for one, (page, _) in zip(contenders, answers, strict=True) if page.status in (302, 303)]
    if len(winners) != 1:
        told = Counter(page.status for page, _ in answers)
        counts.wrong.append(f"{button} by {len(contenders)}: {len(winners)} winners, answers {dict(told)}")
        return
    for one, (page, _) in zip(contenders, answers, strict=True):
        if one is winners[0]:
            continue
        sentence = f"已由{winners[0].name}于" if button == "complete" else f"现办理人：{winners[0].name}"
        if page.status != 409 or sentence not in page.text:
            counts.wrong.append(f"{button}: {one.login} got {page.status} without “{sentence}”")
        elif button == "complete" and _typed(one) not in page.text:
            counts.wrong.append(f"{button}: what {one.login} typed is lost")


def _typed(one: Contender) -> str:
    return f"{one.name}的意见：请补正线索材料后再报。"


def over_http(url: str, folder: Path, rounds: int, clients: tuple[int, ...] = CLIENTS) -> Counts:
    """So many rounds of each number of people, against two servers."""
    counts, store = Counts(), Store(url)
    most = max(clients)
    try:
        people = make_people(store, most)
        open_cases(url, rounds * len(clients))
        with Nursery() as nursery, ThreadPoolExecutor(most) as pool:
            servers = [QuickServer(folder, url, nursery=nursery) for _ in range(2)]
            try:
                for server in servers:
                    server.start()
                everybody = [enter(store, servers[n % 2].port, *who) for n, who in enumerate(people)]
                tasks = waiting_tasks(store, rounds * len(clients))
                plan = [(count, number) for count in clients for number in range(rounds)]
                for task, (count, number) in zip(tqdm(tasks, desc="races over HTTP", disable=None), plan, strict=True):
                    button = ("complete", "claim")[number % 2]
                    compete(random.sample(everybody, count), task, button, pool, counts)
            finally:
                for server in servers:
                    server.stop()
        if "Traceback" in servers[0].log():
            counts.wrong.append("a trace in the log: " + servers[0].log().partition("Traceback")[2][:1500])
        counts.wrong += aftermath(store, tasks)
    finally:
        store.close()
    return counts


def aftermath(store: Store, tasks: list[str]) -> list[str]:
    """What the rows and the ledger say of tasks that were raced for: each was taken once."""
    with store.read() as session:
        happened = Counter(
            (event, task)
            for event, data in session.execute(
                select(EntryRow.event, EntryRow.data).where(EntryRow.event.in_(("TaskCompleted", "TaskClaimed")))
            )
            for task in re.findall(r'"task_id":"([0-9a-f]{32})"', data)
        )
        states = {task.id: task.state for task in session.scalars(select(Task).where(Task.id.in_(tasks)))}
        wrong = [f"{key} happened {times} times" for key, times in happened.items() if times > 1]
        wrong += [
            f"task {task} is {state}, and the ledger tells otherwise" for task, state in states.items()
            if happened["TaskCompleted" if state == "completed" else "TaskClaimed", task] != 1
        ]  # fmt: skip
        return wrong + [f"ledger: {fault}" for fault in ledger.verify(session)]


def in_processes(url: str, rounds: int, processes: tuple[int, ...] = PROCESSES) -> Counts:
    """The command itself, by people in processes of their own; on a bureau in which `make_people` has been."""
    counts, store = Counts(), Store(url)
    try:
        with store.read() as session:
            logins = list(session.scalars(select(Person.login).where(Person.login.like("leader%"))))
        open_cases(url, rounds * len(processes))
        tasks = iter(waiting_tasks(store, rounds * len(processes)))
        spawn = multiprocessing.get_context("spawn")
        for count in processes:
            with ProcessPoolExecutor(count, spawn, initializer=stand_by, initargs=(spawn.Barrier(count),)) as pool:
                for number in range(rounds):
                    _one_process_each(pool, url, random.sample(logins, count), next(tasks), number % 2, counts)
        with store.read() as session:
            counts.wrong += [f"ledger: {fault}" for fault in ledger.verify(session)]
    finally:
        store.close()
    return counts


def _one_process_each(
    pool: ProcessPoolExecutor, url: str, logins: list[str], task: str, odd: int, counts: Counts
) -> None:
    answer = {"result": "return", "opinion": "请补正线索材料后再报。"}
    running = []
    for login in logins:
        given: tuple[str, list[Any], dict[str, Any]] = (
            ("claim", [task], {"seen": 1}) if odd else ("complete", [task, answer], {"seen": 1, "key": new_id()})
        )
        running.append(pool.submit(race, url, clock.now(), login, *given))
    said = Counter((how, what) for _, how, what in (one.result(timeout=300) for one in running))
    won = said[("done", None)] + said[("done", False)]
    stale = said[("Stale", "task.changed" if odd else "task.completed")]
    counts.rounds += 1
    counts.posts += len(logins)
    if won != 1 or stale != len(logins) - 1:
        counts.wrong.append(f"{'claim' if odd else 'complete'} by {len(logins)} processes: {dict(said)}")


def measure(n: int | None = None) -> Figures:
    """D4 with n rounds of each number of people, half of them on each database; 100 if not said."""
    rounds, began = max(1, (n or 100) // 2), time.monotonic()
    figures: dict[str, int | float | str] = {}
    total, wrong = 0, list[str]()
    with databases(demonstration) as urls, tempfile.TemporaryDirectory(prefix="fashen-races-") as place:
        for dialect, url in urls.items():
            folder = Path(place) / dialect
            folder.mkdir()
            served, ran = over_http(url, folder, rounds), in_processes(url, rounds)
            total += served.rounds + ran.rounds
            wrong += [f"{dialect}: {line}" for line in [*served.wrong, *ran.wrong]]
            slow = sorted(served.seconds)[int(len(served.seconds) * SLOWEST)]
            figures |= {f"answers_{dialect}": served.posts, f"p99_seconds_{dialect}": round(slow, 2),
                        f"commands_in_processes_{dialect}": ran.posts}  # fmt: skip
    return Figures(
        "D4", total, len(wrong), time.monotonic() - began,
        "2, 10 or 50 people claim or complete one task at once, on two servers or in processes of their own: "
        "one wins, everybody else gets 409 with a sentence and what they typed",
        figures, tuple(wrong),
    )  # fmt: skip
