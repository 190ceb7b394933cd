"""The pages of strangers: the way in, the choice of language and appearance, and the sign of life."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import drafts, preferences, readiness
from webapp.errors import Trouble, redrawn
from webapp.house import client, house
from webapp.security import limiter
from webapp.sessions import admit
from workflows import sessions

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """To the desk, or to the login page."""
    return redirect(url_for("desk.show" if current_user.is_authenticated else "public.login"))


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """The login page."""
    if current_user.is_authenticated:
        return redirect(_onward(request.args.get("next", "")))
    return login_page()


@blueprint.post("/login")
@redrawn(lambda trouble: login_page(trouble, kept=_kept()))
@limiter.limit("120 per minute")
def enter() -> ResponseReturnValue:
    """Log in; what somebody had typed when their session ended becomes a draft of theirs.

    The limit by address leaves room for a bureau that shows one address and comes to work at half past eight; guessing
    at one account is slowed by `sessions.log_in` itself.
    """
    here = house()
    opened = sessions.log_in(
        here.store, request.form.get("login", ""), request.form.get("password", ""),
        client=client(), lasts=here.settings.session_absolute,
    )  # fmt: skip
    onward = _onward(request.form.get("next", ""))
    drafts.adopt(opened.actor, request.form.get("from", ""), _kept())
    return admit(make_response(redirect(onward)), opened)


@blueprint.post("/language")
def choose_language() -> ResponseReturnValue:
    """Chinese or English, for this browser and, logged in, for this person."""
    response = make_response(redirect(_onward(request.form.get("next", ""))))
    return preferences.keep_language(response, request.form.get("language", ""))


@blueprint.post("/appearance")
def choose_appearance() -> ResponseReturnValue:
    """Light, dark, or as the machine has it."""
    response = make_response(redirect(_onward(request.form.get("next", ""))))
    return preferences.keep_appearance(response, request.form.get("appearance", ""))


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Whether this process answers; it asks nothing else, so that a supervisor restarts only what hangs."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether requests would succeed here, for a load balancer: 200, or 503 with what is missing."""
    if absent := readiness.missing():
        return jsonify(status="not ready", missing=absent), 503
    return jsonify(status="ready")


def login_page(trouble: Trouble | None = None, kept: Sequence[tuple[str, str]] = ()) -> ResponseReturnValue:
    """The login page; with `kept` fields of a form whose writer was logged out meanwhile."""
    came_from = request.form.get("from", "") or (request.path if kept else "")
    page = render_template(
        "public/login.html", trouble=trouble, kept=kept, came_from=came_from,
        next=_local(request.values.get("next", "")), typed_login=request.form.get("login", ""),
    )  # fmt: skip
    return page, trouble.status if trouble else 200


def _kept() -> list[tuple[str, str]]:
    """The fields that the login page carries for a form behind it."""
    return [(k.removeprefix("kept."), v) for k, vs in request.form.lists() for v in vs if k.startswith("kept.")]


def _onward(wanted: str) -> str:
    return _local(wanted) or url_for("desk.show")


def _local(wanted: str) -> str:
    """The address if it is one of ours, else nothing: no login leads to a stranger's page."""
    parts = urlsplit(wanted.replace("\\", "/"))
    plain = wanted.isprintable() and not parts.scheme and not parts.netloc
    return wanted if plain and wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else ""
