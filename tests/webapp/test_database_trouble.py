"""A database that is locked, read-only, damaged or gone is a sentence on a page, and never costs what was typed."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.webapp.site import Site, Visitor, form_fields
from workflows import store as stores
from workflows.sessions import WebSession

TYPED = "不能丢的文字"


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a lock is what it is, only shorter."""
    monkeypatch.setattr(stores, "BUSY_SECONDS", 1)
    monkeypatch.setattr(stores, "HASTY_MILLISECONDS", 10)


def file_of(site: Site) -> Path:
    return Path(str(site.store.engine.url.database))


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Another program holds the right to write."""
    with closing(sqlite3.connect(file_of(site), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def make_read_only(site: Site) -> None:
    """Every connection from now on refuses changes, as a file system that went read-only does."""

    def refuse(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(site.store.engine, "connect", refuse)
    site.store.close()


def damage(site: Site) -> None:
    """The file is no database any more."""
    site.store.close()
    path = file_of(site)
    for more in ("-wal", "-shm"):
        path.with_name(path.name + more).unlink(missing_ok=True)
    path.write_bytes(b"garbage" * 1000)


def at_a_task(site: Site) -> tuple[Visitor, str, dict[str, str]]:
    """The deputy before a form, filled in, two minutes after the last page."""
    case_id = site.open_case()
    deputy = site.visitor("deputy")
    path = f"/tasks/{site.task(case_id, 'approve_filing')}"
    fields = {**form_fields(deputy.get(path)), "result": "approve", "opinion": TYPED}
    site.to(2024, 3, 4, 9, 2)
    return deputy, path, fields


def test_pages_are_read_while_somebody_else_writes_for_long(site: Site) -> None:
    """Noting that a session is in use is not worth waiting for."""
    deputy, path, _fields = at_a_task(site)
    with locked(site):
        for page in (path, "/desk", "/cases", "/nowhere"):
            assert deputy.get(page).status_code in (200, 404), page


def test_a_session_is_marked_as_used_once_the_lock_is_gone(site: Site) -> None:
    deputy, path, _fields = at_a_task(site)
    with site.store.read() as session:
        before = max(row.last_seen_at for row in session.execute(select(WebSession)).scalars())
    with locked(site):
        deputy.get(path)
    deputy.get(path)
    with site.store.read() as session:
        assert max(row.last_seen_at for row in session.execute(select(WebSession)).scalars()) > before


@pytest.mark.parametrize("ending", ["complete", "draft"])
def test_a_form_sent_to_a_locked_database_comes_back_with_its_text(site: Site, ending: str) -> None:
    deputy, path, fields = at_a_task(site)
    with locked(site):
        answer = deputy.post(f"{path}/{ending}", fields)
    assert answer.status_code == 503
    assert TYPED in answer.text
    again = deputy.post(f"{path}/{ending}", {**fields, **form_fields(answer)})
    assert again.status_code == 302


def test_after_silence_a_form_keeps_its_key_so_that_it_is_never_done_twice(site: Site) -> None:
    """The database may have committed before it fell silent."""
    deputy, path, fields = at_a_task(site)
    with locked(site):
        answer = deputy.post(f"{path}/complete", fields)
    assert form_fields(answer)["key"] == fields["key"]
    refused = deputy.post(f"{path}/complete", {**fields, "result": ""})
    assert refused.status_code == 422
    assert form_fields(refused)["key"] != fields["key"]


def test_a_read_only_database_can_be_read_and_loses_no_text(site: Site) -> None:
    deputy, path, fields = at_a_task(site)
    make_read_only(site)
    assert deputy.get("/desk").status_code == 200
    answer = deputy.post(f"{path}/complete", fields)
    assert answer.status_code == 503
    assert TYPED in answer.text


def test_a_damaged_database_is_told_on_a_page_that_does_not_ask_it(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    deputy, path, fields = at_a_task(site)
    damage(site)
    with caplog.at_level(logging.ERROR):
        for page in ("/desk", path, "/healthz", "/login"):
            answer = deputy.get(page)
            assert answer.status_code == 503, page
            assert "系统暂时无法办理" in answer.text
        assert deputy.get("/nowhere").status_code == 404
        answer = deputy.post(f"{path}/complete", fields)
        assert answer.status_code == 503
        assert TYPED in answer.text
        assert deputy.post("/account/password", {"old": "geheim-1", "new": "geheim-2"}).status_code == 503
        assert "geheim" not in deputy.post("/account/password", {"old": "geheim-1", "new": "geheim-2"}).text
        expired = deputy.post(f"{path}/complete", {**fields, "csrf_token": "made-up"})
        assert expired.status_code == 400
        assert TYPED in expired.text
    assert "file is not a database" in caplog.text
    assert "garbage" not in answer.text


def test_a_strangers_page_gets_no_text_back_from_a_damaged_database(site: Site) -> None:
    deputy, path, fields = at_a_task(site)
    damage(site)
    deputy.headers = {"Sec-Fetch-Site": "cross-site"}
    assert TYPED not in deputy.post(f"{path}/complete", fields).text
