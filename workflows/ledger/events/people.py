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
