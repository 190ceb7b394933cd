"""Issuing a document and voiding its number: parts of commands, so they neither lock the case nor commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor, Unit, legal_subject
from workflows.calendar import clock
from workflows.documents.document import Document, get_document
from workflows.documents.kinds.registry import kind_of
from workflows.documents.numbers import next_number
from workflows.errors import Invalid
from workflows.ledger.canonical import digest, text
from workflows.ledger.events import DocumentIssued, NumberVoided
from workflows.store import new_id


def issue(
    session: Session, actor: Actor, *, type: str, unit: Unit, case_id: str, content: Mapping[str, Any],
    party_id: str | None = None,
) -> Document:
    """Give a document its number and keep its content; the worker prints it after the commit.

    type: an id of KINDS; unit: the handling unit, or the legal subject itself: the document is issued in the name of
    the legal subject above it. content: the fields of the kind without `number`; `agency` defaults to the legal
    subject's name and `issued_on` to today. The caller holds the case's lock.
    Raises Invalid: "document.type_unknown", "document.content_invalid" naming every field, "document.pattern_invalid",
    "document.number_taken"; NotFound("unit.no_legal_subject").
    """
    kind = kind_of(type)
    subject = legal_subject(session, unit.id)
    whole = {"agency": subject.name, "issued_on": clock.today().isoformat(), **content, "number": ""}
    issued_on = kind.read(whole).frame.issued_on
    year, (seq, number) = issued_on.year, next_number(session, subject, type, issued_on.year)
    taken = select(Document.id).where(Document.unit_id == subject.id, Document.number == number)
    if session.execute(taken).first() is not None:
        raise Invalid("document.number_taken", number=number)
    whole["number"] = number
    document = Document(
        id=new_id(), case_id=case_id, party_id=party_id, type=type, unit_id=subject.id, year=year, seq=seq,
        number=number, content=whole, issued_on=issued_on, issued_by=actor.person_id, created_at=clock.now(),
    )
    session.add(document)
    session.flush()
    event = DocumentIssued(
        document_id=document.id, type=type, number=number, sha256=digest("sha256", text(whole).encode()),
        party_id=party_id, content=whole,
    )
    ledger.append(session, f"case:{case_id}", event, actor=actor)
    return document


def void_number(session: Session, actor: Actor, document_id: str, reason: str) -> Document:
    """Void a document; its number stays in the register, marked, and is never given again.

    The caller holds the case's lock and has checked that the document was not served.
    Raises NotFound("document.unknown"); Invalid: "document.void_reason_missing", "document.already_void".
    """
    if not reason.strip():
        raise Invalid("document.void_reason_missing")
    get_document(session, document_id)
    wanted = select(Document).where(Document.id == document_id)
    # The worker may be attaching its PDF right now: read again what is there once the row is ours.
    document = session.execute(wanted.with_for_update().execution_options(populate_existing=True)).scalar_one()
    if document.state == "void":
        raise Invalid("document.already_void", number=document.number)
    document.state, document.void_reason, document.voided_at = "void", reason.strip(), clock.now()
    session.flush()
    event = NumberVoided(number=document.number, type=document.type, reason=reason.strip(), document_id=document.id)
    ledger.append(session, f"case:{document.case_id}", event, actor=actor)
    return document


def preview(type: str, unit_name: str, content: Mapping[str, Any], on: date | None = None) -> dict[str, Any]:
    """A content as `issue` would complete it, without a number: for a draft that is shown before it is decided."""
    kind_of(type)
    day = (on or clock.today()).isoformat()
    return {"agency": unit_name, "issued_on": day, **content, "number": ""}
