"""An installation that serves a topic no longer: its cases stay readable, and only publishing is refused."""

from __future__ import annotations

import pytest

from tests.desk.conftest import Bureau
from tests.external.gazette import admit, begin, package
from workflows import machines
from workflows.actors import SYSTEM
from workflows.desk.execute import execute
from workflows.diagrams import library
from workflows.engine import handlers, packages, state
from workflows.engine.definition import Definitions
from workflows.errors import DiagramRefused
from workflows.external.tables import ExternalTask
from workflows.fold import verification


@pytest.fixture
def waiting(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a task that waits for a topic, read by a process that has just started and serves none."""
    (task_id,) = begin(bureau.store, bureau.open())
    unserved(monkeypatch)
    return task_id


def unserved(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process with other settings begins: no topic is known, no package has been read."""
    monkeypatch.setattr(handlers, "_topics", set())
    monkeypatch.setattr(packages, "_definitions", Definitions())


def test_its_process_is_read_as_before(bureau: Bureau, waiting: str) -> None:
    with bureau.store.read() as session:
        row = session.get_one(ExternalTask, waiting)
        assert [task.id for task in state.load(session, row.instance_id, lock=False).external()] == [waiting]


def test_the_auditors_check_finds_no_difference(bureau: Bureau, waiting: str) -> None:
    with bureau.store.read() as session:
        assert list(verification.verify_state(session)) == []


def test_a_machine_that_was_admitted_before_still_does_its_task(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, _ = admit(bureau.store)
    (task_id,) = begin(bureau.store, bureau.open())
    unserved(monkeypatch)
    execute(bureau.store, machines.lock, machine, task_id, "w1", machines.LONGEST_LOCK)
    execute(bureau.store, machines.complete, machine, task_id, "w1", {"page": 1})
    with bureau.store.read() as session:
        assert session.get_one(ExternalTask, task_id).outcome == "completed"


def test_publishing_such_a_diagram_is_refused(bureau: Bureau, waiting: str) -> None:
    with bureau.store.work() as session, pytest.raises(DiagramRefused) as refused:
        library.publish(session, package("place"), SYSTEM, "刊登改由机器办理", source=library.SHIPPED)
    assert "diagram.topic_unknown" in {problem.code for problem in refused.value.problems}
