"""What a decision table answers: an input that none of its rules matches, and all that it can answer.

Found by asking the table itself for sample values of each of its inputs: every value that its cells name, what lies
between, beside and beyond them, or what the variable can hold. A gap that is told is one; a table of which too much
would have to be asked, or that reads more than its inputs, is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from math import prod
from typing import Any

from workflows.diagrams.domains import Values
from workflows.engine import feel, nodes, values
from workflows.engine.decisions import DecisionTable
from workflows.errors import Incident

MOST = 2_000
"""Combinations of values that one table is asked for, and with ten rules of five cells half a second."""
WORK = 200_000
"""Cells that one table is asked for."""
OTHER = "…"
"""A text that no cell names."""
_WHOLE = ("integer", "long")
_READ = (nodes.Literal, nodes.Name, nodes.Compare, nodes.Matches, nodes.Among, nodes.Items, nodes.Every, nodes.Some,
         nodes.Not, nodes.Negative)  # fmt: skip
"""What cells are made of whose answers change only at the values that they name."""


@dataclass(frozen=True, slots=True)
class Answers:
    """gap: input → value, where no rule matches and no default stands; None where no sample is such an input.

    sure: whether the samples stand for all inputs; never: whether no rule matches any of them; all: what the table came
    to, each once; empty where it has several outputs or was not always answered.
    """

    gap: Mapping[str, Any] | None
    sure: bool
    never: bool
    all: tuple[Any, ...]


def answers(table: DecisionTable, domain: Callable[[str], Values | None]) -> Answers | None:
    """What a table answers; None where it is not looked at. domain: what a variable that it reads can hold."""
    samples = _samples(table, domain)
    if samples is None:
        return None
    gap, never, told, found = None, True, len(table.outputs) == 1, list[Any]()
    for chosen in product(*samples.values()):
        given = dict(zip(samples, (one.value for one in chosen), strict=True))
        try:
            decided = table.explain(given)
        except Incident as error:
            if error.code != "table.input_not_allowed":  # rules that contradict each other, results that can't be told
                never = told = False
            continue
        never = never and not decided.rules
        if decided.outcome in (None, []) and gap is None and all(one.likely for one in chosen):
            gap = given
        answer = table.map_result("collectEntries", decided.outcome) if told else None
        if answer not in found:
            found.append(answer)
    sure = all(_plain(test.node) for rule in table.rules for test in rule.tests)
    return Answers(gap, sure, never, tuple(found) if told else ())


@dataclass(frozen=True, slots=True)
class _Sample:
    """One value that an input is asked for. likely: not a number below zero where none is written: amounts and counts
    have no less.
    """

    value: Any
    likely: bool = True


def _samples(table: DecisionTable, domain: Callable[[str], Values | None]) -> dict[str, list[_Sample]] | None:
    """Variable → the values that it is asked for."""
    cells: dict[str, list[Any]] = {}
    whole: set[str] = set()
    for index, column in enumerate(table.columns):
        tests = [rule.tests[index] for rule in table.rules]
        if not isinstance(column.expression.node, nodes.Name) or any(test.names for test in tests) or table.required:
            return None
        written = [one for test in tests if not feel.is_any(test) for one in _written(test.node)]
        cells.setdefault(column.expression.node.name, []).extend(one for one in written if one is not None)
        whole |= {column.expression.node.name} if column.type in _WHOLE else set()
    found: dict[str, list[_Sample]] = {}
    for name, written in cells.items():
        known = domain(name) if written else None
        if known:
            found[name] = [_Sample(one) for one in sorted(known, key=str)]
        elif (around := _around(written, name in whole) if written else [_Sample(None)]) is not None:
            found[name] = around
        else:
            return None
    asked = prod(len(one) for one in found.values())
    too_much = asked > MOST or asked * len(table.rules) * max(len(table.columns), 1) > WORK
    return None if too_much else found


def _written(node: nodes.Node) -> Iterator[Any]:
    """The values that a cell names."""
    if isinstance(node, nodes.Negative) and isinstance(node.operand, nodes.Literal):
        yield -node.operand.value  # type: ignore[operator]  # a sign stands before numbers only
    elif isinstance(node, nodes.Literal):
        yield node.value
    else:
        for child in nodes.children(node):
            yield from _written(child)


def _around(written: list[Any], whole: bool) -> list[_Sample] | None:
    """The written values and what lies around them; None where that can't be told."""
    match sorted({values.kind(one) for one in written}):
        case ["boolean"]:
            return [_Sample(True), _Sample(False)]
        case ["text"]:
            return [_Sample(one) for one in (*dict.fromkeys(written), OTHER)]
        case ["number"]:
            return _numbers(sorted({Decimal(str(one)) for one in written}), whole)
        case ["date"]:
            return _days(sorted(set(written)))
    return None


def _numbers(found: list[Decimal], whole: bool) -> list[_Sample]:
    between = [one + 1 if whole else (one + other) / 2 for one, other in pairwise(found)]
    ends = [found[0] - 1, *([Decimal(0)] if found[0] > 0 else []), found[-1] + 1]
    return [_Sample(one, one >= min(found[0], Decimal(0))) for one in dict.fromkeys([*found, *between, *ends])]


def _days(found: list[date]) -> list[_Sample]:
    day = timedelta(days=1)
    between = [one + (other - one) / 2 for one, other in pairwise(found)]
    ends = [found[0] - day] if found[0] > date.min else []
    ends += [found[-1] + day] if found[-1] < date.max else []
    return [_Sample(one) for one in dict.fromkeys([*found, *between, *ends])]


def _plain(node: nodes.Node) -> bool:
    return isinstance(node, _READ) and all(_plain(child) for child in nodes.children(node))
