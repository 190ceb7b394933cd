"""What happened to official documents and process packages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class DocumentIssued:
    """A document got its number and content. type: review_opinion, penalty_decision …; sha256: of the content."""

    document_id: str
    type: str
    number: str
    sha256: str = ""
    party_id: str | None = None
    content: dict[str, Any] = field(default_factory=dict)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class DocumentRendered:
    """The document's PDF was made. sha256, size (bytes): of the file."""

    document_id: str
    type: str
    number: str
    sha256: str
    size: int
    pages: int | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class NumberVoided:
    """A number was taken and won't be used; it stays in the register."""

    number: str
    type: str
    reason: str
    document_id: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PackagePublished:
    """A process package became the current one of its key."""

    key: str
    package_hash: str
    reason: str
    previous_hash: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ReleaseAsked:
    """An administrator asked that a package be published. publish_at: when, if not at once on approval.

    writers: ids of those who wrote what differs from the version in force, and therefore do not approve it.
    """

    release_id: str
    key: str
    package_hash: str
    reason: str
    legal_basis: str
    previous_hash: str | None = None
    publish_at: datetime | None = None
    writers: list[str] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ReleaseApproved:
    """Another administrator approved it; publish_at: empty where it was published in the same moment."""

    release_id: str
    key: str
    package_hash: str
    decision: str
    publish_at: datetime | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ReleaseRejected:
    """Another administrator refused it, and said why."""

    release_id: str
    key: str
    decision: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ReleaseWithdrawn:
    """It was taken back before it was published."""

    release_id: str
    key: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ReleaseReopened:
    """It waits for another approval: those named, who asked or approved, are no administrators any more."""

    release_id: str
    key: str
    people: list[str] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ReleaseFailed:
    """It could not be published at its moment. codes: what the checks found."""

    release_id: str
    key: str
    codes: list[str] = field(default_factory=list)
