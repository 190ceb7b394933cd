"""Versions of the proposed decision: their digest, how a new one is made, and how it differs from what was noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.file import Case, Draft, DraftPenalty, current_draft
from workflows.cases.gate_facts import DraftFact, NoticeFact
from workflows.cases.materials import EVIDENCE, Material
from workflows.ledger import events
from workflows.ledger.canonical import text


@dataclass(frozen=True, slots=True)
class PenaltyInput:
    """A penalty as proposed. Amounts in fen; None where there is none."""

    party_id: str
    matter_code: str
    stage: str
    types: tuple[str, ...]
    fine_fen: int | None = None
    confiscation: str = ""
    confiscation_fen: int | None = None
    measures: str = ""
    mitigation: str = ""
    mitigation_ground: str = ""
    base_fen: int | None = None
    base_days: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an officer proposes. outcome: penalise | minor | unproven | refer."""

    outcome: str
    facts: str
    evidence: str
    law: str
    discretion: str = ""
    statement_recheck: str = ""
    penalties: tuple[PenaltyInput, ...] = field(default=())


PENALTY_FIELDS = tuple(PenaltyInput.__dataclass_fields__)
TEXT_FIELDS = ("outcome", "facts", "evidence", "law", "discretion", "statement_recheck")
HELD: Mapping[str, frozenset[str]] = {
    "investigation_report": frozenset({*TEXT_FIELDS, "penalties"}),
    "draft_correction": frozenset({*TEXT_FIELDS, "penalties"}),
    "evidence_supplement": frozenset({"facts", "evidence"}),
}
"""Act → what it takes from the present draft where a step does not let it be written."""


def proposal_of(draft: Draft) -> Proposal:
    """A draft's content, as a proposal that a new version can start from."""
    penalties = tuple(
        PenaltyInput(**{**{name: getattr(row, name) for name in PENALTY_FIELDS}, "types": tuple(row.types)})
        for row in draft.penalties
    )
    return Proposal(**{name: getattr(draft, name) for name in TEXT_FIELDS}, penalties=penalties)


def content(proposal: Proposal, evidence_files: Iterable[str]) -> dict[str, Any]:
    """All that the digest covers: the texts, the penalties and the hashes of the evidence files."""
    penalties = [{name: getattr(one, name) for name in PENALTY_FIELDS} for one in proposal.penalties]
    return {
        **{name: getattr(proposal, name) for name in TEXT_FIELDS},
        "penalties": [{**one, "types": sorted(one["types"])} for one in penalties],
        "evidence_files": sorted(evidence_files),
    }


def digest(written: Mapping[str, Any]) -> str:
    """SHA-256 of a draft's content in canonical JSON."""
    return hashlib.sha256(text(written).encode()).hexdigest()


def evidence_files(session: Session, case: Case) -> list[str]:
    """Hashes of the evidence files that count now."""
    wanted = select(Material.sha256).where(
        Material.case_id == case.id, Material.kind.in_(EVIDENCE), Material.superseded_by_id.is_(None)
    )
    return sorted(session.execute(wanted).scalars())


def digest_now(session: Session, case: Case, draft: Draft) -> str:
    """The digest that the draft would have with the evidence that is in the file now."""
    return digest(content(proposal_of(draft), evidence_files(session, case)))


def put(
    session: Session, actor: Actor, case: Case, proposal: Proposal, *, change: str = "none", reason: str = ""
) -> Draft:
    """Make a proposal the case's current draft; the present one stays when nothing differs."""
    written = content(proposal, evidence_files(session, case))
    mark = digest(written)
    present = current_draft(session, case)
    if present is not None and present.digest == mark:
        return present
    last = session.execute(select(func.max(Draft.version)).where(Draft.case_id == case.id)).scalar_one_or_none()
    draft = Draft(
        case_id=case.id, version=(last or 0) + 1, digest=mark, change=change, created_at=clock.now(),
        created_by_id=actor.person_id, **{name: getattr(proposal, name) for name in TEXT_FIELDS},
    )  # fmt: skip
    for position, penalty in enumerate(proposal.penalties):
        columns = {name: getattr(penalty, name) for name in PENALTY_FIELDS}
        draft.penalties.append(DraftPenalty(position=position, **{**columns, "types": list(penalty.types)}))
    session.add(draft)
    session.flush()
    case.draft_id = draft.id
    event = events.DraftChanged(
        draft_id=draft.id, draft_version=draft.version, digest=mark, outcome=draft.outcome, change=change,
        reason=reason, content=written,
    )  # fmt: skip
    ledger.append(session, f"case:{case.id}", event, actor=actor, case_id=case.id)
    return draft


def refresh(session: Session, actor: Actor, case: Case, *, reason: str) -> Draft | None:
    """Make a new version of the current draft if the evidence in the file is no longer that which it covers.

    What reviewers agreed to before no longer counts then (G4). None without a draft.
    """
    draft = current_draft(session, case)
    if draft is None:
        return None
    return put(session, actor, case, proposal_of(draft), change=draft.change, reason=reason)


def compare(draft: DraftFact, notices: Sequence[NoticeFact]) -> str:
    """How a draft differs from what the parties were told last: none | lighter | heavier | new_facts.

    none also where nobody was told anything yet. Other facts, law or matters weigh more than amounts; a party that is
    let off makes it lighter, one that was told nothing makes it new.
    """
    latest = {notice.party_id: notice.draft for notice in sorted(notices, key=lambda notice: notice.served_at)}
    if not latest:
        return "none"
    if draft.outcome != "penalise":
        return "lighter"
    parties = draft.parties()
    if any(one not in latest or draft.grounds(one) != latest[one].grounds(one) for one in parties):
        return "new_facts"
    if any(draft.burden(one).heavier_than(latest[one].burden(one)) for one in parties):
        return "heavier"
    dropped = set(latest) - set(parties)
    if dropped or any(draft.burden(one) != latest[one].burden(one) for one in parties):
        return "lighter"
    return "none"
