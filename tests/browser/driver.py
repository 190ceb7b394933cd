"""Carrying a case by hand: the steps of a case file, typed into the pages by one browser for each login."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, expect
from sqlalchemy import select

from tests.browser.conftest import LiveSite
from workflows import play
from workflows.calendar import clock
from workflows.desk import offering
from workflows.desk.tasks import Task
from workflows.diagrams import library
from workflows.documents.fonts import Fonts
from workflows.documents.sheet import plain_sheet
from workflows.forms import Field, Form, parse

WAIT = 60_000
"""Milliseconds; a limit for hanging on a busy machine, not an expectation."""
PASSWORD = "fashen-demo"


class Hands:
    """Everybody at the bureau, each at a browser of their own."""

    def __init__(self, live: LiveSite, chromium: Browser, fonts: Fonts, **looks: Any) -> None:
        self.live, self.chromium, self.fonts, self.looks = live, chromium, fonts, looks
        self.player = play.Player(live.store, live.files, fonts, live.time)
        self.contexts: dict[str, BrowserContext] = {}
        self.complaints: list[str] = []

    def close(self) -> None:
        for context in self.contexts.values():
            context.close()

    # Who sits where ------------------------------------------------------------------------------------------------

    def page(self, login: str) -> Page:
        """The page of somebody who is logged in and looks at the desk."""
        if login not in self.contexts:
            context = self.chromium.new_context(base_url=self.live.address, locale="zh-CN", **self.looks)
            context.set_default_timeout(WAIT)
            self.contexts[login] = context
            page = context.new_page()
            page.on("console", self._listen)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page = self.contexts[login].pages[0]
        page.goto("/desk")
        if "/login" in page.url:
            page.get_by_label("账号").fill(login)
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url("**/desk")
        return page

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.complaints.append(message.text)

    # The steps of a case file ----------------------------------------------------------------------------------------

    def carry(self, script: play.Script) -> Iterator[Mapping[str, Any]]:
        """Carry out a case file step by step; gives each step back when it is done."""
        for entry in script.matters:
            self.player.add_matter(dict(entry))
        self.player.until(play.moment(script.start["at"]))
        self.open(script.start["by"], script.start["answer"])
        yield script.start
        for step in script.steps:
            self.player.until(play.moment(step["at"]))
            if "task" in step:
                self.complete(step["by"], step["task"], step.get("answer") or {})
            elif step.get("command") == "flag_suspicion":
                self.suspect(step["by"], step["answer"])
            if expected := step.get("expect"):
                self.player.check(expected)
            yield step
        self.player.work_off()

    def open(self, login: str, answer: Mapping[str, Any]) -> None:
        """Enter the lead."""
        page = self.page(login)
        page.get_by_role("link", name="登记案件线索").click()
        with self.live.store.read() as session:
            definition = library.current(session, "penalty")
            key = definition.start_form or ""
            form = parse(library.form(session, definition.hash, key), key)
        self.fill(page, form, answer)
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.locator(".message-success")).to_contain_text("案件线索已登记")
        self.player.case_id = page.url.rsplit("/", 1)[-1].split("?")[0]

    def complete(self, login: str, element_id: str, answer: Mapping[str, Any]) -> None:
        """Find the task on the desk, claim it if need be, fill in its form and send it."""
        page = self.page(login)
        with self.live.store.read() as session:
            who = self.player.actor(session, login)
            task = self.player.find_task(session, who, element_id)
            form, task_id, name = offering.task_form(session, task), task.id, task.name
        row = page.locator(f'tr:has(a[href^="/tasks/{task_id}"])')
        if not row.count():
            page.get_by_role("link", name=re.compile("待认领")).click()
        row.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        claim = page.get_by_role("button", name="认领", exact=True)
        if claim.count():
            claim.click()
            expect(page.locator(".message-success")).to_contain_text("任务已认领")
        self.fill(page, form, answer)
        page.get_by_role("button", name="提交并办结").click()
        self.expect_done(page, name)

    def expect_done(self, page: Page, name: str) -> None:
        """The page says that the step is done; if it says something else, that is what the test should show."""
        page.locator(".message, .trouble").first.wait_for()
        trouble = page.locator(".trouble")
        assert not trouble.count(), f"{name}: {trouble.first.inner_text()}"
        expect(page.locator(".message-success")).to_contain_text(f"“{name}”已办结")

    def suspect(self, login: str, answer: Mapping[str, Any]) -> None:
        """Report a suspicion of crime from the page of the case."""
        page = self.page(login)
        page.goto(f"/cases/{self.player.case_id}")
        page.get_by_text("发现涉嫌犯罪", exact=True).click()
        page.get_by_label("涉嫌罪名").fill(answer["offence"])
        page.get_by_label("事实和理由").fill(answer["grounds"])
        page.get_by_role("button", name="登记并启动移送程序").click()
        expect(page.locator(".message-success")).to_contain_text("已登记涉嫌犯罪线索")

    # Filling in a form -----------------------------------------------------------------------------------------------

    def fill(self, page: Page, form: Form, answer: Mapping[str, Any]) -> None:
        """Type an answer into the form on the page, field by field as the form has them."""
        for item in form.fields:
            if item.key not in answer:
                continue
            if item.kind == "dynamiclist":
                self._fill_list(page, item, answer[item.key])
            else:
                self._fill_field(page.locator("#answer"), item, item.key, answer[item.key])

    def _fill_list(self, page: Page, item: Field, rows: list[Mapping[str, Any]]) -> None:
        boxes = page.locator(f'.row-box[data-row^="{item.key}."]')
        if item.rows_from and item.row_key:
            for row in rows:
                value = self._plain(row[item.row_key])
                hidden = page.locator(f'input[type=hidden][name^="{item.key}."][name$=".{item.row_key}"]')
                fields = [hidden.nth(number) for number in range(hidden.count())]
                name = next(str(field.get_attribute("name")) for field in fields if field.input_value() == value)
                prefix = name.rsplit(".", 1)[0]
                self._fill_row(page, item, prefix, {k: v for k, v in row.items() if k != item.row_key})
            return
        listed = page.locator(f"#f-{item.key}")
        while boxes.count() < len(rows):
            count = boxes.count()
            listed.get_by_role("button", name="添加一行").click()
            expect(boxes).to_have_count(count + 1)
        while boxes.count() > len(rows):
            count = boxes.count()
            boxes.last.get_by_role("button", name="删除").click()
            expect(boxes).to_have_count(count - 1)
        for number, row in enumerate(rows):
            self._fill_row(page, item, f"{item.key}.{number}", row)

    def _fill_row(self, page: Page, item: Field, prefix: str, row: Mapping[str, Any]) -> None:
        box = page.locator(f'.row-box[data-row="{prefix}"]')
        for column in item.fields:
            if column.key in row:
                self._fill_field(box, column, f"{prefix}.{column.key}", row[column.key])

    def _fill_field(self, place: Locator, item: Field, name: str, value: Any) -> None:
        named = place.locator(f'[name="{name}"]')
        match item.kind:
            case "radio":
                place.locator(f'[name="{name}"][value="{self._plain(value)}"]').check()
            case "checklist":
                wanted = {self._plain(one) for one in value}
                for number in range(named.count()):
                    box = named.nth(number)
                    box.set_checked(box.get_attribute("value") in wanted)
            case "checkbox":
                named.set_checked(bool(value))
            case "select":
                named.select_option(self._plain(value))
            case "filepicker":
                files = value if isinstance(value, list) else [value]
                named.set_input_files([self._file(one) for one in files])
            case _:
                named.fill(self._typed(item, value))

    def _typed(self, item: Field, value: Any) -> str:
        if item.kind == "datetime" and item.subtype == "datetime":
            return clock.local(play.moment(value)).strftime("%Y-%m-%dT%H:%M")
        if isinstance(value, (date, datetime)):
            return value.isoformat()[:10]
        return str(value)

    def _file(self, given: Mapping[str, Any]) -> FilePayload:
        name = str(given["file"])
        text = str(given.get("text", name))
        data = plain_sheet(name.rsplit(".", 1)[0], text, self.fonts) if name.endswith(".pdf") else text.encode()
        return {"name": name, "mimeType": "application/octet-stream", "buffer": data}

    def _plain(self, value: Any) -> str:
        return str(self.player.resolve(value))

    def live_elements(self) -> list[str]:
        """The steps that the case waits for."""
        wanted = select(Task.element_id).where(
            Task.case_id == self.player.case_id, Task.state.in_(("open", "claimed"))
        )
        with self.live.store.read() as session:
            return list(session.execute(wanted).scalars())
