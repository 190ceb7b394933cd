"""H5: expressions that try to escape from their language. A million of them: a plain value, or an error of ours.

    python -m tests.durability H5 [--n 1000000]

Each goes through one of the four readers (`${…}`, mixes of text and `${…}`, decision cells, FEEL) and is evaluated over
variables among which lies an object that must never be touched or come out. An escape is: a value that is not plain
data of the language or beyond its sizes, an error that is not ours or carries an object, any audit event of Python (a
file, an import, compiled code, a socket, a guarded attribute), a touched object, changed variables, more steps than
allowed, or an input that hangs. What the language is: docs/decisions/0002-expressions.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from multiprocessing import get_context
from typing import Any, NoReturn

from tests import leash
from tests.durability import record
from tests.hostile import watch
from tests.hostile.expression_fuzz import Maker
from tests.security.payloads import LONG, PAYLOADS, VARIABLES
from workflows.engine import feel
from workflows.engine.evaluation import MAX_OPERATIONS, Evaluation
from workflows.engine.expressions import Expression, parse, parse_value
from workflows.errors import Incident, Invalid

READERS: tuple[Callable[[str], Expression], ...] = (parse, parse_value, feel.parse_tests, feel.parse_feel)
NIGHTLY = 1_000_000
BATCH = 5_000
"""Inputs that one process takes at a time, with one limit for hanging."""
HANG_SECONDS = 120.0
SLOW_SECONDS = 5.0
"""One input that takes longer than this hangs; the slowest seen takes a hundredth of it."""
PLAIN = (type(None), bool, int, Decimal, float, str, date, datetime)
MAX_ITEMS, MAX_TEXT, MAX_NUMBER, MAX_DEPTH = 10_000, 10_000, 10**28, 20
MACHINERY = ("<class ", "<built-in", "<function", "<module", "<method", "<bound", " object at 0x")


class Touched(Exception):
    """Somebody did something with the object that must be left alone."""


class Secret:
    """An object among the variables, as a program might leave one there by mistake. Whoever uses it is told of."""

    def _touch(self, *_: object) -> NoReturn:
        raise Touched

    __getattr__ = __eq__ = __lt__ = __gt__ = __le__ = __ge__ = __bool__ = __len__ = __iter__ = __call__ = _touch
    __getitem__ = __contains__ = __str__ = __repr__ = __format__ = __add__ = __hash__ = __int__ = __float__ = _touch


SECRET = Secret()
LET_LOOSE: Mapping[str, Any] = {
    **VARIABLES, "secret": SECRET, "金额": Decimal("12.50"), "facts": {"a": 1, "s": SECRET},
    "many": list(range(900)), "too_many": list(range(2_000)),
}  # fmt: skip


@dataclass
class Outcome:
    """What came of some inputs. escapes: the first thirty, told; operations: the most steps that one took."""

    tried: int = 0
    values: int = 0
    refused: int = 0
    failed: int = 0
    escaped: int = 0
    operations: int = 0
    slowest: float = 0.0
    peak_mb: int = 0
    escapes: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Take in what another run found."""
        for name in ("tried", "values", "refused", "failed", "escaped"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.operations, self.slowest = max(self.operations, other.operations), max(self.slowest, other.slowest)
        self.peak_mb = max(self.peak_mb, other.peak_mb)
        self.escapes = [*self.escapes, *other.escapes][:30]

    def escape(self, text: str, why: str) -> None:
        """Note an escape."""
        self.escaped += 1
        if len(self.escapes) < 30:
            self.escapes.append(f"{why}: {text[:300]!r}")


def run(seed: int, count: int) -> Outcome:
    """Let `count` made expressions loose; the same seed makes the same ones."""
    maker = Maker(seed)
    return judge(maker.next() for _ in range(count))


def judge(texts: Any) -> Outcome:
    """Let these expressions loose, each on the reader whose turn it is."""
    found, before = Outcome(), _pictured()
    _warm_up()
    try:
        with watch.auditing() as events, watch.limited(HANG_SECONDS):
            for number, text in enumerate(texts):
                _one(found, READERS[number % len(READERS)], text, events)
    except watch.Hang:
        found.escape(text, "hangs")
    found.peak_mb = watch.peak_megabytes()
    if _pictured() != before:
        found.escape("", "the variables were changed by one of the batch")
    return found


def _one(found: Outcome, read: Callable[[str], Expression], text: str, events: list[str]) -> None:
    found.tried += 1
    began = time.perf_counter()
    why: str | None = None
    try:
        expression = read(text)
        value = expression.evaluate(LET_LOOSE)
    except Invalid as error:
        found.refused += 1
        why = _told(error, text)
    except Incident as error:
        found.failed += 1
        why = _told(error, text)
    except Exception as error:  # noqa: BLE001 (whatever else comes out is what is looked for)
        why = f"{type(error).__name__} came out"
    else:
        found.values += 1
        found.operations = max(found.operations, _steps(expression))
        why = strange(value, text)
    took = time.perf_counter() - began
    found.slowest = max(found.slowest, took)
    if events:
        why = f"audit events {events[:3]}"
        events.clear()
    if took > SLOW_SECONDS:
        why = "hangs"
    if why:
        found.escape(text, why)


def _steps(expression: Expression) -> int:
    """How many steps an evaluation that ends well takes."""
    evaluation = Evaluation(LET_LOOSE, MAX_OPERATIONS)
    evaluation.value(expression.node)
    return MAX_OPERATIONS - evaluation._left


def strange(value: object, text: str) -> str | None:
    """Why a value is none of the language; None for plain data within the limits."""
    left, stack = MAX_ITEMS, [(value, 0)]
    while stack:
        at, depth = stack.pop()
        left -= 1
        kind = type(at)  # exactly these: a subclass could bring behaviour with it
        if left < 0 or depth > MAX_DEPTH:
            return "a value beyond the limits"
        if kind in (list, tuple):
            stack += ((item, depth + 1) for item in at)  # type: ignore[attr-defined]
        elif kind is dict:
            stack += ((item, depth + 1) for item in at.values())  # type: ignore[attr-defined]
        elif kind not in PLAIN:
            return f"a {kind.__name__} came out"
        elif kind is str and (len(at) > MAX_TEXT or any(word in at and word not in text for word in MACHINERY)):  # type: ignore[arg-type, operator]
            return "a text that is too long, or tells of Python's objects"
        elif kind in (int, Decimal, float) and not abs(at) <= MAX_NUMBER:  # type: ignore[arg-type]
            return "a number beyond the limits"
    return None


def _told(error: Invalid | Incident, text: str) -> str | None:
    """Why an error tells too much; None for one that carries plain data only."""
    if not error.code.startswith("expression."):
        return f"the error {error.code}"
    return next((why for fact in error.facts.values() if (why := strange(fact, text))), None)


def _pictured(value: object = None) -> object:
    """The variables as they are now, without looking at the object among them."""
    value = LET_LOOSE if value is None else value
    if isinstance(value, dict):
        return {name: _pictured(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_pictured(item) for item in value if item is not None]
    return "secret" if value is SECRET else value


def _warm_up() -> None:
    """What Python imports and compiles once, on the way of an honest expression, is no event of a hostile one."""
    for read in READERS:
        for text in ("date('2024-02-29') < day", "1 / 3", "'a' + 'b'", "(", "min(items)"):
            try:
                read(text).evaluate(LET_LOOSE)
            except (Invalid, Incident) as error:
                str(error)


def measure(n: int | None = None) -> record.Figures:
    """All collected payloads through every reader, then n made expressions, in two processes when they are many."""
    began, wanted = time.monotonic(), NIGHTLY if n is None else n
    found = judge(text for text in (*PAYLOADS, *LONG) for _ in READERS)
    collected = found.tried
    seed = 5 if wanted <= BATCH else time.time_ns() % 10**9  # a small run is always the same, a night never
    batches = [(seed + number, min(BATCH, wanted - number * BATCH)) for number in range(-(-wanted // BATCH))]
    if len(batches) <= 2:
        for one in batches:
            found.add(run(*one))
    else:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=leash.tie) as pool:
            for outcome in pool.map(run, *zip(*batches, strict=True)):
                found.add(outcome)
    return record.Figures(
        test_id="H5", n=found.tried, failures=found.escaped, seconds=time.monotonic() - began,
        what="a hostile expression, read and evaluated in one of the four readers: a plain value or an error of ours",
        figures={
            "values": found.values, "refused_when_read": found.refused, "failed_when_evaluated": found.failed,
            "collected": collected, "seed": seed, "most_steps": found.operations,
            "slowest_ms": round(found.slowest * 1000, 1), "peak_mb": found.peak_mb,
        },
        wrong=tuple(found.escapes),
    )  # fmt: skip
