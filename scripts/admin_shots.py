"""The pictures of the administrator's guide, one row each, over what `studio` and `rehearsed` set in motion."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from scripts.rehearsed import taken_back
from scripts.shots import Shot, at
from scripts.stage import Stage
from workflows.actors import Unit

DIAGRAM = "/edit/diagram"


def draft(name: str, more: str = "") -> Callable[[Stage], str]:
    """The page of a draft, or one below it."""
    return lambda stage: f"/studio/drafts/{stage.studio[name]}{more}"


def release(name: str) -> Callable[[Stage], str]:
    """The page of a release."""
    return lambda stage: f"/studio/releases/{stage.studio[name]}"


def person(login: str) -> Callable[[Stage], str]:
    """The administrators' page of somebody."""
    return lambda stage: f"/house/people/{stage.actor(login).person_id}"


def made(name: str, place: str) -> Callable[[Stage], str]:
    """The page of something that was set in motion, by its name in stage.studio."""
    return lambda stage: f"/studio/{place}/{stage.studio[name]}"


def _bureau(stage: Stage) -> str:
    with stage.site.store.read() as session:
        return session.scalars(select(Unit.id).where(Unit.name == "衢州市应急管理局(演示)")).one()


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
    expect(page.locator(".studio-path-step")).to_have_text(re.compile(r"第 (\d+) 步，共 \1 步"), timeout=120_000)
    page.locator(".studio-path").scroll_into_view_if_needed()


def _preview(page: Page) -> None:
    _ready(page)
    page.locator('[data-do="preview"]').click()
    page.locator("[data-preview] .fields").first.wait_for()


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


def _top(selector: str) -> Callable[[Page], None]:
    """Begin the picture at a part of the page."""
    return lambda page: page.locator(selector).first.evaluate("(part) => part.scrollIntoView()")


def _figures(page: Page) -> None:
    _drawn(page)
    page.locator(".tabs").evaluate("(part) => part.scrollIntoView()")


def _opened(page: Page) -> None:
    page.locator("details", has_text="任命新的职务").locator("summary").first.click()


def _suspending(page: Page) -> None:
    page.locator("details.more", has_text="集体讨论").locator("summary").click()


def _look(page: Page) -> None:
    """Two days of a coming holiday, and what their change would move."""
    for day in ("2026-12-31", "2026-12-30"):
        page.locator(f'label.day:has(input[value="{day}"]) input').check()
    page.locator("#days-becomes").select_option("off")
    page.locator("#days-reason").fill("国务院办公厅关于节假日安排的通知")
    page.locator("#change-title ~ .inline-form .btn-primary").click()
    page.locator("#look").wait_for()


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
    Shot("try", "admin", made("played", "tries"), height=900),
    Shot("tests", "admin", draft("waiting", "/try"), height=660),
    Shot("replay", "admin", made("replay", "replays"), height=620),
    Shot("migrated", "admin2", made("migration", "migrations"), height=760),
    Shot("running", "admin", at("/operations/processes/legal_review/1"), _figures, height=860),
    Shot("days", "admin", at("/operations/processes/legal_review/1?view=days"), _figures, height=900),
    Shot("stuck", "admin", at("/operations/stuck?kind=overdue"), height=420),
    Shot("suspend", "admin", at("/operations/processes"), _suspending, height=900),
    Shot("people", "secadmin", at("/house/people"), height=640),
    Shot("person", "secadmin", person("officer1"), _opened, height=820),
    Shot("sessions", "secadmin", at("/house/sessions"), height=480),
    Shot("calendar", "admin", at("/house/calendar?year=2026"), _look, height=760),
    Shot("rules", "admin", at("/house/rules"), height=560),
    Shot("papers", "admin", lambda stage: f"/house/papers/bureaus/{_bureau(stage)}", height=700),
    Shot("settings", "admin", at("/house/settings"), height=640),
    Shot("ledger", "auditor", at("/house/ledger?stream=bureau"), height=640),
    Shot("migrate", "admin", taken_back, height=760),
)
