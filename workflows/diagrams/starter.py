"""What a new process begins with: a start, one step of a case officer, an end, drawn; and the description of it all."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import yaml

from workflows.actors import ROLES
from workflows.engine.xml import safe_tree
from workflows.errors import FashenError

_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" \
id="definitions_{key}" targetNamespace="http://fashen.example/bpmn/{key}">
  <bpmn:process id="{key}" name="{name}" isExecutable="true" camunda:historyTimeToLive="P3650D">
    <bpmn:startEvent id="started" name="开始">
      <bpmn:outgoing>started_to_handle</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="handle" name="办理" camunda:candidateGroups="case_officer">
      <bpmn:incoming>started_to_handle</bpmn:incoming>
      <bpmn:outgoing>handle_to_ended</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="ended" name="办结">
      <bpmn:incoming>handle_to_ended</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="started_to_handle" sourceRef="started" targetRef="handle"/>
    <bpmn:sequenceFlow id="handle_to_ended" sourceRef="handle" targetRef="ended"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_{key}">
    <bpmndi:BPMNPlane id="plane_{key}" bpmnElement="{key}">
      <bpmndi:BPMNShape id="started_di" bpmnElement="started">
        <dc:Bounds x="160" y="122" width="36" height="36"/>
        <bpmndi:BPMNLabel><dc:Bounds x="166" y="165" width="24" height="14"/></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="handle_di" bpmnElement="handle"><dc:Bounds x="260" y="100" width="100" height="80"/>\
</bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="ended_di" bpmnElement="ended">
        <dc:Bounds x="424" y="122" width="36" height="36"/>
        <bpmndi:BPMNLabel><dc:Bounds x="430" y="165" width="24" height="14"/></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="started_to_handle_di" bpmnElement="started_to_handle">\
<di:waypoint x="196" y="140"/><di:waypoint x="260" y="140"/></bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="handle_to_ended_di" bpmnElement="handle_to_ended">\
<di:waypoint x="360" y="140"/><di:waypoint x="424" y="140"/></bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""

_GROUPS = "{http://camunda.org/schema/1.0/bpmn}candidateGroups"
_LABELS: Mapping[str, tuple[str, str]] = {
    "started": ("开始", "Start"), "handle": ("办理", "Handle"), "ended": ("办结", "Done"),
}  # fmt: skip


def starter(key: str, name: str) -> dict[str, bytes]:
    """The files of a new process with that key and name; the English title is left for its author to write."""
    said = {
        **_said(key, name, ["case_officer"]), "operators": {"handle": ["claim", "release"]},
        "labels": {id: {"zh": zh, "en": en} for id, (zh, en) in _LABELS.items()},
    }  # fmt: skip
    diagram = _DIAGRAM.format(key=key, name=escape(name.strip(), quote=True))
    return {f"{key}.bpmn": diagram.encode(), "process.yaml": _written(said)}


def described(key: str, name: str, diagram: bytes) -> dict[str, bytes]:
    """The process.yaml of a diagram from outside: the title that the diagram has, or else the name; its roles."""
    title, roles = "", set[str]()
    try:
        for element in safe_tree(diagram, f"{key}.bpmn").getroot().iter("{*}process", "{*}userTask"):
            if element.tag.endswith("}process"):
                title = title or str(element.get("name") or "").strip()
            roles.update(str(element.get(_GROUPS) or "").replace(" ", "").split(","))
    except FashenError:
        pass  # the checks say what is wrong with it
    return {"process.yaml": _written(_said(key, title or name, [role for role in ROLES if role in roles]))}


def _said(key: str, title: str, roles: list[str]) -> dict[str, object]:
    return {"key": key, "title": {"zh": title.strip(), "en": key.replace("_", " ").capitalize()}, "roles": roles}


def _written(said: Mapping[str, object]) -> bytes:
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False).encode()
