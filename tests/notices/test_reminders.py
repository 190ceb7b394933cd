"""Reminders: once for each end of a limit, the most pressing, on working days; of limits in hours at any time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as hours
from typing import Any

import pytest
from sqlalchemy import select

from tests.desk.conftest import Bureau
from workflows import outbox
from workflows.calendar import clock, clocks
from workflows.calendar.clock import SHANGHAI, SimulatedClock
from workflows.cases.file import Case
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.notices import reminders
from workflows.notices.timing import goes_at
from workflows.outbox import OutboxNotice
from workflows.store import Store

LAST = date(2024, 9, 30)  # Monday; Friday 27th is 1 working day before Sunday 29th, which is one too (调休)


@pytest.fixture
def time() -> Iterator[SimulatedClock]:
    with clock.simulated(at(24, 7)) as simulated:
        yield simulated


def at(day: int, hour: int = 9, month: int = 9) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=SHANGHAI)


class Waiting:
    """A lead that the deputy must approve, with an end of its time limit."""

    def __init__(self, store: Store, time: SimulatedClock, due_at: datetime) -> None:
        self.store, self.time = store, time
        self.bureau = Bureau(store)
        self.case_id = self.bureau.open(found_on="2024-09-24", conduct_on="2024-09-24")
        with store.work() as session:
            task = self.task(session)
            task.due_at, task.clock_id = due_at, None
        self.forget()

    def task(self, session: Any) -> Task:
        found: Task = session.execute(
            select(Task).where(Task.case_id == self.case_id, Task.ended_at.is_(None))
        ).scalar_one()
        return found

    def forget(self) -> None:
        with self.store.work() as session:
            for notice in session.execute(select(OutboxNotice)).scalars():
                notice.delivered_at = notice.read_at = clock.now()

    def told(self, moment: datetime | None = None) -> list[tuple[str, str]]:
        """Who is told what at a moment: (login, kind), sorted."""
        from workflows.actors import Person

        if moment is not None:
            self.time.set(moment)
        execute(self.store, reminders.remind)
        with self.store.work() as session:
            rows = session.execute(
                select(Person.login, OutboxNotice.kind).join(Person, Person.id == OutboxNotice.person_id)
                .where(OutboxNotice.delivered_at.is_(None))
            ).all()  # fmt: skip
        self.forget()
        return sorted((login, kind) for login, kind in rows)


@pytest.fixture
def waiting(demo_store: Store, time: SimulatedClock) -> Waiting:
    return Waiting(demo_store, time, datetime.combine(LAST + timedelta(days=1), hours(), tzinfo=SHANGHAI))


def test_each_reminder_comes_once_as_the_end_draws_near(waiting: Waiting) -> None:
    assert waiting.told() == []
    assert waiting.told(at(25, 7)) == [], "three working days before is Thursday: 26, 27 and 29 September lie between"
    assert waiting.told(at(26, 7)) == [], "the office is not open yet"
    assert waiting.told(at(26, 8)) == [("deputy", "task_due_soon")]
    assert waiting.told(at(26, 9)) == []
    assert waiting.told(at(27, 9)) == []
    assert waiting.told(at(30, 8)) == [("deputy", "task_due_today")]
    assert waiting.told(at(30, 23)) == []
    assert waiting.told(at(1, 9, 10)) == [], "National Day"
    assert waiting.told(at(8, 8, 10)) == [("deputy", "task_overdue"), ("unithead", "task_overdue_in_unit")]
    assert waiting.told(at(9, 8, 10)) == []


def test_who_delegated_a_step_is_reminded_of_it_too(waiting: Waiting) -> None:
    with waiting.store.work() as session:
        task, head = waiting.task(session), waiting.bureau.actor("head").person_id
        task.owner_id, task.assignee_id = task.assignee_id, head
    assert waiting.told(at(26, 8)) == [("deputy", "task_due_soon"), ("head", "task_due_soon")]


def test_only_the_most_pressing_is_told(waiting: Waiting) -> None:
    assert waiting.told(at(30)) == [("deputy", "task_due_today")]
    assert waiting.told(at(30, 10)) == []
    assert [kind for _, kind in waiting.told(at(8, 9, 10))] == ["task_overdue", "task_overdue_in_unit"]


def test_a_limit_that_was_extended_reminds_anew(waiting: Waiting) -> None:
    assert len(waiting.told(at(30))) == 1
    with waiting.store.work() as session:
        waiting.task(session).due_at = at(9, 0, 10)
    assert waiting.told(at(30, 10)) == [("deputy", "task_due_soon")], "8 October is the next working day"


def test_what_is_suspended_done_or_without_an_end_reminds_nobody(waiting: Waiting) -> None:
    with waiting.store.work() as session:
        session.get_one(Case, waiting.case_id).suspended_at = clock.now()
    assert waiting.told(at(30)) == []
    with waiting.store.work() as session:
        session.get_one(Case, waiting.case_id).suspended_at = None
        waiting.task(session).due_at = None
    assert waiting.told() == []


def test_a_limit_in_hours_reminds_in_its_second_half_day_and_night(waiting: Waiting) -> None:
    begin = at(1, 20, 10)  # a holiday, in the evening
    waiting.time.set(begin)
    with waiting.store.work() as session:
        task = waiting.task(session)
        limit = clocks.start_clock(
            session, "seizure_report", case_id=waiting.case_id, start=begin, actor=waiting.bureau.actor("officer1")
        )
        task.clock_id, task.due_at = limit.id, limit.due_at
    assert waiting.told(begin + timedelta(hours=11)) == []
    assert waiting.told(begin + timedelta(hours=12)) == [("deputy", "task_hours_soon")]
    assert waiting.told(begin + timedelta(hours=13)) == []
    assert waiting.told(begin + timedelta(hours=24)) == [
        ("deputy", "task_hours_over"), ("unithead", "task_overdue_in_unit")
    ]  # fmt: skip


def test_two_workers_remind_once(waiting: Waiting) -> None:
    waiting.time.set(at(30))
    threads = [threading.Thread(target=execute, args=(waiting.store, reminders.remind)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with waiting.store.read() as session:
        kinds = session.execute(select(OutboxNotice.kind).where(OutboxNotice.delivered_at.is_(None))).scalars().all()
    assert kinds == ["task_due_today"]


def test_the_sentences_of_reminders_name_the_task_and_its_end(waiting: Waiting) -> None:
    waiting.time.set(at(30))
    execute(waiting.store, reminders.remind)
    with waiting.store.work() as session:
        outbox.deliver(session)
        (notice,) = outbox.unread(session, waiting.bureau.actor("deputy").person_id)
        assert (notice.facts["name"], notice.facts["due"]) == ("立案审批", "2024-09-30")


@pytest.mark.parametrize(("now", "digest", "urgent", "expected"), [
    (at(27, 10), False, False, at(27, 10)),
    (at(28, 10), False, False, at(29, 9)),   # Saturday → the working Sunday
    (at(28, 10), True, True, at(28, 10)),
    (at(27, 8), True, False, at(27, 9)),
    (at(27, 10), True, False, at(29, 9)),
    (at(30, 23), True, False, at(8, 9, 10)),
    (at(1, 0, 10), False, False, at(8, 9, 10)),
])  # fmt: skip
def test_when_a_message_may_go(
    sqlite_demo_store: Store, now: datetime, digest: bool, urgent: bool, expected: datetime
) -> None:
    with sqlite_demo_store.read() as session:
        assert goes_at(session, now, 9, digest=digest, urgent=urgent) == expected
