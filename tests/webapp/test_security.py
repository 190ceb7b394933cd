"""What every answer carries and every form must bring."""

from __future__ import annotations

import re

import pytest

from tests.webapp.site import Site
from tests.webapp.test_access import addresses
from webapp import settings
from webapp.app import create_app
from webapp.security import content_policy


def test_no_unsafe_request_passes_without_its_token(site: Site) -> None:
    """The token is asked for first: before login, role and everything else, also on public forms."""
    visitor = site.visitor("officer1")
    for endpoint, method, path in addresses(site.app):
        if method == "GET":
            continue
        for token in ("", "made-up"):
            answer = visitor.client.open(
                path, method=method, data={"csrf_token": token}, headers=visitor.headers, buffered=True
            )
            machines = endpoint.startswith("external_tasks.")  # no cookie opens these: programs have tokens
            assert answer.status_code == (401 if machines else 400), endpoint
    assert visitor.get("/desk").status_code == 200  # not even the logout went through


def test_a_token_of_another_browser_does_not_fit(site: Site) -> None:
    victim, attacker = site.visitor("officer1"), site.visitor("officer2")
    assert victim.post("/logout", {"csrf_token": attacker.token}).status_code == 400


@pytest.mark.parametrize("path", ["/login", "/desk", "/cases", "/nowhere", "/healthz", "/account/sessions"])
def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    headers = site.visitor("officer1").get(path).headers
    assert headers["Content-Security-Policy"] == content_policy()
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = content_policy()
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_no_page_has_inline_script_or_style(site: Site) -> None:
    case_id = site.open_case()
    visitor = site.visitor("officer1")
    tabs = ("overview", "materials", "opinions", "documents", "clocks", "diagram", "timeline")
    paths = ["/login", "/desk", "/cases", "/meetings", "/account", "/account/sessions", "/cases/new?process=penalty"]
    for path in [*paths, *(f"/cases/{case_id}?tab={tab}" for tab in tabs)]:
        page = visitor.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), path


def test_files_with_a_hash_in_their_name_are_kept_by_browsers(site: Site) -> None:
    address = re.search(r'href="(/static/dist/desk-[^"]+\.css)"', site.visitor().get("/login").text)
    assert address
    assert "max-age=31536000" in site.visitor().get(address[1]).headers["Cache-Control"]


def test_in_production_cookies_are_bound_to_host_and_tls(site: Site) -> None:
    told = settings.read({
        "FASHEN_ENV": "production", "FASHEN_DATABASE_URL": str(site.store.engine.url),
        "FASHEN_SECRET_KEY": "k3Qz8vT1xW5yB7nM0pR4sU6aC9dE2fG8", "FASHEN_TRUSTED_HOSTS": "law.example",
    })  # fmt: skip
    client = create_app(told, site.store, site.files).test_client()
    page = client.get("/login", base_url="https://law.example")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    answer = client.post(
        "/login", base_url="https://law.example", headers={"Referer": "https://law.example/login"},
        data={"login": "officer1", "password": "fashen-demo", "csrf_token": token[1]},
    )  # fmt: skip
    cookies = answer.headers.getlist("Set-Cookie")
    assert sorted(cookie.split("=")[0] for cookie in cookies) == ["__Host-fashen", "__Host-fashen-form"]
    assert all("Secure" in cookie and "HttpOnly" in cookie and "Domain" not in cookie for cookie in cookies)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert client.get("/login", base_url="https://evil.example").status_code == 400
