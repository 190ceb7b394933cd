"""Forms in Chromium: lists by keyboard and without script, fields on a condition, files that stay, what is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import select

from tests import paper
from tests.browser.conftest import LiveSite
from tests.browser.test_desk import person
from tests.browser.test_pages import LOOKS, logged_in
from tests.webapp.site import PDF
from workflows.cases.file import lock_case
from workflows.cases.materials import Material
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.store import new_id

pytestmark = pytest.mark.browser

PAPER: FilePayload = {"name": "照片说明.pdf", "mimeType": "application/pdf", "buffer": PDF}
NOTE: FilePayload = {"name": "说明.txt", "mimeType": "text/plain", "buffer": "说明".encode()}


@dataclass
class Drafting:
    """A case in which officer1 has the form with every kind of field before them."""

    live: LiveSite
    case_id: str

    def task(self, element: str) -> Task:
        wanted = select(Task).where(Task.case_id == self.case_id, Task.element_id == element)
        with self.live.store.read() as session:
            return session.execute(wanted).scalar_one()

    def page(self, chromium: Browser, login: str, element: str, **look: Any) -> Page:
        """The page of the step, taken by somebody."""
        task = self.task(element)
        if task.state == "open":
            execute(self.live.store, commands.claim_task, person(self.live, login), task.id, seen=task.version)
        page = logged_in(self.live, chromium, login, **(look or LOOKS["wide light"]))
        page.goto(f"/tasks/{task.id}")
        return page


@pytest.fixture
def drafting(shared_live: LiveSite) -> Drafting:
    """A case of its own for each test, on one server for all."""
    live = shared_live
    officer = person(live, "officer1")
    party = {"kind": "entity", "name": "鑫达附件厂", "id_number": "", "address": "演示路1号", "representative": "徐某"}
    lead = {"found_on": "2024-02-26", "conduct_on": "2024-02-26", "source": "inspection", "summary": "现场检查发现。",
            "parties": [party], "matters": [{"matter_code": "CF-AQF-097-1-07"}], "title": "焊工无证上岗作业案",
            "co_officer": person(live, "officer2").person_id}  # fmt: skip
    opened = execute(live.store, commands.open_case, officer, "penalty", lead, key=new_id())
    with live.store.work() as session:
        library.publish(session, paper.package(paper.ALL_RIGHTS, paper.ALL), person(live, "admin"), "试行")
        advance.start(session, lock_case(session, opened.case_id), "paper", {}, officer)
    return Drafting(live, opened.case_id)


def fill(page: Page) -> None:
    """All that is needed but the files."""
    page.get_by_label("标题").fill("移交清单")
    page.locator('[name="result"][value="keep"]').check()
    page.locator('[name="goods.0.name"]').fill("烟花")


def test_rows_come_and_go_by_keyboard_and_the_focus_stays_at_the_list(drafting: Drafting, chromium: Browser) -> None:
    page = drafting.page(chromium, "officer1", "draft")
    rows = page.locator('tr.row-box[data-row^="goods."]')
    expect(rows).to_have_count(1)
    page.locator('[name="goods.0.name"]').fill("烟花")
    for count in (2, 3):
        page.locator("#f-goods .row-add").focus()
        page.keyboard.press("Enter")
        expect(rows).to_have_count(count)
        expect(page.locator(f'[name="goods.{count - 1}.name"]')).to_be_focused()
        page.keyboard.type(f"第{count}种")
    expect(page.locator("#f-goods .row-add")).to_be_disabled()
    rows.nth(1).get_by_role("button", name="删除").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    expect(page.locator("#f-goods .row-add")).to_be_focused()
    assert [page.locator(f'[name="goods.{n}.name"]').input_value() for n in (0, 1)] == ["烟花", "第3种"]
    page.context.close()


def test_without_script_buttons_post_and_every_field_stays_in_sight(drafting: Drafting, chromium: Browser) -> None:
    page = drafting.page(chromium, "officer1", "draft", **LOOKS["wide light"], java_script_enabled=False)
    expect(page.get_by_label("移送机关")).to_be_visible()
    page.get_by_label("标题").fill("清单")
    page.locator("#f-goods .row-add").click()
    expect(page.locator('tr.row-box[data-row^="goods."]')).to_have_count(2)
    expect(page.get_by_label("标题")).to_have_value("清单")
    page.locator('tr.row-box[data-row="goods.1"]').get_by_role("button", name="删除").click()
    expect(page.locator('tr.row-box[data-row^="goods."]')).to_have_count(1)
    page.context.close()


def test_a_field_is_asked_for_when_its_condition_says_so(drafting: Drafting, chromium: Browser) -> None:
    page = drafting.page(chromium, "officer1", "draft")
    target, why = page.get_by_label("移送机关"), page.get_by_label("不签名的原因")
    expect(target).to_be_hidden()
    page.locator('[name="result"][value="move"]').check()
    expect(target).to_be_visible()
    target.fill("市公安局")
    page.locator("#f-people .row-add").click()
    expect(why).to_be_visible()
    page.locator('[name="people.0.name"]').fill("徐某")
    page.locator('[name="people.0.signs"]').check()
    expect(why).to_be_hidden()
    page.locator('[name="result"][value="keep"]').check()
    expect(target).to_be_hidden()
    fill(page)
    page.get_by_role("button", name="提交并办结").click()
    expect(page.locator(".message-success")).to_contain_text("已办结")
    answer = drafting.task("draft").answer or {}
    assert (answer["target"], answer["people"]) == (None, [{"name": "徐某", "signs": True, "why": None}])
    page.context.close()


def test_files_stay_through_an_error_can_be_left_out_and_end_in_the_case_file(
    drafting: Drafting, chromium: Browser
) -> None:
    page = drafting.page(chromium, "officer1", "draft")
    page.locator('[name="papers"]').set_input_files([PAPER, NOTE])
    page.get_by_role("button", name="提交并办结").click()
    trouble = page.locator(".trouble")
    expect(trouble).to_contain_text("不接受文件“说明.txt”")
    expect(trouble).to_contain_text("请填写“标题”")
    kept = page.locator('[name="papers.token"]')
    expect(kept).to_have_count(2)
    page.get_by_label("说明.txt").uncheck()
    fill(page)
    page.get_by_role("button", name="提交并办结").click()
    expect(page.locator(".message-success")).to_contain_text("已办结")
    with drafting.live.store.read() as session:
        found = session.execute(select(Material.file_name, Material.kind)).all()
    assert [tuple(row) for row in found] == [("照片说明.pdf", "evidence")]
    page.goto(f"/cases/{drafting.case_id}?tab=materials")
    expect(page.locator("main")).to_contain_text("照片说明.pdf")
    page.context.close()


def test_what_an_earlier_step_said_is_read_and_not_asked_again(drafting: Drafting, chromium: Browser) -> None:
    page = drafting.page(chromium, "officer1", "draft")
    fill(page)
    page.locator('[name="replies.0.said"]').fill("没有意见")
    page.get_by_role("button", name="提交并办结").click()
    expect(page.locator(".message-success")).to_contain_text("已办结")
    page.context.close()
    page = drafting.page(chromium, "legal1", "check")
    answer = page.locator("#answer")
    for told in ("移交清单", "留存", "烟花", "没有意见"):
        expect(answer).to_contain_text(told)
    assert answer.locator('[name="title"], [name^="goods"], [name="papers"], [name="replies.0.said"]').count() == 0
    expect(answer.locator('[name="replies.0.answer"]')).to_be_editable()
    expect(answer.get_by_text("移送机关")).to_have_count(0)
    page.context.close()
