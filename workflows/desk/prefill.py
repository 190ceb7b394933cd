"""What a form starts with: what the case already holds, so that nobody copies it by hand.

Only a proposal. The answer that counts is what the form sends; nothing here is read when it is validated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.calendar import clock
from workflows.cases.drafts import HELD, TEXT_FIELDS
from workflows.cases.file import Case, DraftPenalty, current_draft
from workflows.cases.proceedings import Decision, Referral
from workflows.cases.requests import requests
from workflows.desk.tasks import Task
from workflows.forms import Form


def start(session: Session, task: Task, form: Form) -> dict[str, Any]:
    """The answer that a task's form starts with; keys that the form lacks are not in it."""
    propose = _PROPOSALS.get(task.act or "")
    proposed = propose(session, task.case) if propose else {}
    keys = {field.key for field in form.fields}
    return {key: value for key, value in proposed.items() if key in keys and value not in (None, "", [])}


def held(session: Session, task: Task) -> dict[str, Any]:
    """What a task's act takes from the present draft where its step does not write it; nothing without a draft."""
    kept = HELD.get(task.act or "", frozenset())
    if not kept or current_draft(session, task.case) is None:
        return {}
    return {key: value for key, value in _from_draft(session, task.case).items() if key in kept}


def _from_draft(session: Session, case: Case) -> dict[str, Any]:
    """The current draft; before there is one, a row for each party with what was alleged."""
    draft = current_draft(session, case)
    if draft is not None:
        texts = {key: getattr(draft, key) for key in TEXT_FIELDS}
        return {**texts, "penalties": [_penalty(row) for row in draft.penalties]}
    matter = case.matters[0].matter_code if len(case.matters) == 1 else ""
    return {"penalties": [{"party_id": party.id, "matter_code": matter} for party in case.parties]}


def _penalty(row: DraftPenalty) -> dict[str, Any]:
    values = {
        "party_id": row.party_id,
        "matter_code": row.matter_code,
        "stage": row.stage,
        "types": row.types,
        "fine": _yuan(row.fine_fen),
        "confiscation": row.confiscation,
        "confiscation_yuan": _yuan(row.confiscation_fen),
        "measures": row.measures,
        "mitigation": row.mitigation,
        "mitigation_ground": row.mitigation_ground,
        "base_yuan": _yuan(row.base_fen),
        "base_days": row.base_days,
    }
    return {key: value for key, value in values.items() if value not in (None, "")}


def _yuan(fen: int | None) -> str | None:
    if fen is None:
        return None
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)


def _parties(case: Case) -> list[dict[str, Any]]:
    return [{"party_id": party.id} for party in case.parties]


def _services(_session: Session, case: Case) -> dict[str, Any]:
    return {"services": _parties(case)}


def _requested(session: Session, case: Case) -> dict[str, Any]:
    latest = next(iter(requests(session, case)), None)
    return {"materials": [{"kind": key} for key, _zh, _en in latest.items]} if latest else {}


def _replies(_session: Session, case: Case) -> dict[str, Any]:
    return {"replies": _parties(case)}


def _decided(session: Session, case: Case) -> list[Decision]:
    wanted = select(Decision).where(Decision.case_id == case.id).order_by(Decision.position, Decision.id)
    return list(session.execute(wanted).scalars())


def _service(session: Session, case: Case) -> dict[str, Any]:
    return {"services": [{"party_id": d.party_id} for d in _decided(session, case) if d.party_id and not d.served_on]}


def _payments(session: Session, case: Case) -> dict[str, Any]:
    rows = [
        {"party_id": d.party_id, "amount": _yuan(d.fine_fen - d.paid_fen)}
        for d in _decided(session, case)
        if d.fine_fen and d.fine_fen > d.paid_fen
    ]
    return {"payments": rows}


def _today(_session: Session, _case: Case) -> dict[str, Any]:
    return {"decided_on": clock.today()}


def _offence(session: Session, case: Case) -> dict[str, Any]:
    referral = session.execute(
        select(Referral).where(Referral.case_id == case.id).order_by(Referral.raised_at.desc()).limit(1)
    ).scalar_one_or_none()
    return {"offence": referral.offence, "report": referral.grounds} if referral else {}


def _transfer(_session: Session, case: Case) -> dict[str, Any]:
    told: Mapping[str, Any] = case.bureau.settings
    return {"police": told.get("police"), "procuratorate": told.get("procuratorate")}


_PROPOSALS: dict[str, Callable[[Session, Case], dict[str, Any]]] = {
    "investigation_report": _from_draft,
    "draft_correction": _from_draft,
    "evidence_supplement": _from_draft,
    "meeting_conclusion": _from_draft,
    "file_supplement": _requested,
    "notice": _services,
    "statement": _replies,
    "service": _service,
    "performance": _payments,
    "decision": _today,
    "suspicion_report": _offence,
    "transfer": _transfer,
}
"""Statutory act → what its form starts with."""
