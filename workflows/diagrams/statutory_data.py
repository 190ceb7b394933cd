"""Data as far as statutory acts set it: what an act can come to is known, and conditions that read only that are asked.

Anything else (amounts, answers of decision tables, what programs outside say) stays open, as in the proof of
soundness. What is alive of the variables tells states apart; see `statutory_live`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.diagrams.soundness_data import NOTHING, Event, Flows, Outcome, Values, holds, ways
from workflows.diagrams.soundness_drawing import Drawing, Scene
from workflows.diagrams.soundness_marking import Scope
from workflows.diagrams.statutory_live import NONE, Names, lives, that_matter
from workflows.diagrams.statutory_rules import Alternative, Law
from workflows.engine import nodes
from workflows.engine.elements import Call, Copy, Drawn
from workflows.engine.expressions import Expression
from workflows.errors import Incident

ACTING = ("userTask", "startEvent")
"""Kinds of elements at which the desk does an act."""


class Open:
    """A value that isn't known."""


OPEN = Open()


class Tracked:
    """What acts have set, in each process of a scene."""

    def __init__(self, scene: Scene, law: Law) -> None:
        self.law = law
        self._matters = that_matter(scene)
        self._named = {name for rule in law.rules for patterns in (rule.never, rule.unless, rule.since, rule.when)
                       for came in patterns.values() for name in came}  # fmt: skip
        self._asked = {name for entries in law.outcomes.values() for one in entries for name in one.when}
        self._alike = Alike(scene, law)
        self._foreign = {key: _set_otherwise(drawing) for key, drawing in scene.drawings.items()}
        self._whose = {id(node): key for key, drawing in scene.drawings.items() for node in drawing.nodes.values()}
        sets = {key: {node.id: self._surely_set(node) for node in drawing.nodes.values()}
                for key, drawing in scene.drawings.items()}  # fmt: skip
        self._lives = lives(scene, sets)

    def begin(self) -> Mapping[str, Any]:
        """What the law holds of a case that has not begun."""
        return {name: self._alike.fact(name, value) for name, value in self.law.facts.items()}

    def outcomes(self, values: Values, facts: Values, node: Drawn) -> Sequence[Outcome]:
        """What the element's act can come to; the answer of a decision table is yes or no, or open."""
        found = list(dict.fromkeys(_Key(one) for one in self._outcomes(values, facts, node)))
        return [key.outcome for key in found]

    def _outcomes(self, values: Values, facts: Values, node: Drawn) -> Iterator[Outcome]:
        act = act_of(node)
        if node.decision is not None:
            for answer in (True, False):
                event = Event(f"table:{node.decision.id}", (("result", answer),))
                yield self._with_outputs(values, node, {node.decision.variable: answer}, {}, event)
        elif act:
            for one in self.law.outcomes.get(act, (Alternative({}, {}, {}),)):
                if all(self._may_be(name, wanted, values, facts) for name, wanted in one.when.items()):
                    told = tuple(sorted((name, value) for name, value in one.sets.items() if name in self._named))
                    yield self._with_outputs(values, node, one.sets, one.facts, Event(act, told))
        elif node.outputs:
            yield self._with_outputs(values, node, {}, {}, None)
        else:
            yield NOTHING

    def _may_be(self, name: str, wanted: tuple[Any, ...], values: Values, facts: Values) -> bool:
        known = facts.get(name, values.get(name, OPEN))
        return known is OPEN or known in wanted

    def _with_outputs(
        self, values: Values, node: Drawn, sets: Mapping[str, Any], facts: Mapping[str, Any], event: Event | None
    ) -> Outcome:
        now = {**values, **sets}
        for name, expression in node.inputs:
            now[name] = _value(expression, values)
        given = {name: _value(expression, now) for name, expression in node.outputs}
        foreign = self._foreign[self._whose[id(node)]]
        kept = {name: OPEN if name in foreign else value for name, value in {**sets, **given}.items()}
        told = {name: self._alike.variable(name, value) for name, value in kept.items() if name in self._matters}
        return Outcome(told, {name: self._alike.fact(name, value) for name, value in facts.items()}, event)

    def ways(self, values: Values, node: Drawn) -> Sequence[Flows]:
        """The flows that the conditions leave open."""
        known = {name: value for name, value in values.items() if value is not OPEN}
        for name, expression in node.inputs:  # they hide a variable of the process while its flows are asked
            known.pop(name, None)
            if (value := _value(expression, values)) is not OPEN:
                known[name] = value
        return ways(node, {flow.id: holds(flow, known) for flow in node.flows_out})

    def called(self, values: Values, call: Call) -> Values:
        """What is handed in."""
        return self._copied(values, call.into)

    def returned(self, values: Values, call: Call) -> Values:
        """What is handed out; what was never set in there is open."""
        return self._copied(values, call.out)

    def _copied(self, values: Values, copies: Sequence[Copy]) -> Values:
        given: Values = {}
        for copy in copies:
            if copy.source is None or copy.target is None:
                given.update(values)
            elif copy.target in self._matters:
                given[copy.target] = _value(copy.source, values)
        return given

    def kept(self, scope: Scope) -> Mapping[str, Any]:
        """What is known and alive."""
        alive = self._lives[scope.drawing.key].of(scope)
        return {name: value for name, value in scope.values.items() if value is not OPEN and name in alive}

    def _surely_set(self, node: Drawn) -> Names:
        given = frozenset(name for name, _ in node.outputs)
        if node.call is not None:
            given |= {copy.target for copy in node.call.out if copy.target is not None}
        if node.decision is not None:
            given |= {node.decision.variable}
        entries = self.law.outcomes.get(act_of(node), ())
        return given | (frozenset.intersection(*(frozenset(one.sets) for one in entries)) if entries else NONE)


class Alike:
    """Values that nothing tells apart, one standing for all: no condition names them, no alternative of an act does."""

    def __init__(self, scene: Scene, law: Law) -> None:
        entries = [one for entries in law.outcomes.values() for one in entries]
        self._asked = [pair for one in entries for pair in one.when.items()]
        self._written = {
            literal for drawing in scene.drawings.values() for node in drawing.nodes.values()
            for expression in _expressions(node) for literal in _literals(expression.node)
        }  # fmt: skip
        self._first: dict[tuple[object, ...], Any] = {}

    def variable(self, name: str, value: Any) -> Any:
        """The value that stands for one of a variable."""
        if not isinstance(value, str) or value in self._written:
            return value
        return self._stands_for(name, value, ("variable",))

    def fact(self, name: str, value: Any) -> Any:
        """The value that stands for one of a fact, which no condition can read."""
        return self._stands_for(name, value, ("fact",))

    def _stands_for(self, name: str, value: Any, kind: tuple[str, ...]) -> Any:
        sign = (*kind, name, *(value in wanted for asked, wanted in self._asked if asked == name))
        return self._first.setdefault(sign, value)


def _expressions(node: Drawn) -> Iterator[Expression]:
    yield from (flow.condition for flow in node.flows_out if flow.condition is not None)
    yield from (expression for _, expression in (*node.inputs, *node.outputs))
    if node.call is not None:
        yield from (copy.source for copy in (*node.call.into, *node.call.out) if copy.source is not None)


def _literals(node: nodes.Node) -> Iterator[object]:
    if isinstance(node, nodes.Literal):
        yield node.value
    for child in nodes.children(node):
        yield from _literals(child)


class _Key:
    """An outcome, equal to another that does the same."""

    __slots__ = ("outcome", "what")

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        sets = frozenset((name, id(value) if value is OPEN else repr(value)) for name, value in outcome.sets.items())
        self.what = (sets, repr(sorted(outcome.facts.items())), outcome.event)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.what == other.what

    def __hash__(self) -> int:
        return hash(self.what)


def act_of(node: Drawn) -> str:
    """The act that is done at an element; none where the desk does none, whatever it is marked with."""
    return node.element.properties.get("act", "") if node.element.kind in ACTING else ""


def _value(expression: Expression, values: Mapping[str, Any]) -> Any:
    if any(values.get(name, OPEN) is OPEN for name in expression.names):
        return OPEN
    try:
        found = expression.evaluate(values)
    except Incident:
        return OPEN
    return found if isinstance(found, (str, bool, int)) else OPEN


def _set_otherwise(drawing: Drawing) -> frozenset[str]:
    """Variables that something else than acts, mappings and tables sets too: they stay open."""
    found: set[str] = set()
    for node in drawing.nodes.values():
        found |= {name.strip() for name in node.element.properties.get("outputs", "").split(",") if node.topic}
        if node.multi is not None:
            found |= {node.multi.output_collection or "", node.multi.element_variable or ""}
            found |= {node.multi.signing.outcome, node.multi.signing.vote} if node.multi.signing is not None else set()
        if node.trigger is not None:
            found.add(node.trigger.code_variable or "")
    return frozenset(found - {""})
