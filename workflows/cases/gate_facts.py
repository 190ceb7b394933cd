"""What the statutory gates look at: frozen values, without database and clock. `facts` loads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflows.cases.ranges import NO_FIGURES, Figures

LIGHTEST = frozenset({"warning", "criticism"})
"""Penalties on reputation, the lightest of 行政处罚法 9: one in place of a heavier type makes nothing heavier."""


@dataclass(frozen=True, slots=True)
class OfficerFact:
    """An officer and whether the enforcement certificate was valid on the day of the act."""

    name: str
    certified: bool


@dataclass(frozen=True, slots=True)
class PenaltyFact:
    """What is proposed or decided for one party under one matter. Amounts in fen; spec: the matter's entry."""

    party_id: str
    party_kind: str
    party: str
    matter_code: str
    stage: str
    types: frozenset[str]
    fine_fen: int = 0
    confiscation_fen: int = 0
    confiscation: str = ""
    measures: str = ""
    mitigation: str = ""
    ground: str = ""
    figures: Figures = NO_FIGURES
    spec: Mapping[str, Any] = field(default_factory=dict)
    max_inclusive: bool = True


@dataclass(frozen=True, slots=True)
class Burden:
    """All that one party has to bear, over all its matters."""

    types: frozenset[str]
    fine_fen: int
    confiscation_fen: int

    def heavier_than(self, other: Burden) -> bool:
        """Whether it is heavier in any respect: a higher amount, or a type that the other does not have.

        A warning or circulated criticism in place of something heavier does not count as a new type.
        """
        added = self.types - other.types
        if added <= LIGHTEST and other.types - self.types - LIGHTEST:
            added = frozenset()
        return bool(added) or self.fine_fen > other.fine_fen or self.confiscation_fen > other.confiscation_fen


@dataclass(frozen=True, slots=True)
class DraftFact:
    """One version of the proposed decision."""

    id: str
    digest: str
    outcome: str
    facts: str
    law: str
    penalties: tuple[PenaltyFact, ...] = ()
    statement_recheck: str = ""

    def burden(self, party_id: str) -> Burden:
        """What the draft lays on a party."""
        own = [penalty for penalty in self.penalties if penalty.party_id == party_id]
        types: frozenset[str] = frozenset().union(*(penalty.types for penalty in own))
        return Burden(types, sum(p.fine_fen for p in own), sum(p.confiscation_fen for p in own))

    def grounds(self, party_id: str) -> tuple[str, str, frozenset[str]]:
        """Facts, law and matters on which the draft rests against a party: what a notice has to tell it (44)."""
        matters = frozenset(p.matter_code for p in self.penalties if p.party_id == party_id)
        return _bare(self.facts), _bare(self.law), matters

    def parties(self) -> dict[str, str]:
        """Ids and names of the parties with a penalty, in the draft's order."""
        return {penalty.party_id: penalty.party for penalty in self.penalties}


def _bare(text: str) -> str:
    """A text without blanks: a different line break is no new fact."""
    return re.sub(r"\s+", "", text)


@dataclass(frozen=True, slots=True)
class NoticeFact:
    """A notice served on one party about one draft, and what became of the party's rights.

    statement: none | made | waived, None while nothing is recorded; dues: the moments at which the windows close.
    """

    party_id: str
    party: str
    draft: DraftFact
    served_at: datetime
    statement: str | None = None
    rechecked: bool = False
    statement_due: datetime | None = None
    hearing_right: bool = False
    hearing_request: str | None = None
    hearing_requested_on: date | None = None
    hearing_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class HearingFact:
    """A hearing. state: notified | held | forfeited | withdrawn."""

    state: str
    notified_on: date
    held_at: datetime | None = None
    has_transcript: bool = False


@dataclass(frozen=True, slots=True)
class ConclusionFact:
    """The legal officer's latest conclusion."""

    opinion: str
    draft_digest: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """Whether legal review is required and what it came to. digest_now: recomputed over draft and evidence files."""

    required: bool
    digest_now: str
    conclusion: ConclusionFact | None = None


@dataclass(frozen=True, slots=True)
class ItemFact:
    """A concluded agenda item. votes: choice of each entitled voter who voted in the last round.

    members: the leaders entitled to sit in the bureau that day, called or not; present: those of them who came and may
    vote; head_accounted: the head of the bureau was there, or is recorded as away or withdrawn, with the reason.
    """

    conclusion: str
    draft_digest: str
    members: int
    present: int
    voters: int
    votes: tuple[str, ...]
    resolved: Mapping[str, Burden] = field(default_factory=dict)
    leader_present: bool = True
    head_accounted: bool = True


@dataclass(frozen=True, slots=True)
class CollectiveFact:
    """Why collective discussion is required (codes; empty: it is not), the quorum, and the item that decided.

    because: fine_entity | fine_person | heavy_type | complex | dispute.
    """

    because: tuple[str, ...]
    item: ItemFact | None = None
    numerator: int = 1
    denominator: int = 2
    leader_needed: bool = False

    def quorate(self, present: int, members: int) -> bool:
        """Whether so many of the members suffice."""
        return members > 0 and present * self.denominator >= members * self.numerator


@dataclass(frozen=True, slots=True)
class SeizureFact:
    """A sealing or seizure as it stands. approved_at: None while nobody approved."""

    delegated: bool
    urgent: bool
    approved_at: datetime | None = None
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """All that is looked at before a decision is made."""

    draft: DraftFact
    outcome: str
    notices: tuple[NoticeFact, ...]
    hearings: tuple[HearingFact, ...]
    review: ReviewFact
    collective: CollectiveFact
    crime: str
    number: str | None
    days: tuple[tuple[str, date, str, date], ...]
    now: datetime
