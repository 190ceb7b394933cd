"""In Chinese the panels of the editors say nothing in English: every group is opened, of every kind of thing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Studio

pytestmark = pytest.mark.browser

OPEN = """() => document.querySelectorAll(
  '.bio-properties-panel-group-header:not(.open), .bio-properties-panel-collapsible-entry-header:not(.open)'
).forEach((one) => { if (!one.closest('.bio-properties-panel-group-header.open')) one.click(); })"""
TEXTS = """root => {
  const found = [];
  const own = 'textarea, input, [contenteditable="true"], .cm-editor, option[value], .studio-several li, code, '
    + '.bio-properties-panel-header-label, .bio-properties-panel-collapsible-entry-header-title';
  const walker = document.createTreeWalker(
    document.querySelector(root), NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.parentElement.closest(own + ', style')) found.push(node.nodeValue.trim());
    } else {
      for (const name of ['title', 'placeholder', 'aria-label']) {
        if (node.getAttribute(name)) found.push(node.getAttribute(name));
      }
    }
  }
  return found;
}"""
"""All that stands below an element, but for what a person wrote there."""
TECHNICAL = re.compile(r"FEEL|FIRST|UNIQUE|JSON|ISO|HTML|PDF|UTC|MB|QName|process\.yaml|BPMN\.iO|bpmn\.io|"
                       r"[\w.]+\.(?:form|dmn|bpmn)|\$\{[^}]*\}|[a-z]+_[a-z_]+")  # fmt: skip
LATIN = re.compile(r"[A-Za-z]{3,}")
FORMS = ("legal_review/forms/check_completeness.form", "penalty/forms/record_statement.form")


def english(page: Page, root: str) -> set[str]:
    """The texts below an element in which a Latin word stands that is no name."""
    return {text for text in page.evaluate(TEXTS, root) if LATIN.search(TECHNICAL.sub("", text))}


@pytest.mark.parametrize("form", FORMS)
def test_every_setting_of_every_field_of_a_form_is_chinese(studio: Studio, form: str) -> None:
    key, _, path = form.partition("/")
    page, _ = studio.edit(key, path)
    said = english(page, ".fjs-palette-container")
    ids = page.evaluate("globalThis.studio.form.get('formFieldRegistry').getAll().map((one) => one.id)")
    for id in ids:
        page.evaluate("id => { const form = globalThis.studio.form;"
                      " form.get('selection').set(form.get('formFieldRegistry').get(id)); }", id)  # fmt: skip
        page.evaluate(OPEN)
        page.wait_for_timeout(100)
        said |= english(page, ".fjs-properties-container")
    assert len(ids) > 3
    assert not said, "\n".join(sorted(said))


def test_a_setting_that_breaks_a_rule_is_told_in_chinese(studio: Studio) -> None:
    page, _ = studio.edit("legal_review", "forms/check_completeness.form")
    page.evaluate("() => { const form = globalThis.studio.form;"
                  " const keyed = form.get('formFieldRegistry').getAll().filter((one) => one.key);"
                  " form.get('selection').set(keyed[0]); globalThis.other = keyed[1].key; }")  # fmt: skip
    page.evaluate(OPEN)
    key = page.locator("#bio-properties-panel-key")
    for text in ("a b", "", page.evaluate("globalThis.other")):
        key.fill(text)
        error = page.locator(".bio-properties-panel-error").first
        expect(error).to_be_visible()
        assert not LATIN.search(error.inner_text()), error.inner_text()


def test_every_setting_of_every_kind_of_element_is_chinese(studio: Studio) -> None:
    page, _ = studio.edit("penalty", "penalty.bpmn")
    ids = page.evaluate("Object.values(Object.fromEntries(globalThis.studio.modeler.get('elementRegistry')"
                        ".filter((one) => one.type !== 'label').map((one) => [one.type, one.id])))")  # fmt: skip
    said: set[str] = set()
    for id in ids:
        page.evaluate("id => { const modeler = globalThis.studio.modeler;"
                      " modeler.get('selection').select(modeler.get('elementRegistry').get(id)); }", id)  # fmt: skip
        page.evaluate(OPEN)
        page.wait_for_timeout(100)
        said |= english(page, ".studio-panel")
    assert len(ids) > 8
    assert not said, "\n".join(sorted(said))


def test_the_menus_and_settings_of_a_decision_table_are_chinese(studio: Studio) -> None:
    page, _ = studio.edit("penalty", "collective_required.dmn")
    said = english(page, ".hit-policy")
    for head in page.locator("th.input-cell, th.output-cell").all()[:7:6]:
        head.dblclick()
        page.wait_for_timeout(100)
        menu = page.locator(".context-menu, .dms-popup-menu, .input-edit, .output-edit")
        if menu.count():
            said |= {text for text in menu.first.locator("label, h3, p, [title]").all_inner_texts()
                     if LATIN.search(TECHNICAL.sub("", text))}  # fmt: skip
        page.keyboard.press("Escape")
    for place in (".rule-index", "th.input-cell", "th.output-cell"):
        page.locator(place).first.click(button="right")
        said |= english(page, ".context-menu")
        page.keyboard.press("Escape")
    assert not said, "\n".join(sorted(said))
