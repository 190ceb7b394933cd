"""What a package and the published processes around it have to do with each other: whom it calls, who sends to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflows.engine.definition import Definition
from workflows.errors import Problem

_SENT = ("message", "signal")


def check(definition: Definition, others: Mapping[str, Definition]) -> list[Problem]:
    """Every problem of a definition beside the present versions of all other processes, by key."""
    return [*_circular_calls(definition, others), *never_sent(definition, others.values())]


def never_sent(definition: Definition, others: Iterable[Definition] = ()) -> list[Problem]:
    """One problem for each event that waits for a message or signal which neither this process nor another one sends.

    Nothing that is thrown leaves a case, and nothing comes into one from outside (the engine's record, 0006): who waits
    for such a thing waits for ever, and nobody is told. Any process counts as a sender: a case may call it.
    """
    file = definition.package.named(".bpmn")[0]
    waiting = {node.id: (node.trigger.kind, node.trigger.name) for node in definition.nodes.values()
               if node.trigger is not None and node.trigger.kind in _SENT}  # fmt: skip
    missing = set(waiting.values()) - _sent(definition)
    for other in others:
        if not missing:
            break
        missing -= _sent(other)
    return [
        Problem(f"diagram.{kind}_never_sent", f"{file}#{id}", definition.nodes[id].element.line, {"name": name})
        for id, (kind, name) in waiting.items()
        if (kind, name) in missing
    ]


def _sent(definition: Definition) -> set[tuple[str, str | None]]:
    return {(node.throws.kind, node.throws.name) for node in definition.nodes.values() if node.throws is not None}


def _circular_calls(definition: Definition, others: Mapping[str, Definition]) -> list[Problem]:
    """One problem for each call activity that leads back to the process itself through what is published now.

    The whole is then no process that ends: the engine would stop it at its deepest level, in the middle of a case. Of
    packages that are published together, the last one closes the circle and is refused, and all with it.
    """
    file = definition.package.named(".bpmn")[0]
    return [
        Problem("diagram.call_circle", f"{file}#{node.id}", node.element.line, {"circle": " → ".join(path)})
        for node in definition.nodes.values()
        if node.call and (path := _way(others, definition.key, node.call.key))
    ]


def _way(others: Mapping[str, Definition], key: str, called: str) -> list[str]:
    """The keys from `key` over `called` back to `key`, by the calls of current versions; empty if there is no way."""
    queue, seen = [[key, called]], {called}
    while queue:
        path = queue.pop(0)
        if path[-1] == key:
            return path
        for following in sorted(others[path[-1]].calls - seen) if path[-1] in others else ():
            seen.add(following)
            queue.append([*path, following])
    return []
