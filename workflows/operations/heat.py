"""How many working days cases spent at each step of a version, of the steps that were done in a period.

Counted as the law counts: the day on which a step was offered is not counted in, days that officials don't work are
none. A step that is done on the day it was offered took 0 working days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflows.actors import Actor
from workflows.calendar import clock, days
from workflows.desk.tasks import STEP, Task
from workflows.engine import packages
from workflows.errors import Invalid, Problem
from workflows.operations import scope

LONGEST = timedelta(days=3 * 366)
"""The longest period that is looked at."""
LEVELS = (1, 3, 5, 10)
"""Working days up to which the median of a step belongs to the first four levels; beyond is the fifth."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a step took: how often it was done, and in working days the median, what nine in ten took, the longest."""

    element_id: str
    name: str
    done: int
    median: int
    ninetieth: int
    longest: int

    @property
    def level(self) -> int:
        """0 (short) to 4 (long), by the median and LEVELS."""
        return sum(self.median > limit for limit in LEVELS)


def spans(session: Session, actor: Actor, package_hash: str, first: date, last: date) -> list[Span]:
    """The steps of a version that were done from the first to the last day of a period, the longest median first.

    Raises Forbidden, NotFound, Invalid("operations.period") for a period that ends before it begins or is too long.
    """
    bureaus = scope.bureaus(session, actor)
    if not timedelta(0) <= last - first <= LONGEST:
        raise Invalid("operations.period", [Problem("operations.period", "first", facts={"years": 3})], years=3)
    elements = packages.definition(session, package_hash).elements
    began, ended = _day(session, Task.created_at), _day(session, Task.ended_at)
    query = select(Task.element_id, began, ended, func.count()).where(
        Task.package_hash == package_hash, Task.ended_at >= _midnight(first),
        Task.ended_at < _midnight(last + timedelta(days=1)), Task.kind == STEP, Task.state == "completed",
        Task.bureau_id.in_(bureaus),
    )  # fmt: skip
    known, calendar = dict[tuple[date, date], int](), days.days_of(session)
    found: dict[str, Counter[int]] = {}
    for element_id, opened, done, count in session.execute(query.group_by(Task.element_id, began, ended)):
        between = (_read(opened), _read(done))
        if between not in known:
            known[between] = days.count_workdays(calendar, *between)
        found.setdefault(element_id, Counter())[known[between]] += count
    rows = [_span(id, elements[id].name, took) for id, took in found.items() if id in elements]
    return sorted(rows, key=lambda one: (-one.median, -one.ninetieth, one.element_id))


def rank(took: Mapping[int, int], share: float) -> int:
    """The value at a share (0 to 1) of all, by nearest rank. took: value → how often, not empty."""
    total, seen = sum(took.values()), 0
    for value in sorted(took):
        seen += took[value]
        if seen >= share * total:
            return value
    return max(took)


def _span(element_id: str, name: str, took: Mapping[int, int]) -> Span:
    return Span(element_id, name, sum(took.values()), rank(took, 0.5), rank(took, 0.9), max(took))


def _day(session: Session, moment: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The day of a moment in Asia/Shanghai, which keeps no summer time."""
    if session.get_bind().dialect.name == "sqlite":
        return func.date(moment, "+8 hours")
    return func.date(func.timezone(str(clock.SHANGHAI), moment))


def _read(day: Any) -> date:
    return day if isinstance(day, date) else date.fromisoformat(day)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.SHANGHAI)
