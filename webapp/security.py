"""What every answer carries and every request must pass, whatever page it is for."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

CONTENT_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # Tabler draws its ticks and arrows from data: addresses in its style sheet
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}
"""Nothing of other origins, nothing inline, no evaluated text, no frames."""

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
HSTS = "max-age=31536000; includeSubDomains"

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)
"""A flood from one address is slowed here, per process; the count that protects an account is in the database."""


def init_app(app: Flask, *, https: bool) -> None:
    """Put the guards in place. https: whether the server is only reached through TLS."""
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # the token lives as long as the cookie: a long form must not time out
    app.config["WTF_CSRF_SSL_STRICT"] = https
    csrf.init_app(app)
    limiter.init_app(app)

    @app.after_request
    def guard(response: Response) -> Response:
        return _guarded(response, https)


def content_policy(**changes: str) -> str:
    """The policy as a header, with single directives replaced (style_src="…")."""
    rules = {**CONTENT_POLICY, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _guarded(response: Response, https: bool) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if https:
        headers.setdefault("Strict-Transport-Security", HSTS)
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"  # case files must not stay in a shared machine's cache
        headers.setdefault("Vary", "Cookie, Accept-Language")
    return response


def from_our_pages() -> bool:
    """Whether the browser says that this request was sent by one of our own pages."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin", "").rstrip("/") == request.host_url.rstrip("/")
