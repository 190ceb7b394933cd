"""查封、扣押 (行政强制法 17–28): approval, the measure itself, approval afterwards when it was urgent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from workflows import ledger
from workflows.actors import Person
from workflows.calendar import clock
from workflows.cases import access, facts, gates
from workflows.cases.acts import investigation, limits
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.acts.referral import end_seizure
from workflows.cases.proceedings import Seizure
from workflows.errors import Invalid
from workflows.ledger import events


def approve(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """查封扣押审批, beforehand or within 24 hours after an urgent measure (18, 19). A refused one is released."""
    case, session = context.case, context.session
    access.require_role(session, context.actor, case, "bureau_leader", "bureau_head")
    access.require_independent(session, context.actor, case)
    checks = Checks()
    result = checks.choice(answer, "result", ("approve", "reject"))
    opinion = checks.text(answer, "opinion")
    checks.done()
    seizure = _waiting(context)
    approved = result == "approve"
    if approved:
        gates.g12_approval(facts.seizure(session, case, seizure), context.now)
        seizure.approved_by_id, seizure.approved_at = context.actor.person_id, context.now
    seizure.approval_opinion = opinion
    event = events.CoerciveMeasureDecided(
        measure_id=seizure.id, approved=approved, urgent=seizure.urgent, opinion=opinion
    )
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    if seizure.taken_at is not None:
        limits.done(context, "seizure_report")
        if not approved:  # 行政强制法 19: a measure that the leader does not approve is lifted at once
            end_seizure(context, seizure, "released", context.now, opinion)
    else:
        seizure.state = "approved" if approved else "refused"
    return Effect({"seizure_approved": approved})


def execute(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """实施查封扣押: by two officers with certificates, with approval or urgently; starts its 30 days (25)."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    checks = Checks()
    kind = checks.choice(answer, "kind", ("seal", "seize"))
    taken_at = checks.moment(answer, "taken_at", context)
    reason, basis = checks.text(answer, "reason"), checks.text(answer, "basis")
    goods = []
    for number, row in enumerate(checks.rows(answer, "goods")):
        goods.append({
            "name": checks.text(row, "name", f"goods[{number}].name"),
            "quantity": checks.text(row, "quantity", f"goods[{number}].quantity"),
            "place": str(row.get("place") or ""), "note": str(row.get("note") or ""),
        })  # fmt: skip
    seizure = _requested(context)
    if not seizure.urgent:
        checks.after("taken_at", taken_at, seizure.approved_at)
    checks.done()
    gates.g12_coercion(facts.seizure(session, case, seizure))
    on_site = {
        "kind": "seizure", "done_on": clock.local(taken_at).date(), "place": goods[0]["place"] or "现场",
        "officers": answer.get("officers"), "note": reason,
    }  # fmt: skip
    investigation.record_on_site(context, checks, on_site, "measure")
    checks.done()
    keep_files(context, answer)
    seizure.kind, seizure.taken_at, seizure.reason, seizure.basis = kind, taken_at, reason, basis
    seizure.goods, seizure.state = goods, "in_force"
    approver = session.get(Person, seizure.approved_by_id) if seizure.approved_by_id else None
    event = events.CoerciveMeasureTaken(
        measure_id=seizure.id, kind=kind, taken_at=taken_at, approved_by=approver.name if approver else "",
        reason=reason, basis=basis, urgent=seizure.urgent, goods=goods, officer_ids=checks.words(answer, "officers"),
    )  # fmt: skip
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, happened=taken_at, case_id=case.id)
    investigation.seizure_deadline(context, seizure)
    return Effect({"seizure_urgent": seizure.urgent})


def _waiting(context: ActContext) -> Seizure:
    """The seizure that waits for approval. Raises Invalid("seizure.none_waiting")."""
    wanted = select(Seizure).where(
        Seizure.case_id == context.case.id, Seizure.approved_at.is_(None), Seizure.state.in_(("requested", "in_force"))
    )
    return _first(context, wanted, "seizure.none_waiting")


def _requested(context: ActContext) -> Seizure:
    """The seizure to carry out. Raises Invalid("seizure.none_requested")."""
    wanted = select(Seizure).where(Seizure.case_id == context.case.id, Seizure.state.in_(("requested", "approved")))
    return _first(context, wanted, "seizure.none_requested")


def _first(context: ActContext, wanted: Any, code: str) -> Seizure:
    seizure: Seizure | None = context.session.execute(wanted.order_by(Seizure.id).limit(1)).scalar_one_or_none()
    if seizure is None:
        raise Invalid(code)
    return seizure
