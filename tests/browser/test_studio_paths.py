"""A finding in the diagram of a calling process is played there, in Chromium, from the editor's list."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.studio import WAIT, Studio, ready
from tests.diagrams.test_calling_path import unanswered

pytestmark = pytest.mark.browser


def test_from_the_list_of_the_editor_the_path_is_played_in_the_calling_process(studio: Studio) -> None:
    draft = studio.begin("legal_review")
    draft.save("legal_review.bpmn", unanswered())
    page = studio.open(draft, "legal_review.bpmn")
    ready(page)
    row = page.locator(".studio-finding", has_text="《行政处罚法》第五十八条").first
    expect(row).to_contain_text("在调用本流程的“行政处罚普通程序”的流程图中", timeout=WAIT)
    row.get_by_role("button", name="播放本流程图中的路段").click()
    expect(page.locator(".studio-path-step")).to_contain_text("送审")
    row.get_by_role("button", name="在“行政处罚普通程序”的流程图中播放路径").click()
    page.wait_for_url("**/path?**")
    figures = page.locator("[data-path-diagram]")
    expect(figures.first).to_have_attribute("data-diagram-state", "shown", timeout=WAIT)
    expect(figures.first.locator(".studio-path-step")).to_contain_text("线索受理", timeout=WAIT)
    last = figures.last
    last.get_by_role("button", name="播放这一段").click()
    expect(last.locator(".studio-path-step")).to_contain_text("签发决定", timeout=WAIT)
    expect(last.locator(".studio-on-path").first).to_be_attached()
