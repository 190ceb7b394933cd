"""The place where the parts of the dialect read from: one diagram's XML, with what is wrong with it collected."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from lxml import etree

from workflows.engine import expressions, feel
from workflows.engine.allowed import BPMN, CAMUNDA, NODES, local, named
from workflows.engine.expressions import Expression
from workflows.engine.package import Package
from workflows.engine.xml import line_of
from workflows.errors import Invalid, Problem


class Reader:
    """One diagram: its package, file name and root element. Everything wrong is added to `problems`."""

    def __init__(self, package: Package, file: str, root: etree._Element) -> None:
        self.package, self.file, self.root = package, file, root
        self.problems: list[Problem] = []
        self.lanes = self._lanes()
        self.messages = self._named("message", "name")
        self.signals = self._named("signal", "name")
        self.errors = self._named("error", "errorCode")
        self.escalations = self._named("escalation", "escalationCode")

    def refuse(self, code: str, at: etree._Element, **facts: object) -> None:
        """Note a problem at an element, placed at the closest element around it that people see."""
        near: etree._Element | None = at
        while near is not None and (near.get("id") is None or not named(near)):
            near = near.getparent()
        place = f"{self.file}#{near.get('id')}" if near is not None else self.file
        self.problems.append(Problem(code, place, line_of(at), facts))

    def value(
        self, text: str | None, at: etree._Element, parse: Callable[[str], Expression] = expressions.parse_value
    ) -> Expression | None:
        """A literal, `${…}` or a mix; None for nothing, and for what could not be read (which is noted)."""
        if text is None or not text.strip():
            return None
        try:
            return parse(text.strip())
        except Invalid as error:
            self.refuse(error.code, at, **error.facts)
            return None

    def condition(self, element: etree._Element) -> Expression | None:
        """A condition in `${…}`, or in FEEL if its `language` says so; nothing to read is noted."""
        if not (element.text or "").strip():
            self.refuse("diagram.condition_empty", element)
            return None
        written_in_feel = element.get("language", "").lower() == "feel"
        return self.value(element.text, element, feel.parse_feel if written_in_feel else expressions.parse)

    def values(self, text: str | None, at: etree._Element) -> tuple[Expression, ...]:
        """A list separated by commas that lie outside of `${…}`."""
        parts, depth, current = [], 0, ""
        for character in text or "":
            depth += {"{": 1, "}": -1}.get(character, 0)
            if character == "," and depth == 0:
                parts.append(current)
                current = ""
            else:
                current += character
        read = (self.value(part, at) for part in [*parts, current])
        return tuple(expression for expression in read if expression is not None)

    def properties(self, node: etree._Element) -> MappingProxyType[str, str]:
        """The camunda:properties of an element; a name twice, or without a value, is noted."""
        found: dict[str, str] = {}
        for entry in node.iterfind(f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property"):
            name, value = entry.get("name"), entry.get("value")
            if not name or value is None or name in found:
                self.refuse("diagram.property", entry, name=name or "")
            else:
                found[name] = value
        return MappingProxyType(found)

    def form(self, node: etree._Element) -> str | None:
        """The form of a step, as the name of its file under forms/ without the ending; a missing file is noted."""
        key = node.get(f"{CAMUNDA}formKey") or node.get(f"{CAMUNDA}formRef")
        if not key:
            return None
        file = self.package.form(key)
        if file is None:
            self.refuse("diagram.form_missing", node, form=key)
            return None
        return file.removeprefix("forms/").removesuffix(".form")

    def lane(self, node: etree._Element) -> str | None:
        """The lane of a node: its own, or that of the subprocess around it."""
        around: etree._Element | None = node
        while around is not None:
            if (lane := self.lanes.get(around.get("id", ""))) is not None:
                return lane
            around = around.getparent()
        return None

    def _lanes(self) -> dict[str, str]:
        """Node id → name of its innermost lane (inner lanes come later in the document than what holds them)."""
        drawn = {node.get("id") for node in self.root.iter(f"{BPMN}*") if local(node) in NODES}
        found: dict[str, str] = {}
        for reference in self.root.iter(f"{BPMN}flowNodeRef"):
            lane, id = reference.getparent(), (reference.text or "").strip()
            if lane is None:
                continue
            if id not in drawn:
                self.refuse("diagram.lane_reference", reference, element=id)
            found[id] = str(lane.get("name") or lane.get("id", ""))
        return found

    def _named(self, tag: str, attribute: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for element in self.root.findall(f"{BPMN}{tag}"):
            name = (element.get(attribute) or "").strip()
            if not name or "${" in name or "#{" in name:
                self.refuse("diagram.event_name", element, tag=tag, attribute=attribute)
            found[element.get("id", "")] = name
        return found


def documentation(node: etree._Element) -> str:
    """The bpmn:documentation of an element."""
    return "\n".join((child.text or "").strip() for child in node.findall(f"{BPMN}documentation")).strip()


def is_literal(expression: Expression) -> bool:
    """Whether the text has no `${…}` in it."""
    return "${" not in expression.source and "#{" not in expression.source
