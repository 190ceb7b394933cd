"""The whole index anew, from the rows that it tells of: after an upgrade that changes what is indexed, or by hand.

A few cases at a time, each under its lock, so that people go on working; meanwhile the search finds what is in already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.file import Case
from workflows.search import entries
from workflows.search.entries import SearchEntry
from workflows.search.sources import SOURCES, beside_cases, found_in
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


def fill(store: Store) -> None:
    """Write what is missing: all of a case without any entry, after an upgrade from a program without a search; of
    others their own entry, where an upgrade has dropped it because it tells more now.
    """
    kept = select(SearchEntry.id).where(SearchEntry.case_id == Case.id)
    own = kept.where(SearchEntry.kind == "case")
    steps = (list(SOURCES), select(Case.id).where(~kept.exists())), (["case"], select(Case.id).where(~own.exists()))
    for kinds, lacking in steps:
        with store.read() as session:
            order = session.execute(lacking.order_by(Case.opened_at, Case.id)).scalars().all()
        for start in range(0, len(order), PORTION):
            with store.work() as session:
                index_cases(session, order[start : start + PORTION], kinds)


def index_cases(session: Session, case_ids: Sequence[str], kinds: Collection[str] = tuple(SOURCES)) -> None:
    """Write the entries of these cases anew, under their locks; those of some kinds only, if told."""
    session.execute(select(Case.id).where(Case.id.in_(sorted(case_ids))).order_by(Case.id).with_for_update())
    connection = session.connection()
    entries.forget(connection, case_ids, kinds)
    beside = beside_cases(connection, case_ids)
    for kind in kinds:
        model = SOURCES[kind].model
        of_case = model.id if kind == "case" else model.case_id
        rows = session.execute(select(model).where(of_case.in_(case_ids)).order_by(model.id)).scalars()
        entries.write(connection, [found_in(kind, row, beside.get(row.id, ())) for row in rows])


def missing(store: Store) -> bool:
    """Whether a case has no entry of its own: after an upgrade, until `fill` has written it."""
    own = select(SearchEntry.id).where(SearchEntry.case_id == Case.id, SearchEntry.kind == "case")
    with store.read() as session:
        return session.execute(select(Case.id).where(~own.exists()).limit(1)).first() is not None
