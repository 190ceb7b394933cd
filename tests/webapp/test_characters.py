"""No character that nobody types reaches a page, a command or the database; what was typed around it is kept."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from tests.webapp.site import LEAD, OURS, Site, field_value, form_fields, pdf

NUL = "\x00"


@pytest.fixture(autouse=True)
def strict_database(site: Site) -> None:
    """SQLite takes texts with NUL, PostgreSQL doesn't: no parameter with one may be sent at all."""

    def look(_c: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        assert "\\x00" not in repr(parameters), parameters
        assert "\\ud8" not in repr(parameters), parameters
        assert "\\u0000" not in repr(parameters), parameters

    event.listen(site.store.engine, "before_cursor_execute", look)


@pytest.mark.parametrize(
    "path",
    ["/cases/%00", "/tasks/%00", "/files/%00/%00", "/documents/%00.pdf", "/meetings/%00", "/cases/%00/diagram.xml",
     "/cases/a%0a", "/tasks/a%7f"],
)  # fmt: skip
def test_an_address_with_a_control_character_names_nothing(site: Site, path: str) -> None:
    assert site.visitor("officer1").get(path).status_code == 404
    assert site.visitor().get(path).status_code in (302, 404)


@pytest.mark.parametrize("path", ["/cases?q=%00", "/cases?q=a%07b", "/search?q=%E2%80%AE", "/cases/new?process=%00",
                                  "/cases?%00=1"])  # fmt: skip
def test_a_query_with_a_control_character_is_told(site: Site, path: str) -> None:
    answer = site.visitor("officer1").get(path)
    assert answer.status_code == 422
    assert "控制字符" in answer.text


@pytest.mark.parametrize("name", ["key", "process", "co_officer", "title", "parties.0.name", "matters.0.matter_code"])
def test_a_form_with_a_control_character_is_drawn_again(site: Site, name: str) -> None:
    officer = site.visitor("officer1")
    key = field_value(officer.get("/cases/new?process=penalty"), "key")
    fields = {**LEAD, "summary": "不能丢的文字", "key": key, "co_officer": site.person_id("officer2")}
    answer = officer.post("/cases", {**fields, name: f"{fields[name]}{NUL}b"})
    assert answer.status_code in (404, 422)
    assert "不能丢的文字" in answer.text
    assert NUL not in answer.text


def test_no_command_of_a_task_or_a_case_takes_control_characters(site: Site) -> None:
    case_id = site.open_case()
    deputy, officer = site.visitor("deputy"), site.visitor("officer1")
    path = f"/tasks/{site.task(case_id, 'approve_filing')}"
    fields = {**form_fields(deputy.get(path)), "result": "approve", "opinion": "不能丢的文字"}
    for ending, more in (("complete", {"key": "a" * 9 + NUL}), ("complete", {"opinion": f"不能丢的文字{NUL}"}),
                         ("draft", {"opinion": f"不能丢的文字{NUL}"}), ("draft", {f"x{NUL}": "1"})):  # fmt: skip
        answer = deputy.post(f"{path}/{ending}", {**fields, **more})
        assert answer.status_code == 422
        assert "不能丢的文字" in answer.text
    sent: tuple[tuple[str, dict[str, Any]], ...] = (
        ("materials", {"kind": "evidence", "note": f"不能丢的文字{NUL}", "files": pdf()}),
        ("materials", {"kind": f"evi{NUL}", "note": "不能丢的文字", "files": pdf()}),
        ("suspicion", {"offence": f"x{NUL}", "grounds": "不能丢的文字", "key": "a" * 9}),
        ("officers", {"person": NUL}),
        ("officers/x/remove", {"reason": f"r{NUL}"}),
    )
    for ending, also in sent:
        assert officer.post(f"/cases/{case_id}/{ending}", also).status_code == 422, ending
    assert officer.post(f"/cases/{case_id}/officers/%00/remove", {"reason": "r"}).status_code == 404
    assert officer.post("/account/sessions/%00/revoke").status_code == 404
    assert officer.post("/account/password", {"old": NUL, "new": NUL * 20, "again": NUL * 20}).status_code == 422
    assert officer.post("/language", {"language": f"zh{NUL}", "next": "/"}).status_code == 422


def test_neither_login_nor_cookie_nor_browser_name_brings_control_characters_in(site: Site) -> None:
    visitor = site.visitor()
    assert visitor.log_in(f"a{NUL}b").status_code == 422
    assert visitor.log_in("officer1", f"x{NUL}").status_code == 422
    visitor.client.set_cookie("fashen", "a\x01b")
    assert visitor.get("/desk").status_code == 302
    odd = site.visitor()
    odd.headers = {**OURS, "User-Agent": "\x01\x02 odd"}
    assert odd.log_in("officer2").status_code == 302


@pytest.mark.parametrize("sign", ["\u202e", "\u2067", "\x85", "\U000e0041"])
def test_nobody_turns_a_text_around_or_hides_one_in_it(site: Site, sign: str) -> None:
    officer = site.visitor("officer1")
    key = field_value(officer.get("/cases/new?process=penalty"), "key")
    fields = {**LEAD, "key": key, "co_officer": site.person_id("officer2")}
    answer = officer.post("/cases", {**fields, "title": f"某公司{sign}反转案"})
    assert answer.status_code == 422
    assert "颠倒文字" in answer.text
    assert "某公司\ufffd反转案" in answer.text
    assert sign not in answer.text


def test_marks_that_take_no_place_come_off_what_was_copied(site: Site) -> None:
    officer = site.visitor("officer1")
    key = field_value(officer.get("/cases/new?process=penalty"), "key")
    fields = {**LEAD, "key": key, "co_officer": site.person_id("officer2"), "title": "\ufeff某\u200b公司\u200e案"}
    answer = officer.post("/cases", fields)
    assert "<h1>某公司案" in officer.get(answer.headers["Location"]).text


def test_a_form_token_is_asked_for_before_the_characters_are(site: Site) -> None:
    """Else a stranger's page could have our form drawn with its own words in it."""
    visitor = site.visitor("officer1")
    assert visitor.post("/cases", {**LEAD, "title": NUL, "csrf_token": "made-up"}).status_code == 400


def test_what_is_typed_on_several_lines_passes(site: Site) -> None:
    officer = site.visitor("officer1")
    key = field_value(officer.get("/cases/new?process=penalty"), "key")
    fields = {**LEAD, "key": key, "co_officer": site.person_id("officer2"), "summary": "第一行\r\n\t第二行"}
    assert officer.post("/cases", fields).status_code == 302
