"""Who came and went."""

from __future__ import annotations

from dataclasses import dataclass

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
    """A unit was entered. region: the prefix of its document numbers."""

    unit_id: str
    name: str
    level: str
    parent_id: str | None = None
    region: str = ""


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
    """A person was given a post. unit: the unit's name."""

    person_id: str
    post_id: str
    unit: str
    role: str
    title: str


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class NoticeAddressChanged:
    """Somebody said where notices go from now on. channel: "email" or "webhook"; address: empty where nowhere."""

    person_id: str
    name: str
    channel: str
    address: str
