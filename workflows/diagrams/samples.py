"""Values for which the cells of a decision table are asked: those that they name, and what lies between, beside and
beyond them. Of cells that compare with written values, two that hold for any value at all hold for one of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Any

from workflows.engine import nodes, values

OTHER = "…"
"""A text that no cell names."""
WHOLE = ("integer", "long")
"""Types of columns that take whole numbers only."""
_READ = (nodes.Literal, nodes.Name, nodes.Compare, nodes.Matches, nodes.Among, nodes.Items, nodes.Every, nodes.Some,
         nodes.Not, nodes.Negative)  # fmt: skip
"""What cells are made of whose answers change only at the values that they name."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value that an input is asked for. likely: not a number below zero where none is written: amounts and counts
    have no less.
    """

    value: Any
    likely: bool = True


def written_in(node: nodes.Node) -> Iterator[Any]:
    """The values that a cell names."""
    if isinstance(node, nodes.Negative) and isinstance(node.operand, nodes.Literal):
        yield -node.operand.value  # type: ignore[operator]  # a sign stands before numbers only
    elif isinstance(node, nodes.Literal):
        yield node.value
    else:
        for child in nodes.children(node):
            yield from written_in(child)


def is_plain(node: nodes.Node) -> bool:
    """Whether the answer of a cell changes only at the values that it names."""
    return isinstance(node, _READ) and all(is_plain(child) for child in nodes.children(node))


def around(written: list[Any], whole: bool) -> list[Sample] | None:
    """The written values and what lies around them; None where that can't be told. whole: no fractions come."""
    match sorted({values.kind(one) for one in written}):
        case ["boolean"]:
            return [Sample(True), Sample(False)]
        case ["text"]:
            return [Sample(one) for one in (*dict.fromkeys(written), OTHER)]
        case ["number"]:
            return _numbers(sorted({Decimal(str(one)) for one in written}), whole)
        case ["date"]:
            return _days(sorted(set(written)))
    return None


def _numbers(found: list[Decimal], whole: bool) -> list[Sample]:
    between = [_next(one) if whole else (one + other) / 2 for one, other in pairwise(found)]
    ends = [found[0] - 1, *([Decimal(0)] if found[0] > 0 else []), found[-1] + 1]
    if whole:  # of a fraction that is written only its neighbours come
        ends = [found[0].to_integral_value(ROUND_FLOOR), *ends, _next(found[-1])]
    asked = [one for one in dict.fromkeys([*found, *between, *ends]) if not whole or one == one.to_integral_value()]
    return [Sample(one, one >= min(found[0], Decimal(0))) for one in asked]


def _next(one: Decimal) -> Decimal:
    return one.to_integral_value(ROUND_FLOOR) + 1


def _days(found: list[date]) -> list[Sample]:
    day = timedelta(days=1)
    between = [one + (other - one) / 2 for one, other in pairwise(found)]
    ends = [found[0] - day] if found[0] > date.min else []
    ends += [found[-1] + day] if found[-1] < date.max else []
    return [Sample(one) for one in dict.fromkeys([*found, *between, *ends])]
