"""Forms with help from script: a long select that is searched in, a long list of points that is filled at once."""

from __future__ import annotations

from itertools import takewhile

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LiveSite
from tests.browser.test_pages import CASES, complaints, logged_in
from workflows import play
from workflows.documents.fonts import Fonts

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


def test_points_are_short_and_the_rest_passes_at_a_press(live: LiveSite, chromium: Browser) -> None:
    script = play.read(CASES / "yinzhou-welders.yaml")
    steps = list(takewhile(lambda step: step.get("task") != "initial_review", script.steps))
    begun = play.Script(script.title, script.start, steps, {}, script.matters)
    play.Player(live.store, live.files, Fonts(), live.time).play(begun)
    page = logged_in(live, chromium, "legal1", viewport={"width": 1400, "height": 900})
    page.locator("td.step a").first.click()
    claim = page.get_by_role("button", name="认领", exact=True)
    if claim.count():
        claim.click()
    points = page.locator(".row-judged")
    expect(points).to_have_count(11)
    assert (page.locator("#f-findings").bounding_box() or {"height": 9999})["height"] < 1000
    points.nth(2).locator("input[value=defect]").check()
    expect(points.nth(2).locator("textarea")).to_be_visible()
    page.get_by_role("button", name="其余全部合格").click()
    expect(page.locator(".row-judged input[value=pass]:checked")).to_have_count(10)
    expect(points.nth(2).locator("input[value=defect]")).to_be_checked()
    points.nth(2).locator("input[value=pass]").check()
    expect(points.nth(2).locator("textarea")).to_be_hidden()
    assert complaints(page) == []
