"""Processes that stand still, begun for cases of the demonstration bureau."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from tests.engine.drawing import catch, end, flows, node, package, start, timer, user
from tests.publishing import put_in_force
from workflows import worker
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.cases.file import lock_case
from workflows.desk import advance
from workflows.engine import handlers, state
from workflows.engine.package import Package
from workflows.store import Store

HANDLER = "operations_room"
_broken: list[str] = []


def _handle(_variables: Any) -> dict[str, Any]:
    if _broken:
        raise KeyError(_broken[-1])
    return {"mended": True}


@contextmanager
def breaking(reason: str = "外部接口无响应") -> Iterator[None]:
    """As long as it lasts, the handler of `failing` fails."""
    _broken.append(reason)
    try:
        yield
    finally:
        _broken.clear()


def failing() -> Package:
    """A timer of an hour, then a handler that fails while `breaking`, then a person."""
    if HANDLER not in handlers.known_handlers():
        handlers.register(HANDLER, _handle)
    service = node("serviceTask", "act", camunda_delegateExpression=f"${{{HANDLER}}}")
    return package(
        start(), catch("wait", timer("PT1H")), service, user("look"), end(),
        flows("start > wait > act > look > end"), key="failing",
    )  # fmt: skip


def begin(store: Store, case_id: str, given: Package, **variables: Any) -> str:
    """Start an instance for a case; its id."""
    with store.work() as session:
        put_in_force(session, given)
        return advance.start(session, lock_case(session, case_id), given.key, variables, SYSTEM).id


def stand_still(store: Store, case_id: str, time: Any) -> str:
    """An instance whose timer came due and failed; its id. The clock stands an hour later afterwards."""
    instance_id = begin(store, case_id, failing())
    time.set(clock.now() + timedelta(hours=1))
    with breaking():
        while not _failed(store, instance_id):
            assert worker.fire_next(store) == 0
    return instance_id


def _failed(store: Store, instance_id: str) -> bool:
    with store.read() as session:
        return state.incident(session, instance_id) is not None
