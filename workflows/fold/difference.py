"""One place where the tables and the ledger disagree, as a value and as a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflows.ledger.canonical import text

NOUNS: dict[str, tuple[str, str]] = {
    "case_file": ("案件", "case"),
    "case_officer": ("办案人员", "officer of the case"),
    "case_reader": ("阅卷人员", "reader of the case"),
    "case_copy": ("抄送", "copy for reading"),
    "case_recusal": ("回避", "recusal"),
    "party": ("当事人", "party"),
    "case_matter": ("案由事项", "matter"),
    "draft": ("拟处理意见", "draft"),
    "draft_penalty": ("拟处罚内容", "proposed penalty"),
    "material": ("材料", "material"),
    "opinion": ("审核意见", "opinion"),
    "finding": ("审核发现的问题", "finding"),
    "notice": ("告知", "notice"),
    "hearing": ("听证", "hearing"),
    "seizure": ("查封扣押", "seizure"),
    "on_site_act": ("现场执法活动", "act on site"),
    "referral": ("案件移送", "referral"),
    "decision": ("处罚决定", "decision"),
    "document": ("文书", "document"),
    "clock": ("期限", "time limit"),
    "task": ("任务", "task"),
    "task_candidate": ("任务候选人", "candidate of a task"),
    "meeting": ("会议", "meeting"),
    "meeting_member": ("参会人员", "member of a meeting"),
    "agenda_item": ("会议议题", "item of an agenda"),
    "vote": ("表决", "vote"),
    "remark": ("案件讨论", "remark"),
    "page_note": ("批注", "note on a page"),
    "repair": ("流程数据改正", "repair of a process's data"),
    "engine_instance": ("流程实例", "instance"),
    "engine_scope": ("流程实例的子流程", "scope of an instance"),
    "engine_task": ("流程实例的环节", "token of an instance"),
    "external_task": ("外部任务", "external task"),
    "engine_package": ("流程版本", "stored version of a process"),
    "engine_current": ("现行流程", "present version of process"),
    "published_package": ("流程发布", "published version of a process"),
    "process_suspension": ("流程暂停", "suspension of a process"),
    "workday": ("日历", "day of the calendar"),
    "process_release": ("流程发布申请", "request for a publication"),
    "post_request": ("岗位申请", "request for a post"),
    "certificate": ("证件", "certificate"),
    "matter": ("事项目录中的事项", "matter of the catalogue"),
    "review_class": ("审查类别", "class of legality review"),
    "bureau_rule": ("法律参数", "legal parameter"),
    "person": ("人员", "person"),
    "post": ("岗位", "post"),
    "machine_account": ("外部程序账号", "account of a program"),
    "number_series": ("文号序列", "series of numbers"),
}
"""Table → what a row of it is, in both languages. A table that is missing here goes by its name."""

NOTHING = object()
"""Stands for "no such row" on one side."""

SHOWN = 120
"""Characters of a value that a sentence shows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the ledger says and what the table says.

    root_id: of the case or meeting. table and key: whose row; column: None when the row as a whole is missing on one
    side. ledger, stored: both values as the ledger writes them, NOTHING for no row. cause: what else is wrong, in
    Chinese and English, where no column can be named (a replay that stopped).
    """

    root_id: str
    table: str
    key: str
    column: str | None
    ledger: Any
    stored: Any
    cause: tuple[str, str] = ("", "")

    def sentence(self, language: str = "zh") -> str:
        """As a sentence for the auditor. language: "zh" or "en"."""
        noun = NOUNS.get(self.table, (self.table, self.table))[0 if language == "zh" else 1]
        told, found = _shown(self.ledger, language), _shown(self.stored, language)
        if language == "zh":
            where = f"{noun} {self.key}" + (f" 的 {self.column}" if self.column else "")
            cause = f"（{self.cause[0]}）" if self.cause[0] else ""
            root = f"案件 {self.root_id}：" if self.root_id else ""
            return f"{root}{where}，账本为{told}，数据表为{found}{cause}"
        where = f"{noun} {self.key}" + (f", {self.column}" if self.column else "")
        cause = f" ({self.cause[1]})" if self.cause[1] else ""
        root = f"case {self.root_id}: " if self.root_id else ""
        return f"{root}{where}: the ledger says {told}, the table says {found}{cause}"


def _shown(value: Any, language: str) -> str:
    if value is NOTHING:
        return "没有此行" if language == "zh" else "there is no such row"
    form = text(value)
    return form if len(form) <= SHOWN else form[:SHOWN] + "…"
