"""Small edits of shipped packages, each a function of the root of a diagram: what a careless hand would do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import yaml
from lxml import etree

from workflows.diagrams import library
from workflows.engine.package import Package

BPMN, CAMUNDA = "http://www.omg.org/spec/BPMN/20100524/MODEL", "http://camunda.org/schema/1.0/bpmn"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
Edit = Callable[[etree._Element], None]


def spoiled(key: str, *edits: Edit, files: Mapping[str, Callable[[str], str]] | None = None) -> Package:
    """A shipped package with its diagram edited, and other files rewritten: name → function of the text."""
    package = library.shipped()[key]
    root = etree.fromstring(package.files[f"{key}.bpmn"])
    for edit in edits:
        edit(root)
    changed = {f"{key}.bpmn": etree.tostring(root, xml_declaration=True, encoding="UTF-8")}
    for name, rewrite in (files or {}).items():
        text = package.files[name].decode()
        changed[name] = rewrite(text).encode()
        assert changed[name] != package.files[name], f"{name} was not changed"
    said = yaml.safe_load(changed.get("process.yaml", package.files["process.yaml"]))
    ids = {element.get("id") for element in root.iter()}
    for part in ("labels", "operators", "nobody", "opener"):  # what is drawn no more is not described either
        said[part] = {id: words for id, words in said.get(part, {}).items() if id in ids}
    changed["process.yaml"] = yaml.safe_dump(said, allow_unicode=True, sort_keys=False).encode()
    return Package(key, {**package.files, **changed})


def unmarked(*ids: str) -> Edit:
    """The marks of statutory acts taken away."""

    def edit(root: etree._Element) -> None:
        for id in ids:
            (mark,) = find(root, id).iterfind(f".//{{{CAMUNDA}}}property[@name='act']")
            parent = mark.getparent()
            assert parent is not None
            parent.remove(mark)

    return edit


def led(flow: str, target: str) -> Edit:
    """A flow led somewhere else."""
    return attribute(flow, targetRef=target)


def attribute(id: str, **values: str | None) -> Edit:
    """Attributes set, or taken away where the value is None; camunda_formKey stands for camunda:formKey."""

    def edit(root: etree._Element) -> None:
        element = find(root, id)
        for name, value in values.items():
            written = f"{{{CAMUNDA}}}{name.removeprefix('camunda_')}" if name.startswith("camunda_") else name
            if value is None:
                del element.attrib[written]
            else:
                element.set(written, value)

    return edit


def asked(flow: str, condition: str | None) -> Edit:
    """A flow with another condition, or with none."""

    def edit(root: etree._Element) -> None:
        element = find(root, flow)
        for old in element.findall(f"{{{BPMN}}}conditionExpression"):
            element.remove(old)
        if condition is not None:
            written = etree.SubElement(element, f"{{{BPMN}}}conditionExpression")
            written.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
            written.text = condition

    return edit


def turned(gateway: str, one: str, other: str) -> Edit:
    """Two flows of a gateway, of which one is the default, lead each where the other led."""

    def edit(root: etree._Element) -> None:
        first, second = find(root, one), find(root, other)
        assert first.get("sourceRef") == second.get("sourceRef") == gateway
        targets = first.get("targetRef", ""), second.get("targetRef", "")
        second.set("targetRef", targets[0])
        first.set("targetRef", targets[1])

    return edit


def made(id: str, kind: str) -> Edit:
    """An element made another kind of element; a default and conditions that it can't have go."""

    def edit(root: etree._Element) -> None:
        element = find(root, id)
        element.tag = f"{{{BPMN}}}{kind}"
        if kind == "parallelGateway":
            if "default" in element.attrib:
                del element.attrib["default"]
            for flow in root.iterfind(f".//{{{BPMN}}}sequenceFlow[@sourceRef='{id}']"):
                asked(str(flow.get("id")), None)(root)

    return edit


def drawn(xml: str, *, into: str | None = None) -> Edit:
    """More elements, in the process or in the element with an id. bpmn and camunda are the prefixes."""

    def edit(root: etree._Element) -> None:
        place = root.find(f"{{{BPMN}}}process") if into is None else find(root, into)
        assert place is not None
        names = f'xmlns:bpmn="{BPMN}" xmlns:camunda="{CAMUNDA}" xmlns:xsi="{XSI}"'
        place.extend(list(etree.fromstring(f"<all {names}>{xml}</all>")))

    return edit


def handed(call: str, way: str, target: str, **source: str) -> Edit:
    """What a call hands in (way: "in") or out under a name: source="…" or sourceExpression="…"."""

    def edit(root: etree._Element) -> None:
        (copy,) = find(root, call).iterfind(f".//{{{CAMUNDA}}}{way}[@target='{target}']")
        if "source" in copy.attrib:
            del copy.attrib["source"]
        for name, value in source.items():
            copy.set(name, value)

    return edit


def giving(id: str, name: str, expression: str) -> Edit:
    """An output parameter at an element."""

    def edit(root: etree._Element) -> None:
        (place,) = find(root, id).iterfind(f"{{{BPMN}}}extensionElements")
        both = etree.SubElement(place, f"{{{CAMUNDA}}}inputOutput")
        etree.SubElement(both, f"{{{CAMUNDA}}}outputParameter", {"name": name}).text = expression

    return edit


def marked(id: str, act: str) -> Edit:
    """Another statutory act at an element."""

    def edit(root: etree._Element) -> None:
        (mark,) = find(root, id).iterfind(f".//{{{CAMUNDA}}}property[@name='act']")
        mark.set("value", act)

    return edit


def declared(xml: str) -> Edit:
    """A message, signal or error declared beside the process."""

    def edit(root: etree._Element) -> None:
        root.append(etree.fromstring(xml.replace("/>", f' xmlns:bpmn="{BPMN}"/>')))

    return edit


def undrawn(*ids: str) -> Edit:
    """Elements taken out, with the flows at them and their shapes."""

    def edit(root: etree._Element) -> None:
        for id in ids:
            flows = [flow for end in ("sourceRef", "targetRef")
                     for flow in root.iterfind(f".//{{{BPMN}}}sequenceFlow[@{end}='{id}']")]  # fmt: skip
            for element in {find(root, id), *flows}:
                parent = element.getparent()
                assert parent is not None
                parent.remove(element)
        _tidy(root)

    return edit


def without(id: str, tag: str) -> Edit:
    """An element without its children of a kind."""

    def edit(root: etree._Element) -> None:
        element = find(root, id)
        found = [child for child in element.iter(f"{{{BPMN}}}{tag}", f"{{{CAMUNDA}}}{tag}") if child is not element]
        assert found
        for child in found:
            parent = child.getparent()
            assert parent is not None
            parent.remove(child)

    return edit


def act(name: str) -> str:
    """The mark of a statutory act, as XML."""
    return (f'<bpmn:extensionElements><camunda:properties><camunda:property name="act" value="{name}"/>'
            "</camunda:properties></bpmn:extensionElements>")  # fmt: skip


def flow(source: str, target: str, condition: str = "", name: str = "") -> str:
    """A flow, as XML; its id is source__target."""
    inner = (f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
             if condition else "")  # fmt: skip
    return (f'<bpmn:sequenceFlow id="{source}__{target}" name="{name}" sourceRef="{source}" targetRef="{target}">'
            f"{inner}</bpmn:sequenceFlow>")  # fmt: skip


def timer(id: str, on: str, *, interrupting: bool = True, days: int = 30) -> str:
    """A timer at the border of an element, as XML."""
    return (f'<bpmn:boundaryEvent id="{id}" attachedToRef="{on}" cancelActivity="{str(interrupting).lower()}">'
            f"<bpmn:timerEventDefinition><bpmn:timeDuration>P{days}D</bpmn:timeDuration></bpmn:timerEventDefinition>"
            "</bpmn:boundaryEvent>")  # fmt: skip


def find(root: etree._Element, id: str) -> etree._Element:
    """The element of the process with an id."""
    (found,) = (element for element in root.iter() if element.get("id") == id)
    return found


def _tidy(root: etree._Element) -> None:
    """Names of elements that are there no more, in incoming and outgoing, lanes and shapes."""
    ids = {element.get("id") for element in root.iter("{*}*")}
    for element in list(root.iter("{*}*")):
        names = etree.QName(element).localname in ("incoming", "outgoing", "flowNodeRef")
        gone = (names and element.text not in ids) or (element.get("bpmnElement") or next(iter(ids))) not in ids
        parent = element.getparent()
        if gone and parent is not None:
            parent.remove(element)
