"""A case that is returned again and again stays as small as it was (test D7.rework).

    python -m tests.durability D7.rework [--n 1000]

Tokens carry the numbers of the tokens and splits before them (`engine.lineage`), which count on through the whole
instance. So the stored state is compared with every number masked: only their digits may become more.

Each round goes through a parallel split and join, a subprocess with a boundary timer, a call, a vote of three and an
inclusive gateway, and through splits that nothing joins: a parallel gateway, two flows out of a step, a timer beside a
step and an event subprocess, each with a branch that ends by itself. It is stored and loaded around every step, and is
then returned to its beginning.
"""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from tqdm import tqdm

from tests.conftest import make_tables
from tests.durability.both import databases
from tests.durability.record import Figures
from tests.engine import drawing as d
from workflows.engine import packages, state
from workflows.store import Store

ROUNDS = 1_000
_SETTLED = 3
"""The round with which later ones are compared: the variables have their final names by then."""
_MAPPED = '<camunda:in source="amount" target="amount"/><camunda:out source="advice" target="advice"/>'


def drawn() -> list[Any]:
    """The packages: the reviewed process and the one that it calls."""
    inner = d.start("s1") + d.user("study") + d.end("e1") + d.flows("s1 > study > e1")
    heard = d.start("s2", d.message("objection"), isInterrupting="false") + d.user("hear") + d.end("e2")
    main = d.package(
        d.start(), d.xor("again"), d.user("draft"), d.par("apart"), d.user("copy"), d.end("copied"), d.user("file"),
        d.end("filed"), d.sub("hearing", heard + d.flows("s2 > hear > e2"), triggeredByEvent="true"),
        d.par("split"), d.sub("review", inner),
        d.boundary("late", "review", d.timer("P7D"), interrupting=False), d.user("remind"), d.end("reminded"),
        d.call("advise", "advice", _MAPPED), d.par("join"), d.user("vote", d.many(times="3")),
        d.inc("which", default="which__merge"), d.user("minutes"), d.inc("merge"),
        d.xor("passed", default="passed__end"), d.end(), d.flows("""
            start > again > draft > apart > split > review > join
            apart > copy > copied
            vote > file > filed
            split > advise > join > vote > which
            late > remind > reminded
            which > minutes ? amount > 10
            minutes > merge
            which > merge > passed
            passed > again ? returned
            passed > end"""), events="message:objection")
    advice = d.package(d.start(), d.user("write"), d.end(), d.flows("start > write > end"), key="advice")
    return [main, advice]


def _do(store: Store, id: str, element: str, now: Any, **answer: Any) -> None:
    with store.work() as session:
        instance = state.load(session, id)
        step = next(step for step in instance.steps() if step.element.id == element)
        instance.complete(step.id, answer, now)
        state.save(session, instance)


def _beside(store: Store, id: str, now: Any) -> None:
    """The objection comes and the reminder is due."""
    with store.work() as session:
        instance = state.load(session, id)
        instance.send("objection", {}, now)
        instance.wake(now + timedelta(days=7))
        state.save(session, instance)


def _stored(store: Store, id: str) -> tuple[str, ...]:
    """Every row of the stored state of an instance, numbers masked, in an order of its own."""
    with store.read() as session:
        told = session.execute(text(
            "SELECT coalesce(body, '') || ' ' || element || ' ' || state FROM engine_task WHERE instance_id = :id "
            "UNION ALL SELECT coalesce(variables, '') FROM engine_scope WHERE instance_id = :id "
            "UNION ALL SELECT coalesce(variables, '') FROM engine_instance WHERE id = :id"
        ), {"id": id}).scalars()  # fmt: skip
        return tuple(sorted(re.sub(r"\d+", "0", row) for row in told))


def _round(store: Store, id: str, now: Any, *, returned: bool) -> tuple[str, ...]:
    """One round; the state where it is largest, in the middle of the review."""
    _do(store, id, "draft", now, amount=20)
    _beside(store, id, now)
    stored = _stored(store, id)
    now += timedelta(days=7)
    for element in ("copy", "hear", "remind"):
        _do(store, id, element, now)
    _do(store, id, "write", now, advice="agreed")
    _do(store, id, "study", now)
    for _ in range(3):
        _do(store, id, "vote", now, returned=returned)
    _do(store, id, "file", now)
    _do(store, id, "minutes", now)
    return stored


def _case(store: Store, rounds: int, wrong: list[str]) -> tuple[str, ...]:
    """All rounds of one case on one database; its state in the last one."""
    began = d.NOW
    with store.work() as session:
        for package in drawn():
            packages.set_current(session, package.key, packages.store(session, package, now=began))
        id = state.start_instance(session, "sample", {}, case_id=None, now=began).id
    settled = measured = tuple[str, ...]()
    name = store.engine.dialect.name
    for number in tqdm(range(rounds), desc=f"rework ({name})", unit="round", disable=None):
        measured = _round(store, id, began + timedelta(days=8 * number), returned=number < rounds - 1)
        if number == min(_SETTLED, rounds - 1):
            settled = measured
        elif number > _SETTLED and measured != settled:
            more = sorted(set(measured) - set(settled))
            wrong.append(f"{name}, round {number}: {_size(measured)}, not {_size(settled)}; new are {more}")
    with store.read() as session:
        if not state.load(session, id, lock=False).finished:
            wrong.append(f"{name}: not finished after the last round")
    return measured


def _size(stored: tuple[str, ...]) -> str:
    return f"{len(stored)} rows, {sum(map(len, stored))} characters"


def measure(n: int | None = None) -> Figures:
    """D7.rework with n rounds on each database."""
    rounds, started, wrong = ROUNDS if n is None else n, time.monotonic(), list[str]()
    figures: dict[str, int | float | str] = {}
    with databases(make_tables) as urls:
        for dialect, url in urls.items():
            store = Store(url)
            stored = _case(store, rounds, wrong)
            figures |= {f"rows_{dialect}": len(stored), f"characters_{dialect}": sum(map(len, stored))}
            store.close()
    return Figures(
        "D7.rework", rounds, len(wrong), time.monotonic() - started,
        "one case is returned to its beginning that often; its stored state stays the same to the last character but "
        "for the digits of numbers that count on (masked here), and it ends when it is not returned",
        figures, tuple(wrong),
    )
