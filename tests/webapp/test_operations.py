"""Operations in the web: what stands still, trying it again, and who may."""

from __future__ import annotations

import html
import io
import json
import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from tests.desk.migrating.office import for_the_head, renamed
from tests.operations.standstill import begin, breaking, nobody_left, stand_still, waiting
from tests.webapp.site import Site, Visitor, field_value, form_fields
from tests.webapp.test_migrations import publish
from workflows.calendar import clock
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.engine import packages
from workflows.engine.package import Package


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


# Repairs --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def copies(site: Site) -> str:
    """The address of an instance that waits for more copies."""
    return f"/operations/instances/{begin(site.store, site.open_case(), waiting(), copies=3)}"


def ask(visitor: Visitor, at: str, **typed: str) -> str:
    page = visitor.get(f"{at}?variable=0:copies")
    fields = {"key": field_value(page, "key"), "variable": "0:copies", "type": "number", "value": "4",
              "reason": "份数有误", **typed}  # fmt: skip
    answer = visitor.post(f"{at}/repairs", fields)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def test_one_asks_and_another_approves(site: Site, copies: str) -> None:
    admin, second = site.visitor("admin"), site.visitor("secadmin")
    at = ask(admin, copies)
    page = admin.get(at).text
    assert "应当由申请人以外的系统管理员或者安全管理员审批" in page
    assert "安全管理员" in page
    assert "批准，立即改正" not in page
    listed = second.get("/operations/repairs").text
    assert at in listed
    second.get(at)
    assert second.post(f"{at}/approve", {"decision": "已核对"}).location == at
    assert "已批准，改正已经生效。" in second.get(at).text
    assert "<dd class=\"long\"><ins>4</ins></dd>" in second.get(at).text
    assert at not in second.get("/operations/repairs").text
    assert second.get("/operations/repairs", query_string={"page": "9" * 30}).status_code == 200
    assert at in second.get("/operations/repairs?show=decided").text


def test_what_was_typed_is_on_the_page_again_after_a_refusal(site: Site, copies: str) -> None:
    admin = site.visitor("admin")
    page = admin.get(f"{copies}?variable=0:copies")
    fields = {"key": field_value(page, "key"), "variable": "0:copies", "type": "number", "value": "许多",
              "reason": "份数有误"}  # fmt: skip
    answer = admin.post(f"{copies}/repairs", fields)
    assert answer.status_code == 422
    assert "新的内容应为数字" in answer.text
    assert 'value="许多"' in answer.text
    assert "份数有误</textarea>" in answer.text


def test_each_kind_of_value_can_be_asked_for(site: Site, copies: str) -> None:
    admin = site.visitor("admin")
    for typed, shown in (({"type": "text", "value": "四份"}, "“四份”"), ({"type": "yes", "value": ""}, "是"),
                         ({"type": "nothing"}, "空"), ({"value": "-4.5"}, "-4.5")):  # fmt: skip
        at = ask(admin, copies, **typed)
        assert f"<ins>{shown}</ins>" in admin.get(at).text
        assert admin.post(f"{at}/withdraw", {"reason": "换一种写法"}).status_code == 302


def test_what_is_no_repair_is_refused_with_a_page(site: Site, copies: str) -> None:
    admin = site.visitor("admin")
    admin.get(copies)
    for typed in (
        {"variable": "x:copies"}, {"variable": "0:"}, {"variable": "9:copies"}, {"type": "number", "value": "nan"},
        {"type": "evil"}, {"reason": ""}, {"variable": "0:case_id"}, {"value": "1" * 400},
    ):  # fmt: skip
        fields = {"key": "k" * 32, "variable": "0:copies", "type": "number", "value": "4", "reason": "有误", **typed}
        answer = admin.post(f"{copies}/repairs", fields)
        assert answer.status_code in (404, 422), typed
        assert "trouble" in answer.text


def test_a_step_that_nobody_can_do_is_given_to_somebody_else_by_two(site: Site) -> None:
    case_id = site.open_case()
    task_id, to_id = nobody_left(site.store, case_id)
    with site.store.read() as session:
        at = f"/operations/instances/{session.get_one(Task, task_id).instance_id}"
    admin, second = site.visitor("admin"), site.visitor("secadmin")
    page = admin.get(at)
    assert "无人可以办理：hear" in page.text
    asked = admin.post(f"{at}/repairs", {"key": field_value(page, "key"), "task": task_id, "to": to_id,
                                         "reason": "已调离"})  # fmt: skip
    assert asked.status_code == 302, asked.text
    second.get(asked.location)
    second.post(f"{asked.location}/approve", {"decision": "同意"})
    with site.store.read() as session:
        assert session.get_one(Task, task_id).assignee_id == to_id


def test_a_process_whose_rows_are_damaged_still_has_a_page(site: Site, copies: str) -> None:
    with site.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE engine_task SET body = 'x'")
    page = site.visitor("admin").get(copies)
    assert page.status_code == 200
    assert "已损坏" in page.text


def test_who_may_not_approve(site: Site, copies: str) -> None:
    at = ask(site.visitor("admin"), copies)
    for login in ("auditor", "officer1", "admin"):
        visitor = site.visitor(login)
        visitor.get("/desk")
        assert visitor.post(f"{at}/approve", {"decision": "同意"}).status_code == 403


# Running processes ----------------------------------------------------------------------------------------------------


def badges_of(page: str) -> list[dict[str, str]]:
    """What the script writes on the elements of the drawing."""
    found = re.search(r'data-badges="([^"]*)"', page)
    assert found
    read: list[dict[str, str]] = json.loads(html.unescape(found[1]))
    return read


def test_the_diagram_of_a_version_says_how_many_wait_where_and_leads_to_them(site: Site) -> None:
    site.open_case()
    admin = site.visitor("admin")
    assert "/operations/processes/penalty/1" in admin.get("/operations/processes").text
    page = admin.get("/operations/processes/penalty/1").text
    (badge,) = badges_of(page)
    assert (badge["id"], badge["text"], badge["level"]) == ("approve_filing", "1", "count")
    assert admin.get("/operations/processes/penalty/1/diagram").mimetype == "application/xml"
    step = admin.get(badge["href"]).text
    assert "未立案" in step
    assert "焊工无证上岗作业案" not in step
    assert _limits(step) == [_last_day(site)]
    assert admin.get("/operations/processes/penalty/9").status_code == 404
    assert admin.get("/operations/processes/penalty/1/steps/nothing").status_code == 404


def test_days_by_step_stand_in_the_drawing_in_the_table_and_in_the_spreadsheet(site: Site) -> None:
    case_id = site.open_case()
    site.to(2024, 3, 8, 9, 0)
    leader = site.visitor("deputy")
    task = site.task(case_id, "approve_filing")
    page = leader.get(f"/tasks/{task}")
    answer = leader.post(f"/tasks/{task}/complete", {**form_fields(page), "result": "return", "opinion": "请补正。"})
    assert answer.status_code == 302, answer.text
    admin = site.visitor("admin")
    page = admin.get("/operations/processes/penalty/1?view=days&first=2024-03-01&last=2024-03-31")
    (badge,) = badges_of(page.text)
    assert badge["title"] == "办结 1 次，中位数 4 个工作日，九成不超过 4 个工作日"
    assert badge["level"] == "heat-2"
    sheet = admin.get("/operations/processes/penalty/1/days.xlsx?first=2024-03-01&last=2024-03-31")
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(sheet.data)).worksheets[0].iter_rows()]
    assert rows[1][1:] == [1, 4, 4, 4]
    for wrong in ("first=2024-03-09&last=2024-03-01", "first=x", "first=0001-01-01", "last=9999-12-31"):
        page = admin.get(f"/operations/processes/penalty/1?view=days&{wrong}")
        assert page.status_code == 200
        assert "起止日期有误" in page.text
        assert admin.get(f"/operations/processes/penalty/1/days.xlsx?{wrong}").status_code == 422


def test_a_suspended_process_says_so_where_a_case_would_be_entered(site: Site) -> None:
    admin, officer = site.visitor("admin"), site.visitor("officer1")
    admin.get("/operations/processes")
    said = {"holds": "no", "reason": "告知环节有误，待改正"}
    assert admin.post("/operations/processes/penalty/suspend", said).status_code == 302
    page = admin.get("/operations/processes").text
    assert "告知环节有误，待改正" in page
    for where in ("", "?view=days", "/steps/investigate"):
        assert "告知环节有误，待改正" in admin.get(f"/operations/processes/penalty/1{where}").text
    answer = officer.get("/cases/new?process=penalty")
    assert answer.status_code == 409
    assert "告知环节有误，待改正" in answer.text
    at = re.search(r"/operations/suspensions/[0-9a-f]{32}/resume", page)
    assert at
    assert admin.post(at[0], {"reason": ""}).status_code == 422
    assert admin.post(at[0], {"reason": "已发布第2版"}).status_code == 302
    assert officer.get("/cases/new?process=penalty").status_code == 200


def first(site: Site) -> Package:
    """What the first version holds."""
    with site.store.read() as session:
        return packages.stored(session, library.versions(session, "penalty")[-1].package_hash)


def test_versions_of_one_content_are_one_line_and_suspending_an_old_one_says_that_new_cases_go_on(site: Site) -> None:
    site.open_case()
    publish(site, renamed())
    publish(site, first(site))
    publish(site, for_the_head())
    admin, officer = site.visitor("admin"), site.visitor("officer1")
    page = admin.get("/operations/processes").text
    assert page.count('class="unit">第 1 版、第 3 版（内容相同）') == 1
    option = re.search(r'<option value="([0-9a-f]{64})">第 1 版、第 3 版（内容相同） · 在办案件 1 件', page)
    assert option
    said = {"holds": "no", "reason": "只停旧版", "version": option[1]}
    assert admin.post("/operations/processes/penalty/suspend", said).status_code == 302
    page = admin.get("/operations/processes").text
    assert "已暂停该版本；新案件按现行版本照常受理。" in page
    assert "已暂停（不是现行版本，新案件照常受理）" in page
    assert officer.get("/cases/new?process=penalty").status_code == 200
    history = admin.get("/studio/processes/penalty").text
    assert "与第 3 版内容相同" in history and "计入第 3 版" in history


def test_what_equals_the_version_in_force_is_not_offered_to_be_restored(site: Site) -> None:
    publish(site, renamed())
    publish(site, first(site))
    page = site.visitor("admin").get("/studio/processes/penalty").text
    assert page.count(">恢复此版本<") == 1, "the second version alone"


def test_who_only_looked_is_not_told_that_anything_typed_was_kept(site: Site) -> None:
    admin, officer = site.visitor("admin"), site.visitor("officer1")
    admin.get("/operations/processes")
    admin.post("/operations/processes/penalty/suspend", {"holds": "no", "reason": "待改正"})
    page = officer.get("/cases/new?process=penalty").text
    assert "流程已暂停" in page and "您填写的内容已保留" not in page


def test_who_holds_running_cases_is_asked_first_how_many_they_are(site: Site) -> None:
    site.open_case()
    admin, said = site.visitor("admin"), {"holds": "yes", "reason": "告知环节有误"}
    admin.get("/operations/processes")
    answer = admin.post("/operations/processes/penalty/suspend", said)
    assert answer.status_code == 422
    assert "将影响在办案件 1 件，尚未执行" in answer.text and "确认暂停在办案件 1 件" in answer.text
    assert re.search(r'name="confirmed" value="1" required', answer.text), "not ticked for anybody"
    assert re.search(r'value="yes" checked', answer.text) and "告知环节有误" in answer.text, "what was typed is kept"
    assert "已暂停受理新案件" not in admin.get("/operations/processes").text
    assert admin.post("/operations/processes/penalty/suspend", {**said, "confirmed": "1"}).status_code == 302
    assert "在办案件一并暂停" in admin.get("/operations/processes").text


def test_a_case_whose_process_is_held_says_who_held_it_since_when_why_and_what_still_works(site: Site) -> None:
    case_id = site.open_case()
    admin, deputy = site.visitor("admin"), site.visitor("deputy")
    admin.get("/operations/processes")
    said = {"holds": "yes", "reason": "告知环节有误", "confirmed": "1"}
    admin.post("/operations/processes/penalty/suspend", said)
    address = f"/tasks/{site.task(case_id, 'approve_filing')}"
    for place in (f"/cases/{case_id}", address, f"{address}?tab=file"):
        note = _held(deputy, place)
        assert "系统管理员于 2024-03-04 09:00 暂停。理由：告知环节有误" in note
        assert "仍然可以查阅案卷" in note
    assert re.search(r"disabled[^>]*>提交并办结<", deputy.get(address).text)
    fields = {**form_fields(deputy.get(address)), "result": "approve", "opinion": "同意立案。"}
    assert deputy.post(f"{address}/draft", fields).status_code == 302
    assert deputy.post(f"{address}/complete", fields).status_code == 409
    deputy.client.set_cookie("language", "en")
    assert "was suspended by 系统管理员 on 2024-03-04 09:00" in _held(deputy, address)
    deputy.client.set_cookie("language", "zh")
    page = admin.get("/operations/processes").text
    found = re.search(r"/operations/suspensions/[0-9a-f]{32}/resume", page)
    assert found
    admin.post(found[0], {"reason": "已改正"})
    assert _held(deputy, address) == _held(deputy, f"/cases/{case_id}") == ""


def _held(visitor: Visitor, address: str) -> str:
    """What a page says of a held process; empty where it says nothing."""
    found = re.search(r'<div class="note note-halt" role="note">(.*?)</div>', visitor.get(address).text, re.DOTALL)
    return re.sub(r"<[^>]+>", "", html.unescape(found[1])) if found else ""


def test_stuck_cases_are_listed_by_what_is_wrong(site: Site) -> None:
    site.open_case()
    site.to(2024, 4, 30, 9, 0)
    admin = site.visitor("admin")
    page = admin.get("/operations/stuck?kind=still").text
    assert "长期没有进展" in page
    assert "查看流程" in page
    assert _limits(page) == _limits(admin.get("/operations/stuck?kind=overdue").text) == [_last_day(site)]
    for asked in ("", "?kind=evil&page=99", "?kind=still&days=100000", "?kind=timer&days=x&page=-1"):
        assert admin.get(f"/operations/stuck{asked}").status_code == 200


def _limits(page: str) -> list[str]:
    """The time limits in a list of cases."""
    return re.findall(r'data-label="期限" class="when">([^<]*)<', page)


def _last_day(site: Site) -> str:
    """The last day of the only open step's time limit, which ends at 24:00."""
    with site.store.read() as session:
        (ends,) = session.execute(select(Task.due_at).where(Task.ended_at.is_(None))).scalars()
    assert ends is not None and clock.local(ends).hour == 0
    return (clock.local(ends).date() - timedelta(days=1)).isoformat()
