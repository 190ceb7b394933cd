"""The index: one row for each text that can be found, and its grams where the database finds them fast.

SQLite keeps the grams in a table of FTS5 whose rowid is the row's id. That table is only ever added to: whoever
searches joins it with the rows, so what was replaced is gone at once, and its grams go when the index is made anew.
PostgreSQL keeps them as a tsvector in the row itself, under a GIN index; no extension is needed for either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    cast,
    column,
    delete,
    event,
    insert,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from workflows.search import words
from workflows.store import Base, Utc

LONGEST = 40_000
"""Characters of one entry: what PostgreSQL's tsvector (1 MB) holds of them in any case. A longer text is several."""
MOST_PARTS = 25
"""Entries of one text, which is a million characters; the rest of a longer one is not found."""
OVERLAP = words.LONGEST_QUESTION
"""Characters that a part repeats of the one before, so that nothing is lost between them."""

GRAMS = table("search_gram", column("rowid"), column("grams"), column("search_gram"))
"""SQLite's table of grams; not among the models, as it is none of SQLAlchemy's."""
MAKE_GRAMS = (
    "CREATE VIRTUAL TABLE search_gram USING fts5(grams, content='', columnsize=0, detail=none, tokenize=\"ascii\")"
)
"""Without the texts, their lengths and the places in them: an entry is looked through once it has all grams."""


class SearchEntry(Base):
    """A text that can be found. row_id: of the row that it tells of, in the table of its kind; part: from 0.

    text: as it is shown; folded: as it is looked through. awaits: of a material, when its file may be read (again);
    empty once its text is in, or where there is none.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        Index("ix_search_entry_row_id_kind", "row_id", "kind"),
        Index("ix_search_entry_case_id_kind", "case_id", "kind"),
        Index("ix_search_entry_awaits", "awaits", sqlite_where=text("awaits IS NOT NULL"),
              postgresql_where=text("awaits IS NOT NULL")),
        Index("ix_search_entry_grams", "grams", postgresql_using="gin").ddl_if(dialect="postgresql"),
        {"sqlite_autoincrement": True},  # an id is never given twice: old grams must not come to stand for a new text
    )  # fmt: skip
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    row_id: Mapped[str] = mapped_column(String(32))
    part: Mapped[int] = mapped_column(Integer, default=0)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    text: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)
    grams: Mapped[str | None] = mapped_column(Text().with_variant(TSVECTOR, "postgresql"))
    awaits: Mapped[datetime | None] = mapped_column(Utc)
    attempts: Mapped[int] = mapped_column(Integer, default=0)


@event.listens_for(SearchEntry.__table__, "after_create")
def _with_grams(_table: Any, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(MAKE_GRAMS)


@event.listens_for(SearchEntry.__table__, "before_drop")
def _without_grams(_table: Any, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TABLE IF EXISTS search_gram")


@dataclass(frozen=True, slots=True)
class Found:
    """A text to be found: of which row and case, and from when on its file may be read, if it has one."""

    kind: str
    row_id: str
    case_id: str
    text: str
    awaits: datetime | None = None


def parts(text: str) -> list[str]:
    """A text in pieces of at most LONGEST characters, each beginning with the end of the one before."""
    step = LONGEST - OVERLAP
    return [text[start : start + LONGEST] for start in range(0, max(1, len(text) - OVERLAP), step)][:MOST_PARTS]


def write(connection: Connection, found: Iterable[Found]) -> None:
    """Add texts to the index. What was there of the same rows stays."""
    rows, grams = [], []
    for one in found:
        for number, piece in enumerate(parts(one.text)):
            folded = words.fold(piece)[: 2 * LONGEST]
            codes = words.joined({*words.grams(folded), words.of_kind(one.kind)})
            grams.append(codes)
            rows.append({
                "kind": one.kind, "row_id": one.row_id, "part": number, "case_id": one.case_id, "text": piece,
                "folded": folded, "awaits": one.awaits if number == 0 else None, "attempts": 0,
                "grams": codes if connection.dialect.name == "postgresql" else None,
            })  # fmt: skip
    if not rows:
        return
    ids = connection.execute(
        insert(SearchEntry).returning(SearchEntry.id, sort_by_parameter_order=True), rows
    ).scalars().all()  # fmt: skip
    if connection.dialect.name == "sqlite":
        connection.execute(
            insert(GRAMS), [{"rowid": made, "grams": codes} for made, codes in zip(ids, grams, strict=True)]
        )


def replace(connection: Connection, found: Sequence[Found]) -> None:
    """Add texts in place of all that was there of the same rows."""
    for one in found:
        connection.execute(
            delete(SearchEntry).where(SearchEntry.row_id == one.row_id, SearchEntry.kind == one.kind)
        )
    write(connection, found)


def forget(connection: Connection, case_ids: Collection[str], kinds: Collection[str]) -> None:
    """Drop the entries of these kinds of these cases."""
    connection.execute(delete(SearchEntry).where(SearchEntry.case_id.in_(case_ids), SearchEntry.kind.in_(kinds)))


def forget_everything(connection: Connection) -> None:
    """Empty the index, with the grams of what was replaced."""
    connection.execute(delete(SearchEntry))
    if connection.dialect.name == "sqlite":
        connection.execute(insert(GRAMS).values({"search_gram": "delete-all"}))


def has_grams(dialect: str, asked: str) -> Any:
    """The condition that an entry has the grams of what `query` wrote; on SQLite, of one joined with GRAMS."""
    if dialect == "postgresql":
        return SearchEntry.grams.op("@@")(cast(asked, TSQUERY))
    return GRAMS.c.search_gram.op("MATCH")(asked)


def query(dialect: str, needed: Collection[tuple[str, bool]]) -> str:
    """Grams in the words of the database, all of them required. needed: each, and whether only beginnings are meant."""
    if dialect == "postgresql":
        return " & ".join(f"{code}:*" if begins else code for code, begins in needed)
    return " AND ".join(f"{code}*" if begins else code for code, begins in needed)
