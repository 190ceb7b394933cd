"""Completing a task: guard, engine, case, ledger, receipt, commit; what a person waits for after a click."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from bench.measure import Result, timed
from tests.durability.scene import open_cases
from tests.postgres import TestServer
from workflows import bureau, migrations
from workflows.actors import Actor, Person, acting
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.store import Store, new_id

TIMES = 300
RETURN = {"result": "return", "opinion": "请补正线索材料后再报。"}
AMEND = {"note": "已按要求补正。"}


def run(folder: Path) -> Iterator[Result]:
    """On SQLite and on PostgreSQL: two steps that follow each other for ever in one case."""
    yield _on("SQLite", f"sqlite:///{folder / 'fashen.sqlite'}")
    yield _on("PostgreSQL", TestServer(folder / "postgres", "bench").empty_database())


def _on(name: str, url: str) -> Result:
    store = Store(url)
    try:
        migrations.upgrade(store)
        with store.work() as session:
            bureau.load_demo(session)
        open_cases(url, 1)
        with store.read() as session:
            ids = {person.login: person.id for person in session.scalars(select(Person))}
            people = [acting(session, ids["deputy"]), acting(session, ids["officer1"])]
        return timed(f"complete a task ({name})", lambda number: _step(store, people[number % 2]), TIMES)
    finally:
        store.close()


def _step(store: Store, actor: Actor) -> None:
    with store.read() as session:
        task = session.scalars(select(Task).where(Task.state.in_(("open", "claimed")))).one()
    if task.state == "open":
        task = execute(store, commands.claim_task, actor, task.id, seen=task.version)
    answer = RETURN if task.element_id == "approve_filing" else AMEND
    execute(store, commands.complete_task, actor, task.id, answer, seen=task.version, key=new_id())
