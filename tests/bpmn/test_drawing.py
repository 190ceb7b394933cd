"""The diagrams are drawn for people: nothing crosses, nothing overlaps, everything lies in its lane."""

from __future__ import annotations

import dataclasses

import pytest

from tests.bpmn import geometry
from tests.bpmn.shipped import BPMN, KEYS, diagram

every_package = pytest.mark.parametrize("key", KEYS)


@every_package
def test_a_designer_would_accept_it(key: str) -> None:
    assert list(geometry.faults(geometry.read(diagram(key)))) == []


@every_package
def test_every_name_beside_a_shape_has_its_place(key: str) -> None:
    drawing = geometry.read(diagram(key))
    kinds = ("sequenceFlow", "exclusiveGateway", "startEvent", "endEvent", "boundaryEvent")
    named = {
        str(element.get("id"))
        for element in diagram(key).iter(*(f"{BPMN}{kind}" for kind in kinds))
        if element.get("name")
    }
    assert set(drawing.labels) == named


@every_package
def test_the_work_runs_from_left_to_right(key: str) -> None:
    drawing = geometry.read(diagram(key))
    start = next(str(event.get("id")) for event in diagram(key).iter(f"{BPMN}startEvent"))
    assert drawing.nodes[start].x == min(box.x for box in drawing.nodes.values())
    onward = [drawing.nodes[a].x < drawing.nodes[b].x for a, b in drawing.ends.values()]
    assert sum(onward) > len(onward) / 2


@every_package
def test_lanes_lie_one_below_the_other_without_a_gap(key: str) -> None:
    lanes = sorted(geometry.read(diagram(key)).lanes.values(), key=lambda box: box.y)
    assert {(lane.x, lane.width) for lane in lanes} == {(lanes[0].x, lanes[0].width)}
    assert [lane.y for lane in lanes[1:]] == [lane.y + lane.height for lane in lanes[:-1]]


def test_the_eye_sees_a_crossing_a_line_through_a_task_and_a_name_on_a_line() -> None:
    good = geometry.read(diagram("collective_decision"))
    flow, points = next((id, points) for id, points in good.flows.items() if len(points) == 2)
    (x, y), (end, _) = points
    middle = (x + end) / 2
    crossing = dataclasses.replace(
        good,
        flows={**good.flows, "extra": [(middle, y - 5), (middle, y + 5)]},
        ends={**good.ends, "extra": good.ends[flow]},
    )
    assert any("touch" in fault for fault in geometry.faults(crossing))
    named = dataclasses.replace(good, labels={**good.labels, "x": geometry.Box(middle - 5, y - 5, 10, 10)})
    assert f"{flow} runs through the name of x" in list(geometry.faults(named))
    task = next(box for box in good.nodes.values() if box.width == 100)
    through = [(task.x - 30, task.y + 10), (task.x + 130, task.y + 10)]
    pierced = dataclasses.replace(good, flows={**good.flows, flow: through})
    assert any("runs through" in fault for fault in geometry.faults(pierced))
