"""Programs outside fetch, complete and fail external tasks: each exactly once, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.conftest import MORNING, Bureau
from tests.external.gazette import TOPIC, admit, begin
from workflows import ledger, machines
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.desk.execute import execute
from workflows.desk.operators import halting
from workflows.desk.tasks import Task
from workflows.errors import Forbidden, Incident, Invalid, NotFound, Stale
from workflows.external import accounts
from workflows.external.accounts import Machine
from workflows.external.tables import ExternalTask
from workflows.fold import verification
from workflows.outbox import OutboxNotice
from workflows.store import Store, new_id

MINUTE = timedelta(minutes=1)


def fetch(store: Store, machine: Machine, worker: str = "w1", limit: int = 10) -> list[str]:
    return execute(store, machines.lock_tasks, machine, worker, {TOPIC: MINUTE}, limit)


def row(store: Store, task_id: str) -> ExternalTask:
    with store.read() as session:
        return session.get_one(ExternalTask, task_id)


def people_steps(store: Store, case_id: str) -> list[str]:
    with store.read() as session:
        wanted = select(Task.element_id).where(Task.case_id == case_id, Task.process_key == "gazette")
        return sorted(session.scalars(wanted.where(Task.ended_at.is_(None))))


def code(asked: Callable[[], Any]) -> str:
    with pytest.raises((Forbidden, Invalid, NotFound, Incident, Stale)) as caught:
        asked()
    return caught.value.code


def test_a_worker_fetches_and_completes_and_the_process_goes_on(bureau: Bureau) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id, number=7)
    assert fetch(bureau.store, machine) == [task_id]
    with bureau.store.read() as session:
        (one,), _ = machines.fetched(session, [task_id])
    assert dict(one.variables) == {"number": 7, "case_id": case_id}
    assert people_steps(bureau.store, case_id) == []
    execute(bureau.store, machines.complete, machine, task_id, "w1", {"page": 3})
    assert people_steps(bureau.store, case_id) == ["file"]
    assert row(bureau.store, task_id).outcome == "completed"
    with bureau.store.read() as session:
        (entry,) = ledger.history(session, f"case:{case_id}", only=["ExternalTaskCompleted"])
        told = entry.actor_name, entry.data["variables"], entry.data["worker"]
        assert told == ("gazette-office", {"page": 3}, "w1")
        assert ledger.verify(session) == []
        assert list(verification.verify_state(session)) == []


def test_a_second_completion_finds_nothing_and_changes_nothing(bureau: Bureau) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id)
    fetch(bureau.store, machine)
    execute(bureau.store, machines.complete, machine, task_id, "w1", {})
    for again in (machines.complete, lambda s, m, t, w, v: machines.report_error(s, m, t, w, "refused", v)):
        assert code(lambda again=again: execute(bureau.store, again, machine, task_id, "w1", {})) == "external.unknown"
    assert people_steps(bureau.store, case_id) == ["file"]


def test_only_declared_variables_are_written(bureau: Bureau) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id)
    fetch(bureau.store, machine)
    for name in ("review_required", "case_id"):
        answer = {name: "x"}
        refused = code(lambda answer=answer: execute(bureau.store, machines.complete, machine, task_id, "w1", answer))
        assert refused == "external.undeclared"
    assert row(bureau.store, task_id).ended_at is None
    execute(bureau.store, machines.complete, machine, task_id, "w1", {"page": 1, "place": "第二版"})


def test_a_machine_sees_its_topics_only_and_no_task_of_people(bureau: Bureau) -> None:
    case_id, (machine, _), (other, _) = bureau.open(), admit(bureau.store), admit(bureau.store, "mail", ("mail",))
    (task_id,) = begin(bureau.store, case_id)
    assert code(lambda: fetch(bureau.store, other)) == "external.topic"
    fetch(bureau.store, machine)
    assert code(lambda: execute(bureau.store, machines.complete, other, task_id, "w1", {})) == "external.unknown"
    persons = bureau.task(case_id, "approve_filing")
    for its in (persons.id, persons.engine_task_id):
        refused = code(lambda its=its: execute(bureau.store, machines.complete, machine, its, "w1", {}))
        assert refused == "external.unknown"


def test_what_another_worker_holds_is_refused_until_its_time_is_over(bureau: Bureau, time: SimulatedClock) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id)
    fetch(bureau.store, machine, "dead")
    assert fetch(bureau.store, machine, "w2") == []
    assert code(lambda: execute(bureau.store, machines.complete, machine, task_id, "w2", {})) == "external.locked"
    time.set(MORNING + MINUTE)
    assert fetch(bureau.store, machine, "w2") == [task_id]
    assert code(lambda: execute(bureau.store, machines.complete, machine, task_id, "dead", {})) == "external.locked"
    execute(bureau.store, machines.complete, machine, task_id, "w2", {})


def test_a_lock_is_extended_and_given_back(bureau: Bureau, time: SimulatedClock) -> None:
    (machine, _), case_id = admit(bureau.store), bureau.open()
    (task_id,) = begin(bureau.store, case_id)
    fetch(bureau.store, machine)
    execute(bureau.store, machines.extend, machine, task_id, "w1", 5 * MINUTE)
    time.set(MORNING + 2 * MINUTE)
    assert fetch(bureau.store, machine, "w2") == []
    execute(bureau.store, machines.unlock, machine, task_id)
    assert code(lambda: execute(bureau.store, machines.extend, machine, task_id, "w1", MINUTE)) == "external.locked"
    execute(bureau.store, machines.lock, machine, task_id, "w3", MINUTE)
    assert code(lambda: execute(bureau.store, machines.lock, machine, task_id, "w2", MINUTE)) == "external.locked"
    too_long = 25 * 60 * MINUTE
    assert code(lambda: execute(bureau.store, machines.extend, machine, task_id, "w3", too_long)) == "external.duration"


def test_a_failure_rests_is_tried_again_and_told_to_the_administrator(bureau: Bureau, time: SimulatedClock) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id)
    fetch(bureau.store, machine)

    def fails(**more: Any) -> None:
        execute(bureau.store, machines.fail, machine, task_id, "w1", message="HTTP 500", **more)

    fails(retries=1, pause=MINUTE)
    assert fetch(bureau.store, machine) == []
    time.set(MORNING + MINUTE)
    assert fetch(bureau.store, machine) == [task_id]
    assert not told(bureau)
    fails(retries=0, pause=timedelta(0))
    assert told(bureau)
    time.set(MORNING + 60 * MINUTE)
    assert fetch(bureau.store, machine) == []
    with bureau.store.read() as session:
        assert [each.error for each in machines.listed(session, None, limit=9)] == ["HTTP 500"]
    execute(bureau.store, machines.retry, SYSTEM, task_id)
    assert fetch(bureau.store, machine) == [task_id]
    fails(retries=None, pause=timedelta(0))
    assert row(bureau.store, task_id).retries == 2
    with bureau.store.read() as session:
        assert list(verification.verify_state(session)) == []


def test_a_task_at_which_nobody_failed_is_not_tried_again(bureau: Bureau) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id)
    assert code(lambda: execute(bureau.store, machines.retry, SYSTEM, task_id)) == "external.not_failed"
    assert row(bureau.store, task_id).retries is None
    assert fetch(bureau.store, machine) == [task_id]


def halt(bureau: Bureau, command: Callable[..., Any], case_id: str) -> None:
    execute(bureau.store, command, bureau.actor("unithead"), case_id, reason="等待鉴定结论", key=new_id())


def test_while_a_case_is_held_up_nobody_gets_its_tasks(bureau: Bureau) -> None:
    case_id, beside, (machine, _) = bureau.open(), bureau.open(title="另一案"), admit(bureau.store)
    (task_id,), (other,) = begin(bureau.store, case_id), begin(bureau.store, beside)
    halt(bureau, halting.suspend_case, case_id)
    assert fetch(bureau.store, machine) == [other]
    assert code(lambda: execute(bureau.store, machines.lock, machine, task_id, "w1", MINUTE)) == "case.suspended"
    with bureau.store.read() as session:
        assert machines.resting(session, machines.listed(session, None, limit=9)) == {task_id}
    halt(bureau, halting.resume_case, case_id)
    assert fetch(bureau.store, machine) == [task_id]


def test_a_task_that_was_fetched_before_its_case_was_held_up_is_done_after_it(bureau: Bureau) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    (task_id,) = begin(bureau.store, case_id)
    fetch(bureau.store, machine)
    halt(bureau, halting.suspend_case, case_id)
    pause: dict[str, Any] = {"message": "m", "retries": 1, "pause": MINUTE}
    for asked in (
        lambda: execute(bureau.store, machines.complete, machine, task_id, "w1", {"page": 1}),
        lambda: execute(bureau.store, machines.report_error, machine, task_id, "w1", "refused", {}),
        lambda: execute(bureau.store, machines.fail, machine, task_id, "w1", **pause),
        lambda: execute(bureau.store, machines.extend, machine, task_id, "w1", MINUTE),
    ):
        assert code(asked) == "case.suspended"
    assert people_steps(bureau.store, case_id) == []
    halt(bureau, halting.resume_case, case_id)
    execute(bureau.store, machines.complete, machine, task_id, "w1", {"page": 1})
    assert people_steps(bureau.store, case_id) == ["file"]
    with bureau.store.read() as session:
        assert list(verification.verify_state(session)) == []


def told(bureau: Bureau) -> bool:
    admin = bureau.actor("admin").person_id
    wanted = select(OutboxNotice.id).where(OutboxNotice.person_id == admin, OutboxNotice.kind == "incident")
    with bureau.store.read() as session:
        return session.execute(wanted).first() is not None


def test_an_error_of_the_diagram_takes_its_way_and_one_that_nobody_handles_is_an_incident(bureau: Bureau) -> None:
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    first, second = begin(bureau.store, case_id, count=2)
    fetch(bureau.store, machine)
    execute(bureau.store, machines.report_error, machine, first, "w1", "refused", {"place": "版面已满"})
    assert people_steps(bureau.store, case_id) == ["repair"]
    unheard = code(lambda: execute(bureau.store, machines.report_error, machine, second, "w1", "unheard", {}))
    assert unheard == "engine.error_uncaught"
    assert row(bureau.store, second).ended_at is None
    assert told(bureau)


def test_each_task_goes_to_one_of_the_workers_that_race(bureau: Bureau) -> None:
    """Four workers fetch and complete twenty tasks of one case at once."""
    case_id, (machine, _) = bureau.open(), admit(bureau.store)
    tasks = begin(bureau.store, case_id, count=20)
    done: list[str] = []
    odd: list[BaseException] = []

    def work(name: str) -> None:
        try:
            while mine := fetch(bureau.store, machine, name, 3):
                for task_id in mine:
                    execute(bureau.store, machines.complete, machine, task_id, name, {"page": 1})
                    done.append(task_id)
        except BaseException as error:
            odd.append(error)
            raise

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert odd == []
    assert sorted(done) == sorted(tasks)
    assert people_steps(bureau.store, case_id) == ["file"] * 20


def test_a_token_is_kept_as_its_hash_and_opens_nothing_once_revoked(bureau: Bureau) -> None:
    machine, token = admit(bureau.store)
    with bureau.store.read() as session:
        assert token not in str([vars(each) for each in accounts.listed(session)])
        assert accounts.known(session, token, "somebody-else") is None
        assert accounts.known(session, token[:-1]) is None
        assert accounts.known(session, token, machine.name) == machine
    with bureau.store.work() as session:
        accounts.revoke(session, SYSTEM, machine.name)
    with bureau.store.read() as session:
        assert accounts.known(session, token) is None
    assert clock.now() == MORNING


@pytest.mark.parametrize(
    ("name", "topics", "refused"),
    [("a b", [TOPIC], "machine.name"), ("a", [], "machine.topics"), ("a", ["nobody"], "machine.topics")],
)
def test_accounts_are_made_for_served_topics(bureau: Bureau, name: str, topics: list[str], refused: str) -> None:
    def admitted() -> None:
        with bureau.store.work() as session:
            accounts.admit(session, SYSTEM, name, topics)

    assert code(admitted) == refused
