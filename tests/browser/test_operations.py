"""An administrator in Chromium: retries what stands still, follows a number on the diagram, has a value put right."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LiveSite
from tests.browser.test_pages import complaints, logged_in
from tests.desk.conftest import Bureau
from tests.operations.standstill import begin, stand_still, waiting

pytestmark = pytest.mark.browser

LEAD = {"found_on": "2024-02-20", "conduct_on": "2024-02-20"}


def test_what_stands_still_is_chosen_on_the_list_and_tried_again(live: LiveSite, chromium: Browser) -> None:
    bureau = Bureau(live.store)
    stand_still(live.store, bureau.open(**LEAD), live.time)
    page = logged_in(live, chromium, "admin")
    page.goto("/operations")
    page.locator("summary", has_text="技术信息").click()
    expect(page.get_by_text("engine.handler_failed")).to_be_visible()
    page.locator("[data-tick-all]").check()
    expect(page.get_by_text("已选 1 项")).to_be_visible()
    page.get_by_role("button", name="重试所选").click()
    expect(page.get_by_text("已恢复或者安排重试")).to_be_visible()
    page.get_by_role("link", name="返回列表").click()
    expect(page.get_by_text("没有故障，所有流程正常运行。")).to_be_visible()


def test_a_number_on_the_diagram_leads_to_the_cases_that_wait(live: LiveSite, chromium: Browser) -> None:
    Bureau(live.store).open(**LEAD)
    page = logged_in(live, chromium, "admin")
    page.goto("/operations/processes/penalty/1")
    badge = page.locator("a.step-badge")
    expect(badge).to_have_text("1")
    expect(badge).to_have_attribute("aria-label", "1 件在此等待")
    frame = page.locator(".diagram-canvas").bounding_box()
    drawing = page.locator(".diagram-canvas .viewport").bounding_box()
    assert frame is not None
    assert drawing is not None
    for begin_at, length in (("x", "width"), ("y", "height")):  # the whole of it, from the first
        assert frame[begin_at] - 2 <= drawing[begin_at]
        assert drawing[begin_at] + drawing[length] <= frame[begin_at] + frame[length] + 2
    beside = badge.evaluate("one => getComputedStyle(one, '::after').content")
    assert "立案审批" in beside  # in a large drawing names can't be read
    badge.focus()
    badge.press("Enter")
    expect(page.get_by_role("heading", name="立案审批")).to_be_visible()
    expect(page.get_by_text("未立案")).to_be_visible()


def test_a_value_is_put_right_by_two_administrators(live: LiveSite, chromium: Browser) -> None:
    instance_id = begin(live.store, Bureau(live.store).open(**LEAD), waiting(), copies=3)
    first, second = logged_in(live, chromium, "admin"), logged_in(live, chromium, "secadmin")
    first.goto(f"/operations/instances/{instance_id}")
    first.get_by_role("link", name="申请改正").click()
    first.locator("#value").fill("4")
    first.locator("#reason").fill("份数点错")
    first.get_by_role("button", name="提出申请").click()
    expect(first.get_by_text("批准后才生效")).to_be_visible()
    assert complaints(first) == []
    second.goto("/operations/repairs")
    second.locator("td.act a", has_text="审批").click()
    second.locator("#decision").fill("已核对")
    second.get_by_role("button", name="批准，立即改正").click()
    expect(second.get_by_text("已批准，改正已经生效。")).to_be_visible()
    assert complaints(second) == []


def test_who_holds_running_cases_confirms_how_many_they_are(live: LiveSite, chromium: Browser) -> None:
    Bureau(live.store).open(**LEAD)
    page = logged_in(live, chromium, "admin")
    page.goto("/operations/processes")
    form = page.locator('form[action$="/penalty/suspend"]')
    page.locator("details.more", has=form).locator("summary").click()
    form.get_by_label("一并暂停").check()
    form.get_by_label("理由").fill("告知环节有误")
    form.get_by_role("button", name="暂停").click()
    expect(page.get_by_role("alert").first).to_contain_text("将影响在办案件 1 件，尚未执行")
    form.get_by_label("确认暂停在办案件 1 件").check()
    form.get_by_role("button", name="暂停").click()
    expect(page.get_by_text("在办案件一并暂停")).to_be_visible()
    assert complaints(page) == []
