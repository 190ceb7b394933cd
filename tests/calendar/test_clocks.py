"""Clocks: started, stopped, extended, done; every change an event, every end with its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor
from workflows.calendar import clock, clocks, days, lights
from workflows.calendar.clock import SHANGHAI
from workflows.calendar.clocks import Clock
from workflows.errors import FashenError, Forbidden, Invalid, NotFound
from workflows.store import Store


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def told(store: Store, case_id: str = "a") -> list[tuple[str, Any]]:
    """The events of the case's stream; the chain must hold."""
    with store.read() as session:
        assert ledger.verify(session) == []
        return [(entry.event, entry.typed()) for entry in ledger.history(session, f"case:{case_id}")]


def own(session: Session, row: Clock) -> Clock:
    """The clock as this unit of work sees it."""
    found = session.get(Clock, row.id)
    assert found is not None
    return found


def reloaded(store: Store, clock_row: Clock) -> Clock:
    with store.read() as session:
        found = own(session, clock_row)
        session.expunge(found)
        return found


def start(store: Store, rule: str, day: datetime | date, actor: Actor, **more: Any) -> Clock:
    with store.work() as session:
        return clocks.start_clock(session, rule, case_id="a", start=day, actor=actor, **more)


def refused(code: str, store: Store, command: Any, *arguments: Any, **more: Any) -> None:
    """The command is refused with this code, and leaves nothing behind."""
    before = told(store)

    def attempt() -> None:
        with store.work() as session:
            command(session, *(own(session, one) if isinstance(one, Clock) else one for one in arguments), **more)

    with pytest.raises(FashenError) as refusal:
        attempt()
    assert refusal.value.code == code
    assert told(store) == before


def test_a_started_clock_holds_its_end_and_why(seeded: Store, officer: Actor) -> None:
    row = reloaded(seeded, start(seeded, "hearing_request", at(2023, 9, 22), officer, subject="party1"))
    assert (row.case_id, row.rule, row.subject) == ("a", "hearing_request", "party1")
    assert row.due_on == date(2023, 10, 7)
    assert row.due_at == row.base_due == datetime(2023, 10, 7, 16, tzinfo=UTC)
    assert row.started_at == at(2023, 9, 22)
    assert not row.provisional
    assert row.reason[0] == {"step": "start", "day": "2023-09-22"}
    ((name, event),) = told(seeded)
    assert name == "ClockStarted"
    assert (event.clock_id, event.due_on, event.amount, event.unit) == (row.id, date(2023, 10, 7), 5, "working_days")
    assert event.reason == row.reason


def test_a_day_starts_a_clock_as_well_as_a_moment(seeded_sqlite: Store, officer: Actor) -> None:
    row = start(seeded_sqlite, "payment", date(2023, 9, 14), officer)
    assert (row.started_at, row.due_on) == (at(2023, 9, 14, 0), date(2023, 10, 7))


def test_the_same_limit_runs_once_for_a_case_and_subject(seeded_sqlite: Store, officer: Actor) -> None:
    store, day = seeded_sqlite, at(2026, 3, 2)
    first = start(store, "statement", day, officer, subject="party1")
    start(store, "statement", day, officer, subject="party2")
    start(store, "statement", day, officer)
    again = {"case_id": "a", "start": day, "actor": officer, "subject": "party1"}
    refused("calendar.clock_running", store, clocks.start_clock, "statement", **again)
    with store.work() as session:
        clocks.satisfy_clock(session, own(session, first), actor=officer, at=day)
    assert start(store, "statement", day, officer, subject="party1").id != first.id


def test_an_amount_is_the_laws_unless_the_law_leaves_it(seeded_sqlite: Store, officer: Actor) -> None:
    store, day = seeded_sqlite, at(2026, 3, 2)
    assert start(store, "police_decision", day, officer, amount=30).due_on == date(2026, 4, 1)
    assert start(store, "filing", day, officer, amount=5).due_on == date(2026, 3, 9)
    command = {"case_id": "a", "start": day, "actor": officer, "amount": 10}
    refused("calendar.amount_fixed", store, clocks.start_clock, "hearing_request", **command)


def test_an_unknown_rule_or_a_day_before_the_law_is_refused(seeded_sqlite: Store, officer: Actor) -> None:
    with pytest.raises(NotFound):
        start(seeded_sqlite, "lunch", at(2026, 3, 2), officer)
    with pytest.raises(NotFound):
        start(seeded_sqlite, "publication", at(2017, 3, 2), officer)


@pytest.mark.parametrize(("day", "in_time"), [(date(2023, 10, 7), True), (date(2023, 10, 8), False)])
def test_a_clock_is_satisfied_in_time_or_late(day: date, in_time: bool, seeded: Store, officer: Actor) -> None:
    row = start(seeded, "hearing_request", at(2023, 9, 22), officer)
    with seeded.work() as session:
        assert clocks.satisfy_clock(session, own(session, row), actor=officer, at=day, note="书面申请") is in_time
    (_, (name, event)) = told(seeded)
    assert (name, event.in_time, event.note) == ("ClockSatisfied", in_time, "书面申请")
    with seeded.read() as session:
        assert clocks.running(session, "a") == []
        found = clocks.find(session, "a", "hearing_request")
        assert found is not None
        assert lights.light(session, found) == ("green" if in_time else "red")
    refused("calendar.clock_satisfied", seeded, clocks.satisfy_clock, row, actor=officer)


def test_the_last_minute_of_the_last_day_is_in_time_and_midnight_is_the_end(seeded: Store, officer: Actor) -> None:
    row = start(seeded, "statement", at(2026, 3, 2), officer)
    with seeded.work() as session:
        assert clocks.satisfy_clock(session, own(session, row), actor=officer, at=at(2026, 3, 5, 23, 59))
    other = start(seeded, "statement", at(2026, 3, 2), officer)
    with seeded.work() as session:
        assert not clocks.satisfy_clock(session, own(session, other), actor=officer, at=at(2026, 3, 6, 0, 1))


def test_suspended_time_moves_the_end_in_the_rules_unit(seeded: Store, officer: Actor) -> None:
    row = start(seeded, "legal_review", at(2026, 3, 2), officer)  # Monday; five working days end on the 9th
    assert row.due_on == date(2026, 3, 9)
    with seeded.work() as session:
        clocks.suspend_clock(session, own(session, row), actor=officer, reason="补充材料", at=at(2026, 3, 4))
    stopped = reloaded(seeded, row)
    assert (stopped.suspended, stopped.stopped_at, stopped.due_on) == (True, at(2026, 3, 4), date(2026, 3, 9))
    with seeded.work() as session:
        clocks.resume_clock(session, own(session, row), actor=officer, at=at(2026, 3, 10))  # 4, 5, 6, 9 March
    resumed = reloaded(seeded, row)
    assert (resumed.suspended, resumed.due_on, resumed.base_due) == (False, date(2026, 3, 13), row.base_due)
    assert [name for name, _ in told(seeded)] == ["ClockStarted", "ClockSuspended", "ClockResumed"]
    assert told(seeded)[-1][1].due_on == date(2026, 3, 13)


def test_a_clock_stops_only_where_its_rule_lets_it_and_while_it_runs(seeded_sqlite: Store, officer: Actor) -> None:
    store = seeded_sqlite
    fixed = start(store, "hearing_request", at(2026, 3, 2), officer)
    suspend: dict[str, Any] = {"actor": officer, "reason": "鉴定"}
    refused("calendar.not_suspendable", store, clocks.suspend_clock, fixed, at=at(2026, 3, 3), **suspend)
    row = start(store, "legal_review", at(2026, 3, 2), officer)
    refused("calendar.moment_before", store, clocks.suspend_clock, row, at=at(2026, 3, 1), **suspend)
    refused("calendar.clock_expired", store, clocks.suspend_clock, row, at=at(2026, 3, 10), **suspend)
    refused("calendar.clock_not_suspended", store, clocks.resume_clock, row, actor=officer, at=at(2026, 3, 5))
    with store.work() as session:
        clocks.suspend_clock(session, own(session, row), at=at(2026, 3, 4), **suspend)
    refused("calendar.clock_suspended", store, clocks.suspend_clock, row, at=at(2026, 3, 5), **suspend)
    refused("calendar.moment_before", store, clocks.resume_clock, row, actor=officer, at=at(2026, 3, 3))


def test_what_is_done_while_the_clock_stands_resumes_it_first(seeded_sqlite: Store, officer: Actor) -> None:
    row = start(seeded_sqlite, "legal_review", at(2026, 3, 2), officer)
    with seeded_sqlite.work() as session:
        mine = own(session, row)
        clocks.suspend_clock(session, mine, actor=officer, reason="补充材料", at=at(2026, 3, 4))
        assert clocks.satisfy_clock(session, mine, actor=officer, at=at(2026, 4, 20))
    names = [name for name, _ in told(seeded_sqlite)]
    assert names == ["ClockStarted", "ClockSuspended", "ClockResumed", "ClockSatisfied"]


def test_an_extension_needs_the_leader_the_law_names(seeded: Store, officer: Actor, leader: Actor) -> None:
    with clock.simulated(at(2023, 9, 20)):
        row = start(seeded, "seizure", at(2023, 9, 1), officer)
        assert row.due_on == date(2023, 10, 1)
        extend: dict[str, Any] = {"actor": officer, "reason": "情况复杂"}
        refused("calendar.approver_needed", seeded, clocks.extend_clock, row, approver="王五", **extend)
        refused("actor.role_missing", seeded, clocks.extend_clock, row, approver=officer, **extend)
        refused("calendar.extension_too_long", seeded, clocks.extend_clock, row, approver=leader, amount=31, **extend)
        with seeded.work() as session:
            clocks.extend_clock(session, own(session, row), approver=leader, **extend)
        assert reloaded(seeded, row).due_on == date(2023, 10, 31)
        (name, event) = told(seeded)[-1]
        assert (name, event.amount, event.approver) == ("ClockExtended", 30, "副局长 王五")
        refused("calendar.not_extendable", seeded, clocks.extend_clock, row, approver=leader, **extend)


def test_an_extension_by_a_body_outside_names_it(seeded_sqlite: Store, officer: Actor) -> None:
    with clock.simulated(at(2026, 3, 20)):
        row = start(seeded_sqlite, "decision", at(2026, 1, 5), officer)
        with seeded_sqlite.work() as session:
            clocks.extend_clock(
                session, own(session, row), actor=officer, reason="案情复杂", approver="浙江省应急管理厅", amount=30
            )
        assert reloaded(seeded_sqlite, row).due_on == date(2026, 5, 6)  # 90 + 30 days end on 5 May, a holiday


def test_a_limit_that_ran_out_is_not_extended(seeded_sqlite: Store, officer: Actor, leader: Actor) -> None:
    row = start(seeded_sqlite, "seizure", at(2023, 9, 1), officer)
    with clock.simulated(at(2023, 10, 2)):
        extend = {"actor": officer, "reason": "情况复杂", "approver": leader}
        refused("calendar.clock_expired", seeded_sqlite, clocks.extend_clock, row, **extend)


def test_clocks_are_found_by_case_rule_and_subject(seeded: Store, officer: Actor) -> None:
    late = start(seeded, "decision", at(2026, 3, 2), officer)
    soon = start(seeded, "statement", at(2026, 3, 2), officer, subject="party1")
    with seeded.work() as session:
        clocks.start_clock(session, "statement", case_id="b", start=at(2026, 3, 2), actor=officer)
    with seeded.read() as session:
        assert [row.id for row in clocks.running(session, "a")] == [soon.id, late.id]
        found = clocks.find(session, "a", "statement", "party1")
        assert found is not None
        assert found.id == soon.id
        assert clocks.find(session, "a", "statement") is None
        assert clocks.find(session, "a", "hearing_request") is None


def test_the_light_turns_amber_three_working_days_before_and_red_on_the_day(
    seeded_sqlite: Store, officer: Actor
) -> None:
    row = start(seeded_sqlite, "hearing_request", at(2023, 9, 22), officer)
    seen = {}
    with seeded_sqlite.read() as session:
        for day in (
            date(2023, 9, 24),
            date(2023, 9, 25),
            date(2023, 9, 26),
            date(2023, 10, 6),
            date(2023, 10, 7),
            date(2023, 10, 9),
        ):
            moment = at(day.year, day.month, day.day)
            seen[day.day, day.month] = (lights.remaining(session, row, moment), lights.light(session, row, moment))
    assert seen == {
        (24, 9): (5, "green"),
        (25, 9): (4, "green"),
        (26, 9): (3, "amber"),
        (6, 10): (1, "amber"),
        (7, 10): (0, "red"),
        (9, 10): (-2, "red"),
    }


def test_a_clock_that_stands_still_keeps_its_light(seeded_sqlite: Store, officer: Actor) -> None:
    row = start(seeded_sqlite, "legal_review", at(2026, 3, 2), officer)
    with seeded_sqlite.work() as session:
        mine = own(session, row)
        clocks.suspend_clock(session, mine, actor=officer, reason="补充材料", at=at(2026, 3, 3))
        assert lights.remaining(session, mine, at(2026, 6, 1)) == 4
        assert lights.light(session, mine, at(2026, 6, 1)) == "green"
        assert lights.overdue(session, at(2026, 6, 1)) == []


def test_a_limit_in_hours_is_amber_in_its_second_half(seeded_sqlite: Store, officer: Actor) -> None:
    row = start(seeded_sqlite, "referral_transfer", at(2026, 3, 6, 17), officer)
    begun = at(2026, 3, 6, 17)
    with seeded_sqlite.read() as session:
        shown = [lights.light(session, row, begun + timedelta(hours=hours)) for hours in (1, 11, 12, 23, 24, 30)]
    assert shown == ["green", "green", "amber", "amber", "red", "red"]


def test_what_ran_out_is_listed_oldest_first(seeded: Store, officer: Actor) -> None:
    late = start(seeded, "statement", at(2026, 3, 2), officer)
    later = start(seeded, "service", at(2026, 3, 2), officer)
    done = start(seeded, "publication", at(2026, 3, 2), officer)
    start(seeded, "decision", at(2026, 3, 2), officer)
    with seeded.work() as session:
        clocks.satisfy_clock(session, own(session, done), actor=officer, at=at(2026, 3, 3))
    with seeded.read() as session:
        assert [row.id for row in lights.overdue(session, at(2026, 4, 1))] == [late.id, later.id]
        assert [row.id for row in lights.overdue(session, at(2026, 4, 1), limit=1)] == [late.id]
        assert lights.overdue(session, at(2026, 3, 5)) == []


def test_a_command_that_fails_afterwards_leaves_no_clock(seeded: Store, officer: Actor) -> None:
    def fail() -> None:
        with seeded.work() as session:
            clocks.start_clock(session, "statement", case_id="a", start=at(2026, 3, 2), actor=officer)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with seeded.read() as session:
        assert clocks.running(session, "a") == []
    assert told(seeded) == []


STRETCHES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20)), max_size=4)


@given(stretches=STRETCHES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_stopping_again_and_again_gives_back_every_suspended_working_day(
    seeded_sqlite: Store, officer: Actor, stretches: list[tuple[int, int]]
) -> None:
    with seeded_sqlite.engine.connect() as connection, connection.begin() as transaction:
        session = Session(connection, join_transaction_mode="rollback_only")
        row = clocks.start_clock(session, "legal_review", case_id="x", start=at(2026, 3, 2), actor=officer)
        plain, given_back, today = row.due_on, 0, at(2026, 3, 2)
        for run, rest in stretches:
            stop = min(today + timedelta(days=run), row.due_at - timedelta(hours=1))
            clocks.suspend_clock(session, row, actor=officer, reason="补充材料", at=stop)
            before, today = row.due_on, stop + timedelta(days=rest)
            clocks.resume_clock(session, row, actor=officer, at=today)
            first, until = clock.local(stop).date(), clock.local(today).date()
            stood = [first + timedelta(days=n) for n in range((until - first).days)]
            given_back += sum(days.is_workday(session, day) for day in stood if day > date(2026, 3, 2))
            assert row.due_on >= before
            assert row.in_time(today)
        assert row.due_on == days.add_workdays(session, plain, given_back)
        assert ledger.verify(session) == []
        transaction.rollback()


def test_an_actor_without_the_role_is_told_so(seeded_sqlite: Store, officer: Actor, leader: Actor) -> None:
    row = start(seeded_sqlite, "legal_review", at(2026, 3, 2), officer)
    with clock.simulated(at(2026, 3, 5)), seeded_sqlite.work() as session:
        mine = own(session, row)
        with pytest.raises(Forbidden):
            clocks.extend_clock(session, mine, actor=officer, reason="案情复杂", approver=officer)
        clocks.extend_clock(session, mine, actor=officer, reason="案情复杂", approver=leader, amount=3)
        assert mine.due_on == date(2026, 3, 12)
        with pytest.raises(Invalid, match=r"calendar\.not_extendable"):
            clocks.extend_clock(session, mine, actor=officer, reason="案情复杂", approver=leader)
