"""Codes of the case file as words, (Chinese, English): what tables and badges show."""

from __future__ import annotations

from flask import Flask

from workflows.actors import ROLES
from workflows.cases import circles
from workflows.cases.file import CASE_STATES, CRIME_STATES
from workflows.cases.reviews import OPINION_TYPES, REVIEW_POINTS
from workflows.desk import remarks
from workflows.documents.kinds.registry import KINDS

Words = dict[str, tuple[str, str]]

OUTCOMES: Words = {
    "penalise": ("拟给予行政处罚", "Penalty proposed"),
    "minor": ("拟不予行政处罚（违法行为轻微）", "No penalty proposed: minor"),
    "unproven": ("拟不予行政处罚（违法事实不能成立）", "No penalty proposed: unproven"),
    "refer": ("拟移送司法机关", "Referral proposed"),
    "penalty": ("行政处罚", "Penalty"),
    "no_penalty_minor": ("不予行政处罚（违法行为轻微）", "No penalty: minor"),
    "no_penalty_unproven": ("不予行政处罚（违法事实不能成立）", "No penalty: unproven"),
    "referred": ("移送司法机关", "Referred"),
}
"""What a draft proposes and a decision decides."""

KINDS_OF_MATTER: Words = {
    "行政处罚": ("行政处罚", "Penalty"), "行政强制": ("行政强制", "Coercion"), "行政许可": ("行政许可", "Licence"),
}  # fmt: skip

KINDS_OF_CASE: Words = {"admin_penalty": ("行政处罚", "Administrative penalty")}

SOURCES: Words = {
    "inspection": ("检查发现", "Inspection"),
    "report": ("举报", "Report"),
    "transfer": ("移送", "Transfer"),
    "accident": ("事故", "Accident"),
    "monitoring": ("非现场监管", "Remote monitoring"),
}
"""How a case came up."""

LEVELS: Words = {
    "legal_review": ("法规初审", "First legal review"),
    "counsel_review": ("法律顾问再审", "Counsel's review"),
    "conclusion": ("法制审核结论", "Conclusion of the legal review"),
}

STAGES: Words = {
    "before_notice": ("告知前审核", "Before the notice"),
    "after_hearing": ("听证后审核", "After the hearing"),
    "revised": ("变更后审核", "After a change"),
}

ADOPTS: Words = {
    "yes": ("采纳", "Adopted"),
    "partly": ("部分采纳", "Adopted in part"),
    "no": ("不采纳", "Not adopted"),
}

RESULTS: Words = {"pass": ("合格", "Pass"), "defect": ("有问题", "Defect"), "na": ("不适用", "N/A")}

ANSWERS: Words = {
    "adopted": ("采纳", "Adopted"),
    "partly": ("部分采纳", "Adopted in part"),
    "rejected": ("不采纳", "Not adopted"),
}

CHOICES: Words = {
    "approve": ("同意", "Approve"),
    "change": ("变更", "Change"),
    "return": ("退回补充调查", "Return"),
    "refer": ("移送", "Refer"),
    "abstain": ("弃权", "Abstain"),
}
"""How a member votes, and what a meeting concludes."""

FIELD_NAMES: Words = {
    "files": ("文件", "File"),
    "email": ("电子邮件地址", "E-mail address"),
    "webhook": ("接口地址", "Webhook address"),
    "digest_hour": ("汇总的发送时间", "Hour of the digest"),
    "reason": ("原因", "Reason"),
    "decision": ("审批意见", "Decision"),
    "person": ("人员", "Person"),
    "target": ("退回到哪个环节", "Return to which step"),
    "signer": ("减去谁", "Whom to remove"),
    "substitute": ("代理人", "Substitute"),
    "starts_on": ("开始日期", "First day"),
    "ends_on": ("结束日期", "Last day"),
    "note": ("说明", "Note"),
    "kind": ("类别", "Kind"),
    "name": ("名称", "Name"),
    "address": ("地址", "Address"),
    "representative": ("法定代表人", "Legal representative"),
    "offence": ("涉嫌罪名", "Suspected offence"),
    "grounds": ("事实和理由", "Facts and reasons"),
    "text": ("内容", "Text"),
    "to": ("询问对象", "Whom to ask"),
    "people": ("指定人员", "Named people"),
    "code": ("编码", "Code"),
    "legal_basis": ("法律依据", "Legal basis"),
    "measures": ("处罚种类和措施", "Penalties and measures"),
    "last_day": ("最后一天", "Last day"),
    "valid_from": ("有效期自", "Valid from"),
    "valid_to": ("有效期至", "Valid until"),
}
"""Fields that stand on pages and not in a process's forms."""

PARTY_KINDS: Words = {"entity": ("单位", "Entity"), "person": ("个人", "Person")}

STATEMENTS: Words = {
    "": ("尚未答复", "No reply yet"),
    "none": ("逾期未陈述申辩", "None made in time"),
    "made": ("已陈述申辩", "Statement made"),
    "waived": ("书面放弃陈述申辩", "Waived in writing"),
}
"""What a party said to the notice."""

HEARING_REQUESTS: Words = {
    "": ("尚未答复是否听证", "Hearing: no reply yet"),
    "none": ("逾期未申请听证", "No hearing asked for in time"),
    "requested": ("申请听证", "Hearing requested"),
    "waived": ("书面放弃听证", "Hearing waived in writing"),
}

HEARING_STATES: Words = {
    "notified": ("已通知，尚未举行", "Notified, not held yet"),
    "held": ("已举行", "Held"),
    "forfeited": ("视为放弃", "Forfeited"),
    "withdrawn": ("申请人撤回", "Withdrawn"),
    "superseded": ("已另行通知", "Called anew"),
}


def init_app(app: Flask) -> None:
    """Let templates find the words."""
    app.jinja_env.globals.update(
        OUTCOMES=OUTCOMES, SOURCES=SOURCES, LEVELS=LEVELS, STAGES=STAGES, ADOPTS=ADOPTS, RESULTS=RESULTS,
        ANSWERS=ANSWERS, CHOICES=CHOICES, STATEMENTS=STATEMENTS, PARTY_KINDS=PARTY_KINDS,
        KINDS_OF_MATTER=KINDS_OF_MATTER,
        HEARING_REQUESTS=HEARING_REQUESTS, HEARING_STATES=HEARING_STATES,
        OPINION_TYPES=OPINION_TYPES, REVIEW_POINTS=REVIEW_POINTS, ROLES=ROLES,
        CIRCLES=circles.CIRCLES, VISIBILITIES=remarks.VISIBILITIES,
        CASE_STATES=CASE_STATES, CRIME_STATES=CRIME_STATES,
        DOCUMENT_TYPES={key: (kind.zh, kind.en) for key, kind in KINDS.items()},
    )  # fmt: skip
