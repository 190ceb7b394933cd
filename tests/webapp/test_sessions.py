"""Logging in and out: sessions live on the server, end there, and tell nobody who exists."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from tests.webapp.site import Site
from webapp.app import create_app
from workflows import ledger
from workflows.actors import Person
from workflows.sessions import WebSession


def told(site: Site, login: str) -> list[str]:
    """The events of a person's stream."""
    with site.store.read() as session:
        return [entry.event for entry in ledger.history(session, f"person:{site.person_id(login)}")]


def test_the_right_password_leads_to_the_desk(site: Site) -> None:
    visitor = site.visitor()
    assert visitor.log_in("officer1").location == "/desk"
    assert "陈立" in visitor.get("/desk").text
    assert told(site, "officer1") == ["PersonLoggedIn"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    cookies = site.visitor().log_in("officer1").headers.getlist("Set-Cookie")
    ours = next(cookie for cookie in cookies if cookie.startswith("fashen="))
    assert "HttpOnly" in ours
    assert "SameSite=Lax" in ours
    assert "Path=/" in ours
    assert "Expires" not in ours
    assert "Max-Age" not in ours


def test_the_database_does_not_hold_what_opens_the_door(site: Site) -> None:
    token = site.visitor("officer1").cookie()
    assert token
    with site.store.read() as session:
        row = session.execute(select(WebSession)).scalar_one()
        assert token not in (row.id, row.token_digest)


def test_each_login_has_a_token_and_a_form_secret_of_its_own(site: Site) -> None:
    visitor = site.visitor()
    visitor.get("/login")
    before = visitor.token
    visitor.log_in("officer1")
    first = visitor.cookie()
    assert visitor.token != before
    visitor.post("/logout")
    visitor.log_in("officer1")
    assert visitor.cookie() != first


def test_a_cookie_that_was_planted_before_the_login_is_worth_nothing(site: Site) -> None:
    visitor = site.visitor()
    visitor.client.set_cookie("fashen", "planted-token")
    visitor.log_in("officer1")
    assert visitor.cookie() != "planted-token"


def test_logging_out_ends_the_session_on_the_server(site: Site) -> None:
    visitor = site.visitor("officer1")
    token = visitor.cookie()
    assert token
    visitor.post("/logout")
    thief = site.visitor()
    thief.client.set_cookie("fashen", token)
    assert thief.get("/desk").location.startswith("/login")
    assert told(site, "officer1") == ["PersonLoggedIn", "PersonLoggedOut"]


def test_a_session_that_rests_too_long_ends(site: Site) -> None:
    visitor = site.visitor("officer1")
    site.to(2024, 3, 4, 10, 59)
    assert visitor.get("/desk").status_code == 200
    site.to(2024, 3, 4, 13, 0)
    assert visitor.get("/desk").location.startswith("/login")


def test_a_session_ends_however_busy_it_is(site: Site) -> None:
    visitor = site.visitor("officer1")
    for hour in range(10, 21):
        site.to(2024, 3, 4, hour, 0)
        assert visitor.get("/desk").status_code == 200
    site.to(2024, 3, 4, 21, 0)
    assert visitor.get("/desk").location.startswith("/login")


def test_somebody_disabled_is_nobody_from_then_on(site: Site) -> None:
    visitor = site.visitor("officer1")
    with site.store.work() as session:
        session.execute(update(Person).where(Person.login == "officer1").values(disabled_at=site.time.now()))
    assert visitor.get("/desk").location.startswith("/login")
    assert site.visitor().log_in("officer1").status_code == 401


def test_one_sees_and_ends_ones_own_sessions(site: Site) -> None:
    here, there = site.visitor("officer1"), site.visitor("officer1")
    with site.store.read() as session:
        rows = session.execute(select(WebSession.id).order_by(WebSession.created_at)).scalars().all()
    page = here.get("/account/sessions").text
    assert "当前登录" in page
    assert sum(f"/account/sessions/{row}/revoke" in page for row in rows) == 1
    other = next(row for row in rows if f"/account/sessions/{row}/revoke" in page)
    assert here.post(f"/account/sessions/{other}/revoke").status_code == 302
    assert there.get("/desk").location.startswith("/login")
    assert here.get("/desk").status_code == 200
    assert "SessionRevoked" in told(site, "officer1")


def test_nobody_ends_somebody_elses_session(site: Site) -> None:
    victim, other = site.visitor("officer1"), site.visitor("officer2")
    with site.store.read() as session:
        theirs = session.execute(
            select(WebSession.id).where(WebSession.person_id == site.person_id("officer1"))
        ).scalar_one()
    assert other.post(f"/account/sessions/{theirs}/revoke").status_code == 404
    assert victim.get("/desk").status_code == 200


def test_all_other_sessions_can_be_ended_at_once(site: Site) -> None:
    here, there, third = (site.visitor("officer1") for _ in range(3))
    here.post("/account/sessions/revoke-others")
    assert here.get("/desk").status_code == 200
    assert {v.get("/desk").status_code for v in (there, third)} == {302}


def test_a_new_password_ends_the_other_sessions(site: Site) -> None:
    here, there = site.visitor("officer1"), site.visitor("officer1")
    here.get("/account")
    fields = {"old": "fashen-demo", "new": "a-longer-and-better-one", "again": "a-longer-and-better-one"}
    assert here.post("/account/password", fields).status_code == 302
    assert here.get("/desk").status_code == 200
    assert there.get("/desk").status_code == 302
    assert site.visitor().log_in("officer1").status_code == 401
    assert site.visitor().log_in("officer1", "a-longer-and-better-one").status_code == 302


@pytest.mark.parametrize(
    "fields",
    [
        {"old": "wrong", "new": "a-longer-and-better-one", "again": "a-longer-and-better-one"},
        {"old": "fashen-demo", "new": "short", "again": "short"},
        {"old": "fashen-demo", "new": "officer1-officer1", "again": "officer1-officer1"},
        {"old": "fashen-demo", "new": "a-longer-and-better-one", "again": "another-one-here"},
    ],
)
def test_a_password_is_not_changed_by_mistake(site: Site, fields: dict[str, str]) -> None:
    visitor = site.visitor("officer1")
    visitor.get("/account")
    assert visitor.post("/account/password", fields).status_code == 422
    assert site.visitor().log_in("officer1").status_code == 302


# The door ------------------------------------------------------------------------------------------------------------


def without_token(page: str) -> str:
    """A page without what differs on every drawing, and without the login that was typed."""
    import re

    return re.sub(r'value="[^"]*"', "", page)


def test_a_wrong_password_and_an_unknown_login_look_the_same(site: Site) -> None:
    known = site.visitor().log_in("officer1", "wrong")
    unknown = site.visitor().log_in("nobody-here", "wrong")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert without_token(known.text) == without_token(unknown.text)


def test_a_hash_is_computed_for_logins_that_nobody_has(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of the answer must not tell who exists; what takes the time is counted instead of measured."""
    from workflows import passwords

    checked: list[str | None] = []
    real = passwords.fits

    def counted(stored: str | None, password: str) -> bool:
        checked.append(stored)
        return real(stored, password)

    monkeypatch.setattr("workflows.sessions.passwords.fits", counted)
    site.visitor().log_in("nobody-here", "wrong")
    site.visitor().log_in("officer1", "wrong")
    assert [stored is None for stored in checked] == [True, False]


@pytest.mark.parametrize("login", ["officer1", "nobody-here"])
def test_after_five_failures_the_login_rests(site: Site, login: str) -> None:
    for _ in range(5):
        assert site.visitor().log_in(login, "wrong").status_code == 401
    assert site.visitor().log_in(login).status_code == 429
    site.to(2024, 3, 4, 9, 16)
    assert site.visitor().log_in(login).status_code == (302 if login == "officer1" else 401)


def test_a_success_forgets_the_failures(site: Site) -> None:
    for _ in range(4):
        site.visitor().log_in("officer1", "wrong")
    site.visitor("officer1")
    for _ in range(4):
        assert site.visitor().log_in("officer1", "wrong").status_code == 401
    assert site.visitor().log_in("officer1").status_code == 302


def test_all_server_processes_count_together(site: Site) -> None:
    """Two applications on one database stand for two processes."""
    other = create_app(site.app.extensions["fashen"].settings, site.store, site.files)
    elsewhere = Site(other, site.store, site.files, site.time)
    for place in (site, elsewhere, site, elsewhere, site):
        place.visitor().log_in("officer1", "wrong")
    assert elsewhere.visitor().log_in("officer1").status_code == 429


def test_a_refused_login_is_on_the_record(site: Site) -> None:
    site.visitor().log_in("officer1", "wrong")
    site.visitor().log_in("my-password-by-mistake", "wrong")
    assert told(site, "officer1") == ["LoginFailed"]
    with site.store.read() as session:
        entry = next(e for e in ledger.history(session, "bureau") if e.event == "LoginFailed")
        assert "my-password-by-mistake" not in str(entry.data)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "\\/evil.example", "javascript:alert(1)"]
)
def test_no_login_leads_to_a_strangers_page(site: Site, target: str) -> None:
    visitor = site.visitor()
    visitor.get("/login")
    answer = visitor.post("/login", {"login": "officer1", "password": "fashen-demo", "next": target})
    assert answer.location == "/desk"


def test_after_the_login_one_is_where_one_wanted_to_be(site: Site) -> None:
    visitor = site.visitor()
    wanted = visitor.get("/cases?q=焊工").location
    visitor.get(wanted)
    answer = visitor.post("/login", {"login": "officer1", "password": "fashen-demo", "next": "/cases?q=焊工"})
    assert answer.location == "/cases?q=%E7%84%8A%E5%B7%A5"
