"""结案 and 归档 (行政处罚法 47): nothing may be left open, and the file is bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from workflows import ledger
from workflows.cases import access
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.acts.decision import decisions_of
from workflows.cases.materials import Material
from workflows.cases.proceedings import Seizure
from workflows.documents import documents_of
from workflows.errors import Invalid
from workflows.ledger import events

OPEN_CRIME = ("suspected", "confirmed", "approved", "transferred")


def approve(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """结案审批: served, performed or with the court, nothing seized, no referral under way."""
    case, session = context.case, context.session
    access.require_role(session, context.actor, case, "bureau_leader", "bureau_head")
    access.require_independent(session, context.actor, case)
    checks = Checks()
    result = checks.choice(answer, "result", ("approve", "return"))
    opinion = checks.text(answer, "opinion")
    checks.done()
    if result == "approve":
        _require_settled(context)
        case.state, case.closed_at = "closed", context.now
        outcome = "、".join(dict.fromkeys(row.outcome for row in decisions_of(context)))
        event: object = events.CaseClosed(outcome=outcome, reason=opinion)
    else:
        event = events.ApprovalGiven(act="closing", result=result, opinion=opinion)
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    return Effect({"closing_result": result})


def _require_settled(context: ActContext) -> None:
    case = context.case
    decisions = decisions_of(context)
    if not decisions:
        raise Invalid("closing.not_decided")
    if any(row.served_on is None and row.party_id is not None for row in decisions):
        raise Invalid("closing.not_served")
    open_rows = [
        row for row in decisions
        if row.outcome == "penalty" and row.performed_on is None and row.court_applied_on is None
    ]  # fmt: skip
    if open_rows:
        raise Invalid("closing.not_performed")
    seized = select(Seizure.id).where(Seizure.case_id == case.id, Seizure.state == "in_force")
    if context.session.execute(seized.limit(1)).first() is not None:
        raise Invalid("closing.seizure_in_force")
    if case.crime in OPEN_CRIME:
        raise Invalid("closing.referral_open")


def archive(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """立卷归档: volume, pages, retention; the ledger says by hash what the file holds."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    checks = Checks()
    volume = checks.text(answer, "volume")
    retention = checks.choice(answer, "retention", ("permanent", "long", "short"))
    pages = checks.whole(answer, "pages")
    checks.done()
    if case.state != "closed":
        raise Invalid("case.not_closed")
    keep_files(context, answer)
    case.archive_number, case.archive_pages, case.retention = volume[:80], pages, retention
    case.state, case.archived_at = "archived", context.now
    materials = session.execute(select(Material).where(Material.case_id == case.id).order_by(Material.added_at))
    contents: list[dict[str, Any]] = [
        {"document": row.number, "type": row.type, "sha256": row.sha256} for row in documents_of(session, case.id)
    ]
    contents += [{"material": row.title, "kind": row.kind, "sha256": row.sha256} for row in materials.scalars()]
    event = events.CaseArchived(archive_number=volume, contents=contents)
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    return Effect({})
