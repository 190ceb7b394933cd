"""The words of the studio's pages: kinds of elements, properties, changes and states, (Chinese, English)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from flask import Flask
from flask_babel import gettext as _

from webapp.languages import language, pick
from workflows.actors import ROLES
from workflows.cases.acts import ACTS
from workflows.diagrams.difference.drawn import ENDS, LANE

Words = dict[str, tuple[str, str]]

CHANGES: Words = {
    "added": ("新增", "Added"), "removed": ("删除", "Removed"), "changed": ("修改", "Changed"),
    "moved": ("移动", "Moved"),
}  # fmt: skip
RELEASES: Words = {
    "waiting": ("待审批", "Waiting for approval"), "scheduled": ("已批准，待发布", "Approved, not published yet"),
    "published": ("已发布", "Published"), "rejected": ("未批准", "Refused"), "withdrawn": ("已撤回", "Withdrawn"),
    "failed": ("未能发布", "Failed"),
}  # fmt: skip
MIGRATIONS: Words = {
    "waiting": ("待审批", "Waiting for approval"), "running": ("办理中", "Under way"), "done": ("已结束", "Over"),
    "rejected": ("未批准", "Refused"), "withdrawn": ("已撤回", "Withdrawn"),
}  # fmt: skip
MIGRATED: Words = {
    "queued": ("等待迁移", "Waiting"), "moved": ("已迁移", "Moved"), "refused": ("未迁移", "Not moved"),
    "undoing": ("等待撤销", "To be undone"), "undone": ("已撤销", "Undone"),
}  # fmt: skip
DRAFTS: Words = {
    "open": ("编制中", "Open"), "published": ("已发布", "Published"), "discarded": ("已作废", "Discarded"),
}  # fmt: skip
ORIGINS: Words = {
    "version": ("已发布的版本", "A published version"), "shipped": ("程序提供的版本", "The program's own version"),
    "upgrade": ("本局版本并入程序升级", "The bureau's version with an upgrade of the program"),
    "empty": ("新建", "New"), "import": ("导入的文件", "An imported file"),
}  # fmt: skip
WHOSE: Words = {
    "both": ("双方都改过", "Changed by both"), "program": ("只有程序改过", "Changed by the program alone"),
    "bureau": ("只有本局改过", "Changed by the bureau alone"), "alike": ("双方改得相同", "Changed by both alike"),
}  # fmt: skip
"""Who changed a file since the program's package that both go back to."""
ELEMENTS: Words = {
    "startEvent": ("开始事件", "Start event"), "endEvent": ("结束事件", "End event"),
    "boundaryEvent": ("边界事件", "Boundary event"), "intermediateCatchEvent": ("中间捕获事件", "Catch event"),
    "intermediateThrowEvent": ("中间抛出事件", "Throw event"), "task": ("任务", "Task"),
    "userTask": ("人工环节", "Step of a person"), "manualTask": ("线下环节", "Manual task"),
    "serviceTask": ("系统环节", "Service task"), "sendTask": ("发送任务", "Send task"),
    "receiveTask": ("接收任务", "Receive task"), "businessRuleTask": ("规则环节", "Decision step"),
    "callActivity": ("调用流程", "Called process"), "subProcess": ("子流程", "Subprocess"),
    "transaction": ("事务", "Transaction"), "exclusiveGateway": ("排他网关", "Exclusive gateway"),
    "parallelGateway": ("并行网关", "Parallel gateway"), "inclusiveGateway": ("包容网关", "Inclusive gateway"),
    "eventBasedGateway": ("事件网关", "Event gateway"), "sequenceFlow": ("连线", "Flow"),
    "lane": ("泳道", "Lane"), "participant": ("泳池", "Pool"), "process": ("流程", "Process"),
    "collaboration": ("协作", "Collaboration"), "textAnnotation": ("注释", "Annotation"),
    "association": ("关联线", "Association"), "message": ("消息", "Message"), "signal": ("信号", "Signal"),
    "error": ("错误", "Error"), "escalation": ("升级", "Escalation"),
}  # fmt: skip
PROPERTIES: Words = {
    "name": ("名称", "Name"), "type": ("类型", "Type"), "act": ("法定行为", "Statutory act"),
    "formKey": ("表单", "Form"), "candidateGroups": ("办理角色", "Roles"), "candidateUsers": ("候选人", "Candidates"),
    "assignee": ("办理人", "Assignee"), "documentation": ("说明", "Documentation"), "lane": ("泳道", "Lane"),
    "scope": ("所在子流程", "Within"), "sourceRef": ("起点", "From"), "targetRef": ("终点", "To"),
    "default": ("默认连线", "Default flow"), "conditionExpression": ("条件", "Condition"),
    "calledElement": ("被调用流程", "Called process"), "decisionRef": ("决策表", "Decision"),
    "resultVariable": ("结果变量", "Result variable"), "in": ("传入", "Passed in"), "out": ("传回", "Passed back"),
    "dueDate": ("期限", "Due"), "priority": ("优先级", "Priority"), "topic": ("外部主题", "Topic"),
    "attachedToRef": ("附着于", "Attached to"), "cancelActivity": ("中断", "Interrupting"),
    "multiInstanceLoopCharacteristics.collection": ("逐一办理的名单", "For each of"),
    "multiInstanceLoopCharacteristics.elementVariable": ("名单变量", "Variable"),
    "multiInstanceLoopCharacteristics.isSequential": ("依次办理", "One after the other"),
    "multiInstanceLoopCharacteristics.completionCondition": ("完成条件", "Completion condition"),
    "timerEventDefinition.timeDate": ("到期时间", "At"), "timerEventDefinition.timeDuration": ("时长", "After"),
    "timerEventDefinition.timeCycle": ("周期", "Every"), "historyTimeToLive": ("保存期限", "Kept for"),
    "label": ("标签", "Label"), "properties.label_en": ("英文标签", "English label"),
    "description": ("说明", "Description"), "properties.description_en": ("英文说明", "English description"),
    "validate.required": ("必填", "Required"), "validate.maxLength": ("最大长度", "Longest"),
    "validate.minLength": ("最小长度", "Shortest"), "validate.min": ("最小值", "Least"),
    "validate.max": ("最大值", "Most"), "validate.pattern": ("格式", "Pattern"), "values": ("选项", "Choices"),
    "valuesKey": ("选项来源", "Choices from"), "conditional.hide": ("隐藏条件", "Hidden when"),
    "properties.material": ("生成材料", "Becomes material"), "text": ("文字", "Text"),
    "hitPolicy": ("命中策略", "Hit policy"), "aggregation": ("汇总", "Aggregation"),
    "defaultValue": ("默认值", "Default value"), "disabled": ("停用", "Disabled"), "readonly": ("只读", "Read only"),
    "subtype": ("日期或者时间", "Date or time"), "dateLabel": ("日期名称", "Date label"),
    "timeLabel": ("时间名称", "Time label"), "timeInterval": ("时间间隔", "Time interval"),
    "use24h": ("24 小时制", "24 hours"), "decimalDigits": ("小数位数", "Decimal digits"),
    "appearance.suffixAdorner": ("后缀", "Suffix"), "appearance.prefixAdorner": ("前缀", "Prefix"),
    "accept": ("可用的文件类型", "File formats"), "multiple": ("可以多个文件", "Several files"),
    "allowAddRemove": ("可以增减行", "Rows may be added"), "defaultRepetitions": ("默认行数", "Rows to begin with"),
    "isRepeating": ("可以多行", "Repeats"), "path": ("数据名称", "Path"), "showOutline": ("显示边框", "Outline"),
    "verticalAlignment": ("纵向对齐", "Vertical alignment"), "properties.row_key": ("标识各行的列", "Key of a row"),
    "properties.rows": ("每行对应", "A row for each"), "properties.format": ("核对为", "Checked as"),
    "isExecutable": ("可执行", "Executable"),
    "mapDecisionResult": ("结果的形式", "Shape of the result"), "processRef": ("流程", "Process"),
    "expression": ("表达式", "Expression"), "requires": ("依赖的决策", "Requires"),
}  # fmt: skip
FIELDS: Words = {
    "textfield": ("单行文本", "Text field"), "textarea": ("多行文本", "Text area"), "number": ("数字", "Number"),
    "datetime": ("日期和时间", "Date and time"), "checkbox": ("勾选框", "Checkbox"),
    "checklist": ("多选", "Checkboxes"),
    "radio": ("单选", "Radio buttons"), "select": ("下拉选择", "Select"), "taglist": ("多选（标签）", "Tag list"),
    "text": ("说明文字", "Text"), "separator": ("分隔线", "Separator"), "spacer": ("空白", "Spacer"),
    "group": ("分组", "Group"), "dynamiclist": ("明细表", "List"), "filepicker": ("附件", "File picker"),
    "button": ("按钮", "Button"),
}  # fmt: skip
"""Kinds of fields of a form."""
_NAMES_ANOTHER = (".messageRef", ".signalRef", ".errorRef", ".escalationRef", ".activityRef")
_COLUMN = re.compile(r"(input|output) (.*)")


def init_app(app: Flask) -> None:
    """Let templates find the words."""
    app.jinja_env.globals.update(
        STUDIO_CHANGES=CHANGES, STUDIO_RELEASES=RELEASES, STUDIO_DRAFTS=DRAFTS, STUDIO_MIGRATIONS=MIGRATIONS,
        STUDIO_MIGRATED=MIGRATED, STUDIO_ORIGINS=ORIGINS
    )
    app.jinja_env.filters.update(
        element_kind=element_kind, property_name=property_name, property_value=property_value
    )


def element_kind(kind: str) -> str:
    """What an element of a diagram is called; its BPMN name where it has no other."""
    return pick(ELEMENTS.get(kind, (kind, kind)))


def property_name(name: str) -> str:
    """What a property is called; its technical name where it has no other."""
    if found := _COLUMN.fullmatch(name):
        return pick({"input": ("输入列", "Input"), "output": ("输出列", "Output")}[found[1]]) + f" {found[2]}"
    return pick(PROPERTIES.get(name, (name, name)))


def property_value(value: object, name: str, called: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a property says: names of acts and roles in words, all else as it is written.

    called: the names of the diagram's elements by id and by Chinese name, for properties that name one.
    """
    written = str(value)
    if name in ENDS or name == LANE or name.endswith(_NAMES_ANOTHER):
        return called.get(written, written)
    if name == "type":
        return pick((ELEMENTS | FIELDS).get(written, (written, written)))
    if written in ("true", "false"):
        return str(_("是") if written == "true" else _("否"))
    if name == "act" and written in ACTS:
        return pick((ACTS[written].zh, ACTS[written].en))
    if name == "candidateGroups":
        comma = {"zh": "、"}.get(language(), ", ")
        return comma.join(pick(ROLES[one]) if one in ROLES else one for one in map(str.strip, written.split(",")))
    return written


def versions_named(numbers: Sequence[int]) -> str:
    """What versions of one content are called: one line for all of them, in the reader's language."""
    said = ("、" if language() == "zh" else ", ").join(_("第 %(number)d 版", number=number) for number in numbers)
    return _("%(versions)s（内容相同）", versions=said) if len(numbers) > 1 else said
