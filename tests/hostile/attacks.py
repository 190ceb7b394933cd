"""H4: attacks by XML, through every door that reads XML: refused or harmless, and nobody comes near the canaries.

    python -m tests.durability H4

The doors: the XML reader itself, a package in a folder, a file of decision tables, a package with such a file, and
publishing into a database. Each attack is tried at each door in a process of its own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lxml import etree
from tqdm import tqdm

from tests.conftest import make_tables
from tests.durability import record
from tests.hostile.canary import Canary
from tests.hostile.confined import Confined, Died, Hung
from tests.hostile.xml_attacks import Base, attacks, typed
from workflows.actors import SYSTEM
from workflows.diagrams import library
from workflows.engine.definition import read
from workflows.engine.package import Package, read_folder
from workflows.engine.tables import read_tables
from workflows.engine.xml import MAX_ATTRIBUTES, MAX_BYTES, MAX_ELEMENTS, safe_tree
from workflows.errors import Invalid
from workflows.store import Store

HANG_SECONDS = 20.0
MEMORY_MB = 512
"""What the process may hold after all; an attack that is ten megabytes itself is among them."""
SAMPLE = "penalty"
"""The shipped process with a diagram and a file of decision tables."""


@dataclass(frozen=True)
class Attack:
    """One file at one door. door: a key of Doors.doors; typed: it has a document type, and has to be refused."""

    name: str
    door: str
    data: bytes
    secret: str
    typed: bool = False


class Doors:
    """Where XML comes in; lives in the confined process. place: an empty folder."""

    def __init__(self, place: Path) -> None:
        self.place = place
        make_tables(f"sqlite:///{place / 'doors.sqlite'}")
        self.store = Store(f"sqlite:///{place / 'doors.sqlite'}")
        with self.store.work() as session:
            library.publish_shipped(session)
        self.shipped = library.shipped()
        self.sample = self.shipped[SAMPLE]
        self.bpmn, self.dmn = self.sample.named(".bpmn")[0], self.sample.named(".dmn")[0]
        self.doors: Mapping[str, Callable[[bytes], object]] = {
            "diagram: reader": lambda data: safe_tree(data, "x.bpmn"),
            "diagram: folder": self._from_folder,
            "diagram: publishing": lambda data: self._publish(self.bpmn, data),
            "tables: reader": lambda data: read_tables(data, "x.dmn"),
            "tables: package": lambda data: read(self._package(self.dmn, data)),
            "tables: publishing": lambda data: self._publish(self.dmn, data),
        }

    def __call__(self, attack: Attack) -> tuple[str, float]:
        """What happened, "refused" or "harmless" or what is wrong, and how long it took in seconds."""
        began = time.perf_counter()
        try:
            found = self.doors[attack.door](attack.data)
        except Invalid as error:
            said = _said(error, attack)
        except Exception as error:  # noqa: BLE001 (whatever else comes out is what is looked for)
            said = f"{type(error).__name__}: {str(error)[:200]}"
        else:
            said = _accepted(found, attack)
        return said, time.perf_counter() - began

    def _package(self, name: str, data: bytes) -> Package:
        return Package(SAMPLE, {**self.sample.files, name: data})

    def _from_folder(self, data: bytes) -> object:
        with tempfile.TemporaryDirectory(dir=self.place) as name:
            for file, content in {**self.sample.files, self.bpmn: data}.items():
                path = Path(name) / file
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
            return read(read_folder(Path(name)))

    def _publish(self, name: str, data: bytes) -> object:
        with self.store.work() as session:
            try:
                package = self._package(name, data)
                return library.publish(session, package, SYSTEM, "x", source=library.SHIPPED)
            finally:
                session.rollback()


def _said(error: Invalid, attack: Attack) -> str:
    """Refused, if the refusal has a code and a place, and says nothing that it should not know."""
    told = repr((error.code, error.facts, error.problems))
    if attack.secret in told or "root:x:0" in told:
        return "the refusal carries the contents of a file"
    if error.code.startswith("package."):
        return "refused"  # too large to be looked at
    if not error.problems or not all(problem.place for problem in error.problems):
        return f"refused without a place: {told[:200]}"
    return "refused"


def _accepted(found: object, attack: Attack) -> str:
    if isinstance(found, etree._ElementTree):
        elements = list(found.iter())
        if len(elements) > MAX_ELEMENTS or any(len(element.attrib) > MAX_ATTRIBUTES for element in elements):
            return "accepted beyond the limits"
        if attack.secret.encode() in etree.tostring(found):
            return "accepted with the contents of a file in it"
    if attack.door.startswith("diagram") and len(attack.data) > MAX_BYTES:
        return "accepted beyond the limits"
    return "accepted with a document type" if attack.typed else "harmless"


def made(canary: Canary) -> list[Attack]:
    """All attacks at all doors that take their kind of file."""
    sample = library.shipped()[SAMPLE]
    found: list[Attack] = []
    for kind, suffix in (("diagram", ".bpmn"), ("tables", ".dmn")):
        base = Base.cut(sample.files[sample.named(suffix)[0]])
        files, types = attacks(base, canary), typed(base, canary)
        doors = [door for door in DOORS if door.startswith(kind)]
        found += [
            Attack(name, door, data, canary.word, name in types) for name, data in files.items() for door in doors
        ]
    return found


DOORS = (
    "diagram: reader", "diagram: folder", "diagram: publishing", "tables: reader", "tables: package",
    "tables: publishing",
)  # fmt: skip


def measure(n: int | None = None) -> record.Figures:
    """Every attack at every door, or n of them evenly chosen."""
    began = time.monotonic()
    wrong: list[str] = []
    counted = {"refused": 0, "harmless": 0}
    slowest, hits = (0.0, ""), 0
    with tempfile.TemporaryDirectory(prefix="fashen-canary-") as folder, \
            Confined(partial(Doors, Path(folder))) as process:
        canary = Canary(Path(folder))
        every = made(canary)
        chosen = every if n is None else [every[i * len(every) // n] for i in range(min(n, len(every)))]
        ask = partial(process.ask, seconds=HANG_SECONDS)
        for attack in tqdm(chosen, desc="H4", unit="attack", disable=None):
            try:
                said, took = ask(attack)
            except (Hung, Died) as error:
                said, took = type(error).__name__, 0.0
            slowest = max(slowest, (took, f"{attack.name}, {attack.door}"))
            came = canary.hits()
            hits += len(came)
            if said in counted and not came:
                counted[said] += 1
            else:
                wrong.append(f"{attack.name}, {attack.door}: {said} {came or ''}")
        canary.close()
        peak = process.peak_megabytes
    if peak > MEMORY_MB:
        wrong.append(f"the process held {peak} MB")
    return record.Figures(
        test_id="H4", n=len(chosen), failures=len(wrong), seconds=time.monotonic() - began,
        what="an XML attack at one of the doors that read XML: refused or harmless, no canary touched",
        figures={
            "files": len({(attack.name, attack.door.split(":")[0]) for attack in chosen}),
            "kinds": len({attack.name for attack in chosen}), "doors": len({attack.door for attack in chosen}),
            **counted, "canary_hits": hits, "slowest_ms": round(slowest[0] * 1000), "slowest": slowest[1],
            "peak_mb": peak,
        },
        wrong=tuple(wrong),
    )  # fmt: skip
