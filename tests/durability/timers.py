"""D9: timers fire exactly once, with three workers racing, after two days in which nobody was there.

    python -m tests.durability D9 [--n 10000]

Instances of a small process wait for four timers each: three came due while no worker ran, the fourth comes due while
the workers are at it, or only tomorrow. Among them are instances whose timer fails for ever, due before all others.
Three real `fashen worker` processes are started, each on a machine set to another time zone; one is killed in the
middle, and another takes its place. Afterwards the ledger says what fired when, and the engine what still waits.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from tqdm import tqdm

from tests import leash
from tests.durability.both import databases, demonstration
from tests.durability.record import Figures
from tests.engine.drawing import catch, end, flows, package, par, start, timer, xor
from tests.publishing import put_in_force
from workflows import ledger
from workflows.actors import SYSTEM, Person, Unit
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.desk import advance
from workflows.engine import state
from workflows.ledger.entries import EntryRow
from workflows.store import Store

ROOT = Path(__file__).parents[2]
WORKERS = 3
DOWN, DAY = timedelta(hours=48), timedelta(days=1)
ZONES = ("Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe")
"""What the machines of the workers believe the local time to be: it must not matter."""
PER_CASE = 4
HANGING = 900.0
"""Seconds after which workers that do not finish count as hung."""
WAITING = package(
    start(), par("s"), *(catch(f"t{number}", timer(f"${{wait_{number}}}")) for number in range(4)), par("j"), end(),
    flows("start > s\nj > end\n" + "\n".join(f"s > t{number} > j" for number in range(4))), key="waiting",
)  # fmt: skip
POISONED = package(
    start(), catch("t0", timer("PT1H")), xor("g", default="g__end"), xor("h"), end(), end("other"),
    flows("start > t0 > g\ng > h ? nobody_set_this == 1\ng > end\nh > other"), key="poisoned",
)  # fmt: skip

Moments = dict[tuple[str, str], datetime]
"""(instance, timer) → when it comes due."""


@dataclass
class Outcome:
    """What came of it. due: timers that had to fire; wrong: what was missed, doubled, early, or otherwise not right."""

    due: int
    ahead: int
    poisoned: int
    late_seconds: float
    per_second: float
    wrong: list[str] = field(default_factory=list)


def make_scene(url: str, timers: int, live: float) -> tuple[Moments, set[str]]:
    """Start instances two days ago until `timers` timers come due by the end of the run; moments, and poisoned ids.

    live: seconds from now within which every other instance's fourth timer comes due.
    """
    chance, moments, poisoned = random.Random(timers), Moments(), set()
    began = datetime.now(UTC) - DOWN
    store = Store(url)
    try:
        with clock.simulated(began):
            with store.work() as session:
                for one in (WAITING, POISONED):
                    put_in_force(session, one)
            due = 0
            while due < timers:
                with store.work() as session:
                    cases = [open_case(session) for _ in range(40 // PER_CASE)]
                    for number in range(40):
                        waits = [_wait_of(chance, n, number % 2, live) if due + n < timers else DOWN + DAY
                                 for n in range(4)]  # fmt: skip
                        given = {f"wait_{n}": f"PT{wait.total_seconds():.3f}S" for n, wait in enumerate(waits)}
                        id = advance.start(session, cases[number // PER_CASE], "waiting", given, SYSTEM).id
                        moments.update({(id, f"t{n}"): began + wait for n, wait in enumerate(waits)})
                        due += sum(wait < DOWN + DAY for wait in waits)
            with store.work() as session:
                for _ in range(max(1, min(100, timers // 20))):
                    poisoned.add(advance.start(session, open_case(session), "poisoned", {}, SYSTEM).id)
    finally:
        store.close()
    return moments, poisoned


def _wait_of(chance: random.Random, number: int, odd: int, live: float) -> timedelta:
    """How long the timer of that number waits: three ended in the time of nobody; the fourth is near or far."""
    if number < 3:
        return timedelta(milliseconds=chance.randrange(1, int(DOWN.total_seconds() * 1000)))
    return DOWN + (timedelta(milliseconds=chance.randrange(1, int(live * 1000))) if odd else DAY)


def open_case(session: Session) -> Case:
    """A case without parties, for processes that need none."""
    person = session.scalars(select(Person).where(Person.login == "officer1")).one()
    bureau = session.scalars(select(Unit).where(Unit.legal_subject)).first()
    assert bureau is not None
    case = Case(
        kind="行政处罚", title="计时", unit_id=bureau.id, bureau_id=bureau.id, found_on=clock.today(),
        opened_at=clock.now(), opened_by_id=person.id,
    )  # fmt: skip
    session.add(case)
    session.flush()
    return case


@contextmanager
def workers(url: str, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Three `fashen worker` processes; those that still run in the end are killed."""
    started = [start_worker(url, folder, number) for number in range(WORKERS)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def start_worker(url: str, folder: Path, number: int) -> subprocess.Popen[bytes]:
    """The command of an installation, with its log in the folder."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("FASHEN_")}
    environment = {**own, "FASHEN_VAR": str(folder), "FASHEN_DATABASE_URL": url, "TZ": ZONES[number % len(ZONES)]}
    with (folder / "workers.log").open("ab") as log:
        command = [sys.executable, "-c", "from webapp.cli import main; main()", "worker"]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, preexec_fn=leash.tie)


def run(url: str, *, timers: int, live: float = 10.0) -> Outcome:
    """The whole on one database: a demonstration bureau without cases."""
    moments, poisoned = make_scene(url, timers, live)
    due = {key for key, moment in moments.items() if moment <= datetime.now(UTC) + timedelta(seconds=live)}
    outcome = Outcome(len(due), len(moments) - len(due), len(poisoned), 0.0, 0.0)
    store = Store(url)
    try:
        with tempfile.TemporaryDirectory(prefix="fashen-workers-") as place:
            began = datetime.now(UTC)
            with workers(url, Path(place)) as processes:
                _wait(store, len(due), processes, lambda: start_worker(url, Path(place), WORKERS))
                _started(Path(place), len(processes))
                time.sleep(2)  # long enough for every worker to look again: what it fired twice would show
                for process in processes[1:]:
                    process.send_signal(signal.SIGTERM)
                codes = [process.wait(60) for process in processes[1:]]
            log = (Path(place) / "workers.log").read_text(encoding="utf-8", errors="replace")
        if any(codes):
            outcome.wrong.append(f"workers that were told to end ended with {codes}")
        if "Traceback" in log:
            outcome.wrong.append("a trace in the workers' log: " + log.partition("Traceback")[2][:1500])
        _judge(store, outcome, moments, due, poisoned, began)
    finally:
        store.close()
    return outcome


def _started(folder: Path, count: int) -> None:
    """Until all have said that they run: one that is still being read by Python can't be told anything."""
    end_at = time.monotonic() + 120
    while (folder / "workers.log").read_text("utf-8", "replace").count("Ctrl-C") < count and time.monotonic() < end_at:
        time.sleep(0.1)


def _wait(
    store: Store, due: int, processes: list[subprocess.Popen[bytes]], another: Callable[[], subprocess.Popen[bytes]]
) -> None:
    """Until as much has fired as had to; the first worker is killed when a third is done, and replaced."""
    end_at, killed = time.monotonic() + HANGING, False
    with tqdm(total=due, desc=f"timers on {store.dialect}", unit="timer", disable=None) as bar:
        while time.monotonic() < end_at:
            fired = sum(_fired(store).values())
            bar.update(fired - bar.n)
            if not killed and fired >= due // 3:
                processes[0].kill()
                processes[0].wait()
                killed = True
                processes.append(another())
            if fired >= due or all(process.poll() is not None for process in processes):
                return
            time.sleep(0.5)


def _fired(store: Store) -> Counter[tuple[str, str]]:
    """(instance, timer) → how often the ledger says that it fired."""
    with store.read() as session:
        return Counter(key for key, _ in _entries(session))


def _entries(session: Session) -> Iterator[tuple[tuple[str, str], datetime]]:
    wanted = select(EntryRow.data, EntryRow.recorded_at).where(EntryRow.event == "TimerFired")
    for data, moment in session.execute(wanted):
        told = json.loads(data)
        for passed in told["passed"]:
            if passed["element_id"].startswith("t"):
                yield (told["instance_id"], passed["element_id"]), moment


def _judge(
    store: Store, outcome: Outcome, moments: Moments, due: set[tuple[str, str]], poisoned: set[str], began: datetime
) -> None:
    wrong, fired = outcome.wrong, _fired(store)
    wrong += [f"{key} was missed" for key in due if not fired[key]]
    wrong += [f"{key} fired {count} times" for key, count in fired.items() if count > 1]
    wrong += [f"{key} fired and had not to" for key in fired if key not in due]
    with store.read() as session:
        entries = list(_entries(session))
        wrong += [
            f"{key} fired {moments[key] - at} early" for key, at in entries if key in moments and at < moments[key]
        ]
        if entries:  # else all were missed, which is told above
            outcome.late_seconds = max((at - max(moments[key], began)).total_seconds() for key, at in entries)
            span = max(at for _, at in entries) - min(at for _, at in entries)
            outcome.per_second = len(entries) / max(span.total_seconds(), 0.001)
        for id in {id for id, _ in moments}:
            instance = state.load(session, id, lock=False)
            ahead = min((moments[key] for key in _of(id) if key not in due), default=None)
            if instance.next_due() != ahead or instance.finished != (ahead is None):
                wrong.append(f"instance {id} waits for {instance.next_due()}, and should for {ahead}")
        incidents = Counter(
            json.loads(data)["instance_id"]
            for data in session.scalars(select(EntryRow.data).where(EntryRow.event == "IncidentRaised"))
        )
        wrong += [f"poisoned {id}: {incidents[id]} incidents" for id in poisoned if incidents[id] != 1]
        wrong += [f"{id} has an incident" for id in incidents if id not in poisoned]
        rested = select(func.count()).where(state.EngineInstance.attempts > 0)
        if session.scalar(rested) != len(poisoned):
            wrong.append("not every poisoned instance rests")
        wrong += [f"ledger: {fault}" for fault in ledger.verify(session)]


def _of(instance_id: str) -> list[tuple[str, str]]:
    return [(instance_id, f"t{number}") for number in range(4)]


def measure(n: int | None = None) -> Figures:
    """D9 with n timers on each database; 10,000 if not said."""
    timers, began = n or 10_000, time.monotonic()
    outcomes: dict[str, Outcome] = {}
    with databases(demonstration) as urls:
        for dialect, url in urls.items():
            outcomes[dialect] = run(url, timers=timers)
    wrong = [f"{dialect}: {line}" for dialect, outcome in outcomes.items() for line in outcome.wrong]
    figures: Mapping[str, int | float | str] = {
        f"{name}_{dialect}": value
        for dialect, outcome in outcomes.items()
        for name, value in (
            ("fired", outcome.due), ("left_for_later", outcome.ahead), ("poisoned", outcome.poisoned),
            ("timers_per_second", round(outcome.per_second)), ("latest_seconds", round(outcome.late_seconds, 1)),
        )
    }  # fmt: skip
    what = (
        "a timer, most of them due while nobody was there for 48 h, is fired by one of three workers that race, one of "
        "which is killed: once, not early, not missed; instances that fail for ever stop nobody"
    )
    return Figures("D9", sum(o.due for o in outcomes.values()), len(wrong), time.monotonic() - began, what, figures,
                   tuple(wrong))  # fmt: skip
