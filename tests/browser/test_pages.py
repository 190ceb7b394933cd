"""What all pages share, in Chromium: labels, focus, rows, selects, languages, looks; and the eyes of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LiveSite
from tests.browser.driver import PASSWORD, WAIT

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
CASES = HERE.parent / "cases"
AXE = (HERE / "dist" / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

LOOKS: dict[str, dict[str, Any]] = {
    "wide light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "wide dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone light": {"viewport": {"width": 375, "height": 740}, "color_scheme": "light"},
    "phone dark": {"viewport": {"width": 375, "height": 740}, "color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def live(shared_live: LiveSite) -> LiveSite:
    """One server for all: nothing is sent to it here."""
    return shared_live


def logged_in(live: LiveSite, chromium: Browser, login: str, **looks: Any) -> Page:
    """The desk of somebody, in a window of its own; on each site the password is typed once."""
    kept = live.logins.get(login)
    context = chromium.new_context(base_url=live.address, locale="zh-CN", storage_state=kept, **looks)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto("/desk")
    if "/login" in page.url:
        page.locator("#login").fill(login)
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.wait_for_url("**/desk")
        live.logins[login] = context.storage_state()
    return page


def complaints(page: Page) -> list[str]:
    """What axe finds wrong: WCAG 2.2 A and AA, and what it calls good practice."""
    page.evaluate(AXE)
    found = page.evaluate("(tags) => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", TAGS)
    return [f"{one['id']}: {node['target']} {node['failureSummary']}"
            for one in found["violations"] for node in one["nodes"]]  # fmt: skip


def wider_than_the_screen(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_complaints_lead_to_their_fields(live: LiveSite, chromium: Browser) -> None:
    page = logged_in(live, chromium, "officer1", **LOOKS["phone dark"])
    page.goto("/cases/new?process=penalty")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".trouble")).to_be_focused()
    page.locator(".trouble a").first.click()
    expect(page.locator("#f-title")).to_be_focused()
    page.context.close()


def test_every_field_has_a_label_and_the_order_of_focus_is_that_of_reading(
    live: LiveSite, chromium: Browser
) -> None:
    page = logged_in(live, chromium, "officer1", **LOOKS["wide light"])
    page.goto("/cases/new?process=penalty")
    unlabelled = page.evaluate(
        """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
           .filter((field) => !field.labels?.length && !field.ariaLabel).map((field) => field.name)"""
    )
    assert unlabelled == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    visited: list[str] = []
    for _ in range(12):
        page.keyboard.press("Tab")
        visited.append(page.evaluate("document.activeElement.name ?? ''"))
    fields = [name for name in visited if name]
    assert fields[:4] == ["title", "found_on", "found_on", "found_on"] or fields[0] == "title"
    page.context.close()


def test_adding_a_row_keeps_what_was_typed_and_goes_to_the_new_row(live: LiveSite, chromium: Browser) -> None:
    page = logged_in(live, chromium, "officer1", **LOOKS["wide light"])
    page.goto("/cases/new?process=penalty")
    page.get_by_label("案由").fill("输入到一半的案由")
    page.locator('[name="parties.0.name"]').fill("甲公司")
    page.locator("#f-parties").get_by_role("button", name="添加一行").click()
    expect(page.locator('.row-box[data-row^="parties."]')).to_have_count(2)
    expect(page.locator('[name="parties.1.kind"]')).to_be_focused()
    expect(page.get_by_label("案由")).to_have_value("输入到一半的案由")
    expect(page.locator('[name="parties.0.name"]')).to_have_value("甲公司")
    page.locator('.row-box[data-row="parties.0"]').get_by_role("button", name="删除").click()
    expect(page.locator('.row-box[data-row^="parties."]')).to_have_count(1)
    expect(page.locator('[name="parties.0.name"]')).to_have_value("")
    page.context.close()


def test_rows_work_without_script(live: LiveSite, chromium: Browser) -> None:
    page = logged_in(live, chromium, "officer1", java_script_enabled=False, **LOOKS["wide light"])
    page.goto("/cases/new?process=penalty")
    page.get_by_label("案由").fill("没有脚本也行")
    page.locator("#f-parties").get_by_role("button", name="添加一行").click()
    expect(page.locator('.row-box[data-row^="parties."]')).to_have_count(2)
    expect(page.get_by_label("案由")).to_have_value("没有脚本也行")
    page.context.close()


def test_enter_in_a_field_does_not_send_an_official_step(live: LiveSite, chromium: Browser) -> None:
    page = logged_in(live, chromium, "officer1", **LOOKS["wide light"])
    page.goto("/cases/new?process=penalty")
    page.get_by_label("案由").fill("回车")
    page.get_by_label("案由").press("Enter")
    page.wait_for_timeout(200)
    assert page.url.endswith("/cases/new?process=penalty")
    page.context.close()


def test_the_language_of_a_page_can_be_changed_and_stays(live: LiveSite, chromium: Browser) -> None:
    page = logged_in(live, chromium, "officer1", **LOOKS["wide light"])
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Desk")
    page.goto("/cases/new?process=penalty")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter a lead")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登记案件线索")
    page.context.close()


def test_light_and_dark_can_be_chosen_whatever_the_machine_says(live: LiveSite, chromium: Browser) -> None:
    page = logged_in(live, chromium, "officer1", **LOOKS["wide dark"])
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="浅色").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "light"
    page.goto("/cases")
    assert page.locator("html").get_attribute("data-bs-theme") == "light"
    page.context.close()


def test_a_matter_is_found_by_its_article_or_its_words(live: LiveSite, chromium: Browser) -> None:
    page = logged_in(live, chromium, "officer1", **LOOKS["wide light"])
    page.goto("/cases/new?process=penalty")
    select = page.locator("#f-matters-0-matter_code")
    every = select.locator("option").count()
    search = page.locator("#f-matters-0-matter_code-search")
    search.fill("九十七条第七项")
    expect(select.locator("option:not([value=''])")).to_have_count(1)
    search.fill("烟花爆竹 许可")
    assert 1 < select.locator("option").count() < every
    search.fill("没有这样的违法行为")
    expect(page.locator("#f-matters-0-matter_code-found")).to_have_text("没有相符的选项")
    search.fill("特种作业")
    search.press("ArrowDown")
    assert select.input_value().startswith("CF-")
    search.fill("")
    expect(select.locator("option")).to_have_count(every)
    assert select.input_value().startswith("CF-")  # what was chosen stays
    page.context.close()
