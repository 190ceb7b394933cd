"""A draft is tried in Chromium, the trial kept as a test, and the test stops the release until it is updated."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.drawing import Drawing
from tests.browser.studio import Draft, Studio, ready

pytestmark = pytest.mark.browser

MOVED = (' id="investigate"', 'sourceRef="investigate"', 'targetRef="investigate"', 'bpmnElement="investigate"',
         ">investigate<")  # fmt: skip


def another_step(draft: Draft) -> None:
    """The other administrator puts a step of another name in the place of the investigation."""
    text = draft.text("penalty.bpmn")
    for old in MOVED:
        assert old in text
        text = text.replace(old, old.replace("investigate", "inquire"))
    draft.save("penalty.bpmn", text.encode())
    draft.save("process.yaml", draft.text("process.yaml").replace("  investigate:", "  inquire:").encode())


def ask_release(page: Page, draft: Draft) -> None:
    page.goto(draft.address)
    page.get_by_label("发布原因").fill("调查环节改名")
    page.get_by_label("法律依据").fill("不涉及")
    page.get_by_role("button", name="申请发布").click()


def test_a_trial_becomes_a_test_that_runs_when_a_release_is_asked_for(studio: Studio) -> None:
    draft, page = studio.begin("penalty"), studio.page()
    page.goto(draft.address)
    page.get_by_role("link", name="试运行").click()
    page.get_by_label("名称").fill("立案")
    page.get_by_role("button", name="开始", exact=True).click()
    for step in ("线索受理", "立案审批"):
        expect(page.locator("#answer h2")).to_have_text(step)
        page.get_by_role("button", name="办结这一步").click()
    expect(page.locator("#answer h2")).to_have_text("调查取证")
    expect(page.locator(".step-badge-current")).to_contain_text("当前")
    page.get_by_role("button", name="录制", exact=True).click()
    expect(page.locator(".message-success")).to_contain_text("已录制为测试“立案”")
    tests = page.get_by_role("region", name="测试")
    page.get_by_role("button", name="运行全部测试").click()
    expect(tests.locator(".state")).to_have_text("通过")

    another_step(draft)
    ask_release(page, draft)
    expect(page.locator("#trouble")).to_contain_text("测试“立案”第2步“立案审批”之后走向不同")
    page.get_by_role("link", name="试运行").click()
    expect(tests.locator(".state")).to_have_text("未通过")
    tests.locator("summary", has_text="更多").click()
    tests.get_by_label("更新理由").fill("环节改名")
    tests.get_by_role("button", name="按现在的走向更新").click()
    expect(tests).to_contain_text("更新：环节改名")
    ask_release(page, draft)
    expect(page.locator(".message-success")).to_contain_text("等待其他系统管理员审批")


def test_from_an_editor_one_tries_what_was_just_changed_and_comes_back(studio: Studio) -> None:
    page, draft = studio.edit("penalty", "penalty.bpmn")
    Drawing(page).name("investigate", "调查和取证")
    page.get_by_role("link", name="试运行").click()
    page.wait_for_url("**/try?editor=penalty.bpmn")  # without a question: what was typed got there first
    assert 'name="调查和取证"' in draft.text("penalty.bpmn")
    page.get_by_role("button", name="开始", exact=True).click()
    expect(page.locator("#answer h2")).to_have_text("线索受理")
    page.get_by_role("button", name="办结这一步").click()
    expect(page.locator("#answer h2")).to_have_text("立案审批")
    page.get_by_role("link", name="返回编辑“流程图”").click()
    ready(page)
    expect(page.locator(".djs-label", has_text="调查和取证")).to_be_visible()
    page.goto(draft.editor("forms/approve_filing.form"))
    ready(page)
    page.get_by_role("link", name="试运行").click()
    page.get_by_role("link", name=re.compile("返回编辑.*立案审批")).click()
    ready(page)
    assert page.url.endswith("/edit/form/approve_filing.form")
