"""What somebody must know before they decide a step: the suspicion, what led to a decision, what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import casefile
from webapp.languages import language
from workflows import ledger
from workflows.cases import checklist
from workflows.cases.acts.answering import open_findings
from workflows.cases.file import Case, Party, current_draft
from workflows.cases.materials import Material
from workflows.cases.meetings import AgendaItem
from workflows.cases.proceedings import Hearing, Notice, Referral
from workflows.cases.requests import requests
from workflows.cases.reviews import Finding, Opinion
from workflows.desk.tasks import Task

REFERRAL = "criminal_referral"
REVIEW = "legal_review"
REFERRAL_RULES = frozenset({
    "referral_approval", "referral_transfer", "police_receipt", "police_supplement", "police_decision", "police_notice",
    "handover", "reconsideration_request", "reconsideration_answer", "supervision_request", "supervision_explanation",
    "supervision_filing",
})  # fmt: skip
"""Time limits that run between bureau, police and procuratorate (国务院令第310号)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of a referral as the ledger has it; text is the report or the reasons that went with it."""

    entry: ledger.Entry
    told: str
    text: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One suspicion of crime with all that was done about it."""

    referral: Referral
    raised_by: str
    team: Sequence[str]
    steps: Sequence[Taken]
    files: Sequence[Material]
    running: Sequence[casefile.Running]


@dataclass(frozen=True, slots=True)
class Basis:
    """What led to a decision: parties' answers to the notice, hearing, conclusion of the review, meeting."""

    notices: Sequence[tuple[Notice, str]]
    hearing: Hearing | None
    conclusion: tuple[Opinion, str] | None
    current: bool
    meeting: AgendaItem | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reviewers asked the handling unit for: materials, a remark, findings that wait for an answer."""

    by: str
    missing: Sequence[tuple[str, str]]
    note: str
    findings: Sequence[Finding]


def suspicions(session: Session, case: Case) -> list[Suspicion]:
    """All suspicions of crime in the case, the latest first."""
    rows = list(session.execute(
        select(Referral).where(Referral.case_id == case.id).order_by(Referral.raised_at.desc(), Referral.id)
    ).scalars())  # fmt: skip
    if not rows:
        return []
    entries = [e for e in ledger.timeline(session, case.id) if e.event == "ReferralStepTaken"]
    running = [r for r in casefile.clocks_of(session, case) if r.clock.rule in REFERRAL_RULES]
    files = session.execute(
        select(Material).join(Task, (Task.case_id == Material.case_id) & (Task.element_id == Material.stage))
        .where(Material.case_id == case.id, Task.process_key == REFERRAL).distinct()
        .order_by(Material.added_at, Material.id)
    ).scalars().all()  # fmt: skip
    names = casefile.people_by_id(session, {p for row in rows for p in (row.raised_by_id, *row.team_ids)})
    found, until = [], None
    for row in rows:  # each suspicion ends where the next one begins
        own = [one for one in files if one.added_at >= row.raised_at and (until is None or one.added_at < until)]
        own_clocks = [one for one in running if one.clock.opened_at >= row.raised_at
                      and (until is None or one.clock.opened_at < until)]  # fmt: skip
        steps = [
            Taken(entry, ledger.describe(entry, language()), str(entry.data.get("reason") or ""))
            for entry in entries if entry.data.get("referral_id") == row.id
        ]  # fmt: skip
        team = [names.get(one, "") for one in row.team_ids]
        found.append(Suspicion(row, names.get(row.raised_by_id, ""), team, steps, own, own_clocks))
        until = row.raised_at
    return found


def basis(session: Session, case: Case) -> Basis:
    """What led to the decision that is to be signed."""
    notices = session.execute(
        select(Notice, Party.name).join(Party, Party.id == Notice.party_id).where(Notice.case_id == case.id)
        .order_by(Notice.served_at.desc(), Party.position)
    )  # fmt: skip
    hearing = session.execute(
        select(Hearing).where(Hearing.case_id == case.id).order_by(Hearing.planned_at.desc()).limit(1)
    ).scalar_one_or_none()
    opinions = casefile.opinions_of(session, case.id)
    conclusion = next((one for one in opinions if one[0].level == "conclusion"), None)
    draft = current_draft(session, case)
    current = bool(conclusion and draft and conclusion[0].draft_digest == draft.digest)
    meeting = next((item for item in casefile.meetings_of(session, case.id) if item.conclusion), None)
    return Basis([(notice, name) for notice, name in notices], hearing, conclusion, current, meeting)


def reviewed(session: Session, case: Case) -> list[tuple[Opinion, str]]:
    """The last first review and the last advice of counsel on the present draft, each with who gave it, oldest first:
    what a conclusion of the review is about.
    """
    draft = current_draft(session, case)
    found: dict[str, tuple[Opinion, str]] = {}
    for one in casefile.opinions_of(session, case.id):
        current = draft is not None and one[0].draft_digest == draft.digest
        if current and one[0].level in ("legal_review", "counsel_review"):
            found.setdefault(one[0].level, one)
    return sorted(found.values(), key=lambda one: one[0].given_at)


def asked(session: Session, case: Case, task: Task) -> Asked | None:
    """What this step is asked for; None for steps that answer nobody, and for those that ended."""
    if task.state not in ("open", "claimed"):
        return None
    if task.element_id == "supplement_files":
        return _files_asked(session, case)
    if task.act in ("evidence_supplement", "draft_correction", "unit_response"):
        opinion = next((one for one in casefile.opinions_of(session, case.id) if one[0].opinion != "agree"), None)
        found = open_findings(session, case)
        if opinion is None and not found:
            return None
        return Asked(opinion[1] if opinion else "", (), opinion[0].text if opinion else "", found)
    return None


def _files_asked(session: Session, case: Case) -> Asked | None:
    """The last completeness check that found the file wanting: what was missing, and the legal officer's remark."""
    found = requests(session, case)
    return Asked(found[0].who, [(zh, en) for _key, zh, en in found[0].items], found[0].note, ()) if found else None


def list_of_materials(session: Session, case: Case) -> Sequence[checklist.Item]:
    """The checklist of the stage of review that the case is in or comes to first."""
    review = session.execute(
        select(Task).where(Task.case_id == case.id, Task.process_key == REVIEW)
        .order_by(Task.created_at.desc(), Task.id).limit(1)
    ).scalar_one_or_none()  # fmt: skip
    return checklist.state(session, case, str((review.variables if review else {}).get("stage") or "before_notice"))
