"""What is known of data while a diagram is played without any: nothing at all, or what somebody else keeps track of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from workflows.engine import nodes
from workflows.engine.elements import Call, Drawn, Flow
from workflows.engine.expressions import Expression
from workflows.errors import Incident

if TYPE_CHECKING:
    from workflows.diagrams.soundness_marking import Scope

Values = dict[str, Any]
Flows = tuple[Flow, ...]
MOST_CONDITIONS = 8
"""Open conditions at one element; the ways to go on are the combinations of these."""


class Event(NamedTuple):
    """A statutory act that was done, or a decision table that was asked, with what came of it as far as it is tracked.

    kind: the act's name, or "table:<id>"; values: sorted pairs.
    """

    kind: str
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which an element can be done: the variables and facts of the case that it sets."""

    sets: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    event: Event | None = None


NOTHING = Outcome()


class TooManyWays(Exception):
    """An element leaves more ways open than can be looked at. element: its id."""

    def __init__(self, element: str) -> None:
        super().__init__(element)
        self.element = element


class Data(Protocol):
    """What is known of data."""

    def begin(self) -> Mapping[str, Any]:
        """The facts of a case at its beginning."""

    def outcomes(self, values: Values, facts: Values, node: Drawn) -> Sequence[Outcome]:
        """The ways in which an element can be done; at least one."""

    def ways(self, values: Values, node: Drawn) -> Sequence[Flows]:
        """The flows by which a token can leave an element: each a choice, several where they are taken together."""

    def called(self, values: Values, call: Call) -> Values:
        """The variables of a called process at its beginning."""

    def returned(self, values: Values, call: Call) -> Values:
        """What a called process sets in the one that called it."""

    def kept(self, scope: Scope) -> Mapping[str, Any]:
        """The variables of a process that anybody may still read."""


class Freely:
    """Knows nothing: every condition may hold or not, but for those that read no variable at all."""

    def begin(self) -> Mapping[str, Any]:
        """No facts."""
        return {}

    def outcomes(self, values: Values, facts: Values, node: Drawn) -> Sequence[Outcome]:
        """One, which sets nothing."""
        return (NOTHING,)

    def ways(self, values: Values, node: Drawn) -> Sequence[Flows]:
        """All that the conditions leave open."""
        return ways(node, {flow.id: holds(flow, {}) for flow in node.flows_out})

    def called(self, values: Values, call: Call) -> Values:
        """Nothing."""
        return {}

    def returned(self, values: Values, call: Call) -> Values:
        """Nothing."""
        return {}

    def kept(self, scope: Scope) -> Mapping[str, Any]:
        """Nothing."""
        return {}


def holds(flow: Flow, values: Mapping[str, Any]) -> bool | None:
    """Whether a flow's condition holds over what is known; None where that leaves it open."""
    return True if flow.condition is None else truth(flow.condition.node, values)


def truth(node: nodes.Node, values: Mapping[str, Any]) -> bool | None:
    """The truth of an expression over some of its variables (Kleene, 1952); None where they do not decide it."""
    match node:
        case nodes.Every(operands):
            found = {truth(one, values) for one in operands}
            return False if False in found else None if None in found else True
        case nodes.Some(operands):
            found = {truth(one, values) for one in operands}
            return True if True in found else None if None in found else False
        case nodes.Not(operand):
            answer = truth(operand, values)
            return None if answer is None else not answer
    names = nodes.names_in(node)
    if not names <= values.keys():
        return None
    try:
        value = Expression("", names, node).evaluate(values)
    except Incident:
        return None
    return value if isinstance(value, bool) else None


def ways(node: Drawn, held: Mapping[str, bool | None]) -> Sequence[Flows]:
    """The flows by which a token can leave. held: flow → whether its condition holds, None where that is open.

    Raises TooManyWays.
    """
    asked = [flow for flow in node.flows_out if flow.id != node.default]
    default = tuple(flow for flow in node.flows_out if flow.id == node.default)
    if node.element.kind == "exclusiveGateway":
        return list(_first(asked, default, held))
    if node.element.kind in ("parallelGateway", "eventBasedGateway"):
        return [node.flows_out]
    sure = [flow for flow in asked if held[flow.id]]
    open_ = [flow for flow in asked if held[flow.id] is None]
    if len(open_) > MOST_CONDITIONS:
        raise TooManyWays(node.id)
    found: list[Flows] = []
    for size in range(len(open_) + 1):
        for some in combinations(open_, size):
            taken = {flow.id for flow in (*sure, *some)}
            found.append(tuple(flow for flow in asked if flow.id in taken) or default)
    return [flows for flows in dict.fromkeys(found) if flows or not node.flows_out]


def _first(asked: Sequence[Flow], default: Flows, held: Mapping[str, bool | None]) -> Iterator[Flows]:
    """The first whose condition holds, in the order of the file: any up to the first that surely does."""
    for flow in asked:
        if held[flow.id] is not False:
            yield (flow,)
        if held[flow.id]:
            return
    if default:
        yield default
