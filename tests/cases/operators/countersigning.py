"""A bureau's own version of the penalty process: before legal review, its people countersign the draft (会签)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import yaml
from lxml import etree

from workflows.diagrams import library
from workflows.engine.package import Package
from workflows.engine.xml import safe_tree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
STEP, NAME = "countersign", "处罚建议会签"
OPERATORS = ["claim", "release", "reassign", "delegate", "substitute", "add_signer", "remove_signer", "ask", "return"]
FORM = {
    "type": "default", "id": "form_countersign", "schemaVersion": 16,
    "components": [{
        "type": "textarea", "key": "opinion", "id": "Field_countersign_opinion", "label": "会签意见",
        "validate": {"required": True, "maxLength": 2000}, "properties": {"label_en": "Opinion"},
    }],
}  # fmt: skip
DRAWN = f"""<some xmlns:bpmn="{BPMN}" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI">
  <bpmn:userTask id="{STEP}" name="{NAME}" camunda:formKey="{STEP}" camunda:assignee="${{signer}}">
    <bpmn:incoming>unit_checked_to_first_review</bpmn:incoming>
    <bpmn:outgoing>{STEP}_to_first_review</bpmn:outgoing>
    <bpmn:multiInstanceLoopCharacteristics camunda:collection="${{[%s]}}" camunda:elementVariable="signer"/>
  </bpmn:userTask>
  <bpmn:sequenceFlow id="{STEP}_to_first_review" sourceRef="{STEP}" targetRef="first_review"/>
  <bpmndi:BPMNShape id="{STEP}_di" bpmnElement="{STEP}"><dc:Bounds x="1870" y="1115" width="100" height="80"/>
  </bpmndi:BPMNShape>
  <bpmndi:BPMNEdge id="{STEP}_to_first_review_di" bpmnElement="{STEP}_to_first_review">
    <di:waypoint x="1920" y="1115"/><di:waypoint x="1920" y="1040"/><di:waypoint x="1805" y="1040"/>
    <di:waypoint x="1805" y="580"/>
  </bpmndi:BPMNEdge>
</some>"""


def package(signers: Sequence[str]) -> Package:
    """The shipped process with the round between the unit's check and legal review. signers: ids of people."""
    shipped = library.shipped()["penalty"]
    said = yaml.safe_load(shipped.files["process.yaml"])
    said["operators"][STEP] = OPERATORS
    said["labels"][STEP] = {"zh": NAME, "en": "Countersigning"}
    files = {
        **shipped.files, "penalty.bpmn": _drawn(shipped.files["penalty.bpmn"], signers),
        "process.yaml": yaml.safe_dump(said, allow_unicode=True).encode(),
        f"forms/{STEP}.form": json.dumps(FORM, ensure_ascii=False).encode(),
    }  # fmt: skip
    return replace(shipped, files=files)


def _drawn(diagram: bytes, signers: Sequence[str]) -> bytes:
    tree = safe_tree(diagram, "penalty.bpmn")
    by_id = {str(one.get("id")): one for one in tree.iter("*") if one.get("id")}
    task, flow, shape, edge = etree.fromstring(DRAWN % ",".join(f"'{one}'" for one in signers))
    by_id["first_review"].addprevious(task)
    by_id["unit_checked_to_first_review"].addnext(flow)
    by_id["unit_checked_to_first_review"].set("targetRef", STEP)
    for incoming in by_id["first_review"].iterfind(f"{{{BPMN}}}incoming"):
        incoming.text = f"{STEP}_to_first_review"
    lane = etree.SubElement(by_id["lane_unit"], f"{{{BPMN}}}flowNodeRef")
    lane.text = STEP
    by_id["first_review_di"].addprevious(shape)
    to_round = by_id["unit_checked_to_first_review_di"]
    for point, (x, y) in zip(list(to_round)[:2], ((1830, 1155), (1870, 1155)), strict=True):
        point.set("x", str(x))
        point.set("y", str(y))
    to_round.addnext(edge)
    return bytes(etree.tostring(tree))
