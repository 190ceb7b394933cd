"""Whatever goes wrong is told in words, with a way on; no trace reaches a user."""

from __future__ import annotations

import logging
import re
from typing import NoReturn

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.webapp.site import Site, form_fields, make_app, pdf
from webapp import errors
from webapp.access import PEOPLE, TABLE
from webapp.sentences import codes, sentence, tell
from workflows.errors import (
    FashenError,
    Forbidden,
    GateClosed,
    Incident,
    Invalid,
    NotFound,
    Problem,
    Stale,
    Unavailable,
)


@pytest.fixture
def app() -> Flask:
    """An application for each test: pages that fail are added."""
    return make_app()


def failing(site: Site, error: Exception) -> None:
    """A page that raises `error`."""

    def view() -> NoReturn:
        raise error

    site.app.add_url_rule("/failing", "failing", view)
    TABLE["failing"] = PEOPLE


@pytest.fixture(autouse=True)
def clean_table() -> object:
    yield
    TABLE.pop("failing", None)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("case.unknown", case="x"), 404),
        (Forbidden("actor.role_missing", roles=["bureau_head"]), 403),
        (GateClosed("gate.G4"), 409),
        (Stale("task.completed", name="立案审批", by="王建军"), 409),
        (Invalid("form.invalid", [Problem("field.required", "title", facts={"label": "案由"})]), 422),
        (Unavailable("store.unavailable"), 503),
        (Incident("engine.spoilt"), 409),
    ],
)
def test_every_class_of_error_has_its_status_and_a_page(site: Site, error: FashenError, status: int) -> None:
    failing(site, error)
    answer = site.visitor("officer1").get("/failing")
    assert answer.status_code == status
    assert "返回工作台" in answer.text
    assert error.code not in re.sub(r"<[^>]*>", "", answer.text)


def test_every_error_class_of_the_house_is_in_the_table() -> None:
    classes = {cls for cls in FashenError.__subclasses__() if cls.__module__ == "workflows.errors"}
    assert classes == {cls for cls, _status in errors.STATUSES}


def test_a_gate_names_its_article_and_the_remedy(site: Site) -> None:
    facts = {"article": "《行政处罚法》第五十八条", "remedy": {"zh": "请先完成法制审核", "en": "review first"}}
    failing(site, GateClosed("gate.G4", **facts))
    visitor = site.visitor("officer1")
    page = visitor.get("/failing").text
    assert "《行政处罚法》第五十八条" in page
    assert "请先完成法制审核" in page
    visitor.client.set_cookie("language", "en")
    assert "review first" in visitor.get("/failing").text


def test_the_unforeseen_is_logged_under_a_number_that_the_user_sees(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    failing(site, RuntimeError("the secret inside"))
    with caplog.at_level(logging.ERROR, logger="webapp.errors"):
        answer = site.visitor("officer1").get("/failing")
    assert answer.status_code == 500
    assert "the secret inside" not in answer.text
    assert "Traceback" not in answer.text
    number = re.search(r"<code>([0-9a-f]{8})</code>", answer.text)
    assert number
    assert number[1] in caplog.text
    assert "the secret inside" in caplog.text


def test_a_database_that_does_not_answer_is_a_sentence(site: Site) -> None:
    failing(site, OperationalError("select", {}, Exception("disk I/O error")))
    answer = site.visitor("officer1").get("/failing")
    assert answer.status_code == 503
    assert "disk" not in answer.text


def test_a_database_lost_in_the_middle_keeps_the_typed_text(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = site.open_case()
    deputy = site.visitor("deputy")
    path = f"/tasks/{site.task(case_id, 'approve_filing')}"
    fields = {**form_fields(deputy.get(path)), "result": "approve", "opinion": "不能丢的文字"}

    def lost(*_args: object, **_kwargs: object) -> NoReturn:
        raise Unavailable("store.unavailable")

    monkeypatch.setattr("webapp.pages.tasks.execute", lost)
    answer = deputy.post(f"{path}/complete", fields)
    assert answer.status_code == 503
    assert "不能丢的文字" in answer.text


def test_addresses_that_do_not_exist_and_methods_that_do_not_fit(site: Site) -> None:
    visitor = site.visitor("officer1")
    assert visitor.get("/nowhere").status_code == 404
    answer = visitor.get("/logout")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_request_that_is_too_large_is_a_page(site: Site) -> None:
    visitor = site.visitor("officer1")
    answer = visitor.client.post("/login", data=b"x" * 9_000_000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "Traceback" not in answer.text


def test_programs_get_json(site: Site) -> None:
    visitor = site.visitor("officer1")
    visitor.headers["Accept"] = "application/json"
    answer = visitor.get("/cases/" + "0" * 32)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "case.unknown"


def test_a_code_without_a_sentence_is_still_a_sentence() -> None:
    assert "no.such_code" in sentence("no.such_code", {}, "zh")
    assert "unknown" in codes()


def test_sentences_reach_nothing_but_their_facts() -> None:
    """A fact comes from users: it must never be read as a template, nor its attributes be reached."""
    told = tell(Invalid("file.kind_refused", name="{kinds.__class__}", kinds=["pdf"]), "zh")
    assert "{kinds.__class__}" in told


def test_an_oversized_file_is_refused_with_its_numbers(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    officer.get(f"/cases/{case_id}?tab=materials")
    large = pdf("大.pdf", b"%PDF-1.7\n" + b"0" * 1_200_000)
    answer = officer.post(f"/cases/{case_id}/materials", [("kind", "evidence"), ("files", large)])
    assert "表单有 1 处需要修改" in answer.text
    assert "最多 1 MB" in answer.text
    none = officer.post(f"/cases/{case_id}/materials", {"kind": "evidence"})
    assert "请填写“文件”" in none.text


def test_the_address_of_a_form_leads_to_its_page(site: Site) -> None:
    case_id = site.open_case()
    officer = site.visitor("officer1")
    task = site.task(case_id, "approve_filing")
    for address, page in (
        (f"/tasks/{task}/complete", f"/tasks/{task}"), (f"/tasks/{task}/form", f"/tasks/{task}"),
        ("/cases/new/form", "/cases/new"), (f"/cases/{case_id}/materials", f"/cases/{case_id}?tab=materials"),
        (f"/cases/{case_id}/suspicion", f"/cases/{case_id}"), ("/language", "/"), ("/account/password", "/account"),
    ):  # fmt: skip
        answer = officer.get(address)
        assert (answer.status_code, answer.location) == (302, page), address
    assert officer.client.put(f"/tasks/{task}/complete", headers=officer.headers).status_code in (400, 405)


def test_an_incident_says_where_in_the_diagram_it_happened() -> None:
    stuck = Incident("engine.stuck", element="Gateway_1", line=42, process="penalty")
    assert tell(stuck, "zh").endswith("（流程图“penalty”，元素“Gateway_1”，第 42 行）")
    assert "line 42" in tell(stuck, "en")
