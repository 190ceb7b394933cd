"""A collective discussion in Chromium: where its case stands, and how it ends when the presiding member has left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.browser.conftest import LiveSite
from tests.browser.driver import WAIT
from tests.browser.office import Matter, Office
from tests.browser.test_desk import person
from tests.browser.test_pages import CASES, LOOKS, complaints, logged_in, wider_than_the_screen
from workflows import play
from workflows.desk.tasks import Task
from workflows.documents.fonts import Fonts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def discussed(shared_live: LiveSite, chromium: Browser) -> Iterator[Matter]:
    """The case of the fireworks in its meeting: all have voted but the one who presides."""
    live, script = shared_live, play.read(CASES / "jiangmen-fireworks.yaml")
    last = [number for number, step in enumerate(script.steps) if step.get("task") == "vote"][-1]
    begun = play.Script(script.title, script.start, script.steps[:last], {}, script.matters)
    case_id = play.Player(live.store, live.files, Fonts(), live.time).play(begun).case_id
    wanted = select(Task).where(Task.case_id == case_id, Task.element_id == "vote", Task.ended_at.is_(None))
    with live.store.read() as session:
        vote = session.scalars(wanted).one()
    office = Office(live, chromium)
    office.later(timedelta())
    yield Matter(office, script.title, case_id, vote.instance_id)
    office.close()


def test_the_diagram_shows_where_the_case_stands(discussed: Matter) -> None:
    page = discussed.office.look("head", f"/cases/{discussed.case_id}?tab=diagram")
    expect(page.locator('[data-diagram-state="shown"]')).to_have_count(3, timeout=WAIT)
    expect(page.locator('[data-element-id="panel"].step-current')).to_have_count(1)
    expect(page.locator('[data-element-id="vote"].step-current')).to_have_count(1)
    expect(page.locator('[data-element-id="approve_filing"].step-done')).to_have_count(1)


def test_who_leaves_is_not_waited_for_and_another_member_concludes(discussed: Matter, chromium: Browser) -> None:
    """The recorder does it on a phone; what is forgotten is told beside its field, and what was typed stays."""
    live = discussed.office.live
    discussed.do("legal1", "vote", "中途退席", text="突发疾病就医。")
    conclusion = f"/tasks/{discussed.task('conclude_item').id}"
    legal = logged_in(live, chromium, "legal1", **LOOKS["phone dark"])
    legal.goto(conclusion)
    legal.get_by_role("link", name="另行指定主持人").click()
    expect(legal.get_by_role("heading", level=1)).to_have_text("另行指定主持人")
    legal.get_by_label("由其他成员主持").check()
    legal.get_by_label("理由").fill("主持人已经离会。")
    legal.get_by_role("button", name="确认", exact=True).click()
    expect(legal.locator("#person-error")).to_be_visible()
    expect(legal.get_by_label("理由")).to_have_value("主持人已经离会。")
    assert wrong_with(legal) == []
    member = person(live, "member1")  # the next in rank presides already; he is not to be chosen again
    legal.get_by_label(member.name).check()
    legal.get_by_role("button", name="确认", exact=True).click()
    expect(legal.locator(".message-success")).to_contain_text("已另行指定主持人")
    legal.goto("/meetings")
    legal.locator("td.title a").first.click()
    expect(legal.locator("main")).to_contain_text(f"另行指定主持人：{member.name}（原主持人")
    legal.context.close()
    other = discussed.office.look("member1", "/desk?list=todo")
    other.locator("tr[data-row]", has_text=discussed.title).locator("[data-open]").click()
    other.locator('[name="conclusion"][value="approve"]').check()
    other.locator('[name="resolution"]').fill("同意承办机构意见。")
    other.get_by_role("button", name="提交并办结").click()
    expect(other.locator(".message-success")).to_contain_text("“形成讨论结论”已办结")
    at_head = discussed.office.look("head", "/desk?list=todo")
    expect(at_head.locator("tr[data-row]", has_text=discussed.title)).to_have_count(0)
    discussed.trace("李明中途退席，未参加表决（突发疾病就医）", f"另行指定{member.name}主持讨论并形成结论")


def wrong_with(page: Page) -> list[str]:
    """What is wrong with how a page looks and reads."""
    return complaints(page) + (["wider than the screen"] if wider_than_the_screen(page) else [])
