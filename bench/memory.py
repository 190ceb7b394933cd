"""A stored step beside plain SpiffWorkflow in memory: the price of keeping, checking and recording, in CPU time.

Stored: `complete_task` with access checks, form, act, engine state, task rows, ledger, receipt and commit; the CPU of
this process and, with PostgreSQL, of the server's backends that serve it. Plain: the same diagram, the same answers,
read by SpiffWorkflow's own parser and run with its own functions, nothing stored. Both are done in turn. The engine
alone (load, complete, save, commit) is measured beside, because it is what a library would be compared with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import text

from bench import databases
from bench.measure import Effort, Measure, ratio, shown
from bench.scene import PROCESS, ROUND, Scene, package, prepare
from workflows.calendar import clock
from workflows.engine import state
from workflows.store import Store

PLAIN = 5
"""Plain cases for one stored: a plain step is so short that a clock needs several."""
DECISIONS = ("return", "approve")


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """On both databases."""
    for name in databases.NAMES:
        place = folder / name
        place.mkdir()
        url = databases.empty(name, place)
        prepare(url)
        scene = Scene(url)
        try:
            yield from _measures(scene, name, effort)
        finally:
            scene.close()


def _measures(scene: Scene, name: str, effort: Effort) -> Iterator[Measure]:
    plain_spec = _plain()
    steps = len(ROUND) * len(DECISIONS)
    stored: list[float] = []
    engine: list[float] = []
    plain: list[float] = []
    for block in shown(range(-1, effort.blocks * effort.cases), f"step_vs_memory_{name}"):
        case, instance = scene.open_case(), _instance(scene.store)
        took = [
            _cpu(scene.store, lambda: _stored(scene, case)) / steps,  # noqa: B023 (called at once)
            _cpu(scene.store, lambda: _engine(scene.store, instance)) / steps,  # noqa: B023
            _cpu(None, lambda: _in_memory(plain_spec)) / steps / PLAIN,
        ]
        if block >= 0:  # the first is to warm up
            for samples, one in zip((stored, engine, plain), took, strict=True):
                samples.append(one)
    middle = sorted(plain)[len(plain) // 2] * 1000
    yield ratio(
        f"step_vs_memory_{name}", stored, plain,
        "CPU of a completion stored and recorded / CPU of the same step in plain SpiffWorkflow in memory",
        effort.blocks, plain_ms=middle, stored_ms=sorted(stored)[len(stored) // 2] * 1000,
    )  # fmt: skip
    yield ratio(
        f"engine_vs_memory_{name}", engine, plain,
        "CPU of load, complete, save and commit of the engine alone / the same",
        effort.blocks, plain_ms=middle, engine_ms=sorted(engine)[len(engine) // 2] * 1000,
    )  # fmt: skip


def _stored(scene: Scene, case: str) -> None:
    for decision in DECISIONS:
        scene.run_round(case, returned=decision == "return")


def _instance(store: Store) -> str:
    with store.work() as session:
        given = {"case_id": "none"}
        return state.start_instance(session, PROCESS, given, case_id=None, now=clock.now()).id


def _engine(store: Store, instance_id: str) -> None:
    for decision in DECISIONS:
        for element in ROUND:
            with store.work() as session:
                instance = state.load(session, instance_id)
                step = next(step for step in instance.steps() if step.element.id == element)
                instance.complete(step.id, _answer(element, decision), clock.now())
                state.save(session, instance)
    if not instance.finished:
        raise RuntimeError("the engine did not end the approval")


def _answer(element: str, decision: str) -> Mapping[str, Any]:
    return {"filing_result": decision} if element == "decide" else {}


def _plain() -> Any:
    files = package(PROCESS).files
    diagram = next(data for name, data in files.items() if name.endswith(".bpmn"))
    # Plain SpiffWorkflow evaluates Python: the condition without the marks of Camunda's expressions.
    diagram = diagram.replace(b"${filing_result == 'return'}", b"filing_result == 'return'")
    parser = BpmnParser()
    parser.add_bpmn_str(diagram)
    return parser.get_spec(PROCESS)


def _in_memory(spec: Any) -> None:
    for _ in range(PLAIN):
        _run_plain(BpmnWorkflow(spec))


def _run_plain(workflow: Any) -> None:
    workflow.do_engine_steps()
    for decision in DECISIONS:
        for element in ROUND:
            ready = workflow.get_tasks(state=TaskState.READY, manual=True)
            task = next(task for task in ready if task.task_spec.name == element)
            task.data.update(_answer(element, decision))
            task.run()
            workflow.do_engine_steps()
    if not workflow.is_completed():
        raise RuntimeError("plain SpiffWorkflow did not end the approval")


def _cpu(store: Store | None, act: Callable[[], object]) -> float:
    """Seconds of CPU of this process, and of the server's backends that serve the store."""
    served = _backends(store)
    before = time.process_time() + sum(map(_process_seconds, served))
    act()
    return time.process_time() + sum(map(_process_seconds, served)) - before


def _backends(store: Store | None) -> list[int]:
    if store is None or store.dialect != "postgresql":
        return []
    query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    with store.engine.connect() as connection:
        return [int(pid) for pid in connection.execute(text(query)).scalars()]


def _process_seconds(pid: int) -> float:
    """CPU that a process has had, to the nanosecond, as Linux tells it."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
