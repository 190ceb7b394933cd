"""What people call the elements of a diagram, also of one that is refused; for findings and comparisons."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.engine.xml import safe_tree
from workflows.errors import DiagramRefused

BEFORE, AFTER, ON = "before", "after", "on"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an element without a name stands. kind: its BPMN element ("exclusiveGateway"); near: the name of the next
    element that has one, empty where there is none; side: BEFORE it, AFTER it or ON its border; number: 1-based among
    those of its kind there, 0 for the only one.
    """

    kind: str
    near: str = ""
    side: str = ""
    number: int = 0


@dataclass(slots=True)
class _Graph:
    """A diagram as arrows between ids; flows: those of the sequence flows by id."""

    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    flows: dict[str, tuple[str, str]] = field(default_factory=dict)
    after: dict[str, list[str]] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)
    borders: dict[str, str] = field(default_factory=dict)


def names(files: Mapping[str, bytes]) -> Mapping[str, str]:
    """Id → name of the elements of a package that have one. Empty where there is no XML."""
    return {id: name for graph in _graphs(files) for id, name in graph.names.items()}


def flows(files: Mapping[str, bytes]) -> Mapping[str, tuple[str, str]]:
    """Id → the ids of the two ends, for what leads from one element to another and has no name."""
    return {id: ends for graph in _graphs(files) for id, ends in graph.flows.items() if id not in graph.names}


def spots(files: Mapping[str, bytes]) -> Mapping[str, Spot]:
    """Id → where it stands, for elements without a name: a join stands before what it leads to, all else after what
    leads to it.
    """
    return {id: spot for graph in _graphs(files) for id, spot in _numbered(graph)}


def _graphs(files: Mapping[str, bytes]) -> Iterator[_Graph]:
    for path in (one for one in files if one.endswith(".bpmn")):
        try:
            root = safe_tree(files[path], path).getroot()
        except DiagramRefused:
            continue
        yield _graph(root)


def _graph(root: Any) -> _Graph:
    graph = _Graph()
    for element in root.iter("{*}*"):
        id, kind = element.get("id"), str(element.tag).rpartition("}")[2]
        if not id or kind.startswith("BPMN"):  # what is drawn, not what it stands for
            continue
        if name := " ".join((element.get("name") or "").split()):
            graph.names[id] = name
        if (start := element.get("sourceRef")) and (end := element.get("targetRef")):
            graph.flows[id] = (start, end)
            graph.after.setdefault(start, []).append(end)
            graph.before.setdefault(end, []).append(start)
        else:
            graph.kinds[id] = kind
        if host := element.get("attachedToRef"):
            graph.borders[id] = host
            graph.before.setdefault(id, []).append(host)
    return graph


def _numbered(graph: _Graph) -> list[tuple[str, Spot]]:
    found = [(id, _spot(graph, id)) for id in graph.kinds if id not in graph.names]
    of_spot, seen = Counter(spot for _, spot in found), Counter[Spot]()
    numbered = []
    for id, spot in found:
        seen[spot] += 1
        several = bool(spot.near) and of_spot[spot] > 1
        numbered.append((id, Spot(spot.kind, spot.near, spot.side, seen[spot]) if several else spot))
    return numbered


def _spot(graph: _Graph, id: str) -> Spot:
    kind = graph.kinds[id]
    if id in graph.borders:
        host = graph.names.get(graph.borders[id])
        return Spot(kind, host, ON) if host else Spot(kind)
    joins = len(graph.before.get(id, ())) > 1 and len(graph.after.get(id, ())) == 1
    ways = [(AFTER, graph.before), (BEFORE, graph.after)]
    for side, arrows in reversed(ways) if joins else ways:
        if near := _nearest(graph.names, arrows, id):
            return Spot(kind, near, side)
    return Spot(kind)


def _nearest(names: Mapping[str, str], arrows: Mapping[str, Iterable[str]], start: str) -> str:
    """The name that is the fewest arrows away, empty where none is reached."""
    seen, waiting = {start}, deque([start])
    while waiting:
        for id in arrows.get(waiting.popleft(), ()):
            if id in names:
                return names[id]
            if id not in seen:
                seen.add(id)
                waiting.append(id)
    return ""
