"""What stands still, in words: what went wrong, what to do about it, and the details for whoever mends programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from webapp import elementnames, labels
from webapp.languages import language, pick
from webapp.sentences import codes, sentence
from workflows.errors import FashenError
from workflows.operations.troubles import DELIVERY, DOCUMENT, EXTERNAL, INSTANCE, Trouble

KINDS: Mapping[str, LazyString] = {
    INSTANCE: _("流程"), EXTERNAL: _("外部任务"), DOCUMENT: _("文书"), DELIVERY: _("通知"),
}  # fmt: skip
"""What each kind of trouble is called."""

_TOLD: Mapping[str, LazyString] = {
    "engine.failed": _("执行到这一步时程序出错，案件停留在原环节，资料没有丢失。"),
    "engine.handler_failed": _("系统操作没有执行成功，案件停留在原环节，资料没有丢失。"),
    "engine.state_damaged": _("数据库中本案的流程数据已经损坏，无法读取，案件停留在原处。"),
    "engine.package_altered": _("数据库中本案的流程图被改动过，与发布时不一致，系统拒绝继续使用。"),
    "document.render_failed": _("文书没有生成，文号和内容已经保存。"),
    "operations.external_failed": _("外部程序没有完成本环节，重试次数已经用尽。"),
}
"""What is better said without the program's own words, which stand in the details."""

_ADVICE: Mapping[str, LazyString] = {
    "engine.state_damaged": _("不要重试。请运行 fashen ledger verify --state 核对，从备份恢复本案。"),
    "engine.package_altered": _("不要重试。请运行 fashen ledger verify --state 核对，从备份恢复流程图。"),
    "engine.no_flow": _("决定去向的数据不符合任何一条路径。数据有误的，申请改正；流程图有误的，发布新版本后迁移本案。"),
    "engine.failed": _("程序问题排除后重试；再次失败的，请把技术信息交给程序维护人员。"),
    "engine.handler_failed": _("程序问题排除后重试；再次失败的，请把技术信息交给程序维护人员。"),
}
_ADVICE_OF_KIND: Mapping[str, LazyString] = {
    INSTANCE: _("数据有误的，申请改正数据后重试；流程图有误的，发布新版本后迁移本案。"),
    EXTERNAL: _("先排除外部程序的故障，再重试；重试后外部程序会重新领取本任务。"),
    DOCUMENT: _("检查字体、文件存储和磁盘空间，再重试；系统也会自动重试。"),
    DELIVERY: _("检查邮件、消息服务的设置和收件地址，再重试。系统内的通知不受影响。"),
}


STUCK: Mapping[str, tuple[LazyString, LazyString]] = {
    "nobody": (_("无人可以办理"), _("没有在岗的候选人。任命相应岗位后，由系统管理员申请交其办理；负责人也可以转办。")),
    "gone": (
        _("办理人已离岗"),
        _("办理人账号已停用，或者已没有岗位。由承办机构负责人转办；没有负责人的，由系统管理员申请交他人办理。"),
    ),
    "still": (_("长期没有进展"), _("请承办机构负责人了解情况，催办或者转办。")),
    "overdue": (_("超期未催办"), _("已超过期限，尚未催办过。请承办机构负责人催办。")),
    "timer": (
        _("计时逾期未执行"), _("到期的计时事件没有执行，通常是后台程序没有运行。请检查后台程序（fashen worker）。"),
    ),
    "outside": (_("外部任务等待过久"), _("外部程序没有领取，或者领取后迟迟没有交回。请检查外部程序。")),
}
"""How a case may be stuck: what it is called, and what helps."""

_FACTS = {
    "element": ("元素标识", "Element id"), "label": ("元素名称", "Element"), "line": ("流程图行号", "Line"),
    "process": ("流程标识", "Process key"), "handler": ("处理程序", "Handler"), "reason": ("原因", "Reason"),
    "topic": ("外部主题", "Topic"), "variable": ("变量", "Variable"), "name": ("名称", "Name"),
    "expression": ("表达式", "Expression"), "table": ("决策表", "Decision table"),
}  # fmt: skip
"""What the facts of an incident are called; others by their technical names."""


@dataclass(frozen=True, slots=True)
class Line:
    """A trouble as a row shows it. process, version, step: where; details: name → value, for whoever mends programs."""

    trouble: Trouble
    process: str
    step: str
    told: str
    advice: str
    details: Mapping[str, str]


def line(session: Session, trouble: Trouble) -> Line:
    """The row of one trouble, in the reader's language."""
    process, step = where(session, trouble.package_hash, trouble.process_key, trouble.element_id, trouble.name)
    details = {gettext("错误代码"): trouble.code}
    details |= {pick(_FACTS.get(name, (name, name))): str(value) for name, value in trouble.facts.items()
                if value not in (None, "") and name != "instance"}  # fmt: skip
    if trouble.instance_id:
        details[gettext("流程实例")] = trouble.instance_id
    return Line(trouble, process, step or trouble.name, told(trouble), advice(trouble), details)


def where(session: Session, package_hash: str, key: str, element_id: str, name: str) -> tuple[str, str]:
    """What the process and its element are called, in the reader's language."""
    if not package_hash:
        return "", ""
    try:
        step = elementnames.of_version(session, package_hash, element_id, name) if element_id else ""
        return labels.process_name(session, package_hash, key), step
    except FashenError:  # what can't be read is what stands on the row
        return key, name or element_id


def told(trouble: Trouble) -> str:
    """What went wrong."""
    if trouble.code in _TOLD:
        return str(_TOLD[trouble.code])
    if trouble.code not in codes():
        return str(gettext("程序没有说明原因。"))
    return sentence(trouble.code, trouble.facts, language())


def advice(trouble: Trouble) -> str:
    """What to do about it."""
    return str(_ADVICE.get(trouble.code) or _ADVICE_OF_KIND[trouble.kind])
