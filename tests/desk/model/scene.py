"""A database with one case and many random diagrams, made once and copied for every sequence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.conftest import make_demo
from tests.desk.conftest import MORNING, Bureau
from tests.desk.model.blocks import Drawing, draw
from tests.desk.model.play import Play
from workflows.calendar import clock
from workflows.cases.acts import ACTS, ActContext, Effect
from workflows.diagrams import library
from workflows.store import Store

MOST_LEAVES = 6


def _perform(context: ActContext, answer: Any) -> Effect:
    return Effect({"choice": answer["choice"]})


@contextmanager
def easy_acts() -> Iterator[None]:
    """Acts of three kinds (taken back, done again, standing) ask for nothing; what they ask in law is tested elsewhere.

    A step without an act tells gateways nothing, so `plain` ones hand their choice on too.
    """
    from workflows.desk import commands

    kept, plain = dict(ACTS), commands.plain
    ACTS.update({name: replace(ACTS[name], perform=_perform, clock=None)
                 for name in ("investigation", "statement", "publication")})  # fmt: skip
    commands.plain = lambda context, answer: Effect({"choice": answer["choice"]} if "choice" in answer else {})
    try:
        yield
    finally:
        ACTS.update(kept)
        commands.plain = plain


@dataclass(frozen=True)
class Scene:
    """A template. store: where its copies are played, one at a time; one for all, which compiles a statement once."""

    folder: Path
    drawings: tuple[Drawing, ...]
    store: Store

    @contextmanager
    def play(self, number: int) -> Iterator[Play]:
        """A case that begins in one of the diagrams."""
        self.store.close()
        path = self.folder / "play.sqlite"
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        shutil.copyfile(self.folder / "template.sqlite", path)
        with easy_acts(), clock.simulated(MORNING) as time:
            yield Play(self.store, time, self.drawings[number])


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
    drawings = tuple(draw(seed + n, 1 + n % MOST_LEAVES, f"trial{n}") for n in range(count))
    store = quick_store(path)
    with clock.simulated(MORNING):
        bureau = Bureau(store)
        bureau.open()
        admin = bureau.actor("admin")
        with store.work() as session:
            for drawing in drawings:
                library.publish(session, drawing.package, admin, "试行")
    store.close()
    return Scene(folder, drawings, quick_store(folder / "play.sqlite"))
