"""Drafts behind the contract of the studio's editors (webapp/templates/studio/edit_diagram.html), kept in memory.

What the editors do in a browser is tested against this place: a test can be the other administrator, take the server
away, and say what the checks find. Login, pages, policy and preview are the real ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from playwright.sync_api import Browser, Page, expect

from webapp import access
from webapp.security import content_policy
from workflows.actors import ROLES
from workflows.cases.acts import ACTS
from workflows.diagrams import library

WAIT = 60_000
"""Milliseconds; a limit for hanging on a busy machine, not an expectation."""
POLICY = content_policy(style_src="'self' 'unsafe-inline'")
"""The editors of bpmn.io write styles into elements; scripts stay ours alone."""
KINDS = {"bpmn": "diagram", "dmn": "decision", "form": "form", "yaml": "description"}


@dataclass
class Draft:
    """One draft: its files with their revisions, and how the server behaves towards it."""

    key: str
    files: dict[str, bytes]
    revisions: dict[str, int] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    away: bool = False
    changed_by: str = "王五"

    def text(self, path: str) -> str:
        """A file as it is on the server."""
        return self.files[path].decode()

    def revision(self, path: str) -> int:
        """How often a file was saved."""
        return self.revisions.get(path, 1)

    def save(self, path: str, data: bytes) -> None:
        """Somebody saves a file."""
        self.files[path] = data
        self.revisions[path] = self.revision(path) + 1


class Drafts:
    """All drafts of a test module, each a copy of a shipped package."""

    def __init__(self) -> None:
        self.shipped = library.shipped()
        self.drafts: list[Draft] = []

    def begin(self, key: str) -> tuple[Draft, str]:
        """A fresh draft of a process, and the address that its pages begin with."""
        self.drafts.append(Draft(key, dict(self.shipped[key].files)))
        return self.drafts[-1], f"/drafting/{len(self.drafts) - 1}"

    def serve(self, app: Flask) -> None:
        """Put the pages of the drafts onto a server."""
        app.register_blueprint(self._blueprint())
        for endpoint in ("file", "choices", "check", "edit"):
            access.TABLE[f"drafting.{endpoint}"] = frozenset({"sys_admin"})

    def close(self) -> None:
        """Take them out of the table of roles again, which is one for all servers of this process."""
        for endpoint in [name for name in access.TABLE if name.startswith("drafting.")]:
            del access.TABLE[endpoint]

    def _blueprint(self) -> Blueprint:
        place = Blueprint("drafting", __name__, url_prefix="/drafting/<int:number>")
        place.add_url_rule("/files/<path:path>", "file", self._file, methods=["GET", "PUT"])
        place.add_url_rule("/choices.json", "choices", self._choices)
        place.add_url_rule("/check", "check", self._check, methods=["POST"])
        place.add_url_rule("/edit/<path:path>", "edit", self._edit)
        return place

    def _file(self, number: int, path: str) -> ResponseReturnValue:
        draft = self.drafts[number]
        if request.method == "PUT":
            if draft.away:
                return jsonify(code="test.away", sentence="数据库暂时不可用。"), 503
            if request.headers.get("If-Match") != f'"{draft.revision(path)}"':
                told = {"by": draft.changed_by, "at": "2024-02-26T01:20:00+00:00", "revision": draft.revision(path)}
                sentence = f"{draft.changed_by}已于 9:20 保存了此文件。"
                return jsonify(code="draft.changed", sentence=sentence, **told), 409
            draft.save(path, request.get_data())
            response = Response(status=204)
        else:
            response = Response(draft.files[path], mimetype="application/octet-stream")
        response.headers["ETag"] = f'"{draft.revision(path)}"'
        return response

    def _choices(self, number: int) -> ResponseReturnValue:
        draft = self.drafts[number]
        forms = [path for path in draft.files if path.endswith(".form")]
        return jsonify(
            roles=_listed({id: zh for id, (zh, _) in ROLES.items()}),
            acts=_listed({act.name: act.zh for act in ACTS.values()}),
            forms=[{"value": _stem(path), "label": _stem(path), "url": url_for(".edit", number=number, path=path)}
                   for path in forms],
            operators=_listed({"claim": "认领", "release": "退回待认领", "ask": "加批"}),
            gates=_listed({"G3": "法制审核"}), documents=_listed({"review_opinion": "法制审核意见书"}),
            handlers=[], topics=_listed({"enterprise": "企业信息"}), decisions=[],
            processes=_listed({"legal_review": "法制审核"}), sources=_listed({"parties": "当事人"}), materials=[],
        )  # fmt: skip

    def _check(self, number: int) -> ResponseReturnValue:
        return jsonify(findings=self.drafts[number].findings)

    def _edit(self, number: int, path: str) -> ResponseReturnValue:
        draft = self.drafts[number]
        kind = KINDS[path.rpartition(".")[2]]
        files = [{"path": one, "kind": KINDS[one.rpartition(".")[2]], "label": one, "current": one == path,
                  "url": url_for(".edit", number=number, path=one)} for one in sorted(draft.files)]  # fmt: skip
        urls = {
            "file": url_for(".file", number=number, path=path), "choices": url_for(".choices", number=number),
            "check": url_for(".check", number=number),
            "description": url_for(".file", number=number, path="process.yaml"),
            "diagram": url_for(".file", number=number, path=f"{draft.key}.bpmn"),
        }  # fmt: skip
        told = {"title": draft.key, "back": "/desk", "file": path, "files": files, "readonly": False, "urls": urls}
        response = Response(render_template(f"studio/edit_{kind}.html", editor=told))
        response.headers["Content-Security-Policy"] = POLICY
        return response


def _listed(labels: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in labels.items()]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".form")


class Studio:
    """An administrator at a browser, with drafts to edit."""

    def __init__(self, drafts: Drafts, chromium: Browser, address: str) -> None:
        self.drafts, self.complaints = drafts, list[str]()
        self.context = chromium.new_context(base_url=address, locale="zh-CN", viewport={"width": 1440, "height": 900})
        self.context.set_default_timeout(WAIT)
        page = self.page()
        page.goto("/login")
        page.get_by_label("账号").fill("admin")
        page.get_by_label("密码").fill("fashen-demo")
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/desk")
        page.close()

    def page(self) -> Page:
        """A new page; what its script complains of, and what the content policy refuses, is kept."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        return page

    def edit(self, key: str, path: str) -> tuple[Page, Draft]:
        """A fresh draft of a process, with one of its files open in its editor."""
        draft, address = self.drafts.begin(key)
        page = self.page()
        page.goto(f"{address}/edit/{path}")
        ready(page)
        return page, draft

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing within the block makes the pages complain, but for what the server was told to refuse."""
        self.complaints.clear()
        yield
        assert [text for text in self.complaints if "status of 409" not in text and "status of 503" not in text] == []


def ready(page: Page) -> None:
    """The editor has read its file."""
    expect(page.locator("[data-studio]")).to_have_attribute("data-studio-state", "ready", timeout=WAIT)


def saved(page: Page) -> None:
    """All that was typed has reached the server."""
    expect(page.locator("p[data-state]")).to_have_attribute("data-state", "saved", timeout=WAIT)


def unsaved(page: Page, state: str) -> None:
    """The page says that the file is not saved, and in which state it is."""
    expect(page.locator("p[data-state]")).to_have_attribute("data-state", state, timeout=WAIT)
