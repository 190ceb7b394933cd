"""Decision tables, forms and process.yaml of a draft are edited in their editors."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Studio, saved
from workflows.engine.tables import read_tables

pytestmark = pytest.mark.browser

TABLE = "collective_required.dmn"
FORM = "forms/check_completeness.form"
WRONG_GATE = b"gates: [{element: initial_review, gate: G99}]"
LATIN = re.compile(r"[A-Za-z]{3,}")


def components(data: bytes) -> dict[str, dict[str, Any]]:
    """The fields of a saved form, by key."""
    return {one["key"]: one for one in json.loads(data)["components"] if "key" in one}


def test_a_cell_of_a_decision_table_is_edited_saved_and_undone(studio: Studio) -> None:
    page, draft = studio.edit("penalty", TABLE)
    before = draft.files[TABLE]
    page.get_by_role("button", name="保存", exact=True).click()
    saved(page)
    assert draft.revision(TABLE) == 1  # what was only looked at is not written anew
    cell = page.locator(".cell", has_text=">= 50000")
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(">= 80000")
    page.locator(".decision-table-name").click()
    saved(page)
    assert b"&gt;= 80000" in draft.files[TABLE]
    assert read_tables(draft.files[TABLE], TABLE)
    page.locator('[data-do="undo"]').click()
    expect(page.locator(".cell", has_text="80000")).to_have_count(0)
    saved(page)
    assert draft.files[TABLE] == before


def test_what_is_typed_into_a_cell_letter_by_letter_is_undone_in_one_step(studio: Studio) -> None:
    page, draft = studio.edit("penalty", TABLE)
    cell = page.locator("td.cell", has_text=">= 50000")
    for typed in ("9", "70"):  # each visit of the cell is a step of its own
        cell.click()
        page.keyboard.press("End")
        page.keyboard.type(typed, delay=450)
        page.locator(".decision-table-name").click()
        cell = page.locator("td.cell", has_text=">= 500009")
        expect(cell).to_be_visible()
    saved(page)
    assert b"&gt;= 50000970" in draft.files[TABLE]
    undo, redo = (page.locator(f'[data-do="{way}"]') for way in ("undo", "redo"))
    undo.click()
    expect(page.locator("td.cell", has_text=re.compile(r"^>= 500009\s*$"))).to_be_visible()
    redo.click()
    expect(page.locator("td.cell", has_text=re.compile(r"^>= 50000970\s*$"))).to_be_visible()
    for _ in range(2):
        undo.click()
    expect(page.locator("td.cell", has_text=re.compile(r"^>= 50000\s*$"))).to_be_visible()
    saved(page)
    assert b"500009" not in draft.files[TABLE]


def test_the_table_speaks_chinese(studio: Studio) -> None:
    page, _ = studio.edit("penalty", TABLE)
    expect(page.locator(".hit-policy .dms-input")).to_have_text("首条（FIRST）")
    seen = page.locator("th, .hit-policy label").all_inner_texts()
    page.locator(".rule-index").first.click(button="right")
    seen += page.locator(".context-menu .context-menu-group-entry").all_inner_texts()
    assert len(seen) > 10
    assert [text for text in seen if LATIN.search(text)] == []


def drag(page: Page, kind: str, target: str) -> None:
    """Drag a component from the palette onto the form."""
    source = page.locator(f'.fjs-palette-field[data-field-type="{kind}"]')
    source.hover()
    page.mouse.down()
    box = page.locator(target).last.bounding_box()
    assert box is not None
    for share in (0.2, 0.5, 0.9):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * share, steps=4)
    page.mouse.up()


def test_a_field_is_added_and_named_in_both_languages(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", FORM)
    drag(page, "textfield", ".fjs-drag-row-move, .fjs-layout-row")
    panel = page.locator(".fjs-properties-container")
    panel.get_by_text("基本信息").click()
    panel.locator("#bio-properties-panel-label").fill("复核意见编号")
    panel.locator("#bio-properties-panel-key").fill("second_number")
    english = panel.locator("#house-label-en")
    english.fill("Number of the second opinion")
    english.blur()
    panel.locator("#house-format").select_option("credit_code")
    saved(page)
    added = components(draft.files[FORM])["second_number"]
    assert added["type"] == "textfield"
    assert added["label"] == "复核意见编号"
    assert added["properties"] == {"label_en": "Number of the second opinion", "format": "credit_code"}
    before = components(studio.shipped["legal_review"].files[FORM])
    assert {key: components(draft.files[FORM])[key] for key in before} == before
    assert json.loads(draft.files[FORM])["exporter"] == {"name": "Camunda Modeler", "version": "5.36.0"}


def test_a_form_is_previewed_as_its_step_shows_it(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", FORM)
    steps = page.locator("[data-steps] option")
    expect(steps).to_have_text(["送审材料完备性审查（法制审核人员）", "全部字段"])
    page.get_by_role("button", name="预览").click()
    shown = page.locator("[data-preview]")
    expect(shown.get_by_label("说明")).to_be_visible()
    draft.save("process.yaml", draft.files["process.yaml"] + b"fields:\n  check_completeness: {note: hide}\n")
    page.reload()
    expect(steps).to_have_count(2)
    page.get_by_role("button", name="预览").click()
    expect(shown.get_by_role("group", name="材料是否齐全").or_(shown.get_by_text("材料是否齐全")).first).to_be_visible()
    expect(shown.get_by_label("说明")).to_have_count(0)
    page.locator("[data-steps]").select_option("")
    expect(shown.get_by_label("说明")).to_be_visible()


def test_the_form_editor_offers_what_the_server_draws_in_chinese(studio: Studio) -> None:
    page, _ = studio.edit("legal_review", FORM)
    fields = page.locator(".fjs-palette-field:visible")
    labels = fields.all_inner_texts()
    assert {"单行文本", "多行文本", "附件", "明细表", "单选"} <= {label.strip() for label in labels}
    for refused in ("html", "iframe", "image", "table", "expression"):
        expect(page.locator(f'.fjs-palette-field[data-field-type="{refused}"]:visible')).to_have_count(0)
    page.locator(".fjs-form-field", has_text="缺少的材料").first.click()
    panel = page.locator(".fjs-properties-container")
    labels += panel.locator(".bio-properties-panel-group-header-title, .bio-properties-panel-label").all_inner_texts()
    labels.append(page.locator(".fjs-palette-search").get_attribute("placeholder") or "")
    assert [text for text in labels if LATIN.search(text)] == []


def test_a_form_without_components_is_not_imported(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", FORM)
    page.locator("[data-import]").set_input_files(
        {"name": "wrong.form", "mimeType": "application/json", "buffer": b'{"type": "default"}'})  # fmt: skip
    expect(page.locator(".studio-notice")).to_contain_text("没有导入。wrong.form：不是表单")
    expect(page.locator(".fjs-form-field", has_text="缺少的材料").first).to_be_visible()
    assert draft.revision(FORM) == 1


def test_lines_of_the_description_carry_what_was_found_in_them(studio: Studio) -> None:
    draft = studio.begin("legal_review")
    draft.save("process.yaml", draft.files["process.yaml"].replace(b"gates: []", WRONG_GATE))
    page = studio.open(draft, "process.yaml")
    text = page.get_by_role("textbox", name="process.yaml")
    text.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# 改过的\n")
    saved(page)
    assert draft.text("process.yaml").startswith("# 改过的\nkey: legal_review\n")
    expect(page.locator(".studio-line-error")).to_have_text("7")
    page.locator(".studio-findings").get_by_role("button", name=re.compile("G99")).click()
    expect(text).to_be_focused()
    chosen = text.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert chosen == "gates: [{element: initial_review, gate: G99}]  # 只能增加，不能取消法定条件"


def test_the_tabulator_indents_until_the_person_wants_to_leave(studio: Studio) -> None:
    page, draft = studio.edit("legal_review", "process.yaml")
    text = page.get_by_role("textbox", name="process.yaml")
    text.focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Tab")
    assert text.evaluate("area => area.value").startswith("  key:")
    page.keyboard.press("Control+z")
    assert text.evaluate("area => area.value").startswith("key:")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(text).not_to_be_focused()
    saved(page)
    assert draft.files["process.yaml"] == studio.shipped["legal_review"].files["process.yaml"]
