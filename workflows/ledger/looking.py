"""Looking into the ledger: entries that fit what somebody asks, of the streams that they may read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from workflows.ledger.entries import Entry, EntryRow, entry_of
from workflows.ledger.history import sentences_of_events

PAGE = 50
MOST_PAGES = 200
"""So far one turns pages; whoever looks for older entries narrows the days."""
OF_ROWS = "RowsWritten"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for; what is None or empty does not narrow.

    cases: ids of cases; people: ids of those who acted or whose own stream it is; first, last: moments of recording;
    rows: also what the journal of rows tells.
    """

    event: str = ""
    stream: str = ""
    cases: Collection[str] | None = None
    people: Collection[str] | None = None
    first: datetime | None = None
    last: datetime | None = None
    rows: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page of entries, the newest first. more: whether there is another page."""

    entries: tuple[Entry, ...]
    number: int
    more: bool


def find(session: Session, asked: Question, sight: ColumnElement[bool] | None, number: int = 1) -> Found:
    """A page of the entries that fit. sight: the condition of what the reader may see; None: everything."""
    number = min(max(1, number), MOST_PAGES)
    wanted = (
        select(EntryRow).where(_fits(asked), true() if sight is None else sight)
        .order_by(EntryRow.recorded_at.desc(), EntryRow.stream, EntryRow.seq.desc())
        .limit(PAGE + 1).offset((number - 1) * PAGE)
    )  # fmt: skip
    rows = session.execute(wanted).scalars().all()
    return Found(tuple(entry_of(row) for row in rows[:PAGE]), number, len(rows) > PAGE and number < MOST_PAGES)


def length(session: Session, stream: str) -> int:
    """How many entries a stream has."""
    return session.execute(select(func.count()).select_from(EntryRow).where(EntryRow.stream == stream)).scalar_one()


def titles(language: str = "zh") -> dict[str, str]:
    """Event → what it is called: its title, else the beginning of its sentence, up to its first fact."""
    found = {event: str(pair[language]) for event, pair in sentences_of_events()["titles"].items()}
    for event, pair in sentences_of_events()["events"].items():
        if event in found:
            continue
        told = str(pair[language if language in pair else "zh"])
        for stop in ("[", "{", "：", ":", "（", "("):
            told = told.partition(stop)[0]
        found[event] = told.strip(" ，,") or event
    return found


def _fits(asked: Question) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if asked.event:
        conditions.append(EntryRow.event == asked.event)
    elif not asked.rows:
        conditions.append(EntryRow.event != OF_ROWS)
    if asked.stream:
        conditions.append(EntryRow.stream == asked.stream)
    if asked.cases is not None:
        conditions.append(EntryRow.case_id.in_(list(asked.cases)))
    if asked.people is not None:
        people = list(asked.people)
        conditions.append(or_(
            EntryRow.actor_id.in_(people), EntryRow.stream.in_([f"person:{one}" for one in people])
        ))  # fmt: skip
    if asked.first is not None:
        conditions.append(EntryRow.recorded_at >= asked.first)
    if asked.last is not None:
        conditions.append(EntryRow.recorded_at < asked.last)
    return and_(true(), *conditions)
