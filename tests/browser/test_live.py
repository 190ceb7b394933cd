"""Pages that lie open: a colleague's claim and a new task appear by themselves, and nothing one does is disturbed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from tests.browser.conftest import LiveSite
from tests.browser.test_desk import person
from tests.browser.test_operators import Running, begun
from tests.browser.test_operators import running as running
from tests.browser.test_pages import LOOKS, logged_in
from tests.webapp.trial import start
from workflows import outbox
from workflows.calendar import clock
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing
from workflows.sessions import WebSession
from workflows.store import new_id

pytestmark = pytest.mark.browser

SOON = 20_000
"""Milliseconds until which a change must have come: three seconds are the rule, a busy machine gets more."""
WIDE = LOOKS["wide light"]


@pytest.fixture
def alone(live: LiveSite) -> Running:
    """A case on a server of its own, where the lists hold nothing else."""
    return begun(live)


@pytest.fixture
def offered(alone: Running) -> Running:
    """Three more cases whose check legal1 and legal2 may take."""
    for number in (1, 2, 3):
        add(alone, f"第{number}件案")
    return alone


def add(running: Running, title: str) -> str:
    """One more case with a check to be claimed; the id of the check."""
    live = running.live
    lead = {"found_on": "2024-02-26", "conduct_on": "2024-02-26", "source": "inspection", "summary": "现场检查发现。",
            "parties": [{"kind": "entity", "name": "鑫达附件厂", "id_number": "", "address": "演示路1号",
                         "representative": "徐某"}],
            "matters": [{"matter_code": "CF-AQF-097-1-07"}], "title": title,
            "co_officer": person(live, "officer2").person_id}  # fmt: skip
    opened = execute(live.store, commands.open_case, person(live, "officer1"), "penalty", lead, key=new_id())
    made = Running(live, opened.case_id, start(live.store, opened.case_id))
    made.answer("officer1", "draft")
    return made.task("legal").id


def opened(live: LiveSite, chromium: Browser, login: str, path: str) -> Page:
    page = logged_in(live, chromium, login, **WIDE)
    page.goto(path)
    return page


def row(page: Page, title: str) -> Any:
    return page.locator("tr[data-row]", has_text=title)


def test_the_open_page_of_a_step_says_that_its_case_was_held_up_let_go_on_and_ended(
    alone: Running, chromium: Browser
) -> None:
    page = opened(alone.live, chromium, "legal1", f"/tasks/{alone.task('legal').id}")
    said, field = page.locator(".message-live"), page.locator("#answer textarea").first
    field.fill("正在写的意见")
    submits, saves = (page.get_by_role("button", name=name, exact=True) for name in ("提交并办结", "保存草稿"))
    hands_on, why = page.get_by_role("button", name="转办", exact=True), page.locator("#halted, .answer-acts .why-not")
    alone.do("unithead", halting.suspend_case, alone.case_id, reason="等待鉴定")
    expect(said).to_contain_text("案件已中止办理", timeout=SOON)
    expect(submits).to_be_disabled()
    expect(hands_on).to_be_disabled()
    expect(why).to_contain_text("等待鉴定")
    expect(saves).to_be_enabled()
    alone.do("unithead", halting.resume_case, alone.case_id, reason="")
    expect(said).to_have_count(0, timeout=SOON)
    for button in (submits, hands_on):
        expect(button).to_be_enabled()
    expect(why).to_have_count(0)
    alone.do("officer1", halting.terminate_case, alone.case_id, reason="重复登记")
    expect(said).to_contain_text("终止（重复登记）", timeout=SOON)
    for button in (submits, saves):
        expect(button).to_be_disabled()
    expect(why).to_contain_text("终止（重复登记）")
    expect(hands_on).to_have_count(0)
    expect(field).to_have_value("正在写的意见")
    page.context.close()


def test_the_open_page_of_a_case_says_that_it_was_held_up_went_a_step_on_and_ended(
    alone: Running, chromium: Browser
) -> None:
    page = opened(alone.live, chromium, "officer1", f"/cases/{alone.case_id}")
    said, waits, step = page.locator(".message-live"), page.locator(".waits"), alone.task("legal").name
    expect(waits.get_by_text(step, exact=True)).to_have_count(1)
    urges = waits.get_by_role("link", name="催办")
    expect(urges).not_to_have_count(0)
    alone.do("unithead", halting.suspend_case, alone.case_id, reason="等待鉴定")
    expect(said).to_contain_text("案件已中止办理", timeout=SOON)
    expect(waits.get_by_role("button", name="催办").first).to_be_disabled()
    expect(urges).to_have_count(0)
    expect(page.locator("#halted")).to_contain_text("等待鉴定")
    alone.do("unithead", halting.resume_case, alone.case_id, reason="")
    expect(urges).not_to_have_count(0, timeout=SOON)
    alone.answer("legal1", "legal")
    expect(said).to_contain_text("案件有新的进展", timeout=SOON)
    expect(waits.get_by_text(step, exact=True)).to_have_count(0)
    alone.do("officer1", halting.terminate_case, alone.case_id, reason="重复登记")
    expect(said).to_contain_text("终止", timeout=SOON)
    expect(waits).to_have_count(0)
    page.context.close()


def test_the_last_row_of_a_narrowed_list_goes_away_though_nothing_was_chosen_below_it(
    alone: Running, chromium: Browser
) -> None:
    task = alone.task("legal")
    page = opened(alone.live, chromium, "legal1", "/desk?list=todo&q=鑫达")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    to = person(alone.live, "legal2").person_id
    alone.do("legal1", handing.reassign_task, task.id, to, reason="出差", seen=task.version)
    expect(page.locator(".empty")).to_be_visible(timeout=SOON)
    page.context.close()


def test_a_claim_in_one_browser_is_seen_in_the_other(offered: Running, chromium: Browser) -> None:
    mine = opened(offered.live, chromium, "legal1", "/desk?list=claimable")
    theirs = opened(offered.live, chromium, "legal2", "/desk?list=claimable")
    row(theirs, "第1件案").locator("[data-open]").focus()
    row(theirs, "第3件案").locator("input[name=row]").check()
    theirs.get_by_label("案号、案由或者当事人").fill("还没有查询的文字")
    row(theirs, "第1件案").locator("[data-open]").focus()
    row(mine, "第2件案").get_by_role("button", name="认领").click()
    expect(row(theirs, "第2件案")).to_have_count(0, timeout=SOON)
    expect(theirs.locator("#live-news")).to_have_text("列表已更新：移出 1 项", timeout=SOON)
    expect(row(theirs, "第1件案").locator("[data-open]")).to_be_focused()
    expect(row(theirs, "第3件案").locator("input[name=row]")).to_be_checked()
    expect(theirs.locator("[data-ticked]")).to_have_text("已选 1 项")
    expect(theirs.get_by_label("案号、案由或者当事人")).to_have_value("还没有查询的文字")
    expect(theirs.locator("[data-live=counts] [aria-current] .count")).to_have_text("2")
    mine.context.close()
    theirs.context.close()


def test_a_new_task_comes_into_the_list_and_is_announced(offered: Running, chromium: Browser) -> None:
    page = opened(offered.live, chromium, "legal2", "/desk?list=claimable")
    row(page, "第2件案").locator("[data-open]").focus()
    add(offered, "刚来的案")
    expect(row(page, "刚来的案")).to_be_visible(timeout=SOON)
    expect(page.locator("#live-news")).to_have_text("列表已更新：新增 1 项", timeout=SOON)
    expect(row(page, "第2件案").locator("[data-open]")).to_be_focused()
    expect(row(page, "刚来的案")).to_have_class("row-new")
    page.keyboard.press("j")
    row(page, "刚来的案").get_by_role("button", name="认领").click()
    expect(page.locator(".message-success")).to_contain_text("任务已认领")
    page.context.close()


def test_the_first_task_fills_an_empty_list_and_the_last_one_empties_it(alone: Running, chromium: Browser) -> None:
    page = opened(alone.live, chromium, "legal2", "/desk?list=claimable")
    expect(page.locator(".empty")).to_be_visible()
    task_id = add(alone, "独一件案")
    expect(row(page, "独一件案")).to_be_visible(timeout=SOON)
    execute(alone.live.store, commands.claim_task, person(alone.live, "legal1"), task_id, seen=1)
    expect(page.locator(".empty")).to_be_visible(timeout=SOON)
    page.context.close()


def test_a_task_that_a_colleague_took_says_so_and_keeps_what_was_typed(running: Running, chromium: Browser) -> None:
    task_id = add(running, "两人同看的案")
    page = opened(running.live, chromium, "legal2", f"/tasks/{task_id}")
    execute(running.live.store, commands.claim_task, person(running.live, "legal1"), task_id, seen=1)
    name = person(running.live, "legal1").name
    expect(page.locator(".message-live")).to_contain_text(f"此任务现由{name}办理。", timeout=SOON)
    page.get_by_role("link", name="刷新页面").click()
    expect(page.locator(".message-live")).to_have_count(0)
    page.context.close()


def test_one_who_is_writing_is_told_that_the_task_has_gone_and_keeps_the_text(
    running: Running, chromium: Browser
) -> None:
    task = running.task("legal")
    page = opened(running.live, chromium, "legal1", f"/tasks/{task.id}")
    field = page.locator("#answer textarea").first
    field.fill("正在写的意见")
    to = person(running.live, "legal2")
    running.do("legal1", handing.reassign_task, task.id, to.person_id, reason="出差", seen=task.version)
    expect(page.locator(".message-live")).to_contain_text(f"此任务现由{to.name}办理。", timeout=SOON)
    expect(field).to_have_value("正在写的意见")
    expect(page.get_by_role("button", name="提交并办结")).to_be_disabled()
    page.context.close()


def test_a_login_that_ends_is_said_on_the_page_and_nothing_typed_is_lost(running: Running, chromium: Browser) -> None:
    page = opened(running.live, chromium, "legal1", f"/tasks/{running.task('legal').id}")
    page.locator("#answer textarea").first.fill("正在写的意见")
    with running.live.store.work() as session:
        session.execute(update(WebSession).values(revoked_at=clock.now()))
    expect(page.locator(".message-live")).to_contain_text("已退出登录", timeout=SOON)
    expect(page.locator("#answer textarea").first).to_have_value("正在写的意见")
    page.context.close()


def test_unread_notices_are_counted_on_every_page_and_listed_on_theirs(running: Running, chromium: Browser) -> None:
    page = opened(running.live, chromium, "publisher1", "/cases")
    listed = page.context.new_page()
    listed.goto("/notices")
    expect(page.locator("[data-live-unread]")).to_be_hidden()
    with running.live.store.work() as session:
        outbox.send(session, person(running.live, "publisher1").person_id, "task_offered", {"name": "公示"})
        outbox.deliver(session)
    expect(page.get_by_role("link", name="通知")).to_contain_text("1 条未读", timeout=SOON)
    expect(listed.get_by_text("您有新任务：公示")).to_be_visible(timeout=SOON)
    expect(listed.get_by_role("button", name="全部标为已读")).to_be_visible()
    page.context.close()


def test_a_hidden_page_asks_nothing_and_one_that_is_looked_at_again_asks_at_once(
    running: Running, chromium: Browser
) -> None:
    page = logged_in(running.live, chromium, "legal2", **WIDE)
    page.clock.install()
    page.goto("/desk")
    with page.expect_request("**/live*", timeout=SOON):
        page.clock.run_for(4000)
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {configurable: true, get: () => window.away ?? true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(120_000)
    assert asked == []
    with page.expect_request("**/live*", timeout=SOON):
        page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    page.context.close()


def test_a_server_that_does_not_answer_is_asked_less_and_less_and_the_page_says_so(
    running: Running, chromium: Browser
) -> None:
    page = logged_in(running.live, chromium, "legal2", **WIDE)
    page.clock.install()
    asked: list[str] = []
    page.route("**/live*", lambda route: (asked.append(""), route.fulfill(status=503, body="")))
    page.goto("/desk")
    for pause in (4, 8, 16, 32, 64, 64):
        before = len(asked)
        for _ in range(pause):
            page.clock.run_for(1000)
        assert len(asked) - before <= 2, "it asks ever less often"
    expect(page.locator(".message-live")).to_contain_text("暂时连接不上服务器", timeout=SOON)
    page.unroute("**/live*")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".message-live")).to_have_count(0, timeout=SOON)
    page.context.close()
