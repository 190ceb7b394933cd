"""What a decision table answers: an input that none of its rules matches, and all that it can answer.

Found by asking the table itself for sample values of each of its inputs: every value that its cells name, what lies
between, beside and beyond them, or what the variable can hold. A gap that is told is one; a table of which too much
would have to be asked, or that reads more than its inputs, is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from workflows.diagrams.domains import Values
from workflows.diagrams.samples import WHOLE, Sample, around, is_plain, written_in
from workflows.engine import feel, nodes
from workflows.engine.decisions import DecisionTable
from workflows.errors import Incident

MOST = 2_000
"""Combinations of values that one table is asked for, and with ten rules of five cells half a second."""
WORK = 200_000
"""Cells that one table is asked for."""


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
    sure = all(is_plain(test.node) for rule in table.rules for test in rule.tests)
    return Answers(gap, sure, never, tuple(found) if told else ())


def _samples(table: DecisionTable, domain: Callable[[str], Values | None]) -> dict[str, list[Sample]] | None:
    """Variable → the values that it is asked for."""
    cells: dict[str, list[Any]] = {}
    whole: set[str] = set()
    for index, column in enumerate(table.columns):
        tests = [rule.tests[index] for rule in table.rules]
        if not isinstance(column.expression.node, nodes.Name) or any(test.names for test in tests) or table.required:
            return None
        written = [one for test in tests if not feel.is_any(test) for one in written_in(test.node)]
        cells.setdefault(column.expression.node.name, []).extend(one for one in written if one is not None)
        whole |= {column.expression.node.name} if column.type in WHOLE else set()
    found: dict[str, list[Sample]] = {}
    for name, written in cells.items():
        known = domain(name) if written else None
        if known:
            found[name] = [Sample(one) for one in sorted(known, key=str)]
        elif (near := around(written, name in whole) if written else [Sample(None)]) is not None:
            found[name] = near
        else:
            return None
    asked = prod(len(one) for one in found.values())
    too_much = asked > MOST or asked * len(table.rules) * max(len(table.columns), 1) > WORK
    return None if too_much else found
