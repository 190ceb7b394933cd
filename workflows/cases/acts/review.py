"""法制审核: completeness, 法规初审, 法律顾问再审, conclusion, and the unit's answers (行政处罚法 58)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from workflows import ledger
from workflows.actors import Certificate, has_valid
from workflows.calendar import clock, clocks
from workflows.cases import access, checklist, drafts, gates
from workflows.cases.acts import crime, limits
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks, Row
from workflows.cases.acts.attachments import keep_files
from workflows.cases.file import Draft, current_draft
from workflows.cases.papers.reviews import review_opinion
from workflows.cases.reviews import OPINION_TYPES, REVIEW_POINTS, STAGES_OF_REVIEW, Finding, Opinion
from workflows.cases.rules import own_days, rule
from workflows.documents import issue
from workflows.errors import Invalid
from workflows.ledger import events

ENDS = ("return", "refer")
"""Opinions that end the review at once."""
NO_DEFECT = ("pass", "na")
"""Answers at a review point that leave no room for a problem."""


def check_submission(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """送审材料完备性审查 against the checklist; a complete file starts the time for the review."""
    case, session = context.case, context.session
    _guard(context)
    checks = Checks()
    complete = checks.choice(answer, "complete", ("yes", "no")) == "yes"
    missing = checks.words(answer, "missing")
    known = {item.key for item in checklist.state(session, case, stage_of(context))}
    if complete:
        lacking = [entry.zh for entry in checklist.missing(session, case, stage_of(context))]
        explained = not lacking or checks.text(answer, "note", optional=True)
        checks.need(explained, "submission.missing_unexplained", "note", missing=lacking)
    else:
        checks.need(missing or checks.text(answer, "note", optional=True), "field.required", "missing", label="missing")
        for one in missing:
            checks.need(one in known, "field.choice_unknown", "missing", label="missing", value=one)
    checks.done()
    keep_files(context, answer)
    case.state = "reviewing"
    event = events.SubmissionChecked(complete=complete, missing=missing, note=str(answer.get("note") or ""))
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    if complete:
        drafts.refresh(session, context.actor, case, reason="送审材料补充后证据有变化")
        limits.done(context, "supplement")
        _start_or_resume(context)
    else:
        limits.hold(context, "legal_review", "补充送审材料")
        today = clock.local(context.now).date()
        days = own_days(context.session, "supplement_days", case.bureau_id, today)
        limits.begin(context, "supplement", today, amount=days)
    return Effect({"complete": complete})


def supply(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """补充送审材料: the handling officer supplies what was asked for; the legal officer checks again."""
    access.require_officer(context.session, context.actor, context.case)
    checks = Checks()
    checks.text(answer, "note")
    checks.done()
    keep_files(context, answer)
    limits.done(context, "supplement")
    return Effect({})


def review(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """法规初审 by review point, RP1–RP11."""
    opinion = _give(context, answer, "legal_review", every_point=True)
    return _after_opinion(context, opinion, {"initial_opinion": opinion.opinion})


def counsel_review(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """法律顾问再审: advice from outside; it opens no gate."""
    access.require_role(context.session, context.actor, context.case, "legal_counsel")
    access.require_reviewer(context.session, context.actor, context.case, "legal_counsel")
    checks = Checks()
    checks.need(answer.get("conflict_free") is True, "review.conflict", "conflict_free")
    checks.done()
    opinion = _give(context, answer, "counsel_review", every_point=False)
    return Effect({"counsel_opinion": opinion.opinion})


def conclude(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """审核结论: the legal officer adopts the counsel's advice or not, and concludes; G4 reads this."""
    _guard(context)
    _qualified(context)
    session, case, draft = context.session, context.case, _draft(context)
    checks = Checks()
    opinion = checks.choice(answer, "opinion", OPINION_TYPES)
    words = checks.text(answer, "text")
    counsel = _on_draft(context, draft, "counsel_review")
    adopts, reason = None, ""
    if counsel is not None:
        adopts = checks.choice(answer, "adopts", ("yes", "partly", "no"))
        reason = checks.text(answer, "adoption_reason", optional=adopts == "yes")
    if opinion == "agree":
        _may_agree(context, checks, draft, counsel, adopts)
    checks.done()
    keep_files(context, answer)
    row = Opinion(
        case_id=case.id, draft_id=draft.id, draft_digest=draft.digest, level="conclusion", stage=stage_of(context),
        opinion=opinion, text=words, reviewer_id=context.actor.person_id, given_at=context.now, adopts_counsel=adopts,
        adoption_reason=reason,
    )  # fmt: skip
    session.add(row)
    session.flush()
    event = events.ReviewConcluded(
        opinion_id=row.id, opinion_type=opinion, draft_digest=draft.digest, text=words, adopts_counsel=adopts,
        adoption_reason=reason, stage=row.stage,
    )  # fmt: skip
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    if opinion == "agree":
        content = review_opinion(session, case, draft, row)
        issue(session, context.actor, type="review_opinion", unit=case.unit, case_id=case.id, content=content)
        limits.done(context, "legal_review")
        case.state = "reviewing" if stage_of(context) == "before_notice" else "deciding"
    return _after_opinion(context, row, {"conclusion": opinion, "review_result": opinion})


def stage_of(context: ActContext) -> str:
    """The stage of this review, as the calling process says."""
    stage = str(context.variables.get("stage") or "before_notice")
    return stage if stage in STAGES_OF_REVIEW else STAGES_OF_REVIEW[0]


def _guard(context: ActContext) -> None:
    access.require_role(context.session, context.actor, context.case, "legal_reviewer")
    access.require_reviewer(context.session, context.actor, context.case)


def _qualified(context: ActContext) -> None:
    today = clock.local(context.now).date()
    good = has_valid(context.session, context.actor.person_id, "legal_qualification", today)
    gates.g5_reviewer(context.actor.name, qualified=good)


def _draft(context: ActContext) -> Draft:
    draft = current_draft(context.session, context.case)
    if draft is None:
        raise Invalid("draft.missing")
    return draft


def _start_or_resume(context: ActContext) -> None:
    running = clocks.find(context.session, context.case.id, "legal_review")
    if running is not None and running.satisfied_at is None:
        limits.release(context, "legal_review")
        return
    today = clock.local(context.now).date()
    days = int(rule(context.session, "review_days", context.case.bureau_id, today)["working_days"])
    limits.begin(context, "legal_review", today, amount=days)


def _give(context: ActContext, answer: Mapping[str, Any], level: str, *, every_point: bool) -> Opinion:
    if level == "legal_review":
        _guard(context)
        _qualified(context)
    session, case, draft = context.session, context.case, _draft(context)
    checks = Checks()
    opinion = checks.choice(answer, "opinion", OPINION_TYPES)
    words = checks.text(answer, "text")
    findings = _findings(checks, checks.rows(answer, "findings", optional=not every_point), every_point)
    defects = [one for one in findings if one.result == "defect"]
    if opinion == "agree":
        checks.need(not any(one.blocking for one in defects), "review.blocking_defect", "opinion")
    elif opinion in ("supplement", "correct", "disagree") and every_point:
        checks.need(defects, "review.defect_needed", "findings")
    checks.done()
    keep_files(context, answer)
    row = Opinion(
        case_id=case.id, draft_id=draft.id, draft_digest=draft.digest, level=level, stage=stage_of(context),
        opinion=opinion, text=words, reviewer_id=context.actor.person_id, given_at=context.now, findings=findings,
    )  # fmt: skip
    session.add(row)
    session.flush()
    event = events.OpinionGiven(
        opinion_id=row.id, level=level, opinion_type=opinion, text=words, draft_digest=draft.digest,
        qualification=_qualification(context),
        findings=[
            {"id": one.id, "point": one.point, "result": one.result, "blocking": one.blocking, "text": one.text,
             "evidence": one.evidence, "basis": one.basis}
            for one in findings
        ],
    )  # fmt: skip
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    return row


def _findings(checks: Checks, rows: list[Row], every_point: bool) -> list[Finding]:
    found = []
    for number, row in enumerate(rows):
        place = f"findings[{number}]"
        point = checks.choice(row, "point", REVIEW_POINTS, f"{place}.point")
        result = checks.choice(row, "result", ("pass", "defect", "na"), f"{place}.result")
        text = checks.text(row, "text", f"{place}.text", optional=result != "defect")
        blocking = bool(row.get("blocking"))
        if result in NO_DEFECT:  # else a problem that somebody wrote down would be on record as none
            checks.need(not text and not blocking, "review.passed_with_problem", f"{place}.result")
        found.append(
            Finding(
                position=number, point=point, result=result, blocking=blocking, text=text,
                evidence=str(row.get("evidence") or ""), basis=str(row.get("basis") or ""),
            )
        )
    if every_point:
        given = sorted(one.point for one in found)
        checks.need(given == sorted(REVIEW_POINTS), "review.points_differ", "findings")
    return found


def _may_agree(
    context: ActContext, checks: Checks, draft: Draft, counsel: Opinion | None, adopts: str | None
) -> None:
    """To agree, the first review must have been of this draft, and nothing that makes a decision void may stand."""
    first = _on_draft(context, draft, "legal_review")
    if checks.need(first is not None, "review.draft_changed", "opinion") and first is not None:
        blocking = any(one.blocking for one in first.findings if one.result == "defect")
        checks.need(not blocking, "review.blocking_defect", "opinion")
    if counsel is not None and adopts == "yes":
        checks.need(counsel.opinion == "agree", "review.adopts_other", "adopts")


def _on_draft(context: ActContext, draft: Draft, level: str) -> Opinion | None:
    return context.session.execute(
        select(Opinion)
        .where(
            Opinion.case_id == context.case.id, Opinion.level == level, Opinion.draft_digest == draft.digest
        )
        .order_by(Opinion.given_at.desc())
        .limit(1)
    ).scalar_one_or_none()


def _after_opinion(context: ActContext, opinion: Opinion, variables: dict[str, Any]) -> Effect:
    """What each opinion sets going: the clock waits for the unit, or the review is over."""
    case = context.case
    if opinion.opinion in ENDS:
        limits.done(context, "legal_review")
        variables["review_result"] = opinion.opinion
        case.state = "investigating"
    elif opinion.opinion != "agree":
        limits.hold(context, "legal_review", f"审核意见：{OPINION_TYPES[opinion.opinion][0]}，等待承办机构答复")
    if opinion.opinion == "refer" and crime.needs_flag(context.session, case):
        offence = crime.offence_hint(context.session, case)
        effect = crime.flag(context.session, context.actor, case, offence, opinion.text, context.now)
        return Effect(variables, effect.starts)
    return Effect(variables)


def _qualification(context: ActContext) -> str:
    rows = context.session.execute(
        select(Certificate).where(
            Certificate.person_id == context.actor.person_id, Certificate.kind == "legal_qualification"
        )
    ).scalars()
    today = clock.local(context.now).date()
    return next((row.number for row in rows if row.valid(today)), "")
