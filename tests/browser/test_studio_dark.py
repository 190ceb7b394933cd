"""The editors and the drawings in the dark: nothing stays a white sheet, and what is drawn can be read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Studio, ready
from tests.browser.test_pages import complaints
from tests.diagrams.test_calling_path import unanswered

pytestmark = pytest.mark.browser

LIGHTNESS = """one => {
  const parts = (colour) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const style = getComputedStyle(one);
  return { fill: light(parts(style.fill)), stroke: light(parts(style.stroke)), ink: light(parts(style.color)),
           ground: parts(style.backgroundColor)[3] ? light(parts(style.backgroundColor)) : null };
}"""
"""How light the colours of an element are, as WCAG counts it: 0 black, 1 white; null for a ground that is not there."""
DARK = 0.06


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def dark(page: Page, *selectors: str) -> None:
    """Each of these is there, and has a dark ground."""
    for selector in selectors:
        ground = page.locator(selector).first.evaluate(LIGHTNESS)["ground"]
        assert ground is not None, selector
        assert ground < DARK, (selector, ground)


def drawn(page: Page, step: str) -> None:
    """A step of a drawing: its sheet is dark, its line and its name stand out."""
    shape = page.locator(f'[data-element-id="{step}"] .djs-visual > :nth-child(1)').last.evaluate(LIGHTNESS)
    name = page.locator(f'[data-element-id="{step}"] .djs-visual text').last.evaluate(LIGHTNESS)
    assert shape["fill"] < DARK
    assert contrast(shape["stroke"], shape["fill"]) > 3
    assert contrast(name["fill"], shape["fill"]) > 7


def opened(studio: Studio, key: str, path: str) -> Page:
    draft = studio.begin(key)
    page = studio.page()
    page.emulate_media(color_scheme="dark")
    page.goto(draft.editor(path))
    ready(page)
    return page


def test_the_editor_of_the_diagram_is_dark_with_all_that_opens_in_it(studio: Studio) -> None:
    with studio.quiet():
        page = opened(studio, "legal_review", "legal_review.bpmn")
        drawn(page, "initial_review")
        page.locator('[data-element-id="initial_review"]').first.click(force=True)
        expect(page.locator(".djs-context-pad.open .entry").first).to_be_visible()
        dark(page, ".studio-canvas", ".studio-panel", ".djs-palette", ".djs-context-pad .entry",
             ".bio-properties-panel-header", ".bio-properties-panel-group", ".bio-properties-panel-input")  # fmt: skip
        page.locator('.djs-context-pad [data-action="replace"]').click()
        dark(page, ".djs-popup", ".djs-popup .entry.selected")
        page.keyboard.press("Escape")
        expect(page.locator(".djs-popup")).to_have_count(0)
        page.locator('[data-element-id="initial_review"]').first.dblclick(force=True)
        dark(page, ".djs-direct-editing-parent")
        page.keyboard.press("Escape")
        assert complaints(page) == []


def test_a_drawing_from_the_dark_is_saved_in_colours_of_paper(studio: Studio) -> None:
    page = opened(studio, "legal_review", "legal_review.bpmn")
    with page.expect_download() as begun:
        page.locator('[data-do="svg"]').click()
    svg = begun.value.path().read_text(encoding="utf-8")
    assert "#22252b" in svg
    assert "var(--" not in svg


def test_the_editor_of_a_decision_table_is_dark(studio: Studio) -> None:
    with studio.quiet():
        page = opened(studio, "penalty", "collective_required.dmn")
        dark(page, ".studio-canvas")
        cell = page.locator("td.cell", has_text=">= 50000").evaluate(LIGHTNESS)
        assert contrast(cell["ink"], 0.015) > 7
        page.locator(".rule-index").first.click(button="right")
        dark(page, ".context-menu")
        assert complaints(page) == []


def test_the_editor_of_a_form_is_dark(studio: Studio) -> None:
    with studio.quiet():
        page = opened(studio, "legal_review", "forms/check_completeness.form")
        page.locator(".fjs-element").nth(1).click()
        dark(page, ".studio-canvas", ".fjs-palette-container", ".fjs-palette-field", ".bio-properties-panel-group")
        field = page.locator(".fjs-form-field-label").first.evaluate(LIGHTNESS)
        assert contrast(field["ink"], 0.015) > 7
        assert complaints(page) == []


def test_the_path_of_a_finding_is_drawn_dark_and_stands_out(studio: Studio) -> None:
    draft = studio.begin("legal_review")
    draft.save("legal_review.bpmn", unanswered())
    with studio.quiet():
        page = studio.page()
        page.emulate_media(color_scheme="dark")
        page.goto(f"{draft.address}/path?code=statutory.review_before_decision&process=penalty&element=sign_decision")
        expect(page.locator("[data-diagram-state=shown]")).to_have_count(3)
        dark(page, ".diagram-canvas")
        drawn(page, "counsel_review")
        lit = page.locator(".studio-on-path:not(.djs-connection) .djs-visual > :nth-child(1)").first.evaluate(LIGHTNESS)
        assert contrast(lit["stroke"], lit["fill"]) > 4.5


def test_a_comparison_is_drawn_dark_and_its_marks_stand_out(studio: Studio) -> None:
    draft = studio.begin("legal_review")
    text = draft.files["legal_review.bpmn"].replace('name="法规初审"'.encode(), 'name="初审"'.encode())
    draft.save("legal_review.bpmn", text)
    with studio.quiet():
        page = studio.page()
        page.emulate_media(color_scheme="dark")
        page.goto(f"/studio/processes/legal_review/compare?old=v1&new=draft-{draft.id}")
        expect(page.locator("[data-diagram-state=shown]:visible")).to_be_visible()
        dark(page, ".diagram-canvas")
        drawn(page, "counsel_review")
        mark = page.locator(".step-changed .djs-visual > :nth-child(1)").last.evaluate(LIGHTNESS)
        assert contrast(mark["stroke"], mark["fill"]) > 4.5
