"""The figures of reliability, measured: each id prints what it found and is recorded in bench/durability.json.

    python -m tests.durability            everything, with the rounds of a night
    python -m tests.durability D1 D4      these
    python -m tests.durability D1 --n 20  with so many rounds
    python -m tests.durability --list     what there is

The exit code is 1 when a promise was broken even once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from tests.durability import document, record


@dataclass(frozen=True)
class Measured:
    """The measure at "module" or "module:function" (`measure` if not named); imported when it is wanted only."""

    place: str

    def function(self) -> Callable[[int | None], record.Figures]:
        """What `place` names. Raises ImportError or AttributeError when there is no such thing."""
        module, _, name = self.place.partition(":")
        found: Callable[[int | None], record.Figures] = getattr(import_module(module), name or "measure")
        return found

    def __call__(self, n: int | None = None) -> record.Figures:
        """Measure, with n rounds or with the rounds of a night."""
        return self.function()(n)


TESTS: dict[str, Measured] = {
    "D1": Measured("tests.durability.kills"),
    "D2": Measured("tests.durability.faults"),
    "D3": Measured("tests.durability.retries"),
    "D4": Measured("tests.durability.races"),
    "D5": Measured("tests.durability.pairs"),
    "D7.oracle": Measured("tests.durability.oracle"),
    "D7.restore": Measured("tests.durability.restore"),
    "D7.rework": Measured("tests.durability.rework"),
    "D8": Measured("tests.durability.steps"),
    "D9": Measured("tests.durability.timers"),
    "D11": Measured("tests.durability.restarts"),
    "D12": Measured("tests.durability.clocks"),
    "D13": Measured("tests.golden.replay"),
    "L1": Measured("tests.durability.mutations"),
    "L4": Measured("tests.durability.fold"),
    "L5": Measured("tests.durability.grants"),
    "L6": Measured("tests.durability.drill"),
    "H3": Measured("tests.hostile.mutations"),
    "H4": Measured("tests.hostile.attacks"),
    "H5": Measured("tests.hostile.escapes"),
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
        record.keep(figures)
        document.write()
        failures += figures.failures
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
