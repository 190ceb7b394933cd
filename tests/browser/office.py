"""An office in which several people work on one case at a time, each at a browser window that stays open."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import yaml
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from tests.browser.conftest import LiveSite
from tests.browser.test_desk import person
from tests.browser.test_pages import LOOKS, logged_in
from tests.engine import drawing as d
from tests.publishing import put_in_force
from tests.webapp.trial import OPINION, SIGNERS
from workflows.calendar import clock
from workflows.cases.file import lock_case
from workflows.desk import advance, commands
from workflows.desk.execute import execute
from workflows.desk.tasks import Task
from workflows.diagrams import description
from workflows.engine.package import Package
from workflows.store import new_id

STEPS = {
    "draft": ("起草", "Draft", "case_officer"), "legal": ("审查", "Check", "legal_reviewer"),
    "counsel": ("会商", "Consult", "bureau_leader"), "check": ("复核", "Second check", "legal_reviewer"),
    "confirm": ("确认", "Confirm", "legal_reviewer"), "sign": ("会签", "Sign", ""),
    "decide": ("决定", "Decide", "bureau_leader"),
}  # fmt: skip
"""Step → Chinese, English, role."""
VOTE = {
    "type": "default", "id": "vote", "schemaVersion": 16, "components": [{
        "type": "radio", "key": "vote", "id": "Field_vote", "label": "签署意见", "validate": {"required": True},
        "properties": {"label_en": "Opinion"},
        "values": [{"value": "yes", "label": "同意"}, {"value": "no", "label": "不同意"}],
    }],
}  # fmt: skip


def _step(id: str) -> str:
    return d.user(id, name=STEPS[id][0], camunda_candidateGroups=STEPS[id][2], camunda_formKey="opinion")


def _package(key: str, drawn: bytes, **policies: Any) -> Package:
    every = sorted(description.OPERATORS)
    said = {
        "key": key, "title": {"zh": "试行", "en": "Trial"}, "kinds": ["行政处罚"],
        "operators": {id: list(every) for id in STEPS if f'id="{id}"' in drawn.decode()},
        "labels": {id: {"zh": zh, "en": en} for id, (zh, en, _) in STEPS.items() if f'id="{id}"' in drawn.decode()},
        **policies,
    }  # fmt: skip
    forms = {f"forms/{one['id']}.form": json.dumps(one, ensure_ascii=False).encode() for one in (OPINION, VOTE)}
    described = yaml.safe_dump(said, allow_unicode=True).encode()
    return Package(key, {f"{key}.bpmn": drawn, "process.yaml": described, **forms})


def branches() -> Package:
    """draft > legal beside counsel > a subprocess of check and confirm > three sign together > decide."""
    inner = d.start("s", name="开始") + _step("check") + _step("confirm") + d.end("e") + d.flows(
        "s > check > confirm > e")  # fmt: skip
    sign = d.user("sign", d.many("signers", "signer"), name="会签", camunda_assignee="${signer}",
                  camunda_formKey="opinion")  # fmt: skip
    return _package("branches", d.draw(
        d.start(), _step("draft"), d.par("split"), _step("legal"), _step("counsel"), d.par("join"),
        d.sub("inside", inner, name="复核"), sign, _step("decide"), d.end(),
        d.flows("""
            start > draft > split > legal > join
            split > counsel > join > inside > sign > decide > end
        """), key="branches",
    ))  # fmt: skip


def ruled(rule: str) -> Package:
    """A round under a rule > decide, or draft again where it was not accepted."""
    key = f"round_{rule.partition(':')[0]}"
    inner = d.properties(signing=rule, outcome="result") + d.many(
        "signers", "signer", sequential=rule == "sequential")  # fmt: skip
    return _package(key, d.draw(
        d.start(), d.user("sign", inner, name="会签", camunda_assignee="${signer}", camunda_formKey="vote"),
        d.xor("which", default="which__draft"), _step("decide"), _step("draft"), d.end(), d.end("again"),
        d.flows("""
            start > sign > which > draft > again
            which > decide ? result == 'accepted'
            decide > end
        """), key=key,
    ))  # fmt: skip


def in_a_row(**policies: Any) -> Package:
    """draft > check > decide, with what the process wants at them. The check is for officers here."""
    second = d.user("check", name="复核", camunda_candidateGroups="case_officer", camunda_formKey="opinion")
    drawn = d.draw(d.start(), _step("draft"), second, _step("decide"), d.end(),
                   d.flows("start > draft > check > decide > end"), key="in_a_row")  # fmt: skip
    return _package("in_a_row", drawn, **policies)


@dataclass
class Office:
    """A site, and a window for each login."""

    live: LiveSite
    chromium: Browser
    pages: dict[str, Page] = field(default_factory=dict)

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()

    def look(self, login: str, path: str = "/desk") -> Page:
        """A page, opened by somebody in their window."""
        if login not in self.pages:
            self.pages[login] = logged_in(self.live, self.chromium, login, **LOOKS["wide light"])
        self.pages[login].goto(path)
        return self.pages[login]

    def later(self, by: timedelta) -> None:
        """Some time passes; everybody has to log in again then."""
        self.live.time.set(clock.now() + by)
        self.close()
        self.pages.clear()

    def lead(self, title: str, opener: str = "officer1") -> str:
        """A new lead; the id of its case."""
        today = "2024-02-26"
        party = {"kind": "entity", "name": "鑫达附件厂", "id_number": "", "address": "演示路1号",
                 "representative": "徐某"}  # fmt: skip
        given = {"found_on": today, "conduct_on": today, "source": "inspection", "summary": "现场检查发现。",
                 "parties": [party], "matters": [{"matter_code": "CF-AQF-097-1-07"}], "title": title,
                 "co_officer": person(self.live, "officer2").person_id}  # fmt: skip
        made = execute(self.live.store, commands.open_case, person(self.live, opener), "penalty", given, key=new_id())
        return made.case_id

    def matter(self, title: str, package: Package, signers: tuple[str, ...] = SIGNERS) -> Matter:
        """A case in which a process runs beside its own."""
        case_id, ids = self.lead(title), [person(self.live, login).person_id for login in signers]
        with self.live.store.work() as session:
            put_in_force(session, package)
            case, officer = lock_case(session, case_id), person(self.live, "officer1")
            instance = advance.start(session, case, package.key, {"signers": ids}, officer)
            return Matter(self, title, case_id, instance.id)


@dataclass
class Matter:
    """One case, in everybody's hands."""

    office: Office
    title: str
    case_id: str
    instance_id: str

    def task(self, element: str, login: str = "", kind: str = "step") -> Task:
        """What waits at an element; of a holder, where several do."""
        wanted = select(Task).where(Task.instance_id == self.instance_id, Task.element_id == element,
                                    Task.kind == kind, Task.ended_at.is_(None))  # fmt: skip
        holder = person(self.office.live, login).person_id if login else None
        with self.office.live.store.read() as session:
            found = session.scalars(wanted.order_by(Task.created_at, Task.id)).all()
        return next((one for one in found if one.assignee_id == holder), found[0])

    def open(self, login: str, element: str, kind: str = "step") -> Page:
        """The page of what waits at an element, for somebody; claimed there, if it has to be."""
        page = self.office.look(login, f"/tasks/{self.task(element, login, kind).id}")
        claim = page.get_by_role("button", name="认领", exact=True)
        if claim.count():
            claim.click()
            expect(page.locator(".message-success")).to_contain_text("任务已认领")
        return page

    def complete(self, login: str, element: str, kind: str = "step", **answer: str) -> Page:
        """Fill in the form of what waits there, and send it."""
        page = self.open(login, element, kind)
        for name, value in (answer or {"opinion": f"{login}已办"}).items():
            field = page.locator(f'#answer [name="{name}"]')
            if field.first.get_attribute("type") == "radio":
                page.locator(f'#answer [name="{name}"][value="{value}"]').check()
            else:
                field.fill(value)
        page.locator(".answer-acts > .btn-primary").click()
        expect(page.locator(".message-success")).to_be_visible()
        return page

    def taken(self, login: str, element: str) -> None:
        """Claimed, without looking at it."""
        task, who = self.task(element, login), person(self.office.live, login)
        execute(self.office.live.store, commands.claim_task, who, task.id, seen=task.version)

    def done(self, login: str, element: str, **answer: str) -> None:
        """Completed, without looking at it: what had to happen before."""
        if self.task(element, login).state == "open":
            self.taken(login, element)
        task, who = self.task(element, login), person(self.office.live, login)
        given = answer or {"opinion": f"{login}已办"}
        execute(self.office.live.store, commands.complete_task, who, task.id, given, seen=task.version, key=new_id())

    def do(self, login: str, element: str, button: str, to: str = "", text: str = "", **choices: str) -> Page:
        """Press one of the buttons beside completing, fill in its page and send it."""
        page = self.open(login, element)
        page.locator(".operators .btn", has_text=button).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(button)
        return self.send(page, to, text, **choices)

    def send(self, page: Page, to: str = "", text: str = "", **choices: str) -> Page:
        """Fill in the page of an operator and send it. choices: legend's field → the words of the choice."""
        if to:
            page.locator("#person").select_option(person(self.office.live, to).person_id)
        for name, words in choices.items():
            page.locator(f"fieldset#{name} label", has_text=words).locator("input").check()
        if text:
            page.locator("#text").fill(text)
        page.locator(".answer-acts button[type=submit]").click()
        expect(page.locator(".message-success")).to_be_visible()
        return page

    def waits(self, login: str = "officer1") -> Locator:
        """What the page of the case says it waits for."""
        return self.office.look(login, f"/cases/{self.case_id}").locator(".waits")

    def trace(self, *told: str, login: str = "officer1") -> None:
        """Each of these stands in the record of the case."""
        timeline = self.office.look(login, f"/cases/{self.case_id}?tab=timeline").locator(".timeline")
        lines = timeline.locator("li").all_inner_texts()
        missing = [one for one in told if not any(one in line for line in lines)]
        assert not missing, "\n".join([*missing, "is not in", *lines])
