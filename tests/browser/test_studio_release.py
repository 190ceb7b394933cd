"""A process is changed, approved and used in Chromium, through the pages' own buttons, without touching a file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from scripts import stage
from tests.browser import moving
from tests.browser.conftest import LiveSite, opened
from tests.browser.drawing import Drawing
from tests.browser.driver import Hands
from tests.browser.studio import MINE, OTHER, Studio, ready, saved
from workflows import play
from workflows.actors import Person, Post
from workflows.diagrams import library
from workflows.documents.fonts import Fonts
from workflows.engine.state import EngineInstance

pytestmark = pytest.mark.browser

KEY, DIAGRAM = "legal_review", "legal_review.bpmn"
CASE = Path(__file__).parents[1] / "cases" / "yinzhou-welders.yaml"
SECOND = "第二法律顾问再审"
BESIDE, WAITED, LATER = timedelta(weeks=3), timedelta(weeks=8), timedelta(weeks=15)
"""Later than in the case file: the case beside the first; the first when it is moved and goes on; the new one."""


def second_counsel(site: LiveSite) -> None:
    """The bureau takes on another counsel."""
    with site.store.work() as session:
        first = session.scalars(select(Person).where(Person.login == "counsel1")).one()
        post = Post(unit_id=first.posts[0].unit_id, role="legal_counsel", title="法律顾问", starts_on=date(2020, 1, 1))
        session.add(Person(login="counsel2", name="邵律师", password_hash=first.password_hash, posts=[post]))


def drawn(studio: Studio) -> tuple[Page, str]:
    """The administrator begins a draft and draws a second counsel beside the first; the id of the step."""
    page = studio.page()
    page.goto("/studio")
    page.get_by_role("row", name="法制审核").get_by_role("button", name="修改").click()
    expect(page.locator(".message-success")).to_contain_text("草稿已建立，现行版本不受影响")
    page.get_by_role("link", name="流程图", exact=True).click()
    ready(page)
    drawing = Drawing(page)
    drawing.make_room("lane_counsel", 64)
    split = drawing.insert_gateway("after_initial_to_counsel_review", "包容网关")
    join = drawing.insert_gateway("counsel_review_to_conclude_review", "包容网关")
    second = drawing.append_step(split, SECOND)
    drawing.choose("house-act", "counsel_review")
    drawing.choose("house-roles", "legal_counsel")
    drawing.choose("house-form", "counsel_review")
    drawing.choose("house-operators", "claim")
    drawing.choose("house-apart", "counsel_review")
    drawing.connect(second, join)
    for target, name, condition in (
        ("counsel_review", "所有案件", "${true}"), (second, "罚款二万元以上", "${fine_entity_max >= 20000}"),
    ):  # fmt: skip
        drawing.name(drawing.flow(split, target), name)
        drawing.pick(drawing.flow(split, target))
        drawing.write("house-condition", condition)
    saved(page)
    with page.expect_response("**/check?tests=1"):
        page.get_by_role("button", name="立即检查").click()
    expect(page.locator(".studio-findings")).to_contain_text("没有发现问题")
    return page, second


def released(studio: Studio, page: Page) -> None:
    """One administrator asks for the release of what was drawn, the other one approves it."""
    page.get_by_role("link", name="法制审核 · ").click()
    page.get_by_label("发布原因").fill("重大案件由两名法律顾问分别提出意见")
    page.get_by_label("法律依据").fill("《行政处罚法》第五十八条；本局法律顾问工作规则第九条")
    page.get_by_role("button", name="申请发布").click()
    expect(page.locator(".message-success")).to_contain_text("等待其他系统管理员审批")
    expect(page.locator("main")).to_contain_text("应当由其他系统管理员审批")
    expect(page.get_by_role("button", name="批准并发布")).to_have_count(0)
    other = studio.page(OTHER)
    other.goto("/studio")
    other.get_by_role("link", name=re.compile("审批.*法制审核")).click()
    changes = other.get_by_role("region", name="流程图")
    expect(changes.locator("li", has_text=f"{SECOND} 人工环节")).to_contain_text("新增")
    expect(changes.locator(".step-badge-added", has_text="新增").first).to_be_visible()
    other.get_by_label("审批意见").fill("符合规定，同意发布。")
    other.get_by_role("button", name="批准并发布").click()
    expect(other.locator(".message-success")).to_contain_text("已批准并发布为第 2 版")


def versions(site: LiveSite, case_id: str) -> set[int]:
    """The versions of the process on which the reviews of a case run or ran."""
    with site.store.read() as session:
        pins = session.scalars(select(EngineInstance.pins).where(EngineInstance.case_id == case_id)).all()
        numbers = {row.package_hash: row.version for row in library.versions(session, KEY)}
        return {numbers[said[KEY]] for said in map(json.loads, pins)}


def begun(hands: Hands, script: play.Script, upto: str, by: timedelta, name: str) -> tuple[str, list[Any]]:
    """A case like that of the script, of another business and later by so much, until a step; and what is to come."""
    at = next(number for number, step in enumerate(script.steps) if step.get("task") == upto)
    other = {"鑫达车辆附件厂": name}
    start, steps = stage.moved(script.start, by, other), stage.moved(script.steps, by, other)
    hands.player.play(play.Script(script.title, start, steps[:at], {}, []))
    return hands.player.case_id, steps[at:]


def both_asked(hands: Hands, second: str, advice: Mapping[str, Any]) -> None:
    """Both counsels are asked, and the review is concluded when both have answered."""
    assert sorted(hands.live_elements()) == sorted(["counsel_review", second])
    hands.complete("counsel1", "counsel_review", advice)
    assert hands.live_elements() == [second]
    hands.complete("counsel2", second, advice)
    assert hands.live_elements() == ["conclude_review"]


def finished(hands: Hands, steps: list[Any], name: str) -> None:
    """The rest of a case, to its end."""
    for step in steps:
        hands.player.step(step)
    hands.player.work_off()
    hands.player.check({"state": "archived", "fines": {name: 30000}})


def test_a_second_counsel_above_a_threshold_is_drawn_released_and_asked(
    demo_database: Path, tmp_path: Path, chromium: Browser
) -> None:
    script = play.read(CASE)
    advice, conclusion = [next(step for step in script.steps if step.get("task") == one)["answer"]
                          for one in ("counsel_review", "conclude_review")]  # fmt: skip
    with opened(demo_database, tmp_path) as site:
        second_counsel(site)
        hands, studio = Hands(site, chromium, Fonts()), Studio(site, chromium)
        moved, left = begun(hands, script, "initial_review", timedelta(), "宏盛家具厂")
        stays, steps = begun(hands, script, "counsel_review", BESIDE, "永固紧固件厂")
        with studio.quiet():
            page, second = drawn(studio)
            released(studio, page)

        hands.player.until(play.moment(steps[0]["at"]))
        hands.complete("counsel1", "counsel_review", advice)
        assert hands.live_elements() == ["conclude_review"]  # one counsel was enough when it began
        finished(hands, steps[1:], "永固紧固件厂")

        hands.player.case_id = moved
        moving.approve(hands.page(OTHER), moving.ask(hands.page(MINE), KEY, {}), site.store)
        initial, _, *rest = stage.moved(left, WAITED, {})
        hands.player.step(initial)
        both_asked(hands, second, advice)
        finished(hands, rest, "宏盛家具厂")

        begun(hands, script, "counsel_review", LATER, "大洋阀门厂")
        both_asked(hands, second, advice)
        hands.complete("legal1", "conclude_review", conclusion)
        assert hands.live_elements() == ["issue_notice"]
        assert [versions(site, one) for one in (stays, moved, hands.player.case_id)] == [{1}, {2}, {2}]
        assert hands.complaints == []
        hands.close()
        studio.close()
