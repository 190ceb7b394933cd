"""行政处罚告知书, 行政处罚决定书, 不予行政处罚决定书 for one party, from the case file."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.calendar import clock
from workflows.cases.file import Case, Draft, DraftPenalty, Party
from workflows.cases.papers import parts
from workflows.cases.proceedings import Hearing, Notice, OnSiteAct
from workflows.cases.rules import rule
from workflows.documents import get_document
from workflows.errors import Invalid

MONEY = frozenset({"fine", "confiscate_gains"})


def penalty_notice(
    session: Session, case: Case, draft: Draft, party: Party, *, hearing: bool, on: date
) -> dict[str, Any]:
    """The content of a notice to a party about a draft; on: the day it is served."""
    penalties = parts.by_party(draft)[party.id]
    violated, basis = parts.law(session, draft, penalties)
    return {
        "issued_on": on.isoformat(), "party": parts.party_part(party), "cause": parts.cause(case), "facts": draft.facts,
        "evidence": parts.evidence(session, case, draft), "violated": violated, "basis": basis,
        "discretion": draft.discretion, "penalty": parts.penalty_part(penalties), "hearing": hearing,
        "statement_days": int(rule(session, "statement_days", case.bureau_id, on)["working_days"]),
        "contact": {
            "person": parts.setting(case, "contact") or parts.lead_officer(session, case),
            "phone": parts.setting(case, "phone"), "address": parts.setting(case, "address"),
        },
    }  # fmt: skip


def penalty_decision(
    session: Session, case: Case, draft: Draft, party: Party, *, collective_on: date | None, on: date
) -> dict[str, Any]:
    """The content of a penalty decision on a party (行政处罚法 59)."""
    penalties = parts.by_party(draft)[party.id]
    violated, basis = parts.law(session, draft, penalties)
    penalty = parts.penalty_part(penalties)
    content = {
        "issued_on": on.isoformat(), "party": parts.party_part(party), "cause": parts.cause(case),
        "origin": parts.origin(case), "facts": draft.facts, "evidence": parts.evidence(session, case, draft),
        "notice": _notice(session, case, draft, party), "violated": violated, "basis": basis,
        "discretion": draft.discretion, "penalty": penalty, "performance": _performance(penalties, penalty),
        "relief": _relief(case),
    }  # fmt: skip
    if collective_on is not None:
        content["collective_on"] = collective_on.isoformat()
    if MONEY.intersection(penalty["types"]):
        content["payment"] = {
            "bank": parts.setting(case, "bank"), "account": parts.setting(case, "bank_account"),
            "account_name": parts.setting(case, "payee"),
        }  # fmt: skip
    return content


def no_penalty_decision(session: Session, case: Case, draft: Draft, party: Party, *, on: date) -> dict[str, Any]:
    """The content of a decision not to penalise (行政处罚法 33, 57). The draft's discretion says why."""
    violated, _basis = parts.law(session, draft, ())
    orders = session.execute(
        select(OnSiteAct).where(OnSiteAct.case_id == case.id, OnSiteAct.kind == "order").order_by(OnSiteAct.done_on)
    ).scalars()
    told = "；".join(f"{parts.day(act.done_on)}责令改正{'：' + act.note if act.note else ''}" for act in orders)
    content = {
        "issued_on": on.isoformat(), "party": parts.party_part(party), "cause": parts.cause(case),
        "origin": parts.origin(case), "facts": draft.facts, "evidence": parts.evidence(session, case, draft),
        "ground": draft.outcome, "reason": draft.discretion, "relief": _relief(case),
    }  # fmt: skip
    if draft.outcome == "minor":
        you = "你单位" if party.kind == "entity" else "你"
        content |= {
            "violated": violated, "correction": told or draft.discretion,
            "education": f"{you}应当吸取教训，遵守安全生产法律、法规，加强管理，杜绝此类违法行为再次发生。",
        }  # fmt: skip
    return content


def _performance(penalties: list[DraftPenalty], penalty: dict[str, Any]) -> str:
    """How what is not money is to be done."""
    told = [row.measures for row in penalties if row.measures]
    if "confiscate_goods" in penalty["types"]:
        told.append("没收的非法财物由本机关依法处理。")
    if not told and not MONEY.intersection(penalty["types"]):
        told.append("本决定自送达之日起生效，应当自收到本决定书之日起履行。")
    return "\n".join(dict.fromkeys(told))


def _relief(case: Case) -> dict[str, str]:
    return {"reconsideration": parts.setting(case, "reconsideration"), "court": parts.setting(case, "court")}


def _notice(session: Session, case: Case, draft: Draft, party: Party) -> dict[str, Any]:
    """How the party was heard, by its latest notice."""
    notice = session.execute(
        select(Notice)
        .where(Notice.case_id == case.id, Notice.party_id == party.id)
        .order_by(Notice.served_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    if notice is None:
        raise Invalid("decision.not_noticed", party=party.name)
    number = get_document(session, notice.document_id).number if notice.document_id else ""
    told: dict[str, Any] = {
        "number": number, "served_on": notice.served_on.isoformat(), "statement": notice.statement or "none",
        "hearing": "not_applicable",
    }  # fmt: skip
    if notice.statement == "made":
        told |= {"statement_text": notice.statement_text, "recheck": notice.recheck or draft.statement_recheck}
    if notice.hearing_right:
        told |= _hearing(session, case, notice, draft)
    return told


def _hearing(session: Session, case: Case, notice: Notice, draft: Draft) -> dict[str, Any]:
    if notice.hearing_request != "requested":
        return {"hearing": "waived" if notice.hearing_request == "waived" else "none"}
    hearing = session.execute(
        select(Hearing).where(Hearing.case_id == case.id).order_by(Hearing.planned_at.desc()).limit(1)
    ).scalar_one()
    if hearing.state == "held" and hearing.held_at is not None:
        told = hearing.opinion or draft.statement_recheck
        return {
            "hearing": "held", "hearing_on": clock.local(hearing.held_at).date().isoformat(), "hearing_text": told
        }  # fmt: skip
    return {"hearing": "forfeited" if hearing.state == "forfeited" else "waived"}
