"""A process of three steps on one form, with every kind of field, for tests of what a step may do with a form."""

from __future__ import annotations

import json
from typing import Any

import yaml

from tests.engine import drawing as d
from workflows.engine.package import Package

PARTIES = {"rows": "parties", "row_key": "party"}


def field(kind: str, key: str, label: str, **more: Any) -> dict[str, Any]:
    properties = {"label_en": key.capitalize(), **more.pop("properties", {})}
    named = {"type": kind, "key": key, "path": key, "id": f"Field_{key}", "label": label}
    return {**named, "properties": properties, **more}


COMPONENTS = [
    field("textfield", "title", "标题", validate={"required": True, "maxLength": 40}),
    field("textarea", "secret", "举报人情况"),
    field("number", "amount", "金额", decimalDigits=2),
    field("select", "grade", "等级", values=[{"value": "a", "label": "一般"}, {"value": "b", "label": "较大"}]),
    field("dynamiclist", "goods", "物品清单", components=[
        field("textfield", "name", "名称", validate={"required": True}), field("number", "count", "数量"),
    ]),
    field("dynamiclist", "replies", "当事人意见", allowAddRemove=False, properties=PARTIES, components=[
        field("select", "party", "当事人", valuesKey="parties"), field("textfield", "said", "意见"),
        field("textfield", "answer", "答复"),
    ]),
    field("filepicker", "papers", "附件", multiple=True, accept=".pdf", properties={"material": "evidence"}),
]  # fmt: skip
RIGHTS: dict[str, dict[str, str]] = {
    "draft": {"replies.answer": "hide"},
    "check": {
        "title": "read", "secret": "hide", "amount": "read", "goods": "read", "papers": "read", "replies.said": "read",
    },
    "decide": {"secret": "hide", "replies": "read"},
}  # fmt: skip


def package(rights: Any = RIGHTS, components: list[dict[str, Any]] = COMPONENTS, **attributes: str) -> Package:
    """draft (officer) > check (legal) > decide (leader). attributes: of the step `decide`."""
    said = {"key": "paper", "title": {"zh": "文书", "en": "Paper"}, "kinds": ["行政处罚"], "fields": rights}

    def step(id: str, name: str, role: str, inner: str = "", **more: str) -> str:
        return d.user(id, inner, name=name, camunda_candidateGroups=role, **{"camunda_formKey": "paper", **more})

    drawn = d.draw(
        d.start(), step("draft", "起草", "case_officer"), step("check", "核对", "legal_reviewer"),
        step("decide", "审定", "bureau_leader", **{"inner": "", **attributes}), d.end(),
        d.flows("start > draft > check > decide > end"), key="paper",
    )  # fmt: skip
    schema = {"type": "default", "id": "paper", "schemaVersion": 16, "components": components}
    return Package("paper", {
        "paper.bpmn": drawn, "process.yaml": yaml.safe_dump(said, allow_unicode=True, sort_keys=False).encode(),
        "forms/paper.form": json.dumps(schema, ensure_ascii=False).encode(),
    })  # fmt: skip
