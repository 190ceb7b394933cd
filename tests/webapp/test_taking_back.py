"""撤回 by whoever opened a case, in the browser's eyes: the form is back with everything in it."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.webapp.site import LEAD, Site, field_value, form_fields
from workflows.cases.file import Case
from workflows.desk.tasks import Task


def task_of(site: Site, case_id: str, element: str) -> str:
    """The page of what waits at an element."""
    with site.store.read() as session:
        wanted = select(Task.id).where(
            Task.case_id == case_id, Task.element_id == element, Task.ended_at.is_(None))  # fmt: skip
        return f"/tasks/{session.execute(wanted).scalar_one()}"


def keys(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the form of an operator of a case."""
    return {name: field_value(page, name) for name in ("csrf_token", "key")}


def test_the_opener_takes_the_lead_back_from_the_case_or_the_task_and_corrects_it(site: Site) -> None:
    case_id = site.open_case()
    officer, address = site.visitor("officer1"), f"/cases/{case_id}/do/recall"
    for page in (f"/cases/{case_id}", task_of(site, case_id, "approve_filing")):
        assert f'href="{address}"' in officer.get(page).text, page
    assert f'href="{address}"' not in site.visitor("officer2").get(f"/cases/{case_id}").text
    page = officer.get(address)
    assert "撤回理由" in page.text
    done = officer.post(address, {**keys(page), "text": "当事人名称有误"})
    assert done.status_code == 302
    assert done.location == task_of(site, case_id, "lead_received")
    back = officer.get(done.location)
    assert "当事人名称有误" in back.text
    assert "已带出上次提交的内容" in back.text
    with site.store.read() as session:
        case = session.get_one(Case, case_id)
        for name, value in (("title", case.title), ("parties.0.name", case.parties[0].name)):
            tag = re.search(rf'<input [^>]*name="{re.escape(name)}"[^>]*>', back.text)
            assert tag, name
            assert f'value="{value}"' in tag[0]
        second = next(one.person_id for one in case.officers if one.person_id != case.opened_by_id)
    assert re.search(rf'<option value="{second}" selected', back.text), "the second officer"
    lead = {**LEAD, "co_officer": second, "parties.0.name": "更名后的工厂"}
    sent = officer.post(f"{done.location}/complete", {**lead, **form_fields(back)})
    assert sent.status_code == 302, sent.text
    told = officer.get(f"/cases/{case_id}?tab=timeline").text
    for words in ("发起人撤回：线索受理，当事人名称有误", "更正案件线索：", "更正当事人信息：更名后的工厂",
                  "重新提交：线索受理"):  # fmt: skip
        assert words in told, words
    assert "更名后的工厂" in site.visitor("deputy").get(task_of(site, case_id, "approve_filing")).text


def test_the_button_says_why_it_is_too_late(site: Site) -> None:
    case_id = site.open_case()
    leader, path = site.visitor("deputy"), task_of(site, case_id, "approve_filing")
    fields = form_fields(leader.get(path))
    assert leader.post(f"{path}/draft", {**fields, "opinion": "拟同意"}).status_code in (200, 204, 302)
    page = site.visitor("officer1").get(f"/cases/{case_id}").text
    assert f'href="/cases/{case_id}/do/recall"' not in page
    assert "本案已有人认领或办理，不能撤回" in page
    refused = site.visitor("officer1").get(f"/cases/{case_id}/do/recall")
    assert refused.status_code == 409


def test_what_one_took_back_is_marked_in_the_timeline_and_its_form_is_filled_in(site: Site) -> None:
    case_id = site.open_case()
    leader = site.visitor("deputy")
    path = task_of(site, case_id, "approve_filing")
    fields = {**form_fields(leader.get(path)), "result": "approve", "opinion": "同意立案。"}
    assert leader.post(f"{path}/complete", fields).status_code == 302
    site.time.set(site.time.now() + timedelta(minutes=5))
    officer, path = site.visitor("officer1"), task_of(site, case_id, "investigate")
    officer.post(f"{path}/claim", form_fields(officer.get(path)))
    typed = [*form_fields(officer.get(path)).items(), ("seizure", "none"), ("acts.0.kind", "inspection"),
             ("acts.#", "1"), ("acts.0.done_on", "2024-02-27"), ("acts.0.place", "焊接车间"),
             *(("acts.0.officers", site.person_id(login)) for login in ("officer1", "officer2"))]  # fmt: skip
    done = officer.post(f"{path}/complete", typed)
    assert done.status_code == 302, re.findall(r'field-error[^>]*>([^<]*)', done.text)
    page = officer.get(f"{path}/do/withdraw")
    back = officer.post(f"{path}/do/withdraw", {**form_fields(page), "text": "地点有误"})
    assert back.status_code == 302, back.text
    again = officer.get(task_of(site, case_id, "investigate")).text
    assert 'value="焊接车间"' in again
    assert "未改动的执法活动和文件不会重复登记" in again
    assert "办结任务：调查取证（已撤回）" in officer.get(f"/cases/{case_id}?tab=timeline").text
