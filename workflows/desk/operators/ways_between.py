"""What decides on the ways between two elements of a diagram: the variables that are read where ways part.

The diagram is walked as it is drawn, with the insides of its subprocesses; nothing is evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn
from workflows.engine.expressions import Expression

_PART = ("exclusiveGateway", "eventBasedGateway")
"""Gateways behind which one way is gone, not several."""
_BEHIND = " >"
"""Ending of the name of the place behind a subprocess, where what runs inside of it has ended."""


def read_between(
    definition: Definition, called: Mapping[str, Definition], source: str | None, target: str
) -> frozenset[str]:
    """The variables that are read on the ways from one element to another, and on what began beside those ways.

    source: an element, or None: the start of the process; called: the definitions by process key. Read by conditions
    of flows, loops and events, by tables, by how many run, by mappings, and by what is given to a process called.
    """
    graph = _graph(definition)
    first = {node.id for node in _starts(definition, definition.process_id)} if source is None else {source}
    if source is not None:
        first |= set(_events_around(definition, source))
    ahead = _reached(graph, first, but=target)
    backward: dict[str, set[str]] = {}
    for id, following in graph.items():
        for one in following if id != target else ():
            backward.setdefault(one, set()).add(id)
    between = ahead & _reached(backward, {target}, but="")
    beside = [one for id in between - {target} if _forks(definition, id) for one in graph[id] if one not in between]
    between |= _reached(graph, set(beside), but=target)
    found: set[str] = set()
    for id in between - {target}:
        found |= _read(definition, called, id)
    node = definition.nodes[target]
    several = (node.multi.collection, node.multi.cardinality) if node.multi else ()
    before = (node.repeat.condition,) if node.repeat and node.repeat.before else ()
    return frozenset(found | _names((*several, *before)))


def read_behind(definition: Definition, called: Mapping[str, Definition], element: str) -> frozenset[str]:
    """The variables that are read behind an element, wherever the ways lead."""
    graph = _graph(definition)
    following = set(graph[element]) | set(graph.get(element + _BEHIND, ()))
    found: set[str] = set()
    for id in _reached(graph, following, but=""):
        found |= _read(definition, called, id)
    return frozenset(found | _flows(definition.nodes[element]))


def _graph(definition: Definition) -> dict[str, tuple[str, ...]]:
    """Place → the places that can come next; a subprocess is entered at its name and left at the place behind it."""
    borders: dict[str, list[str]] = {}
    for node in definition.nodes.values():
        if node.attached_to is not None:
            borders.setdefault(node.attached_to, []).append(node.id)
    found: dict[str, tuple[str, ...]] = {}
    for node in definition.nodes.values():
        onward = (*(flow.target for flow in node.flows_out), *borders.get(node.id, ()))
        inside = tuple(one.id for one in _starts(definition, node.id))
        if inside:
            events = tuple(one.id for one in definition.nodes.values() if one.by_event and one.element.scope == node.id)
            around = _behind(definition, node)
            found[node.id] = (*inside, *events)
            found[node.id + _BEHIND] = (*onward, *inside, *around) if _anew(node) else (*onward, *around)
        else:
            found[node.id] = (*onward, *_behind(definition, node))
    return found


def _behind(definition: Definition, node: Drawn) -> tuple[str, ...]:
    """The place behind the subprocess around an element with which what runs there ends."""
    ends = node.element.kind == "endEvent" or node.by_event
    return (node.element.scope + _BEHIND,) if ends and node.element.scope in definition.nodes else ()


def _anew(node: Drawn) -> bool:
    return node.multi is not None or node.repeat is not None


def _starts(definition: Definition, scope: str) -> Iterator[Drawn]:
    """Where a process or subprocess begins."""
    return (
        node for node in definition.nodes.values()
        if node.element.kind == "startEvent" and node.element.scope == scope
    )  # fmt: skip


def _events_around(definition: Definition, element: str) -> Iterator[str]:
    """What an event can begin in the scopes around an element."""
    while element in definition.nodes:
        element = definition.nodes[element].element.scope
        yield from (node.id for node in definition.nodes.values() if node.by_event and node.element.scope == element)


def _reached(graph: Mapping[str, Iterable[str]], first: set[str], *, but: str) -> set[str]:
    """All places to which ways lead, the first ones included; a way ends at the place `but`."""
    found, ahead = set(first), list(first)
    while ahead:
        at = ahead.pop()
        following = [one for one in graph.get(at, ()) if one not in found] if at != but else []
        found.update(following)
        ahead += following
    return found


def _forks(definition: Definition, id: str) -> bool:
    """Whether several ways can be gone at once from a place."""
    node = definition.nodes[id.removesuffix(_BEHIND)]
    watched = any(one.attached_to == node.id and not one.interrupting for one in definition.nodes.values())
    return watched or (len(node.flows_out) > 1 and node.element.kind not in _PART)


def _read(definition: Definition, called: Mapping[str, Definition], id: str) -> set[str]:
    """What decides at a place: on the ways out of it, on whether and how often it runs, on values made from others."""
    node = definition.nodes[id.removesuffix(_BEHIND)]
    found = _flows(node) | _names(expression for _name, expression in node.outputs)
    if node.element.kind != "userTask":
        found |= _names(expression for _name, expression in node.inputs)
    if node.decision is not None:
        found |= set(definition.tables[node.decision.id].inputs)
    if node.trigger is not None:
        found |= _names((node.trigger.condition, node.trigger.timer.value if node.trigger.timer else None))
    if node.repeat is not None:
        found |= _names((node.repeat.condition,))
    if node.multi is not None:
        found |= _names((node.multi.collection, node.multi.cardinality, node.multi.condition))
    for copy in node.call.into if node.call is not None else ():
        if copy.source is not None:
            found |= copy.source.names
        elif node.call is not None and node.call.key in called:
            found |= called[node.call.key].variables_read
    return found


def _flows(node: Drawn) -> set[str]:
    return _names(flow.condition for flow in node.flows_out)


def _names(expressions: Iterable[Expression | None]) -> set[str]:
    return {name for one in expressions if one is not None for name in one.names}
