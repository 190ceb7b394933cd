"""Operations in the web: what stands still, trying it again, and who may."""

from __future__ import annotations

import pytest

from tests.operations.standstill import breaking, stand_still
from tests.webapp.site import Site


@pytest.fixture
def stuck(site: Site) -> str:
    """The id of an instance that stands still."""
    case_id = site.open_case()
    return stand_still(site.store, case_id, site.time)


def test_an_administrator_reads_what_went_wrong_and_what_to_do_and_nothing_of_the_file(site: Site, stuck: str) -> None:
    page = site.visitor("admin").get("/operations").text
    assert "系统操作没有执行成功，案件停留在原环节" in page
    assert "程序问题排除后重试" in page
    assert "engine.handler_failed" in page
    assert "未立案" in page
    assert "焊工无证上岗作业案" not in page
    assert "鑫达车辆附件厂" not in page


def test_one_is_tried_again_from_its_row(site: Site, stuck: str) -> None:
    admin = site.visitor("admin")
    admin.get("/operations")
    answer = admin.post("/operations/retry", {"only": f"instance:{stuck}", "back": "/operations?kind=instance"})
    assert answer.location == "/operations?kind=instance"
    page = admin.get("/operations").text
    assert "已重试，流程恢复运行。" in page
    assert "没有故障，所有流程正常运行。" in page


def test_several_are_tried_again_and_each_row_has_its_result(site: Site, stuck: str) -> None:
    other = stand_still(site.store, site.open_case(), site.time)
    admin = site.visitor("admin")
    admin.get("/operations")
    with breaking("仍无响应"):
        page = admin.post("/operations/retry", [("row", f"instance:{stuck}"), ("row", f"instance:{other}")]).text
    assert page.count("未恢复") == 2
    assert "仍无响应" in page
    page = admin.post("/operations/retry", [("row", f"instance:{stuck}"), ("row", f"instance:{other}")]).text
    assert page.count("已恢复或者安排重试") == 2


def test_the_way_back_leads_nowhere_else(site: Site, stuck: str) -> None:
    admin = site.visitor("admin")
    admin.get("/operations")
    for elsewhere in ("https://evil.example/operations", "/operations//evil.example", "/desk"):
        assert admin.post("/operations/retry", {"back": elsewhere}).location == "/operations"


@pytest.mark.parametrize(("login", "seen", "acts"), [
    ("admin", 200, 302), ("secadmin", 200, 403), ("auditor", 200, 403), ("officer1", 403, 403), ("head", 403, 403),
])  # fmt: skip
def test_who_looks_and_who_acts(site: Site, login: str, seen: int, acts: int) -> None:
    visitor = site.visitor(login)
    page = visitor.get("/operations")
    assert page.status_code == seen
    assert ("运行维护" in visitor.get("/desk").text) == (seen == 200)
    assert visitor.post("/operations/retry").status_code == acts


def test_in_english(site: Site, stuck: str) -> None:
    admin = site.visitor("admin")
    admin.get("/account")
    admin.post("/language", {"language": "en", "next": "/operations"})
    page = admin.get("/operations").text
    assert "The system action did not succeed" in page
    assert "Technical details" in page
