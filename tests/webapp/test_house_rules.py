"""Legal parameters on the page of rules: asked for and approved by two administrators, looked at by all."""

from __future__ import annotations

import re

from tests.webapp.site import Site
from tests.webapp.test_house_papers import bureau_id
from webapp.pages.house.rules import fraction

AT = "/house/rules"


def test_two_administrators_set_a_parameter_of_the_bureau(site: Site) -> None:
    admin, second, unit = site.visitor("admin"), site.visitor("admin2"), bureau_id(site)
    assert "设定本机关的法律参数" in admin.get(AT).text
    typed = {"form": "set-hearing_threshold", "unit": unit, "what": "set", "value.entity_fine_yuan": "30,000",
             "value.person_fine_yuan": "20000",
             "effective_from": "2024-03-05", "source": "浙应急规〔2024〕1号", "reason": "省厅规定"}  # fmt: skip
    wrong = admin.post(f"{AT}/parameters/hearing_threshold", {**typed, "value.person_fine_yuan": "两万"})
    assert wrong.status_code == 422
    assert "1 至 20000 之间的整数" in wrong.text and "浙应急规〔2024〕1号" in wrong.text
    none = admin.post(f"{AT}/parameters/hearing_threshold", typed)
    assert none.status_code == 422 and "请填写“处罚种类”" in none.text
    shown = admin.get(AT).text
    assert shown.count('type="checkbox" checked disabled') == 5 == shown.count("第六十三条：法定，不得取消")
    few = [("value.types", "revoke_permit"), ("value.types", "close_down")]
    refused = admin.post(f"{AT}/parameters/hearing_threshold", [*typed.items(), *few])
    assert refused.status_code == 422 and "法定，不得取消；本机关只能增加" in refused.text
    fixed = re.findall(r'type="hidden" name="(value.types)" value="([a-z_]+)"', shown)
    kinds = [*fixed, ("value.types", "warning")]
    assert admin.post(f"{AT}/parameters/hearing_threshold", [*typed.items(), *kinds]).status_code == 302
    page = second.get(AT).text
    assert "30,000" in page and "省厅规定" in page
    (request,) = set(re.findall(r"/house/rules/requests/([0-9a-f]+)/approve", page))
    assert f"{request}/approve" not in admin.get(AT).text
    assert second.post(f"{AT}/requests/{request}/approve", {"form": "x"}).status_code == 302
    shown = site.visitor("officer1").get(AT).text
    assert "浙应急规〔2024〕1号" in shown and "限制从业、警告" in shown
    assert second.post(f"{AT}/requests/{request}/approve", {"form": "x"}).status_code == 409


def test_others_look_and_can_not_ask(site: Site) -> None:
    for login in ("secadmin", "auditor", "legal1"):
        visitor = site.visitor(login)
        assert "设定本机关的法律参数" not in visitor.get(AT).text
        assert visitor.post(f"{AT}/parameters/quorum", {"form": "x"}).status_code == 403
    assert site.visitor("admin").post(f"{AT}/parameters/none", {"form": "x"}).status_code == 404


def test_what_only_the_program_sets_is_told_in_words(site: Site) -> None:
    page = site.visitor("legal1").get(AT).text
    assert "规定：发改委令第36号 信用修复管理办法" in page and "每日加处（%）：3" in page
    assert "\\u" not in page and "grace_days" not in page


def test_the_days_for_filing_are_set_by_the_bureau(site: Site) -> None:
    admin, second, unit = site.visitor("admin"), site.visitor("admin2"), bureau_id(site)
    page = admin.get(AT).text
    assert 'href="#filing_days"' in page and 'href="#supplement_days"' in page
    typed = {"form": "set-filing_days", "unit": unit, "what": "set", "value.working_days": "5",
             "effective_from": "2024-03-05", "source": "衢应急〔2024〕3号", "reason": "局务会议定"}  # fmt: skip
    assert admin.post(f"{AT}/parameters/filing_days", typed).status_code == 302
    request = re.search(r"/house/rules/requests/([0-9a-f]+)/approve", second.get(AT).text)
    assert request is not None
    assert second.post(f"{AT}/requests/{request[1]}/approve", {"form": "x"}).status_code == 302
    assert "立案期限（工作日）：5" in site.visitor("officer1").get(AT).text


def test_a_part_is_written_as_officials_write_it(site: Site) -> None:
    with site.app.test_request_context():
        assert [fraction(1, 2), fraction(2, 3), fraction(11, 20)] == ["二分之一", "三分之二", "二十分之十一"]
    assert "二分之一" in site.visitor("admin").get("/house/rules").text
