"""Which values a variable of a process can have, where that can be told: those of statutory acts, of written results
and mappings, through the calls of processes. Anything else may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from workflows.diagrams.statutory_deeds import act_of
from workflows.diagrams.statutory_rules import law
from workflows.diagrams.variables import written_by
from workflows.engine import nodes
from workflows.engine.decisions import SINGLE, DecisionTable
from workflows.engine.definition import Definition
from workflows.engine.elements import Copy, Drawn
from workflows.engine.expressions import Expression

Values = frozenset[str | bool | int | Decimal]
MOST = 5_000
"""Questions that are followed for one answer; a process that a person can read needs a few."""


class Domains:
    """What variables can hold, in some processes that call one another."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self._definitions = definitions
        self._asked: set[tuple[str, str]] = set()
        self._left = MOST

    def of(self, definition: Definition, name: str) -> Values | None:
        """The values of a variable of a process; None where it may have others than are known here."""
        self._left -= 1
        if self._left < 0:
            return None
        if (definition.key, name) in self._asked:  # a copy of itself adds nothing
            return frozenset()
        self._asked.add((definition.key, name))
        try:
            return _joined([*self._begun(definition, name), *self._written(definition, name)])
        finally:
            self._asked.discard((definition.key, name))

    def seen(self, definition: Definition, node: Drawn, name: str) -> Values | None:
        """The values under a name as an element sees it: its inputs hide variables of the process."""
        self._left = MOST
        hidden = [expression for one, expression in node.inputs if one == name]
        return self._value(definition, hidden[-1]) if hidden else self.of(definition, name)

    def _begun(self, definition: Definition, name: str) -> Iterable[Values | None]:
        begins = law().begins
        if name in begins.get("", ()) or name in begins.get(definition.key, ()):
            yield None
        for caller in self._definitions.values():
            for node in caller.nodes.values():
                if node.call is not None and node.call.key == definition.key:
                    yield from self._copied(caller, node.call.into, name)

    def _written(self, definition: Definition, name: str) -> Iterable[Values | None]:
        for node in definition.nodes.values():
            if node.handler is not None:
                yield None
            called = self._definitions.get(node.call.key) if node.call is not None else None
            if node.call is not None and any(copy.target in (None, name) for copy in node.call.out):
                yield from self._copied(called, node.call.out, name) if called is not None else (None,)
            elif name in written_by(node):
                yield self._set(definition, node, name)

    def _set(self, definition: Definition, node: Drawn, name: str) -> Values | None:
        """What one element that writes a variable makes of it."""
        given = [expression for one, expression in node.outputs if one == name]
        if given:
            return _joined([self._value(definition, one) for one in given])
        if node.decision is not None and name == node.decision.variable:
            return _results(definition.tables[node.decision.id], node.decision.how)
        outcomes = [one.sets[name] for one in law().outcomes.get(act_of(node), ()) if name in one.sets]
        return frozenset(outcomes) if outcomes else None

    def _copied(self, source: Definition, copies: Iterable[Copy], name: str) -> Iterable[Values | None]:
        for copy in copies:
            if copy.target is None:
                yield self.of(source, name)
            elif copy.target == name:
                yield self._value(source, copy.source) if copy.source is not None else None

    def _value(self, definition: Definition, expression: Expression) -> Values | None:
        match expression.node:
            case nodes.Literal(value) if isinstance(value, str | bool | int | Decimal):
                return frozenset({value})
            case nodes.Name(name):
                return self.of(definition, name)
        return None


def _results(table: DecisionTable, how: str) -> Values | None:
    """What a table writes where one of its rules matches, or its default stands."""
    if how != "singleEntry" or table.hit_policy not in SINGLE or len(table.outputs) != 1:
        return None
    results = [rule.results[0] for rule in table.rules] + [one.default for one in table.outputs if one.default]
    found = [one.node.value if isinstance(one.node, nodes.Literal) else None for one in results]
    known = [one for one in found if isinstance(one, str | bool | int | Decimal)]
    return frozenset(known) if len(known) == len(found) else None


def _joined(found: Iterable[Values | None]) -> Values | None:
    """All of them; anything where one is not known."""
    joined: set[str | bool | int | Decimal] = set()
    for one in found:
        if one is None:
            return None
        joined |= one
    return frozenset(joined)
