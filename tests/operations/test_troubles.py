"""What stands still is found wherever it failed, tried again by administrators only, and the ledger tells it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.external.gazette import TOPIC, admit
from tests.external.gazette import begin as begin_outside
from tests.operations.standstill import breaking, stand_still
from workflows import ledger, machines
from workflows.actors import Actor, Unit
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case
from workflows.desk.execute import execute, put_on_record
from workflows.documents.document import Document
from workflows.engine import state
from workflows.engine.state import EngineInstance
from workflows.errors import Forbidden, Incident, Invalid, NotFound
from workflows.external.tables import ExternalTask
from workflows.fold import verify_state
from workflows.notices.deliveries import NoticeDelivery
from workflows.operations import retrying, troubles
from workflows.outbox import OutboxNotice
from workflows.store import Store, new_id


def listed(bureau: Bureau, login: str = "admin", kind: str = "") -> troubles.Page:
    with bureau.store.read() as session:
        return troubles.page(session, bureau.actor(login), kind)


def differences(store: Store) -> list[str]:
    with store.read(snapshot=True) as session:
        return [one.sentence("en") for one in verify_state(session)]


def told(store: Store, case_id: str) -> list[str]:
    with store.read() as session:
        return [entry.event for entry in ledger.history(session, f"case:{case_id}")]


def failed_outside(bureau: Bureau, case_id: str) -> str:
    """An external task that has no tries left; its id."""
    machine, _ = admit(bureau.store)
    (task_id,) = begin_outside(bureau.store, case_id)
    execute(bureau.store, machines.lock_tasks, machine, "w1", {TOPIC: timedelta(minutes=1)}, 1)
    execute(bureau.store, machines.fail, machine, task_id, "w1", message="印刷系统拒绝连接", retries=0,
            pause=timedelta(0))  # fmt: skip
    return task_id


def failed_document(store: Store, case_id: str) -> str:
    with store.work() as session:
        case = session.get_one(Case, case_id)
        row = Document(
            case_id=case_id, type="review_opinion", unit_id=case.bureau_id, year=2024, seq=1, number="〔2024〕1号",
            content={}, issued_on=case.found_on, issued_by="system", created_at=case.opened_at, attempts=3,
            error={"code": "document.render_failed", "facts": {"reason": "font"}}, retry_at=case.opened_at,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def failed_delivery(store: Store, person_id: str) -> str:
    with store.work() as session:
        at = session.scalars(select(Case.opened_at)).first()
        notice = OutboxNotice(person_id=person_id, kind="task_offered", facts={}, created_at=at)
        session.add(notice)
        session.flush()
        row = NoticeDelivery(notice_id=notice.id, person_id=person_id, channel="email", topic="tasks", state="failed",
                             planned_at=at, attempts=6, code="mail.refused", reason="550")  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def each_kind(bureau: Bureau, time: SimulatedClock) -> dict[str, str]:
    """One thing of each kind that stands still: kind → id."""
    case_id = bureau.open()
    return {
        "case": case_id, "instance": stand_still(bureau.store, case_id, time),
        "external": failed_outside(bureau, case_id), "document": failed_document(bureau.store, case_id),
        "delivery": failed_delivery(bureau.store, bureau.actor("officer1").person_id),
    }  # fmt: skip


@pytest.fixture
def all_kinds(bureau: Bureau, time: SimulatedClock) -> dict[str, str]:
    return each_kind(bureau, time)


def test_one_list_tells_of_everything_that_stands_still(bureau: Bureau, all_kinds: dict[str, str]) -> None:
    found = listed(bureau)
    assert found.counts == dict.fromkeys(troubles.KINDS, 1)
    by_kind = {one.kind: one for one in found.troubles}
    assert {kind: one.id for kind, one in by_kind.items()} == {k: all_kinds[k] for k in troubles.KINDS}
    instance = by_kind["instance"]
    assert (instance.process_key, instance.version, instance.element_id, instance.attempts) == ("failing", 1, "act", 1)
    assert (instance.code, instance.case_id) == ("engine.handler_failed", all_kinds["case"])
    assert by_kind["external"].facts["message"] == "印刷系统拒绝连接"
    assert by_kind["delivery"].whom == bureau.actor("officer1").name
    assert [one.kind for one in listed(bureau, kind="external").troubles] == ["external"]


def test_whoever_is_no_administrator_sees_nothing_of_it(bureau: Bureau, all_kinds: dict[str, str]) -> None:
    assert listed(bureau, "auditor").troubles
    assert listed(bureau, "secadmin").troubles
    for login in ("officer1", "head"):
        with pytest.raises(Forbidden):
            listed(bureau, login)


def test_an_administrator_of_another_bureau_sees_nothing_and_retries_nothing(
    bureau: Bureau, all_kinds: dict[str, str]
) -> None:
    admin = bureau.actor("admin")
    with bureau.store.work() as session:
        unit = Unit(name="邻局", level="county", legal_subject=True)
        session.add(unit)
        session.flush()
        elsewhere = Actor(admin.person_id, admin.name, "", unit.id, "", {"sys_admin": frozenset({unit.id})})
    with bureau.store.read() as session:
        assert not troubles.page(session, elsewhere).troubles
    for kind in ("instance", "external", "document"):
        (outcome,) = retrying.retry(bureau.store, elsewhere, [f"{kind}:{all_kinds[kind]}"])
        assert isinstance(outcome.error, NotFound)


def test_all_of_it_is_tried_again_at_once_and_each_has_its_result(any_bureau: Bureau, time: SimulatedClock) -> None:
    bureau, all_kinds = any_bureau, each_kind(any_bureau, time)
    assert listed(bureau).counts == dict.fromkeys(troubles.KINDS, 1)
    keys = [f"{kind}:{all_kinds[kind]}" for kind in troubles.KINDS]
    outcomes = retrying.retry(bureau.store, bureau.actor("admin"), [*keys, f"instance:{new_id()}"])
    assert [one.key for one in outcomes if one.error is None] == keys
    assert isinstance(outcomes[-1].error, NotFound)
    with bureau.store.read() as session:
        assert session.get_one(EngineInstance, all_kinds["instance"]).incident is None
        assert session.get_one(ExternalTask, all_kinds["external"]).retries == machines.FIRST_RETRIES
        assert session.get_one(Document, all_kinds["document"]).retry_at is None
        assert session.get_one(NoticeDelivery, all_kinds["delivery"]).state == "waiting"
    assert bureau.task(all_kinds["case"], "look").state == "open"
    assert not [one for one in listed(bureau).troubles if one.kind in ("instance", "external", "delivery")]


def test_the_ledger_tells_who_tried_again_and_its_replay_comes_to_the_same(
    bureau: Bureau, time: SimulatedClock
) -> None:
    case_id = bureau.open()
    instance_id, task_id = stand_still(bureau.store, case_id, time), failed_outside(bureau, case_id)
    retrying.retry(bureau.store, bureau.actor("admin"), [f"instance:{instance_id}", f"external:{task_id}"])
    assert differences(bureau.store) == []
    with bureau.store.read() as session:
        entries = [one for one in ledger.history(session, f"case:{case_id}") if one.event == "TimerFired"]
    assert [one.actor_name for one in entries] == [bureau.actor("admin").name]


def test_what_fails_again_stands_as_before_with_the_new_reason(bureau: Bureau, time: SimulatedClock) -> None:
    case_id = bureau.open()
    instance_id = stand_still(bureau.store, case_id, time)
    with breaking("仍无响应"):
        (outcome,) = retrying.retry(bureau.store, bureau.actor("admin"), [f"instance:{instance_id}"])
    assert isinstance(outcome.error, Incident)
    (one,) = listed(bureau).troubles
    assert "仍无响应" in str(one.facts)
    assert told(bureau.store, case_id).count("IncidentRaised") == 2
    assert differences(bureau.store) == []


def test_a_command_of_a_person_that_failed_leaves_an_incident_that_checking_takes_away(bureau: Bureau) -> None:
    case_id = bureau.open()
    (instance_id,) = running(bureau, case_id)
    with bureau.store.work() as session:
        put_on_record(session, Incident("engine.no_flow", element="g", label="去向", instance=instance_id),
                      bureau.actor("officer1"))  # fmt: skip
    assert [one.name for one in listed(bureau).troubles] == ["去向"]
    assert execute(bureau.store, retrying.retry_instance, bureau.actor("admin"), instance_id) == 0
    assert listed(bureau).troubles == []
    assert told(bureau.store, case_id)[-1] == "InstanceRetried"
    assert differences(bureau.store) == []
    execute(bureau.store, retrying.retry_instance, bureau.actor("admin"), instance_id)
    assert told(bureau.store, case_id).count("InstanceRetried") == 1, "asked twice, it is one act"


def test_damaged_rows_stay_damaged_and_are_named(bureau: Bureau) -> None:
    case_id = bureau.open()
    (instance_id,) = running(bureau, case_id)
    with bureau.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE engine_task SET body = 'x'")
    with pytest.raises(Incident):
        bureau.complete("deputy", case_id, "approve_filing", {"result": "return", "opinion": "请补正。"})
    assert [one.code for one in listed(bureau).troubles] == ["engine.state_damaged"]
    (outcome,) = retrying.retry(bureau.store, bureau.actor("admin"), [f"instance:{instance_id}"])
    assert outcome.error is not None
    assert outcome.error.code == "engine.state_damaged"


@pytest.mark.parametrize("login", ["secadmin", "auditor", "officer1"])
def test_only_system_administrators_try_again(bureau: Bureau, all_kinds: dict[str, str], login: str) -> None:
    for kind in troubles.KINDS:
        (outcome,) = retrying.retry(bureau.store, bureau.actor(login), [f"{kind}:{all_kinds[kind]}"])
        assert isinstance(outcome.error, Forbidden)


@pytest.mark.parametrize("keys", [[], ["nonsense"], ["folder:1"], [f"instance:{n}" for n in range(101)]])
def test_what_is_no_choice_is_refused(bureau: Bureau, keys: list[str]) -> None:
    with pytest.raises(Invalid):
        retrying.retry(bureau.store, bureau.actor("admin"), keys)


def running(bureau: Bureau, case_id: str) -> Any:
    with bureau.store.read() as session:
        return state.running_of(session, case_id)
