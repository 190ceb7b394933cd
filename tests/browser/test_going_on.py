"""Working a list off in Chromium: after each task the next one, without a mouse, and back to the list as one likes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LiveSite
from tests.browser.test_desk import filled
from tests.browser.test_pages import LOOKS, logged_in

pytestmark = pytest.mark.browser

@pytest.fixture
def deputy(live: LiveSite, chromium: Browser) -> Iterator[Page]:
    """Somebody with three filings to decide, the last first on the screen."""
    page = logged_in(filled(live), chromium, "deputy", **LOOKS["wide light"])
    page.goto("/desk?list=todo&sort=-title")
    yield page
    page.context.close()


def decide(page: Page) -> None:
    """Fill in the form and send it with the keys."""
    page.locator('[name="result"][value="approve"]').check()
    page.locator('[name="opinion"]').fill("同意立案。")
    page.keyboard.press("Control+Enter")


def test_a_list_is_worked_off_with_the_keys_in_its_own_order(deputy: Page) -> None:
    deputy.keyboard.press("j")
    deputy.keyboard.press("Enter")
    titles = []
    for _turn in range(2):
        case = deputy.locator(".crumb a").last
        expect(case).to_contain_text("件案")
        titles.append(case.inner_text().split()[-1])
        decide(deputy)
        expect(deputy.locator(".message-success")).to_contain_text("“立案审批”已办结")
        expect(deputy.locator(".message-info")).to_contain_text("接着办理“待办”中的下一件：“立案审批”")
    assert titles == ["第3件案", "第2件案"]
    decide(deputy)
    expect(deputy.locator(".empty")).to_contain_text("没有待办任务")
    assert "sort=-title" in deputy.url


def test_who_unticks_it_chooses_from_the_list_again(deputy: Page) -> None:
    deputy.locator("td.step a").first.click()
    box = deputy.get_by_label("提交后打开下一件")
    expect(box).to_be_checked()
    box.uncheck()
    decide(deputy)
    expect(deputy.locator("tbody tr")).to_have_count(2)
    deputy.locator("td.step a").first.click()
    expect(box).not_to_be_checked()
    deputy.locator(".crumb a").first.click()
    expect(deputy.locator("th[aria-sort=descending]")).to_have_count(1)
