"""The web application over a demonstration bureau, and visitors who use it as a browser does, without a browser."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from webapp import settings
from webapp.app import create_app
from workflows.calendar.clock import SHANGHAI, SimulatedClock
from workflows.desk.tasks import Task
from workflows.files import Files
from workflows.store import Store

PASSWORD = "fashen-demo"
OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form that one of our own pages sends."""

PDF = b"%PDF-1.7\nsmall\n%%EOF\n"
Fields = Mapping[str, Any] | Iterable[tuple[str, Any]]

LEAD: dict[str, Any] = {
    "process": "penalty",
    "title": "焊工无证上岗作业案",
    "found_on": "2024-02-26",
    "source": "inspection",
    "summary": "现场检查发现两名焊工未取得特种作业操作证。",
    "parties.#": "1",
    "parties.0.kind": "entity",
    "parties.0.name": "鑫达车辆附件厂",
    "parties.0.address": "演示路1号",
    "parties.0.representative": "徐某",
    "matters.#": "1",
    "matters.0.matter_code": "CF-AQF-097-1-07",
}
"""What officer1 types into the form of a new case, but for the other officer."""


def make_app() -> Flask:
    """The application, at home nowhere yet."""
    return create_app(settings.read({"FASHEN_VAR": tempfile.gettempdir(), "FASHEN_UPLOAD_LIMIT_MB": "1"}))


@dataclass
class Visitor:
    """Somebody with a browser of their own: cookies, and the form token of the page seen last."""

    app: Flask
    headers: dict[str, str] = field(default_factory=lambda: dict(OURS))
    token: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._seen(self.client.get(path, headers=self.headers, buffered=True, **more))

    def post(self, path: str, fields: Fields = (), **more: Any) -> TestResponse:
        """Send a form with the token of the last page."""
        data = MultiDict(fields.items() if isinstance(fields, Mapping) else fields)
        data.setdefault("csrf_token", self.token)
        if not any(isinstance(value, tuple) for value in data.values()):
            return self._seen(self.client.post(path, data=data, headers=self.headers, buffered=True, **more))
        files = MultiDict((name, FileStorage(*v) if isinstance(v, tuple) else v) for name, v in data.items(multi=True))
        boundary, body = encode_multipart(files)  # in memory: the client's own way leaves a temporary file open
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self._seen(self.client.post(path, data=body, content_type=kind, headers=self.headers, buffered=True))

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> TestResponse:
        """What a script of the last page sends: its token in a header, the body as it is."""
        told = {**self.headers, "X-CSRFToken": self.token, "Accept": "application/json", **headers}
        return self.client.open(path, method=method, data=body, headers=told, buffered=True)

    def log_in(self, login: str, password: str = PASSWORD, **more: str) -> TestResponse:
        self.get("/login")
        answer = self.post("/login", {"login": login, "password": password, **more})
        if answer.status_code == 302:
            self.get("/account")
        return answer

    def cookie(self, name: str = "fashen") -> str | None:
        found = self.client.get_cookie(name)
        return found.value if found else None

    def _seen(self, response: TestResponse) -> TestResponse:
        page = response.text if response.mimetype == "text/html" else ""
        if found := re.search(r'name="csrf_token" value="([^"]+)"', page):
            self.token = found[1]
        return response


@dataclass
class Site:
    """The application with its database, its files and its clock."""

    app: Flask
    store: Store
    files: Files
    time: SimulatedClock

    def visitor(self, login: str | None = None) -> Visitor:
        """A fresh browser, logged in if a login is given."""
        made = Visitor(self.app)
        if login is not None:
            assert made.log_in(login).status_code == 302
        return made

    def to(self, *moment: int) -> None:
        """Set the clock forward to a moment in Shanghai."""
        self.time.set(datetime(*moment, tzinfo=SHANGHAI))

    def person_id(self, login: str) -> str:
        from workflows.actors import Person

        with self.store.read() as session:
            return session.execute(select(Person.id).where(Person.login == login)).scalar_one()

    def open_case(self) -> str:
        """officer1 enters a lead in the browser; the id of the case."""
        officer = self.visitor("officer1")
        page = officer.get("/cases/new?process=penalty")
        fields = {**LEAD, "co_officer": self.person_id("officer2"), "key": field_value(page, "key")}
        answer = officer.post("/cases", fields)
        assert answer.status_code == 302, answer.text
        return answer.location.rsplit("/", 1)[-1]

    def task(self, case_id: str, element_id: str) -> str:
        """The id of the live task of a step."""
        wanted = select(Task.id).where(
            Task.case_id == case_id, Task.element_id == element_id, Task.state.in_(("open", "claimed"))
        )
        with self.store.read() as session:
            return session.execute(wanted).scalar_one()


def field_value(response: TestResponse, name: str) -> str:
    """The value of a hidden or typed field on a page."""
    found = re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', response.text) or re.search(
        rf'value="([^"]*)"[^>]*name="{re.escape(name)}"', response.text
    )
    assert found, f"no field {name} on the page"
    return found[1]


def form_fields(response: TestResponse) -> dict[str, str]:
    """The hidden fields that a task's form must send back."""
    return {name: field_value(response, name) for name in ("csrf_token", "seen", "key")}


def pdf(name: str = "笔录.pdf", content: bytes = PDF) -> tuple[io.BytesIO, str]:
    """A file to be uploaded."""
    return io.BytesIO(content), name
