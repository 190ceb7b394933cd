"""Operators in Chromium: on a phone, in the dark, in both languages, without a mouse, without script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.browser.conftest import LiveSite
from tests.browser.test_desk import person
from tests.browser.test_pages import LOOKS, complaints, logged_in, wider_than_the_screen
from tests.webapp.trial import start
from workflows.calendar import clock
from workflows.desk import commands, substitutes
from workflows.desk.execute import execute
from workflows.desk.operators import halting, handing, signing
from workflows.desk.tasks import Task
from workflows.store import new_id

pytestmark = pytest.mark.browser

LONG = "请就违法事实的认定、证据的证明力以及裁量基准的适用逐项提出意见，并说明是否需要补充询问现场负责人。" * 2


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
def running(live: LiveSite) -> Running:
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


def asked(running: Running, kind: str, whom: str, question: str = LONG) -> None:
    task = running.task("legal")
    running.do("legal1", signing.ask, task.id, person(running.live, whom).person_id, kind=kind, question=question,
               seen=task.version)  # fmt: skip


def look_at(page: Page, paths: list[str]) -> list[str]:
    """What is wrong with the pages, by address."""
    wrong = []
    for path in paths:
        page.goto(path)
        wrong += [f"{path}: {found}" for found in complaints(page)]
        if wider_than_the_screen(page):
            wrong.append(f"{path} scrolls sideways")
    return wrong


@pytest.mark.parametrize(("look", "language"), [
    ("wide light", "zh"), ("wide dark", "en"), ("phone light", "en"), ("phone dark", "zh"),
])  # fmt: skip
def test_pages_of_operators_are_accessible_and_fit(
    running: Running, chromium: Browser, look: str, language: str
) -> None:
    task = running.task("legal").id
    page = logged_in(running.live, chromium, "legal1", **LOOKS[look])
    page.context.add_cookies([{"name": "language", "value": language, "url": running.live.address}])
    does = ("reassign", "delegate", "sign", "ask", "return")
    wrong = look_at(page, [f"/tasks/{task}", *(f"/tasks/{task}/do/{name}" for name in does), "/substitutes"])
    page.locator(".answer .btn-primary").click()  # all is missing: the page with its complaints
    wrong += [f"complaints: {found}" for found in complaints(page)]
    asked(running, "before", "legal2")
    asked(running, "advice", "hearing1")
    running.answer("hearing1", "legal", "advice", text=LONG)
    advice = running.task("legal", "before").id
    wrong += look_at(page, [f"/tasks/{task}", f"/tasks/{advice}/do/unask", f"/cases/{running.case_id}"])
    today = clock.today()
    running.do("legal1", substitutes.name_substitute, person(running.live, "legal1").person_id,
               person(running.live, "legal2").person_id, roles=["legal_reviewer"], starts_on=today,
               ends_on=today + timedelta(days=3), reason=LONG)  # fmt: skip
    running.do("unithead", halting.suspend_case, running.case_id, reason=LONG)
    wrong += look_at(page, [f"/tasks/{task}", f"/cases/{running.case_id}", "/substitutes"])
    page.context.close()
    for login, paths in {
        "legal2": [f"/tasks/{advice}", f"/tasks/{task}", "/substitutes"],
        "unithead": [f"/cases/{running.case_id}", f"/cases/{running.case_id}/do/resume"],
    }.items():
        page = logged_in(running.live, chromium, login, **LOOKS[look])
        page.context.add_cookies([{"name": "language", "value": language, "url": running.live.address}])
        wrong += look_at(page, paths)
        page.context.close()
    assert not wrong, "\n".join(wrong)


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
    expect(page.locator(".operators .why-not")).to_contain_text("4小时内不能重复催办")
    page.context.close()
