"""Gates that a bureau adds: `process.yaml` may name a gate of the law for a step at which the law does not ask for it.

A bureau that wants the review passed before the party is told writes `{element: issue_notice, gate: G4}`. What the law
asks for stands in the acts and can't be taken away here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from workflows.cases import facts, gates
from workflows.cases.file import Case, current_draft
from workflows.cases.gate_facts import DecisionFacts
from workflows.errors import Invalid

OUTCOMES = {"penalise": "penalty", "minor": "no_penalty_minor", "unproven": "no_penalty_unproven", "refer": "referred"}
"""Outcome of a draft → outcome of the decision that follows from it."""

FURTHER_GATES: Mapping[str, Callable[[DecisionFacts], None]] = {
    "G2": lambda known: gates.g2_notice(known.draft, known.notices, known.now),
    "G3": lambda known: gates.g3_hearing(known.notices, known.hearings, known.now),
    "G4": lambda known: gates.g4_review(known.review, known.hearings),
    "G6": lambda known: gates.g6_collective(known.draft, known.collective),
    "G7": lambda known: gates.g7_range(known.draft),
    "G8": lambda known: gates.g8_not_heavier(known.draft, known.notices),
    "G9": lambda known: gates.g9_crime(known.crime, known.outcome),
}
"""Gate → what it looks at. The others (officers, reviewers, seizures, dates) belong to one act each."""


def hold(session: Session, case: Case, names: Iterable[str], now: datetime) -> None:
    """Let the named gates look at the case as it stands.

    Raises GateClosed as the law's own would, Invalid("draft.missing") where there is nothing to look at yet.
    """
    wanted = list(names)
    if not wanted:
        return
    draft = current_draft(session, case)
    if draft is None:
        raise Invalid("draft.missing")
    known = facts.decision(session, case, OUTCOMES[draft.outcome], now)
    for name in wanted:
        FURTHER_GATES[name](known)
