"""The lists, and the query of each: written so that each walks one index over what still waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflows.actors import Actor, legal_subject, subtree
from workflows.calendar import clock, days
from workflows.desk import standins, substitutes
from workflows.desk.copies import CaseCopy
from workflows.desk.tasks import STEP, Task, TaskCandidate
from workflows.errors import NotFound

LISTS: dict[str, tuple[str, str]] = {
    "todo": ("待办", "To do"),
    "claimable": ("待认领", "To claim"),
    "soon": ("快到期", "Due soon"),
    "overdue": ("已超期", "Overdue"),
    "returned": ("被退回", "Returned to me"),
    "standin": ("代办", "For others"),
    "lent": ("委派出去的", "Delegated"),
    "copied": ("抄送我的", "Copied to me"),
    "started": ("我发起", "Started by me"),
    "done": ("已办", "Done"),
    "unit": ("本机构", "My unit"),
}
"""List id → (Chinese, English), in the order in which a desk shows them."""

HEADS = ("handling_unit_head", "bureau_leader", "bureau_head")
"""Roles that have the list of their unit or bureau: what waits there, and with whom."""

SOON_WORKDAYS = 3
"""Working days before the last day from which a time limit is near (domain brief, section 8: T-3)."""

Ids = Select[str]


@dataclass(frozen=True, slots=True)
class Part:
    """One of several walks that together give a list: ids of tasks, and the columns of its own index."""

    ids: Ids
    due: InstrumentedAttribute[Any] = Task.due_at
    unit: InstrumentedAttribute[Any] = Task.case_unit_id


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a list come from.

    ids: selects ids of tasks, or of copies where `of` says so; due, arrived, unit: the columns by which its index gives
    the end of the time limit, when the task came, and the handling unit; counted: a shorter query with as many rows and
    these columns of unit and time limit, where there is one; parts: the walks behind `ids`, where there are several;
    limited: whether every row has a time limit.
    """

    ids: Ids
    due: InstrumentedAttribute[Any]
    of: type[Task] | type[CaseCopy] = Task
    counted: Ids | None = None
    arrived: InstrumentedAttribute[Any] = Task.created_at
    unit: InstrumentedAttribute[Any] = Task.case_unit_id
    parts: tuple[Part, ...] = ()
    limited: bool = False

    @property
    def shortest(self) -> Ids:
        """The query by which the rows of the whole list are counted."""
        return self.ids if self.counted is None else self.counted


def together(*parts: Part, limited: bool = False, first: int = 0) -> Source:
    """Tasks that are this person's or offered to them: two short walks instead of one long one.

    first: how many rows are wanted of those that end first, if not all: the walks stop there. Only where `limited`.
    """
    until = _end_of(parts, first) if first else None
    walks = [part.ids if until is None else part.ids.where(part.due <= until) for part in parts]
    both = union_all(*walks)
    return Source(
        _waiting(Task.id.in_(both)), Task.due_at, counted=select(both.subquery().c[0]), parts=parts, limited=limited
    )


def _end_of(parts: Sequence[Part], first: int) -> ColumnElement[datetime]:
    """The time limit of the row at which a page ends; beyond all, where there are fewer rows."""
    walks = [part.ids.with_only_columns(part.due.label("due")).order_by(part.due).limit(first) for part in parts]
    ends = union_all(*(select(walk.subquery().c.due) for walk in walks)).subquery()
    last = select(ends.c.due).order_by(ends.c.due).limit(1).offset(first - 1).scalar_subquery()
    return func.coalesce(last, _NEVER)


_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def offered(actor: Actor) -> list[str]:
    """The lists that this person has."""
    return [which for which in LISTS if which != "unit" or actor.roles.intersection(HEADS)]


def source(session: Session, actor: Actor, which: str) -> Source:
    """The rows of a list. Raises NotFound("desk.list_unknown") for a list that this person does not have."""
    if which not in offered(actor):
        raise NotFound("desk.list_unknown", list=which)
    return _SOURCES[which](session, actor)


def _waiting(*conditions: ColumnElement[bool]) -> Ids:
    return select(Task.id).where(*conditions, Task.ended_at.is_(None))


def _todo(_session: Session, actor: Actor) -> Source:
    return Source(_waiting(Task.assignee_id == actor.person_id), Task.due_at)


def _claimable(_session: Session, actor: Actor) -> Source:
    offer = and_(TaskCandidate.person_id == actor.person_id, TaskCandidate.closed_at.is_(None))
    ids = select(Task.id).join(TaskCandidate, TaskCandidate.task_id == Task.id).where(offer)
    return Source(
        ids, TaskCandidate.due_at, counted=select(TaskCandidate.task_id).where(offer),
        arrived=TaskCandidate.arrived_at, unit=TaskCandidate.case_unit_id,
    )  # fmt: skip


def _due(actor: Actor, before: datetime, after: datetime | None = None) -> Source:
    held = _waiting(Task.assignee_id == actor.person_id, Task.due_at <= before)
    lent = _delegated(actor, Task.due_at <= before)  # its time runs against who answers for it
    open_ = select(TaskCandidate.task_id).where(
        TaskCandidate.person_id == actor.person_id, TaskCandidate.closed_at.is_(None), TaskCandidate.due_at <= before
    )
    if after is not None:
        held, open_ = held.where(Task.due_at > after), open_.where(TaskCandidate.due_at > after)
        lent = lent.where(Task.due_at > after)
    return together(Part(held), Part(lent), Part(open_, TaskCandidate.due_at, TaskCandidate.case_unit_id), limited=True)


def _soon(session: Session, actor: Actor) -> Source:
    return _due(actor, near(session), after=clock.now())


def _overdue(_session: Session, actor: Actor) -> Source:
    return _due(actor, clock.now())


def _returned(_session: Session, actor: Actor) -> Source:
    held = _waiting(Task.assignee_id == actor.person_id, Task.returned.is_(True))
    open_ = select(TaskCandidate.task_id).where(
        TaskCandidate.person_id == actor.person_id, TaskCandidate.closed_at.is_(None), TaskCandidate.returned.is_(True)
    )
    return together(Part(held), Part(open_, TaskCandidate.due_at, TaskCandidate.case_unit_id))


def _standin(session: Session, actor: Actor) -> Source:
    """What waits for people for whom one acts today, as far as one could do it, and what one was asked to prepare.

    Whether somebody fits is asked of each task by the rules of the operators: of a few, as orders are rare and short.
    """
    absent = [task.id for task, _person in standins.waiting_for_absent(session, actor)]
    delegated = _waiting(Task.assignee_id == actor.person_id, Task.owner_id.is_not(None), Task.kind == STEP)
    return together(Part(_waiting(Task.id.in_(absent))), Part(delegated))


def _lent(_session: Session, actor: Actor) -> Source:
    """Steps that somebody prepares for this person (委派), who still answers for them and completes them."""
    return Source(_delegated(actor), Task.due_at)


def _delegated(actor: Actor, *conditions: ColumnElement[bool]) -> Ids:
    return _waiting(Task.owner_id == actor.person_id, Task.kind == STEP, *conditions)


def _copied(_session: Session, actor: Actor) -> Source:
    return Source(select(CaseCopy.id).where(CaseCopy.person_id == actor.person_id), CaseCopy.sent_at, CaseCopy)


def _started(_session: Session, actor: Actor) -> Source:
    return Source(_waiting(Task.opener_id == actor.person_id), Task.due_at)


def _done(_session: Session, actor: Actor) -> Source:
    return Source(select(Task.id).where(Task.ended_by_id == actor.person_id, Task.ended_at.is_not(None)), Task.due_at)


def _unit(session: Session, actor: Actor) -> Source:
    return Source(_waiting(headed(session, actor)), Task.due_at)


def near(session: Session) -> datetime:
    """The end of the last day of which a time limit counts as near: three working days from today."""
    try:
        last = days.add_workdays(session, clock.today(), SOON_WORKDAYS)
    except NotFound:  # no calendar of the year yet
        last = clock.today() + timedelta(days=SOON_WORKDAYS)
    return datetime.combine(last + timedelta(days=1), time(), tzinfo=clock.SHANGHAI)


def headed(session: Session, actor: Actor) -> ColumnElement[bool]:
    """The tasks in cases that the actor's units or bureaus handle, as far as they head them."""
    bureaus, units = _headed(session, actor)
    found = [_among(Task.bureau_id, bureaus)] if bureaus else []
    found += [_among(Task.case_unit_id, units)] if units else []
    return or_(*found)


def scopes(session: Session, actor: Actor, which: str) -> set[str]:
    """Ids of the units and people whose changes change a list, beside those that concern the actor's own person."""
    if which == "standin":
        return set(substitutes.absent(session, actor))
    return set().union(*_headed(session, actor)) if which == "unit" else set()


def _headed(session: Session, actor: Actor) -> tuple[set[str], set[str]]:
    """The bureaus that somebody heads, and the units in other bureaus, each with those below it."""
    bureaus = {
        legal_subject(session, unit_id).id
        for role in ("bureau_leader", "bureau_head") for unit_id in actor.units.get(role, ())
    }  # fmt: skip
    units: set[str] = set()
    for unit_id in actor.units.get("handling_unit_head", ()):
        if legal_subject(session, unit_id).id not in bureaus:
            units |= subtree(session, unit_id)
    return bureaus, units


def _among(column: InstrumentedAttribute[str], ids: set[str]) -> ColumnElement[bool]:
    """One id is an equality, of which both databases know that an index still gives its order."""
    return column == next(iter(ids)) if len(ids) == 1 else column.in_(sorted(ids))


_SOURCES: dict[str, Callable[[Session, Actor], Source]] = {
    "todo": _todo, "claimable": _claimable, "soon": _soon, "overdue": _overdue, "returned": _returned,
    "standin": _standin, "lent": _lent,
    "copied": _copied, "started": _started, "done": _done, "unit": _unit,
}  # fmt: skip
