"""The difference of two diagrams, element by element: what was added, removed, changed, or only drawn elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows.diagrams.difference.changes import (
    ADDED,
    CHANGED,
    MOVED,
    REMOVED,
    ElementChange,
    properties,
)
from workflows.engine.xml import safe_tree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DRAWING = "http://www.omg.org/spec/BPMN/20100524/DI"
_HOLDERS = frozenset({"definitions", "process", "subProcess", "transaction", "adHocSubProcess", "laneSet",
                      "childLaneSet", "collaboration"})  # fmt: skip
"""Whose children are elements of their own; what stands in others belongs to those."""
_PARTS = frozenset({"documentation", "extensionElements", "multiInstanceLoopCharacteristics",
                    "standardLoopCharacteristics", "laneSet"})  # fmt: skip
_FOLLOWS = frozenset({"incoming", "outgoing", "flowNodeRef", "childLaneSet"})
"""What is said twice in a diagram: flows name their ends, and lanes are told with the elements in them."""


ENDS = ("sourceRef", "targetRef", "default", "attachedToRef", "scope")
"""Properties that name another element, by its id."""
LANE = "lane"
"""The property that names the lane of a step, as it is called: a lane that was drawn anew is no change of its steps."""


@dataclass(slots=True)
class _Drawn:
    kind: str
    name: str
    properties: dict[str, str] = field(default_factory=dict)
    place: tuple[str, ...] = ()


def compare(old: bytes | None, new: bytes | None) -> list[ElementChange]:
    """What became of each element, in the order of the new diagram, then those that are gone.

    None: there was, or is, no diagram. Raises DiagramRefused where one of the two is no XML that we read.
    """
    before, after = _elements(old), _elements(new)
    found = []
    for id, drawn in after.items():
        was = before.get(id)
        if was is None:
            fresh = properties({}, drawn.properties)
            found.append(ElementChange(ADDED, id, drawn.kind, _title(id, after), properties=fresh))
            continue
        changed = properties({"type": was.kind, **was.properties}, {"type": drawn.kind, **drawn.properties})
        moved = was.place != drawn.place
        if changed or moved:
            change = CHANGED if changed else MOVED
            name = drawn.name or was.name or _title(id, after)
            found.append(ElementChange(change, id, drawn.kind, name, moved, changed))
    gone = [ElementChange(REMOVED, id, was.kind, _title(id, before)) for id, was in before.items() if id not in after]
    return found + gone


def _called(id: str, drawn: Mapping[str, _Drawn]) -> str:
    return drawn[id].name or id if id in drawn else id


def _title(id: str, drawn: Mapping[str, _Drawn]) -> str:
    """What an element is called; of a flow without a name, from where to where it leads."""
    one = drawn[id]
    start, end = (one.properties.get(which) for which in ("sourceRef", "targetRef"))
    return one.name or (f"{_called(start, drawn)} → {_called(end, drawn)}" if start and end else "")


def _elements(data: bytes | None) -> dict[str, _Drawn]:
    if data is None:
        return {}
    root = safe_tree(data).getroot()
    found: dict[str, _Drawn] = {}
    for element, scope in _own(root, ""):
        drawn = _Drawn(_local(element), str(element.get("name") or ""), _properties(element))
        if scope:
            drawn.properties["scope"] = scope
        found[str(element.get("id"))] = drawn
    for lane in root.iter(f"{{{BPMN}}}lane"):
        for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            if (held := found.get((reference.text or "").strip())) is not None:
                held.properties[LANE] = str(lane.get("name") or lane.get("id") or "")
    for shape in root.iter(f"{{{DRAWING}}}BPMNShape", f"{{{DRAWING}}}BPMNEdge"):
        if (held := found.get(str(shape.get("bpmnElement")))) is not None:
            held.place = tuple(_place(shape))
    return found


def _own(holder: Any, scope: str) -> Iterator[tuple[Any, str]]:
    """Every element with an id of its own, and the subprocess that it stands in."""
    for child in holder:
        name = _local(child)
        if not str(child.tag).startswith(f"{{{BPMN}}}"):
            continue
        if child.get("id") and name not in _PARTS and name not in _FOLLOWS:
            yield child, scope
        if name in _HOLDERS or name == "lane":
            inner = str(child.get("id") or "") if name not in ("process", "collaboration", "laneSet", "childLaneSet",
                                                              "lane") else scope  # fmt: skip
            yield from _own(child, inner)


def _properties(element: Any) -> dict[str, str]:
    found = {str(name).rpartition("}")[2]: str(value) for name, value in element.attrib.items() if name != "id"}
    holds = _local(element) in _HOLDERS
    for child in element:
        name = _local(child)
        if name in _FOLLOWS or name == "laneSet" or (holds and child.get("id") and name not in _PARTS):
            continue
        if name == "extensionElements":
            for part in child:
                _told(part, "", found)
        else:
            _told(child, "", found)
    return found


def _told(part: Any, within: str, found: dict[str, str]) -> None:
    """A part of an element as properties: its text under its path, its attributes below; ids of parts say nothing."""
    kind, name = _local(part), str(part.get("name") or "")
    said = {plain: str(value) for key, value in part.attrib.items()
            if (plain := str(key).rpartition("}")[2]) not in ("id", "type")}  # fmt: skip
    if kind in ("in", "out"):  # copies of variables, several of one name
        _add(found, kind, _copied(said))
        return
    path, below = within + kind, f"{within}{kind}."
    if kind in ("properties", "inputOutput"):
        below = within
    elif kind == "property":
        _add(found, within + name, said.get("value", ""))
        return
    elif name:  # a parameter, an entry: its name tells it apart
        path, below = f"{path} {name}", f"{path} {name}."
        said.pop("name", None)
    for key, value in said.items():
        _add(found, f"{path}.{key}", value)
    text = (part.text or "").strip()
    if text or not (len(part) or said):
        _add(found, path, text)
    for child in part:
        _told(child, below, found)


def _copied(said: dict[str, str]) -> str:
    source = said.get("source") or said.get("sourceExpression")
    return f"{source} → {said.get('target', '')}" if source else " ".join(f"{k}={v}" for k, v in said.items())


def _add(found: dict[str, str], path: str, text: str) -> None:
    found[path] = f"{found[path]}\n{text}" if path in found else text


def _place(shape: Any) -> Iterator[str]:
    """Where it is drawn: bounds, way, open or closed; not its label, which moves by itself."""
    yield str(shape.get("isExpanded") or "")
    for part in shape:
        if _local(part) in ("Bounds", "waypoint"):
            yield " ".join(f"{name}={_number(value)}" for name, value in sorted(part.attrib.items()))


def _number(value: Any) -> str:
    try:
        return f"{float(value):g}"
    except ValueError:
        return str(value)


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
