"""Forms with help from script: a long select that is searched in, a long list of points that is filled at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LiveSite
from tests.browser.test_pages import logged_in

pytestmark = pytest.mark.browser


def test_a_matter_is_found_by_its_article_or_its_words(live: LiveSite, chromium: Browser) -> None:
    page = logged_in(live, chromium, "officer1")
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
