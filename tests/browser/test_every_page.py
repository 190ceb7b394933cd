"""Every page, with the eyes of axe: in both languages, light and dark, wide and on a phone.

Each run sees each endpoint once; languages, looks and widths go round. At night each state of a page is seen in all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from scripts.stage import Stage
from tests.browser import scene
from tests.browser.driver import PASSWORD, WAIT
from tests.browser.looks import Sight
from tests.browser.sights import NO_PAGES, SIGHTS
from tests.browser.test_pages import complaints, wider_than_the_screen
from webapp import settings
from webapp.app import create_app
from webapp.security import limiter
from workflows.files import Files
from workflows.store import Store

pytestmark = pytest.mark.browser

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LOOKS = list(product(("zh", "en"), ("light", "dark"), (WIDE, PHONE)))
"""Language, colours, size of the window."""
ROUND = [LOOKS[n] for n in (0, 7, 2, 5, 1, 6, 3, 4)]
"""All looks, each language, colour and width as far apart as may be."""

UNSTUCK = "document.querySelectorAll('.answer-acts, .halves').forEach((bar) => { bar.style.position = 'static'; })"
"""Bars that stay in place lie over whatever has just been scrolled below them, which is nobody's fault."""


@dataclass
class House:
    """The scene, and a browser window for each login."""

    stage: Stage
    chromium: Browser
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, login: str) -> Page:
        """The window of somebody who is logged in; of a stranger, where the login is empty."""
        if login not in self.pages:
            context = self.chromium.new_context(base_url=self.stage.site.address, reduced_motion="reduce")
            context.set_default_timeout(WAIT)
            page = self.pages[login] = context.new_page()
            if login:
                page.goto("/login")
                page.locator("#login").fill(login)
                page.locator("#password").fill(PASSWORD)
                page.locator("#password").press("Enter")
                page.wait_for_url("**/desk")
        return self.pages[login]

    def wrong(self, sight: Sight, look: tuple[str, str, dict[str, int]]) -> list[str]:
        """What is wrong with a page in one look."""
        page, (language, colours, size) = self.page(sight.login), look
        page.context.add_cookies([{"name": "language", "value": language, "url": self.stage.site.address}])
        page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
        page.set_viewport_size(size)  # type: ignore[arg-type]
        answer = page.goto(sight.address(self.stage))
        assert answer is not None
        assert answer.status == sight.status
        assert page.locator("html").get_attribute("lang") == ("en" if language == "en" else "zh-CN")
        sight.press(page)
        page.evaluate(UNSTUCK)
        seen = f"{language} {colours} {size['width']}"
        found = [f"{seen}: {one}" for one in complaints(page)]
        for other in (size, PHONE if size is WIDE else WIDE):
            page.set_viewport_size(other)
            found += [f"{seen} scrolls sideways at {other['width']}"] if wider_than_the_screen(page) else []
        return found


@pytest.fixture(scope="module")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with scene.opened(tmp_path_factory.mktemp("scene")) as stage:
        made = House(stage, chromium)
        yield made
        for page in made.pages.values():
            page.context.close()
    limiter.reset()


def test_every_page_has_a_row(sqlite_store: Store, tmp_path: Path) -> None:
    told = settings.read({"FASHEN_VAR": str(tmp_path)})
    app = create_app(told, sqlite_store, Files(told.files_url))
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {sight.endpoint for sight in SIGHTS} - {"error"} == opened - NO_PAGES
    assert opened >= NO_PAGES


def test_no_two_rows_are_the_same() -> None:
    names = [(sight.endpoint, sight.name) for sight in SIGHTS]
    assert len(set(names)) == len(names)


def name(sight: Sight) -> str:
    return f"{sight.endpoint} {sight.name}"


def once() -> Iterator[Any]:
    """The number of each row; of several of one endpoint, the first is looked at in every run and all at night."""
    known: set[str] = set()
    for number, sight in enumerate(SIGHTS):
        again = sight.endpoint in known
        known.add(sight.endpoint)
        yield pytest.param(number, marks=pytest.mark.nightly if again else (), id=name(sight))


@pytest.mark.parametrize("number", list(once()))
def test_nothing_is_wrong_with(house: House, number: int) -> None:
    wrong = house.wrong(SIGHTS[number], ROUND[number % len(ROUND)])
    assert not wrong, "\n".join(wrong)


@pytest.mark.nightly
@pytest.mark.parametrize("sight", SIGHTS, ids=name)
def test_nothing_is_wrong_in_any_look_with(house: House, sight: Sight) -> None:
    wrong = [one for look in LOOKS for one in house.wrong(sight, look)]
    assert not wrong, "\n".join(wrong)
