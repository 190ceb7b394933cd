"""A changed calendar moves the clocks that count the day, each with an event, and no other."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import SYSTEM, Actor
from workflows.calendar import changes, clock, clocks, days
from workflows.calendar.clock import SHANGHAI
from workflows.calendar.clocks import Clock
from workflows.errors import Forbidden, Invalid
from workflows.store import Store

OFF_2027 = {date(2027, 1, 1): "元旦", date(2027, 1, 2): "元旦", date(2027, 1, 3): "元旦"}
"""As a notice might say; the real one for 2027 does not matter here."""


def own(session: Session, row: Clock) -> Clock:
    """The clock as this unit of work sees it."""
    found = session.get(Clock, row.id)
    assert found is not None
    return found


def begun(store: Store, rule: str, day: date, actor: Actor, case_id: str = "a") -> Clock:
    with store.work() as session:
        return clocks.start_clock(session, rule, case_id=case_id, start=day, actor=actor)


def due_on(store: Store, row: Clock) -> date:
    with store.read() as session:
        found = session.get(Clock, row.id)
        assert found is not None
        return found.due_on


def last_event(store: Store, stream: str) -> ledger.Entry:
    with store.read() as session:
        assert ledger.verify(session) == []
        return ledger.history(session, stream)[-1]


def test_a_day_that_becomes_a_holiday_moves_the_clocks_that_count_it(seeded: Store, admin: Actor) -> None:
    counts = begun(seeded, "statement", date(2026, 3, 2), admin)  # 3, 4, 5 March
    before = begun(seeded, "statement", date(2026, 2, 24), admin, "b")  # ended on 27 February
    after = begun(seeded, "statement", date(2026, 3, 10), admin, "c")
    with seeded.work() as session:
        moved = changes.change_day(session, admin, date(2026, 3, 4), False, "临时放假")
        assert [row.id for row in moved] == [counts.id]
    assert due_on(seeded, counts) == date(2026, 3, 6)
    assert (due_on(seeded, before), due_on(seeded, after)) == (before.due_on, after.due_on)
    event = last_event(seeded, "case:a").typed()
    assert (event.due_on, event.before, event.cause) == (date(2026, 3, 6), counts.due_at, "2026-03-04 临时放假")
    changed = last_event(seeded, "bureau")
    assert changed.event == "CalendarChanged"
    assert changed.data["days"] == [{"before": True, "day": "2026-03-04", "is_workday": False, "note": "临时放假"}]


def test_a_made_up_day_brings_an_end_forward(seeded: Store, admin: Actor) -> None:
    row = begun(seeded, "statement", date(2026, 3, 5), admin)  # Thursday: 6, 9, 10 March
    with seeded.work() as session:
        changes.change_day(session, admin, date(2026, 3, 7), True, "调休上班")
    assert due_on(seeded, row) == date(2026, 3, 9)


def test_a_limit_counted_back_moves_too(seeded: Store, admin: Actor) -> None:
    row = begun(seeded, "hearing_notice", date(2026, 3, 20), admin)
    assert row.due_on == date(2026, 3, 10)
    with seeded.work() as session:
        changes.change_day(session, admin, date(2026, 3, 17), False, "临时放假")
    assert due_on(seeded, row) == date(2026, 3, 9)


def test_a_satisfied_clock_stays_as_it_was(seeded_sqlite: Store, admin: Actor) -> None:
    row = begun(seeded_sqlite, "statement", date(2026, 3, 2), admin)
    with seeded_sqlite.work() as session:
        clocks.satisfy_clock(session, own(session, row), actor=admin, at=date(2026, 3, 3))
        assert changes.change_day(session, admin, date(2026, 3, 4), False, "临时放假") == []
    assert due_on(seeded_sqlite, row) == date(2026, 3, 5)


def test_a_change_that_changes_nothing_leaves_no_trace(seeded_sqlite: Store, admin: Actor) -> None:
    with seeded_sqlite.work() as session:
        assert changes.change_day(session, admin, date(2026, 3, 4), True, "") == []
        assert ledger.history(session, "bureau") == []


def test_a_note_alone_is_recorded_and_moves_nothing(seeded_sqlite: Store, admin: Actor) -> None:
    begun(seeded_sqlite, "statement", date(2026, 3, 2), admin)
    with seeded_sqlite.work() as session:
        assert changes.change_day(session, admin, date(2026, 3, 4), True, "消防演练") == []
        assert days.days_of(session).note(date(2026, 3, 4)) == "消防演练"
    assert last_event(seeded_sqlite, "case:a").event == "ClockStarted"


def test_only_the_system_administrator_changes_the_calendar(seeded_sqlite: Store, officer: Actor) -> None:
    with seeded_sqlite.work() as session:
        with pytest.raises(Forbidden):
            changes.change_day(session, officer, date(2026, 3, 4), False, "放假")
        with pytest.raises(Forbidden):
            changes.load_year(session, officer, 2027, off={}, made_up={}, source="通知")
        assert days.is_workday(session, date(2026, 3, 4))


def test_a_loaded_year_makes_provisional_ends_final(seeded: Store, admin: Actor) -> None:
    moves = begun(seeded, "statement", date(2026, 12, 29), admin)  # 30, 31 December, and 1 January by guess
    stays = begun(seeded, "decision", date(2026, 10, 20), admin, "b")  # 90 days end on 18 January, a Monday
    assert (moves.due_on, moves.provisional) == (date(2027, 1, 1), True)
    assert (stays.due_on, stays.provisional) == (date(2027, 1, 18), True)
    with seeded.work() as session:
        moved = changes.load_year(session, admin, 2027, off=OFF_2027, made_up={}, source="国办发明电〔2026〕1号")
        assert {row.id for row in moved} == {moves.id, stays.id}
        assert 2027 in days.loaded_years(session)
    with seeded.read() as session:
        final = session.get(Clock, moves.id)
        assert final is not None
        assert (final.due_on, final.provisional) == (date(2027, 1, 4), False)
    told = last_event(seeded, "case:b").typed()
    assert (told.due_on, told.provisional) == (date(2027, 1, 18), False)
    loaded = last_event(seeded, "bureau")
    assert loaded.data["years"] == [2027]
    assert [day["day"] for day in loaded.data["days"]] == ["2027-01-01"]  # the others are a weekend anyway


def test_a_year_is_corrected_by_loading_it_again(seeded_sqlite: Store, admin: Actor) -> None:
    with seeded_sqlite.work() as session:
        changes.load_year(session, admin, 2027, off=OFF_2027, made_up={}, source="初稿")
        off = {**OFF_2027, date(2027, 1, 4): "元旦"}
        changes.load_year(session, admin, 2027, off=off, made_up={date(2027, 1, 9): "元旦调休"}, source="定稿")
        assert not days.is_workday(session, date(2027, 1, 4))
        assert days.is_workday(session, date(2027, 1, 9))
        assert days.days_of(session).note(date(2027, 1, 9)) == "元旦调休"
        changed = [day["day"] for day in ledger.history(session, "bureau")[-1].data["days"]]
    assert changed == ["2027-01-04", "2027-01-09"]


def test_the_same_notice_loaded_once_more_changes_and_tells_nothing(seeded_sqlite: Store, admin: Actor) -> None:
    with seeded_sqlite.work() as session:
        changes.load_year(session, admin, 2027, off=OFF_2027, made_up={}, source="通知")
        told = len(ledger.history(session, "bureau"))
        assert changes.load_year(session, admin, 2027, off=OFF_2027, made_up={}, source="通知") == []
        assert len(ledger.history(session, "bureau")) == told


def test_a_notice_that_contradicts_itself_is_refused(seeded_sqlite: Store, admin: Actor) -> None:
    both, outside = {date(2027, 1, 1): "元旦"}, {date(2026, 12, 31): "元旦"}
    with seeded_sqlite.work() as session:
        with pytest.raises(Invalid, match=r"calendar\.day_twice"):
            changes.load_year(session, admin, 2027, off=both, made_up=both, source="通知")
        with pytest.raises(Invalid, match=r"calendar\.day_outside_year"):
            changes.load_year(session, admin, 2027, off=outside, made_up={}, source="通知")
        assert 2027 not in days.loaded_years(session)


def test_the_library_fills_an_empty_calendar_once_and_frees_what_was_provisional(store: Store, admin: Actor) -> None:
    row = begun(store, "hearing_request", date(2023, 9, 22), admin)
    assert (row.due_on, row.provisional) == (date(2023, 9, 29), True)
    with store.work() as session:
        assert changes.load_library(session) == list(range(2004, 2027))
        assert changes.load_library(session) == []
    assert due_on(store, row) == date(2023, 10, 7)
    assert last_event(store, "bureau").actor_id == SYSTEM.person_id


def test_a_missing_year_raises_the_alarm(seeded_sqlite: Store, admin: Actor) -> None:
    begun(seeded_sqlite, "statement", date(2026, 12, 29), admin)
    with seeded_sqlite.work() as session:
        with clock.simulated(datetime(2026, 10, 31, 12, tzinfo=SHANGHAI)):
            assert changes.alarms(session) == [changes.Alarm(2027, 1)]
        with clock.simulated(datetime(2027, 11, 1, tzinfo=SHANGHAI)):
            assert changes.alarms(session) == [changes.Alarm(2027, 1), changes.Alarm(2028, 0)]
        changes.load_year(session, admin, 2027, off=OFF_2027, made_up={}, source="通知")
        with clock.simulated(datetime(2026, 12, 1, tzinfo=SHANGHAI)):
            assert changes.alarms(session) == []


def test_november_asks_for_the_next_year_and_october_does_not(seeded_sqlite: Store) -> None:
    with seeded_sqlite.read() as session:
        with clock.simulated(datetime(2026, 10, 31, 12, tzinfo=SHANGHAI)):
            assert changes.alarms(session) == []
        with clock.simulated(datetime(2026, 11, 1, tzinfo=SHANGHAI)):
            assert changes.alarms(session) == [changes.Alarm(2027, 0)]


def test_a_clock_started_while_the_calendar_was_changed_is_caught_by_the_daily_run(
    seeded_sqlite: Store, admin: Actor
) -> None:
    row = begun(seeded_sqlite, "statement", date(2026, 3, 2), admin)
    with seeded_sqlite.work() as session:  # as if another unit of work had committed in between
        day = session.get(days.Workday, date(2026, 3, 4))
        assert day is not None
        day.is_workday = False
    with seeded_sqlite.work() as session:
        assert [moved.id for moved in changes.recompute(session, SYSTEM, cause="每日核对")] == [row.id]
        assert changes.recompute(session, SYSTEM, cause="每日核对") == []
    assert due_on(seeded_sqlite, row) == date(2026, 3, 6)
