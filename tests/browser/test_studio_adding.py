"""New forms and decision tables are made in the browser: where a step chooses one, and on the page of the draft."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.studio import Studio, ready, saved
from workflows.engine.tables import read_tables

pytestmark = pytest.mark.browser

STEP, TABLE_STEP = "approve_filing", "route"


def test_a_step_is_given_a_new_form_and_a_table_without_touching_a_file(studio: Studio) -> None:
    with studio.quiet():
        draft, page = studio.begin("penalty"), studio.page()
        page.goto(f"{draft.editor('penalty.bpmn')}#{STEP}")
        ready(page)
        page.get_by_role("button", name="新建表单……").click()
        dialog = page.get_by_role("dialog", name="新建表单")
        name = dialog.get_by_label("名称")
        expect(name).to_be_focused()
        expect(name).to_have_value("")  # a form is called as the step already
        for wrong, why in (("第二意见", "应当以英文字母开头"), ("lead", "草稿中已有文件")):
            name.fill(wrong)
            dialog.get_by_role("button", name="新建").click()
            expect(dialog.get_by_role("alert")).to_contain_text(why)
            expect(name).to_have_value(wrong)
        name.fill("second_look")
        name.press("Enter")
        expect(dialog).to_have_count(0)
        expect(page.locator("select#bio-properties-panel-house-form")).to_have_value("second_look")
        saved(page)
        assert json.loads(draft.text("forms/second_look.form"))["id"] == "second_look"
        assert 'camunda:formKey="second_look"' in draft.text("penalty.bpmn")
        assert page.locator('[data-file-link="forms/second_look.form"]').count() == 1

        page.goto("about:blank")
        page.goto(f"{draft.editor('penalty.bpmn')}#{TABLE_STEP}")
        ready(page)
        page.get_by_role("button", name="新建决策表……").click()
        dialog = page.get_by_role("dialog", name="新建决策表")
        dialog.get_by_label("名称", exact=True).fill("heavy_fine")
        dialog.get_by_label("中文名称").fill("是否重罚")
        dialog.get_by_role("button", name="新建").click()
        expect(page.locator("select#bio-properties-panel-house-decision")).to_have_value("heavy_fine")
        saved(page)
        assert read_tables(draft.files["heavy_fine.dmn"], "heavy_fine.dmn")["heavy_fine"].name == "是否重罚"
        page.get_by_role("link", name="编辑此决策表").click()
        ready(page)
        expect(page.locator(".decision-table-name")).to_have_text("是否重罚")


def test_a_form_is_made_and_copied_on_the_page_of_a_draft(studio: Studio) -> None:
    with studio.quiet():
        draft = studio.begin("penalty")
        page = studio.page()
        page.goto(draft.address)
        page.get_by_text("新建表单").first.click()
        page.locator("#name-form").fill("second_look")
        page.get_by_role("button", name="新建表单").click()
        page.wait_for_url("**/edit/form/second_look.form")
        ready(page)
        expect(page.locator(".fjs-form-field-textarea")).to_have_count(1)
        page.goto(draft.address)
        page.get_by_role("row", name=re.compile("collective_required")).get_by_text("更多").click()
        page.get_by_label("副本名称").locator("visible=true").fill("by_amount")
        page.get_by_role("button", name="复制").locator("visible=true").click()
        page.wait_for_url("**/edit/decision/by_amount.dmn")
        ready(page)
        assert read_tables(draft.files["by_amount.dmn"], "by_amount.dmn")["by_amount"].name == "是否须集体讨论"
