"""Cases that don't move although nothing failed: nobody fits, somebody has left, time runs and nobody acts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.actors import Actor, Person, Post
from workflows.calendar import clock, days
from workflows.cases.file import Case
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.engine.state import EngineInstance
from workflows.external.tables import ExternalTask
from workflows.operations import scope
from workflows.operations.troubles import versions

NOBODY, GONE, STILL, OVERDUE, TIMER, OUTSIDE = "nobody", "gone", "still", "overdue", "timer", "outside"
SIZE = 50
COUNTED = 1_000
MOST = COUNTED // SIZE
"""Pages of a list."""
USUAL, FEWEST, LONGEST = 15, 1, 250
"""Working days without a move: what is looked for if nothing else is asked, and what may be asked."""
LATE = timedelta(minutes=10)
"""So long a timer may be late before it is told: the worker fires it within seconds if it runs at all."""
WAITS = timedelta(hours=24)
"""So long an external task may wait or be held before it is told."""

Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Stuck:
    """A case that does not move. since: when that began; holder: who would have to act; until: when a limit ends."""

    kind: str
    instance_id: str
    task_id: str
    number: str | None
    opened: datetime
    process_key: str
    package_hash: str
    version: int | None
    element_id: str
    name: str
    since: datetime
    until: datetime | None = None
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of one kind, the longest first. counts: of each kind, up to COUNTED."""

    kind: str
    rows: Sequence[Stuck]
    counts: Mapping[str, int]
    page: int
    pages: int


def page(session: Session, actor: Actor, kind: str, *, workdays: int = USUAL, number: int = 1) -> Page:
    """A page of the cases that are stuck in one way. kind: the first of which there
    are any, where it is none. workdays: without a move, for STILL. Raises Forbidden.
    """
    bureaus = scope.bureaus(session, actor)
    since = _days_ago(session, min(max(workdays, FEWEST), LONGEST))
    queries = {each: query(bureaus, since) for each, query in _QUERIES.items()}
    counts = {each: _count(session, query) for each, query in queries.items()}
    kind = kind if kind in queries else next((each for each in KINDS if counts[each]), KINDS[0])
    pages = max(1, -(-counts[kind] // SIZE))
    number = min(max(number, 1), pages)
    groups = [frozenset({one}) for one in sorted(bureaus)] if kind in BY_BUREAU else [bureaus]
    sought = [row for some in groups for row in session.execute(_QUERIES[kind](some, since).limit(number * SIZE))]
    sought.sort(key=lambda row: (row.until if kind in BY_LIMIT else row.since, row.task_id or row.instance_id))
    found = sought[(number - 1) * SIZE : number * SIZE]
    known = versions(session, {row.package_hash for row in found})
    rows = [
        Stuck(kind, row.instance_id, row.task_id or "", row.number, row.opened_at, row.process_key, row.package_hash,
              known.get(row.package_hash), row.element_id, row.name, row.since, row.until, row.holder or "")
        for row in found
    ]  # fmt: skip
    return Page(kind, rows, counts, number, pages)


def _count(session: Session, query: Query) -> int:
    few = query.order_by(None).with_only_columns(Case.id).limit(COUNTED).subquery()
    return session.execute(select(func.count()).select_from(few)).scalar_one()


def _days_ago(session: Session, workdays: int) -> datetime:
    """The beginning of the day that many working days before today."""
    return datetime.combine(days.add_workdays(session, clock.today(), -workdays), time(), clock.SHANGHAI)


def _of_tasks(*where: ColumnElement[bool]) -> Query:
    holder = aliased(Person)
    return (
        select(Task.instance_id, Task.id.label("task_id"), Case.number, Case.opened_at, Task.process_key,
               Task.package_hash, Task.element_id, Task.name, Task.created_at.label("since"),
               Task.due_at.label("until"), holder.name.label("holder"))
        .join(Case, Case.id == Task.case_id).outerjoin(holder, holder.id == Task.assignee_id)
        .where(Task.ended_at.is_(None), Task.kind == STEP, *where)
        .order_by(Task.created_at, Task.id)
    )  # fmt: skip


def _in_post(person_id: Any, today: date) -> ColumnElement[bool]:
    """Whether somebody can log in and holds a post today."""
    post, person = aliased(Post), aliased(Person)
    return exists(
        select(post.id).join(person, person.id == post.person_id).where(
            post.person_id == person_id, person.disabled_at.is_(None), post.starts_on <= today,
            or_(post.ends_on.is_(None), post.ends_on >= today),
        )
    )  # fmt: skip


def _nobody(bureaus: Collection[str], _since: datetime) -> Query:
    present = select(Person.id).where(_in_post(Person.id, clock.today()))  # asked once, not of each who was offered it
    able = exists(select(TaskCandidate.task_id).where(
        TaskCandidate.task_id == Task.id, TaskCandidate.closed_at.is_(None),
        (TaskCandidate.person_id + "").in_(present),  # by the task; else SQLite looks for each of them at each task
    ))  # fmt: skip
    return _of_tasks(scope.within(Task.bureau_id, bureaus), Task.assignee_id.is_(None), ~able)


def _gone(bureaus: Collection[str], _since: datetime) -> Query:
    absent = select(Person.id).where(~_in_post(Person.id, clock.today()))  # few, and found by the index of holders
    return _of_tasks(scope.within(Task.bureau_id, bureaus), Task.assignee_id.in_(absent))


def _still(bureaus: Collection[str], since: datetime) -> Query:
    other = aliased(Task)
    moved = exists(select(other.id).where(
        other.case_id == Task.case_id, or_(other.created_at >= since, other.ended_at >= since),
    ))  # fmt: skip
    return _of_tasks(Task.bureau_id.in_(bureaus), Task.created_at < since, Case.suspended_at.is_(None), ~moved)


def _overdue(bureaus: Collection[str], _since: datetime) -> Query:
    late = and_(Task.due_at < clock.now(), Task.urged_at.is_(None), Case.suspended_at.is_(None))
    return _of_tasks(Task.bureau_id.in_(bureaus), late).order_by(None).order_by(Task.due_at, Task.id)


def _timer(bureaus: Collection[str], _since: datetime) -> Query:
    return (
        select(EngineInstance.id.label("instance_id"), literal("").label("task_id"), Case.number, Case.opened_at,
               EngineInstance.process_key, EngineInstance.package_hash, literal("").label("element_id"),
               literal("").label("name"), EngineInstance.due.label("since"),
               EngineInstance.try_at.label("until"), literal("").label("holder"))
        .join(Case, Case.id == EngineInstance.case_id)
        .where(EngineInstance.try_at < clock.now() - LATE, EngineInstance.attempts == 0,
               scope.within(Case.bureau_id, bureaus))
        .order_by(EngineInstance.try_at, EngineInstance.id)
    )  # fmt: skip


def _outside(bureaus: Collection[str], _since: datetime) -> Query:
    now = clock.now()
    return (
        select(ExternalTask.instance_id, literal("").label("task_id"), Case.number, Case.opened_at,
               ExternalTask.process_key, ExternalTask.package_hash, ExternalTask.element_id, ExternalTask.name,
               ExternalTask.created_at.label("since"), ExternalTask.locked_until.label("until"),
               ExternalTask.worker.label("holder"))
        .join(Case, Case.id == ExternalTask.case_id)
        .where(ExternalTask.ended_at.is_(None), ExternalTask.created_at < now - WAITS,
               or_(ExternalTask.retries.is_(None), ExternalTask.retries > 0), Case.suspended_at.is_(None),
               scope.within(Case.bureau_id, bureaus))
        .order_by(ExternalTask.created_at, ExternalTask.id)
    )  # fmt: skip


_QUERIES: Mapping[str, Callable[[Collection[str], datetime], Query]] = {
    NOBODY: _nobody, GONE: _gone, STILL: _still, OVERDUE: _overdue, TIMER: _timer, OUTSIDE: _outside,
}  # fmt: skip
BY_BUREAU = frozenset({STILL, OVERDUE})
"""There may be many: read along the index of a bureau, which has them in their order, one bureau at a time."""
BY_LIMIT = frozenset({OVERDUE, TIMER})
"""Ordered by when their limit ended, all others by when it began."""
KINDS = tuple(_QUERIES)
"""The ways of being stuck, in the order in which they are offered."""
