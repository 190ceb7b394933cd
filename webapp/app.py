"""The web application, put together from its parts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import (
    access,
    assets,
    characters,
    errors,
    languages,
    longest,
    readiness,
    security,
    sessions,
    shown,
    studiowords,
    uploads,
    watching,
    words,
)
from webapp.api import external_tasks
from webapp.house import House
from webapp.pages import BLUEPRINTS
from webapp.settings import Settings, make_known, opened
from workflows.files import Files
from workflows.store import Store


def create_app(settings: Settings, store: Store | None = None, files: Files | None = None) -> Flask:
    """A server for one installation.

    settings: as `webapp.settings.read` gives them; store, files: given by tests and by `fashen serve`, else opened from
    the settings. Touches neither the database nor the disk.
    """
    app = Flask(__name__)
    make_known(settings)
    store, files = store or opened(settings), files or Files(settings.files_url)
    app.extensions["fashen"] = House(settings, store, files)
    _configure(app, settings)
    readiness.init_app(app)
    # The order is the order in which a request is asked: size, form token, login and role, characters.
    uploads.init_app(app, settings.upload_limit)
    sessions.init_app(app)
    languages.init_app(app)
    errors.init_app(app)
    characters.init_app(app)
    security.init_app(app, https=settings.cookie_secure)
    access.init_app(app)
    app.before_request(characters.refuse)
    shown.init_app(app)
    words.init_app(app)
    longest.init_app(app)
    studiowords.init_app(app)
    watching.init_app(app)
    for blueprint in (*BLUEPRINTS, external_tasks.blueprint):
        app.register_blueprint(blueprint)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.cookie_secure
    app.secret_key = settings.secret_key
    app.config.update(
        DEBUG=settings.debug,
        UPLOAD_LIMIT=settings.upload_limit,
        PROPAGATE_EXCEPTIONS=False,  # tests see what users see
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        SEND_FILE_MAX_AGE_DEFAULT=assets.FOR_EVER,
        # Flask's own cookie holds the secret of the form tokens and the messages of the next page, nothing else.
        SESSION_COOKIE_NAME="__Host-fashen-form" if secure else "fashen-form",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    app.jinja_options = {**Flask.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals.update(asset=assets.asset, static_version=static_version)


def static_version(name: str) -> str:
    """A short hash of a static file that is not bundled, to be put behind its address."""
    return hashlib.sha256((Path(__file__).parent / "static" / name).read_bytes()).hexdigest()[:10]
