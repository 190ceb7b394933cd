"""One command, every fault: each in a process of its own, and what it leaves compared with the database, whole.

Processes are forked from this one, so they share its imports, its simulated clock and its hash seed; with the same
randomness drawn again, the same command writes the same rows to the byte. So "wholly old" and "wholly new" are
comparisons of complete dumps: a fault may leave exactly what stood after one of the command's own commits (the last
one, unless the command could take it back), and the same request sent again by a process that knows nothing of the
first must end exactly as if there had been no fault.
"""

from __future__ import annotations

import os
import pickle
import random
import signal
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from tests.durability.databases import Dump, Shelf, difference, dump, renamed, sizes
from tests.durability.points import KILL, Fault, Watch, watch
from workflows import ledger
from workflows.calendar import clock
from workflows.errors import FashenError
from workflows.files import Files
from workflows.store import Store

Deed = Callable[[Store, Files], object]
"""A command as the web or the worker would run it."""

DONE_ANEW = frozenset({"sessions.log_in", "staff.doors.issue_password"})
"""Commands that carry no key, and are meant to happen once more when they are sent again: a second login is another,
and a password that nobody saw is drawn again.
"""


PUT_OFF = frozenset({"worker.fire_next", "worker.run_round"})
"""What answers a failure by doing the rest and this later."""


STANDS_STILL = frozenset({"operations.retrying.retry_instance", "desk.migrating.carrying.carry_next"})
"""What answers a failure of the engine by saying so: a case stands as before, and whoever is in charge knows."""


SAYS_SO: Mapping[str, frozenset[str]] = {
    "engine_instance": frozenset({"incident", "attempts", "try_at"}),
    "migrated_instance": frozenset({"state", "problems", "at"}),
    **dict.fromkeys(("ledger_entry", "ledger_head", "outbox_notice", "pulse"), frozenset({"*"})),
}
"""Table → columns in which it is said ("*": all of them): the record, what administrators are told, and why it failed.
Everything else is as it was, to the byte."""


@dataclass
class Report:
    """What a child saw: states after each of its commits, the points it passed, how the command ended."""

    watch: Watch = field(default_factory=Watch)
    states: list[Dump] = field(default_factory=list)
    error: str = ""
    expected: bool = True  # the error is one that a user gets a sentence for, or the fault itself
    after_error: Dump | None = None
    died: bool = False


@dataclass
class Tally:
    """What all trials of a run found."""

    rounds: int = 0
    commands: set[str] = field(default_factory=set)
    kills: int = 0
    errors: int = 0
    retries: int = 0
    tried: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def child(work: Callable[[], Report]) -> Report:
    """Do it in a forked process; its report, or one that says it was killed. Raises RuntimeError for another end."""
    with tempfile.NamedTemporaryFile() as paper:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                Path(paper.name).write_bytes(pickle.dumps(work()))
                code = 0
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if code == -signal.SIGKILL:
            return Report(died=True)
        if code != 0:
            raise RuntimeError(f"a child ended with {code}")
        report: Report = pickle.loads(Path(paper.name).read_bytes())  # noqa: S301 (our own child wrote it)
    return report


def perform(url: str, files_url: str, deed: Deed, seed: int, fault: Fault | None) -> Report:
    """In the child: the command, with its points watched and its randomness drawn from `seed`."""
    report, drawn, store = Report(), random.Random(seed), Store(url)
    report.watch = Watch(fault, on_commit=lambda: report.states.append(dump(url)) if fault is None else None)
    with mock.patch("os.urandom", drawn.randbytes), mock.patch("random._urandom", drawn.randbytes):
        watch(report.watch, store.engine)
        try:
            deed(store, Files(files_url))
            if fault is not None and fault.how == KILL:
                report.watch.at("reply")
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told to the parent)
            report.error = f"{type(error).__name__}: {error}"
            report.expected = isinstance(error, FashenError)
            report.after_error = dump(url)
    store.close()
    # What goes back to the parent are values only.
    report.watch.engine, report.watch.on_commit = None, _nothing
    return report


def _an_hour_later(work: Callable[[], Report]) -> Report:
    with mock.patch.object(clock, "_simulated", clock.SimulatedClock(clock.now() + timedelta(hours=1))):
        return work()


def _rows(of: Dump) -> dict[str, int]:
    """Rows of each table but those that also tell of a failure."""
    return {table: count for table, count in sizes(of).items() if "*" not in SAYS_SO.get(table, ())}


def _nothing() -> None:
    """Stands where a child had a function that can't leave it."""


class Trial:
    """One command in one state of the database.

    url: the database, to which nobody is connected; it is never changed. label: the command's name.
    """

    def __init__(self, label: str, url: str, files_url: str, deed: Deed, shelf: Shelf, tally: Tally) -> None:
        self.label, self.url, self.files_url, self.deed, self.shelf, self.tally = (
            label, url, files_url, deed, shelf, tally)  # fmt: skip
        self.seed = len(tally.commands) + 1
        tally.commands.add(label)
        self.old = dump(url)
        self.untold: Dump = {}  # before and after the command, without what says that it failed
        self.ended: Dump = {}
        self.retried: set[str] = set()

    def run(self, limit: int | None = None) -> None:
        """Try every fault, or the first `limit` of them in an order drawn by the label."""
        copy = self.shelf.copy(self.url)
        control = child(lambda: perform(copy, self.files_url, self.deed, self.seed, None))
        self.states = [self.old, *control.states]
        if self.label.partition(" ")[0] in STANDS_STILL:
            self.untold = dump(self.url, SAYS_SO)
            self.ended = renamed(dump(copy, SAYS_SO), self.untold)
        self._sound(copy, "without a fault")
        self.shelf.drop(copy)
        if control.error:  # a command that can't be done shows nothing
            self.tally.wrong.append(f"{self.label}: without a fault: {control.error}")
            return
        faults = [*control.watch.faults(), Fault("reply", 1, KILL)]
        control.watch.trail.append(("reply", 1, control.watch.commits))
        if limit is not None:
            faults = random.Random(self.label).sample(faults, min(limit, len(faults)))
        copy = self.shelf.copy(self.url)
        for fault in faults:
            before = len(self.tally.wrong)
            if not self._strike(copy, fault, control.watch.commits_before(fault)):
                self.shelf.drop(copy)
                copy = self.shelf.copy(self.url)
            del self.tally.wrong[before + 3 :]
        self.shelf.drop(copy)

    def _strike(self, copy: str, fault: Fault, commits: int) -> bool:
        """One fault and the request sent again; whether the copy is as it was before."""
        self.tally.rounds += 1
        report = child(lambda: perform(copy, self.files_url, self.deed, self.seed, fault))
        if fault.how == KILL:
            self.tally.kills += 1
            if not report.died:
                self._wrong(fault, "did not die")
        else:
            self.tally.errors += 1
            if not report.error:  # the command has a second way and took it
                self._took_another_way(fault, copy)
                return False
        found = dump(copy) if report.died else report.after_error
        assert found is not None
        if report.error and found in self.states[:commits]:  # told of the failure, it took back what it had done before
            commits = self.states.index(found)
        if report.error and found not in self.states and self.label.partition(" ")[0] in STANDS_STILL:
            self._told(fault, copy)
            return False
        self._same(fault, "left", found, self.states[commits])
        # The same bytes and the same request have the same outcome: from the old state it is sent again once of a kind.
        if found == self.old and fault.how in self.retried:
            return True
        self.retried |= {fault.how} if found == self.old else set()
        self.tally.retries += 1
        anew = commits == len(self.states) - 1 and self.label.partition(" ")[0] in DONE_ANEW
        seed = self.seed + anew  # two secrets are never the same
        retry = child(lambda: perform(copy, self.files_url, self.deed, seed, None))
        if retry.error and not (commits and retry.expected and not anew):
            self._wrong(fault, f"the retry said {retry.error}")
        if anew:
            self._sound(copy, str(fault))
        else:
            self._ended(fault, copy, commits)
        return False

    def _took_another_way(self, fault: Fault, copy: str) -> None:
        if self.label.partition(" ")[0] in STANDS_STILL:
            self._as_before(fault, copy)
            self._sound(copy, str(fault))
            return
        if self.label.partition(" ")[0] not in PUT_OFF:
            self._ended(fault, copy, 0)
            return
        if (found := dump(copy)) == self.states[-1]:
            return
        later = child(lambda: _an_hour_later(lambda: perform(copy, self.files_url, self.deed, self.seed + 1, None)))
        if later.error or dump(copy) == found:
            self._wrong(fault, f"put off and not made up for: {later.error}")
        if _rows(copy_now := dump(copy)) != _rows(self.states[-1]):
            self._wrong(fault, f"made up for with {difference(copy_now, self.states[-1])}")
        self._sound(copy, str(fault))

    def _told(self, fault: Fault, copy: str) -> None:
        """Nothing but words was added; the same request sent again has its effect."""
        self.tally.retries += 1
        self._as_before(fault, copy)
        retry = child(lambda: perform(copy, self.files_url, self.deed, self.seed + 1, None))
        left = difference(renamed(dump(copy, SAYS_SO), self.untold), self.ended)
        if retry.error or left:
            self._wrong(fault, f"told and not made up for: {retry.error or left}")
        self._sound(copy, str(fault))

    def _as_before(self, fault: Fault, copy: str) -> None:
        """All is what it was before the command, but for what says that it failed."""
        if left := difference(dump(copy, SAYS_SO), self.untold):
            self._wrong(fault, f"refused, and left {left}")

    def _ended(self, fault: Fault, copy: str, commits: int) -> None:
        """After the retry: exactly one effect."""
        found, wanted = dump(copy), self.states[-1]
        if commits in (0, len(self.states) - 1):
            self._same(fault, "ended with", found, wanted)
        elif sizes(found) != sizes(wanted):  # it went on after a commit of its own: other ids, the same rows
            self._wrong(fault, f"ended with {difference(found, wanted)}")
        if found not in self.states:
            self._sound(copy, str(fault))

    def _same(self, fault: Fault, what: str, found: Dump, wanted: Dump) -> None:
        if told := difference(found, wanted):
            self._wrong(fault, f"{what} {told}")

    def _sound(self, url: str, when: str) -> None:
        store = Store(url)
        try:
            with store.read() as session:
                self.tally.wrong += [f"{self.label}: {when}: ledger: {fault}" for fault in ledger.verify(session)]
        finally:
            store.close()

    def _wrong(self, fault: Fault, what: str) -> None:
        self.tally.wrong.append(f"{self.label}: {fault}: {what}")


def tried(tally: Tally) -> dict[str, Any]:
    """A tally in figures."""
    return {
        "commands_on_both_databases": len(tally.commands),
        "kills": tally.kills,
        "errors": tally.errors,
        "sent_again": tally.retries,
    }
