"""Every construct of the folder runs as its sidecar says, kept in memory and stored between steps alike.

Or it is refused with element and line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from tests.conformance.folder import GROUPS, HERE, Construct, constructs
from tests.engine.drawing import NOW
from tests.engine.matches import stored_and_read_back
from workflows.engine import handlers
from workflows.engine.definition import read
from workflows.engine.moments import read_duration
from workflows.engine.runtime import Instance
from workflows.errors import DiagramRefused, FashenError, Incident

SUPPORTED = [construct for construct in constructs() if not construct.refused]
REFUSED = [construct for construct in constructs() if construct.refused]
_BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"


@pytest.fixture(autouse=True)
def doubling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(handlers._handlers, "double", lambda seen: {"twice": seen["x"] * 2})
    monkeypatch.setattr(handlers, "_topics", {"gazette"})


class Played:
    """One construct being played. stored: whether the instance goes through its rows after each command."""

    def __init__(self, construct: Construct, *, stored: bool) -> None:
        self.stored, self.now = stored, NOW
        packages = construct.packages()
        self.known = {("main" if key == "sample" else key): read(package) for key, package in packages.items()}
        self.known["sample"] = self.known["main"]

    def command(self, entry: dict[str, Any]) -> None:
        """Do what one entry says and compare what came of it."""
        if "incident" in entry:
            with pytest.raises(FashenError) as stopped:
                self._act(entry)
            assert stopped.value.code == entry["incident"]
            facts = stopped.value.facts
            assert facts.get("element") == entry.get("element")
            if isinstance(stopped.value, Incident):
                element = self.known[facts["process"]].elements[facts["element"]]
                assert facts["line"] == element.line
            return
        self._act(entry)
        assert sorted(step.element.id for step in self.instance.steps()) == sorted(entry["offers"])
        assert [passed.element_id for passed in self.instance.trace] == entry["passes"]
        assert self.instance.finished == entry.get("finished", False)
        if "variables" in entry:
            assert self.instance.variables == entry["variables"]
        self.instance.trace.clear()
        if self.stored:
            self.instance = stored_and_read_back(self.instance, self.known)

    def _act(self, entry: dict[str, Any]) -> None:
        given = entry.get("with", {})
        match entry:
            case {"start": variables}:
                self.instance = Instance.start(self.known["main"], self.known, variables, self.now)
            case {"do": element}:
                step = next(step for step in self.instance.steps() if step.element.id == element)
                self.instance.complete(step.id, given, self.now)
            case {"wait": duration}:
                self.now = read_duration(duration).after(self.now)
                self.instance.wake(self.now)
            case {"send": name}:
                self.instance.send(name, given, self.now)
            case {"external": topic}:
                task = next(task for task in self.instance.external() if task.topic == topic)
                self.instance.complete_external(task.id, given, self.now)
            case {"fail": topic, "code": code}:
                task = next(task for task in self.instance.external() if task.topic == topic)
                self.instance.fail_external(task.id, code, given, self.now)
            case _:
                raise AssertionError(entry)


def played(construct: Construct) -> Iterator[dict[str, Any]]:
    entries: list[dict[str, Any]] = construct.sidecar["play"]
    return iter(entries)


@pytest.mark.parametrize("stored", [False, True], ids=["kept", "stored"])
@pytest.mark.parametrize("construct", SUPPORTED, ids=str)
def test_a_construct_runs_as_its_sidecar_says(construct, stored):
    match = Played(construct, stored=stored)
    for entry in played(construct):
        match.command(entry)


@pytest.mark.parametrize("construct", REFUSED, ids=str)
def test_what_is_not_supported_is_refused_with_its_element_and_line(construct):
    with pytest.raises(DiagramRefused) as refused:
        construct.read()
    found = [{"code": problem.code, "element": problem.place.partition("#")[2], "line": problem.line}
             for problem in refused.value.problems]
    assert found == construct.refused


@pytest.mark.parametrize("construct", constructs(), ids=str)
def test_a_modeler_can_open_every_diagram_and_each_belongs_to_a_group(construct):
    for path in HERE.glob(f"{construct.name}*.bpmn"):
        root = etree.parse(path).getroot()
        drawn = {shape.get("bpmnElement") for shape in root.iter(f"{_BPMNDI}BPMNShape", f"{_BPMNDI}BPMNEdge")}
        process = root.find("{*}process")
        nodes = {node.get("id") for node in process.iter("{*}sequenceFlow", "{*}startEvent", "{*}endEvent")}
        assert nodes <= drawn
    assert construct.sidecar["group"] in GROUPS


def test_no_file_of_the_folder_is_forgotten():
    names = {construct.name for construct in constructs()}
    strays = {path.name for path in HERE.glob("*.bpmn") if path.name.split(".")[0] not in names}
    assert strays == set()
