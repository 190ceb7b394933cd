"""The named points of a command at which a process may die or a machine may fail, watched from outside the product.

    engine.before, engine.after     the engine takes its step in memory
    flush.before, flush.after       changed rows are sent to the database
    ledger.before, ledger.after     an entry joins the chain
    receipt.before, receipt.after   the idempotency key is kept
    file.before, file.after         a file goes to the content store, before the unit of work
    commit.before, commit.after     the database is told to commit; has committed, and nobody knows yet

The points are put around the product's own functions in a process of their own (`watch`), so that the product carries
no code for it. A point is passed several times in one command; its first and its last time are tried.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.desk import receipts
from workflows.engine.runtime import Instance
from workflows.files import Files

KILL, ERROR = "kill", "error"
MOVES = (
    "complete", "complete_external", "fail_external", "wake", "send", "go_back", "terminate", "add_signer",
    "remove_signer", "assign",
)  # fmt: skip
"""What moves an instance."""


@dataclass(frozen=True)
class Fault:
    """What happens where: the `time`-th passing of a point kills the process, or fails as a machine would."""

    point: str
    time: int
    how: str

    def __str__(self) -> str:
        return f"{self.how} at {self.point} #{self.time}"


@dataclass
class Watch:
    """Which points were passed, in order, with the commits that had been made then; and the fault to come."""

    fault: Fault | None = None
    on_commit: Callable[[], None] = lambda: None
    passed: Counter[str] = field(default_factory=Counter)
    trail: list[tuple[str, int, int]] = field(default_factory=list)
    commits: int = 0
    engine: Engine | None = None

    def at(self, point: str) -> None:
        """A point is passed."""
        if point == "commit.after":
            self.commits += 1
            self.on_commit()
        self.passed[point] += 1
        self.trail.append((point, self.passed[point], self.commits))
        fault = self.fault
        if fault is None or (point, self.passed[point]) != (fault.point, fault.time):
            return
        if fault.how == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        self.fault = None
        raise self._failure(point)

    def _failure(self, point: str) -> Exception:
        """What the machine would say there: the database's driver, the disk, or the engine's own bug."""
        if point.startswith(("file.", "ledger.", "receipt.")):
            return OSError(28, "No space left on device")
        if point.startswith("engine."):
            return RuntimeError("the engine failed")
        if self.engine is not None and self.engine.dialect.name == "postgresql":
            return psycopg.OperationalError("server closed the connection unexpectedly")
        return sqlite3.OperationalError("disk I/O error")

    def faults(self) -> list[Fault]:
        """Every fault that this run could have met: the first and the last time of each point, both ways."""
        return [
            Fault(point, time, how)
            for point, times in self.passed.items()
            for time in sorted({1, times})
            for how in (KILL, ERROR)
            if point != "reply"
        ]

    def commits_before(self, fault: Fault) -> int:
        """How many commits had been made when the fault struck."""
        return next(commits for point, time, commits in self.trail if (point, time) == (fault.point, fault.time))


def watch(watch: Watch, engine: Engine) -> None:
    """Put the points around what this process does from now on; `engine`: the one of the store it works on."""
    watch.engine = engine
    for name in MOVES:
        _around(watch, Instance, name, "engine")
    _around(watch, Files, "put", "file")
    _around(watch, ledger, "append", "ledger")
    _around(watch, receipts, "keep", "receipt")
    event.listen(Session, "before_flush", lambda *_: _dbapi(watch, "flush.before"))
    event.listen(Session, "after_flush", lambda *_: _dbapi(watch, "flush.after"))
    commit = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        # SQLAlchemy also commits what it only asked the server about itself; a reading unit of work rolls back.
        watch.at("commit.before")
        commit(connection)
        watch.at("commit.after")

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign,assignment]


def _dbapi(watch: Watch, point: str) -> None:
    """At a flush SQLAlchemy would have turned the driver's error into its own."""
    from sqlalchemy.exc import OperationalError

    try:
        watch.at(point)
    except (sqlite3.Error, psycopg.Error) as error:
        raise OperationalError("flush", {}, error) from error


def _around(watch: Watch, holder: Any, name: str, point: str) -> None:
    whole = getattr(holder, name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        watch.at(f"{point}.before")
        outcome = whole(*args, **kwargs)
        watch.at(f"{point}.after")
        return outcome

    setattr(holder, name, watched)
