"""How the handling unit answers the review: supplement, correct, accept or insist."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.cases import access, drafts
from workflows.cases.acts import limits, proposals
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.file import Case, current_draft
from workflows.cases.reviews import Finding, Opinion
from workflows.errors import Invalid
from workflows.ledger import events


def open_findings(session: Session, case: Case) -> list[Finding]:
    """Defects found in the current draft that nobody has answered yet, in the order in which they were found."""
    draft = current_draft(session, case)
    if draft is None:
        return []
    wanted = (
        select(Finding)
        .join(Opinion, Opinion.id == Finding.opinion_id)
        .where(
            Opinion.case_id == case.id, Opinion.draft_digest == draft.digest, Finding.result == "defect",
            Finding.answer.is_(None),
        )
        .order_by(Opinion.given_at, Finding.position)
    )  # fmt: skip
    return list(session.execute(wanted).scalars())


def supplement_evidence(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """补充调查取证: more evidence, facts and evidence told anew; the rest of the draft stays."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    draft = current_draft(session, case)
    if draft is None:
        raise Invalid("draft.missing")
    checks = Checks()
    facts, evidence = checks.text(answer, "facts"), checks.text(answer, "evidence")
    replies = _read_answers(context, checks, answer)
    checks.done()
    keep_files(context, answer)
    _answer(context, replies)
    proposal = dataclasses.replace(drafts.proposal_of(draft), facts=facts, evidence=evidence)
    proposals.put(context, proposal, reason=context.task_name)
    limits.release(context, "legal_review")
    return Effect({})


def correct_draft(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """修改处罚建议: a new version of the whole draft."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    checks = Checks()
    replies = _read_answers(context, checks, answer)
    checks.done()
    proposal = proposals.read(context, answer)
    keep_files(context, answer)
    _answer(context, replies)
    draft = proposals.put(context, proposal, reason=context.task_name)
    limits.release(context, "legal_review")
    return Effect(proposals.routing(context, draft))


def respond(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """承办机构研究: accept the review's opinion, or insist; then the leaders settle it."""
    case, session = context.case, context.session
    access.require_role(session, context.actor, case, "handling_unit_head")
    checks = Checks()
    result = checks.choice(answer, "result", ("accept", "insist"))
    reason = checks.text(answer, "reason")
    checks.done()
    event = events.ApprovalGiven(act="unit_response", result=result, opinion=reason)
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    if result == "accept":
        return Effect({"unit_response": result})
    case.disputed_at = context.now
    limits.done(context, "legal_review")
    return Effect({"unit_response": result, "review_result": "disagree"})


def _read_answers(
    context: ActContext, checks: Checks, answer: Mapping[str, Any]
) -> list[tuple[Finding, str, str]]:
    """The answer to each open finding: all of them, each once; a reason where it is not fully adopted."""
    waiting = {finding.id: finding for finding in open_findings(context.session, context.case)}
    found = []
    for number, row in enumerate(checks.rows(answer, "answers", optional=not waiting)):
        place = f"answers[{number}]"
        finding = waiting.pop(str(row.get("finding_id") or ""), None)
        checks.need(finding is not None, "review.finding_unknown", f"{place}.finding_id")
        reply = checks.choice(row, "answer", ("adopted", "partly", "rejected"), f"{place}.answer")
        reason = checks.text(row, "reason", f"{place}.reason", optional=reply == "adopted")
        if finding is not None:
            found.append((finding, reply, reason))
    checks.need(not waiting, "review.findings_open", "answers", points=[finding.point for finding in waiting.values()])
    return found


def _answer(context: ActContext, replies: list[tuple[Finding, str, str]]) -> None:
    case = context.case
    for finding, reply, reason in replies:
        finding.answer, finding.answer_reason = reply, reason
        finding.answered_by_id, finding.answered_at = context.actor.person_id, context.now
        event = events.FindingAnswered(finding_id=finding.id, point=finding.point, answer=reply, reason=reason)
        ledger.append(context.session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
