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


ALL = [
    field("text", "t", "", text="## 填写说明\n请按**实际情况**填写：\n\n- 金额以元为单位\n- 附件使用 PDF\n"),
    field("textfield", "title", "标题", validate={"required": True, "maxLength": 40}, layout={"row": "r1"}),
    field("radio", "result", "处理意见", validate={"required": True}, layout={"row": "r2", "columns": 8}, values=[
        {"value": "keep", "label": "留存"}, {"value": "move", "label": "移送"}]),
    field("number", "amount", "涉案金额", appearance={"prefixAdorner": "约", "suffixAdorner": "元"},
          layout={"row": "r2", "columns": 8}, description="没有金额的不填。"),
    field("group", "g", "移送", conditional={"hide": '=result != "move"'}, components=[
        field("textfield", "target", "移送机关", validate={"required": True}, layout={"row": "r3"}),
        field("textfield", "phone", "联系电话", validate={"validationType": "phone"}, layout={"row": "r3"}),
    ]),
    field("datetime", "hour", "时间", subtype="time", layout={"row": "r4"}),
    field("datetime", "day", "日期", subtype="date", layout={"row": "r4"}),
    field("taglist", "kinds", "物品种类", layout={"row": "r5"}, values=[
        {"value": "fire", "label": "易燃"}, {"value": "toxic", "label": "有毒"}]),
    field("dynamiclist", "goods", "物品清单", validate={"required": True, "maxRows": 3}, components=[
        field("textfield", "name", "名称", validate={"required": True}), field("number", "count", "数量"),
        field("checkbox", "sealed", "已封存"),
    ]),
    field("dynamiclist", "people", "在场人员", components=[
        field("textfield", "name", "姓名", layout={"row": "p1"}),
        field("checkbox", "signs", "签名", layout={"row": "p1"}),
        field("textarea", "why", "不签名的原因", conditional={"hide": "=signs"}, validate={"required": True}),
    ]),
    field("dynamiclist", "replies", "当事人意见", allowAddRemove=False, properties=PARTIES, components=[
        field("select", "party", "当事人", valuesKey="parties"), field("textfield", "said", "意见"),
        field("textfield", "answer", "答复"),
    ]),
    field("filepicker", "papers", "附件", multiple=True, accept=".pdf",
          properties={"material": "evidence", "max_files": "2", "max_mb": "5"}),
]  # fmt: skip
"""A form with every kind of field and everything that a form can say of one."""
ALL_RIGHTS = {
    "draft": {"replies.answer": "hide"},
    "check": dict.fromkeys(
        ("title", "amount", "result", "target", "goods", "people", "papers", "hour", "day", "kinds", "replies.said"),
        "read",
    ),
    "decide": {"replies": "read", "goods": "hide"},
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


def opening(components: list[dict[str, Any]]) -> Package:
    """A process that cases are opened with, and whose only step reads what was said then but for the summary."""
    rights = {"check": {**{key["path" if key["type"] == "dynamiclist" else "key"]: "read" for key in components},
                        "summary": "hide"}}  # fmt: skip
    made = package(rights, components)
    drawn = d.draw(
        d.start("start", d.properties(act="lead"), camunda_formKey="paper"),
        d.user("check", name="核对", camunda_candidateGroups="case_officer", camunda_formKey="paper"),
        d.end(), d.flows("start > check > end"), key="paper",
    )  # fmt: skip
    return Package("paper", {**made.files, "paper.bpmn": drawn})


def reporting(components: list[dict[str, Any]], rights: dict[str, str]) -> Package:
    """Two reports on one form, of which the second has only some rights."""
    made = package({"second": rights}, components)
    report = d.properties(act="investigation_report")
    steps = [
        d.user(id, report, name=id, camunda_candidateGroups="case_officer", camunda_formKey="paper")
        for id in ("first", "second")
    ]
    drawn = d.draw(d.start(), *steps, d.end(), d.flows("start > first > second > end"), key="paper")
    return Package("paper", {**made.files, "paper.bpmn": drawn})
