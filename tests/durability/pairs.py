"""D5: two commands that compete, in both orders: each pair comes out as if one had come after the other.

    python -m tests.durability D5 [--n 50]

The first has done its work and has not committed yet when the second begins; then the other way round; then both start
at once. What the second is told must be one of the answers it would get if it had come later, and afterwards engine,
tasks and ledger agree.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from tqdm import tqdm

from tests.durability.both import databases, demonstration
from tests.durability.competitors import LIVE, Command, Ground, Pair
from tests.durability.competitors import PAIRS as OF_STEPS
from tests.durability.operator_pairs import OPERATORS
from tests.durability.record import Figures
from workflows import ledger, worker
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.engine import state
from workflows.errors import FashenError
from workflows.fold import rows, verification
from workflows.ledger.entries import EntryRow
from workflows.store import Store

PAIRS = {**OF_STEPS, **OPERATORS}
HELD = 0.02
"""Seconds that the first keeps its locks after its work, so that the second runs into them."""
ORDERS = ("one first", "other first", "at once")
WAIT = 120
"""A limit for hanging."""


def meet(ground: Ground, pair: Pair, order: str) -> tuple[str, str]:
    """Let a pair meet in one of ORDERS; what one heard, and what the other heard."""
    heard = {"one": "", "other": ""}
    began, together = threading.Event(), threading.Barrier(2)
    first = {"one first": "one", "other first": "other"}.get(order)

    def run(name: str, command: Command | None) -> None:
        if first is None:
            together.wait(WAIT)
        elif name != first:
            began.wait(WAIT)
        try:
            heard[name] = _carry_out(ground.store, command, began if name == first else None)
        finally:
            began.set()

    threads = [threading.Thread(target=run, args=given) for given in (("one", pair.one), ("other", pair.other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    return heard["one"], heard["other"]


def _carry_out(store: Store, command: Command | None, began: threading.Event | None) -> str:
    def held(session: Session) -> Any:
        said = command(session) if command is not None else _fire(session)
        session.flush()
        if began is not None:
            began.set()
            time.sleep(HELD)
        return said

    if command is None and began is None:  # a worker looks once more later, as it does every second
        fired = worker.fire_next(store)
        time.sleep(2 * HELD)
        return "done" if (fired or worker.fire_next(store)) else "nothing"
    try:
        said = execute(store, held)
    except FashenError as error:
        return error.code
    return "nothing" if said == "nothing" else "done"


def _fire(session: Session) -> str:
    """What the worker does in its unit of work, in one that is kept open."""
    taken = worker.take(session, clock.now())
    return "done" if taken and worker._fire(session, *taken, clock.now()) else "nothing"


def judge(ground: Ground, pair: Pair, order: str, heard: tuple[str, str]) -> list[str]:
    """What is not as if one had come after the other."""
    serial = [("done", answer) for answer in pair.after_one] if order != "other first" else []
    serial += [(answer, "done") for answer in pair.after_other] if order != "one first" else []
    wrong = [] if heard in serial else [f"they heard {heard}"]
    with ground.store.read() as session:
        live = session.scalars(select(Task).where(Task.case_id == pair.case_id, Task.state.in_(LIVE))).all()
        found = tuple(sorted(task.element_id for task in live))
        if found not in pair.live:
            wrong.append(f"live are {found}")
        ids = session.scalars(select(state.EngineInstance.id).where(state.EngineInstance.case_id == pair.case_id))
        instances = [state.load(session, id, lock=False) for id in ids]
        if {task.engine_task_id for task in live} != {step.id for one in instances for step in one.steps()}:
            wrong.append("engine and tasks differ")
        hashes = {one.id: one.definition.hash for one in instances}
        if any(hashes[task.instance_id] != task.package_hash for task in live):
            wrong.append("a task is of another version than its instance")
        events = Counter(session.scalars(select(EntryRow.event).where(EntryRow.stream == f"case:{pair.case_id}")))
        wrong += [f"{event} {events[event]} times" for event, count in pair.counted.items() if events[event] != count]
        if events["IncidentRaised"]:
            wrong.append("an incident")
        if pair.folded:
            stored = rows.stored(session, pair.case_id)
            wrong += [str(one) for one in verification.verify_root(session, pair.case_id, "case", stored)]
    return wrong


def run(url: str, rounds: int) -> tuple[int, list[str]]:
    """So many rounds of every pair in every order, on a demonstration bureau; meetings held, and what broke."""
    store, held, wrong = Store(url), 0, list[str]()
    try:
        with clock.simulated(clock.now()) as time_:
            ground = Ground(store, time_)
            for name, scene in tqdm(PAIRS.items(), desc=f"pairs on {store.dialect}", disable=None):
                for order in ORDERS:
                    for _ in range(rounds):
                        pair = scene(ground)
                        heard = meet(ground, pair, order)
                        wrong += [f"{name}, {order}: {line}" for line in judge(ground, pair, order, heard)]
                        held += 1
        with store.read() as session:
            wrong += [f"ledger: {fault}" for fault in ledger.verify(session)]
    finally:
        store.close()
    return held, wrong


def measure(n: int | None = None) -> Figures:
    """D5 with n rounds of every pair in every order on each database; 50 if not said."""
    began, held, wrong = time.monotonic(), 0, list[str]()
    with databases(demonstration) as urls:
        for dialect, url in urls.items():
            met, broke = run(url, n or 50)
            held, wrong = held + met, wrong + [f"{dialect}: {line}" for line in broke]
    return Figures(
        "D5", held, len(wrong), time.monotonic() - began,
        "two commands compete for one thing, one of them uncommitted when the other comes, or both at once: it ends as "
        "if one had come after the other, and engine, tasks and ledger agree",
        {"pairs": len(PAIRS), "orders": len(ORDERS)}, tuple(wrong),
    )  # fmt: skip
