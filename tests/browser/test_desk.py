"""The desk in Chromium: without a mouse, without script, on a phone; keys that help and never steal."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LiveSite
from tests.browser.test_pages import LOOKS, logged_in, wider_than_the_screen
from workflows.actors import acting
from workflows.desk import commands, copies
from workflows.desk.execute import execute
from workflows.desk.lists import order, saved
from workflows.desk.lists.criteria import Criteria
from workflows.store import new_id

pytestmark = pytest.mark.browser

LONG = "内蒙古自治区呼伦贝尔市鄂伦春自治旗大杨树镇民用爆炸物品专营有限责任公司第三分公司（筹）"


def person(live: LiveSite, login: str) -> Any:
    from sqlalchemy import select

    from workflows.actors import Person

    with live.store.read() as session:
        return acting(session, session.execute(select(Person.id).where(Person.login == login)).scalar_one())


@pytest.fixture(scope="module")
def busy(shared_live: LiveSite) -> LiveSite:
    """One server for all tests; what changes its lists stands at the end."""
    return filled(shared_live)


def filled(live: LiveSite) -> LiveSite:
    """Three leads that the deputy has to approve, one copied to him, and a filter of his own."""
    officer, deputy = person(live, "officer1"), person(live, "deputy")
    party = {"kind": "entity", "name": LONG, "id_number": "", "address": "演示路1号", "representative": "徐某"}
    lead = {"found_on": "2024-02-26", "conduct_on": "2024-02-26", "source": "inspection", "summary": "现场检查发现。",
            "parties": [party], "matters": [{"matter_code": "CF-AQF-097-1-07"}],
            "co_officer": person(live, "officer2").person_id}  # fmt: skip
    opened = [
        execute(live.store, commands.open_case, officer, "penalty", {**lead, "title": f"第{n}件案"}, key=new_id())
        for n in (1, 2, 3)
    ]
    to = [deputy.person_id]
    execute(live.store, copies.send_copies, officer, opened[0].case_id, to, note="请阅知。", key=new_id())
    with live.store.work() as session:
        saved.save_filter(session, deputy, which="todo", name="第二件", criteria=Criteria(words="第2件"),
                          order=order.usual("todo"))  # fmt: skip
    return live


def focused(page: Page) -> str:
    """The text of what has the focus."""
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def row_of_focus(page: Page) -> int:
    row = "[...document.querySelectorAll('tbody tr')].indexOf(document.activeElement.closest('tr'))"
    return int(page.evaluate(row))


def test_j_and_k_walk_and_enter_opens(busy: LiveSite, chromium: Browser) -> None:
    page = logged_in(busy, chromium, "deputy", **LOOKS["wide light"])
    walked = []
    for key in "jjjjkk":
        page.keyboard.press(key)
        walked.append(row_of_focus(page))
    assert walked == [0, 1, 2, 2, 1, 0]
    assert focused(page) == "立案审批"
    page.keyboard.press("x")
    expect(page.locator("[data-ticked]")).to_have_text("已选 1 项")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("立案审批")
    page.context.close()


def test_keys_are_left_to_who_types(busy: LiveSite, chromium: Browser) -> None:
    page = logged_in(busy, chromium, "deputy", **LOOKS["wide light"])
    for key, field in (("/", "#find"), ("f", "#q")):
        page.keyboard.press(key)
        expect(page.locator(field)).to_be_focused()
        page.keyboard.type("jkcx/?f")
        expect(page.locator(field)).to_have_value("jkcx/?f")
        expect(page.locator("dialog[open]")).to_have_count(0)
        page.locator(field).blur()
    page.keyboard.press("Control+j")
    assert row_of_focus(page) == -1
    page.context.close()


def test_the_dialog_lists_the_keys_and_switches_them_off(busy: LiveSite, chromium: Browser) -> None:
    page = logged_in(busy, chromium, "deputy", **LOOKS["wide light"])
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="快捷键")
    expect(dialog).to_be_visible()
    page.keyboard.press("j")
    assert row_of_focus(page) == -1
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.reload()
    page.keyboard.press("j")
    assert row_of_focus(page) == -1
    page.keyboard.press("?")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="关闭").click()
    page.keyboard.press("j")
    assert row_of_focus(page) == 0
    page.context.close()


def test_everything_works_without_script(busy: LiveSite, chromium: Browser) -> None:
    page = logged_in(busy, chromium, "deputy", java_script_enabled=False, **LOOKS["phone light"])
    page.get_by_role("link", name="第二件").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("summary", has_text="筛选和排序").click()
    page.get_by_label("当事人", exact=True).fill("不存在")
    page.get_by_role("button", name="应用").click()
    expect(page.locator(".empty")).to_contain_text("没有符合条件的事项")
    page.locator(".empty").get_by_role("link", name="清除条件").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.locator("input[name=row]").first.check()
    expect(page.get_by_role("button", name="退回待认领")).to_be_disabled()  # offered to nobody else
    expect(page.locator("#vain-release")).to_contain_text("本页没有可以退回待认领的任务")
    page.locator(".deeds .menu-inline > summary").click()
    page.locator(".deeds select[name=to]").select_option(index=1)
    page.locator(".deeds input[name=reason]").fill("出差")
    page.get_by_role("button", name="转办勾选的任务").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("未办理")
    page.context.close()


def test_a_long_name_breaks_and_a_phone_shows_cards(busy: LiveSite, chromium: Browser) -> None:
    for look in ("wide light", "phone light"):
        page = logged_in(busy, chromium, "deputy", **LOOKS[look])
        box = page.locator("td.party", has_text="鄂伦春").first.bounding_box()
        assert box is not None and box["height"] > 40  # more than one line
        assert not wider_than_the_screen(page)
        shown = page.evaluate("getComputedStyle(document.querySelector('tbody tr')).display")
        assert shown == ("table-row" if look == "wide light" else "block")
        page.context.close()


def test_all_rows_are_ticked_and_read_at_once(busy: LiveSite, chromium: Browser) -> None:
    page = logged_in(busy, chromium, "deputy", **LOOKS["wide light"])
    page.goto("/desk?list=copied")
    page.get_by_label("全选本页").check()
    expect(page.locator("[data-ticked]")).to_have_text("已选 1 项")
    page.get_by_role("button", name="阅知", exact=True).last.click()
    expect(page.get_by_role("status").last).to_contain_text("已办理 1 项")
    page.get_by_role("link", name="返回列表").click()
    expect(page.locator("tbody")).not_to_contain_text("未阅")
    page.context.close()


def test_c_claims_and_control_enter_submits(busy: LiveSite, chromium: Browser) -> None:
    deputy = logged_in(busy, chromium, "deputy", **LOOKS["wide light"])
    deputy.keyboard.press("j")
    deputy.keyboard.press("Enter")
    deputy.locator('[name="result"][value="approve"]').check()
    deputy.locator('[name="opinion"]').fill("同意立案。")
    deputy.keyboard.press("Control+Enter")
    expect(deputy.locator(".message-success")).to_contain_text("已办结")
    deputy.context.close()
    officer = logged_in(busy, chromium, "officer2", **LOOKS["wide light"])
    officer.goto("/desk?list=claimable")
    officer.keyboard.press("j")
    officer.keyboard.press("c")
    expect(officer.locator(".message-success")).to_contain_text("任务已认领")
    officer.context.close()
