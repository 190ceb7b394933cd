"""Attributes that a diagram may carry and that change nothing here, each with the reason: a table of the document."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.engine.allowed import ATTRIBUTES, CAMUNDA_ATTRIBUTES, Values, short

WITHOUT_EFFECT: Mapping[tuple[str, ...], tuple[str, str]] = {
    ("camunda:asyncBefore", "camunda:asyncAfter", "camunda:exclusive"): (
        "每个办理动作就是一个事务，要么全部写入，要么全部不写；多加事务边界看不出任何不同。",
        "Every command is one transaction, kept as a whole or not at all; further borders change nothing to be seen."),
    ("camunda:formRefBinding", "camunda:decisionRefBinding", "camunda:calledElementBinding"): (
        "latest 与 deployment 相同：表单和决策表总用流程包自己的；所调用流程的版本在立案时固定。其他取值不予采用。",
        "latest and deployment are the same: forms and decisions are those of the package itself, the called version "
        "is pinned when the case starts. Other values are refused."),
    ("camunda:historyTimeToLive",): (
        "案件记录保存多久，不由流程图决定。",
        "How long records are kept is not for a diagram to say."),
    ("camunda:versionTag",): (
        "版本由发布时登记的版本号和内容摘要确定。",
        "A version is known by the number given when it is published and by the hash of its content."),
    ("camunda:isStartableInTasklist",): (
        "谁能立案由角色决定。", "Who may open a case is a matter of roles."),
    ("camunda:errorMessage",): (
        "错误以代码区分，处理时只传代码。", "Errors are told apart by their codes; the code is what is handed on."),
    ("processType", "isClosed"): (
        "只是说明；外部程序能做什么由系统权限决定。", "A remark; what programs outside may do is a matter of rights."),
    ("gatewayDirection",): (
        "方向以所画连线为准。", "The flows that are drawn say it."),
    ("typeLanguage",): (
        "不读取类型声明（itemDefinition 不予采用）。", "No types are declared: itemDefinition is refused."),
    ("processRef", "dataObjectRef", "dataStoreRef", "isCollection", "categoryValueRef", "associationDirection",
     "textFormat"): (
        "只供人看的内容（泳池、数据对象、批注）。", "For readers only: pools, data objects, notes."),
    ("targetNamespace", "exporter", "exporterVersion", "xsi:schemaLocation", "modeler:executionPlatformVersion",
     "camunda:diagramRelationId"): (
        "建模工具自用。", "The modeler's own."),
}
"""Names as people write them → why they change nothing, in Chinese and English."""
_ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "camunda:in businessKey": (
        "成为所调用流程的变量 businessKey，按普通变量对待；案号由系统编定，不随之改变。",
        "Becomes the variable businessKey of the called process, a variable like others; the number of the case is the "
        "system's and does not change with it."),
}


def allowed() -> dict[str, dict[str, Values]]:
    """Every attribute that is allowed, by its name as people write it: the elements that may carry it, with values."""
    found: dict[str, dict[str, Values]] = {}
    for tags, prefix in ((ATTRIBUTES, ""), (CAMUNDA_ATTRIBUTES, "camunda:")):
        for tag, own in tags.items():
            for name, values in own.items():
                found.setdefault(short(name), {})[f"{prefix}{tag}"] = values
    return found


def section() -> str:
    """The table of the document."""
    lines = ["## 接受但不起作用的属性 Attributes that are accepted and change nothing\n",
             "| 属性 Attribute | 元素 Element | 为什么 Why |", "|---|---|---|"]
    known = allowed()
    for names, (zh, en) in WITHOUT_EFFECT.items():
        tags = dict.fromkeys(tag for name in names for tag in known[name])
        lines.append(f"| {', '.join(names)} | {', '.join(tags)} | {zh}<br>{en} |")
    lines.append("\n## 另有含义的属性 Attributes that mean something else here\n")
    lines += ["| 属性 Attribute | 说明 Remark |", "|---|---|"]
    lines += [f"| {name} | {zh}<br>{en} |" for name, (zh, en) in _ELSEWHERE.items()]
    return "\n".join([*lines, ""])
