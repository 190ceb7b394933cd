"""An administrator at the editors of a draft, in a browser, and what the others do meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from workflows.actors import Actor, Person, acting
from workflows.desk.execute import execute
from workflows.diagrams import drafting, drafts, library
from workflows.store import new_id

if TYPE_CHECKING:
    from tests.browser.conftest import LiveSite

WAIT = 60_000
"""Milliseconds; a limit for hanging on a busy machine, not an expectation."""
MINE, OTHER = "admin", "admin2"
EDITORS = {"bpmn": "diagram", "yaml": "description", "dmn": "decision/{}", "form": "form/{}"}
REFUSED = ("status of 409", "status of 413", "status of 422", "ERR_INTERNET_DISCONNECTED")
"""What a browser writes into its console when the server refuses, or can't be reached."""


@dataclass(frozen=True)
class Draft:
    """A draft on the server."""

    site: LiveSite
    id: str
    key: str

    @property
    def address(self) -> str:
        """Of its page."""
        return f"/studio/drafts/{self.id}"

    @property
    def files(self) -> Mapping[str, bytes]:
        """Its files as they stand."""
        with self.site.store.read() as session:
            return drafts.contents(session, self.id)

    def text(self, path: str) -> str:
        """A file as it stands."""
        return self.files[path].decode()

    def revision(self, path: str) -> int:
        """The save that wrote a file last."""
        with self.site.store.read() as session:
            return drafts.content(session, self.id, path)[1]

    def save(self, path: str, data: bytes, login: str = OTHER) -> None:
        """The other administrator saves a file, over whatever stands."""
        saved = execute(self.site.store, drafting.save_file, person(self.site, login), self.id, path, data, seen=None)
        assert saved.lost is None

    def editor(self, path: str) -> str:
        """The address of the editor of a file."""
        name = quote(path.rpartition("/")[2])
        return f"{self.address}/edit/" + EDITORS[path.rpartition(".")[2]].format(name)


class Studio:
    """An administrator at a browser, with drafts to edit."""

    def __init__(self, site: LiveSite, chromium: Browser) -> None:
        self.site, self.chromium, self.complaints = site, chromium, list[str]()
        self.shipped = library.shipped()
        self.contexts: dict[str, BrowserContext] = {}

    def close(self) -> None:
        """Close all windows."""
        for context in self.contexts.values():
            context.close()

    def context(self, login: str = MINE) -> BrowserContext:
        """The browser of somebody, who is logged in."""
        if login not in self.contexts:
            made = self.chromium.new_context(
                base_url=self.site.address, locale="zh-CN", viewport={"width": 1440, "height": 900}
            )
            made.set_default_timeout(WAIT)
            self.contexts[login] = made
            page = made.new_page()
            page.goto("/login")
            page.get_by_label("账号").fill(login)
            page.get_by_label("密码").fill("fashen-demo")
            page.get_by_role("button", name="登录").click()
            page.wait_for_url("**/desk")
            page.close()
        return self.contexts[login]

    def page(self, login: str = MINE) -> Page:
        """A new page; what its script complains of, and what the content policy refuses, is kept."""
        page = self.context(login).new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        return page

    def begin(self, key: str) -> Draft:
        """A fresh draft of a process."""
        me = person(self.site, MINE)
        row = execute(self.site.store, drafting.begin_from_version, me, key, 1, "修改", draft_id=new_id())
        return Draft(self.site, row.id, key)

    def open(self, draft: Draft, path: str, login: str = MINE) -> Page:
        """A file of a draft, open in its editor."""
        page = self.page(login)
        page.goto(draft.editor(path))
        ready(page)
        return page

    def edit(self, key: str, path: str) -> tuple[Page, Draft]:
        """A fresh draft of a process, with one of its files open in its editor."""
        draft = self.begin(key)
        return self.open(draft, path), draft

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing within the block makes the pages complain, but for what the server has to refuse."""
        self.complaints.clear()
        yield
        assert [text for text in self.complaints if not any(one in text for one in REFUSED)] == []

    def tidy(self) -> None:
        """Close all pages, without asking whether they have saved."""
        for context in self.contexts.values():
            context.set_offline(False)
            for page in context.pages:
                page.close(run_before_unload=False)


def person(site: LiveSite, login: str) -> Actor:
    """Who logs in so."""
    with site.store.read() as session:
        return acting(session, session.scalars(select(Person.id).where(Person.login == login)).one())


def ready(page: Page) -> None:
    """The editor has read its file."""
    expect(page.locator("[data-studio]")).to_have_attribute("data-studio-state", "ready", timeout=WAIT)


def saved(page: Page) -> None:
    """All that was typed has reached the server."""
    expect(page.locator("p[data-state]")).to_have_attribute("data-state", "saved", timeout=WAIT)


def unsaved(page: Page, state: str) -> None:
    """The page says that the file is not saved, and in which state it is."""
    expect(page.locator("p[data-state]")).to_have_attribute("data-state", state, timeout=WAIT)


def found(page: Page) -> Any:
    """The list of what the checks find, when they have looked at what was saved last."""
    place = page.locator("[data-findings]")
    expect(place).not_to_have_attribute("data-checking", "", timeout=WAIT)
    return place
