"""Decision tables: what a rule is, which rules hit, and what a hit policy makes of them (DMN 1.3, chapter 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from workflows.engine import nodes, values
from workflows.engine.expressions import Expression
from workflows.engine.temporal import Months
from workflows.engine.typerefs import typed
from workflows.errors import Incident

Row = dict[str, Any]
Aggregate = int | Decimal | str | date | timedelta | Months
Outcome = Row | list[Row] | Aggregate | None

SINGLE = ("UNIQUE", "FIRST", "ANY", "PRIORITY")
MULTIPLE = ("RULE ORDER", "OUTPUT ORDER", "COLLECT")
AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")
MAPPINGS = ("singleEntry", "singleResult", "collectEntries", "resultList")
ONE_VALUE = ("singleEntry", "collectEntries")
"""Mappings that take one value of each row: the table has one output."""


@dataclass(frozen=True, slots=True)
class Input:
    """A column of tests: what it looks at, and which values that may have.

    variable: a further name under which cells see the value (camunda:inputVariable).
    """

    label: str
    expression: Expression
    type: str | None = None
    allowed: Expression | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; `priorities` are its values, the most important first."""

    name: str
    type: str | None = None
    priorities: tuple[Any, ...] = ()
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row. `number` counts from 1, as people see it."""

    number: int
    tests: tuple[Expression, ...]
    results: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """How an outcome came about: the inputs by their labels and the numbers of the rules that hit."""

    outcome: Outcome
    inputs: Mapping[str, Any]
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DecisionTable:
    """A decision of a DMN file. A literal expression is a table with one rule and no columns.

    required: the decisions whose outputs this one reads, each output under its name (as in Camunda) and the whole under
    the name of the required decision's `variable` (DMN 1.3, 7.3.2): the value of its one output, else a structure, and
    a list of these for a policy of several hits.
    """

    id: str
    name: str
    hit_policy: str
    aggregation: str | None
    columns: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    required: tuple[DecisionTable, ...] = field(default=(), repr=False)
    variable: str | None = None

    @property
    def cells(self) -> int:
        """How many cells a decision may ask, those of required decisions included."""
        every, stack = {self.id: self}, list(self.required)
        while stack:
            table = stack.pop()
            if table.id not in every:
                every[table.id] = table
                stack.extend(table.required)
        return sum((len(table.rules) + 1) * (len(table.columns) + len(table.outputs)) for table in every.values())

    @property
    def gives(self) -> frozenset[str]:
        """The names under which decisions that require this one find its results."""
        return frozenset({*(output.name for output in self.outputs), *([self.variable] if self.variable else ())})

    @property
    def ambiguous(self) -> dict[str, list[str]]:
        """The names that it reads and that several of the decisions it requires give, with these decisions' ids."""
        givers = {name: [table.id for table in self.required if name in table.gives] for name in self._reads()}
        return {name: ids for name, ids in givers.items() if len(ids) > 1}

    @property
    def inputs(self) -> frozenset[str]:
        """The variables that it reads, those of the required decisions included."""
        return self._inputs({})

    def _inputs(self, done: dict[str, frozenset[str]]) -> frozenset[str]:
        if self.id in done:  # required on several ways, looked at once
            return done[self.id]
        given = {name for table in self.required for name in table.gives}
        done[self.id] = (self._reads() - given).union(*(table._inputs(done) for table in self.required))
        return done[self.id]

    def _reads(self) -> frozenset[str]:
        """The names in its own columns, cells and results."""
        found: set[str] = set()
        for index, column in enumerate(self.columns):
            cells = [rule.tests[index] for rule in self.rules] + ([column.allowed] if column.allowed else [])
            found |= {name for cell in cells for name in cell.names if name != column.variable}
            found |= column.expression.names
        found.update(name for rule in self.rules for result in rule.results for name in result.names)
        found.update(name for output in self.outputs if output.default for name in output.default.names)
        return frozenset(found)

    def decide(self, variables: Mapping[str, Any]) -> Outcome:
        """The outcome over `variables`.

        UNIQUE, FIRST, ANY, PRIORITY: a row (output → value), or None when no rule hits and there are no default
        outputs. RULE ORDER, OUTPUT ORDER, COLLECT: a list of rows. COLLECT with an aggregation: one value over all
        hits, equal ones each for itself (DMN 1.3, 8.2.10, by FEEL's sum, min, max and count of 10.3.4.4: the least and
        greatest of anything that has an order); when no rule hits the default output, else None (COUNT: 0).
        Raises Incident: "expression.failed" from a cell, "table.…" when hits break the policy or a value its type.
        """
        return self.explain(variables).outcome

    def explain(self, variables: Mapping[str, Any]) -> Decided:
        """The outcome with the inputs and rules that led to it. Raises Incident as `decide` does."""
        try:
            return self._explain(variables, {})
        except values.Failed as failed:
            raise Incident("table.failed", table=self.id, reason=failed.reason, detail=failed.detail) from failed

    def map_result(self, how: str | None, outcome: Outcome) -> Any:
        """An outcome as camunda:mapDecisionResult wants it; None is Camunda's default, the list of rows.

        Raises Incident("table.several_results") or ("table.several_outputs") where one value is asked of more.
        """
        if how not in (None, *MAPPINGS):
            raise ValueError(f"no way to map a decision's result: {how!r}")
        rows = self._rows(outcome)
        if how in ONE_VALUE and len(self.outputs) > 1:
            raise Incident("table.several_outputs", table=self.id)
        if how in ("singleEntry", "singleResult") and len(rows) > 1:
            raise Incident("table.several_results", table=self.id)
        if how == "singleEntry":
            return rows[0][self.outputs[0].name] if rows else None
        if how == "singleResult":
            return rows[0] if rows else None
        return [row[self.outputs[0].name] for row in rows] if how == "collectEntries" else rows

    def _rows(self, outcome: Outcome) -> list[Row]:
        if isinstance(outcome, list):
            return outcome
        if outcome is None:
            return []
        return [outcome] if isinstance(outcome, dict) else [{self.outputs[0].name: outcome}]

    def _given(self, outcome: Outcome) -> dict[str, Any]:
        """An outcome as the decisions see it that require this one."""
        rows = self._rows(outcome)
        several = self.hit_policy in MULTIPLE and self.aggregation is None
        single = len(self.outputs) == 1
        whole = [row[self.outputs[0].name] if single else row for row in rows]
        given = {self.variable: whole if several else whole[0] if whole else None} if self.variable else {}
        for output in self.outputs:
            found = [row[output.name] for row in rows]
            given[output.name] = found if several else found[0] if found else None
        return given

    def _explain(self, variables: Mapping[str, Any], done: dict[str, Decided]) -> Decided:
        if self.id in done:  # required on several ways, decided once
            return done[self.id]
        scope = dict(variables)
        for table in self.required:
            scope.update(table._given(table._explain(variables, done).outcome))
        inputs = [self._input(column, scope) for column in self.columns]
        hits = self._hits(inputs, scope)
        decided = Decided(
            self._outcome(hits, scope),
            {column.label: value for column, value in zip(self.columns, inputs, strict=True)},
            tuple(rule.number for rule in hits),
        )
        done[self.id] = decided
        return decided

    def _input(self, column: Input, scope: Mapping[str, Any]) -> Any:
        value = self._typed(column.type, column.expression.evaluate(scope), column.label)
        if column.allowed and value is not None and not column.allowed.holds({**scope, nodes.INPUT: value}):
            raise Incident("table.input_not_allowed", table=self.id, column=column.label, value=str(value)[:40])
        return value

    def _typed(self, type: str | None, value: Any, column: str) -> Any:
        """A value as its column's typeRef says; null has every type. Raises Incident("table.wrong_type")."""
        if type is None or value is None:
            return value
        try:
            return typed(type, value)
        except values.Failed as failed:
            facts = {"table": self.id, "column": column, "expected": type, "found": failed.detail}
            raise Incident("table.wrong_type", **facts) from failed

    def _hits(self, inputs: list[Any], scope: Mapping[str, Any]) -> list[Rule]:
        """The rules that match, in their order; FIRST needs no more than the first."""
        scopes = []
        for column, value in zip(self.columns, inputs, strict=True):
            own = {column.variable: value} if column.variable else {}
            scopes.append({**scope, **own, nodes.INPUT: value})
        hits = []
        for rule in self.rules:
            if all(tests.holds(seen) for tests, seen in zip(rule.tests, scopes, strict=True)):
                hits.append(rule)
                if self.hit_policy == "FIRST":
                    break
        return hits

    def _outcome(self, hits: list[Rule], scope: Mapping[str, Any]) -> Outcome:
        rows = [self._row(rule, scope) for rule in hits]
        if self.aggregation:
            output = self.outputs[0]
            if rows or output.default is None:
                return self._aggregate([row[output.name] for row in rows])
            default = output.default.evaluate(scope)
            if self.aggregation == "COUNT":
                return values.number(default)
            return self._aggregate([self._typed(output.type, default, output.name)])
        if not rows:
            return self._default(scope)
        if self.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
            rows.sort(key=self._rank)
        if self.hit_policy in MULTIPLE:
            return rows
        if len(rows) > 1 and self.hit_policy == "UNIQUE":
            raise Incident("table.not_unique", table=self.id, rules=[rule.number for rule in hits])
        if self.hit_policy == "ANY" and any(not _same_row(rows[0], row) for row in rows):
            raise Incident("table.not_any", table=self.id, rules=[rule.number for rule in hits])
        return rows[0]

    def _row(self, rule: Rule, scope: Mapping[str, Any]) -> Row:
        return {
            output.name: self._given_out(output, result.evaluate(scope), rule.number)
            for output, result in zip(self.outputs, rule.results, strict=True)
        }

    def _given_out(self, output: Output, value: Any, rule: int) -> Any:
        """A computed result, of the column's type and among the values that it lists; null is none of them.

        Raises Incident("table.wrong_type"), ("table.output_not_allowed").
        """
        result, listed = self._typed(output.type, value, output.name), output.priorities
        if result is not None and listed and not any(values.alike(result, each) for each in listed):
            facts = {"table": self.id, "column": output.name, "rule": rule, "value": str(result)[:40]}
            raise Incident("table.output_not_allowed", **facts)
        return result

    def _default(self, scope: Mapping[str, Any]) -> Outcome:
        row: Row = {}
        for output in self.outputs:
            value = output.default.evaluate(scope) if output.default else None
            row[output.name] = self._typed(output.type, value, output.name)
        defaults = any(output.default for output in self.outputs)
        if self.hit_policy in MULTIPLE:
            return [row] if defaults else []
        return row if defaults else None

    def _rank(self, row: Row) -> tuple[int, ...]:
        """Where a row stands by its outputs' listed values. Raises Incident("table.no_priority") for others."""
        ranks = []
        for output in self.outputs:
            at = [index for index, value in enumerate(output.priorities) if values.alike(value, row[output.name])]
            if not at:
                raise Incident("table.no_priority", table=self.id, column=output.name, value=str(row[output.name])[:40])
            ranks.append(at[0])
        return tuple(ranks)

    def _aggregate(self, found: list[Any]) -> Aggregate | None:
        if self.aggregation == "COUNT":
            return len(found)
        try:
            total: Aggregate | None = None
            for value in (self._item(each) for each in found):
                if total is None:
                    total = value
                elif self.aggregation == "SUM":
                    total = values.number(values.compute("+", total, value))
                elif values.ordered("<" if self.aggregation == "MIN" else ">", value, total):
                    total = value
            return total
        except values.Failed as failed:
            raise Incident(
                "table.not_numbers", table=self.id, aggregation=self.aggregation, reason=failed.reason
            ) from failed

    def _item(self, value: Any) -> Aggregate:
        """A value that is added up or compared. Raises values.Failed for one that can't be."""
        if self.aggregation == "SUM" or values.kind(value) == "number":
            return values.number(value)
        if values.kind(value) not in values.ORDERED:
            raise values.wrong_kind(value)
        return cast("Aggregate", value)


def _same_row(left: Row, right: Row) -> bool:
    return all(values.alike(left[name], right[name]) for name in left)
