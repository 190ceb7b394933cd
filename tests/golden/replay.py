"""Takes a stored database as an installation would: upgrade, check, and carry its case to the end (test D13).

    python -m tests.durability D13 [--n 20]

Each golden is loaded at the revision it was stored at and made ready as `fashen db upgrade` and a server's start do it:
newest revision, reference data and packages of today. Then the ledger must verify against the checkpoint stored beside
it, the tables must be what the ledger tells, every instance must load and offer what the tasks say, and the rest of the
case file that belongs to the release is done by the commands of today.
"""

from __future__ import annotations

import shutil
import tempfile
import time as stopwatch
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from tqdm import tqdm

from tests.durability import record
from tests.golden import dump
from tests.golden.release import Golden, Release, goldens
from tests.postgres import TestServer
from webapp import launch
from workflows import fold, ledger, migrations, play
from workflows.calendar import clock
from workflows.desk.tasks import Task
from workflows.documents.fonts import Fonts
from workflows.engine import state
from workflows.engine.state import EngineInstance
from workflows.errors import FashenError
from workflows.files import Files
from workflows.ledger import Checkpoint
from workflows.store import Store

DATABASES = ("sqlite", "postgresql")
Opener = Callable[[Release], str]
"""Gives the URL of a fresh database that holds the bureau of a release, at the revision of that release."""


def fill(release: Release, url: str) -> None:
    """Make the database of a release, before any case."""
    store = Store(url)
    migrations.upgrade(store, release.revision)
    dump.put(store, release.bureau())
    store.close()


def sqlite_opener(folder: Path) -> Opener:
    """Fresh SQLite databases in `folder`; the bureau of each release is made once and copied."""
    made: dict[str, Path] = {}

    def opened(release: Release) -> str:
        if release.version not in made:
            made[release.version] = folder / f"bureau-{release.version}.sqlite"
            fill(release, f"sqlite:///{made[release.version]}")
        copy = Path(tempfile.mkdtemp(dir=folder)) / "fashen.sqlite"
        shutil.copyfile(made[release.version], copy)
        return f"sqlite:///{copy}"

    return opened


def postgres_opener(server: TestServer) -> Opener:
    """Fresh PostgreSQL databases on `server`; the bureau of each release is made once and copied."""
    fills: dict[str, Callable[[str], None]] = {}

    def opened(release: Release) -> str:
        def this(url: str) -> None:
            fill(release, url)

        return server.fresh_database(fills.setdefault(release.version, this))

    return opened


@contextmanager
def loaded(golden: Golden, url: str) -> Iterator[Store]:
    """The golden in a database from an Opener, upgraded as an installation is; closed at the end, the clock is held."""
    store = Store(url)
    try:
        dump.put(store, golden.rows())
        with clock.simulated(golden.moment):
            launch.prepare(store, demo=False)
        yield store
    finally:
        store.close()


def broken(store: Store, checkpoint: Checkpoint) -> list[str]:
    """What is wrong with a loaded golden: its ledger, tables that differ from it, instances and tasks at odds."""
    with store.read(snapshot=True) as session:
        wrong = [f"ledger: {fault}" for fault in ledger.verify(session, checkpoint)]
        wrong += [f"state: {difference}" for difference in fold.verify_state(session)]
        for instance in session.scalars(select(EngineInstance.id)):
            wrong += _instance(session, instance)
    return wrong


def _instance(session: Session, instance_id: str) -> Iterator[str]:
    try:
        instance = state.load(session, instance_id, lock=False)
        ready = {step.id for step in instance.steps()}
    except FashenError as error:
        yield f"instance {instance_id}: {error}"
        return
    live = select(Task.engine_task_id).where(Task.instance_id == instance_id, Task.state.in_(("open", "claimed")))
    if ready != set(session.scalars(live)):
        yield f"instance {instance_id}: its steps are not its tasks"


def finish(golden: Golden, store: Store, folder: Path, fonts: Fonts) -> list[str]:
    """Do the rest of the case; what went wrong, nothing when it ends as its case file expects."""
    script = golden.script
    with clock.simulated(golden.moment) as time:
        player = play.Player(store, Files(str(folder / "files")), fonts, time)
        player.case_id = golden.case_id
        try:
            for number, step in enumerate(script.steps[golden.steps:], golden.steps + 1):
                at = f"step {number} ({step.get('task') or step.get('command') or 'wait'})"
                player.step(step)
            at = "the end"
            player.work_off()
            player.check(script.expect)
        except FashenError as error:
            return [f"{at}: {error}"]
    with store.read() as session:
        running = session.scalars(select(EngineInstance.id).where(EngineInstance.status != state.FINISHED)).all()
    return [*(f"instance {one} is still running" for one in running), *broken(store, golden.checkpoint)]


def replay(golden: Golden, opened: Opener, folder: Path, fonts: Fonts) -> list[str]:
    """Load, check and finish one golden; what went wrong."""
    try:
        with loaded(golden, opened(golden.release)) as store:
            return broken(store, golden.checkpoint) or finish(golden, store, folder, fonts)
    except SQLAlchemyError as error:  # the upgraded tables are not what the program expects
        return [f"{type(error).__name__}: {str(error)[:300]}"]


def measure(n: int | None = None) -> record.Figures:
    """Every golden on both databases, or n of them evenly chosen."""
    began, fonts, failed = stopwatch.monotonic(), Fonts(), dict[str, list[str]]()
    with tempfile.TemporaryDirectory(prefix="fashen-golden-") as name:
        folder = Path(name)
        openers = dict(zip(DATABASES, (
            sqlite_opener(folder), postgres_opener(TestServer(folder / "postgres", "golden"))), strict=True))
        every = [(golden, database) for golden in goldens() for database in DATABASES]
        chosen = every if n is None else [every[i * len(every) // n] for i in range(min(n, len(every)))]
        for golden, database in tqdm(chosen, desc="D13", unit="golden", disable=None):
            if wrong := replay(golden, openers[database], folder, fonts):
                failed[f"{golden} on {database}"] = wrong
    releases = {golden.release.version for golden, _ in chosen}
    return record.Figures(
        test_id="D13", n=len(chosen), failures=len(failed), seconds=stopwatch.monotonic() - began,
        what="stored databases of every release, upgraded, checked and carried to the end of their case",
        figures={"releases": len(releases), "databases": len({database for _, database in chosen})},
        wrong=tuple(f"{where}: {what}" for where, wrong in failed.items() for what in wrong),
    )  # fmt: skip
