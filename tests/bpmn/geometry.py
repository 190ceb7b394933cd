"""A drawn diagram as plain geometry, and what makes one hard to read. All lengths are diagram pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"

Point = tuple[float, float]
Segment = tuple[Point, Point]
AROUND_SHAPES = 8
"""A flow keeps this distance from shapes that it does not join."""
BETWEEN_SHAPES = 15


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box, margin: float = 0) -> bool:
        return (
            self.x < other.x + other.width + margin and other.x < self.x + self.width + margin
            and self.y < other.y + other.height + margin and other.y < self.y + self.height + margin
        )  # fmt: skip

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x and self.y <= other.y
            and other.x + other.width <= self.x + self.width and other.y + other.height <= self.y + self.height
        )  # fmt: skip

    def crossed_by(self, segment: Segment, margin: float = 0) -> bool:
        (x1, y1), (x2, y2) = segment
        return (
            max(x1, x2) > self.x - margin and min(x1, x2) < self.x + self.width + margin
            and max(y1, y2) > self.y - margin and min(y1, y2) < self.y + self.height + margin
        )  # fmt: skip

    def borders(self, point: Point) -> bool:
        """Whether the point is the middle of one of the four sides."""
        middle = (self.x + self.width / 2, self.y + self.height / 2)
        across = point[1] == middle[1] and point[0] in (self.x, self.x + self.width)
        return across or (point[0] == middle[0] and point[1] in (self.y, self.y + self.height))


@dataclass(frozen=True)
class Drawing:
    """lanes and nodes: id → box; labels: id of what is named → box; flows: id → points; ends: id → (source, target)."""

    lanes: dict[str, Box]
    nodes: dict[str, Box]
    labels: dict[str, Box]
    flows: dict[str, list[Point]]
    ends: dict[str, tuple[str, str]]
    attached: dict[str, str]
    members: dict[str, str]

    def segments(self, flow: str) -> list[Segment]:
        return list(pairwise(self.flows[flow]))


def read(root: etree._Element) -> Drawing:
    """The drawing of a diagram. Raises KeyError when a node or a flow is not drawn."""
    boxes, labels, lines = {}, {}, {}
    for shape in root.iter(f"{BPMNDI}BPMNShape", f"{BPMNDI}BPMNEdge"):
        id = str(shape.get("bpmnElement"))
        bounds = shape.find(f"{DC}Bounds")
        if bounds is not None:
            boxes[id] = _box(bounds)
        else:
            lines[id] = [(float(p.get("x", "")), float(p.get("y", ""))) for p in shape.iter(f"{DI}waypoint")]
        label = shape.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")
        if label is not None:
            labels[id] = _box(label)
    lanes = {str(lane.get("id")): lane for lane in root.iter(f"{BPMN}lane")}
    members = {str(ref.text): id for id, lane in lanes.items() for ref in lane.iter(f"{BPMN}flowNodeRef")}
    flows = {str(flow.get("id")): flow for flow in root.iter(f"{BPMN}sequenceFlow")}
    return Drawing(
        {id: boxes[id] for id in lanes},
        {id: boxes[id] for id in members},
        labels,
        {id: lines[id] for id in flows},
        {id: (str(flow.get("sourceRef")), str(flow.get("targetRef"))) for id, flow in flows.items()},
        {str(event.get("id")): str(event.get("attachedToRef")) for event in root.iter(f"{BPMN}boundaryEvent")},
        members,
    )


def _box(bounds: etree._Element) -> Box:
    return Box(*(float(bounds.get(name, "")) for name in ("x", "y", "width", "height")))


def faults(drawing: Drawing) -> Iterator[str]:
    """Everything about a drawing that a careful designer would send back."""
    yield from _flow_faults(drawing)
    yield from _shape_faults(drawing)
    yield from _label_faults(drawing)


def _flow_faults(drawing: Drawing) -> Iterator[str]:
    for one, other in combinations(drawing.flows, 2):
        if any(_touch(a, b) for a in drawing.segments(one) for b in drawing.segments(other)):
            yield f"{one} and {other} touch"
    for flow, (source, target) in drawing.ends.items():
        points = drawing.flows[flow]
        if any(a[0] != b[0] and a[1] != b[1] for a, b in drawing.segments(flow)):
            yield f"{flow} is slanted"
        if not drawing.nodes[source].borders(points[0]) or not drawing.nodes[target].borders(points[-1]):
            yield f"{flow} does not reach its ends"
        near = {source, target, drawing.attached.get(source, source)}
        for node, box in drawing.nodes.items():
            if node not in near and any(box.crossed_by(segment, AROUND_SHAPES) for segment in drawing.segments(flow)):
                yield f"{flow} runs through {node}"


def _shape_faults(drawing: Drawing) -> Iterator[str]:
    for (one, box), (other, second) in combinations(drawing.nodes.items(), 2):
        joined = drawing.attached.get(one) == other or drawing.attached.get(other) == one
        if not joined and box.overlaps(second, BETWEEN_SHAPES):
            yield f"{one} and {other} lie too close"
    for node, lane in drawing.members.items():
        if not drawing.lanes[lane].holds(drawing.nodes[node]):
            yield f"{node} is not in its lane"


def _label_faults(drawing: Drawing) -> Iterator[str]:
    for name, label in drawing.labels.items():
        yield from (f"the name of {name} lies on {node}" for node, box in drawing.nodes.items() if label.overlaps(box))
        for flow in drawing.flows:
            if any(label.crossed_by(segment) for segment in drawing.segments(flow)):
                yield f"{flow} runs through the name of {name}"
        if not any(lane.holds(label) for lane in drawing.lanes.values()):
            yield f"the name of {name} lies across lanes"
    for (one, box), (other, second) in combinations(drawing.labels.items(), 2):
        if box.overlaps(second):
            yield f"the names of {one} and {other} overlap"


def _touch(one: Segment, other: Segment) -> bool:
    """Whether two upright or level segments share a point."""
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    level = max(min(ax, bx), min(cx, dx)) <= min(max(ax, bx), max(cx, dx))
    return level and max(min(ay, by), min(cy, dy)) <= min(max(ay, by), max(cy, dy))
