"""A page of a list, and how many rows each list holds.

Counting stops at a limit and pages end there: what a person can't read to its end need not be counted to it, and so the
cost of a page does not grow with the database. Whoever has more narrows the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from workflows.actors import Actor
from workflows.calendar import clocks
from workflows.cases.file import Case
from workflows.desk.copies import CaseCopy
from workflows.desk.lists import criteria as filters
from workflows.desk.lists import order as orders
from workflows.desk.lists.criteria import Criteria
from workflows.desk.lists.kinds import Ids, Source, offered, source, together
from workflows.desk.lists.order import Key, Order, Place
from workflows.desk.tasks import Task, TaskCandidate

SIZE = 50
MOST = 10_000
"""Rows of a list that are paged through."""
MOST_NARROWED = 1_000
"""The same of a list that is narrowed: to find its rows others must be looked at, and whoever has more narrows more."""
COUNTED = 1_000
"""Rows that are counted at first; whoever turns pages sees the number grow with them."""
COUNTED_NARROWED = 200
AHEAD = 4
"""Pages that are counted beyond the one that is shown."""

_ONE: ColumnElement[int] = literal_column("1").label("one")
"""What is counted: nothing of the row, so that an index alone can answer."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many, up to a limit. more: there are more than that."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"

    def __bool__(self) -> bool:
        return self.number > 0


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, with what its lines show loaded: tasks, or copies on the list of copies."""

    tasks: list[Task]
    copies: list[CaseCopy]
    total: Count
    page: int
    pages: int
    kept: tuple[Any, ...] = field(default=(), repr=False)  # rows that a line asks the session for, held alive


def page(
    session: Session, actor: Actor, which: str, criteria: Criteria | None = None, order: Order | None = None,
    number: int = 1, *, size: int = SIZE,
) -> Page:  # fmt: skip
    """A page of a list. number: from 1; beyond the last page it is the last. Raises NotFound for an unknown list."""
    found = source(session, actor, which)
    wanted, order = criteria or Criteria(), order or orders.usual(which)
    most = max(size, _reach(wanted, number, size))
    total = _counted(session, [_countable(found, wanted)], most)[0]
    pages = max(1, -(-total.number // size))
    number = min(max(1, number), pages)
    ids = _narrowed(found, wanted, order, first=number * size)
    here = _ordered(ids, found, order).limit(min(size, most - (number - 1) * size)).offset((number - 1) * size)
    rows = session.execute(here).scalars().all()
    if found.of is CaseCopy:
        return Page([], _copies(session, rows), total, number, pages)
    tasks = _tasks(session, rows)
    return Page(tasks, [], total, number, pages, _kept(session, tasks))


def chosen(session: Session, actor: Actor, which: str, criteria: Criteria, order: Order, most: int) -> Page:
    """The first `most` rows of a list at once, for an export; `total` says whether there are more than those."""
    return page(session, actor, which, criteria, order, 1, size=min(most, MOST))


def following(
    session: Session, actor: Actor, which: str, criteria: Criteria, order: Order, here: Place | None, most: int
) -> Sequence[str]:
    """Ids of the first tasks of a list, or of those after a place in its order; it begins anew behind the last one.

    Not for the list of copies. Raises NotFound for an unknown list.
    """
    for place in dict.fromkeys((here, None)):
        query = following_query(session, actor, which, criteria, order, place).limit(most)
        if rows := session.execute(query).scalars().all():
            return rows
    return []


def following_query(
    session: Session, actor: Actor, which: str, criteria: Criteria, order: Order, here: Place | None
) -> Ids:  # fmt: skip
    """The query behind `following`, before it is cut."""
    found = source(session, actor, which)
    ids = _narrowed(found, criteria, order)
    return _ordered(ids if here is None else ids.where(orders.after(order, found, here)), found, order)


def counts(session: Session, actor: Actor) -> dict[str, Count]:
    """How many rows each of the actor's lists holds; of copies those not read yet."""
    lists = {which: source(session, actor, which) for which in offered(actor)}
    queries = [
        found.ids.where(CaseCopy.read_at.is_(None)) if found.of is CaseCopy else found.shortest
        for found in lists.values()
    ]  # fmt: skip
    return dict(zip(lists, _counted(session, queries, COUNTED), strict=True))


def counts_of(session: Session, actor: Actor, asked: Sequence[tuple[str, Criteria]]) -> list[Count]:
    """How many rows of a list each of these criteria leaves; lists that the actor does not have hold none."""
    lists = offered(actor)
    queries = [
        _countable(source(session, actor, which), criteria) if which in lists else None for which, criteria in asked
    ]
    numbers = iter(_counted(session, [query for query in queries if query is not None], COUNTED_NARROWED))
    return [Count(0) if query is None else next(numbers) for query in queries]


def ids_query(session: Session, actor: Actor, which: str, criteria: Criteria, order: Order) -> Ids:
    """The query behind a page, before it is cut: for those who look how the database answers it."""
    found = source(session, actor, which)
    return _ordered(_narrowed(found, criteria, order), found, order)


def _reach(criteria: Criteria, number: int, size: int) -> int:
    """How far a list is counted to show one of its pages: some pages on, but never beyond what is paged through."""
    first, last = (COUNTED_NARROWED, MOST_NARROWED) if criteria else (COUNTED, MOST)
    return min(last, max(first, (max(1, number) + AHEAD) * size))


def _countable(found: Source, criteria: Criteria) -> Ids:
    """The shortest query with as many rows as the list has."""
    if not criteria.of_index or found.of is CaseCopy:
        return _narrowed(found, criteria, ())
    if found.parts:
        return _narrowed_parts(found, criteria).shortest
    return found.shortest.where(*filters.index_conditions(criteria, found))


def _narrowed(found: Source, criteria: Criteria, order: Order, first: int = 0) -> Ids:
    """The list's ids as far as they fit. first: how many are wanted in the order, for lists that can stop there."""
    if found.parts:
        stops = found.limited and order[:1] == (Key("due"),) and criteria.of_index
        found = _narrowed_parts(found, criteria, first if stops else 0)
    ids = found.ids
    if found.of is CaseCopy:
        ids = ids.join(Case, Case.id == CaseCopy.case_id)
    elif criteria.of_case or orders.of_case(order):
        ids = ids.join(Case, Case.id == Task.case_id)
    return ids.where(*filters.conditions(criteria, found))


def _narrowed_parts(found: Source, criteria: Criteria, first: int = 0) -> Source:
    """The same list with what its parts can answer put to each of them."""
    return together(
        *(replace(part, ids=part.ids.where(*filters.index_conditions(criteria, part))) for part in found.parts),
        limited=found.limited, first=first,
    )


def _ordered(ids: Ids, found: Source, order: Order) -> Ids:
    return ids.order_by(*orders.clauses(order, found))


def _counted(session: Session, queries: Sequence[Ids], most: int) -> list[Count]:
    """All numbers in one question to the database, none of them beyond `most`."""
    if not queries:
        return []
    numbers = [
        select(func.count()).select_from(_bare(query).limit(most + 1).subquery()).scalar_subquery() for query in queries
    ]
    return [Count(min(number, most), number > most) for number in session.execute(select(*numbers)).one()]


def _bare(query: Ids) -> Select[int]:
    return query.with_only_columns(_ONE, maintain_column_froms=True)


def _tasks(session: Session, ids: Iterable[str]) -> list[Task]:
    rows = session.execute(
        select(Task).where(Task.id.in_(ids)).options(
            defer(Task.variables), defer(Task.answer),
            joinedload(Task.case).defer(Case.summary),
            joinedload(Task.case).selectinload(Case.parties),
            joinedload(Task.case).joinedload(Case.unit),
            joinedload(Task.assignee), joinedload(Task.owner), joinedload(Task.ended_by),
            selectinload(Task.candidates).joinedload(TaskCandidate.person),
        )
    ).unique().scalars()  # fmt: skip
    return _in_order({row.id: row for row in rows}, ids)


def _copies(session: Session, ids: Iterable[str]) -> list[CaseCopy]:
    rows = session.execute(
        select(CaseCopy).where(CaseCopy.id.in_(ids)).options(
            joinedload(CaseCopy.case).defer(Case.summary),
            joinedload(CaseCopy.case).selectinload(Case.parties),
            joinedload(CaseCopy.case).joinedload(Case.unit),
            joinedload(CaseCopy.sent_by), joinedload(CaseCopy.task),
        )
    ).unique().scalars()  # fmt: skip
    return _in_order({row.id: row for row in rows}, ids)


def _in_order(rows: Mapping[str, Any], ids: Iterable[str]) -> list[Any]:
    return [rows[row_id] for row_id in ids if row_id in rows]


def _kept(session: Session, tasks: Iterable[Task]) -> tuple[Any, ...]:
    """The clocks of the page in one query: asked for again one by one, the session has them already."""
    wanted = {task.clock_id for task in tasks if task.clock_id and task.ended_at is None}
    if not wanted:
        return ()
    return tuple(session.execute(select(clocks.Clock).where(clocks.Clock.id.in_(wanted))).scalars())
