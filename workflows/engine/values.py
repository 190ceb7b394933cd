"""The values of expressions: which there are, when they are equal, which comes first.

Kinds: null, boolean, number (int, Decimal, float), text, date, moment (datetime), span (timedelta), months (Months of
temporal.py), list, map. Numbers are computed exactly, as decimals of 34 digits (IEEE 754 decimal128, as DMN 1.3,
10.3.2.3.1 asks of FEEL). Anything else that a program put among the variables is opaque: it can be neither read nor
passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from types import MappingProxyType
from typing import Any

from workflows.engine import temporal
from workflows.engine.temporal import Months

MAX_MAGNITUDE = 10**28
"""The largest number, either sign."""
MAX_TEXT = 10_000
"""Characters of the longest text."""
MAX_ITEMS = 10_000
"""Values in a whole result, nested ones counted."""
MAX_NESTING = 20
"""How deep lists and maps in a result may nest."""

_DECIMAL128 = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)


KINDS: dict[str, tuple[str, str]] = {
    "null": ("空值", "null"),
    "boolean": ("是/否", "true or false"),
    "number": ("数值", "a number"),
    "text": ("文本", "a text"),
    "date": ("日期", "a date"),
    "moment": ("时刻", "a moment"),
    "span": ("以日、时计的时长", "a duration of days and time"),
    "months": ("以年、月计的时长", "a duration of years and months"),
    "list": ("列表", "a list"),
    "map": ("结构", "a structure"),
}
"""Kind → how a sentence names it, in Chinese and English."""


ORDERED = frozenset({"number", "text", "date", "moment", "span", "months"})
"""Kinds of values of which one is less than another."""


_TIMES = frozenset({"date", "moment", "span", "months"})


class Failed(Exception):
    """An expression has no value here.

    reason: the code of a sentence; detail: what fills it, a text or one for each language.
    """

    def __init__(self, reason: str, detail: str | Mapping[str, str] = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Missing(Failed):
    """A variable, key or index is not there; `empty` takes this for an answer."""


def kind(value: object) -> str:
    """The kind of a value. Raises Failed for one that is no plain data."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, Decimal, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (list, tuple)):
        return "list"
    if is_map(value):
        return "map"
    if isinstance(value, datetime):
        return "moment"
    if isinstance(value, date):
        return "date"
    if isinstance(value, timedelta):
        return "span"
    if isinstance(value, Months):
        return "months"
    raise Failed("expression.opaque", type(value).__name__)


def named(*kinds: str) -> dict[str, str]:
    """Kinds as a sentence names them, in each language."""
    return {
        "zh": "、".join(KINDS[each][0] for each in kinds),
        "en": ", ".join(KINDS[each][1] for each in kinds),
    }


def wrong_kind(value: object) -> Failed:
    """The error for a value of a kind that is of no use where it stands."""
    return Failed("expression.wrong_kind", named(kind(value)))


def is_map(value: object) -> bool:
    """Whether a value has named members. Only dictionaries: no mapping with behaviour of its own."""
    return isinstance(value, (dict, MappingProxyType))


def number(value: object) -> int | Decimal:
    """A value as an exact number. Raises Failed when it is none, not finite, or beyond MAX_MAGNITUDE."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, float)):
        raise wrong_kind(value)
    # The shortest text of a float is what was typed or what JSON carried: 0.1, not 0.1000000000000000055….
    exact: int | Decimal = Decimal(repr(value)) if isinstance(value, float) else value
    if (isinstance(exact, Decimal) and not exact.is_finite()) or not -MAX_MAGNITUDE <= exact <= MAX_MAGNITUDE:
        raise Failed("expression.too_large")
    return exact


def text(value: object) -> str:
    """A value as text. Raises Failed when it is none or longer than MAX_TEXT."""
    if not isinstance(value, str):
        raise wrong_kind(value)
    if len(value) > MAX_TEXT:
        raise Failed("expression.too_large")
    return value


def as_date(value: object) -> date:
    """A date, or a text that writes one as 2024-01-31. Raises Failed for anything else."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    written = text(value)
    try:
        if len(written) == 10 and written[4] == written[7] == "-":
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise Failed("expression.no_date", written[:40])


def as_moment(value: object) -> datetime:
    """A moment, or a text that writes one as 2024-01-31T09:00:00. Raises Failed for anything else."""
    if isinstance(value, datetime):
        return value
    found = temporal.moment(text(value))
    if found is None:
        raise Failed("expression.no_moment", text(value)[:40])
    return found


def as_duration(value: object) -> timedelta | Months:
    """A duration, or a text that writes one as P15D, PT36H or P1Y2M. Raises Failed for anything else."""
    if isinstance(value, timedelta | Months):
        return value
    found = temporal.duration(text(value))
    if found is None:
        raise Failed("expression.no_duration", text(value)[:40])
    return found


def written(value: object) -> str:
    """How a value looks inside a text. Raises Failed for null, lists and maps, which have no one way to look."""
    what = kind(value)
    if what == "text":
        return text(value)
    if what == "boolean":
        return "true" if value else "false"
    if what == "number":
        exact = number(value)
        return str(exact) if isinstance(exact, int) else format(exact, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta | Months):
        return temporal.iso(value)
    raise Failed("expression.wrong_kind", named(what))


def same(left: object, right: object) -> bool:
    """Whether two values are equal. Values of different kinds never are; true is not 1 and "1" is not 1.

    Raises Failed for a date or the like beside a text, or beside another of its family: the variables of a process are
    JSON and hold dates as texts, and a question that can only be answered by no is a slip.
    """
    what, other = kind(left), kind(right)
    if what != other:
        if {what, other} <= _TIMES | {"text"}:
            raise Failed("expression.not_comparable", named(what, other))
        return False
    if what == "number":
        return number(left) == number(right)
    if what in ("list", "map"):
        # Comparing structures would cost as much as they are large; a condition compares what is in them.
        raise Failed("expression.wrong_kind", named(what))
    return left == right


def alike(left: object, right: object) -> bool:
    """Whether two values are of one kind and equal."""
    return kind(left) == kind(right) and same(left, right)


def ordered(operator: str, left: Any, right: Any) -> bool:
    """Whether left <, <=, > or >= right holds. Raises Failed unless both are of one kind that has an order."""
    what, other = kind(left), kind(right)
    if what != other or what not in ORDERED:
        raise Failed("expression.not_comparable", named(what, other))
    if what == "number":
        left, right = number(left), number(right)
    if what == "moment" and (left.tzinfo is None) != (right.tzinfo is None):
        raise Failed("expression.not_comparable", named("moment"))
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right) if operator == ">" else bool(left >= right)


def compute(operator: str, left: object, right: object) -> int | Decimal | str:
    """Left +, -, *, / or % right; + also joins two texts.

    `/` gives an integer where it divides evenly; the sign of `%` is that of the dividend, as in JUEL.
    Raises Failed for other kinds, for a division by zero and for a result beyond the limits.
    """
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return text(text(left) + text(right))
    a, b = number(left), number(right)
    if operator in ("/", "%") and not b:
        raise Failed("expression.zero")
    if isinstance(a, int) and isinstance(b, int):
        return number(_whole(operator, a, b))
    x, y = Decimal(a), Decimal(b)
    try:
        result = {
            "+": _DECIMAL128.add,
            "-": _DECIMAL128.subtract,
            "*": _DECIMAL128.multiply,
            "/": _DECIMAL128.divide,
            "%": _DECIMAL128.remainder,
        }[operator](x, y)
    except DecimalException as error:
        raise Failed("expression.too_large") from error
    return number(result)


def _whole(operator: str, a: int, b: int) -> int | Decimal:
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    rest = abs(a) % abs(b)
    if operator == "%":
        return -rest if a < 0 else rest
    return a // b if not rest else _DECIMAL128.divide(Decimal(a), Decimal(b))


def check_result(value: object) -> None:
    """Raises Failed when a result is larger or deeper than the limits allow, or holds an opaque value."""
    left, stack = MAX_ITEMS, [(value, 0)]
    while stack:
        at, depth = stack.pop()
        what = kind(at)
        left -= 1
        if left < 0 or depth > MAX_NESTING:
            raise Failed("expression.too_large")
        if what == "number":
            number(at)
        elif what == "text":
            text(at)
        elif isinstance(at, (list, tuple)):
            if len(at) > left:
                raise Failed("expression.too_large")
            stack.extend((item, depth + 1) for item in at)
        elif isinstance(at, Mapping):
            if len(at) > left:
                raise Failed("expression.too_large")
            stack.extend((item, depth + 1) for item in at.values())
