"""The row of an issued document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.documents.kinds.registry import KINDS
from workflows.errors import NotFound
from workflows.store import Row, Utc

STATES: dict[str, tuple[str, str]] = {
    "pending": ("待生成", "To be rendered"),
    "rendered": ("已生成", "Rendered"),
    "void": ("已作废", "Void"),
}
"""A document is issued as pending; the worker renders it. A void one keeps its number and is never rendered."""


class Document(Row):
    """An official document with its number. `content` never changes; `sha256` and `size` are those of the PDF."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("unit_id", "type", "year", "seq"),
        UniqueConstraint("unit_id", "number"),
        Index("ix_document_pending", "state", "retry_at"),
    )
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    party_id: Mapped[str | None] = mapped_column(ForeignKey("party.id"))
    type: Mapped[str] = mapped_column(String(32))  # KINDS
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # the legal subject in whose name it is issued
    year: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(80))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_on: Mapped[date] = mapped_column(Date)  # the day the document bears
    issued_by: Mapped[str] = mapped_column(String(32))  # person id, or "system"
    created_at: Mapped[datetime] = mapped_column(Utc)
    state: Mapped[str] = mapped_column(String(10), default="pending")
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    pages: Mapped[int | None] = mapped_column(Integer)
    seal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # {page, x, y, diameter}, points
    rendered_at: Mapped[datetime | None] = mapped_column(Utc)
    attempts: Mapped[int] = mapped_column(Integer, default=0)  # failed renderings
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # {code, facts} of the last failure
    retry_at: Mapped[datetime | None] = mapped_column(Utc)  # not rendered again before
    void_reason: Mapped[str] = mapped_column(Text, default="")
    voided_at: Mapped[datetime | None] = mapped_column(Utc)

    @property
    def title(self) -> str:
        """The kind's Chinese name."""
        return KINDS[self.type].zh

    @property
    def file_name(self) -> str:
        """A name for a download: 行政处罚决定书（衢）应急罚〔2023〕1号.pdf."""
        return f"{self.title}{self.number}.pdf"


def get_document(session: Session, document_id: str) -> Document:
    """A document by id. Raises NotFound."""
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound("document.unknown", document=document_id)
    return document


def documents_of(session: Session, case_id: str) -> Sequence[Document]:
    """All documents of a case in the order of their issue, void ones among them."""
    wanted = select(Document).where(Document.case_id == case_id).order_by(Document.created_at, Document.id)
    return session.execute(wanted).scalars().all()
