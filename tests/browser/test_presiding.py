"""The presiding member is gone after all have voted: on a phone and at a desk, the recorder appoints another one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.browser.conftest import LiveSite
from tests.browser.test_desk import person
from tests.browser.test_pages import CASES, LOOKS, complaints, logged_in, wider_than_the_screen
from workflows import play
from workflows.actors import Person
from workflows.calendar import clock
from workflows.desk.tasks import Task
from workflows.documents.fonts import Fonts

pytestmark = pytest.mark.browser


@pytest.fixture
def conclusion(live: LiveSite) -> str:
    """The page of a conclusion that waits for somebody whose account was switched off after all had voted."""
    script = play.read(CASES / "shaanxi-coal-mine.yaml")
    upto = next(n for n, step in enumerate(script.steps) if step.get("task") == "conclude_item")
    begun = play.Script(script.title, script.start, script.steps[:upto], {}, script.matters)
    play.Player(live.store, live.files, Fonts(), live.time).play(begun)
    waiting = select(Task).where(Task.act == "meeting_conclusion", Task.ended_at.is_(None))
    with live.store.work() as session:
        task = session.execute(waiting).scalar_one()
        session.get_one(Person, task.assignee_id).disabled_at = clock.now()
        return f"/tasks/{task.id}"


def test_another_member_is_appointed_and_concludes(live: LiveSite, chromium: Browser, conclusion: str) -> None:
    legal = logged_in(live, chromium, "legal1", **LOOKS["phone dark"])
    legal.goto(conclusion)
    legal.get_by_role("link", name="另行指定主持人").click()
    expect(legal.get_by_role("heading", level=1)).to_have_text("另行指定主持人")
    assert wrong_with(legal) == []
    legal.get_by_label("由其他成员主持").check()
    legal.get_by_label("理由").fill("突发疾病就医")
    legal.get_by_role("button", name="确认", exact=True).click()
    expect(legal.locator("#person-error")).to_be_visible()
    expect(legal.get_by_label("理由")).to_have_value("突发疾病就医")
    assert wrong_with(legal) == []
    deputy = person(live, "deputy")
    legal.get_by_label(deputy.name).check()
    legal.get_by_role("button", name="确认", exact=True).click()
    expect(legal.locator(".message-success")).to_contain_text("已另行指定主持人")
    legal.goto("/meetings")
    legal.locator("td.title a").first.click()
    expect(legal.locator("main")).to_contain_text(f"另行指定主持人：{deputy.name}（原主持人")
    assert wrong_with(legal) == []
    legal.context.close()
    other = logged_in(live, chromium, "deputy", **LOOKS["wide light"])
    other.goto(conclusion)
    other.locator('[name="conclusion"][value="approve"]').check()
    other.locator('[name="resolution"]').fill("同意承办机构意见。")
    other.get_by_role("button", name="提交并办结").click()
    expect(other.locator(".message-success")).to_contain_text("“形成讨论结论”已办结")
    other.context.close()


def wrong_with(page: Page) -> list[str]:
    """What is wrong with how a page looks and reads."""
    return complaints(page) + (["wider than the screen"] if wider_than_the_screen(page) else [])
