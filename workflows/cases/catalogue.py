"""The catalogue of matters: which conduct may be penalised how, by which article, within which range, since when."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store import Base, Row


class Matter(Base):
    """One matter (e.g. CF-AQF-097-1-07). `spec` is the catalogue's entry in full; amounts there are whole yuan.

    spec["stages"]: [{stage, trigger, measures, types, entity, person}]; entity and person say how a fine on an entity
    or a person is measured (see `ranges`), types are penalty types of 行政处罚法 9.
    """

    __tablename__ = "matter"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # 行政处罚 | 行政强制 | 行政许可
    name: Mapped[str] = mapped_column(Text)
    legal_basis: Mapped[str] = mapped_column(Text)  # the citations, joined
    effective_from: Mapped[date | None] = mapped_column(Date)  # None: not known
    effective_to: Mapped[date | None] = mapped_column(Date)  # last day; None: open or not known
    dual_penalty: Mapped[bool] = mapped_column(Boolean, default=False)
    hearing_possible: Mapped[bool] = mapped_column(Boolean, default=False)
    in_local_list: Mapped[bool] = mapped_column(Boolean, default=True)  # legality review by the bureau's own rule
    source: Mapped[str] = mapped_column(String(20), default="seed")  # seed | bureau
    spec: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ReviewClass(Base):
    """A class of normative documents, administrative decisions or contracts that goes through legality review."""

    __tablename__ = "review_class"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # normative_document | decision | contract
    name: Mapped[str] = mapped_column(String(200))
    examples: Mapped[list[str]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(Text, default="")


class BureauRule(Row):
    """A configurable legal parameter with dates, e.g. hearing threshold, collective-discussion threshold, quorum."""

    __tablename__ = "bureau_rule"
    name: Mapped[str] = mapped_column(String(64), index=True)  # hearing_threshold, collective_threshold, quorum …
    bureau_id: Mapped[str | None] = mapped_column(String(32))  # None: for every bureau
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    effective_from: Mapped[date | None] = mapped_column(Date)  # None: not known, holds for every earlier day
    effective_to: Mapped[date | None] = mapped_column(Date)  # last day
    source: Mapped[str] = mapped_column(Text, default="")
