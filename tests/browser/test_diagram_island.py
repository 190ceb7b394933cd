"""The read-only diagram works in a real browser under the content policy of every page, and fails into words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from webapp.assets import DIST
from webapp.security import content_policy

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
SITE = "http://fashen.test"
WAIT = 60_000
"""Milliseconds; a limit for hanging, not an expectation."""

TYPES = {".js": "text/javascript", ".css": "text/css", ".bpmn": "application/xml"}


def page_of(diagram: str) -> str:
    manifest = json.loads((DIST / "manifest.json").read_text())
    return f"""<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>案件</title>
        <link rel="stylesheet" href="/dist/{manifest["desk.css"]}">
        <link rel="stylesheet" href="/dist/{manifest["diagram.css"]}">
        <script type="module" src="/dist/{manifest["diagram.js"]}"></script></head><body><main>
        <figure data-diagram="/{diagram}" data-label="办案流程图" data-current="decide" data-done="start review"
          data-text-current="当前" data-text-done="已完成" data-text-zoom-in="放大" data-text-zoom-out="缩小"
          data-text-fit="适合窗口" data-text-failed="流程图暂时无法显示"><ol><li>当前：领导集体决策</li></ol></figure>
        </main></body></html>"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a site that exists only here, with our own policy; what the policy refuses fails the test."""
    page = chromium.new_page(viewport={"width": 1200, "height": 800})
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE).partition("?")[0]
        if path.endswith(".html"):
            headers = {"Content-Type": "text/html", "Content-Security-Policy": content_policy()}
            route.fulfill(body=page_of(path[1:].removesuffix(".html")), headers=headers)
            return
        file = DIST / path.removeprefix("/dist/") if path.startswith("/dist/") else HERE / "data" / path[1:]
        if file.is_file():
            route.fulfill(body=file.read_bytes(), headers={"Content-Type": TYPES[file.suffix]})
        else:
            route.fulfill(status=404, body="")

    page.route(f"{SITE}/**", answer)
    yield page
    page.close()
    assert refused == []


def test_done_and_current_steps_are_marked_in_the_drawing(page: Page) -> None:
    page.goto(f"{SITE}/two_steps.bpmn.html", timeout=WAIT)
    expect(page.locator("figure")).to_have_attribute("data-diagram-state", "shown", timeout=WAIT)
    assert page.get_by_role("group", name="办案流程图").is_visible()
    assert page.locator(".step-current").get_attribute("data-element-id") == "decide"
    done = page.locator(".step-done").evaluate_all("all => all.map(one => one.dataset.elementId)")
    assert sorted(done) == ["review", "start"]
    assert "▶ 当前" in page.locator(".step-badge-current").all_inner_texts()
    assert page.locator(".djs-label").all_text_contents() == ["法规初审", "领导集体决策"]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_what_is_written_on_a_step_lies_on_top_of_the_drawing(page: Page, colours: str) -> None:
    page.goto(f"{SITE}/two_steps.bpmn.html", timeout=WAIT)
    page.evaluate("colours => { document.documentElement.dataset.bsTheme = colours; }", colours)
    expect(page.locator("figure")).to_have_attribute("data-diagram-state", "shown", timeout=WAIT)
    badge = page.locator(".step-badge-current").first
    on_top = badge.evaluate(
        "one => { const { x, y, width, height } = one.getBoundingClientRect();"
        " return document.elementFromPoint(x + width / 2, y + height / 2) === one; }"
    )
    assert on_top


def test_what_is_written_on_a_step_is_there_however_small_the_drawing(page: Page) -> None:
    page.goto(f"{SITE}/two_steps.bpmn.html", timeout=WAIT)
    expect(page.locator("figure")).to_have_attribute("data-diagram-state", "shown", timeout=WAIT)
    for _ in range(8):
        page.get_by_role("button", name="缩小").click()
    expect(page.locator(".step-badge-current").first).to_be_visible()


def test_the_words_stay_for_readers_without_sight(page: Page) -> None:
    page.goto(f"{SITE}/two_steps.bpmn.html", timeout=WAIT)
    expect(page.locator("figure")).to_have_attribute("data-diagram-state", "shown", timeout=WAIT)
    words = page.locator("figure > ol")
    assert words.inner_text() == "当前：领导集体决策"
    assert "visually-hidden" in (words.get_attribute("class") or "")


def test_the_drawing_is_enlarged_by_buttons_with_names(page: Page) -> None:
    page.goto(f"{SITE}/two_steps.bpmn.html", timeout=WAIT)
    task = page.locator('[data-element-id="review"] .djs-visual rect').first
    expect(task).to_be_visible(timeout=WAIT)
    before = task.bounding_box()
    page.get_by_role("button", name="放大").click()
    enlarged = task.bounding_box()
    page.get_by_role("button", name="适合窗口").click()
    fitted = task.bounding_box()
    assert before is not None
    assert enlarged is not None
    assert fitted is not None
    assert enlarged["width"] > before["width"] * 1.2
    assert fitted["width"] == pytest.approx(before["width"], rel=0.01)


def test_a_diagram_that_can_not_be_had_leaves_the_words(page: Page) -> None:
    page.goto(f"{SITE}/missing.bpmn.html", timeout=WAIT)
    expect(page.locator("figure")).to_have_attribute("data-diagram-state", "failed", timeout=WAIT)
    assert page.get_by_role("status").inner_text() == "流程图暂时无法显示"
    assert page.locator("figure > ol").is_visible()


@pytest.mark.parametrize("width", [1200, 390])
def test_the_current_step_is_in_sight_at_first_and_after_another_width(page: Page, width: int) -> None:
    page.goto(f"{SITE}/two_steps.bpmn.html", timeout=WAIT)
    frame, step = page.locator(".diagram-canvas"), page.locator('[data-element-id="decide"] .djs-visual').first
    expect(step).to_be_visible(timeout=WAIT)
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_timeout(300)
    outer, inner = frame.bounding_box(), step.bounding_box()
    assert outer is not None
    assert inner is not None
    assert outer["x"] <= inner["x"] <= outer["x"] + outer["width"] - inner["width"]
    assert outer["y"] <= inner["y"] <= outer["y"] + outer["height"] - inner["height"]
