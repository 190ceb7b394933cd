"""D2: every command of the product at every named point where a process may die or a machine may fail.

    python -m tests.durability D2 [--n 300]

The published cases are played on both databases; before a command of a play is carried out, it is tried on copies of
the database with every fault (`trials`). What no play does (a password changed, an officer added) is tried between two
steps (`deeds`). Which commands there are is read from the code.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import select

from tests import leash
from tests.conftest import make_demo
from tests.durability import deeds
from tests.durability.databases import Shelf
from tests.durability.record import Figures
from tests.durability.trials import Deed, Tally, Trial, tried
from tests.postgres import TestServer
from workflows import play, worker
from workflows.calendar import clock
from workflows.calendar.clock import SimulatedClock
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.documents import Document
from workflows.documents.fonts import Fonts
from workflows.engine import state
from workflows.files import Files
from workflows.store import Store

CASES = Path(__file__).parents[1] / "cases"
NAMES = ("yinzhou-welders", "jiangmen-fireworks", "shaanxi-coal-mine", "qingyuan-recheck", "xiaoshan-cylinders")
COMMANDS = 140
"""About so many commands and acts there are, on both databases together; only to share out a smaller n."""
BETWEEN = "investigate"
"""Before this step of the first play everything else is tried: a case that is filed and not decided."""


class Drill(play.Player):
    """A player who tries each command with all faults, on copies, before carrying it out; each command once."""

    def __init__(
        self, store: Store, files: Files, fonts: Fonts, time: SimulatedClock, shelf: Shelf, tally: Tally
    ) -> None:
        super().__init__(store, files, fonts, time)
        self.shelf, self.tally, self.files_url = shelf, tally, ""
        self.per_command: int | None = None
        self.every = 1
        self.done: set[str] = set()

    def attempt(self, label: str, deed: Deed) -> None:
        """Try a command with every fault, unless one of its name was tried."""
        if label in self.done:
            return
        if self.every > 1 and zlib.crc32(label.encode()) % self.every:
            self.done.add(label)
            return
        self.done.add(label)
        self.store.close()  # nobody may be connected to what is copied, and no connection may be forked
        url = self.store.engine.url.render_as_string(hide_password=False)
        Trial(f"{label} on {self.store.dialect}", url, self.files_url, deed, self.shelf, self.tally).run(
            self.per_command
        )

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Meanwhile, what is done and tried happens to a copy that the play never sees."""
        own = self.store
        own.close()
        copy = self.shelf.copy(own.engine.url.render_as_string(hide_password=False))
        self.store = Store(copy)
        try:
            yield
        finally:
            self.store.close()
            self.store = own
            self.shelf.drop(copy)

    def open(self, start: Mapping[str, Any]) -> None:
        """Enter the lead, tried before."""
        self.until(play.moment(start["at"]))
        with self.store.read() as session:
            actor = self.actor(session, start["by"])
        answer, process = self.resolve(start["answer"]), start.get("process", "penalty")
        self.attempt(
            "desk.commands.open_case",
            lambda store, files: execute(store, commands.open_case, actor, process, answer, key="drill-key-of-open"),
        )
        super().open(start)

    def complete(self, login: str, element_id: str, answer: Mapping[str, Any]) -> None:
        """Complete a step, tried before; each statutory act is a command of its own."""
        if element_id == BETWEEN and not self.done & deeds.TRIED:
            for label, deed in deeds.between(self):
                self.attempt(label, deed)
        for label, deed in deeds.of_the_discussion(self, element_id):
            self.attempt(label, deed)
        resolved = self.resolve(answer)
        with self.store.read() as session:
            actor = self.actor(session, login)
            task = self.find_task(session, actor, element_id)
        self.attempt(
            f"desk.commands.complete_task {task.act or 'plain'}",
            lambda store, files: execute(
                store, commands.complete_task, actor, task.id, resolved, seen=task.version, key="drill-key-of-step"
            ),
        )
        super().complete(login, element_id, answer)
        with self.store.read() as session:
            due = state.earliest_due(session)
        if due is not None:
            self._try_timer(max(due, clock.now()))

    def _try_timer(self, due: datetime) -> None:
        """The timer that waits, when it is due: the published cases do their steps before theirs are."""
        waits = due - clock.now()

        def fire(store: Store, files: Files) -> None:
            with mock.patch.object(clock, "_simulated", SimulatedClock(clock.now() + waits)):
                worker.fire_next(store)

        self.attempt("worker.fire_next", fire)

    def work_off(self) -> None:
        """Let the worker do what is due; a round with documents is tried, and so is voiding a number."""
        with self.store.read() as session:
            waiting = session.execute(select(Document.id).where(Document.state == "pending")).scalars().first()
        if waiting:
            self.attempt("worker.run_round", lambda store, files: worker.run_round(store, files, self.fonts))
            self.attempt("documents.issuing.void_number", deeds.voiding(self, waiting))
        super().work_off()


def drill(
    folder: Path,
    kind: str,
    *,
    per_command: int | None = None,
    plays: int = len(NAMES),
    every: int = 1,
    ready: str = "",
    running: Path | None = None,
) -> Tally:
    """Drill on "sqlite" or "postgresql".

    per_command: so many faults of each command (all if not given); every: one command in so many; ready: the URL of a
    demonstration bureau for the first play, made here if not given; running: the data folder of a PostgreSQL server, a
    fresh one if not given.
    """
    tally, fonts, done = Tally(), Fonts(), set[str]()
    server = TestServer(running or folder / "server", f"faults{os.getpid()}") if kind == "postgresql" else None
    for name in NAMES[:plays]:
        place = folder / kind / name
        place.mkdir(parents=True)
        script = play.read(CASES / f"{name}.yaml")
        if ready:
            url, ready = ready, ""
        elif server is None:
            url = f"sqlite:///{place / 'fashen.sqlite'}"
            make_demo(url)
        else:
            url = server.fresh_database(make_demo)
        store = Store(url)
        with clock.simulated(script.begins) as simulated:
            player = Drill(store, Files(str(place / "files")), fonts, simulated, Shelf(place, server), tally)
            player.done, player.per_command, player.every = done, per_command, every
            player.files_url = str(place / "files")
            player.play(script)
        store.close()
    tally.tried = done
    return tally


def measure(n: int | None = None) -> Figures:
    """D2 with every fault of every command on both databases, or with n rounds or a few more.

    Each database has a process of its own that forks the others, with no thread beside it.
    """
    began, per_command = time.monotonic(), None if n is None else -(-n // COMMANDS)
    spawn = multiprocessing.get_context("spawn")
    pools = ProcessPoolExecutor(2, spawn, initializer=leash.tie)
    with tempfile.TemporaryDirectory(prefix="fashen-faults-") as place, pools as pool:
        both = [pool.submit(drill, Path(place), kind, per_command=per_command) for kind in ("sqlite", "postgresql")]
        tallies = [one.result() for one in both]
    wrong = [line for tally in tallies for line in tally.wrong]
    wrong += [f"{name}: never tried" for name in sorted(deeds.missing(tallies[0].tried & tallies[1].tried))]
    counts = [tried(tally) for tally in tallies]
    return Figures(
        "D2",
        sum(tally.rounds for tally in tallies),
        len(wrong),
        time.monotonic() - began,
        "a command is killed, or its disk, database or engine fails, at a named point; the database is then wholly old "
        "or wholly new, and the same request sent again has exactly one effect",
        {name: counts[0][name] + counts[1][name] for name in counts[0]},
        tuple(wrong),
    )
