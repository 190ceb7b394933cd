"""The figures of reliability, measured: each id prints what it found; `record` says which runs are published.

    python -m tests.durability            everything, with the rounds of a night
    python -m tests.durability D1 D4      these
    python -m tests.durability D1 --n 20  with so many rounds; published when anything failed, or with --record
    python -m tests.durability --list     what there is

The exit code is 1 when a promise was broken even once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from tests.durability import document, record


@dataclass(frozen=True)
class Measured:
    """The measure at "module" or "module:function" (`measure` if not named); imported when it is wanted only.

    nightly: the rounds of a night; 0 where that is everything there is. variable: of the environment, with another
    number for when none is said.
    """

    place: str
    nightly: int = 0
    variable: str = ""

    def function(self) -> Callable[[int | None], record.Figures]:
        """What `place` names. Raises ImportError or AttributeError when there is no such thing."""
        module, _, name = self.place.partition(":")
        found: Callable[[int | None], record.Figures] = getattr(import_module(module), name or "measure")
        return found

    def __call__(self, n: int | None = None) -> record.Figures:
        """Measure, with n rounds or with the rounds of a night."""
        return self.function()(self.rounds(n))

    def rounds(self, n: int | None) -> int | None:
        """How many rounds n means; None for everything there is."""
        return n if n is not None else int(os.environ.get(self.variable) or self.nightly) or None

    def whole(self, n: int | None) -> bool:
        """Whether a run of n is as large as a night's."""
        rounds = self.rounds(n)
        return rounds is None or 0 < self.nightly <= rounds


TESTS: dict[str, Measured] = {
    "D1": Measured("tests.durability.kills", 500, "FASHEN_KILLS"),
    "D2": Measured("tests.durability.faults"),
    "D3": Measured("tests.durability.retries", 1_000),
    "D4": Measured("tests.durability.races", 100),
    "D5": Measured("tests.durability.pairs", 50),
    "D7.operators": Measured("tests.durability.operators", 20_000),
    "D7.oracle": Measured("tests.durability.oracle", 5_000),
    "D7.restore": Measured("tests.durability.restore", 600),
    "D7.rework": Measured("tests.durability.rework", 1_000),
    "D8": Measured("tests.durability.steps", 10),
    "D9": Measured("tests.durability.timers", 10_000),
    "D11": Measured("tests.durability.restarts", 150),
    "D12": Measured("tests.durability.clocks", 5_000),
    "D13": Measured("tests.golden.replay"),
    "L1": Measured("tests.durability.mutations", 10_000),
    "L4": Measured("tests.durability.fold", 600),
    "L5": Measured("tests.durability.grants", 400),
    "L6": Measured("tests.durability.drill", 6),
    "H3": Measured("tests.hostile.mutations", 100_000),
    "H4": Measured("tests.hostile.attacks"),
    "H5": Measured("tests.hostile.escapes", 1_000_000),
    "H6": Measured("tests.hostile.bombs"),
}
"""One line an id, in the order in which they are run."""


def shown(figures: record.Figures) -> str:
    """What a person reads in the terminal."""
    found = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.figures.items())
    lines = [
        f"{figures.test_id}  N {figures.n:,}  failures {figures.failures:,}  {figures.seconds:,.1f} s",
        f"    {figures.what}",
        *([f"    {found}"] if found else []),
        *(f"    ! {line}" for line in figures.wrong[:30]),
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure what is asked for; 1 when anything failed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.durability", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="test ids; all when none is given")
    parser.add_argument("--n", type=int, default=None, help="rounds; each test has its own number for a night")
    parser.add_argument("--record", action="store_true", help="publish a run although it is smaller than a night's")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    given = parser.parse_args()
    if given.list:
        print("\n".join(TESTS))
        return 0
    if unknown := [one for one in given.ids if one not in TESTS]:
        parser.error(f"no such test: {', '.join(unknown)}; there are {', '.join(TESTS)}")
    failures = 0
    for test_id in given.ids or TESTS:
        figures = TESTS[test_id](given.n)
        print(shown(figures), flush=True)
        kept = record.place(figures, whole=given.record or TESTS[test_id].whole(given.n))
        record.keep(figures, kept)
        print(f"    kept in {kept.relative_to(record.ROOT)}", flush=True)
        document.write()
        failures += figures.failures
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
