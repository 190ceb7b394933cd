"""The rows of external tasks say what the diagram and the ledger say, and are believed in nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.desk.conftest import Bureau
from tests.external.conftest import served as served
from tests.external.gazette import TOPIC, admit, begin
from tests.fold import changing
from workflows import machines
from workflows.desk.execute import execute
from workflows.errors import Incident, Invalid, NotFound
from workflows.external.accounts import Machine
from workflows.store import Store

MINUTE = timedelta(minutes=1)


def bend(store: Store, change: str) -> None:
    with store.engine.begin() as connection:
        assert connection.execute(text(f"UPDATE external_task SET {change}")).rowcount  # noqa: S608


def fetch(store: Store, machine: Machine, topic: str = TOPIC) -> list[str]:
    return execute(store, machines.lock_tasks, machine, "w1", {topic: MINUTE}, 10)


def test_a_variable_that_only_the_row_declares_is_not_written(bureau: Bureau) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id)
    fetch(bureau.store, machine)
    bend(bureau.store, """outputs = '["page", "review_required"]'""")
    with pytest.raises(Invalid) as caught:
        execute(bureau.store, machines.complete, machine, task_id, "w1", {"review_required": False})
    assert caught.value.code == "external.undeclared"
    execute(bureau.store, machines.complete, machine, task_id, "w1", {"page": 1})


def test_a_task_that_only_its_row_gives_to_another_topic_is_neither_shown_nor_done(bureau: Bureau) -> None:
    case_id, (other, _) = bureau.open(), admit(bureau.store, "mail", ("mail",))
    admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id)
    bend(bureau.store, "topic = 'mail'")
    assert fetch(bureau.store, other, "mail") == [task_id]
    with bureau.store.read() as session:
        assert machines.fetched(session, [task_id]) == ([], {})
    with pytest.raises(NotFound):
        execute(bureau.store, machines.complete, other, task_id, "w1", {})
    with pytest.raises(NotFound):
        execute(bureau.store, machines.fail, other, task_id, "w1", message="", retries=None, pause=MINUTE)


CHANGES = {
    "topic = 'mail'": "topic", "outputs = '[]'": "outputs", "element_id = 'file'": "element_id", "name = 'x'": "name",
    "process_key = 'penalty'": "process_key", "package_hash = 'x'": "package_hash", "case_id = 'x'": "case_id",
    "retries = 7": "retries", "error = 'x'": "error", "ended_at = '2026-01-01 00:00:00'": "ended_at",
    "outcome = 'completed'": "outcome",
}  # fmt: skip


def test_every_changed_fact_of_a_waiting_task_is_named(bureau: Bureau) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id, *_) = begin(bureau.store, case_id, 2)
    fetch(bureau.store, machine)
    execute(bureau.store, machines.fail, machine, task_id, "w1", message="网络不通", retries=2, pause=MINUTE)
    with changing.attacked(bureau.store) as connection:
        assert changing.differences(connection) == []
    for change, column in CHANGES.items():
        with changing.attacked(bureau.store) as connection:
            connection.execute(text(f"UPDATE external_task SET {change} WHERE id = :id"), {"id": task_id})  # noqa: S608
            found = {(one.table, one.column) for one in changing.differences(connection)}
            assert ("external_task", column) in found, change
    for removed in ("DELETE FROM external_task WHERE id = :id", "UPDATE external_task SET id = 'x' WHERE id = :id"):
        with changing.attacked(bureau.store) as connection:
            connection.execute(text(removed), {"id": task_id})
            assert ("external_task", None) in {(one.table, one.column) for one in changing.differences(connection)}


def test_what_became_of_a_task_is_named_when_it_is_changed(bureau: Bureau) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id)
    fetch(bureau.store, machine)
    execute(bureau.store, machines.complete, machine, task_id, "w1", {"page": 1})
    for change, column in (("outcome = 'error'", "outcome"), ("ended_at = NULL", "ended_at"), ("name = 'x'", "name")):
        with changing.attacked(bureau.store) as connection:
            connection.execute(text(f"UPDATE external_task SET {change}"))  # noqa: S608
            found = {(one.table, one.column) for one in changing.differences(connection)}
            assert found == {("external_task", column)}, change


@pytest.mark.parametrize(
    "forged", ["forged", "{}", "[]", '{"code": "x"}', '{"facts": {}}', '{"code": "x", "facts": {}}']
)
def test_an_incident_is_what_the_ledger_tells_and_nothing_else(bureau: Bureau, forged: str) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    failed, _sound = begin(bureau.store, case_id, 2)
    fetch(bureau.store, machine)
    with pytest.raises(Incident):
        execute(bureau.store, machines.report_error, machine, failed, "w1", "unheard", {})
    with changing.attacked(bureau.store) as connection:
        assert changing.differences(connection) == []
        waiting = text("SELECT id FROM engine_instance WHERE incident IS NULL ORDER BY id")
        stopped = text("SELECT id, incident FROM engine_instance WHERE incident IS NOT NULL")
        clean, (spoilt, incident) = connection.execute(waiting).scalars().first(), connection.execute(stopped).one()
    for instance, value in ((clean, forged), (spoilt, forged), (spoilt, incident.replace("unheard", "heard"))):
        with changing.attacked(bureau.store) as connection:
            change = text("UPDATE engine_instance SET incident = :value WHERE id = :id")
            connection.execute(change, {"value": value, "id": instance})
            found = {(one.table, one.column) for one in changing.differences(connection)}
        assert ("engine_instance", "incident") in found, (value, found)
