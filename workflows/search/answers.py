"""A page of what a question found, and how much of each kind, within what the person may see.

Results stand by kind, and within a kind with what was written last first. Nothing is ranked by how frequent a word is
in the whole: that would let what somebody may not see decide on the order of what they may. Counting stops at MOST of a
kind, so that a word that stands everywhere costs no more than a rare one.

Of several words some may stand in what a case says of itself: 金桔 询问笔录 finds the interviews of the cases of
常山金桔. So a page of a question of several words has two halves: entries that have all words, and entries of the cases
that a word names (`naming`) which have the words that their case does not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from workflows.actors import Actor
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.search import entries, naming, sight, words
from workflows.search.entries import GRAMS, SearchEntry
from workflows.search.excerpts import Piece, excerpt
from workflows.search.sources import SOURCES

SIZE = 20
MOST = 200
"""Entries of a kind that are counted and paged through; whoever has more asks for more words."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. text: as typed; kind: one of SOURCES; the others narrow the cases, year: by when they began."""

    text: str
    kind: str = ""
    case_kind: str = ""
    unit: str = ""
    state: str = ""
    year: int | None = None

    @property
    def words(self) -> list[str]:
        """The words that are looked for."""
        return words.asked(self.text)


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a kind, up to MOST. more: there are more than that."""

    number: int
    more: bool

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry that was found, with its case. row: what it tells of, of the model of its kind; part: of its text."""

    kind: str
    row_id: str
    part: int
    case: Case
    row: Any
    excerpt: list[Piece]


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of hits. counts: of each kind that has any; total: of the kind that was asked for, or of all."""

    hits: list[Hit] = field(default_factory=list)
    counts: dict[str, Count] = field(default_factory=dict)
    total: Count = field(default=Count(0, False))
    page: int = 1
    pages: int = 1


def answer(session: Session, actor: Actor, question: Question, number: int = 1) -> Answer:
    """What a question finds; nothing for one without a word. number: of the page, from 1, at most the last."""
    asked = question.words
    if not asked:
        return Answer()
    sees, few = sight.seen(session, actor), sight.few_cases(session, actor)
    if few == []:
        return Answer()
    found = {
        kind: _of_kind(session, question, kind, asked, few).where(sees.get(kind, false())) for kind in SOURCES
    }  # fmt: skip
    # FTS5 gives its rows in the order of their ids, if it is asked for its own.
    newest: Any = GRAMS.c.rowid if few is None and _dialect(session) == "sqlite" else SearchEntry.id
    if missing := _named(session, question, asked, few, sees["case"]):
        for kind in SOURCES:
            halves = [found[kind].order_by(newest.desc())]
            if kind != "case":
                halves.append(_of_named(question, kind, asked, missing).where(sees.get(kind, false())))
            found[kind] = _either(session, halves)
        newest = SearchEntry.id
    counts = _counted(session, found)
    shown = [kind for kind in counts if question.kind in ("", kind)]
    total = Count(sum(counts[kind].number for kind in shown), any(counts[kind].more for kind in shown))
    pages = max(1, -(-total.number // SIZE))
    number = min(max(1, number), pages)
    ids: list[int] = []
    ends = list(accumulate(counts[kind].number for kind in shown))
    for kind, end in zip(shown, ends, strict=True):
        first, last = (number - 1) * SIZE, number * SIZE
        begin = end - counts[kind].number
        if begin < last and end > first:
            skipped = max(0, first - begin)
            ids += _page(session, found[kind], newest, skipped, min(last, end) - max(first, begin))
    return Answer(_hits(session, ids, asked), counts, total, number, pages)


def _of_kind(
    session: Session, question: Question, kind: str, asked: Sequence[str], few: Sequence[str] | None
) -> Select[int]:
    """The ids of entries of a kind that have the words. few: the cases among which they are, if not all."""
    wanted = select(SearchEntry.id).join(Case, Case.id == SearchEntry.case_id).where(SearchEntry.kind == kind)
    if few is not None:
        wanted = wanted.where(SearchEntry.case_id.in_(few))
    else:
        if _dialect(session) == "sqlite":
            wanted = wanted.join(GRAMS, GRAMS.c.rowid == SearchEntry.id)
        grams = entries.query(_dialect(session), _needed(asked, kind))
        wanted = wanted.where(entries.has_grams(_dialect(session), grams))
    for word in asked:
        if few is not None or not words.is_one_gram(word):
            wanted = wanted.where(SearchEntry.folded.contains(words.within(word)))
    return wanted.where(*_of_case(question))


def _named(
    session: Session, question: Question, asked: Sequence[str], few: Sequence[str] | None, sees: ColumnElement[bool]
) -> naming.Missing:
    """What the cases that a word of several names do not say of themselves; nothing for a question of one word.

    sees: which cases' own entries the actor sees.
    """
    if len(asked) == 1:
        return {}
    named: set[str] = set()
    for word in asked:
        own = _of_kind(session, question, "case", [word], few).where(sees).limit(naming.MOST + 1)
        ids = session.execute(own.with_only_columns(SearchEntry.case_id, maintain_column_froms=True)).scalars().all()
        named.update(ids if len(ids) <= naming.MOST else ())
    return naming.missing(session, named, asked)


def _of_named(question: Question, kind: str, asked: Sequence[str], missing: naming.Missing) -> Select[int]:
    """The ids of a named case's entries that have what the case does not say; where it says all, any of the words."""
    wanted = select(SearchEntry.id).join(Case, Case.id == SearchEntry.case_id).where(SearchEntry.kind == kind)
    named = [case_id for ids in missing.values() for case_id in ids]
    has = {word: SearchEntry.folded.contains(words.within(word)) for word in asked}
    stands = or_(*(
        and_(SearchEntry.case_id.in_(ids), *([has[word] for word in absent] or [or_(*has.values())]))
        for absent, ids in missing.items()
    ))  # fmt: skip
    newest = (SearchEntry.id + 0).desc()  # the index of ids would else be walked through for its order
    return wanted.where(SearchEntry.case_id.in_(named), stands, *_of_case(question)).order_by(newest)


def _either(session: Session, queries: Sequence[Select[int]]) -> Select[int]:
    """What one of the queries finds, as far as it is counted: the newest of all are among the newest of each."""
    ids = {one for query in queries for one in session.execute(query.limit(MOST + 1)).scalars()}
    return select(SearchEntry.id).where(SearchEntry.id.in_(ids))


def _of_case(question: Question) -> list[ColumnElement[bool]]:
    pairs = ((Case.kind, question.case_kind), (Case.unit_id, question.unit), (Case.state, question.state))
    found = [column == value for column, value in pairs if value]
    if question.year is not None:
        begin, end = (datetime(year, 1, 1, tzinfo=clock.SHANGHAI) for year in (question.year, question.year + 1))
        found += [Case.opened_at >= begin, Case.opened_at < end]
    return found


def _needed(asked: Sequence[str], kind: str) -> list[tuple[str, bool]]:
    grams = {gram: begins for word in asked for gram, begins in words.required(word)}
    return [(words.of_kind(kind), False), *grams.items()]


def _counted(session: Session, found: dict[str, Select[int]]) -> dict[str, Count]:
    counts = {}
    for kind, query in found.items():
        one: ColumnElement[int] = literal_column("1").label("one")
        limited: Select[Any] = query.with_only_columns(one, maintain_column_froms=True).limit(MOST + 1)
        number = session.execute(select(func.count()).select_from(limited.subquery())).scalar_one()
        if number:
            counts[kind] = Count(min(number, MOST), number > MOST)
    return counts


def _page(session: Session, query: Select[int], newest: Any, skipped: int, most: int) -> Sequence[int]:
    """Ids of one kind, what was written last first. newest: the column that says so."""
    return session.execute(query.order_by(newest.desc()).limit(most).offset(skipped)).scalars().all()


def _hits(session: Session, ids: Sequence[int], asked: Sequence[str]) -> list[Hit]:
    found = {row.id: row for row in session.execute(select(SearchEntry).where(SearchEntry.id.in_(ids))).scalars()}
    cases = {case.id: case for case in session.execute(
        select(Case).where(Case.id.in_({row.case_id for row in found.values()}))
        .options(joinedload(Case.unit), selectinload(Case.parties))
    ).unique().scalars()}  # fmt: skip
    rows: dict[str, Any] = {}
    for kind in {row.kind for row in found.values()}:
        model = SOURCES[kind].model
        of_kind = select(model).where(model.id.in_([row.row_id for row in found.values() if row.kind == kind]))
        rows |= {row.id: row for row in session.execute(of_kind).scalars()}
    return [
        Hit(one.kind, one.row_id, one.part, cases[one.case_id], rows[one.row_id], excerpt(one.text, asked))
        for one in (found[entry_id] for entry_id in ids)
    ]


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name
