"""Materials of a case: files against the checklist of its kind and stage. A new version supersedes an old one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Row, Utc

EVIDENCE = frozenset({"inspection_record", "evidence", "appraisal", "seizure_record"})
"""Kinds of materials that prove facts: the digest of a draft covers them."""


class Material(Row):
    """One file in the case, by its content hash."""

    __tablename__ = "material"
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))  # key of the checklist, or "other"
    stage: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    added_at: Mapped[datetime] = mapped_column(Utc)
    added_by_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    superseded_by_id: Mapped[str | None] = mapped_column(ForeignKey("material.id"))
