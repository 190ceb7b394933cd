"""The catalogue of matters: which conduct may be penalised how, by which article, within which range, since when."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Base


class Matter(Base):
    """One matter (e.g. CF-AQF-097-1-07). `spec` is the catalogue's entry in full; amounts there are yuan."""

    __tablename__ = "matter"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # 行政处罚 | 行政强制 | 行政许可
    name: Mapped[str] = mapped_column(Text)
    legal_basis: Mapped[str] = mapped_column(Text)  # the citations, joined
    effective_from: Mapped[date | None] = mapped_column(Date)  # None: not known
    effective_to: Mapped[date | None] = mapped_column(Date)
    dual_penalty: Mapped[bool] = mapped_column(Boolean, default=False)
    hearing_possible: Mapped[bool] = mapped_column(Boolean, default=False)
    in_local_list: Mapped[bool] = mapped_column(Boolean, default=True)  # legality review by the bureau's own rule
    source: Mapped[str] = mapped_column(String(20), default="seed")  # seed | bureau
    spec: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class BureauRule(Base):
    """A configurable legal parameter with dates, e.g. hearing threshold, collective-discussion threshold, quorum."""

    __tablename__ = "bureau_rule"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), index=True)  # hearing_threshold, collective_threshold, quorum …
    bureau_id: Mapped[str | None] = mapped_column(String(32))  # None: for every bureau
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(Text, default="")
