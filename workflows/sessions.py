"""Who is logged in: sessions kept on the server, so that they can be listed and revoked, and the throttle at the door.

The browser holds a random token and nothing else; the database holds its SHA-256, so that a stolen copy of the
database opens no door. Failures are counted per typed login, whether or not somebody has it, under a row lock: several
server processes agree on the count, and the answer does not tell which logins exist.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows import ledger, passwords
from workflows.actors import SYSTEM, Actor, Person, acting
from workflows.calendar import clock
from workflows.errors import Forbidden, Invalid, NotFound, Problem
from workflows.ledger.events import LoginFailed, PersonLoggedIn, PersonLoggedOut, SessionRevoked
from workflows.store import Base, Row, Store, Utc, new_id

ALLOWED_FAILURES = 5
FAILURE_WINDOW = timedelta(minutes=15)
ATTEMPT_LASTS = timedelta(minutes=1)
"""So long an attempt counts that nobody answered, because the database or the process went away in the middle of it."""
TOUCH_EVERY = timedelta(minutes=1)
"""`last_seen_at` is not written more often: reading pages should not queue behind writers."""


class WebSession(Row):
    """One login of one person in one browser. `id` names it on pages and in the ledger; only the token opens it."""

    __tablename__ = "web_session"
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the token
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Utc)
    last_seen_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime] = mapped_column(Utc)  # however busy it is
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)
    address: Mapped[str] = mapped_column(String(64), default="")
    agent: Mapped[str] = mapped_column(String(300), default="")
    person: Mapped[Person] = relationship()

    def lives(self, now: datetime, idle: timedelta) -> bool:
        """Whether it still opens the door at `now`; `idle`: how long it may rest unused."""
        return self.revoked_at is None and now < self.expires_at and now < self.last_seen_at + idle


class LoginFailures(Base):
    """The failed logins of the last minutes under one typed login, and the attempts that are being looked at."""

    __tablename__ = "login_failures"
    login_digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # what people type there may be a password
    moments: Mapped[list[str]] = mapped_column(JSON, default=list)  # ISO, UTC, oldest first
    attempts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")  # id → when it began


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from, as far as it says."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A fresh session. `token` goes to the browser and is stored nowhere."""

    token: str
    session_id: str
    actor: Actor


def log_in(store: Store, login: str, password: str, *, client: Client, lasts: timedelta) -> Opened:
    """Check login and password and open a session that ends after `lasts` at the latest.

    Raises Forbidden("login.refused") for a wrong login or password and for a disabled person alike, and
    Forbidden("login.throttled") after five failures in fifteen minutes. Takes three short units of work, because the
    hash takes long and the failure must stay recorded when the login is refused. An attempt that the database leaves
    without an answer is no failure; what it raised is raised.
    """
    login, attempt = login.strip()[:64], new_id()
    try:
        with store.work() as session:
            _reserve_attempt(session, login, attempt)
        return _answered(store, login, attempt, password, client, lasts)
    except SQLAlchemyError:
        # It is not the typist's failure. If the database is still away, the attempt ends by itself.
        with contextlib.suppress(SQLAlchemyError), store.work(hasty=True) as session:
            _withdraw_attempt(session, login, attempt)
        raise


def _answered(store: Store, login: str, attempt: str, password: str, client: Client, lasts: timedelta) -> Opened:
    """The reserved attempt is looked at. Raises Forbidden("login.refused")."""
    with store.read() as session:
        found = session.execute(
            select(Person.id, Person.password_hash).where(
                Person.login == login, Person.disabled_at.is_(None),
                or_(Person.password_until.is_(None), Person.password_until > clock.now()),
            )
        ).one_or_none()
    person_id, stored = found or (None, None)
    if not passwords.fits(stored, password) or person_id is None:
        with store.work() as session:
            _count_failure(session, login, attempt)
            record_failure(session, person_id, login, client)
        raise Forbidden("login.refused")
    renewed = passwords.hashed(password) if passwords.outdated(stored or "") else None
    with store.work() as session:
        _forget_failures(session, login)
        if renewed is not None:
            session.execute(update(Person).where(Person.id == person_id).values(password_hash=renewed))
        return open_session(session, person_id, client=client, lasts=lasts)


def record_failure(session: Session, person_id: str | None, login: str, client: Client) -> None:
    """Enter a refused login in the ledger; what was typed is kept only where it is a person's login."""
    event = LoginFailed(
        login=login if person_id else "", person_id=person_id, address=client.address, reason="refused"
    )
    ledger.append(session, f"person:{person_id}" if person_id else "bureau", event, actor=SYSTEM)


def open_session(session: Session, person_id: str, *, client: Client, lasts: timedelta) -> Opened:
    """Open a session for somebody who has proved who they are. Raises NotFound, Forbidden as `acting` does."""
    actor = acting(session, person_id)
    person = session.get_one(Person, person_id)
    token, now = secrets.token_urlsafe(32), clock.now()
    row = WebSession(
        token_digest=_digest(token), person_id=person_id, created_at=now, last_seen_at=now, expires_at=now + lasts,
        address=client.address[:64], agent=client.agent[:300],
    )  # fmt: skip
    session.add(row)
    session.flush()
    event = PersonLoggedIn(person_id=person_id, login=person.login, session_id=row.id, address=client.address)
    ledger.append(session, f"person:{person_id}", event, actor=actor)
    return Opened(token, row.id, actor)


def find(session: Session, token: str, *, idle: timedelta) -> WebSession | None:
    """The living session that this token opens, or None."""
    row = session.execute(
        select(WebSession).where(opened_by(token))
    ).scalar_one_or_none()
    return row if row is not None and row.lives(clock.now(), idle) else None


def opened_by(token: str) -> ColumnElement[bool]:
    """The condition on `WebSession` that holds for the session of a token."""
    return WebSession.token_digest == _digest(token)


def touch(session: Session, session_id: str) -> None:
    """Note that the session is in use."""
    session.execute(update(WebSession).where(WebSession.id == session_id).values(last_seen_at=clock.now()))


def log_out(session: Session, actor: Actor, session_id: str) -> None:
    """End one's own session at one's own wish. Does nothing to a session that has ended."""
    row = session.get(WebSession, session_id)
    if row is None or row.person_id != actor.person_id or row.revoked_at is not None:
        return
    row.revoked_at = clock.now()
    event = PersonLoggedOut(person_id=row.person_id, login=row.person.login, session_id=row.id)
    ledger.append(session, f"person:{row.person_id}", event, actor=actor)


def revoke(session: Session, actor: Actor, session_id: str, *, reason: str = "") -> None:
    """End one of one's own sessions from elsewhere.

    Raises NotFound for somebody else's session as for an unknown one.
    """
    row = session.get(WebSession, session_id)
    if row is None or row.person_id != actor.person_id:
        raise NotFound("session.unknown")
    end(session, row, actor, reason)


def revoke_all(session: Session, actor: Actor, person_id: str, *, reason: str, but: str | None = None) -> int:
    """End every living session of a person, except `but`; gives back how many."""
    rows = session.execute(
        select(WebSession).where(WebSession.person_id == person_id, WebSession.revoked_at.is_(None))
    ).scalars()
    ended = [row for row in rows if row.id != but]
    for row in ended:
        end(session, row, actor, reason)
    return len(ended)


def own(session: Session, person_id: str, *, idle: timedelta) -> list[WebSession]:
    """A person's living sessions, the latest used first."""
    rows = session.execute(
        select(WebSession).where(WebSession.person_id == person_id, WebSession.revoked_at.is_(None))
        .order_by(WebSession.last_seen_at.desc())
    ).scalars()  # fmt: skip
    return [row for row in rows if row.lives(clock.now(), idle)]


def set_password(session: Session, actor: Actor, person: Person, password: str, *, keep: str | None = None) -> None:
    """Give a person a new password and end their sessions, except `keep`.

    One that an administrator had given is over with it. Raises Invalid for a weak one, and for that very one again.
    """
    passwords.require_strong(password, person.login)
    if person.password_until is not None and passwords.fits(person.password_hash, password):
        raise Invalid("password.weak", [Problem("password.same", "password")])
    person.password_hash, person.password_until = passwords.hashed(password), None
    session.flush()
    revoke_all(session, actor, person.id, reason="password_changed", but=keep)


def end(session: Session, row: WebSession, actor: Actor, reason: str) -> None:
    """Part of a command: end a session, on the record; one that has ended stays as it is."""
    if row.revoked_at is not None:
        return
    row.revoked_at = clock.now()
    event = SessionRevoked(person_id=row.person_id, session_id=row.id, reason=reason)
    ledger.append(session, f"person:{row.person_id}", event, actor=actor)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _reserve_attempt(session: Session, login: str, attempt: str) -> None:
    """Count an attempt before the password is looked at, so that attempts side by side can't pass the limit together.

    A success forgets the count. Raises Forbidden("login.throttled").
    """
    now = clock.now()
    row = _locked_failures(session, _digest(login.lower()))
    failed = [moment for moment in row.moments if datetime.fromisoformat(moment) > now - FAILURE_WINDOW]
    open_ = {id: at for id, at in row.attempts.items() if datetime.fromisoformat(at) > now - ATTEMPT_LASTS}
    if len(failed) + len(open_) >= ALLOWED_FAILURES:
        ends = [*(datetime.fromisoformat(at) + ATTEMPT_LASTS for at in open_.values()),
                *(datetime.fromisoformat(at) + FAILURE_WINDOW for at in failed)]  # fmt: skip
        raise Forbidden("login.throttled", minutes=max(1, -(-int((min(ends) - now).total_seconds()) // 60)))
    row.moments, row.attempts = failed, {**open_, attempt: now.isoformat()}


def _count_failure(session: Session, login: str, attempt: str) -> None:
    """The password of an attempt was wrong: it counts from now on as a failure, however long the answer took."""
    row = _locked_failures(session, _digest(login.lower()))
    row.attempts = {id: at for id, at in row.attempts.items() if id != attempt}
    row.moments = [*row.moments, clock.now().isoformat()]


def _withdraw_attempt(session: Session, login: str, attempt: str) -> None:
    """An attempt that nobody could answer is as if it had not been made; one that was answered stays as it is."""
    row = session.get(LoginFailures, _digest(login.lower()), with_for_update=True)
    if row is None or attempt not in row.attempts:
        return
    row.attempts = {id: at for id, at in row.attempts.items() if id != attempt}
    if not row.attempts and not row.moments:
        session.delete(row)


def _locked_failures(session: Session, key: str) -> LoginFailures:
    make: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(make(LoginFailures).values(login_digest=key, moments=[], attempts={}).on_conflict_do_nothing())
    return session.execute(
        select(LoginFailures).where(LoginFailures.login_digest == key)
        .with_for_update().execution_options(populate_existing=True)
    ).scalar_one()  # fmt: skip


def _forget_failures(session: Session, login: str) -> None:
    row = session.get(LoginFailures, _digest(login.lower()))
    if row is not None:
        session.delete(row)
