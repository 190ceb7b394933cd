"""Where cases wait, how many working days steps took, and which cases are stuck."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.desk.conftest import Bureau
from tests.external.gazette import admit
from tests.external.gazette import begin as begin_outside
from tests.operations.standstill import begin, failing, nobody_left, waiting
from workflows.actors import Person
from workflows.calendar import clock
from workflows.calendar.clock import SHANGHAI, SimulatedClock
from workflows.desk.execute import execute
from workflows.desk.operators import handing
from workflows.desk.tasks import Task
from workflows.engine import packages
from workflows.errors import Forbidden, Invalid, NotFound
from workflows.operations import heat, scope, stuck, troubles
from workflows.operations import waiting as where
from workflows.store import new_id

RETURN = {"result": "return", "opinion": "请补正线索材料后再报。"}


def current(bureau: Bureau, key: str) -> str:
    with bureau.store.read() as session:
        return packages.current(session, key) or ""


def placed(bureau: Bureau, key: str) -> dict[str, int]:
    with bureau.store.read() as session:
        found = where.places(session, bureau.actor("admin"), key, current(bureau, key))
        return {one.element_id: one.cases for one in found}


def test_each_step_shows_how_many_cases_wait_at_it_and_which(any_bureau: Bureau) -> None:
    bureau = any_bureau
    first, second = bureau.open(), bureau.open()
    bureau.complete("deputy", first, "approve_filing", RETURN)
    assert placed(bureau, "penalty") == {"amend_lead": 1, "approve_filing": 1}
    begin(bureau.store, first, waiting(), copies=3)
    begin(bureau.store, second, waiting(), copies=3)
    assert placed(bureau, "waiting") == {"wait": 2}
    with bureau.store.read() as session:
        admin, package_hash = bureau.actor("admin"), current(bureau, "penalty")
        (found,), more = where.waiters(session, admin, "penalty", package_hash, "approve_filing")
        assert (found.case_id, found.holder, more) == (second, bureau.actor("deputy").name, False)
        caught, _ = where.waiters(session, admin, "waiting", current(bureau, "waiting"), "wait")
        assert {one.case_id for one in caught} == {first, second}
        with pytest.raises(NotFound):
            where.waiters(session, admin, "penalty", package_hash, "nothing")
        with pytest.raises(Forbidden):
            where.places(session, bureau.actor("head"), "penalty", package_hash)


def test_days_are_working_days_of_the_calendar_and_those_of_the_period(
    any_bureau: Bureau, time: SimulatedClock
) -> None:
    """Friday 8 March to Monday 11 March 2024 is one working day; the holidays of April are none."""
    bureau, cases = any_bureau, list[str]()
    for opened, done in (((2024, 3, 8), (2024, 3, 11)), ((2024, 4, 3), (2024, 4, 8)), ((2024, 4, 9), (2024, 4, 9))):
        time.set(datetime(*opened, 9, tzinfo=SHANGHAI))
        cases.append(bureau.open())
        time.set(datetime(*done, 23, 30, tzinfo=SHANGHAI))
        bureau.complete("deputy", cases[-1], "approve_filing", RETURN)

    def spans(first: date, last: date) -> dict[str, tuple[int, int, int, int]]:
        with bureau.store.read() as session:
            found = heat.spans(session, bureau.actor("admin"), current(bureau, "penalty"), first, last)
            return {one.element_id: (one.done, one.median, one.ninetieth, one.longest) for one in found}

    # 3 April (Wednesday) to 8 April (Monday): 4 to 6 April are holidays, Sunday the 7th is worked.
    assert spans(date(2024, 3, 1), date(2024, 4, 30)) == {"approve_filing": (3, 1, 2, 2)}
    assert spans(date(2024, 3, 11), date(2024, 3, 11)) == {"approve_filing": (1, 1, 1, 1)}
    assert spans(date(2024, 3, 12), date(2024, 4, 7)) == {}
    for first, last in ((date(2024, 4, 2), date(2024, 4, 1)), (date(2020, 1, 1), date(2024, 4, 1))):
        with pytest.raises(Invalid):
            spans(first, last)


def test_the_median_and_what_nine_in_ten_take_are_values_that_occurred() -> None:
    took = Counter([0] * 5 + [1] * 4 + [30])
    assert (heat.rank(took, 0.5), heat.rank(took, 0.9), heat.rank(took, 1)) == (0, 1, 30)
    levels = [heat.Span("a", "", 1, median, median, median).level for median in (0, 1, 2, 4, 6, 10, 11)]
    assert levels == [0, 0, 1, 2, 3, 3, 4]


def stuck_ones(bureau: Bureau, kind: str, **more: int) -> list[stuck.Stuck]:
    with bureau.store.read() as session:
        return list(stuck.page(session, bureau.actor("admin"), kind, **more).rows)


def test_cases_that_nobody_can_do_or_whose_holder_has_left_are_told(any_bureau: Bureau) -> None:
    bureau = any_bureau
    case_id = bureau.open()
    assert stuck_ones(bureau, "nobody") == []
    task_id, _to = nobody_left(bureau.store, case_id)
    with bureau.store.work() as session:
        session.get_one(Person, bureau.actor("deputy").person_id).disabled_at = clock.now()
    gone = stuck_ones(bureau, "gone")
    held = {one.element_id: one for one in gone}
    assert held["approve_filing"].holder
    with bureau.store.read() as session:
        task = session.get_one(Task, task_id)
        kind = "gone" if task.assignee_id else "nobody"
    assert task_id in [one.task_id for one in stuck_ones(bureau, kind)]


def test_cases_without_a_move_and_overdue_ones_nobody_was_reminded_of(
    any_bureau: Bureau, time: SimulatedClock
) -> None:
    bureau = any_bureau
    case_id = bureau.open()
    time.set(clock.now() + timedelta(days=10))
    assert stuck_ones(bureau, "still", workdays=15) == []
    assert [one.element_id for one in stuck_ones(bureau, "still", workdays=5)] == ["approve_filing"]
    task = bureau.task(case_id, "approve_filing")
    with bureau.store.work() as session:
        session.get_one(Task, task.id).due_at = clock.now() - timedelta(days=1)
    assert [one.task_id for one in stuck_ones(bureau, "overdue")] == [task.id]
    execute(bureau.store, handing.urge_task, bureau.actor("unithead"), task.id, note="", key=new_id())
    assert stuck_ones(bureau, "overdue") == []


def test_timers_that_nobody_fires_and_programs_that_nobody_hears_of(any_bureau: Bureau, time: SimulatedClock) -> None:
    bureau = any_bureau
    case_id = bureau.open()
    instance_id = begin(bureau.store, case_id, failing())
    admit(bureau.store)
    (task_id,) = begin_outside(bureau.store, case_id)
    time.set(clock.now() + timedelta(hours=1, minutes=5))
    assert stuck_ones(bureau, "timer") == []
    time.set(clock.now() + timedelta(days=2))
    assert [one.instance_id for one in stuck_ones(bureau, "timer")] == [instance_id]
    assert len(stuck_ones(bureau, "outside")) == 1
    with bureau.store.read() as session:
        found = stuck.page(session, bureau.actor("auditor"), "")
        assert found.kind in stuck.KINDS
        assert found.counts["outside"] == 1
        with pytest.raises(Forbidden):
            stuck.page(session, bureau.actor("officer1"), "")
    assert task_id != instance_id


def test_the_lists_of_a_large_installation_are_found_by_their_indexes(bureau: Bureau) -> None:
    """Asked of SQLite, which has no statistics: what waits and what was done are no walks through all tasks."""
    looks = {
        "ix_task_waiting_version": "SELECT id FROM task WHERE package_hash = :a AND element_id = :b AND"
        " ended_at IS NULL ORDER BY created_at",
        "ix_task_done_version": "SELECT element_id, created_at, ended_at FROM task WHERE package_hash = :a AND"
        " ended_at >= :b AND ended_at < :c AND kind = 'step' AND state = 'completed'",
        "ix_engine_instance_incident": "SELECT id FROM engine_instance WHERE incident IS NOT NULL",
        "ix_external_task_waiting": "SELECT id FROM external_task WHERE ended_at IS NULL AND retries = :a",
    }
    with bureau.store.read() as session:
        for index, query in looks.items():
            plan = text(f"EXPLAIN QUERY PLAN {query}")
            told = " ".join(map(str, session.execute(plan, dict.fromkeys(plan.compile().params, "x"))))
            assert index in told


def test_the_few_that_failed_are_not_looked_for_among_all_cases(bureau: Bureau) -> None:
    """The questions as they are asked; SQLite would else begin with all cases of the bureaus."""
    with bureau.store.read() as session:
        bureaus = scope.bureaus(session, bureau.actor("admin"))
        asked = {
            "ix_engine_instance_incident": troubles._QUERIES[troubles.INSTANCE](session, bureaus),
            "ix_external_task_waiting": troubles._QUERIES[troubles.EXTERNAL](session, bureaus),
            "ix_engine_instance_try_at_id": stuck._QUERIES[stuck.TIMER](bureaus, clock.now()),
            "ix_task_arrived_bureau": stuck._QUERIES[stuck.STILL](frozenset(["one"]), clock.now()),
        }  # fmt: skip
        for index, query in asked.items():
            written = query.compile(session.connection(), compile_kwargs={"literal_binds": True})
            told = " ".join(map(str, session.execute(text(f"EXPLAIN QUERY PLAN {written}".replace(":", "\\:")))))
            assert index in told
