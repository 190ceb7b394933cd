"""Random decision tables with an answer of their own: written from DMN 1.3, chapter 8; shares no code with the engine.

Each cell is drawn together with what it means, a function of the input. `Undefined` is what a comparison with null is.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from xml.sax.saxutils import escape

Meaning = Callable[[Any], bool]
Cell = tuple[str, Meaning]
_SHANGHAI = timezone(timedelta(hours=8))
SINGLE, MULTIPLE = ("UNIQUE", "FIRST", "ANY", "PRIORITY"), ("RULE ORDER", "OUTPUT ORDER", "COLLECT")


class Undefined(Exception):
    """A value without an order was compared."""


class Violated(Exception):
    """Hits that break the policy; the numbers of the rules."""


@dataclass(frozen=True)
class Kind:
    """One type of column: its typeRef, and some values as (FEEL, as a variable, as Python compares it)."""

    ref: str
    values: tuple[tuple[str, Any, Any], ...]
    ordered: bool = True


def _dates() -> tuple[tuple[str, Any, Any], ...]:
    days = [date(2024, 2, 28) + timedelta(days=n) for n in range(5)]
    return tuple((f'date("{day}")' if n % 2 else f'@"{day}"', day.isoformat(), day) for n, day in enumerate(days))


def _moments() -> tuple[tuple[str, Any, Any], ...]:
    found = []
    for n in range(5):
        moment = datetime(2024, 2, 28, 23, tzinfo=_SHANGHAI) + timedelta(hours=7 * n)
        local = moment.replace(tzinfo=None).isoformat()
        written = (local, moment.isoformat(), moment.astimezone(UTC).isoformat())[n % 3]  # three ways to say when
        found.append((f'date and time("{written}")', moment.isoformat() if n % 2 else local, moment))
    return tuple(found)


def _spans() -> tuple[tuple[str, Any, Any], ...]:
    texts = {"-PT1H": -1, "PT0S": 0, "PT36H": 36, "P1DT12H": 36, "P2D": 48, "P1W": 168}
    return tuple((f'duration("{text}")' if n % 2 else f'@"{text}"', text, hours)
                 for n, (text, hours) in enumerate(texts.items()))


def _months() -> tuple[tuple[str, Any, Any], ...]:
    texts = {"P1M": 1, "P12M": 12, "P1Y": 12, "P1Y2M": 14, "-P1M": -1}
    return tuple((f'duration("{text}")', text, months) for text, months in texts.items())


KINDS = (
    Kind("number", (*((str(n), n, n) for n in range(8)), ("2.5", 2.5, 2.5), ("-1", -1, -1))),
    Kind("string", tuple((text, value, value) for text, value in (
        ('"a"', "a"), ('"b"', "b"), ('"say \\"hm\\""', 'say "hm"'), ('"甲, 乙"', "甲, 乙"), ('"a\\\\b"', "a\\b"),
        ('"\\u7f5a"', "罚")))),
    Kind("boolean", (("true", True, True), ("false", False, False)), ordered=False),
    Kind("date", _dates()), Kind("dateTime", _moments()), Kind("dayTimeDuration", _spans()),
    Kind("yearMonthDuration", _months()),
)


def _compared(operator: str, bound: Any) -> Meaning:
    def meaning(value: Any) -> bool:
        if value is None:
            raise Undefined
        return {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}[operator]

    return meaning


def _both(one: Meaning, other: Meaning) -> Meaning:
    return lambda value: one(value) and other(value)


def _any(meanings: list[Meaning]) -> Meaning:
    return lambda value: any(meaning(value) for meaning in meanings)


def _equal(wanted: Any) -> Meaning:
    return lambda value: value is not None and value == wanted


def _simple(chance: random.Random, kind: Kind) -> Cell:
    """One positive unary test."""
    low, high = chance.choice(kind.values), chance.choice(kind.values)
    shape = chance.randrange(6 if kind.ordered else 2)
    if shape == 0 or (shape == 1 and chance.random() < 0.5):
        return low[0], _equal(low[2])
    if shape == 1:
        return "null", lambda value: value is None
    if shape == 2:
        operator = chance.choice(("<", "<=", ">", ">="))
        return f"{operator} {low[0]}", _compared(operator, low[2])
    if shape == 3:
        return f"? >= {low[0]} and ? < {high[0]}", _both(_compared(">=", low[2]), _compared("<", high[2]))
    opened, closed = chance.choice(("[", "]", "(")), chance.choice(("]", "[", ")"))
    low, high = sorted((low, high), key=lambda value: value[2])
    if low[2] == high[2]:  # a range that is written out and holds nothing is refused
        opened, closed = "[", "]"
    above, below = ">=" if opened == "[" else ">", "<=" if closed == "]" else "<"
    return f"{opened}{low[0]}..{high[0]}{closed}", _both(_compared(above, low[2]), _compared(below, high[2]))


def cell(chance: random.Random, kind: Kind) -> Cell:
    """A cell of a column of that kind."""
    shape = chance.randrange(8)
    if shape == 0:
        return chance.choice(("-", "")), lambda _: True
    if shape in (1, 2):
        parts = [_simple(chance, kind) for _ in range(chance.randrange(1, 4))]
        meaning, written = _any([part[1] for part in parts]), ", ".join(part[0] for part in parts)
        return (written, meaning) if shape == 1 else (f"not({written})", lambda value: not meaning(value))
    return _simple(chance, kind)


@dataclass
class Table:
    """A table, its file, and what it decides."""

    policy: str
    aggregation: str
    kinds: list[Kind]
    rules: list[tuple[list[Cell], list[Any]]]
    listed: list[list[Any]]
    defaults: list[Any] | None

    def xml(self) -> bytes:
        """The file."""
        parts = [f'<input id="in{n}"><inputExpression typeRef="{kind.ref}"><text>x{n}</text></inputExpression></input>'
                 for n, kind in enumerate(self.kinds)]
        for n, values in enumerate(self.listed):
            given = self.defaults[n] if self.defaults else ""
            default = f"<defaultOutputEntry><text>{given}</text></defaultOutputEntry>" if self.defaults else ""
            listed = ",".join(map(str, values))
            parts.append(f'<output id="out{n}" name="y{n}" typeRef="number"><outputValues><text>{listed}</text>'
                         f"</outputValues>{default}</output>")
        for cells, results in self.rules:
            tests = "".join(f"<inputEntry><text>{escape(text)}</text></inputEntry>" for text, _ in cells)
            given = "".join(f"<outputEntry><text>{value}</text></outputEntry>" for value in results)
            parts.append(f"<rule>{tests}{given}</rule>")
        how = f'hitPolicy="{self.policy}"' + (f' aggregation="{self.aggregation}"' if self.aggregation else "")
        return (f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="d">'
                f'<decisionTable id="t" {how}>{"".join(parts)}</decisionTable></decision></definitions>').encode()

    def decide(self, inputs: list[Any]) -> Any:
        """The outcome. Raises Undefined, Violated."""
        hits = []
        for number, (cells, results) in enumerate(self.rules, 1):
            if all(meaning(value) for (_, meaning), value in zip(cells, inputs, strict=True)):
                hits.append((number, results))
                if self.policy == "FIRST":
                    break
        rows = [{f"y{n}": value for n, value in enumerate(results)} for _, results in hits]
        default = {f"y{n}": value for n, value in enumerate(self.defaults)} if self.defaults else None
        if self.aggregation:
            found = [row["y0"] for row in rows] or ([default["y0"]] if default else [])
            if self.aggregation == "COUNT":
                return len(rows) if rows or not default else default["y0"]
            return {"SUM": sum, "MIN": min, "MAX": max}[self.aggregation](found) if found else None
        if not rows:
            return ([default] if default else []) if self.policy in MULTIPLE else default
        if self.policy in ("PRIORITY", "OUTPUT ORDER"):
            rows.sort(key=lambda row: [self.listed[n].index(row[f"y{n}"]) for n in range(len(self.listed))])
        differ = any(row != rows[0] for row in rows)
        if (self.policy == "UNIQUE" and len(rows) > 1) or (self.policy == "ANY" and differ):
            raise Violated([number for number, _ in hits])
        return rows if self.policy in MULTIPLE else rows[0]


def table(chance: random.Random) -> Table:
    """A random table of one to three inputs and one or two outputs."""
    policy = chance.choice((*SINGLE, *MULTIPLE, "COLLECT"))
    aggregation = chance.choice(("", "SUM", "MIN", "MAX", "COUNT")) if policy == "COLLECT" else ""
    kinds = [chance.choice(KINDS) for _ in range(chance.randrange(1, 4))]
    listed = [chance.sample(range(5), 5) for _ in range(1 if aggregation else chance.randrange(1, 3))]
    several = [1, 2] if policy == "ANY" else [0, 1, 2, 3, 4]
    rules = [([cell(chance, kind) for kind in kinds], [chance.choice(several) for _ in listed])
             for _ in range(chance.randrange(1, 7))]
    defaults = [chance.choice(values) for values in listed] if chance.random() < 0.3 else None
    return Table(policy, aggregation, kinds, rules, listed, defaults)


def inputs(chance: random.Random, drawn: Table) -> tuple[list[Any], list[Any]]:
    """Values for the columns: as variables hold them, and as the meanings compare them; some are null."""
    chosen = [(None, None) if chance.random() < 0.1 else chance.choice(kind.values)[1:] for kind in drawn.kinds]
    return [given for given, _ in chosen], [meant for _, meant in chosen]
