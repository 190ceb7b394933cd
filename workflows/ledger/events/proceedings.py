"""What happened between the bureau and the parties, and between the bureau and the police."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class NoticeServed:
    """行政处罚告知书 was served on a party (行政处罚法 44, 63)."""

    notice_id: str
    party_id: str
    party: str
    served_on: date
    method: str
    draft_digest: str
    hearing_right: bool = False
    document_id: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class StatementRecorded:
    """陈述申辩: what the party stated, or that it waived (行政处罚法 45). statement: made | waived | none."""

    notice_id: str
    party_id: str
    party: str
    statement: str
    text: str = ""
    stated_on: date | None = None
    recheck: str = ""
    hearing_request: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class StatementReopened:
    """What a party replied to a notice is recorded anew: the step was sent back."""

    notice_id: str
    party_id: str
    party: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class HearingReopened:
    """A hearing that was held, or told not to be, is held or told of anew: the step was sent back."""

    hearing_id: str
    planned_at: datetime


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class HearingCalledOff:
    """A hearing that was called is not held as it was called: the step was sent back, and another one is called."""

    hearing_id: str
    planned_at: datetime
    place: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class HearingHeld:
    """听证 (行政处罚法 64, 65). state: held | forfeited | withdrawn."""

    hearing_id: str
    state: str
    held_at: datetime | None = None
    chair: str = ""
    transcript_sha256: str = ""
    opinion: str = ""
    facts_changed: bool = False


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class OnSiteActRecorded:
    """检查, 询问, 抽样 … on site, and who carried it out (行政处罚法 42)."""

    on_site_act_id: str
    kind: str
    done_on: date
    place: str
    officer_ids: list[str]
    note: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class OnSiteActCorrected:
    """What is on record of an act on site was corrected. changes: field → [before, after]."""

    on_site_act_id: str
    kind: str
    done_on: date
    place: str
    changes: dict[str, Any]


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class HearingNotified:
    """听证通知: when and where the hearing will be (行政处罚法 64)."""

    hearing_id: str
    notified_on: date
    planned_at: datetime
    place: str
    open_to_public: bool = True
    chair: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class DemandServed:
    """催告 before enforcement (行政强制法 35, 54)."""

    party_id: str
    party: str
    served_on: date
    method: str
    statement: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CoerciveMeasureDecided:
    """A leader approved or refused a 查封/扣押, beforehand or, when urgent, afterwards (行政强制法 18, 19)."""

    measure_id: str
    approved: bool
    urgent: bool
    opinion: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CoerciveMeasureTaken:
    """查封/扣押 (行政强制法 18-25). kind: seal | seize; goods: [{name, quantity, place, note}]."""

    measure_id: str
    kind: str
    taken_at: datetime
    approved_by: str
    reason: str = ""
    basis: str = ""
    urgent: bool = False
    goods: list[dict[str, Any]] = field(default_factory=list)
    officer_ids: list[str] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CoerciveMeasureEnded:
    """The measure ended (行政强制法 27, 28). outcome: released | confiscated | handed_over | expired."""

    measure_id: str
    kind: str
    outcome: str
    ended_at: datetime
    handling: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ServiceRecorded:
    """A document was served (行政处罚法 61)."""

    document_id: str
    number: str
    party_id: str
    party: str
    served_on: date
    method: str
    receipt_sha256: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PublicationRecorded:
    """A decision was published, or withdrawn from publication (行政处罚法 48)."""

    decision_id: str
    published_on: date
    place: str
    withdrawn: bool = False
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PerformanceRecorded:
    """A party performed: paid so many fen, or did what was ordered. complete: nothing is left."""

    decision_id: str
    party_id: str | None
    party: str
    performed_on: date
    amount_fen: int | None = None
    complete: bool = False
    note: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CrimeSuspected:
    """A suspicion of crime was raised (国务院令310号 3, 5)."""

    referral_id: str
    offence: str
    grounds: str
    team_ids: list[str] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ReferralStepTaken:
    """A step of 行刑衔接 was taken. step: verified, approved, refused, transferred, received, accepted, returned …"""

    referral_id: str
    step: str
    result: str = ""
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class FineSuspended:
    """No fine is decided while the referral runs (国务院令310号 11)."""

    referral_id: str
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class FineReopened:
    """The case came back: a fine may be decided again (国务院令310号 10, 13)."""

    referral_id: str
    reason: str = ""
