"""What a new form or decision table begins with, and what a copy of one is called inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from lxml import etree

from workflows.engine.xml import safe_tree
from workflows.errors import DiagramRefused

_TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" \
xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" \
id="definitions_{id}" name="{name}" namespace="http://fashen.example/dmn/{id}">
  <decision id="{id}" name="{name}">
    <decisionTable id="{id}_table" hitPolicy="FIRST">
      <input id="{id}_input" label="条件">
        <inputExpression id="{id}_expression" typeRef="string">
          <text>input</text>
        </inputExpression>
      </input>
      <output id="{id}_output" label="结果" name="result" typeRef="boolean" />
      <rule id="{id}_otherwise">
        <description>其他情形</description>
        <inputEntry id="{id}_otherwise_input">
          <text></text>
        </inputEntry>
        <outputEntry id="{id}_otherwise_result">
          <text>false</text>
        </outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="{id}_diagram">
      <dmndi:DMNShape id="{id}_shape" dmnElementRef="{id}">
        <dc:Bounds height="80" width="180" x="160" y="100" />
      </dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""
_SCHEMA = 16
"""Version of form-js schemas, as in the shipped forms."""


def blank_form(id: str) -> bytes:
    """A form of that id with one field, a note, so that its preview shows something."""
    note: Mapping[str, Any] = {
        "label": "说明", "type": "textarea", "layout": {"row": f"Row_{id}_1", "columns": None},
        "id": f"Field_{id}_note", "key": "note", "validate": {"maxLength": 2000}, "properties": {"label_en": "Note"},
    }  # fmt: skip
    return _written({"components": [note], "type": "default", "id": id, "schemaVersion": _SCHEMA})


def blank_table(id: str, name: str) -> bytes:
    """A DMN file with one decision of that id and name: one input, one output, and one rule for all else, so that it
    always answers. The input reads a variable that its author has yet to name; the checks say so where it is used.
    """
    return _TABLE.format(id=id, name=escape(name, quote=True)).encode()


def copied_form(data: bytes, id: str) -> bytes:
    """A form under another id. What can't be read as a form stays as it is: the checks say what is wrong with it."""
    try:
        said = json.loads(data)
    except ValueError:
        return data
    return _written({**said, "id": id}) if isinstance(said, dict) else data


def copied_table(data: bytes, id: str) -> bytes:
    """A DMN file whose decisions have other ids: the only one that of the new file, of several each with it before.

    What requires or draws them follows. What can't be read stays as it is: the checks say what is wrong with it.
    """
    try:
        root = safe_tree(data, f"{id}.dmn").getroot()
    except DiagramRefused:
        return data
    decisions = list(root.iter("{*}decision"))
    known = [str(one.get("id")) for one in decisions if one.get("id")]
    new = {old: id if len(known) == 1 else f"{id}_{old}" for old in known}
    for one in decisions:
        if (old := one.get("id")) in new:
            one.set("id", new[old])
    for one in root.iter("{*}*"):
        if (href := str(one.get("href") or "")).startswith("#") and href[1:] in new:
            one.set("href", f"#{new[href[1:]]}")
        if (drawn := one.get("dmnElementRef")) in new:
            one.set("dmnElementRef", new[drawn])
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def decisions(data: bytes, path: str) -> list[str]:
    """The ids of the decisions of a DMN file; none where it can't be read."""
    try:
        return [str(one.get("id")) for one in safe_tree(data, path).getroot().iter("{*}decision")]
    except DiagramRefused:
        return []


def _written(form: Mapping[str, Any]) -> bytes:
    return (json.dumps(form, ensure_ascii=False, indent=2) + "\n").encode()
