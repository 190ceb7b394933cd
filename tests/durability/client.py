"""A small browser without pictures: cookies, pages, forms; it follows no redirect and hides no broken connection."""

from __future__ import annotations

import select
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from lxml import html
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

TYPED = "application/x-www-form-urlencoded"
SECONDS = 60
"""How long an answer may take before the server counts as hung."""


class Gone(Exception):
    """The connection broke or was refused: nobody knows whether the server did what was asked."""


@dataclass(frozen=True)
class Form:
    """A form as it stands on a page: what it would send untouched, and every name it has a field for."""

    untouched: dict[str, str]
    names: frozenset[str]

    def filled(self, answers: dict[str, str]) -> dict[str, str]:
        """What it sends when those of the answers are typed that it asks for."""
        return {**self.untouched, **{name: value for name, value in answers.items() if name in self.names}}


@dataclass(frozen=True)
class Page:
    """An answer of the server."""

    status: int
    location: str
    text: str

    def links(self, prefix: str) -> list[str]:
        """Addresses on the page that begin with prefix, each once, in the order of the page."""
        if not self.text:
            return []
        found = html.fromstring(self.text).xpath("//a/@href")
        return list(dict.fromkeys(str(one).partition("?")[0] for one in found if str(one).startswith(prefix)))

    def form(self, action: str) -> Form | None:
        """The form that can be sent to this address; None when the page has none."""
        if not self.text:
            return None
        for form in html.fromstring(self.text).forms:
            buttons = form.xpath(".//button/@formaction")
            if action in (str(form.get("action", "")), *map(str, buttons)):
                untouched = {str(name): str(value or "") for name, value in form.form_values()}
                return Form(untouched, frozenset(str(name) for name in form.fields))
        return None


@dataclass
class Client:
    """One person's browser."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Page:
        """A page. Raises Gone."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> Page:
        """Send a form. Raises Gone."""
        return self._ask("POST", path, urlencode(fields), TYPED)

    def upload(self, path: str, fields: Iterable[tuple[str, str | FileStorage]]) -> Page:
        """Send a form that takes files; a name may come more than once. Raises Gone."""
        boundary, body = encode_multipart(MultiDict(fields))
        return self._ask("POST", path, body, f'multipart/form-data; boundary="{boundary}"')

    def lose(self, path: str, fields: dict[str, str]) -> None:
        """Send a form and hang up when the answer comes, before a byte of it is read. Raises Gone when none comes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("POST", path, urlencode(fields), self._headers(TYPED))
            assert connection.sock is not None
            if not select.select([connection.sock], [], [], SECONDS)[0]:
                raise Gone(f"POST {path}: no answer")
        except (OSError, HTTPException) as error:
            raise Gone(f"POST {path}: {error!r}") from error
        finally:
            connection.close()

    def _headers(self, kind: str) -> dict[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if kind:
            headers["Content-Type"] = kind
            headers["Sec-Fetch-Site"] = "same-origin"
        return headers

    def log_in(self, login: str, password: str) -> None:
        """Log in. Raises Gone, and AssertionError when the server refuses."""
        form = self.get("/login").form("/login")
        assert form is not None, "the login page has no form"
        answer = self.post("/login", form.filled({"login": login, "password": password}))
        assert answer.status in (302, 303), f"{login} was not let in: {answer.status}"

    def _ask(self, method: str, path: str, body: str | bytes | None, kind: str = "") -> Page:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, body, self._headers(kind))
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, HTTPException) as error:
            raise Gone(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Page(answer.status, answer.headers.get("Location", ""), text)
