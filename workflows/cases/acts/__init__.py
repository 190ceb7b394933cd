"""The closed list of statutory acts. A diagram marks an element with one of these names; nothing else acts in law."""

from __future__ import annotations

from workflows.cases.acts import (
    answering,
    closing,
    coercion,
    conclusion,
    crime,
    decision,
    departure,
    filing,
    hearing,
    investigation,
    meeting,
    notice,
    referral,
    review,
    service,
)
from workflows.cases.acts.act import Act, ActContext, Effect, Perform, undecided, unfinished
from workflows.cases.acts.attachments import plain

__all__ = ["ACTS", "Act", "ActContext", "Effect", "crime", "departure", "plain"]


BEFORE_DECISION = frozenset({
    "filing", "investigation", "coercive_measure", "investigation_report", "unit_check", "submission_check",
    "legal_review", "evidence_supplement", "draft_correction", "unit_response", "counsel_review", "review_conclusion",
    "notice", "statement", "hearing_notice", "hearing", "agenda", "attendance", "vote", "meeting_conclusion",
    "decision", "referral",
})  # fmt: skip
"""Acts that a decision ends: once a case is decided, they are refused, whatever a diagram still offers."""

BEFORE_CLOSING = frozenset({"service", "performance", "demand", "closing"})
"""Acts that the closing of a case ends."""


def _act(name: str, zh: str, en: str, article: str, perform: Perform, clock: str | None = None) -> Act:
    if name in BEFORE_DECISION:
        perform = undecided(perform)
    elif name in BEFORE_CLOSING:
        perform = unfinished(perform)
    return Act(name, zh, en, article, clock, perform)


ACTS: dict[str, Act] = {
    act.name: act
    for act in (
        _act("lead", "线索受理", "Lead", "《行政处罚法》第五十四条", filing.lead),
        _act("filing", "立案", "Filing", "《行政处罚法》第五十四条第二款", filing.decide_filing, "filing"),
        _act("investigation", "调查取证", "Investigation", "《行政处罚法》第四十二条、第五十四条至第五十六条",
             investigation.investigate, "decision"),
        _act("coercive_approval", "查封扣押审批", "Approval of seizure", "《行政强制法》第十八条、第十九条",
             coercion.approve, "seizure_report"),
        _act("coercive_measure", "查封扣押", "Seizure", "《行政强制法》第十八条、第二十四条、第二十五条",
             coercion.execute),
        _act("investigation_report", "调查终结", "Investigation report", "《行政处罚法》第五十七条第一款",
             investigation.report, "decision"),
        _act("unit_check", "承办机构审核", "Check by the unit", "《行政处罚法》第五十七条", investigation.check_by_unit,
             "decision"),
        _act("submission_check", "送审材料审查", "Completeness check", "《行政处罚法》第五十八条",
             review.check_submission),
        _act("file_supplement", "补充送审材料", "Supply of files", "《行政处罚法》第五十八条", review.supply,
             "supplement"),
        _act("legal_review", "法规初审", "First legal review", "《行政处罚法》第五十八条", review.review,
             "legal_review"),
        _act("evidence_supplement", "补充调查取证", "Further evidence", "《行政处罚法》第五十四条、第五十八条",
             answering.supplement_evidence),
        _act("draft_correction", "修改处罚建议", "Correction of the draft", "《行政处罚法》第五十八条",
             answering.correct_draft),
        _act("unit_response", "承办机构研究", "The unit's response", "《行政处罚法》第五十八条", answering.respond),
        _act("counsel_review", "法律顾问再审", "Counsel's review",
             "本机关“法规初审、法律顾问再审、领导集体决策”审查流程", review.counsel_review, "legal_review"),
        _act("review_conclusion", "法制审核结论", "Conclusion of legal review", "《行政处罚法》第五十八条",
             review.conclude, "legal_review"),
        _act("notice", "行政处罚告知", "Notice of penalty", "《行政处罚法》第四十四条、第六十三条", notice.serve_notice,
             "decision"),
        _act("statement", "陈述申辩", "Statement and defence", "《行政处罚法》第四十五条、第六十四条",
             notice.record_statements, "statement"),
        _act("hearing_notice", "听证通知", "Notice of the hearing", "《行政处罚法》第六十四条第二项", hearing.notify,
             "decision"),
        _act("hearing", "听证", "Hearing", "《行政处罚法》第六十三条至第六十五条", hearing.hold),
        _act("agenda", "列入议程", "Agenda", "《行政处罚法》第五十七条第二款", meeting.put_on_agenda, "decision"),
        _act("attendance", "到会确认", "Attendance", "《行政处罚法》第四十三条、第五十七条第二款", meeting.open_item),
        _act("vote", "表决", "Vote", "《行政处罚法》第五十七条第二款", meeting.vote),
        _act("meeting_conclusion", "讨论结论", "Conclusion of the discussion", "《行政处罚法》第五十七条第二款",
             conclusion.conclude),
        _act("minutes", "会议记录", "Minutes", "《行政处罚法》第四十七条、第五十七条第二款", conclusion.sign_minutes),
        _act("decision", "作出决定", "Decision", "《行政处罚法》第五十七条至第六十条", decision.sign, "decision"),
        _act("service", "送达", "Service", "《行政处罚法》第六十一条", service.serve, "service"),
        _act("publication", "公示", "Publication", "《行政处罚法》第四十八条", service.publish, "publication"),
        _act("performance", "履行", "Performance", "《行政处罚法》第六十六条、第六十七条", service.perform, "payment"),
        _act("demand", "催告", "Demand", "《行政强制法》第三十五条、第五十四条", service.demand),
        _act("referral", "行刑衔接结果", "Outcome of the referral", "《行政处罚法》第二十七条、第三十五条",
             referral.conclude_referral),
        _act("closing", "结案", "Closing", "《行政处罚法》第四十七条", closing.approve),
        _act("archive", "归档", "Archive", "《行政处罚法》第四十七条", closing.archive),
        _act("suspicion_report", "专案组核实", "Verification", "国务院令第310号第五条", referral.verify_suspicion),
        _act("referral_approval", "移送审批", "Approval of referral", "国务院令第310号第五条",
             referral.approve_referral, "referral_approval"),
        _act("transfer", "移送公安机关", "Transfer to the police", "国务院令第310号第五条、第六条", referral.transfer,
             "referral_transfer"),
        _act("police_receipt", "公安机关签收", "Receipt by the police", "国务院令第310号第七条",
             referral.police_receipt, "police_receipt"),
        _act("transfer_supplement", "补正移送材料", "Completion of the transfer", "应急〔2019〕54号",
             referral.supplement, "police_supplement"),
        _act("police_decision", "公安机关立案决定", "Decision of the police", "国务院令第310号第八条",
             referral.police_decision, "police_decision"),
        _act("handover", "移交涉案物品", "Handing over", "国务院令第310号第十二条", referral.handover, "handover"),
        _act("reconsideration_request", "提请复议", "Request to reconsider", "国务院令第310号第九条",
             referral.request_reconsideration, "reconsideration_request"),
        _act("reconsideration_answer", "复议决定", "Answer to the request", "国务院令第310号第九条",
             referral.reconsideration_answer, "reconsideration_answer"),
        _act("supervision_request", "建议立案监督", "Request for supervision", "国务院令第310号第九条",
             referral.request_supervision, "supervision_request"),
        _act("supervision_result", "立案监督结果", "Result of supervision", "国务院令第310号第九条",
             referral.supervision_result, "supervision_explanation"),
        _act("referral_return", "恢复行政处理", "Return to the bureau", "国务院令第310号第十条",
             referral.return_to_admin),
    )
}  # fmt: skip
"""Name → act."""
