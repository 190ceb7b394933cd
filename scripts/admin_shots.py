"""The pictures of the administrator's guide, one row each, over the processes that `studio.prepare` sets in motion."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from scripts.shots import Shot, at
from scripts.stage import Stage

DIAGRAM = "/edit/diagram"


def draft(name: str, more: str = "") -> Callable[[Stage], str]:
    """The page of a draft, or one below it."""
    return lambda stage: f"/studio/drafts/{stage.studio[name]}{more}"


def release(name: str) -> Callable[[Stage], str]:
    """The page of a release."""
    return lambda stage: f"/studio/releases/{stage.studio[name]}"


def _ready(page: Page) -> None:
    expect(page.locator("[data-studio]")).to_have_attribute("data-studio-state", "ready")
    expect(page.locator(".studio-findings-count")).to_be_visible()


def _step(page: Page) -> None:
    _ready(page)
    page.locator('.djs-shape[data-element-id="initial_review"] .djs-hit').first.click()
    page.locator("#bio-properties-panel-house-act").wait_for()


def _path(page: Page) -> None:
    _ready(page)
    page.locator(".studio-finding-play").first.click()
    page.get_by_role("button", name="下一步").wait_for()
    page.wait_for_timeout(12_000)  # the path is played to its end
    page.locator(".studio-path").scroll_into_view_if_needed()


def _preview(page: Page) -> None:
    _ready(page)
    page.locator('[data-do="preview"]').click()
    page.locator("[data-preview] .fields").wait_for()


def _drawn(page: Page) -> None:
    page.locator("[data-diagram-state]").last.wait_for()
    page.wait_for_timeout(500)


def _difference(page: Page) -> None:
    _drawn(page)
    page.locator(".section-title").evaluate("(part) => part.scrollIntoView()")


def _asking(page: Page) -> None:
    page.locator("#reason").fill("提高提交集体讨论的数额标准，与省裁量基准一致。")
    page.locator("#legal_basis").fill("《行政处罚法》第五十七条第二款；省应急管理行政处罚裁量基准。")
    page.locator("#ask").scroll_into_view_if_needed()


ADMIN_SHOTS = (
    Shot("studio", "admin2", at("/studio"), height=760),
    Shot("draft", "admin", draft("begun"), height=900),
    Shot("diagram", "admin2", draft("waiting", DIAGRAM), _step, height=860),
    Shot("findings", "admin", draft("begun", DIAGRAM), _path, height=900),
    Shot("table", "admin", draft("begun", "/edit/decision/collective_required.dmn"), _ready, height=640),
    Shot("form", "admin", draft("begun", "/edit/form/lead.form"), _ready, height=860),
    Shot("preview", "admin", draft("begun", "/edit/form/lead.form"), _preview, height=860),
    Shot("ask", "admin", draft("begun"), _asking, height=820),
    Shot("release", "admin2", release("asked"), _drawn, height=820),
    Shot("difference", "admin2", release("asked"), _difference, height=860),
    Shot("versions", "admin", at("/studio/processes/collective_decision"), height=720),
    Shot("new", "admin", at("/studio/drafts/new"), height=640),
)
