"""Which variables a process reads and writes, and reads of variables that nobody writes: a case would stop there.

Nobody at all, or nobody who can come before the reader (`writers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflows.diagrams.proof import ERROR, WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.statutory_deeds import act_of
from workflows.diagrams.statutory_rules import law
from workflows.diagrams.writers import Order
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn
from workflows.engine.expressions import Expression
from workflows.engine.variables import COUNTERS

Names = frozenset[str]


def check(definition: Definition, others: Mapping[str, Definition]) -> Iterator[Finding]:
    """One finding for each element that reads a variable which nothing writes, in the process or in one that it calls.

    others: the published processes by key. Where none of them calls this one and no case is opened with it, whoever
    will call it may give the variable: then it is a warning.
    """
    drawing = Drawing(definition)
    callers = [other for other in others.values() if definition.key in other.calls]
    severity = ERROR if callers or definition.start_form is not None else WARNING
    known, given, order = written(definition, callers), begun(definition, callers), Order(drawing)
    for node in definition.nodes.values():
        if known is not None:
            for name in sorted(_read(definition, node) - known - {name for name, _ in node.inputs}):
                yield finding("check.variable_unwritten", drawing, node.id, (), severity, name=name)
            for name, writers in _late(drawing, order, node, given):
                yield finding("check.variable_late", drawing, node.id, (), name=name, flows=writers)
        called = others.get(node.call.key) if node.call is not None else None
        inside = written(called, [*others.values(), definition]) if called is not None else None
        if called is not None and inside is not None:
            for name in sorted(_returned(node) - inside):
                yield finding("check.variable_not_returned", drawing, node.id, (), name=name, called=called.key)


def written(definition: Definition, callers: Iterable[Definition]) -> Names | None:
    """Every variable that something writes in a process, or that it is begun with; None where that may be any."""
    given = begun(definition, callers)
    if given is None:
        return None
    found = set(given)
    for node in definition.nodes.values():
        if node.handler is not None or (node.call is not None and any(copy.target is None for copy in node.call.out)):
            return None
        found |= written_by(node)
    return frozenset(found)


def begun(definition: Definition, callers: Iterable[Definition]) -> Names | None:
    """The variables that a process is begun with; None where that may be any."""
    begins = law().begins
    found = set(begins.get("", ())) | begins.get(definition.key, frozenset())
    for call in (node.call for caller in callers for node in caller.nodes.values()):
        if call is not None and call.key == definition.key:
            if any(copy.target is None for copy in call.into):
                return None
            found |= {copy.target for copy in call.into if copy.target is not None}
    return frozenset(found)


def _late(drawing: Drawing, order: Order, node: Drawn, given: Names | None) -> Iterator[tuple[str, list[str]]]:
    """Variables that an element reads and that are written, but never before it: with the elements that write them."""
    if given is None or not order.reached(node.id):
        return
    own = given | {name for name, _ in node.inputs} | COUNTERS
    if node.multi is not None:  # what each round is given, and what it counts
        own |= written_by(node)
    for names, leaving in ((_read_first(drawing.definition, node), False), (_read_last(node), True)):
        for name in sorted(names - own):
            writers = [one.id for one in drawing.nodes.values() if name in written_by(one)]
            if writers and not any(order.before(one, node.id, leaving=leaving) for one in writers):
                yield name, writers


def _read_first(definition: Definition, node: Drawn) -> set[str]:
    """The variables that an element reads when it is reached; those that may be missing are left out."""
    tables = definition.tables[node.decision.id].inputs if node.decision is not None else ()
    return {name for expression in read_first(node) for name in expression.names} | set(tables)


def read_first(node: Drawn) -> list[Expression]:
    """What an element evaluates when it is reached, but for its decision and for variables that may be missing."""
    found = [expression for _, expression in node.inputs]
    found += [copy.source for copy in node.call.into if copy.source and not copy.optional] if node.call else []
    if node.assignment is not None:
        asked = (node.assignment.assignee, node.assignment.due, node.assignment.priority)
        found += [one for one in (*asked, *node.assignment.users, *node.assignment.groups) if one is not None]
    if node.multi is not None:
        found += [one for one in (node.multi.collection, node.multi.cardinality) if one is not None]
    if node.trigger is not None and node.trigger.timer is not None:
        found.append(node.trigger.timer.value)
    return found


def _read_last(node: Drawn) -> set[str]:
    """The variables that an element reads when it is left."""
    found = [flow.condition for flow in node.flows_out] + [expression for _, expression in node.outputs]
    return {name for expression in found if expression is not None for name in expression.names}


def written_by(node: Drawn) -> set[str]:
    """The variables of its process that an element may set, but for what a handler sets or a call gives as a whole."""
    found = {name for name, _ in node.outputs} | law().writes.get(act_of(node), frozenset())
    if node.call is not None:
        found |= {copy.target for copy in node.call.out if copy.target is not None}
    if node.decision is not None:
        found.add(node.decision.variable)
    if node.topic is not None:
        found |= {name.strip() for name in node.element.properties.get("outputs", "").split(",")}
    if node.multi is not None:
        found |= {node.multi.element_variable or "", node.multi.output_collection or "", *COUNTERS}
        found |= {node.multi.signing.outcome, node.multi.signing.vote} if node.multi.signing is not None else set()
        found |= {node.multi.output_element} if isinstance(node.multi.output_element, str) else set()
    if node.repeat is not None:
        found |= COUNTERS
    if node.trigger is not None:
        found.add(node.trigger.code_variable or "")
    return found


def _read(definition: Definition, node: Drawn) -> set[str]:
    """The variables of its own process that an element reads."""
    names = {name for expression in expressions(node) if expression is not None for name in expression.names}
    if node.decision is not None:
        names |= set(definition.tables[node.decision.id].inputs)
    return names


def expressions(node: Drawn) -> Iterator[Expression | None]:
    """All that an element evaluates over the variables of its process, but for its decision."""
    yield from (flow.condition for flow in node.flows_out)
    yield from (expression for _, expression in (*node.inputs, *node.outputs))
    if node.call is not None:
        yield from (copy.source for copy in node.call.into)
    if node.assignment is not None:
        yield from (node.assignment.assignee, node.assignment.due, node.assignment.priority)
        yield from (*node.assignment.users, *node.assignment.groups)
    if node.multi is not None:
        yield from (node.multi.collection, node.multi.cardinality, node.multi.condition)
        if isinstance(node.multi.output_element, Expression):
            yield node.multi.output_element
    if node.repeat is not None:
        yield node.repeat.condition
    if node.trigger is not None:
        yield node.trigger.condition
        yield node.trigger.timer.value if node.trigger.timer is not None else None


def _returned(node: Drawn) -> set[str]:
    """The variables of a called process that are handed out."""
    copies = node.call.out if node.call is not None else ()
    return {name for copy in copies if copy.source is not None for name in copy.source.names}
