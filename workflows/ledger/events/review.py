"""What happened in legal review, in meetings and at the decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ApprovalGiven:
    """A superior approved, refused or returned a step. act: the statutory act; result as the form names it."""

    act: str
    result: str
    opinion: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class SubmissionChecked:
    """The file sent for review was found complete or not. missing: keys of the checklist."""

    complete: bool
    missing: list[str] = field(default_factory=list)
    note: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class OpinionGiven:
    """A reviewer gave an opinion on one draft. level: legal_review | counsel_review | conclusion.

    findings: [{point, result, blocking, text, evidence, basis}].
    """

    opinion_id: str
    level: str
    opinion_type: str
    text: str
    draft_digest: str
    findings: list[dict[str, Any]] = field(default_factory=list)
    qualification: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class FindingAnswered:
    """The handling unit answered a finding. answer: adopted | partly | rejected."""

    finding_id: str
    point: str
    answer: str
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ReviewConcluded:
    """The legal officer concluded the review of one draft; G4 reads this (行政处罚法 58)."""

    opinion_id: str
    opinion_type: str
    draft_digest: str
    text: str = ""
    adopts_counsel: str | None = None
    adoption_reason: str = ""
    stage: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MeetingCalled:
    """A collective discussion was called. items: [{item_id, case_id, purpose, draft_digest}]."""

    meeting_id: str
    title: str
    planned_at: datetime
    place: str
    host_id: str = ""
    member_ids: list[str] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class AgendaItemListed:
    """A case was put on a meeting's agenda. purpose: decision | dispute; draft_digest: of what is discussed."""

    meeting_id: str
    item_id: str
    case_id: str
    purpose: str
    draft_digest: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class AgendaItemWithdrawn:
    """A case was taken off a meeting's agenda before the meeting came to it. purpose: decision | dispute."""

    meeting_id: str
    item_id: str
    purpose: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class AttendanceRecorded:
    """Who came. absent: [{person_id, reason}]."""

    meeting_id: str
    present_ids: list[str]
    should: int
    present: int
    quorum: bool
    absent: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MemberLeft:
    """中途退席: a member left before voting. present: how many are still there; quorum: whether that is enough."""

    meeting_id: str
    item_id: str
    member_id: str
    member: str
    reason: str
    present: int
    quorum: bool


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PresidingAppointed:
    """另行指定主持人: another member concludes an item, since the presiding one can't. instead_id: who that was, empty
    where nobody presided any more.
    """

    meeting_id: str
    item_id: str
    person_id: str
    person: str
    instead_id: str
    instead: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RecusalDecided:
    """回避: somebody was, or was not, excused from a case (行政处罚法 43). asked_by: self | party | host | bureau."""

    person_id: str
    name: str
    granted: bool
    reason: str
    asked_by: str = ""
    part: str = ""
    meeting_id: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class VoteCast:
    """A member voted on one item. choice: approve | change | return | refer | abstain."""

    meeting_id: str
    item_id: str
    member_id: str
    member: str
    choice: str
    opinion: str = ""
    round: int = 1


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MeetingConcluded:
    """The meeting concluded on one item. tally: choice → votes; penalties where the conclusion is "change"."""

    meeting_id: str
    item_id: str
    conclusion: str
    resolution: str
    tally: dict[str, int] = field(default_factory=dict)
    draft_digest: str = ""
    penalties: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MinutesSigned:
    """A participant signed the minutes (集体讨论记录). sha256: of the content signed."""

    meeting_id: str
    signer_id: str
    signer: str
    sha256: str = ""
    document_id: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class DecisionMade:
    """A decision was made for one party. content: facts, law, penalties (amounts in fen), as it stands.

    outcome: penalty | no_penalty_minor | no_penalty_unproven | referred.
    """

    decision_id: str
    outcome: str
    party_id: str | None = None
    party: str = ""
    fine_fen: int | None = None
    draft_digest: str = ""
    collective: bool = False
    meeting_id: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
