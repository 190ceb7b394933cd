"""After one's task is done, the next opens: of the list one came from, and only where one wants it."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select

from tests.webapp.site import LEAD, Site, Visitor, field_value, form_fields
from tests.webapp.trial import begin
from workflows.calendar import clock
from workflows.desk.tasks import Task

APPROVE = {"result": "approve", "opinion": "同意立案。", "choose.goes_on.asked": "1", "choose.goes_on": "1"}
NEWEST = "list=todo&sort=-due"


@pytest.fixture
def filings(site: Site) -> dict[str, str]:
    """Three leads that the deputy decides on, with the paths of his tasks; they end one day after the other."""
    officer, found = site.visitor("officer1"), {}
    for number, title in enumerate(("甲案", "乙案", "丙案")):
        page = officer.get("/cases/new?process=penalty")
        fields = {**LEAD, "title": title, "co_officer": site.person_id("officer2"), "key": field_value(page, "key")}
        case_id = officer.post("/cases", fields).location.rsplit("/", 1)[-1]
        with site.store.work() as session:
            task = session.execute(select(Task).where(Task.case_id == case_id, Task.ended_at.is_(None))).scalar_one()
            task.due_at = clock.now() + timedelta(days=10 + number)
            found[title] = f"/tasks/{task.id}"
    return found


def approve(who: Visitor, path: str, via: str = "", **more: str) -> str:
    """Approve a filing; where one is led."""
    page = who.get(f"{path}?via={quote(via)}" if via else path)
    action = re.search(r'<form id="answer"[^>]*action="([^"]+)"', page.text)
    assert action
    answer = who.post(action[1].replace("&amp;", "&"), {**form_fields(page), **APPROVE, **more})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def test_after_submitting_the_next_task_of_the_list_opens_and_the_page_says_so(
    site: Site, filings: dict[str, str]
) -> None:
    deputy = site.visitor("deputy")
    assert approve(deputy, filings["甲案"]) == filings["乙案"]
    page = deputy.get(filings["乙案"]).text
    assert "“立案审批”已办结" in page
    assert "接着办理“待办”中的下一件：“立案审批”（乙案）。" in page
    assert 'href="/desk">工作台 · 待办</a>' in page, "the way back to the list"
    assert approve(deputy, filings["乙案"]) == filings["丙案"]
    assert approve(deputy, filings["丙案"]) == "/desk"
    desk = deputy.get("/desk?list=todo").text
    assert "没有待办任务" in desk


def test_the_list_one_came_from_goes_along_with_its_order_and_filter(site: Site, filings: dict[str, str]) -> None:
    deputy = site.visitor("deputy")
    listed = deputy.get(f"/desk?{NEWEST}").text
    via = f"via={quote(NEWEST, safe='')}"
    assert f'href="{filings["丙案"]}?{via}"' in listed
    page = deputy.get(f"{filings['丙案']}?{via}").text
    assert f'href="/desk?{NEWEST.replace("&", "&amp;")}">工作台 · 待办</a>' in page
    assert f"?tab=file&amp;{via}" in page or f"{via}&amp;tab=file" in page, "the other tabs keep it"
    assert approve(deputy, filings["丙案"], NEWEST) == f"{filings['乙案']}?{via}"


def test_a_narrowed_list_ends_with_its_own_last_task(site: Site, filings: dict[str, str]) -> None:
    deputy = site.visitor("deputy")
    gone = approve(deputy, filings["乙案"], "list=todo&q=乙")
    assert gone.startswith("/desk?")
    page = deputy.get(gone).text
    assert "“立案审批”已办结" in page
    assert "没有符合条件的事项" in page


@pytest.mark.parametrize("via", ["list=nowhere", "list=unit&list=done", "%%%", "a" * 3000, "&" * 200, "list=copied"])
def test_whatever_stands_in_the_address_one_goes_on_with_what_is_to_do(
    site: Site, filings: dict[str, str], via: str
) -> None:
    deputy = site.visitor("deputy")
    assert approve(deputy, filings["甲案"], via).startswith(filings["乙案"])


def test_who_wants_to_choose_himself_comes_back_to_the_list_until_he_says_otherwise(
    site: Site, filings: dict[str, str]
) -> None:
    deputy = site.visitor("deputy")
    page = deputy.get(filings["甲案"])
    assert re.search(r'name="choose.goes_on" value="1" checked', page.text)
    unticked = {**form_fields(page), "result": "approve", "opinion": "同意立案。", "choose.goes_on.asked": "1"}
    assert deputy.post(f"{filings['甲案']}/complete", unticked).location == "/desk"
    again = deputy.get(filings["乙案"]).text
    assert re.search(r'name="choose.goes_on" value="1">', again), "the choice is kept"
    assert approve(deputy, filings["乙案"]) == filings["丙案"], "ticked again"


def test_what_is_ones_own_in_the_same_case_opens_first(site: Site, filings: dict[str, str]) -> None:
    trial = begin(site)
    officer = site.visitor("officer1")
    trial.claim(officer, trial.path("draft"))
    legal = site.visitor("legal1")
    gone = trial.complete(officer, trial.path("draft"))
    assert gone.location == "/desk"
    trial.claim(legal, trial.path("legal"))
    assert trial.complete(legal, trial.path("legal")).location == trial.path("sign", "legal1")
    assert "接着办理本案的“会签”。" in legal.get(trial.path("sign", "legal1")).text


def test_who_hands_his_step_on_goes_on_with_the_next_one(site: Site, filings: dict[str, str]) -> None:
    trial = begin(site)
    officer = site.visitor("officer1")
    path = trial.path("draft")
    trial.claim(officer, path)
    other = begin(site)
    trial.claim(officer, other.path("draft"))
    page = officer.get(f"{path}/do/reassign")
    assert 'name="choose.goes_on"' in page.text
    gone = trial.do(officer, path, "reassign", person=site.person_id("officer2"), text="出差")
    assert gone.location == other.path("draft")
    told = officer.get(gone.location).text
    assert "“起草”已转办。" in told
    assert "接着办理“待办”中的下一件：“起草”" in told


def test_who_waits_for_a_signature_goes_on_and_who_asked_one_beside_stays(site: Site, filings: dict[str, str]) -> None:
    trial, other = begin(site), begin(site)
    officer, path = site.visitor("officer1"), trial.path("draft")
    trial.claim(officer, path)
    trial.claim(officer, other.path("draft"))
    asked = {"person": site.person_id("officer2"), "text": "请核对"}
    assert trial.do(officer, path, "sign", kind="before", **asked).location == other.path("draft")
    assert trial.do(officer, other.path("draft"), "sign", kind="beside", **asked).location == other.path("draft")
