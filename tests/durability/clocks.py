"""D12: clocks. Due times are exact by the wall clock, whatever machine computes them and however its clock jumps.

    python -m tests.durability D12 [--n 5000]

The oracle knows Shanghai's clock from a table of its own (UTC+8; summer time from 1986 to 1991) and counts in plain
integers. Each case draws a start, a span or a date, a zone for the machine, and jumps of its clock.
"""

from __future__ import annotations

import calendar as lengths
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.durability.both import databases, demonstration
from tests.durability.record import Figures
from tests.durability.timers import open_case
from tests.engine.drawing import catch, end, flows, package, start, timer, user
from tests.publishing import put_in_force
from workflows import ledger, worker
from workflows.actors import SYSTEM, Person, acting
from workflows.calendar import clock
from workflows.calendar.arithmetic import end_of_day
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.engine.definition import Definition
from workflows.engine.definition import read as read_package
from workflows.engine.moments import read_due
from workflows.engine.runtime import Instance
from workflows.store import Store, new_id

HOUR = timedelta(hours=1)
ZONES = (
    "UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Kiritimati",
    "Etc/GMT+12",
)  # fmt: skip
SUMMERS = {1986: (5, 4), **dict.fromkeys(range(1987, 1992), (4, None))}
"""Year → when summer time began: month and day, or the first Sunday from the 11th on; it ended in September so."""
JUMPS = (timedelta(seconds=1), HOUR, timedelta(days=3652), timedelta(microseconds=1), timedelta(0))


def _sunday(year: int, month: int) -> int:
    return next(day for day in range(11, 18) if lengths.weekday(year, month, day) == 6)


def shanghai(moment: datetime) -> timedelta:
    """How far Shanghai's clock was ahead of UTC."""
    if moment.year not in SUMMERS:
        return 8 * HOUR
    month, day = SUMMERS[moment.year]
    begins = datetime(moment.year, month, day or _sunday(moment.year, month), 2, tzinfo=UTC) - 8 * HOUR
    ends = datetime(moment.year, 9, _sunday(moment.year, 9), 2, tzinfo=UTC) - 9 * HOUR
    return 9 * HOUR if begins <= moment < ends else 8 * HOUR


def moment_of(wall: datetime) -> datetime:
    """The moment when Shanghai's clock shows `wall` (given as if it were UTC): the first of two, or the skipped hour
    read as if the clock had not been set forward yet.
    """
    for ahead in (9 * HOUR, 8 * HOUR):
        if shanghai(wall - ahead) == ahead:
            return wall - ahead
    return wall - 8 * HOUR


def later(start: datetime, months: int, days: int, seconds: int) -> datetime:
    """The oracle's rule: calendar parts on Shanghai's wall clock, seconds exactly."""
    moved = start
    if months or days:
        wall = start + shanghai(start)
        year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
        day = min(wall.day, lengths.monthrange(year, month + 1)[1])
        moved = moment_of(wall.replace(year=year, month=month + 1, day=day) + timedelta(days=days))
    return moved + timedelta(seconds=seconds)


def edges() -> list[datetime]:
    """Moments at which clocks do something: summer time, leap days, ends of years and months."""
    found = []
    for year, (month, day) in SUMMERS.items():
        found += [datetime(year, month, day or _sunday(year, month), 2, tzinfo=UTC) - 8 * HOUR]
        found += [datetime(year, 9, _sunday(year, 9), 2, tzinfo=UTC) - 9 * HOUR]
    for year in (1999, 2000, 2023, 2024, 2026, 2027, 2028, 2099):
        found += [datetime(year, 12, 31, 16, tzinfo=UTC), datetime(year, 2, 28, 15, 59, 59, tzinfo=UTC)]
        found += [datetime(year, 3, 1, tzinfo=UTC), datetime(year, 1, 31, 15, 59, 59, tzinfo=UTC)]
    found += [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]  # New York
    found += [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]  # Berlin
    return [*found, datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)]  # Lord Howe


YEARS = datetime(1980, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001
MOMENTS = st.one_of(
    st.datetimes(*YEARS, timezones=st.just(UTC)),
    st.tuples(st.sampled_from(edges()), st.integers(-7200, 7200)).map(lambda one: one[0] + timedelta(seconds=one[1])),
)
SPANS = st.tuples(
    st.sampled_from((0, 0, 0, 1, 2, 6, 12, 24)),
    st.one_of(st.just(0), st.integers(0, 400)),
    st.one_of(st.just(0), st.integers(0, 200_000)),
)
LONG = timer("${wait}")
WAITING = package(start(), catch("wait", LONG), end(), flows("start > wait > end"), key="waiting")


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    """As if the machine stood in another zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def written(months: int, days: int, seconds: int) -> str:
    """A span as a diagram writes it."""
    return f"P{months}M{days}DT{seconds}S"


def check_case(
    definition: Definition, start: datetime, span: tuple[int, int, int], zone: str, kind: int, jumps: list[int]
) -> None:
    """One case; AssertionError where a moment is not exact, or a timer fires early, twice or never."""
    due = later(start, *span)
    with machine_in(zone):
        assert read_due(written(*span), start) == due
        wall = (start + shanghai(start)).replace(microsecond=0)
        texts = {
            wall.strftime("%Y-%m-%dT%H:%M:%S"): moment_of(wall),
            wall.strftime("%Y-%m-%d"): moment_of(wall.replace(hour=0, minute=0, second=0)),
            (start + 14 * HOUR).strftime("%Y-%m-%dT%H:%M:%S+14:00"): start.replace(microsecond=0),
            (start - 12 * HOUR).strftime("%Y-%m-%dT%H:%M:%S-12:00"): start.replace(microsecond=0),
        }
        for text, wanted in texts.items():
            assert read_due(text, start) == wanted, text
        day = date(wall.year, wall.month, wall.day)
        midnight = wall.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        assert end_of_day(day) == moment_of(midnight)
        assert clock.local(start).replace(tzinfo=None) == (start + shanghai(start)).replace(tzinfo=None)
        given_ = (written(*span), due.isoformat())[kind]
        definition = definition if kind == 0 else _dated()
        instance = Instance.start(definition, {definition.key: definition}, {"wait": given_}, start)
        assert instance.next_due() == due
        fired = 0
        for number in jumps:
            step = JUMPS[abs(number) % len(JUMPS)]
            now = due + (step if number > 0 else -step if number < 0 else timedelta(0))
            rang = instance.wake(now)
            assert rang == (1 if now >= due and not fired else 0), (now, due)
            fired += rang
            assert instance.finished == bool(fired)


_definitions: dict[str, Definition] = {}


def _dated() -> Definition:
    if "dated" not in _definitions:
        given_ = package(start(), catch("wait", timer("${wait}", "timeDate")), end(), flows("start > wait > end"))
        _definitions["dated"] = read_package(given_)
    return _definitions["dated"]


def moments(cases: int) -> list[str]:
    """So many drawn cases; what broke, the smallest one first."""
    definition = read_package(WAITING)

    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(MOMENTS, SPANS, st.sampled_from(ZONES), st.integers(0, 1), st.lists(st.integers(-4, 4), max_size=6))
    def check(begun: datetime, span: tuple[int, int, int], zone: str, kind: int, jumps: list[int]) -> None:
        check_case(definition, begun, span, zone, kind, jumps)

    try:
        check()
    except AssertionError as error:
        return [f"{error} {' '.join(getattr(error, '__notes__', []))}"]
    return []


def unsteady(chance: random.Random, begin: datetime) -> Callable[[], datetime]:
    """A clock that runs, and now and then jumps to and fro, between any two looks at it."""
    now = begin

    def tell() -> datetime:
        nonlocal now
        now += timedelta(milliseconds=chance.randrange(50))
        if chance.random() < 0.2:
            now += chance.choice((-1, 1)) * chance.choice((timedelta(seconds=1), HOUR))
        if chance.random() < 0.02:
            now += chance.choice((-1, 1)) * timedelta(days=3652)
        return min(max(now, datetime(1990, 1, 1, tzinfo=UTC)), datetime(2090, 1, 1, tzinfo=UTC))

    return tell


PATH = package(
    start(), *(user(f"u{n}", camunda_assignee="${who}") for n in range(4)), end(),
    flows("start > u0 > u1 > u2 > u3 > end"), key="path",
)  # fmt: skip


def order(url: str, rounds: int, seed: int = 0) -> list[str]:
    """Cases whose every step is taken while the clock jumps, also within the command; what is out of order."""
    store, wrong, chance = Store(url), list[str](), random.Random(seed)
    try:
        with store.work() as session:
            person = session.scalars(select(Person).where(Person.login == "officer1")).one().id
            put_in_force(session, PATH)
        for number in range(rounds):
            with patch.object(clock, "now", unsteady(chance, datetime.now(UTC))), machine_in(chance.choice(ZONES)):
                with store.work() as session:
                    case = open_case(session)
                    case_id = case.id
                    advance.start(session, case, "path", {"who": person}, SYSTEM)
                for _ in range(4):
                    with store.read() as session:
                        task = session.scalars(
                            select(Task).where(Task.case_id == case_id, Task.state == "claimed")
                        ).one()
                        actor = acting(session, person, date(2026, 1, 5))
                    execute(store, commands.complete_task, actor, task.id, {}, seen=task.version, key=new_id())
                    worker.fire_next(store)
            with store.read() as session:
                done = [e.data["element_id"] for e in ledger.timeline(session, case_id) if e.event == "TaskCompleted"]
                said = [e.data["element_id"] for e in ledger.history(session, f"case:{case_id}")
                        if e.event == "TaskCompleted"]  # fmt: skip
            if done != ["u0", "u1", "u2", "u3"] or said != done:
                wrong.append(f"case {number} is told in the order {done}, {said}")
        with store.read() as session:
            wrong += [f"ledger: {fault}" for fault in ledger.verify(session)]
    finally:
        store.close()
    return wrong


def measure(n: int | None = None) -> Figures:
    """D12 with n drawn cases, 5,000 if not said, and a case for each fifty of them on each database."""
    cases, began = n or 5000, time.monotonic()
    walked, wrong = max(2, cases // 50), moments(cases)
    with databases(demonstration) as urls:
        for dialect, url in urls.items():
            wrong += [f"{dialect}: {line}" for line in order(url, walked)]
    return Figures(
        "D12", cases + walked * len(urls), len(wrong), time.monotonic() - began,
        "a due time, computed on a machine in any zone, is exact by Shanghai's wall clock, and its timer fires at it "
        "and once however the clock jumps; a ledger written while it jumps keeps its order",
        {"drawn_cases": cases, "cases_on_a_jumping_clock": walked * len(urls), "zones": len(ZONES)}, tuple(wrong),
    )  # fmt: skip
