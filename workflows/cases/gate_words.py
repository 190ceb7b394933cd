"""What is wrong and what to do, for each way in which a gate can be closed: Chinese and English, {facts} filled in."""

REASONS: dict[str, tuple[str, str]] = {
    "officers_missing": (
        "{act}应有不少于两名持有效执法证的人员，{day}当天有效的只有{count}人（{missing}的执法证当天无效）。请补充有资格的执法人员。",
        "{act} needs two officers with valid enforcement certificates; on {day} there were {count} "
        "(not valid: {missing}). Add officers who qualify.",
    ),
    "not_noticed": (
        "尚未向{party}告知拟作出处罚的内容及事实、理由、依据。请先送达行政处罚告知书。",
        "{party} was not told the intended penalty, facts, reasons and basis. Serve the notice first.",
    ),
    "not_covered": (
        "决定所依据的事实、法律或者处罚与告知{party}的不一致。请按现处理意见重新告知。",
        "Facts, law or penalty differ from what {party} was told. Serve a new notice of the present draft.",
    ),
    "statement_open": (
        "{party}的陈述申辩期限至{due}届满，且未书面放弃。请待期满或者取得书面放弃后再作决定。",
        "{party} may make a statement until {due} and has not waived it in writing. Wait, or obtain the waiver.",
    ),
    "statement_unchecked": (
        "{party}提出的陈述申辩尚未复核。请填写复核意见。",
        "The statement of {party} has not been rechecked. Record the recheck.",
    ),
    "hearing_open": (
        "{party}要求听证的期限至{due}届满，且未书面放弃。请待期满或者取得书面放弃后再作决定。",
        "{party} may ask for a hearing until {due} and has not waived it in writing. Wait, or obtain the waiver.",
    ),
    "hearing_not_held": (
        "{party}在期限内要求听证，听证尚未举行，当事人也未撤回或者视为放弃。请组织听证。",
        "{party} asked for a hearing in time; it was neither held nor withdrawn nor forfeited. Hold the hearing.",
    ),
    "no_transcript": (
        "听证已举行，但案卷中没有听证笔录。决定应当根据听证笔录作出，请补充笔录。",
        "The hearing was held, but the file has no transcript, on which the decision must rest. Add it.",
    ),
    "no_review": (
        "尚无法制审核结论。请提交法制审核。",
        "Legal review has not been concluded. Submit the case for review.",
    ),
    "review_not_agreed": (
        "最近一次法制审核结论为“{opinion}”，不是“同意”。请按审核意见办理后重新送审。",
        "The latest conclusion of legal review is “{opinion}”, not “agree”. Answer it and submit again.",
    ),
    "review_other_draft": (
        "法制审核同意的不是现处理意见：审核之后事实、证据、法律、裁量或者处罚有变化。请重新送审。",
        "What legal review agreed to is not the present draft: facts, evidence, law, discretion or penalty changed "
        "afterwards. Submit it again.",
    ),
    "review_before_hearing": (
        "经过听证程序的案件，应当在听证后进行法制审核。请重新送审。",
        "A case that went through a hearing needs legal review after it. Submit it again.",
    ),
    "not_qualified": (
        "{reviewer}没有法律职业资格，不得从事行政处罚决定法制审核。请由具备资格的人员审核。",
        "{reviewer} has no legal qualification and may not review penalty decisions. Let somebody qualified review.",
    ),
    "not_collective": (
        "本案应当由行政机关负责人集体讨论决定（{because}），现处理意见未经集体讨论。请提交集体讨论。",
        "This case must be decided by collective discussion ({because}); the present draft was not. "
        "Put it on an agenda.",
    ),
    "collective_other_draft": (
        "集体讨论的结论与现处理意见不一致。请按讨论决定修改处理意见，或者重新提交讨论。",
        "The conclusion of the collective discussion differs from the present draft. "
        "Change the draft or discuss it again.",
    ),
    "no_quorum": (
        "本机关应到集体讨论的负责人和成员{members}人，有表决权的到会{present}人，未达到法定人数。请重新开会讨论。",
        "Of the {members} leaders of the bureau, {present} with a vote attended: no quorum. Discuss the case again.",
    ),
    "one_voter": (
        "集体讨论有表决权的只有{voters}人，一人不能代替集体作出决定。请重新开会讨论。",
        "Only {voters} had a vote; one leader alone does not decide collectively. Discuss the case again.",
    ),
    "head_missing": (
        "主要负责人（或者主持工作的负责人）未到会，会议记录也没有其缺席或者回避的理由。请通知其到会后重新讨论。",
        "The head of the bureau was not called and is not recorded as away or withdrawn. Call the head, discuss again.",
    ),
    "leader_absent": (
        "分管负责人未到会，不符合集体讨论的出席要求。请重新开会讨论。",
        "The leader in charge did not attend, as the rule requires. Discuss the case again.",
    ),
    "no_majority": (
        "同意该结论的有{votes}票，未超过{voters}名表决人的半数。请再次表决。",
        "The conclusion has {votes} votes, not more than half of {voters}. Vote again.",
    ),
    "stage_unknown": (
        "{matter}没有“{stage}”这一违法情形。请改选违法情形。",
        "{matter} has no stage “{stage}”. Choose another stage.",
    ),
    "type_not_allowed": (
        "{matter}（情形：{stage}）没有规定“{types}”。请改正对{party}的处罚种类。",
        "{matter} (stage {stage}) does not provide for {types}. Correct the penalty on {party}.",
    ),
    "fine_not_allowed": (
        "{matter}（情形：{stage}）没有规定对{kind}的罚款。请改正对{party}的处罚。",
        "{matter} (stage {stage}) sets no fine for {kind}. Correct the penalty on {party}.",
    ),
    "fine_without_amount": (
        "对{party}的处罚种类与罚款数额不一致：选择“罚款”须填写数额，填写数额须选择“罚款”。",
        "Type and amount for {party} do not match: a fine needs its amount, an amount needs the type fine.",
    ),
    "figure_missing": (
        "计算{matter}的罚款幅度缺少“{figure}”。请填写计罚基数。",
        "The range of the fine under {matter} needs: {figure}. Fill it in.",
    ),
    "fine_above": (
        "对{party}罚款{fine}元，高于法定上限{max}元（{matter}，情形：{stage}）。请改正数额。",
        "The fine of {fine} yuan on {party} is above the legal maximum of {max} yuan ({matter}, stage {stage}).",
    ),
    "fine_below": (
        "对{party}罚款{fine}元，低于法定下限{min}元（{matter}，情形：{stage}）。减轻处罚须选择“减轻”并写明法定理由。",
        "The fine of {fine} yuan on {party} is below the legal minimum of {min} yuan ({matter}, stage {stage}). "
        "A reduction must be marked as one and give its legal ground.",
    ),
    "reduced_without_ground": (
        "对{party}减轻处罚没有写明法定理由。请写明符合哪一情形及其证据。",
        "The reduction for {party} gives no legal ground. Name it and its evidence.",
    ),
    "heavier_after_statement": (
        "对{party}的处罚重于告知的内容，而事实和依据没有变化。不得因当事人陈述、申辩或者要求听证给予更重的处罚。",
        "The penalty on {party} is heavier than the one noticed, on the same facts and law. "
        "A statement or hearing must not lead to a heavier penalty.",
    ),
    "new_facts_unnoticed": (
        "告知{party}之后事实或者依据有变化，尚未重新告知。请重新送达行政处罚告知书。",
        "Facts or law changed after the notice to {party}. Serve a new notice.",
    ),
    "crime_open": (
        "案件涉嫌犯罪（{state}），移送程序终结前不得作出行政处罚决定。请先办理行刑衔接。",
        "A crime is suspected ({state}); no penalty may be decided before the referral has ended.",
    ),
    "crime_accepted": (
        "公安机关已立案，不得以罚代刑。待刑事处理结果确定后再作决定。",
        "The police opened a case; a fine must not replace prosecution. Wait for the criminal outcome.",
    ),
    "not_referred": (
        "只有公安机关已立案的案件才能以移送结案，现为“{state}”。",
        "Only a case that the police accepted may be decided as referred; it is “{state}”.",
    ),
    "delegated": (
        "行政强制措施权不得委托，受委托组织不得实施查封、扣押。请由委托机关实施。",
        "Coercive power can't be delegated. The delegating authority has to act.",
    ),
    "not_approved": (
        "查封、扣押未经行政机关负责人批准。请先报批；情况紧急的，当场实施后24小时内补办批准。",
        "No leader approved the measure. Ask for approval first; in an emergency within 24 hours after it.",
    ),
    "approved_late": (
        "紧急查封、扣押应当在{due}前补办批准，现已超过24小时。请解除措施。",
        "The urgent measure had to be approved by {due}. It is too late; release it.",
    ),
    "order": (
        "时间顺序颠倒：“{earlier}”（{earlier_day}）应当不晚于“{later}”（{later_day}）。请核对日期。",
        "Dates out of order: “{earlier}” ({earlier_day}) must not be later than “{later}” ({later_day}). Check them.",
    ),
    "no_number": (
        "案件没有立案编号。请先办理立案。",
        "The case has no number. File it first.",
    ),
}

BECAUSE: dict[str, tuple[str, str]] = {
    "fine_entity": ("对单位的罚款达到集体讨论标准", "the fine on an entity reaches the threshold"),
    "fine_person": ("对个人的罚款达到集体讨论标准", "the fine on a person reaches the threshold"),
    "heavy_type": ("处罚种类属于重大处罚", "the type of penalty is a heavy one"),
    "complex": ("情节复杂", "the case is complex"),
    "dispute": ("法制审核与承办机构意见不一致", "review and handling unit disagree"),
}
"""Why a case goes to collective discussion."""

STEPS: dict[str, tuple[str, str]] = {
    "found": ("发现线索", "lead found"),
    "filed": ("立案", "filing"),
    "act": ("现场执法", "act on site"),
    "report": ("调查终结", "end of investigation"),
    "first_review": ("法制审核", "legal review"),
    "last_review": ("最近一次法制审核", "latest legal review"),
    "notice": ("告知", "notice"),
    "hearing_notice": ("听证通知", "notice of the hearing"),
    "hearing": ("听证", "hearing"),
    "meeting": ("集体讨论", "collective discussion"),
    "decision": ("作出决定", "decision"),
    "service": ("送达", "service"),
    "publication": ("公示", "publication"),
    "review": ("法制审核同意", "agreement of legal review"),
    "hearing_request": ("当事人申请听证", "request for a hearing"),
    "demand": ("催告", "demand"),
    "offered": ("本环节开始办理", "beginning of this step"),
}
"""The steps whose dates must follow one another."""
