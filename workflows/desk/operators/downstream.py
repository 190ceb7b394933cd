"""Which steps can have come of an earlier one, as the diagram is drawn: those to which a way leads from it.

Of two branches that run side by side no way leads from one to the other, unless a loop lies around both.
"""

from __future__ import annotations

from workflows.desk.tasks import Task
from workflows.engine.definition import Definition


def can_come(definition: Definition, later: Task, earlier: Task) -> bool:
    """Whether one step can have come of another; of steps of different processes or versions that is not told: True.

    definition: that of the earlier one.
    """
    if (later.process_key, later.package_hash) != (earlier.process_key, earlier.package_hash):
        return True
    return leads(definition, earlier.element_id, later.element_id)


def leads(definition: Definition, source: str, target: str) -> bool:
    """Whether a way leads from one element to another: along the flows, by events at the border of what lies on it, or
    once more around. What an event begins (event subprocess) comes of everything in its scope.
    """
    around_source, around_target = _around(definition, source), _around(definition, target)
    scope = next(one for one in around_source if one in around_target)
    here, there = around_source[scope], around_target[scope]
    inside = list(around_target)[:list(around_target).index(scope)]
    if here == there or any(definition.nodes[id].by_event for id in (there, *inside)):
        return True
    return there in _reached(definition, here) or any(_anew(definition, id) for id in _beyond(around_source, scope))


def single(definition: Definition, element: str) -> bool:
    """Whether an element runs once at a time: no subprocess around it has several instances."""
    return all(definition.nodes[id].multi is None for id in _around(definition, element) if id in definition.nodes)


def _around(definition: Definition, element: str) -> dict[str, str]:
    """Scope → what stands in it: the element, or the subprocess that it is inside of; the innermost first."""
    found: dict[str, str] = {}
    while element in definition.nodes:
        scope = definition.nodes[element].element.scope
        found[scope] = element
        element = scope
    return found


def _beyond(around: dict[str, str], scope: str) -> set[str]:
    """What stands in the scopes outside of one."""
    scopes = list(around)
    return {around[one] for one in scopes[scopes.index(scope) + 1:]}


def _anew(definition: Definition, element: str) -> bool:
    """Whether an element can begin once more after it has begun."""
    node = definition.nodes[element]
    return node.multi is not None or node.repeat is not None or element in _reached(definition, element)


def _reached(definition: Definition, element: str) -> set[str]:
    """The elements of the same scope to which a way leads from one."""
    borders: dict[str, list[str]] = {}
    for node in definition.nodes.values():
        if node.attached_to is not None:
            borders.setdefault(node.attached_to, []).append(node.id)
    found, ahead = set[str](), [element]
    while ahead:
        at = ahead.pop()
        following = (*(flow.target for flow in definition.nodes[at].flows_out), *borders.get(at, ()))
        ahead += [id for id in following if id not in found]
        found.update(following)
    return found
