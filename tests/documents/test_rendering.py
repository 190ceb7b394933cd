"""The worker prints what waits, once, and nothing that fails stops the others."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from tests.documents.conftest import Bureau
from tests.documents.test_issuing import content, issue
from workflows import documents, ledger
from workflows.calendar import clock
from workflows.documents import Document, render_pending
from workflows.documents.fonts import Fonts
from workflows.errors import Unavailable
from workflows.files import Files
from workflows.store import Store


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files((tmp_path / "files").as_uri())


def rows(store: Store) -> list[Document]:
    with store.read() as session:
        found = list(session.execute(select(Document).order_by(Document.created_at, Document.id)).scalars())
        session.expunge_all()  # a reading unit forgets its rows when it ends
    return found


def test_a_waiting_document_becomes_a_file(store: Store, bureau: Bureau, files: Files, fonts: Fonts) -> None:
    issue(store, bureau)
    assert render_pending(store, files, fonts) == 1
    (document,) = rows(store)
    assert (document.state, document.attempts, document.error) == ("rendered", 0, None)
    assert document.sha256
    with files.open(document.sha256) as stream:
        pdf = stream.read()
    assert len(pdf) == document.size
    assert len(PdfReader(io.BytesIO(pdf)).pages) == document.pages
    assert document.seal
    assert document.seal["page"] == document.pages
    with store.read() as session:
        last = list(ledger.history(session, f"case:{bureau.case}"))[-1]
    assert (last.event, last.data["sha256"]) == ("DocumentRendered", document.sha256)
    assert render_pending(store, files, fonts) == 0


def test_a_document_that_fails_keeps_its_error_and_the_others_are_printed(
    store: Store, bureau: Bureau, files: Files, fonts: Fonts
) -> None:
    issue(store, bureau, given={**content(), "facts": "经查，\U00013000。"})
    issue(store, bureau, "referral_letter")
    assert render_pending(store, files, fonts) == 1
    failed, printed = rows(store)
    assert printed.state == "rendered"
    assert (failed.state, failed.attempts) == ("pending", 1)
    assert failed.error == {"code": "document.glyph_missing", "facts": {"char": "\U00013000", "point": "U+13000"}}


def test_a_failed_document_is_tried_again_later(store: Store, bureau: Bureau, files: Files, fonts: Fonts) -> None:
    with clock.simulated(clock.now()) as time:
        issue(store, bureau, given={**content(), "facts": "经查，\U00013000。"})
        waits = []
        for _ in range(8):
            render_pending(store, files, fonts)
            (failed,) = rows(store)
            assert failed.retry_at
            waits.append(int((failed.retry_at - time.now()).total_seconds() / 60))
            time.set(failed.retry_at - timedelta(seconds=1))
            assert render_pending(store, files, fonts) == 0
            assert rows(store)[0].attempts == failed.attempts
            time.set(failed.retry_at)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_store_that_does_not_answer_is_noted_and_overcome(
    store: Store, bureau: Bureau, files: Files, fonts: Fonts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise Unavailable("files.full")

    with clock.simulated(clock.now()) as time:
        issue(store, bureau)
        with monkeypatch.context() as patch:
            patch.setattr(type(files), "put", full)
            assert render_pending(store, files, fonts) == 0
        assert rows(store)[0].error == {"code": "files.full", "facts": {}}
        time.set(time.now() + timedelta(minutes=2))
        assert render_pending(store, files, fonts) == 1
        assert rows(store)[0].error is None


def test_a_void_document_is_never_printed(store: Store, bureau: Bureau, files: Files, fonts: Fonts) -> None:
    document = issue(store, bureau)
    with store.work() as session:
        documents.void_number(session, bureau.actor, document.id, "重复")
    assert render_pending(store, files, fonts) == 0
    assert rows(store)[0].sha256 is None


def test_two_workers_at_once_attach_each_document_once(store: Store, bureau: Bureau, files: Files) -> None:
    for kind in ("penalty_decision", "penalty_notice", "no_penalty_decision", "referral_letter"):
        issue(store, bureau, kind)
    start, attached = threading.Barrier(2), []

    def work() -> None:
        start.wait()
        attached.append(render_pending(store, files, Fonts()))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(attached) == 4
    with store.read() as session:
        events = [entry.event for entry in ledger.history(session, f"case:{bureau.case}")]
        assert not ledger.verify(session)
    assert events.count("DocumentRendered") == 4
    assert {document.state for document in rows(store)} == {"rendered"}
