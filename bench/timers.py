"""Due timers, fired one after another by one worker: taken, fired, recorded, committed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bench import databases
from bench.measure import Effort, Measure, timed
from bench.scene import REMINDER, Scene, prepare
from workflows import worker
from workflows.calendar import clock
from workflows.store import Store

WARM = 2


def run(folder: Path, effort: Effort) -> Iterator[Measure]:
    """On both databases."""
    for name in databases.NAMES:
        place = folder / name
        place.mkdir()
        url = databases.empty(name, place)
        prepare(url)
        scene = Scene(url)
        try:
            for _ in range(effort.times + WARM):
                scene.open_case(REMINDER)
            with clock.simulated(clock.now() + timedelta(hours=1)):
                yield _fired(scene.store, name, effort.times)
        finally:
            scene.close()


def _fired(store: Store, name: str, times: int) -> Measure:
    def fire(_number: int) -> None:
        if worker.fire_next(store) != 1:
            raise RuntimeError("a due timer did not fire")

    return timed(f"timer_{name}", fire, times, "one due timer, fired by one worker", warm=WARM)
