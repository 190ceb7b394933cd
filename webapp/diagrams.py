"""Where a case stands in its diagrams: for each process that runs or ran in it, the steps done and those under way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import labels
from webapp.languages import language
from workflows import ledger
from workflows.engine import packages
from workflows.engine.state import EngineInstance, EngineScope, EngineTask
from workflows.engine.xml import safe_tree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
LETTER = 6.5
"""Width of a letter of a label beside its element, at the 11 pixels in which bpmn.io draws them."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One process of the case as its diagram shows it. `done` and `current` are element ids, names in reading order."""

    process_key: str
    package_hash: str
    title: str
    done: list[str]
    current: list[str]
    current_names: list[str]
    steps: list[tuple[str, str]]  # (name, "done" | "current") of the people's steps passed so far, for readers of text


def drawings(session: Session, case_id: str) -> list[Drawing]:
    """The diagrams of a case: its own process first, then those it called or set off, as far as they were entered."""
    passed = _passed(session, case_id)
    found: dict[str, Drawing] = {}
    instances = session.execute(
        select(EngineInstance).where(EngineInstance.case_id == case_id).order_by(EngineInstance.created_at)
    ).scalars()
    for instance in instances:
        live = _live(session, instance)
        pins: dict[str, str] = json.loads(instance.pins)
        for key in [instance.process_key, *(key for key in pins if key != instance.process_key)]:
            package_hash = instance.package_hash if key == instance.process_key else pins[key]
            drawing = _drawing(session, key, package_hash, passed.get(instance.id, []), live.get(key, []))
            if drawing.done or drawing.current:
                found.setdefault(key, drawing)
    return list(found.values())


def xml(session: Session, package_hash: str) -> bytes:
    """The diagram of a package, its elements named in the reader's language. Raises NotFound for an unknown package."""
    package = packages.stored(session, package_hash)
    name = next(name for name in sorted(package.files) if name.endswith(".bpmn"))
    if language() == "zh":
        return package.files[name]

    def said(id: str, chinese: str, pool: bool) -> str:
        if pool:
            return labels.process_name(session, package_hash, chinese)
        return labels.element_name(session, package_hash, id, chinese)

    return renamed(package.files[name], said)


def renamed(data: bytes, said: Callable[[str, str, bool], str]) -> bytes:
    """A diagram with other names in it. said: what an element is called, of its id, its name, and whether it is a pool.

    Raises DiagramRefused where it is no XML that we read.
    """
    tree = safe_tree(data)
    for element in tree.iter(f"{{{BPMN}}}*"):
        element_id, chinese = element.get("id"), element.get("name")
        if element_id and chinese:
            element.set("name", said(element_id, chinese, element.tag == f"{{{BPMN}}}participant"))
    _make_room(tree)
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8"))


def _make_room(tree: etree._ElementTree) -> None:
    """Widen labels that were drawn for a few Chinese characters: no English word is broken; the middle stays."""
    names = {element.get("id"): element.get("name") or "" for element in tree.iter(f"{{{BPMN}}}*")}
    for drawn in tree.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge"):
        bounds = drawn.find(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds")
        words = names.get(drawn.get("bpmnElement"), "").split()
        if bounds is None or not words:
            continue
        more = max(map(len, words)) * LETTER - float(bounds.get("width", 0))
        if more > 0:
            bounds.set("x", str(float(bounds.get("x", 0)) - more / 2))
            bounds.set("width", str(float(bounds.get("width", 0)) + more))


def _drawing(session: Session, key: str, package_hash: str, passed: list[str], live: list[str]) -> Drawing:
    elements = packages.definition(session, package_hash).elements
    done = [element for element in dict.fromkeys(passed) if element in elements and element not in live]
    current = [element for element in dict.fromkeys(live) if element in elements]
    steps = [
        (labels.element_name(session, package_hash, element, elements[element].name),
         "current" if element in current else "done")
        for element in [*done, *current]
        if elements[element].kind in ("userTask", "callActivity", "startEvent", "endEvent")
    ]  # fmt: skip
    called = [labels.element_name(session, package_hash, element, elements[element].name) for element in current]
    names = [name for name in called if name]  # a join that waits has none
    return Drawing(key, package_hash, labels.process_name(session, package_hash, key), done, current, names, steps)


def _live(session: Session, instance: EngineInstance) -> dict[str, list[str]]:
    """Process key → elements with a live engine task in it, the call activities that wait for others included."""
    inside = select(EngineScope.id, EngineScope.process_key).where(EngineScope.instance_id == instance.id)
    scopes = {row.id: row.process_key for row in session.execute(inside)}
    tasks = session.execute(
        select(EngineTask.scope, EngineTask.element).where(EngineTask.instance_id == instance.id)
        .order_by(EngineTask.number)
    )  # fmt: skip
    found: dict[str, list[str]] = {}
    for scope, element in tasks:
        found.setdefault(scopes.get(scope, instance.process_key), []).append(element)
    return found


def _passed(session: Session, case_id: str) -> dict[str, list[str]]:
    """Instance → elements passed, in order, as the ledger has them."""
    found: dict[str, list[str]] = {}
    for entry in ledger.timeline(session, case_id):
        ids = [
            step.get("element_id", "") for step in entry.data.get("passed") or ()
            if step.get("kind") != "return"  # the step that was left behind is not done
        ]
        if entry.event == "TaskCompleted":
            ids.insert(0, entry.data.get("element_id", ""))
        found.setdefault(str(entry.data.get("instance_id", "")), []).extend(i for i in ids if i)
    return found

