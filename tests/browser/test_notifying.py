"""通知设置 in Chromium: without a mouse, with and without complaints."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import MORNING, LiveSite, served
from tests.browser.test_desk import person
from tests.browser.test_pages import LOOKS, complaints, logged_in
from tests.webapp.test_notifying import NOWHERE
from webapp import settings
from webapp.app import create_app
from webapp.security import limiter
from workflows import outbox
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.files import Files
from workflows.notices import posting, profiles
from workflows.notices.profiles import Wishes
from workflows.store import Store

pytestmark = pytest.mark.browser


@pytest.fixture
def outward(demo_database: Path, tmp_path: Path) -> Iterator[LiveSite]:
    """A server that sends e-mail and webhooks to where nobody answers, and an officer who waits for one."""
    path = tmp_path / "demo.sqlite"
    shutil.copyfile(demo_database, path)
    told = settings.read({"FASHEN_VAR": str(tmp_path), "FASHEN_DATABASE_URL": f"sqlite:///{path}", **NOWHERE})
    store, files = Store(told.database_url), Files(told.files_url)
    with clock.simulated(MORNING) as time, served(create_app(told, store, files)) as address:
        site = LiveSite(address, store, files, time)
        officer = person(site, "officer1")
        wishes = Wishes("wang@example.gov.cn", "https://im.example.gov.cn/hooks/wang", 9, {})
        execute(store, profiles.choose_notices, officer, wishes, told.channels)
        with store.work() as session:
            outbox.send(session, officer.person_id, "task_urged", {"name": "立案审批", "by": "王某"})
        execute(store, posting.deliver, 100, told.channels.names)
        posting.send_due(store, told.channels, "email")
        yield site
    limiter.reset()
    store.close()


def test_settings_are_changed_without_a_mouse_and_a_wrong_address_is_complained_of(
    outward: LiveSite, chromium: Browser
) -> None:
    page = logged_in(outward, chromium, "officer1", **LOOKS["wide light"])
    page.goto("/account/notices")
    page.get_by_label("电子邮件地址").fill("wang@example.com")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_be_focused()
    assert complaints(page) == []
    page.get_by_label("电子邮件地址").fill("li@example.gov.cn")
    page.get_by_label("退回 · 电子邮件").select_option("每日汇总")
    page.get_by_role("button", name="保存设置").press("Enter")
    expect(page.locator(".message-success")).to_have_text("通知设置已保存。")
    expect(page.get_by_label("退回 · 电子邮件")).to_have_value("digest")
    page.context.close()
