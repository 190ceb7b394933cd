"""A suspended process takes no new cases; its running ones go on, or are held until it is resumed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from tests.engine.drawing import call, end, flows, package, start, user
from tests.external.gazette import TOPIC, admit
from tests.external.gazette import begin as begin_outside
from tests.operations.standstill import begin, failing
from tests.operations.test_troubles import differences
from tests.publishing import put_in_force
from workflows import ledger, machines, worker
from workflows.actors import Person
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.desk.execute import execute
from workflows.diagrams import suspensions
from workflows.diagrams.suspension_table import Suspension
from workflows.engine import packages
from workflows.errors import Forbidden, Invalid, NotFound, Stale
from workflows.outbox import OutboxNotice

RETURN = {"result": "return", "opinion": "请补正线索材料后再报。"}


def suspend(
    bureau: Bureau, key: str = "penalty", *, holds: bool = False, version: bool = False, login: str = "admin"
) -> Suspension:
    with bureau.store.read() as session:
        hash_ = packages.current(session, key) if version else None
    return execute(bureau.store, suspensions.suspend, bureau.actor(login), key, package_hash=hash_, holds=holds,
                   reason="流程图有误")  # fmt: skip


def resume(bureau: Bureau, row: Suspension) -> None:
    execute(bureau.store, suspensions.resume, bureau.actor("admin"), row.id, reason="已发布改正的版本")


@pytest.mark.parametrize("key", ["penalty", "legal_review"])
def test_no_case_is_opened_on_it_nor_on_what_calls_it_and_the_reason_is_told(bureau: Bureau, key: str) -> None:
    row = suspend(bureau, key, version=key == "penalty")
    with pytest.raises(Stale) as caught:
        bureau.open()
    assert (caught.value.code, caught.value.facts["reason"]) == ("process.suspended", "流程图有误")
    resume(bureau, row)
    bureau.open()
    with bureau.store.read() as session:
        told = [entry.event for entry in ledger.history(session, "bureau")][-2:]
    assert told == ["ProcessSuspended", "ProcessResumed"]


def test_running_cases_go_on_unless_they_are_held(any_bureau: Bureau) -> None:
    bureau = any_bureau
    case_id = bureau.open()
    row = suspend(bureau)
    bureau.complete("deputy", case_id, "approve_filing", RETURN)
    resume(bureau, row)
    row = suspend(bureau, holds=True)
    with pytest.raises(Stale) as caught:
        bureau.complete("officer1", case_id, "amend_lead", {"note": "已按要求补正。"})
    assert caught.value.code == "process.held"
    resume(bureau, row)
    bureau.complete("officer1", case_id, "amend_lead", {"note": "已按要求补正。"})
    assert differences(bureau.store) == []


def test_another_version_goes_on(bureau: Bureau) -> None:
    case_id = bureau.open()
    suspend(bureau, "legal_review", holds=True, version=True)
    bureau.complete("deputy", case_id, "approve_filing", RETURN)


def test_a_timer_of_a_held_process_waits_and_fires_when_it_is_resumed(
    any_bureau: Bureau, time: SimulatedClock
) -> None:
    bureau = any_bureau
    case_id = bureau.open()
    begin(bureau.store, case_id, failing())
    row = suspend(bureau, "failing", holds=True)
    time.set(clock.now() + timedelta(hours=2))
    assert worker.fire_next(bureau.store) == 0
    assert worker.fire_next(bureau.store) is None
    assert differences(bureau.store) == []
    resume(bureau, row)
    assert worker.fire_next(bureau.store) == 1
    assert bureau.task(case_id, "look").state == "open"
    assert differences(bureau.store) == []


def test_programs_outside_get_nothing_of_a_held_process(bureau: Bureau) -> None:
    machine, _ = admit(bureau.store)
    first, _second = begin_outside(bureau.store, bureau.open(), 2)
    minute = timedelta(minutes=1)
    execute(bureau.store, machines.lock, machine, first, "w1", minute)
    row = suspend(bureau, "gazette", holds=True)
    assert execute(bureau.store, machines.lock_tasks, machine, "w1", {TOPIC: minute}, 10) == []
    with pytest.raises(Stale):
        execute(bureau.store, machines.complete, machine, first, "w1", {"page": 1})
    resume(bureau, row)
    execute(bureau.store, machines.complete, machine, first, "w1", {"page": 1})


@pytest.mark.parametrize("login", ["secadmin", "auditor", "head", "officer1"])
def test_only_system_administrators_suspend_and_resume(bureau: Bureau, login: str) -> None:
    row = suspend(bureau)
    with pytest.raises(Forbidden):
        suspend(bureau, "legal_review", login=login)
    with pytest.raises(Forbidden):
        execute(bureau.store, suspensions.resume, bureau.actor(login), row.id, reason="恢复")


def test_what_is_no_suspension_is_refused(bureau: Bureau) -> None:
    row = suspend(bureau)
    with pytest.raises(Stale):
        suspend(bureau)
    with pytest.raises(NotFound):
        suspend(bureau, "nothing")
    admin = bureau.actor("admin")
    for reason in ("", "长" * 1001):
        with pytest.raises(Invalid):
            execute(bureau.store, suspensions.suspend, admin, "legal_review", package_hash=None, holds=False,
                    reason=reason)  # fmt: skip
    resume(bureau, row)
    with pytest.raises(Stale):
        resume(bureau, row)
    with pytest.raises(NotFound):
        execute(bureau.store, suspensions.resume, admin, "x", reason="恢复")


def test_a_case_is_held_by_the_processes_in_which_it_stands(bureau: Bureau) -> None:
    case_id, other = bureau.open(), bureau.open()
    with bureau.store.work() as session:
        put_in_force(session, package(start(), user("inner"), end(), flows("start > inner > end"), key="called"))
    begin(bureau.store, case_id, package(start(), call("c", "called"), end(), flows("start > c > end"), key="calls"))
    rows = [suspend(bureau, "called", holds=True), suspend(bureau, "legal_review", holds=True), suspend(bureau)]
    with bureau.store.read() as session:
        assert [row.id for row in suspensions.of_case(session, case_id)] == [rows[0].id]
        assert suspensions.of_case(session, other) == []
    resume(bureau, rows[0])
    with bureau.store.read() as session:
        assert suspensions.of_case(session, case_id) == []


def noticed(bureau: Bureau, *kinds: str) -> list[tuple[str, str, int | None]]:
    """Login, kind and number of cases of each notice."""
    with bureau.store.read() as session:
        found = session.execute(
            select(Person.login, OutboxNotice.kind, OutboxNotice.facts)
            .join(Person, Person.id == OutboxNotice.person_id).where(OutboxNotice.kind.in_(kinds))
        ).all()  # fmt: skip
    return sorted((login, kind, facts["cases"]) for login, kind, facts in found)


def test_running_cases_are_held_by_who_was_told_how_many_and_the_others_learn_of_it(any_bureau: Bureau) -> None:
    bureau = any_bureau
    bureau.open()
    bureau.open()
    said = {"package_hash": None, "holds": True, "reason": "流程图有误"}
    for told in (0, 1, 3):
        with pytest.raises(Invalid) as caught:
            execute(bureau.store, suspensions.suspend, bureau.actor("admin"), "penalty", **said, confirmed=told)
        assert (caught.value.code, caught.value.facts["cases"]) == ("process.confirm", 2)
    with bureau.store.read() as session:
        assert list(suspensions.standing(session)) == []
    row = execute(bureau.store, suspensions.suspend, bureau.actor("admin"), "penalty", **said, confirmed=2)
    with bureau.store.read() as session:
        entry = list(ledger.history(session, "bureau"))[-1]
    assert (entry.event, entry.data["cases"], entry.data["reason"]) == ("ProcessSuspended", 2, "流程图有误")
    assert noticed(bureau, "process_suspended", "cases_held") == [
        ("admin2", "process_suspended", 2), ("unithead", "cases_held", 2)]  # fmt: skip
    resume(bureau, row)
    assert noticed(bureau, "process_resumed", "cases_go_on") == [
        ("admin2", "process_resumed", 2), ("unithead", "cases_go_on", 2)]  # fmt: skip
    assert differences(bureau.store) == []


def test_where_no_case_is_held_nobody_is_asked_and_no_head_is_told(bureau: Bureau) -> None:
    bureau.open()
    more = {"package_hash": None, "reason": "流程图有误", "confirmed": 0}
    execute(bureau.store, suspensions.suspend, bureau.actor("admin"), "penalty", holds=False, **more)
    execute(bureau.store, suspensions.suspend, bureau.actor("admin"), "criminal_referral", holds=True, **more)
    assert noticed(bureau, "process_suspended", "cases_held") == [("admin2", "process_suspended", None)] * 2


def test_cases_that_will_come_to_what_is_held_count_too(bureau: Bureau) -> None:
    bureau.open()
    with pytest.raises(Invalid) as caught:
        execute(bureau.store, suspensions.suspend, bureau.actor("admin"), "legal_review", package_hash=None, holds=True,
                reason="流程图有误", confirmed=0)  # fmt: skip
    assert caught.value.facts["cases"] == 1
