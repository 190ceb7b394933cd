"""Two published cases from lead to archive, carried by hand through a real browser with a login for each role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import LiveSite
from tests.browser.driver import Hands
from workflows import ledger, play
from workflows.documents.fonts import Fonts

pytestmark = pytest.mark.browser

CASES = Path(__file__).parents[1] / "cases"


@pytest.fixture
def hands(live: LiveSite, chromium: Browser) -> Iterator[Hands]:
    """Everybody at the bureau; what the browser complains about (scripts, the content policy) fails the test."""
    made = Hands(live, chromium, Fonts(), viewport={"width": 1280, "height": 900})
    yield made
    made.close()
    assert made.complaints == []


@pytest.mark.parametrize("name", ["yinzhou-welders", pytest.param("shaanxi-coal-mine", marks=pytest.mark.nightly)])
def test_a_case_is_carried_from_lead_to_archive(hands: Hands, live: LiveSite, name: str) -> None:
    script = play.read(CASES / f"{name}.yaml")
    logins = {step["by"] for step in hands.carry(script) if "by" in step}
    assert len(logins) >= 7
    hands.player.check(script.expect)
    page = hands.page("officer1")
    page.goto(f"/cases/{hands.player.case_id}?tab=documents")
    documents = page.locator("tbody tr")
    expect(documents).to_have_count(sum(script.expect["documents"].values()))
    link = documents.first.get_by_role("link")
    paper = page.context.request.get(str(link.get_attribute("href")))
    assert paper.status == 200
    assert paper.headers["content-type"] == "application/pdf"
    with page.expect_popup() as opened:
        link.click()
    opened.value.close()
    page.get_by_role("link", name="流转记录").click()
    expect(page.locator(".timeline")).to_contain_text("立卷归档")
    with live.store.read() as session:
        assert ledger.verify(session) == []
