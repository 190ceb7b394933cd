"""Who came and went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PersonLoggedIn:
    """Somebody logged in. session_id: never the secret of the session; address: the client's network address."""

    person_id: str
    login: str
    session_id: str = ""
    address: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PersonLoggedOut:
    """Somebody logged out."""

    person_id: str
    login: str
    session_id: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class LoginFailed:
    """A login was refused. person_id: None when nobody has that login."""

    login: str
    address: str = ""
    reason: str = ""
    person_id: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class SessionRevoked:
    """A session was ended by somebody else or by a rule."""

    person_id: str
    session_id: str
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class UnitAdded:
    """A unit was entered. region: the prefix of its document numbers; standing: division, subject or delegated."""

    unit_id: str
    name: str
    level: str
    parent_id: str | None = None
    region: str = ""
    standing: str = ""
    reason: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PersonAdded:
    """A person was entered who may log in."""

    person_id: str
    login: str
    name: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PostGiven:
    """A person was given a post. unit: the unit's name then; request_id: what two administrators gave together."""

    person_id: str
    post_id: str
    unit: str
    role: str
    title: str
    unit_id: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    name: str = ""
    reason: str = ""
    request_id: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class NoticeAddressChanged:
    """Somebody said where notices go from now on. channel: "email" or "webhook"; address: empty where nowhere."""

    person_id: str
    name: str
    channel: str
    address: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class UnitRenamed:
    """A unit has another name from now on."""

    unit_id: str
    before: str
    name: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class UnitMoved:
    """A unit hangs below another one from now on. parent: the name of that one."""

    unit_id: str
    name: str
    before_id: str | None
    parent_id: str
    parent: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class UnitEnded:
    """A unit was dissolved. ended_on: the last day it existed."""

    unit_id: str
    name: str
    ended_on: date
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PersonRenamed:
    """A person has another name from now on."""

    person_id: str
    before: str
    name: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PersonDisabled:
    """A person may no longer log in. tasks: how many steps waited with them."""

    person_id: str
    name: str
    tasks: int
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PersonEnabled:
    """A person may log in again, once they have a new password."""

    person_id: str
    name: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PasswordIssued:
    """A person was given a password that must be changed at once. until_at: until when it opens the door."""

    person_id: str
    name: str
    until_at: datetime
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PostAsked:
    """An administrator asked for a post on which another one decides."""

    request_id: str
    person_id: str
    name: str
    unit_id: str
    unit: str
    role: str
    title: str
    starts_on: date
    ends_on: date | None
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PostRefused:
    """A post that was asked for is not given."""

    request_id: str
    person_id: str
    name: str
    role: str
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class PostEnded:
    """A post ends. ends_on: its last day."""

    person_id: str
    post_id: str
    name: str
    unit: str
    role: str
    title: str
    ends_on: date
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CertificateEntered:
    """A certificate was entered. certificate: its kind; valid_to: the last valid day, None where it does not expire."""

    certificate_id: str
    person_id: str
    name: str
    certificate: str
    number: str
    valid_from: date
    valid_to: date | None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CertificateEnded:
    """A certificate was withdrawn or ended early. valid_to: the last valid day."""

    certificate_id: str
    person_id: str
    name: str
    certificate: str
    number: str
    valid_to: date
    reason: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class UnitSettingsChanged:
    """What the papers of a bureau say was changed. changes: setting → [before, after], "" for none."""

    unit_id: str
    name: str
    changes: dict[str, list[str]]
    reason: str
