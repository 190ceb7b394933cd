"""Prints issued documents outside any lock; run by the worker, by as many at once as there are.

A document is printed from its row, its file is put away first, and only then a short unit of work attaches it, if it
still waits. Two workers may print the same one: the bytes are the same, the file is stored once, the first attaches.
"""

from __future__ import annotations

import io
import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import SYSTEM
from workflows.calendar import clock
from workflows.documents.document import Document
from workflows.documents.fonts.faces import Fonts, fonts_of
from workflows.documents.printing import render
from workflows.errors import FashenError
from workflows.ledger.events import DocumentRendered
from workflows.store import Store

if TYPE_CHECKING:
    from workflows.files import Files, Stored

log = logging.getLogger(__name__)
LARGEST = 64 * 1024 * 1024  # bytes of one PDF
LONGEST_WAIT = 60  # minutes until a document that failed is tried again


@dataclass(frozen=True, slots=True)
class _Waiting:
    id: str
    type: str
    content: dict[str, Any]


def render_pending(store: Store, files: Files, fonts: Fonts | None = None, *, limit: int = 20) -> int:
    """Print up to `limit` waiting documents, oldest first, and give back how many were attached.

    fonts: the installation's faces; the packaged ones if not given. A document that can't be printed keeps waiting with
    its error on the row and is tried again after 1, 2, 4 … 60 minutes; the others go on. Database errors are raised.
    """
    attached = 0
    for waiting in _waiting(store, limit):
        if not _waits(store, waiting.id):
            continue  # another worker was faster: what it has printed need not be printed again
        try:
            done = render(waiting.type, waiting.content, fonts or fonts_of())
            stored = files.put(io.BytesIO(done.pdf), LARGEST)
        except FashenError as error:
            _note_failure(store, waiting.id, error.code, dict(error.facts))
            continue
        except Exception as error:  # whatever is wrong with one document, the next ones are printed
            log.exception("document %s can't be printed", waiting.id)
            _note_failure(store, waiting.id, "document.render_failed", {"reason": f"{type(error).__name__}: {error}"})
            continue
        seal = asdict(done.seal) if done.seal else None
        with store.work() as session:
            attached += _attach(session, waiting.id, stored, done.pages, seal)
    return attached


def _waiting(store: Store, limit: int) -> list[_Waiting]:
    now = clock.now()
    wanted = (
        select(Document.id, Document.type, Document.content)
        .where(Document.state == "pending", or_(Document.retry_at.is_(None), Document.retry_at <= now))
        .order_by(Document.created_at, Document.id)
        .limit(limit)
    )
    with store.read() as session:
        return [_Waiting(*row) for row in session.execute(wanted)]


def _waits(store: Store, document_id: str) -> bool:
    with store.read() as session:
        return session.scalar(select(Document.state).where(Document.id == document_id)) == "pending"


def _lock(session: Session, document_id: str) -> Document | None:
    """The document if it still waits, its row locked."""
    wanted = select(Document).where(Document.id == document_id, Document.state == "pending")
    return session.execute(wanted.with_for_update()).scalar_one_or_none()


def _attach(session: Session, document_id: str, stored: Stored, pages: int, seal: dict[str, Any] | None) -> int:
    document = _lock(session, document_id)
    if document is None:
        return 0
    document.state, document.rendered_at = "rendered", clock.now()
    document.sha256, document.size, document.pages, document.seal = stored.sha256, stored.size, pages, seal
    document.error, document.retry_at = None, None
    session.flush()
    event = DocumentRendered(
        document_id=document.id, type=document.type, number=document.number, sha256=stored.sha256, size=stored.size,
        pages=pages,
    )
    ledger.append(session, f"case:{document.case_id}", event, actor=SYSTEM)
    return 1


def _note_failure(store: Store, document_id: str, code: str, facts: dict[str, Any]) -> None:
    with store.work() as session:
        document = _lock(session, document_id)
        if document is None:
            return
        document.attempts += 1
        document.error = {"code": code, "facts": {key: str(value)[:500] for key, value in facts.items()}}
        wait = min(2 ** min(document.attempts - 1, 10), LONGEST_WAIT)
        document.retry_at = clock.now() + timedelta(minutes=wait)
