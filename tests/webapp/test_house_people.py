"""The administrators' pages about people: who may, what is shown once, and what is never lost."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.webapp.site import PASSWORD, Site
from workflows.actors import Certificate, Person, Unit
from workflows.staff.requests import PostRequest

NEW = {
    "form": "new", "name": "张三", "login": "zhang.san", "role": "case_officer", "title": "执法队员",
    "starts_on": "2024-03-04", "reason": "新录用",
}  # fmt: skip


def unit_id(site: Site, name: str = "综合行政执法队") -> str:
    with site.store.read() as session:
        return session.execute(select(Unit.id).where(Unit.name == name)).scalar_one()


def entered(site: Site) -> str:
    """Somebody new, entered by the system administrator; the id."""
    admin = site.visitor("admin")
    admin.get("/house/people/new")
    answer = admin.post("/house/people", {**NEW, "unit": unit_id(site)})
    assert answer.status_code == 302, answer.text
    return answer.location.rsplit("/", 1)[-1]


def approved(site: Site) -> str:
    person = entered(site)
    with site.store.read() as session:
        request = session.execute(select(PostRequest.id).where(PostRequest.person_id == person)).scalar_one()
    secadmin = site.visitor("secadmin")
    assert secadmin.post(f"/house/requests/{request}/approve", {"form": "a"}).status_code == 302
    return person


@pytest.mark.parametrize("login", ["admin", "secadmin", "auditor"])
def test_each_administrator_reads_the_pages_about_people(site: Site, login: str) -> None:
    visitor = site.visitor(login)
    assert "陈立" in visitor.get("/house/people?q=officer1").text
    assert "浙衢0100101" in visitor.get(f"/house/people/{site.person_id('officer1')}").text
    assert "石梁镇人民政府" in visitor.get("/house/units").text
    assert "陈立" in visitor.get(f"/house/units/{unit_id(site)}").text


def test_the_list_is_narrowed_and_says_when_nobody_fits(site: Site) -> None:
    admin = site.visitor("admin")
    page = admin.get("/house/people?role=legal_reviewer").text
    assert "林静" in page and "何远" in page and ">陈立<" not in page
    assert "没有符合条件的人员" in admin.get("/house/people?q=不存在").text
    assert ">陈立<" in admin.get(f"/house/people?unit={unit_id(site)}&state=active&page=999").text


def test_a_new_person_logs_in_after_two_administrators_and_a_password_of_their_own(site: Site) -> None:
    person = approved(site)
    secadmin = site.visitor("secadmin")
    page = secadmin.post(f"/house/people/{person}/password", {"form": "password", "reason": "首次登录"})
    given = re.search(r'class="password">([^<]+)<', page.text)
    assert given is not None
    assert given[1] not in secadmin.get(f"/house/people/{person}").text
    newcomer = site.visitor()
    assert newcomer.log_in("zhang.san", given[1]).status_code == 302
    assert newcomer.get("/desk").location == "/account"
    assert newcomer.post("/cases", {"process": "penalty"}).status_code == 403
    assert "一次性密码" in newcomer.get("/account").text
    own = {"old": given[1], "new": "correct horse battery", "again": "correct horse battery"}
    assert newcomer.post("/account/password", {**own, "new": given[1], "again": given[1]}).status_code == 422
    assert newcomer.post("/account/password", own).status_code == 302
    assert newcomer.get("/desk").status_code == 200


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong(site: Site) -> None:
    admin = site.visitor("admin")
    admin.get("/house/people/new")
    answer = admin.post("/house/people", {**NEW, "unit": unit_id(site), "login": "officer1", "title": ""})
    assert answer.status_code == 422
    assert 'value="张三"' in answer.text and "officer1" in answer.text
    answer = admin.post("/house/people", {**NEW, "unit": unit_id(site), "starts_on": "soon"})
    assert answer.status_code == 422 and 'value="soon"' in answer.text
    person = site.person_id("officer1")
    answer = admin.post(f"/house/people/{person}/disable", {"form": "disable", "reason": ""})
    assert answer.status_code == 422 and 'id="disable-reason-error"' in answer.text


def test_whoever_is_locked_out_is_out_at_once_and_their_steps_stay(site: Site) -> None:
    site.open_case()
    officer, person = site.visitor("unithead"), site.person_id("unithead")
    assert officer.get("/desk").status_code == 200
    admin = site.visitor("admin")
    admin.get(f"/house/people/{person}")
    assert admin.post(f"/house/people/{person}/disable", {"form": "disable", "reason": "离职"}).status_code == 302
    assert officer.get("/desk").location.startswith("/login")
    assert site.visitor().log_in("unithead", PASSWORD).status_code == 401
    page = admin.get(f"/house/people/{person}").text
    assert "停用" in page and "焊工" not in page


def test_a_certificate_is_entered_and_ended(site: Site) -> None:
    secadmin, person = site.visitor("secadmin"), site.person_id("member1")
    secadmin.get(f"/house/people/{person}")
    fields = {"form": "certificate", "kind": "enforcement", "number": "浙衢0100199", "valid_from": "2024-01-01",
              "valid_to": "2024-03-20"}  # fmt: skip
    assert secadmin.post(f"/house/people/{person}/certificates", fields).status_code == 302
    assert "16 天后到期" in secadmin.get(f"/house/people/{person}").text
    with site.store.read() as session:
        row = session.execute(select(Certificate.id).where(Certificate.number == "浙衢0100199")).scalar_one()
    end = {"form": f"end-{row}", "last_day": "2024-03-03", "reason": "收回"}
    assert secadmin.post(f"/house/certificates/{row}/end", end).status_code == 302
    assert "已失效" in secadmin.get(f"/house/people/{person}").text
    taken = {**fields, "number": "浙衢0100101"}
    assert secadmin.post(f"/house/people/{person}/certificates", taken).status_code == 422


def test_sessions_of_others_are_ended_one_by_one_and_all(site: Site) -> None:
    officer, legal = site.visitor("officer1"), site.visitor("legal1")
    secadmin = site.visitor("secadmin")
    page = secadmin.get("/house/sessions").text
    assert "陈立" in page and "林静" in page
    person = site.person_id("officer1")
    fields = {"form": "sessions", "reason": "丢失电脑"}
    assert secadmin.post(f"/house/people/{person}/sessions/end", fields).status_code == 302
    assert officer.get("/desk").location.startswith("/login")
    assert legal.get("/desk").status_code == 200
    assert secadmin.post("/house/sessions/end", {"form": "all", "reason": ""}).status_code == 422
    assert secadmin.post("/house/sessions/end", {"form": "all", "reason": "密码外泄"}).status_code == 302
    assert legal.get("/desk").location.startswith("/login")
    assert secadmin.get("/house/sessions").status_code == 200


def test_a_unit_is_entered_renamed_moved_and_ended(site: Site) -> None:
    admin = site.visitor("admin")
    admin.get("/house/units")
    fields = {"form": "new", "name": "危化科", "level": "division", "standing": "division", "reason": "三定方案",
              "parent": unit_id(site, "办公室")}  # fmt: skip
    assert admin.post("/house/units", fields).status_code == 302
    assert admin.post("/house/units", fields).status_code == 422
    made = unit_id(site, "危化科")
    named = {"form": "name", "name": "危化处", "reason": "更名"}
    assert admin.post(f"/house/units/{made}/name", named).status_code == 302
    to = unit_id(site, "衢州市应急管理局(演示)")
    assert admin.post(f"/house/units/{made}/move", {"form": "move", "parent": to, "reason": "调整"}).status_code == 302
    assert admin.post(f"/house/units/{to}/move", {"form": "move", "parent": made, "reason": "反转"}).status_code == 422
    end = {"form": "end", "last_day": "2024-03-04", "reason": "机构改革"}
    assert admin.post(f"/house/units/{unit_id(site)}/end", end).status_code == 422
    assert admin.post(f"/house/units/{made}/end", end).status_code == 302
    assert "已撤销" in admin.get(f"/house/units/{made}").text
    with site.store.read() as session:
        assert session.get_one(Unit, made).name == "危化处"


def test_none_of_the_three_does_what_is_anothers(site: Site) -> None:
    """The rows of the table are asked first, the commands ask again."""
    person, other = site.person_id("officer1"), site.person_id("officer2")
    for login, paths in {
        "admin": (f"/house/people/{person}/password", f"/house/people/{person}/posts", "/house/sessions/end",
                  f"/house/people/{person}/certificates", f"/house/people/{person}/sessions/end"),
        "secadmin": (f"/house/people/{person}/name", f"/house/people/{person}/enable", "/house/people",
                     "/house/units"),
        "auditor": (f"/house/people/{person}/disable", f"/house/people/{person}/password", "/house/units",
                    f"/house/people/{person}/posts", "/house/sessions/end"),
        "officer1": (f"/house/people/{other}/disable", f"/house/people/{other}/posts"),
    }.items():  # fmt: skip
        visitor = site.visitor(login)
        for path in paths:
            assert visitor.post(path, {"form": "x", "reason": "试"}).status_code == 403, (login, path)
    with site.store.read() as session:
        assert session.get_one(Person, person).disabled_at is None
