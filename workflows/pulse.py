"""One number for each person, unit and case, that grows whenever something about them changes: what open pages ask for.

A page that lies open asks every few seconds whether anything changed; the answer must not cost a look through tasks. So
the tables that lists are made of say whose rows concern whom (`watched`), and each unit of work raises the numbers of
those concerned in the very transaction that changed the rows: nobody can forget it, and a page that has seen a number
has seen what it stands for. The rows of numbers are locked last of all, in the order of their ids, for the length of
the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, String, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, UOWTransaction, attributes, mapped_column

from workflows import ledger
from workflows.store import Base

_RAISED, _CHANGED = "pulse.raised", "pulse.changed"
AFTER = ledger.journal
"""The journal, too, writes when a unit of work commits, and comes first: its listener is there before ours."""


class Pulse(Base):
    """How often something changed about a person, a unit or a case. Ids are unguessable, so one column holds all."""

    __tablename__ = "pulse"
    scope: Mapped[str] = mapped_column(String(32), primary_key=True)
    beat: Mapped[int] = mapped_column(Integer)


Others = Callable[[Session, Collection[Any]], Iterable[str]]


@dataclass(frozen=True, slots=True)
class _Watched:
    """columns: hold the ids of those concerned; others: more of them, for rows of this table that were changed."""

    columns: tuple[str, ...]
    others: Others | None


_WATCHED: dict[type[Base], _Watched] = {}


def watched(table: type[Base], *columns: str, others: Others | None = None) -> None:
    """Say whom the rows of a table concern: the ids in these columns, before and after a change.

    others: gives further ids for changed rows, which it is handed; asked once in a unit of work, before its commit.
    """
    _WATCHED[table] = _Watched(columns, others)


def touch(session: Session, *ids: str) -> None:
    """Raise the numbers of these ids with this unit of work, where what changed about them lies in no watched row."""
    session.info.setdefault(_RAISED, set()).update(ids)


@event.listens_for(Session, "after_flush")
def _note(session: Session, _flush: UOWTransaction) -> None:
    """Note whom the rows concern that were just written; objects still know what was there before."""
    raised: set[str] = session.info.setdefault(_RAISED, set())
    for row in (*session.new, *session.dirty, *session.deleted):
        said = _WATCHED.get(type(row))
        if said is None:
            continue
        for column in said.columns:
            raised.update(value for part in attributes.get_history(row, column) for value in part or () if value)
        if said.others is not None and row in session.dirty:
            session.info.setdefault(_CHANGED, {}).setdefault(type(row), []).append(row)


@event.listens_for(Session, "before_commit")
def _raise(session: Session) -> None:
    """Raise the numbers of those concerned, in the transaction that changed the rows."""
    if session.in_nested_transaction():
        return
    session.flush()
    raised: set[str] = session.info.pop(_RAISED, set())
    changed: Mapping[type[Base], list[Any]] = session.info.pop(_CHANGED, {})
    for table, rows in changed.items():
        others = _WATCHED[table].others
        raised.update(others(session, rows) if others is not None else ())
    if not raised:
        return
    make: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = make(Pulse).values([{"scope": scope, "beat": 1} for scope in sorted(raised)])
    session.connection().execute(
        new.on_conflict_do_update(index_elements=["scope"], set_={"beat": Pulse.__table__.c.beat + 1})
    )
