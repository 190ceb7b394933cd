"""A database with a case in each of many random diagrams, made once and copied for every sequence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.conftest import make_demo
from tests.desk.conftest import MORNING, Bureau
from tests.desk.model.blocks import Drawing, draw
from tests.desk.model.play import Begun, Play, begin
from tests.publishing import put_in_force
from workflows import staff
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.cases.acts import ACTS, ActContext, Effect
from workflows.desk import commands
from workflows.store import Store

FEWEST = 4
"""Leaves of a diagram; the largest have nearly twice as many."""
PLAYED = MORNING + timedelta(minutes=1)


def _perform(context: ActContext, answer: Any) -> Effect:
    return Effect({"choice": answer["choice"]})


@contextmanager
def easy_acts() -> Iterator[None]:
    """Acts of three kinds (taken back, done again, standing) ask for nothing; what they ask in law is tested elsewhere.

    A step without an act tells gateways nothing, so `plain` ones hand their choice on too.
    """
    kept, plain = dict(ACTS), vars(commands)["plain"]
    ACTS.update({name: replace(ACTS[name], perform=_perform, clock=None)
                 for name in ("investigation", "statement", "publication")})  # fmt: skip
    vars(commands)["plain"] = lambda context, answer: _perform(context, answer) if "choice" in answer else Effect()
    try:
        yield
    finally:
        ACTS.update(kept)
        vars(commands)["plain"] = plain


@dataclass(frozen=True)
class Scene:
    """A template. store: where its copies are played, one at a time; one for all, which compiles a statement once."""

    folder: Path
    drawings: tuple[Drawing, ...]
    begun: tuple[Begun, ...]
    store: Store

    @contextmanager
    def play(self, number: int) -> Iterator[Play]:
        """A case that has begun in one of the diagrams."""
        self.store.close()
        path = self.folder / "play.sqlite"
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        shutil.copyfile(self.folder / "template.sqlite", path)
        with easy_acts(), clock.simulated(PLAYED) as time:
            yield Play(self.store, time, self.drawings[number], self.begun[number])


def quick_store(path: Path) -> Store:
    """A store that does not wait for the disk: nothing here is to outlive its process."""
    store = Store(f"sqlite:///{path}")

    @event.listens_for(store.engine, "connect")
    def hurry(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return store


def make(folder: Path, seed: int, count: int) -> Scene:
    """A template with so many diagrams, drawn from that seed on."""
    path = folder / "template.sqlite"
    make_demo(f"sqlite:///{path}")
    drawings = tuple(draw(seed + n, FEWEST + n % FEWEST, f"trial{n}") for n in range(count))
    store = quick_store(path)
    begun = []
    with clock.simulated(MORNING):
        bureau = Bureau(store)
        with store.work() as session:  # two on both sides, whom their work in a case keeps from judging it
            both = staff.find_person(session, "officer3")
            staff.give_post(session, SYSTEM, both, unit="政策法规处", role="legal_reviewer", title="法规处干部")
            leads = staff.find_person(session, "legal2")
            staff.give_post(session, SYSTEM, leads, unit="衢州市应急管理局(演示)", role="bureau_leader",
                             title="总法律顾问")  # fmt: skip
        for drawing in drawings:
            case_id = bureau.open()
            with store.work() as session:
                put_in_force(session, drawing.package)
                begun.append(begin(session, drawing, case_id))
    store.close()
    return Scene(folder, drawings, tuple(begun), quick_store(folder / "play.sqlite"))
