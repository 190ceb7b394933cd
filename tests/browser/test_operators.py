"""Operators in Chromium: by typing, without script, on a phone. What each does stands in test_operators_in_use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.browser.conftest import LiveSite
from tests.browser.test_desk import person
from tests.browser.test_pages import LOOKS, logged_in
from tests.webapp.trial import start
from workflows.desk import commands
from workflows.desk.execute import execute
from workflows.desk.operators import handing
from workflows.desk.tasks import Task
from workflows.store import new_id

pytestmark = pytest.mark.browser


@dataclass
class Running:
    """A case whose check legal1 holds."""

    live: LiveSite
    case_id: str
    instance_id: str

    def task(self, element: str, kind: str = "step") -> Task:
        """What waits at an element."""
        wanted = select(Task).where(
            Task.instance_id == self.instance_id, Task.element_id == element, Task.kind == kind,
            Task.ended_at.is_(None),
        ).order_by(Task.created_at).limit(1)  # fmt: skip
        with self.live.store.read() as session:
            return session.execute(wanted).scalar_one()

    def do(self, login: str, command: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a command as somebody, with a key of its own."""
        return execute(self.live.store, command, person(self.live, login), *args, key=new_id(), **kwargs)

    def answer(self, login: str, element: str, kind: str = "step", **answer: str) -> None:
        """Take what waits there if need be, and complete it."""
        task = self.task(element, kind)
        if task.state == "open":
            execute(self.live.store, commands.claim_task, person(self.live, login), task.id, seen=task.version)
            task = self.task(element, kind)
        self.do(login, commands.complete_task, task.id, answer or {"opinion": "现场检查属实。"}, seen=task.version)


@pytest.fixture
def running(shared_live: LiveSite) -> Running:
    """A case of its own for each test, on one server for all."""
    return begun(shared_live)


def begun(live: LiveSite) -> Running:
    """A case whose check legal1 holds."""
    officer = person(live, "officer1")
    party = {"kind": "entity", "name": "鑫达附件厂", "id_number": "", "address": "演示路1号", "representative": "徐某"}
    lead = {"found_on": "2024-02-26", "conduct_on": "2024-02-26", "source": "inspection", "summary": "现场检查发现。",
            "parties": [party], "matters": [{"matter_code": "CF-AQF-097-1-07"}], "title": "焊工无证上岗作业案",
            "co_officer": person(live, "officer2").person_id}  # fmt: skip
    opened = execute(live.store, commands.open_case, officer, "penalty", lead, key=new_id())
    made = Running(live, opened.case_id, start(live.store, opened.case_id))
    made.answer("officer1", "draft")
    task = made.task("legal")
    execute(live.store, commands.claim_task, person(live, "legal1"), task.id, seen=task.version)
    return made


def test_who_fits_is_found_by_typing_and_the_words_typed_before_are_kept(running: Running, chromium: Browser) -> None:
    page = logged_in(running.live, chromium, "legal1", **LOOKS["wide light"])
    page.goto(f"/tasks/{running.task('legal').id}")
    page.get_by_label("审查意见").fill("写到一半的意见")
    page.get_by_role("button", name="转办").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("转办")
    page.locator("#person-search").fill("何")
    page.locator("#person-search").press("Enter")
    expect(page.locator("#person option:checked")).to_contain_text("何远")
    page.get_by_label("转办理由").fill("出差。")
    page.get_by_role("link", name="返回").click()
    expect(page.get_by_label("审查意见")).to_have_value("写到一半的意见")
    page.context.close()


def test_a_delegated_step_is_prepared_and_handed_back_without_script(running: Running, chromium: Browser) -> None:
    task = running.task("legal")
    page = logged_in(running.live, chromium, "legal1", java_script_enabled=False, **LOOKS["wide light"])
    page.goto(f"/tasks/{task.id}")
    page.get_by_role("button", name="委派").click()
    page.locator("#person").select_option(label="何远 · 法规处干部")
    page.get_by_label("委派事由和要求").fill("请先拟稿。")
    page.get_by_role("button", name="确认委派").click()
    expect(page.locator(".message-success")).to_contain_text("已委派")
    other = logged_in(running.live, chromium, "legal2", java_script_enabled=False, **LOOKS["phone light"])
    other.goto(f"/tasks/{task.id}")
    expect(other.locator("main")).to_contain_text("代拟，由林静办结")
    other.get_by_label("审查意见").fill("代拟的意见")
    other.get_by_role("button", name="交回", exact=True).click()
    expect(other.locator(".message-success")).to_contain_text("已交回")
    page.goto(f"/tasks/{task.id}")
    expect(page.get_by_label("审查意见")).to_have_value("代拟的意见")
    page.get_by_role("button", name="提交并办结").click()
    expect(page.locator(".message-success")).to_contain_text("已办结")
    page.context.close()
    other.context.close()


def test_a_button_that_does_not_work_says_why_beside_it(running: Running, chromium: Browser) -> None:
    task = running.task("legal")
    running.do("officer1", handing.urge_task, task.id, note="请尽快。")
    page = logged_in(running.live, chromium, "officer1", **LOOKS["phone light"])
    page.goto(f"/tasks/{task.id}")
    expect(page.get_by_role("button", name="催办")).to_be_disabled()
    expect(page.locator(".operators")).to_contain_text("4小时内不能重复催办")
    page.context.close()
