"""What happened to a case file: its opening, parties, officers, matters, materials and draft."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CaseOpened:
    """A lead was entered. kind and source as in the case file; content: what the form said."""

    kind: str
    title: str
    unit_id: str
    bureau_id: str = ""
    source: str = ""
    found_on: date | None = None
    conduct_on: date | None = None
    summary: str = ""
    content: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class LeadCorrected:
    """A lead that was taken back was corrected: what it says now. content: what the form said besides."""

    title: str
    source: str = ""
    found_on: date | None = None
    conduct_on: date | None = None
    summary: str = ""
    content: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CaseFiled:
    """立案: a leader approved the filing (行政处罚法 54)."""

    number: str
    filed_on: date
    approved_by: str
    basis: str = ""
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class FilingRefused:
    """不予立案: a leader refused the filing, with the reason."""

    reason: str
    refused_by: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PartyAdded:
    """A party entered the file. kind: entity | person."""

    party_id: str
    kind: str
    name: str
    role: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PartyChanged:
    """A party's facts were corrected. changes: field → [before, after]."""

    party_id: str
    name: str
    changes: dict[str, Any]


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PartyRemoved:
    """A party left a lead that was taken back."""

    party_id: str
    name: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class OfficerAssigned:
    """An officer was charged with the case; certificate: number of the 执法证 valid that day (行政处罚法 42)."""

    person_id: str
    name: str
    certificate: str = ""
    lead: bool = False


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class OfficerRemoved:
    """An officer left the case. recused: because of an interest in it (回避)."""

    person_id: str
    name: str
    reason: str = ""
    recused: bool = False


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RecusalDeclared:
    """Somebody withdrew from the case because of an interest in it, of his own accord (行政处罚法 43)."""

    recusal_id: str
    person_id: str
    name: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class RecusalOrdered:
    """It was decided that somebody must withdraw from the case (行政处罚法 43)."""

    recusal_id: str
    person_id: str
    name: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MatterAdded:
    """A matter of the catalogue was alleged."""

    code: str
    name: str
    law_version: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MatterRemoved:
    """A matter left a lead that was taken back."""

    code: str
    name: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MaterialAdded:
    """A file entered the case file."""

    material_id: str
    kind: str
    title: str
    sha256: str
    size: int
    stage: str = ""
    file_name: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class MaterialSuperseded:
    """A newer version stands for an older file, which stays."""

    material_id: str
    superseded_by_id: str
    title: str
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class DraftChanged:
    """A new version of the proposed decision. digest: what opinions are bound to; content: the whole draft.

    change: against the noticed draft: none | lighter | heavier | new_facts.
    """

    draft_id: str
    draft_version: int
    digest: str
    outcome: str
    change: str = "none"
    reason: str = ""
    content: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CaseClosed:
    """结案."""

    outcome: str
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CaseArchived:
    """归档. contents: what the bound file holds, by hash."""

    archive_number: str = ""
    contents: list[dict[str, Any]] = field(default_factory=list)
