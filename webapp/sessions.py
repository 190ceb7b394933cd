"""From a cookie to the person who is asking: sessions on the server, joined to Flask-Login."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Request, Response, g, request, session
from flask_login import LoginManager, UserMixin
from flask_wtf.csrf import generate_csrf
from sqlalchemy.exc import SQLAlchemyError

from webapp.house import house
from webapp.watching import quiet
from workflows import sessions
from workflows.actors import Actor, Person, acting
from workflows.calendar import clock
from workflows.errors import FashenError, Unavailable

log = logging.getLogger(__name__)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What a token can look like (`secrets.token_urlsafe`); nothing else reaches the database."""


@dataclass(frozen=True, slots=True)
class User(UserMixin):  # type: ignore[misc]  # flask_login has no types
    """Who is logged in, for this request."""

    actor: Actor
    session_id: str
    language: str
    must_change: bool = False  # the password was given by an administrator

    def get_id(self) -> str:
        """The person's id."""
        return self.actor.person_id


def init_app(app: Flask) -> None:
    """Let Flask-Login find people by our cookie alone; its own cookie and its `remember me` are never used."""
    manager = LoginManager()
    manager.init_app(app)
    manager.request_loader(_load)


def cookie_name(secure: bool) -> str:
    """`__Host-` binds the cookie to this host, to the whole path and to TLS, so it needs TLS."""
    return "__Host-fashen" if secure else "fashen"


def admit(response: Response, opened: sessions.Opened) -> Response:
    """Hand the token of a fresh session to the browser, with a fresh secret for its forms."""
    session.clear()
    g.pop("csrf_token", None)
    generate_csrf()
    settings = house().settings
    response.set_cookie(
        cookie_name(settings.cookie_secure), opened.token, max_age=None, path="/",
        secure=settings.cookie_secure, httponly=True, samesite="Lax",
    )  # fmt: skip
    return response


def dismiss(response: Response) -> Response:
    """Take the token away from the browser."""
    session.clear()
    settings = house().settings
    response.delete_cookie(
        cookie_name(settings.cookie_secure), path="/", secure=settings.cookie_secure, httponly=True, samesite="Lax"
    )
    return response


def token() -> str:
    """The token that this request's cookie holds; empty where there is none that could be one."""
    given = request.cookies.get(cookie_name(house().settings.cookie_secure), "")
    return given if _TOKEN.fullmatch(given) else ""


def idle() -> timedelta:
    """How long a session may rest unused."""
    return house().settings.session_idle


def _load(_request: Request) -> User | None:
    """The person whose living session the cookie opens, or None.

    Raises Unavailable when the database does not answer; asked again in the same request (the page that tells of it
    asks who is reading), it is nobody, and the database is left alone.
    """
    held = token()
    if not held or g.get("nobody_known"):
        return None
    try:
        with house().store.read() as reading:
            found = sessions.find(reading, held, idle=idle())
            if found is None:
                return None
            try:
                actor = acting(reading, found.person_id)
            except FashenError:  # disabled or gone since the login: no longer anybody here
                return None
            person = reading.get_one(Person, found.person_id)
            user = User(actor, found.id, person.language, person.password_until is not None)
            stale = clock.now() - found.last_seen_at >= sessions.TOUCH_EVERY
    except SQLAlchemyError as error:
        g.nobody_known = True
        log.error("the database does not tell who is asking: %s", error)
        raise Unavailable("store.unavailable") from error
    if stale and not quiet():  # a page that brings itself up to date is not somebody at work
        _touch(user.session_id)
    return user


def _touch(session_id: str) -> None:
    """Note that the session is in use; left for the next request where the database is busy or takes no changes."""
    try:
        with house().store.work(hasty=True) as writing:
            sessions.touch(writing, session_id)
    except SQLAlchemyError as error:
        log.warning("a session could not be marked as used: %s", error)
