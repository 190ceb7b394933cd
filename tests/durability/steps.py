"""D8: whatever fails in step k of a path, the case stays at the step before, once on the record, and can go on later.

    python -m tests.durability D8 [--n 5]

A case goes along six steps of people, every second one followed by a timer. Between two of them, at every place in
turn, stands something that fails: a condition that can't be evaluated, a decision table whose rules contradict each
other, a handler that raises, an engine that is broken. The person's completion (or the worker's timer) is refused, and
every row of the case, its engine and its ledger is as before, but for one incident. Then the fault is mended (another
diagram, another program) and the same step is taken again, and the case goes to its end.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.durability.both import databases, demonstration
from tests.durability.record import Figures
from tests.durability.timers import open_case
from tests.engine.drawing import catch, end, flows, node, package, start, timer, user, xor
from tests.publishing import put_in_force
from workflows import ledger, worker
from workflows.actors import SYSTEM, Actor, Person, acting
from workflows.calendar import clock
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.engine import handlers, state
from workflows.engine.package import Package
from workflows.engine.places import Place
from workflows.errors import Incident
from workflows.ledger.entries import EntryRow
from workflows.store import Store, new_id

STEPS = 6
KINDS = {
    "expression": "expression.failed", "table": "table.not_unique", "handler": "engine.handler_failed",
    "engine": "engine.failed",
}  # fmt: skip
"""What fails → the code of the incident."""
_broken = False


def _handle(_variables: Any) -> dict[str, Any]:
    if _broken:
        raise OSError("the register does not answer")
    return {"asked": True}


handlers.register("durability", _handle)


def drawn(kind: str, place: int, *, mended: bool) -> Package:
    """The path with a fault of a kind behind step `place`; or without it, which is what mends a diagram."""
    middle = {
        "expression": (xor("fault", default="fault__again"), xor("again")),
        "table": (node("businessRuleTask", "fault", camunda_decisionRef="d", camunda_resultVariable="r",
                       camunda_mapDecisionResult="singleEntry"),),
        "handler": (node("serviceTask", "fault", camunda_delegateExpression="${durability}"),),
        "engine": (node("task", "fault"),),
    }[kind]  # fmt: skip
    path, nodes = ["start"], [start(), end(), *middle]
    for number in range(STEPS):
        path.append(f"u{number}")
        nodes.append(user(f"u{number}", camunda_assignee="${who}"))
        if number % 2:
            path.append(f"w{number}")
            nodes.append(catch(f"w{number}", timer("P1D")))
        if number == place:
            path.append("fault")
    path.append("end")
    lines = []
    for before, after in pairwise(path):
        if before == "fault" and kind == "expression":
            condition = "1 == 1" if mended else "nobody_set_this == 1"
            lines += [f"fault > {after} ? {condition}", "fault > again", f"again > {after}"]
        else:
            lines.append(f"{before} > {after}")
    files = {"d.dmn": _table("FIRST" if mended else "UNIQUE")} if kind == "table" else {}
    return package(*nodes, flows("\n".join(lines)), key="path", files=files)


def _table(policy: str) -> bytes:
    """Two rules that both fit: an error under UNIQUE, none under FIRST."""
    rules = "".join(
        f'<rule id="r{n}"><inputEntry id="i{n}"><text>-</text></inputEntry>'
        f'<outputEntry id="o{n}"><text>{n}</text></outputEntry></rule>'
        for n in (1, 2)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="tables" name="tables" '
        'namespace="http://camunda.org/schema/1.0/dmn"><decision id="d" name="d">'
        f'<decisionTable id="t" hitPolicy="{policy}"><input id="i"><inputExpression id="e" typeRef="string">'
        '<text>who</text></inputExpression></input><output id="o" name="r" typeRef="number"/>'
        f"{rules}</decisionTable></decision></definitions>"
    ).encode()


@contextmanager
def failing(kind: str) -> Iterator[None]:
    """As long as the block lasts, the program has the fault: the register is away, or the engine has a bug."""
    global _broken
    whole = Place.leave

    def torn(self: Place, task: Any, *more: Any, **named: Any) -> None:
        if self.bpmn_id == "fault":
            raise AttributeError("'NoneType' object has no attribute 'parent'")
        whole(self, task, *more, **named)

    _broken = kind == "handler"
    if kind == "engine":
        Place.leave = torn  # type: ignore[method-assign]
    try:
        yield
    finally:
        _broken = False
        Place.leave = whole  # type: ignore[method-assign]


class Walk:
    """One case on its path."""

    def __init__(self, store: Store, kind: str, place: int) -> None:
        self.store, self.kind, self.place, self.wrong = store, kind, place, list[str]()
        with store.work() as session:
            person = session.scalars(select(Person).where(Person.login == "officer1")).one()
            self.actor: Actor = acting(session, person.id)
            self.mended = put_in_force(session, drawn(kind, place, mended=True))
            put_in_force(session, drawn(kind, place, mended=False))
            case = open_case(session)
            self.case_id = case.id
            self.instance_id = advance.start(session, case, "path", {"who": person.id}, SYSTEM).id

    def go(self, time: clock.SimulatedClock) -> list[str]:
        """To the end, with the fault on the way; what was not as promised."""
        met = 0
        while True:
            with self.store.read() as session:
                instance = state.load(session, self.instance_id, lock=False)
                if instance.finished:
                    break
                task = session.scalars(
                    select(Task).where(Task.instance_id == self.instance_id, Task.state == "claimed")
                ).one_or_none()
                due = None if task else session.get_one(state.EngineInstance, self.instance_id).try_at
                fails = not met and (task.element_id if task else self._timer(instance)) == self._before()
            if due is not None:
                time.set(max(due, clock.now()))
            if fails:
                met += 1
                with failing(self.kind):
                    self._refused(task)
                self._mend()
                if due is not None:
                    time.set(clock.now() + timedelta(minutes=2))  # the worker tries again by itself
            self._take(task)
        if met != 1:
            self.wrong.append(f"the fault was met {met} times")
        with self.store.read() as session:
            if (noted := state.incident(session, self.instance_id)) is not None:
                self.wrong.append(f"an incident is left over: {noted}")
            if len(self._events(session, "TaskCompleted")) != STEPS:
                self.wrong.append("not every step is completed once")
            if len(self._events(session, "TimerFired")) != STEPS // 2:
                self.wrong.append("not every timer fired once")
        return self.wrong

    def _before(self) -> str:
        """The element whose passing runs into the fault."""
        return f"w{self.place}" if self.place % 2 else f"u{self.place}"

    def _timer(self, instance: state.StoredInstance) -> str:
        return next(iter(instance.live())).element_id

    def _take(self, task: Task | None) -> None:
        if task is None:
            if worker.fire_next(self.store) != 1:
                self.wrong.append("the timer did not fire")
            return
        execute(self.store, commands.complete_task, self.actor, task.id, {}, seen=task.version, key=new_id())

    def _refused(self, task: Task | None) -> None:
        """The step fails, twice for the worker; nothing is other than before but for one incident."""
        before = self._picture()
        code = ""
        if task is None:
            if worker.fire_next(self.store) != 0:
                self.wrong.append("a timer that can't go on fired")
        else:
            try:
                self._take(task)
                self.wrong.append("a step that can't go on was taken")
            except Incident as incident:
                code = incident.code
        if self._picture() != before:
            self.wrong.append("the case has moved")
        with self.store.read() as session:
            noted = state.incident(session, self.instance_id) or {}
            raised = self._events(session, "IncidentRaised")
            if noted.get("code") != KINDS[self.kind] or code not in ("", KINDS[self.kind]):
                self.wrong.append(f"the incident is {noted}, {code}")
            if len(raised) != 1:
                self.wrong.append(f"{len(raised)} incidents in the ledger")

    def _picture(self) -> tuple[Any, ...]:
        """Everything of the case but the note of the incident: engine, tasks, ledger."""
        with self.store.read() as session:
            engine = [
                sorted(map(tuple, session.execute(select(kept.__table__).where(kept.instance_id == self.instance_id))))
                for kept in (state.EngineTask, state.EngineScope)
            ]
            wanted = select(Task.id, Task.state, Task.version).where(Task.case_id == self.case_id)
            tasks = sorted(map(tuple, session.execute(wanted)))  # fmt: skip
            told = [e for e in ledger.history(session, f"case:{self.case_id}") if e.event != "IncidentRaised"]
            row = session.get_one(state.EngineInstance, self.instance_id)
            return engine, tasks, [entry.seq for entry in told], row.version, row.due, row.variables

    def _events(self, session: Session, event: str) -> list[str]:
        wanted = select(EntryRow.data).where(EntryRow.stream == f"case:{self.case_id}", EntryRow.event == event)
        return list(session.scalars(wanted))

    def _mend(self) -> None:
        """What was wrong with the diagram is put right: the instance goes on with a version of it that is."""
        if self.kind in ("expression", "table"):
            with self.store.work() as session:
                table = state.EngineInstance
                session.execute(update(table).where(table.id == self.instance_id).values(
                    package_hash=self.mended, pins=state.dump({"path": self.mended})))  # fmt: skip


def run(url: str, rounds: int, places: Sequence[int] = range(STEPS)) -> tuple[int, list[str]]:
    """Every kind of fault at every one of the places, so many rounds, on a demonstration bureau.

    How many walks, and what broke.
    """
    store, walks, wrong = Store(url), 0, list[str]()
    try:
        with clock.simulated(clock.now()) as time:
            for _ in range(rounds):
                for kind in KINDS:
                    for place in places:
                        wrong += [f"{kind} after step {place}: {w}" for w in Walk(store, kind, place).go(time)]
                        walks += 1
        with store.read() as session:
            wrong += [f"ledger: {fault}" for fault in ledger.verify(session)]
    finally:
        store.close()
    return walks, wrong


def measure(n: int | None = None) -> Figures:
    """D8 with n rounds of every fault at every place on each database; 10 if not said."""
    began, walks, wrong = time.monotonic(), 0, list[str]()
    with databases(demonstration) as urls:
        for dialect, url in urls.items():
            walked, broke = run(url, n or 10)
            walks, wrong = walks + walked, wrong + [f"{dialect}: {line}" for line in broke]
    return Figures(
        "D8", walks, len(wrong), time.monotonic() - began,
        "an expression, a table, a handler or the engine fails behind step k: the case stays where it was with one "
        "incident on record, and goes on to its end once that is mended",
        {"kinds": len(KINDS), "places": STEPS}, tuple(wrong),
    )  # fmt: skip
