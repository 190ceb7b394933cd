"""State equals the fold of the ledger at every step of published cases and after random play; forgeries are named (L4).

    python -m tests.durability L4 [--n 600]

One round is one look of the auditor's check at a whole database: after a step of a published case, after a random
command at the desk beside it (both must show no difference), or after one column of one row was changed by raw SQL
(which must be named).
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.conftest import make_demo
from tests.durability.record import Figures
from tests.fold import changing
from tests.postgres import TestServer
from workflows import fold, play
from workflows.actors import Person, acting
from workflows.calendar import clock
from workflows.cases import commands as case_commands
from workflows.cases.file import Party
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task, TaskCandidate
from workflows.documents.fonts import Fonts
from workflows.errors import FashenError
from workflows.files import Files
from workflows.models import metadata
from workflows.store import Store

CASES = Path(__file__).parents[1] / "cases"
NAMES = ("yinzhou-welders", "qingyuan-recheck", "jiangmen-fireworks", "xiaoshan-cylinders", "shaanxi-coal-mine")
NIGHTLY = 600
"""Rounds with a forgery; the looks at every step come on top."""


@dataclass
class Outcome:
    """How many looks of each kind, and what was wrong."""

    looks: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def play_and_look(store: Store, files: Files, name: str, chance: random.Random, outcome: Outcome) -> None:
    """Play a case, with a random command of somebody after each step, and look after each of both."""
    script = play.read(CASES / f"{name}.yaml")

    def look(kind: str) -> None:
        outcome.looks[kind] += 1
        with store.read(snapshot=True) as session:
            found = [one.sentence("en") for one in fold.verify_state(session)]
        outcome.wrong += [f"{name}, {kind}: {sentence}" for sentence in found[:3]]

    with clock.simulated(script.begins) as simulated:
        player = play.Player(store, files, Fonts(), simulated)

        def on_step(_step: Mapping[str, Any]) -> None:
            look("after_a_step")
            if _something_else(store, player.case_id, chance):
                look("after_a_random_command")

        player.play(script, on_step)


def _something_else(store: Store, case_id: str, chance: random.Random) -> bool:
    """Somebody does something beside the script that does not stand in its way; whether it was allowed."""
    with store.read() as session:
        tasks = select(Task).where(Task.case_id == case_id, Task.state.in_(("open", "claimed")))
        live = [(task.id, task.version) for task in session.execute(tasks).scalars()]
        offered = select(TaskCandidate.person_id).where(TaskCandidate.task_id.in_([task_id for task_id, _ in live]))
        people = [acting(session, one) for one in sorted(set(session.execute(offered).scalars()))]
        people += [acting(session, one) for one in session.execute(select(Person.id).order_by(Person.login)).scalars()]
        actor = chance.choice(people[:12])
        party = session.execute(select(Party.id).where(Party.case_id == case_id)).scalars().first() or ""
    file = {"sha256": f"{chance.getrandbits(256):064x}", "size": 3, "name": "补充.txt", "media_type": "text/plain"}
    attempt = chance.randrange(3)
    try:
        if attempt == 0 and live:
            task_id, seen = chance.choice(live)
            execute(store, commands.claim_task, actor, task_id, seen=seen)
            execute(store, commands.release_task, actor, task_id, seen=seen + 1)
        elif attempt == 1:
            with store.work() as session:
                phone = f"{chance.randrange(10**8):08}"
                case_commands.change_party(session, actor, case_id, party, phone=phone)
        else:
            execute(store, case_commands.add_material, actor, case_id, kind="other", file=file, note="补充")
    except FashenError:
        return False
    return True


def forge_and_look(store: Store, rounds: int, chance: random.Random, outcome: Outcome) -> None:
    """Change one column of one row by raw SQL, look, take it back; every column that has a row comes once first."""
    targets = changing.targets()
    chance.shuffle(targets)
    with changing.attacked(store) as connection:
        keys = {name: changing.rows_of(connection, metadata.tables[name]) for name in changing.FOLDED}
        targets = [column for column in targets if keys[column.table.name]]
        for number in range(rounds):
            column = targets[number % len(targets)]
            key = chance.choice(keys[column.table.name])
            with connection.begin_nested() as savepoint:
                changing.change(connection, column, key)
                found = changing.differences(connection)
                savepoint.rollback()
            outcome.looks["after_a_forgery"] += 1
            if not changing.named(found, column):
                outcome.wrong.append(f"{store.dialect}: {column} of {tuple(key)} was forged and not named")


def measure(n: int | None = None) -> Figures:
    """L4 with n forgeries, half on each database, after every published case was played and looked at on both."""
    rounds, outcome, chance = n if n is not None else NIGHTLY, Outcome(), random.Random(4)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fashen-fold-") as place:
        server = TestServer(Path(place) / "postgres", "fold")
        urls = [f"sqlite:///{place}/fold.sqlite", server.empty_database()]
        for url, share in zip(urls, (rounds - rounds // 2, rounds // 2), strict=True):
            make_demo(url)
            store = Store(url)
            try:
                for name in NAMES:
                    files = Files((Path(place) / f"files-{store.dialect}").as_uri())
                    play_and_look(store, files, name, chance, outcome)
                forge_and_look(store, share, chance, outcome)
            finally:
                store.close()
        server.drop(urls[1])
    return Figures(
        "L4", outcome.looks.total(), len(outcome.wrong), time.monotonic() - began,
        "the tables of every case say what its ledger says, at every step; a column changed by raw SQL is named",
        dict(outcome.looks), tuple(outcome.wrong),
    )  # fmt: skip


