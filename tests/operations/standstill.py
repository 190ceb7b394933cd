"""Processes that stand still, begun for cases of the demonstration bureau."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.engine.drawing import catch, conditional, end, flows, node, package, start, timer, user
from tests.publishing import put_in_force
from workflows import worker
from workflows.actors import SYSTEM, Person, Post
from workflows.calendar import clock
from workflows.cases.file import lock_case
from workflows.desk import advance
from workflows.desk.tasks import Task
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


def waiting() -> Package:
    """It waits until there are more than three copies, then for a person."""
    return package(
        start(), catch("wait", conditional("${copies > 3}")), user("look"), end(), flows("start > wait > look > end"),
        key="waiting",
    )  # fmt: skip


def nobody_left(store: Store, case_id: str) -> tuple[str, str]:
    """A step of a hearing officer, whose account is closed; its task, and who could do it instead."""
    given = package(start(), user("hear", camunda_candidateGroups="hearing_officer"), end(),
                    flows("start > hear > end"), key="nobody")  # fmt: skip
    instance_id = begin(store, case_id, given)
    with store.work() as session:
        task = session.scalars(select(Task).where(Task.instance_id == instance_id)).one()
        for one in task.candidates:
            one.person.disabled_at = clock.now()
        unit = session.scalars(select(Person).join(Post).where(Post.role == "hearing_officer")).first()
        assert unit is not None
        post = Post(unit_id=unit.posts[0].unit_id, role="hearing_officer", title="听证主持人", starts_on=clock.today())
        new = Person(login="hearing9", name="新听证主持人", posts=[post])
        session.add(new)
        session.flush()
        return task.id, new.id


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
