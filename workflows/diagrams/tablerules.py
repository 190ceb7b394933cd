"""The rules of a decision table beside one another: two that hold for one input where the hit policy does not let them,
and rules that leave a result empty.

Each cell is asked by itself for samples of what its column looks at (`samples`), once; two rules overlap where in every
column a sample answers both. So every overlap that is told is one, and tables of many columns are looked at too. Cells
that read other variables can't be asked: told apart are then only those that look at nothing and those written alike.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, islice, pairwise
from typing import Any

from workflows.diagrams.domains import Values
from workflows.diagrams.samples import OTHER, WHOLE, Sample, around, is_plain, written_in
from workflows.engine import feel, nodes, values
from workflows.engine.decisions import DecisionTable, Input, Outcome, Rule
from workflows.engine.expressions import Expression
from workflows.errors import Incident

WORK = 20_000
"""Questions that are put to the cells of one table; half a second."""
MOST = 50_000
"""Pairs of rules that are held against one another: all of some 300 rules."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules that hold for one input. rules: their numbers; given: column → a value for which both hold, of the
    columns that at least one of them asks; alike: whether they come to the same, None where that can't be told; sure:
    whether such an input can come as far as anybody can tell: no computed value, no text that no rule names, no amount
    below zero where none is written.
    """

    rules: tuple[int, int]
    given: dict[str, Any]
    alike: bool | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A result that a rule leaves empty. blank: nothing is written there, else null; outcome: what the table comes to
    where this rule alone holds; refused: whether it can come to nothing then, and a case stops; told: whether these are
    known, which they are not where other results of the rule are computed.
    """

    rule: int
    column: str
    blank: bool
    outcome: Outcome
    refused: bool
    told: bool


def overlaps(table: DecisionTable, domain: Callable[[str], Values | None]) -> list[Overlap]:
    """Rules of which only one may hold and both can (UNIQUE), or that then must come to the same and do not (ANY).

    domain: what a variable that the table reads can hold. At such an input the engine stops the case, under UNIQUE
    whatever the two rules come to. The surest first; none where too much would have to be asked.
    """
    if table.hit_policy not in ("UNIQUE", "ANY"):
        return []
    looks = list(_looks(table, domain))
    if sum(look.work(table.rules) for look in looks) > WORK:
        return []
    for look in looks:
        look.ask(table.rules)
    found = []
    for left, right in islice(combinations(range(len(table.rules)), 2), MOST):
        alike = _alike(table.rules[left], table.rules[right])
        if table.hit_policy == "ANY" and alike is not False:
            continue
        if (overlap := _overlap(table, looks, left, right, alike)) is not None:
            found.append(overlap)
    return sorted(found, key=lambda one: (not one.sure, one.alike is not False))


def unfilled(table: DecisionTable) -> Iterator[Unfilled]:
    """The results that rules leave empty, in the order of the rules."""
    for rule in table.rules:
        for output, result in zip(table.outputs, rule.results, strict=True):
            if result.node != nodes.Literal(None):
                continue
            outcome, refused, told = None, False, not any(one.names for one in rule.results)
            try:
                # the rule as the only one, which holds for anything: what the engine itself makes of it
                alone = replace(table, columns=(), rules=(Rule(rule.number, (), rule.results),), required=())
                outcome = alone.decide({}) if told else None
            except Incident:
                refused = True
            yield Unfilled(rule.number, output.name, not result.source.strip(), outcome, refused, told)


@dataclass(slots=True)
class _Look:
    """A column with the samples for which its cells are asked. name: of what it looks at; plain: a variable, and not
    something computed; told: for each rule a number whose bits are the samples for which its cell holds, None where
    that can't be asked; likely: the samples that can surely come.
    """

    at: int
    column: Input
    name: str
    plain: bool
    samples: list[Sample]
    told: list[int | None]
    likely: int

    def ask(self, rules: tuple[Rule, ...]) -> None:
        """Ask every cell, those that are written alike once."""
        known: dict[str, int | None] = {}
        for rule in rules:
            test = rule.tests[self.at]
            if test.source not in known:
                known[test.source] = self._held(test)
            self.told.append(known[test.source])

    def work(self, rules: tuple[Rule, ...]) -> int:
        """How many questions that takes."""
        tests = {rule.tests[self.at].source: rule.tests[self.at] for rule in rules}
        return sum(len(self._parts(test)) for test in tests.values() if not feel.is_any(test))

    def _held(self, test: Expression) -> int | None:
        if feel.is_any(test):
            return (1 << len(self.samples)) - 1
        if not self.samples or test.names - {self.column.variable}:
            return None
        held = 0
        for first, end in self._parts(test):
            value = self.samples[first].value
            seen = {nodes.INPUT: value, **({self.column.variable: value} if self.column.variable else {})}
            try:
                held |= ((1 << end) - (1 << first)) * test.holds(seen)
            except Incident:
                continue  # it stops there, for another reason
        return held

    def _parts(self, test: Expression) -> list[tuple[int, int]]:
        """The samples in parts (first, end) of which a cell says the same: it changes only at the values it names."""
        own = [one for one in written_in(test.node) if one is not None]
        count = len(self.samples) - (self.samples[-1:] == [Sample(None)])
        kinds = {values.kind(one.value) for one in self.samples[:count]} | {values.kind(one) for one in own}
        ends = {*range(count + 1)}
        if is_plain(test.node) and len(kinds) == 1:
            line = [one.value for one in self.samples[:count]]
            ends = {0, count, *(bisect_left(line, one) for one in own), *(bisect_right(line, one) for one in own)}
        return list(pairwise(sorted({*ends, len(self.samples)})))


def _looks(table: DecisionTable, domain: Callable[[str], Values | None]) -> Iterator[_Look]:
    """The columns; those that look at the same are asked for the same samples."""
    given = {name for one in table.required for name in one.gives}
    named = [column.expression.source.strip() for column in table.columns]
    for at, (column, name) in enumerate(zip(table.columns, named, strict=True)):
        alike = [index for index, other in enumerate(named) if other == name]
        tests = [rule.tests[index] for rule in table.rules for index in alike]
        lists = [table.columns[index].allowed for index in alike]
        tests += [one for one in lists if one is not None]
        written = [value for test in tests if not feel.is_any(test) for value in written_in(test.node)]
        plain = isinstance(column.expression.node, nodes.Name) and name not in given
        known = domain(name) if plain and written else None
        near = [one for one in written if one is not None]
        whole = any(table.columns[index].type in WHOLE for index in alike)
        samples = [Sample(one) for one in sorted(known, key=str)] if known else (near and around(near, whole)) or []
        if len({values.kind(one.value) for one in samples}) == 1:
            samples.sort(key=lambda one: one.value)
        samples += [Sample(None)] if None in written else []
        samples = [one for one in samples if all(_allowed(each, one) for each in lists)]
        likely = sum((one.likely and (bool(known) or one.value != OTHER)) << number
                     for number, one in enumerate(samples))  # fmt: skip
        yield _Look(at, column, name, plain, samples, [], likely)


def _allowed(listed: Expression | None, sample: Sample) -> bool:
    """Whether a value is one of those that a column lists, as far as that can be asked."""
    if listed is None or sample.value is None or listed.names:
        return True
    try:
        return listed.holds({nodes.INPUT: sample.value})
    except Incident:
        return False


def _overlap(
    table: DecisionTable, looks: list[_Look], left: int, right: int, alike: bool | None
) -> Overlap | None:
    """Where two rules both hold; None where no column lets them, or where that can't be told."""
    common: dict[str, int] = {}
    sure, asked = True, dict[str, _Look]()
    for look in looks:
        tests = table.rules[left].tests[look.at], table.rules[right].tests[look.at]
        if all(feel.is_any(test) for test in tests):
            continue
        first, second = look.told[left], look.told[right]
        if first is None or second is None:
            if tests[0].source != tests[1].source and not any(feel.is_any(test) for test in tests):
                return None
            sure = False
            continue
        asked[look.name] = look
        common[look.name] = common.get(look.name, first) & first & second
        if not common[look.name]:
            return None
    given = {}
    for name, look in asked.items():
        best = common[name] & look.likely
        sure = sure and look.plain and bool(best)
        bits = best or common[name]
        given[look.column.label] = look.samples[(bits & -bits).bit_length() - 1].value
    return Overlap((table.rules[left].number, table.rules[right].number), given, alike, sure)


def _alike(left: Rule, right: Rule) -> bool | None:
    """Whether two rules come to the same."""
    told: bool | None = True
    for one, other in zip(left.results, right.results, strict=True):
        if one.source.strip() == other.source.strip():
            continue
        if one.names or other.names:
            told = None
            continue
        try:
            if not values.alike(one.evaluate({}), other.evaluate({})):
                return False
        except Incident:
            told = None
    return told
