"""Carrying a woven case through the pages over HTTP: one browser for each login, every button pressed on its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lxml import html
from sqlalchemy import select

from tests.browser.conftest import LiveSite
from tests.cases.operators.filling import form_on, typed
from tests.cases.operators.weaving import Woven
from tests.durability.client import Client, Page
from tests.webapp.site import PASSWORD
from webapp.security import limiter
from workflows import play
from workflows.actors import Person
from workflows.desk import offering
from workflows.desk.tasks import STEP, Task
from workflows.diagrams import library
from workflows.documents.fonts import Fonts
from workflows.forms import parse

FIELDS = ("text", "kind", "how", "before")
"""What an operator's page asks for, but for people and steps."""


class Office:
    """Everybody at the bureau, each at a browser of their own."""

    def __init__(self, live: LiveSite, fonts: Fonts) -> None:
        self.live, self.port = live, urlsplit(live.address).port or 0
        self.player = play.Player(live.store, live.files, fonts, live.time)
        self.browsers: dict[str, Client] = {}

    def carry(self, woven: Woven) -> None:
        """Carry the case to its end."""
        script = woven.script
        self.live.time.set(script.begins)
        for entry in script.matters:
            self.player.add_matter(dict(entry))
        self.player.until(script.begins)
        self.open(script.start["by"], script.start["answer"])
        for step in woven.steps:
            self.player.until(play.moment(step["at"]))
            self.step(step)
            if expected := step.get("expect"):
                self.player.check(expected)
        self.player.work_off()
        self.player.check(script.expect)

    def step(self, step: Mapping[str, Any]) -> None:
        """One step of the woven case."""
        match step:
            case {"operator": "claim"}:
                self.claim(step["by"], self.find(step))
            case {"operator": "substitute"}:
                self.name_substitute(step)
            case {"operator": _}:
                self.operate(step)
            case {"task": _}:
                self.complete(step)

    # The pages --------------------------------------------------------------------------------------------------

    def page(self, login: str, path: str) -> Page:
        """A page as somebody sees it; whoever was logged out meanwhile logs in again."""
        browser = self.browsers.setdefault(login, Client(self.port))
        found = browser.get(path)
        if found.status in (302, 303) and "/login" in found.location:
            limiter.reset()  # a case of months is carried in a minute of the server's, from one address
            browser.log_in(login, PASSWORD)
            found = browser.get(path)
        assert found.status == 200, f"{login} {path}: {found.status} {_complaint(found.text)}"
        return found

    def open(self, login: str, answer: Mapping[str, Any]) -> None:
        """Enter the lead."""
        page = self.page(login, "/cases/new?process=penalty")
        with self.live.store.read() as session:
            definition = library.current(session, "penalty")
            key = definition.start_form or ""
            form = parse(library.form(session, definition.hash, key), key)
        done = self.browsers[login].upload("/cases", typed(page.text, "/cases", form, answer, self.player))
        assert done.status in (302, 303), _complaint(done.text)
        self.player.case_id = done.location.rpartition("/")[2]

    def claim(self, login: str, task: Task) -> None:
        """Take a task that waits on one's desk to be claimed."""
        path = f"/tasks/{task.id}"
        assert path in self.page(login, "/desk?list=claimable").links("/tasks/")
        self.send(login, f"{path}/claim", self.page(login, path), {})

    def complete(self, step: Mapping[str, Any]) -> None:
        """Find a task on the desk, take it if need be, fill in its form and send it."""
        login, task = step["by"], self.find(step)
        path = f"/tasks/{task.id}"
        if task.assignee_id is None:
            self.claim(login, task)
        else:
            desk = "/substitutes" if "for" in step else "/desk?list=todo"
            assert path in self.page(login, desk).links("/tasks/"), f"{task.name} is not on {desk} of {login}"
        page = self.page(login, path)
        with self.live.store.read() as session:
            form = offering.task_form(session, session.get_one(Task, task.id))
        sent = typed(page.text, f"{path}/complete", form, step.get("answer") or {}, self.player)
        done = self.browsers[login].upload(f"{path}/complete", sent)
        assert done.status in (302, 303), f"{step}: {_complaint(done.text)}"

    def operate(self, step: Mapping[str, Any]) -> None:
        """Press the button of an operator on the page of the task, and fill in the operator's page."""
        task, name = self.find(step), step["operator"]
        path = f"/tasks/{task.id}/do/{name}"
        fields = {key: str(step[key]) for key in FIELDS if key in step}
        if "person" in step:
            fields["person"] = self.person(step["person"])
        page = self.page(step["by"], path)
        if "target" in step:
            fields["target"] = _chosen(page.text, "target", self.named(step["target"]))
        self.send(step["by"], path, page, fields)

    def name_substitute(self, step: Mapping[str, Any]) -> None:
        """Let somebody act for one, or as administrator for another (`whose`)."""
        whose = self.person(step["whose"]) if "whose" in step else ""
        page = self.page(step["by"], f"/substitutes?person={whose}" if whose else "/substitutes")
        fields = [(key, str(step[key])) for key in ("starts_on", "ends_on")] + [("reason", step["text"])]
        fields += [("roles", role) for role in step["roles"]] + [("substitute", self.person(step["person"]))]
        ours = {name for name, _ in fields}
        kept = [(k, v or "") for k, v in form_on(page.text, "/substitutes").form_values() if k not in ours]
        done = self.browsers[step["by"]].upload("/substitutes", [*kept, *fields])
        assert done.status in (302, 303), _complaint(done.text)

    def send(self, login: str, action: str, page: Page, fields: Mapping[str, str]) -> None:
        """Send a form of a page with what is typed into it."""
        form = form_on(page.text, action)
        assert fields.keys() <= set(form.fields.keys()), f"{action} asks for {set(form.fields.keys())}"
        done = self.browsers[login].post(action, {**dict(form.form_values()), **fields})
        assert done.status in (302, 303), f"{action}: {_complaint(done.text)}"

    # What stands behind them ------------------------------------------------------------------------------------

    def find(self, step: Mapping[str, Any]) -> Task:
        """The task of a step: what one completed last to take back, else what waits for one, or whom one acts for."""
        if step.get("operator") == "withdraw":
            wanted = select(Task).where(Task.state == "completed", Task.ended_by_id == self.person(step["by"]))
        else:
            holder = self.person(step.get("for", step["by"]))
            mine = (Task.assignee_id == holder) | Task.assignee_id.is_(None)
            wanted = select(Task).where(Task.ended_at.is_(None), mine)
        kind = step.get("kind", STEP) if "operator" not in step else STEP
        wanted = wanted.where(
            Task.case_id == self.player.case_id, Task.element_id == step["task"], Task.kind == kind
        ).order_by(Task.ended_at.desc(), Task.created_at).limit(1)  # fmt: skip
        with self.live.store.read() as session:
            found = session.execute(wanted).scalar_one_or_none()
        assert found is not None, f"nothing waits for {step}; the case waits for {self.waits()}"
        return found

    def waits(self) -> list[str]:
        """The steps that the case waits for."""
        wanted = select(Task.element_id).where(Task.case_id == self.player.case_id, Task.ended_at.is_(None))
        with self.live.store.read() as session:
            return list(session.execute(wanted).scalars())

    def person(self, login: str) -> str:
        """The id of a person."""
        with self.live.store.read() as session:
            return session.execute(select(Person.id).where(Person.login == login)).scalar_one()

    def name(self, login: str) -> str:
        """The name of a person."""
        with self.live.store.read() as session:
            return session.execute(select(Person.name).where(Person.login == login)).scalar_one()

    def named(self, element: str) -> str:
        """The name of a step that the case came through."""
        wanted = select(Task.name).where(Task.case_id == self.player.case_id, Task.element_id == element).limit(1)
        with self.live.store.read() as session:
            return session.execute(wanted).scalar_one()


def _chosen(page: str, name: str, label: str) -> str:
    """The value of the radio button that is labelled so."""
    found = html.fromstring(page).xpath(f"//label[.//input[@name='{name}']]")
    said = {one.text_content().split("上次")[0].strip(): str(one.xpath(".//input/@value")[0]) for one in found}
    return said[label]


def _complaint(page: str) -> str:
    """What a page complains of."""
    if not page:
        return ""
    tree = html.fromstring(page)
    found = tree.find_class("trouble") + tree.find_class("field-error") + tree.xpath("//main")
    return " | ".join(" ".join(one.text_content().split()) for one in found)[:1500]
