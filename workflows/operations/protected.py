"""Which variables of a process administrators may have put right, and why not the others.

Administrators decide no cases. Whatever a statutory act has come to, what a decision table said of it, how a vote went
and where a case belongs is protected, and so is whatever is computed from that. What is left are the values that
programs outside, handlers and the start of a process brought, as far as the way of the process reads them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache

from workflows.diagrams.statutory_rules import law
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn
from workflows.engine.expressions import Expression

ACT, TABLE, VOTE, CASE, COMPUTED, UNREAD, SHAPE = "act", "table", "vote", "case", "computed", "unread", "shape"
"""Why a variable is not put right: set by a statutory act, by a decision table, by a round of signers; names the case;
computed from such a one; read by no step; no plain value. The sentences are `repair.<reason>`."""

BESIDE_THE_LAW = frozenset({
    "item_id", "meeting_id", "voters", "presiding", "statement_due", "performance_due", "performed", "review_stage",
    "fine_entity_max", "fine_person_max", "heavy_measure", "complex",
})  # fmt: skip
"""What statutory acts set besides what `statutory.yaml` follows; a test compares it with the acts themselves."""

OF_THE_CASE = frozenset({"case_id", "referral_id"})
"""What tells which case and which of its proceedings a process belongs to."""


@cache
def set_by_acts() -> frozenset[str]:
    """The variables that statutory acts set."""
    entries = [entry for alternatives in law().outcomes.values() for entry in alternatives]
    return frozenset(name for entry in entries for name in entry.sets) | BESIDE_THE_LAW


def protected(definitions: Collection[Definition], seen: Collection[str] = ()) -> Mapping[str, str]:
    """Name → why it is not put right, over all processes of an instance together.

    seen: names that acts of this instance have set in fact, as its ledger tells.
    """
    found = dict.fromkeys(OF_THE_CASE, CASE) | dict.fromkeys({*set_by_acts(), *seen}, ACT)
    nodes = [node for definition in definitions for node in definition.nodes.values()]
    for node in nodes:
        if node.decision is not None:
            found.setdefault(node.decision.variable, TABLE)
        if node.multi is not None and node.multi.signing is not None:
            votes = (node.multi.signing.outcome, node.multi.signing.vote, node.multi.element_variable,
                     node.multi.output_collection)  # fmt: skip
            found |= {name: VOTE for name in votes if name and name not in found}
    copies = [copy for node in nodes for copy in _copies(node)]
    known = -1
    while known < len(found):  # what is computed from a protected one is protected too, however far away
        known = len(found)
        for target, expression in copies:
            if any(name in found for name in expression.names):
                found.setdefault(target, COMPUTED)
            elif target in found:  # what a protected one is computed from
                found |= {name: COMPUTED for name in expression.names if name not in found}
    return found


def readers(definition: Definition) -> Mapping[str, tuple[str, ...]]:
    """Name → ids of the elements whose way, time limit, table or data read it."""
    found: dict[str, list[str]] = {}
    for node in definition.nodes.values():
        names = {name for expression in _expressions(node) for name in expression.names}
        if node.decision is not None and node.decision.id in definition.tables:
            names |= set(definition.tables[node.decision.id].inputs)
        for name in names:
            found.setdefault(name, []).append(node.id)
    return {name: tuple(ids) for name, ids in found.items()}


def _copies(node: Drawn) -> Iterator[tuple[str, Expression]]:
    yield from node.outputs
    if node.call is not None:
        for copy in (*node.call.into, *node.call.out):
            if copy.source is not None and copy.target is not None:
                yield copy.target, copy.source


def _expressions(node: Drawn) -> Iterator[Expression]:
    yield from (flow.condition for flow in node.flows_out if flow.condition is not None)
    yield from (expression for _, expression in (*node.inputs, *node.outputs))
    if node.trigger is not None:
        yield from (one for one in (node.trigger.timer.value if node.trigger.timer else None, node.trigger.condition)
                    if one is not None)  # fmt: skip
    if node.repeat is not None and node.repeat.condition is not None:
        yield node.repeat.condition
    if node.assignment is not None:
        yield from (one for one in (node.assignment.due, node.assignment.priority) if one is not None)
    if node.multi is not None:
        yield from (one for one in (node.multi.cardinality, node.multi.condition) if one is not None)
    if node.call is not None:
        yield from (copy.source for copy in node.call.into if copy.source is not None)
