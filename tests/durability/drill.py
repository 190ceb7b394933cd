"""The drill of a disaster: while people write, a backup; on a clean machine, a restore; then work goes on (L6).

    python -m tests.durability L6 [--n 6]

One round: two threads write fifty times a second; `backup` copies database and files meanwhile; `restore` fills an
empty installation and checks ledger, cases and files; a server is started on it, somebody logs in over HTTP and ends an
open case. Then the backup is damaged in every way there is (each part cut short, one bit of it turned, taken away, of
another format, revision or database), and each time refused with nothing touched. The recovery time is from the
beginning of the restore to the first page for somebody who logged in.
"""

from __future__ import annotations

import io
import json
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import select

from tests.durability.client import Client
from tests.durability.record import Figures
from tests.durability.scene import open_cases
from tests.durability.server import Server
from tests.postgres import TestServer
from workflows import backup, bureau, fold, ledger, migrations
from workflows.actors import Person, acting
from workflows.backup import databases
from workflows.backup.manifest import CHECKPOINT, FILES, LISTING, MANIFEST
from workflows.cases import commands as case_commands
from workflows.cases.file import Case
from workflows.desk.execute import execute
from workflows.errors import FashenError
from workflows.files import Files
from workflows.ledger.canonical import digest, text
from workflows.store import Store

NIGHTLY = 6
WRITES_PER_SECOND = 50
ENDS = {"result": "reject", "opinion": "线索不成立，不予立案。"}


@dataclass
class Outcome:
    """What the drills did. writes: while backups were being taken; refused: damaged backups that were refused."""

    writes: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    recovery_seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def drill(folder: Path, url: str, clean: str, outcome: Outcome, *, seed: int = 0, unclean: int = 2) -> None:
    """One round.

    url, clean: two databases of one kind, the second empty, the first too or with the demonstration bureau; unclean:
    turned bits in each part of the backup.
    """
    store, source = Store(url), Files((folder / "files").as_uri())
    migrations.upgrade(store)
    with store.work() as session:
        bureau.load_demo(session)
    open_cases(url, 4)
    with writing(store, source, outcome):
        time.sleep(0.5)
        before = outcome.writes
        backup.take(store, source, folder / "backup")
        outcome.writes -= before
    store.close()
    _refuse_damaged(folder / "backup", Store(clean), folder / "untouched", outcome, random.Random(seed), unclean)
    _recover(folder, clean, outcome)


@contextmanager
def writing(store: Store, files: Files, outcome: Outcome) -> Iterator[None]:
    """Two threads that add materials to the cases, at the pace of WRITES_PER_SECOND together."""
    stopping, lock = threading.Event(), threading.Lock()
    with store.read() as session:
        person = session.execute(select(Person.id).where(Person.login == "officer1")).scalar_one()
        actor, cases = acting(session, person), list(session.execute(select(Case.id)).scalars())

    def write(chance: random.Random) -> None:
        due = time.monotonic()
        while not stopping.is_set():
            due = max(due, time.monotonic() - 1) + 2 / WRITES_PER_SECOND
            stored = files.put(io.BytesIO(chance.randbytes(2_000)), 10_000)
            file = {"sha256": stored.sha256, "size": stored.size, "name": "照片.txt", "media_type": "text/plain"}
            try:
                execute(store, case_commands.add_material, actor, chance.choice(cases), kind="other", file=file)
            except FashenError as error:
                outcome.wrong.append(f"a write failed during the backup: {error}")
            with lock:
                outcome.writes += 1
            time.sleep(max(0.0, due - time.monotonic()))

    threads = [threading.Thread(target=write, args=(random.Random(number),)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _recover(folder: Path, clean: str, outcome: Outcome) -> None:
    """Restore, start a server on what was restored, log in, end a case."""
    home, store = folder / "restored", Store(clean)
    home.mkdir(exist_ok=True)
    began = time.monotonic()
    restored = backup.restore(folder / "backup", store, Files((home / "files").as_uri()))
    if not restored.sound:
        outcome.wrong += [str(one) for one in (*restored.faults, *restored.differences)][:5]
    server = Server(home, clean)
    try:
        server.start()
        client = Client(server.port)
        client.log_in("deputy", bureau.demo_accounts()[1])
        page = client.get("/desk?list=claimable")
        outcome.recovery_seconds.append(time.monotonic() - began)
        tasks = [link for link in page.links("/tasks/") if link.count("/") == 2]
        tasks += [link for link in client.get("/desk?list=todo").links("/tasks/") if link.count("/") == 2]
        _end_a_case(client, tasks)
    except (AssertionError, RuntimeError) as error:
        outcome.wrong.append(f"the restored installation does not work: {error!r}")
    finally:
        server.stop()
    with store.read(snapshot=True) as session:
        if "refused" not in session.execute(select(Case.state)).scalars().all():
            outcome.wrong.append("no case was ended on the restored installation")
        outcome.wrong += [str(fault) for fault in ledger.verify(session)]
        outcome.wrong += [one.sentence("en") for one in fold.verify_state(session)]
    store.close()


def _end_a_case(client: Client, paths: list[str]) -> None:
    """Refuse to file the first case that waits for that."""
    answers = []
    for path in paths:
        claim = client.get(path).form(f"{path}/claim")
        if claim is not None:
            client.post(f"{path}/claim", claim.untouched)
        form = client.get(path).form(f"{path}/complete")
        if form is not None:
            answers.append(client.post(f"{path}/complete", form.filled(ENDS)).status)
            if answers[-1] in (302, 303):
                return
    raise AssertionError(f"no case could be ended: {len(paths)} tasks, {answers}")


def _refuse_damaged(
    whole: Path, target: Store, files: Path, outcome: Outcome, chance: random.Random, unclean: int
) -> None:
    """Damage a copy of the backup in one way after the other; each must be refused with nothing touched."""
    for kind, harm in harms(whole, chance, unclean):
        damaged = whole.with_name("damaged")
        shutil.copytree(whole, damaged)
        harm(damaged)
        try:
            backup.restore(damaged, target, Files(files.as_uri()))
            outcome.wrong.append(f"{kind}: a damaged backup was restored")
        except FashenError:
            outcome.refused[kind] += 1
        if not databases.is_empty(target) or files.exists():
            outcome.wrong.append(f"{kind}: something was touched")
        shutil.rmtree(damaged)
    target.close()


def harms(whole: Path, chance: random.Random, unclean: int) -> Iterator[tuple[str, Callable[[Path], object]]]:
    """Ways to damage a backup: (kind, what to do to a copy of it)."""
    database = json.loads((whole / MANIFEST).read_text("utf-8"))["database"]["name"]
    stored = [path.relative_to(whole) for path in sorted((whole / FILES).rglob("*")) if path.is_file()]
    parts = [Path(database), Path(CHECKPOINT), Path(LISTING), Path(MANIFEST), chance.choice(stored)]
    for part in parts:
        yield "missing", partial(_unlink, part)
        yield "cut_short", partial(_cut, part)
        for _ in range(unclean):
            yield "one_bit", partial(_turn_a_bit, part, chance.random())
    yield "all_files_missing", _without_files
    for name, value in (("format", "fashen-backup-99"), ("revision", "9999_of_the_future"), ("dialect", "other")):
        yield f"other_{name}", partial(_say, name, value)


def _unlink(part: Path, copy: Path) -> None:
    (copy / part).unlink()


def _without_files(copy: Path) -> None:
    shutil.rmtree(copy / FILES)


def _cut(part: Path, copy: Path) -> None:
    path = copy / part
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.truncate(size - max(1, size // 3))


def _turn_a_bit(part: Path, place: float, copy: Path) -> None:
    path = copy / part
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1
    path.write_bytes(content)


def _say(name: str, value: str, copy: Path) -> None:
    """Another manifest that is sound in itself."""
    path = copy / MANIFEST
    content = {**json.loads(path.read_text("utf-8")), name: value}
    del content["digest"]
    path.write_text(text({**content, "digest": digest("sha256", text(content).encode())}), "utf-8")


def measure(n: int | None = None) -> Figures:
    """L6 with n drills, on SQLite and PostgreSQL in turn; 6 if not said."""
    rounds, outcome = n if n is not None else NIGHTLY, Outcome()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fashen-drill-") as place:
        server = TestServer(Path(place) / "postgres", "drill") if rounds > 1 else None
        for number in range(rounds):
            folder = Path(place) / f"round{number}"
            folder.mkdir()
            if server is not None and number % 2:
                url, clean = server.empty_database(), server.empty_database()
            else:
                url, clean = (f"sqlite:///{folder}/fashen.sqlite", f"sqlite:///{folder}/restored/fashen.sqlite")
            drill(folder, url, clean, outcome, seed=number)
    seconds = sorted(outcome.recovery_seconds)
    figures: dict[str, int | float | str] = {
        "writes_during_backups": outcome.writes,
        "damaged_backups_refused": outcome.refused.total(),
        "recovery_seconds_median": round(seconds[len(seconds) // 2], 1) if seconds else "none",
        "recovery_seconds_longest": round(seconds[-1], 1) if seconds else "none",
    }
    return Figures(
        "L6", rounds, len(outcome.wrong), time.monotonic() - began,
        "backup while people write, restore on a clean machine, log in, end a case; damaged backups are refused",
        figures, tuple(outcome.wrong),
    )  # fmt: skip
