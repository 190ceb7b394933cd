"""The worker: each timer once, by whoever is free; what fails rests and stops nobody; it ends and recovers politely."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, func, insert, select, text
from sqlalchemy.orm import Session

from tests.engine.drawing import DAY, HOUR, catch, end, flows, node, package, start, timer
from tests.publishing import put_in_force
from workflows import ledger, outbox, worker
from workflows.actors import SYSTEM, Person, Unit
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.cases.file import Case, lock_case
from workflows.desk import advance
from workflows.documents.fonts import Fonts
from workflows.documents.fonts.faces import fonts_of
from workflows.engine import handlers, state
from workflows.engine.package import Package
from workflows.errors import Unavailable
from workflows.files import Files
from workflows.ledger.entries import EntryRow
from workflows.outbox import OutboxNotice
from workflows.store import Store, new_id

MORNING = datetime(2024, 2, 27, 1, 30, tzinfo=UTC)
PATIENT = package(start(), catch("wait", timer("P1D")), end(), flows("start > wait > end"), key="patient")
broken = True


def handler(_variables: Any) -> dict[str, Any]:
    if broken:
        raise KeyError("mended by a newer program")
    return {"mended": True}


@pytest.fixture(scope="module")
def failing() -> Package:
    """A process whose timer is followed by a handler that fails as long as `broken`."""
    handlers.register("sometimes", handler)
    service = node("serviceTask", "act", camunda_delegateExpression="${sometimes}")
    return package(
        start(), catch("wait", timer("PT1H")), service, end(), flows("start > wait > act > end"), key="failing"
    )


@pytest.fixture
def time() -> Iterator[SimulatedClock]:
    with clock.simulated(MORNING) as simulated:
        yield simulated


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(str(tmp_path / "files"))


@pytest.fixture
def fonts() -> Fonts:
    return fonts_of()


@pytest.fixture
def house(store: Store, time: SimulatedClock) -> Store:
    """A bureau with an administrator and a case."""
    with store.work() as session:
        session.add(Unit(id="bureau", name="局", level="city", legal_subject=True))
        session.flush()
        session.add(Person(id="li", login="li", name="李"))
        session.flush()
    return store


def begin(store: Store, given: Package, count: int = 1, *, cases: int | None = None) -> list[str]:
    """Start instances, each in a case of its own if not said otherwise."""
    with store.work() as session:
        put_in_force(session, given)
        files_ = [
            Case(kind="行政处罚", title="计时", unit_id="bureau", bureau_id="bureau", found_on=clock.today(),
                 opened_at=clock.now(), opened_by_id="li")
            for _ in range(cases or count)
        ]  # fmt: skip
        session.add_all(files_)
        session.flush()
        return [advance.start(session, files_[n % len(files_)], given.key, {}, SYSTEM).id for n in range(count)]


def told(store: Store, event: str) -> int:
    with store.read() as session:
        return session.execute(select(func.count()).where(EntryRow.event == event)).scalar_one()


def row(store: Store, id: str) -> state.EngineInstance:
    with store.read() as session:
        return session.get_one(state.EngineInstance, id)


def test_a_hundred_and_twenty_instances_that_fail_for_ever_stop_nobody(
    house: Store, time: SimulatedClock, files: Files, fonts: Fonts, failing: Package
) -> None:
    poisoned, healthy = begin(house, failing, 120, cases=4), begin(house, PATIENT, 5)
    time.set(MORNING + 2 * DAY)  # those that fail have been due for longer
    rounds = [worker.run_round(house, files, fonts) for _ in range(2)]
    assert [done.failed for done in rounds] == [100, 20]
    assert [done.timers for done in rounds] == [0, 5]
    assert {row(house, id).status for id in healthy} == {"finished"}
    assert told(house, "IncidentRaised") == 120
    assert worker.run_round(house, files, fonts) == worker.Round(0, 0, 0), "nothing is tried before its time"
    rested = row(house, poisoned[0])
    assert (rested.attempts, rested.try_at, rested.due) == (1, MORNING + 2 * DAY + HOUR / 60, MORNING + HOUR)


def test_one_incident_is_recorded_however_often_it_is_met_and_mending_ends_it(
    house: Store, time: SimulatedClock, files: Files, fonts: Fonts, failing: Package
) -> None:
    global broken
    (id,) = begin(house, failing)
    for _ in range(4):
        again = row(house, id).try_at
        assert again is not None
        time.set(again)
        worker.run_round(house, files, fonts)
    assert (told(house, "IncidentRaised"), told(house, "TimerFired"), row(house, id).attempts) == (1, 0, 4)
    with house.read() as session:
        noted = state.incident(session, id)
    assert noted is not None
    assert noted["code"] == "engine.handler_failed"
    again = row(house, id).try_at
    assert again is not None
    time.set(again)
    broken = False
    try:
        assert worker.run_round(house, files, fonts).timers == 1
    finally:
        broken = True
    mended = row(house, id)
    assert (mended.status, mended.attempts, mended.try_at, mended.incident) == ("finished", 0, None, None)
    with house.read() as session:
        assert ledger.verify(session) == []


def test_workers_pass_over_the_cases_that_others_hold(
    postgres_store: Store, time: SimulatedClock, request: pytest.FixtureRequest
) -> None:
    house = postgres_store
    with house.work() as session:
        session.add(Unit(id="bureau", name="局", level="city", legal_subject=True))
        session.add(Person(id="li", login="li", name="李"))
    ids = begin(house, PATIENT, 3)
    time.set(MORNING + 2 * DAY)
    with house.work() as first, house.work() as person:
        held = worker.take(first, clock.now())
        assert held is not None
        other = state.case_of(person, next(id for id in ids if id != held[1]))
        assert other is not None
        lock_case(person, other)  # somebody is at work on this case
        assert worker.fire_next(house) == 1
        assert worker.fire_next(house) is None, "what is left is held by others"
    assert told(house, "TimerFired") == 1
    assert [worker.fire_next(house), worker.fire_next(house), worker.fire_next(house)] == [1, 1, None]


def test_eight_threads_fire_each_of_many_timers_once(house: Store, time: SimulatedClock) -> None:
    ids = begin(house, PATIENT, 40, cases=10)
    time.set(MORNING + 2 * DAY)
    fired: list[int] = []

    def work() -> None:
        while (done := worker.fire_next(house)) is not None:
            fired.append(done)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (left := worker.fire_next(house)) is not None:  # a worker that met only held cases has gone home
        fired.append(left)
    assert (sum(fired), len(fired), told(house, "TimerFired")) == (40, 40, 40)
    assert {row(house, id).status for id in ids} == {"finished"}


def test_a_clock_that_steps_back_while_a_timer_fires_changes_nothing(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(house, PATIENT)
    moments = iter([MORNING + DAY, *[MORNING - DAY * 3650] * 50])
    monkeypatch.setattr(clock, "now", lambda: next(moments))
    assert worker.fire_next(house) == 1
    monkeypatch.undo()
    assert told(house, "TimerFired") == 1
    with house.read() as session:
        assert ledger.verify(session) == []


@pytest.mark.parametrize("overdue", [0, 2000])
def test_the_look_for_due_timers_reads_an_index(house: Store, overdue: int) -> None:
    begin(house, PATIENT, 1)
    with house.work() as session:
        like = session.scalars(select(state.EngineInstance)).one()
        case = session.scalars(select(Case)).one()
        cases = [columns(case) | {"id": new_id()} for _ in range(400)]
        session.connection().execute(insert(Case), cases)
        session.connection().execute(insert(state.EngineInstance), [
            columns(like) | {"id": new_id(), "case_id": cases[n % 400]["id"],
                             "try_at": MORNING + timedelta(seconds=n - overdue)} for n in range(4000)
        ])  # fmt: skip
        session.execute(text("ANALYZE"))
        plan = explained(session, worker.due_first(MORNING))
    assert "ix_engine_instance_try_at_id" in plan, plan
    assert not re.search("SCAN engine_instance|Seq Scan on engine_instance|Sort|TEMP B-TREE", plan), plan


def columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def explained(session: Session, query: Select[Any]) -> str:
    dialect = session.get_bind().dialect
    written = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    lines = session.connection().exec_driver_sql(
        ("EXPLAIN QUERY PLAN " if dialect.name == "sqlite" else "EXPLAIN ") + written
    )
    return "\n".join(" ".join(map(str, line)) for line in lines)


def test_notices_are_delivered_once_by_many(house: Store) -> None:
    with house.work() as session:
        for n in range(200):
            outbox.send(session, "li", "task_offered", {"name": str(n)})
    delivered: list[int] = []

    def work() -> None:
        while True:
            with house.read() as session:
                if not outbox.waits(session):
                    return
            with house.work() as session:
                delivered.append(outbox.deliver(session, 7))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(delivered) == 200
    with house.read() as session:
        waiting = select(func.count()).where(OutboxNotice.delivered_at.is_(None))
        assert session.scalar(waiting) == 0


def test_a_look_that_finds_nothing_takes_no_lock(sqlite_store: Store, files: Files, fonts: Fonts) -> None:
    with sqlite_store.work() as session:
        session.add(Unit(id="bureau", name="局", level="city", legal_subject=True))
        session.flush()  # somebody writes, and takes long
        assert not worker.run_round(sqlite_store, files, fonts)


def stop_after(times: int) -> Callable[[], bool]:
    left = iter(range(times))
    return lambda: next(left, None) is None


def test_it_ends_between_two_timers_when_told_to(
    house: Store, time: SimulatedClock, files: Files, fonts: Fonts
) -> None:
    begin(house, PATIENT, 10)
    time.set(MORNING + 2 * DAY)
    done = worker.run_round(house, files, fonts, stop_after(3))
    assert (done.timers, done.notices, done.documents) == (3, 0, 0)
    worker.run(house, files, fonts, lambda: True, lambda: None)
    assert told(house, "TimerFired") == 3


def test_it_outlives_a_database_that_is_away(
    sqlite_store: Store, files: Files, fonts: Fonts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.0)
    away = Store("postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=1")
    with pytest.raises(Unavailable):
        worker.run_round(away, files, fonts)
    with caplog.at_level(logging.WARNING):
        worker.run(away, files, fonts, stop_after(12), lambda: None)
    away.close()
    assert any("does not answer" in record.message for record in caplog.records)
    assert all(record.exc_info is None for record in caplog.records), "no trace for what is no fault of the program"


def test_it_ends_itself_when_the_database_was_upgraded_under_it(
    house: Store, time: SimulatedClock, files: Files, fonts: Fonts
) -> None:
    begin(house, PATIENT, 1)
    time.set(MORNING + 2 * DAY)
    answers = iter([Unavailable("database.changed", found="9999", needed="0001")])
    with pytest.raises(Unavailable) as ended:
        worker.run(house, files, fonts, lambda: False, lambda: next(answers))
    assert ended.value.code == "database.changed"
    assert told(house, "TimerFired") == 0, "the old program does nothing more"
