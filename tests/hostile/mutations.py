"""H3: damaged packages are read or refused with places; what is accepted also starts and steps. Nothing else happens.

    python -m tests.durability H3 [--n 100000]

Every shipped process and every diagram and table of the conformance folder is damaged at random (diagram_damage.py) and
goes the way of an upload: read, checked as for publishing, and, where it is accepted, started and stepped through. A
failure is an error that is not ours, a refusal without place, line or sentence, an input that takes more than five
seconds of the processor, or a process that holds more than 256 MB.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tqdm import tqdm

from tests.durability import record
from tests.engine.drawing import NOW
from tests.engine.matches import stored_and_read_back
from tests.hostile.confined import Confined, Died, Hung
from tests.hostile.diagram_damage import Sound, corpus, damaged
from webapp import sentences
from workflows.diagrams import library
from workflows.engine import handlers
from workflows.engine.definition import Definition, read
from workflows.engine.package import Package
from workflows.engine.runtime import Instance
from workflows.errors import DiagramRefused, FashenError, Invalid

NIGHTLY = 100_000
HANG_SECONDS, SLOW_SECONDS = 120.0, 5.0
"""Wall clock after which a process is killed; processor time after which an input counts as hanging."""
MEMORY_MB = 256
ACTIONS = 8
"""What is done with an accepted diagram at most."""
VALUES: tuple[Any, ...] = (
    0, 5, 60_000, -1, 1.5, True, False, None, "x", "", ["p", "q"], [], {"a": 1}, "2026-04-01", "P1D",
)  # fmt: skip
LINELESS = frozenset({"xml.too_large"})
"""Problems of a whole file."""


@dataclass
class Outcome:
    """What came of some damaged packages."""

    accepted: int = 0
    refused: int = 0
    stopped: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def add(self, seed: int, said: str, took: float) -> None:
        """Take in one: "accepted", "refused", "stopped" (accepted, then an error of ours), or what is wrong."""
        self.slowest = max(self.slowest, took)
        if took > SLOW_SECONDS:
            said = f"{took:.1f} s of the processor"
        if said in ("accepted", "refused", "stopped"):
            setattr(self, said, getattr(self, said) + 1)
        else:
            self.wrong.append(f"seed {seed}: {said}")


class Readers:
    """Damages and reads; lives in a confined process. The same seed does the same."""

    def __init__(self) -> None:
        handlers.register("double", lambda seen: {"twice": seen["x"] * 2})
        handlers.serve("gazette")
        self.sound = corpus()
        self.shipped = [one for one in self.sound if one.shipped]
        self.small = [one for one in self.sound if not one.shipped]
        self._called: dict[tuple[str, str], Definition | None] = {}

    def __call__(self, seed: int) -> tuple[str, float]:
        """What happened with the package of this seed, and its processor time in seconds."""
        chance = random.Random(seed)
        sound = chance.choice(self.shipped if chance.random() < 0.02 else self.small)
        package = damaged(sound, self.sound, chance)
        began = time.process_time()
        try:
            said = self._tried(sound, package, chance)
        except Exception as error:  # noqa: BLE001 (whatever else comes out is what is looked for)
            said = f"{sound.name}: {type(error).__name__}: {str(error)[:300]}"
        return said, time.process_time() - began

    def _tried(self, sound: Sound, package: Package, chance: random.Random) -> str:
        try:
            definition = library.check(package, sound.called) if sound.shipped else read(package)
        except DiagramRefused as error:
            return bad_refusal(error) or "refused"
        except Invalid as error:
            return "refused" if error.code.startswith("package.") else f"{sound.name}: {error}"
        try:
            stepped(definition, self._definitions(sound), chance)
        except FashenError as error:
            return _unsaid(error) or "stopped"
        return "accepted"

    def _definitions(self, sound: Sound) -> dict[str, Definition]:
        found: dict[str, Definition] = {}
        for key, package in sound.called.items():
            kept = (key, package.hash)
            if kept not in self._called:
                try:
                    self._called[kept] = read(package)
                except DiagramRefused:
                    self._called[kept] = None
            if (definition := self._called[kept]) is not None:
                found[key] = definition
        return found


def bad_refusal(error: DiagramRefused) -> str | None:
    """What a refusal lacks: a problem, its place, its line in an XML file, its sentence in both languages."""
    if not error.problems:
        return f"refused without a problem: {error}"
    for problem in error.problems:
        in_xml = problem.place.partition("#")[0].endswith((".bpmn", ".dmn"))
        if not problem.place:
            return f"{problem.code} has no place"
        if in_xml and problem.line is None and problem.code not in LINELESS:
            return f"{problem.code} at {problem.place} has no line"
        if unsaid := _unsaid(problem):
            return unsaid
    return _unsaid(error)


def _unsaid(error: Any) -> str | None:
    if error.code not in sentences.codes():
        return f"{error.code} has no sentence"
    return None if all(sentences.tell(error, language) for language in ("zh", "en")) else f"{error.code} says nothing"


def stepped(definition: Definition, called: dict[str, Definition], chance: random.Random) -> None:
    """Start an instance and do a few things with it, through its rows now and then. Raises what the engine raises."""
    variables = {name: chance.choice(VALUES) for name in sorted(definition.variables_read)}
    known = {**called, definition.key: definition}
    now, instance = NOW, Instance.start(definition, known, variables, NOW)
    for _ in range(ACTIONS):
        if instance.finished:
            return
        if chance.random() < 0.3:
            instance = stored_and_read_back(instance, {**known, "main": definition})
        instance.live()
        steps, due, heard = instance.steps(), instance.next_due(), sorted(instance.awaited())
        if outside := instance.external():
            instance.complete_external(outside[0].id, {"done": True}, now)
        elif steps and chance.random() < 0.7:
            answer = {name: chance.choice(VALUES) for name in list(variables)[:3]}
            instance.complete(chance.choice(steps).id, answer, now)
        elif heard and chance.random() < 0.7:
            instance.send(chance.choice(heard), {"x": chance.choice(VALUES)}, now)
        elif due is not None:
            now = max(now, due) + timedelta(seconds=1)
            instance.wake(now)


def measure(n: int | None = None) -> record.Figures:
    """n damaged packages, in as many processes as there are processors, two at most."""
    began, wanted = time.monotonic(), NIGHTLY if n is None else n
    first = 3 if wanted <= 1_000 else time.time_ns() % 10**9  # the small run is the same each time
    workers = 1 if wanted <= 1_000 else min(2, os.cpu_count() or 1)
    found, peak = Outcome(), 0
    with ThreadPoolExecutor(workers) as pool, tqdm(total=wanted, desc="H3", unit="package", disable=None) as bar:
        shares = [range(first + number, first + wanted, workers) for number in range(workers)]
        for part, held in pool.map(_one_process, shares, [bar] * workers):
            found.accepted, found.refused = found.accepted + part.accepted, found.refused + part.refused
            found.stopped, found.slowest = found.stopped + part.stopped, max(found.slowest, part.slowest)
            found.wrong, peak = found.wrong + part.wrong, max(peak, held)
    if peak > MEMORY_MB:
        found.wrong.append(f"a process held {peak} MB")
    return record.Figures(
        test_id="H3", n=wanted, failures=len(found.wrong), seconds=time.monotonic() - began,
        what="a damaged package (diagram, tables, forms, process.yaml): refused with its place, or it starts and steps",
        figures={
            "refused": found.refused, "accepted": found.accepted, "accepted_and_stopped": found.stopped,
            "first_seed": first, "slowest_cpu_ms": round(found.slowest * 1000), "peak_mb": peak,
        },
        wrong=tuple(found.wrong),
    )  # fmt: skip


def _one_process(seeds: range, bar: tqdm[Any]) -> tuple[Outcome, int]:
    """Try the packages of these seeds in a confined process; what came of them, and the memory it held."""
    found = Outcome()
    with Confined(Readers) as process:
        for seed in seeds:
            try:
                said, took = process.ask(seed, HANG_SECONDS)
            except (Hung, Died) as error:
                said, took = type(error).__name__, 0.0
            found.add(seed, said, took)
            bar.update()
        return found, process.peak_megabytes
