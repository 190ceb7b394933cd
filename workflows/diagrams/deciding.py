"""Decision tables and what reads their answers: an answer that is missing for some inputs, or that a rule leaves empty,
one that is always the same, and rules that contradict each other. Variables of which one depends on the other are taken
as if each could have any of its values: hence mostly warnings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from workflows.diagrams.domains import Domains, Values
from workflows.diagrams.proof import ERROR, WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.tableanswers import Answers, answers
from workflows.diagrams.tablerules import Unfilled, overlaps, unfilled
from workflows.diagrams.variables import expressions, written_by
from workflows.engine import nodes
from workflows.engine.decisions import DecisionTable
from workflows.engine.definition import Definition
from workflows.engine.elements import Decision, Drawn
from workflows.engine.expressions import Expression
from workflows.errors import Incident

_ONE = ("singleEntry", "singleResult")
_OVERLAP = {"UNIQUE": "check.table_overlap_unique", "ANY": "check.table_overlap_any"}
_TOLD = 5
"""Pairs of rules that are told of one table; the others come up when these are mended."""


def check(definition: Definition, others: Mapping[str, Definition]) -> Iterator[Finding]:
    """The findings of every decision that a process asks, each at the element that asks it.

    others: the published processes by key.
    """
    drawing, domains = Drawing(definition), Domains({**others, definition.key: definition})
    for node in drawing.nodes.values():
        if node.decision is None:
            continue
        name, table = node.decision.variable, definition.tables[node.decision.id]
        readers = [one for one in drawing.nodes.values() if _reading(one, name)]
        domain = partial(domains.seen, definition, node)
        for each in _with_required(table):
            yield from _overlapping(drawing, node, each, domain)
            yield from _left_empty(drawing, node, node.decision, each, readers if each is table else [])
        found = answers(table, domain) if readers else None
        if found is not None:
            yield from _gap(drawing, node, node.decision, table, found, readers)
            yield from _only_one(drawing, node, node.decision, table, found)


def _gap(
    drawing: Drawing, node: Drawn, decision: Decision, table: DecisionTable, found: Answers, readers: list[Drawn]
) -> Iterator[Finding]:
    """An input without an answer, that something reads which does not ask whether there is one."""
    name, one = decision.variable, decision.how in _ONE
    empty: Any = None if one else []
    stops = any(_stops(each, name, empty) for each in readers)
    if found.gap is None or not (one or stops) or any(
        _asks_whether(each.node, name) for reader in readers for each in _reading(reader, name)
    ):  # fmt: skip
        return
    facts = {"table": table.name, "name": name}
    if found.never and found.sure and stops:
        yield finding("check.table_empty", drawing, node.id, (), ERROR, **facts)
        return
    given = {column.label: found.gap[inner] for column in table.columns for inner in column.expression.names}
    told = [f"{label} = {_said(value)}" for label, value in given.items() if value is not None]
    yield finding("check.table_gap", drawing, node.id, (), WARNING, **facts, inputs="、".join(told) or None)


def _only_one(
    drawing: Drawing, node: Drawn, decision: Decision, table: DecisionTable, found: Answers
) -> Iterator[Finding]:
    """An answer that is always the same, and by which a way is chosen."""
    name, others = decision.variable, [one for one in drawing.nodes.values() if one.id != node.id]
    chosen = any(flow.condition is not None and name in flow.condition.names
                 for one in drawing.nodes.values() for flow in one.flows_out)  # fmt: skip
    if decision.how == "singleEntry" and found.sure and len(found.all) == 1 and found.all[0] and chosen and not any(
        name in written_by(one) for one in others
    ):  # fmt: skip
        facts = {"table": table.name, "name": name, "value": _said(found.all[0][0])}
        yield finding("check.table_one_answer", drawing, node.id, (), WARNING, **facts)


def _with_required(table: DecisionTable) -> list[DecisionTable]:
    """A table and all that it requires, each once."""
    found = [table]
    for one in found:
        found += [other for other in one.required if other not in found]
    return found


def _overlapping(
    drawing: Drawing, node: Drawn, table: DecisionTable, domain: Callable[[str], Values | None]
) -> Iterator[Finding]:
    """Rules of which one input can meet two, where the engine stops: an error only where nothing speaks for them."""
    found = overlaps(table, domain)
    for number, one in enumerate(found[:_TOLD], 1):
        given = [f"{label} = {_said(value)}" for label, value in one.given.items()]
        facts = {"table": table.name, "rules": list(one.rules), "inputs": "、".join(given) or None,
                 "more": len(found) - _TOLD if number == _TOLD < len(found) else None}  # fmt: skip
        severity = ERROR if one.sure and one.alike is False else WARNING
        yield finding(_OVERLAP[table.hit_policy], drawing, node.id, (), severity, **facts)


def _left_empty(
    drawing: Drawing, node: Drawn, decision: Decision, table: DecisionTable, readers: list[Drawn]
) -> Iterator[Finding]:
    """Results that rules leave empty: an error where a case surely stops at such a rule or at what reads it."""
    name, rules = decision.variable, dict[tuple[str, str, str], list[int]]()
    asked = any(_asks_whether(each.node, name) for reader in readers for each in _reading(reader, name))
    for one in unfilled(table):
        stops = one.told and not one.refused and _stop(table, decision, one, readers)
        if one.refused:
            rules.setdefault(("check.table_result_empty_stops", ERROR, one.column), []).append(one.rule)
        elif stops:
            rules.setdefault(("check.table_result_empty_unread", ERROR, one.column), []).append(one.rule)
        elif one.blank and not asked and table.aggregation != "COUNT":
            rules.setdefault(("check.table_result_empty", WARNING, one.column), []).append(one.rule)
    for (code, severity, column), numbers in rules.items():
        facts = {"table": table.name, "rules": numbers, "column": column, "name": name}
        yield finding(code, drawing, node.id, (), severity, **facts)


def _stop(table: DecisionTable, decision: Decision, one: Unfilled, readers: list[Drawn]) -> bool:
    """Whether something that reads a decision surely fails where a rule has left its result empty."""
    try:
        answer = table.map_result(decision.how, one.outcome)
    except Incident:  # of a table that can't be asked so at all
        return False
    return any(_stops(reader, decision.variable, answer) for reader in readers)


def _reading(node: Drawn, name: str) -> list[Expression]:
    """What of an element reads a variable."""
    return [one for one in expressions(node) if one is not None and name in one.names]


def _stops(node: Drawn, name: str, empty: Any) -> bool:
    """Whether an element surely fails where a variable that it reads is empty."""
    seen, conditions = {name: empty}, [flow.condition for flow in node.flows_out if flow.id != node.default]
    for one in conditions:  # in the order in which they are asked
        if one is None or one.names != {name}:
            break
        try:
            if one.holds(seen):
                break
        except Incident:
            return True
    others = [one for one in _reading(node, name) if one not in conditions and one.names == {name}]
    return any(_fails(one, seen) for one in others)


def _fails(expression: Expression, seen: Mapping[str, Any]) -> bool:
    try:
        expression.evaluate(seen)
    except Incident:
        return True
    return False


def _asks_whether(node: nodes.Node, name: str) -> bool:
    """Whether an expression asks if there is a value: empty x, x == null."""
    sides = (node.left, node.right) if isinstance(node, nodes.Compare) else ()
    if (isinstance(node, nodes.Empty) or nodes.Literal(None) in sides) and name in nodes.names_in(node):
        return True
    return any(_asks_whether(child, name) for child in nodes.children(node))


def _said(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f'"{value}"' if isinstance(value, str) else str(value)
