"""The whole index anew, from the rows that it tells of: after an upgrade that changes what is indexed, or by hand.

A few cases at a time, each under its lock, so that people go on working; meanwhile the search finds what is in already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.file import Case
from workflows.search import entries
from workflows.search.entries import SearchEntry
from workflows.search.sources import SOURCES, found_in, party_names
from workflows.store import Store

PORTION = 100
"""Cases of one unit of work."""


def rebuild(store: Store, progress: Callable[[int, int], None] = lambda _done, _total: None) -> int:
    """Empty the index and fill it; how many cases are in it. progress(done, total): cases, after each portion.

    What files say is read anew by the worker.
    """
    with store.read() as session:
        order = session.execute(select(Case.id).order_by(Case.opened_at, Case.id)).scalars().all()
    with store.work() as session:
        entries.forget_everything(session.connection())
    for start in range(0, len(order), PORTION):
        with store.work() as session:
            index_cases(session, order[start : start + PORTION])
        progress(min(start + PORTION, len(order)), len(order))
    return len(order)


def index_cases(session: Session, case_ids: Sequence[str]) -> None:
    """Write the entries of these cases anew, under their locks."""
    session.execute(select(Case.id).where(Case.id.in_(sorted(case_ids))).order_by(Case.id).with_for_update())
    connection = session.connection()
    entries.forget(connection, case_ids)
    names = party_names(connection, case_ids)
    for kind, source in SOURCES.items():
        of_case = source.model.id if kind == "case" else source.model.case_id
        rows = session.execute(select(source.model).where(of_case.in_(case_ids)).order_by(source.model.id)).scalars()
        entries.write(connection, [found_in(kind, row, names.get(row.id, ())) for row in rows])


def missing(store: Store) -> bool:
    """Whether there are cases and no entry at all: after an upgrade from a program without a search."""
    with store.read() as session:
        first = (session.execute(select(model.id).limit(1)).first() for model in (Case, SearchEntry))
        case, entry = first
        return case is not None and entry is None
