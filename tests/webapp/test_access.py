"""Deny by default: every address has its row, every role gets what its row says, and nobody more."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.webapp.site import Site, Visitor, make_app
from webapp.access import HOLDERS, MACHINES, PEOPLE, PUBLIC, TABLE, allowed
from workflows.actors import ROLES

LOGINS = {
    "officer1": "case_officer", "unithead": "handling_unit_head", "legal1": "legal_reviewer",
    "counsel1": "legal_counsel", "hearing1": "hearing_officer", "deputy": "bureau_leader", "head": "bureau_head",
    "publisher1": "publication_officer", "admin": "sys_admin", "secadmin": "sec_admin", "auditor": "auditor",
}  # fmt: skip


@pytest.fixture
def app() -> Flask:
    """An application for each test: routes are added."""
    return make_app()


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, path) of every route, with made-up ids in the place of parameters."""
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: "dist/none.js" if m[1] == "filename" else "0" * 32, rule.rule)
        found += [(rule.endpoint, method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def call(visitor: Visitor, method: str, path: str) -> TestResponse:
    """As a browser calls it: a page, a form, or what a script sends."""
    if method == "GET":
        return visitor.get(path)
    return visitor.post(path) if method == "POST" else visitor.send(method, path)


def test_every_route_has_a_row_and_every_row_a_route(site: Site) -> None:
    assert {rule.endpoint for rule in site.app.url_map.iter_rules()} == set(TABLE)


def test_a_new_route_without_a_row_is_closed_to_everybody(site: Site) -> None:
    site.app.add_url_rule("/new-and-forgotten", "new.forgotten", lambda: "open!")
    for visitor in (site.visitor(), site.visitor("officer1"), site.visitor("admin")):
        answer = visitor.get("/new-and-forgotten")
        assert answer.status_code == 403
        assert "open!" not in answer.text


def test_the_public_list_is_the_short_one() -> None:
    public = {endpoint for endpoint, rule in TABLE.items() if rule == PUBLIC}
    assert public == {
        "static", "public.home", "public.login", "public.enter", "public.choose_language", "public.choose_appearance",
        "public.healthz", "public.readyz",
    }  # fmt: skip


def test_roles_in_the_table_exist() -> None:
    named = set().union(*TABLE.values()) - PUBLIC - PEOPLE - HOLDERS - MACHINES
    assert named <= set(ROLES)


def test_strangers_reach_the_public_pages_only(site: Site) -> None:
    for endpoint, method, path in addresses(site.app):
        if TABLE[endpoint] == PUBLIC:
            continue
        stranger = site.visitor()
        stranger.get("/login")
        answer = call(stranger, method, path)
        if TABLE[endpoint] in (MACHINES, HOLDERS):
            assert answer.status_code == 401, endpoint
        elif method == "GET":
            assert (answer.status_code, answer.location[:6]) == (302, "/login"), endpoint
        else:
            assert answer.status_code == 401, endpoint


@pytest.mark.parametrize("login", LOGINS)
def test_each_role_gets_what_the_table_says(site: Site, login: str) -> None:
    """Made-up ids: who may call gets 404 or the page, who may not gets 403 before anything is looked up."""
    role = LOGINS[login]
    visitor = site.visitor(login)
    for endpoint, method, path in addresses(site.app):
        if TABLE[endpoint] == PUBLIC or endpoint == "account.logout":
            continue
        answer = call(visitor, method, path)
        if TABLE[endpoint] == MACHINES:
            assert answer.status_code == 401, f"{login} {method} {path}: a person is no machine"
            continue
        may = allowed(endpoint, frozenset({role}))
        assert (answer.status_code != 403) is may, f"{login} {method} {path}: {answer.status_code}"
        assert answer.status_code < 500, f"{login} {method} {path}"


def test_a_case_of_another_bureau_looks_like_none(site: Site) -> None:
    case_id = site.open_case()
    task_id = site.task(case_id, "approve_filing")
    for login in ("kcofficer1", "kchead", "admin", "counsel1"):
        visitor = site.visitor(login)
        for path in (
            f"/cases/{case_id}", f"/cases/{case_id}?tab=timeline", f"/cases/{case_id}/diagram.xml?process=penalty",
            f"/tasks/{task_id}",
        ):  # fmt: skip
            theirs, nobodys = visitor.get(path), visitor.get(re.sub(r"[0-9a-f]{32}", "0" * 32, path))
            assert theirs.status_code == nobodys.status_code == 404
            hidden = re.compile(r'value="[^"]*"')
            assert hidden.sub("", theirs.text) == hidden.sub("", nobodys.text)
        assert "焊工无证上岗作业案" not in visitor.get("/cases").text


@pytest.mark.parametrize("login", ["kcofficer1", "admin"])
def test_nobody_acts_on_a_case_they_may_not_see(site: Site, login: str) -> None:
    case_id = site.open_case()
    task_id = site.task(case_id, "approve_filing")
    visitor = site.visitor(login)
    visitor.get("/account")
    for path in (
        f"/tasks/{task_id}/claim", f"/tasks/{task_id}/release", f"/tasks/{task_id}/complete",
        f"/tasks/{task_id}/draft", f"/tasks/{task_id}/form", f"/cases/{case_id}/materials",
        f"/cases/{case_id}/suspicion", f"/cases/{case_id}/officers",
    ):  # fmt: skip
        answer = visitor.post(path, {"seen": "1", "key": "0" * 32, "offence": "危险作业罪", "grounds": "x"})
        assert answer.status_code in (404, 422), path
        assert "焊工" not in answer.text
    assert site.task(case_id, "approve_filing") == task_id


def test_who_may_see_a_case_may_not_take_a_task_that_was_not_offered(site: Site) -> None:
    case_id = site.open_case()
    task_id = site.task(case_id, "approve_filing")
    auditor = site.visitor("auditor")
    page = auditor.get(f"/tasks/{task_id}")
    assert page.status_code == 200
    assert "提交并办结" not in page.text
    fields = {"seen": "1", "key": "0" * 32, "result": "approve", "opinion": "同意"}
    assert auditor.post(f"/tasks/{task_id}/complete", fields).status_code == 403
    assert auditor.post(f"/tasks/{task_id}/claim", fields).status_code == 403
