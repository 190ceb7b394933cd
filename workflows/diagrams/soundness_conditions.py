"""Conditions of flows, as far as they are known: which hold, and by which flows a token can then leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from workflows.engine import nodes
from workflows.engine.elements import Drawn, Flow
from workflows.engine.expressions import Expression
from workflows.errors import Incident

Flows = tuple[Flow, ...]
MOST_CONDITIONS = 8
"""Open conditions at one element; the ways to go on are the combinations of these."""
_NOTHING: Mapping[str, Any] = {}


class TooManyWays(Exception):
    """An element leaves more ways open than can be looked at. element: its id."""

    def __init__(self, element: str) -> None:
        super().__init__(element)
        self.element = element


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


def ways(node: Drawn, values: Mapping[str, Any] = _NOTHING) -> Sequence[Flows]:
    """The flows by which a token can leave an element: each a choice, several where they are taken together.

    values: the variables that are known; conditions over others may hold or not. Raises TooManyWays.
    """
    held = {flow.id: True if flow.condition is None else truth(flow.condition.node, values) for flow in node.flows_out}
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
