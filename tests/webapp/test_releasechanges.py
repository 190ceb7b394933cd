"""Who changed what of a release, on its page."""

from __future__ import annotations

import re

import pytest

from tests.webapp.site import Site, Visitor
from tests.webapp.test_studio import FILE, KEY, asked, begin, renamed, save
from workflows.diagrams import library
from workflows.engine.package import Package

SHIPPED = library.shipped()
FORM = "forms/put_on_agenda.form"


def rows(visitor: Visitor, at: str) -> dict[str, str]:
    """Path → what the row of a file says, without its tags."""
    page = visitor.get(at).text
    panel = page[page.index('aria-labelledby="hands-title"') :]
    panel = panel[: panel.index("</section>")]
    found = re.findall(r"<tr>\s*<td(.*?)</tr>", panel, re.DOTALL)
    path = re.compile("<code[^>]*>(.*?)</code>")
    return {path.findall(row)[0]: " ".join(re.sub("<[^>]*>", " ", row).split()) for row in found}


def test_the_approver_reads_who_saved_each_changed_file_and_when(site: Site) -> None:
    admin, other = site.visitor("admin"), site.visitor("admin2")
    at = begin(admin)
    renamed(admin, at)
    site.to(2024, 3, 4, 10, 30)
    form = SHIPPED[KEY].files[FORM].replace("会议".encode(), "讨论会议".encode(), 1)
    assert form != SHIPPED[KEY].files[FORM]
    admin, other = site.visitor("admin"), site.visitor("admin2")
    assert save(other, at, FORM, form, '"1"').status_code == 200
    release = asked(admin, at).location
    site.to(2024, 3, 4, 11, 0)
    admin = site.visitor("admin")
    assert save(admin, at, FILE, admin.get(f"{at}/files/{FILE}").data + b"\n", '"2"').status_code == 200
    told = rows(site.visitor("auditor"), release)
    assert list(told) == [FILE, FORM]
    assert "修改 系统管理员 保存 1 次 · 2024-03-04 09:00" in told[FILE]  # what came after the request is not released
    assert "修改 孟洁 保存 1 次 · 2024-03-04 10:30" in told[FORM]


def test_what_a_draft_began_with_was_written_by_nobody_in_it(site: Site) -> None:
    admin, other = site.visitor("admin"), site.visitor("admin2")
    at = begin(admin)
    renamed(admin, at)
    release = asked(admin, at).location
    other.get(release)
    assert other.post(f"{release}/approve", {"decision": "同意"}).status_code == 302
    back = asked(other, begin(other, version=1)).location
    assert "起始内容：第 1 版" in rows(admin, back)[FILE]


def test_of_an_upgrade_the_approver_reads_whose_change_is_whose(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    admin, other = site.visitor("admin"), site.visitor("admin2")
    at = begin(admin)
    renamed(admin, at)
    first = asked(admin, at).location
    other.get(first)
    assert other.post(f"{first}/approve", {"decision": "同意"}).status_code == 302
    said = SHIPPED[KEY].files["process.yaml"] + "# 升级\n".encode()
    newer = Package(KEY, {**SHIPPED[KEY].files, "process.yaml": said})
    monkeypatch.setattr(library, "shipped", lambda: {**SHIPPED, KEY: newer})
    page = other.get(asked(admin, begin(admin, origin="upgrade")).location).text
    assert "程序升级并入本局版本" in page and "只有程序改过" in page and "只有本局改过" in page
    assert "采用程序的文件</button>" not in page
