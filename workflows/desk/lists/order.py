"""In what order a list stands: up to three sort keys, and what decides between equals; and what stands after a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.actors import Person, Unit
from workflows.cases.file import Case, Party
from workflows.desk.copies import CaseCopy
from workflows.desk.lists.kinds import Source
from workflows.desk.tasks import Task

MOST_KEYS = 3


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key. name: as in KEYS; down: the other way round."""

    name: str
    down: bool = False

    def __str__(self) -> str:
        return f"-{self.name}" if self.down else self.name


Order = tuple[Key, ...]

Place = tuple[Any, ...]
"""Where a task stands in an order: its value of each sort key, when it came, its id."""

_FIRST_PARTY = (
    select(Party.name).where(Party.case_id == Case.id).order_by(Party.position, Party.id).limit(1).correlate(Case)
    .scalar_subquery()
)  # fmt: skip
_UNIT_NAME = select(Unit.name).where(Unit.id == Case.unit_id).correlate(Case).scalar_subquery()
_holder = aliased(Person)
_HOLDER_NAME = select(_holder.name).where(_holder.id == Task.assignee_id).correlate(Task).scalar_subquery()
_sender = aliased(Person)
_SENDER_NAME = select(_sender.name).where(_sender.id == CaseCopy.sent_by_id).correlate(CaseCopy).scalar_subquery()

_OF_CASE: dict[str, Any] = {
    "number": Case.number, "title": Case.title, "party": _FIRST_PARTY, "unit": _UNIT_NAME, "source": Case.source,
    "opened": Case.opened_at, "state": Case.state,
}  # fmt: skip
_OF_TASK: dict[str, Callable[[Source], Any]] = {
    "due": lambda source: source.due, "step": lambda _source: Task.name, "holder": lambda _source: _HOLDER_NAME,
    "arrived": lambda source: source.arrived, "ended": lambda _source: Task.ended_at,
    "priority": lambda _source: Task.priority,
}  # fmt: skip
_OF_COPY: dict[str, Any] = {"sent": CaseCopy.sent_at, "read": CaseCopy.read_at, "sender": _SENDER_NAME}

_USUAL: dict[str, Order] = {"done": (Key("ended", down=True),), "copied": (Key("read"), Key("sent", down=True))}


def usual(which: str) -> Order:
    """The order of a list when nobody chose another: the most pressing first, done ones newest first."""
    return _USUAL.get(which, (Key("due"), Key("priority", down=True)))


def keys(which: str) -> list[str]:
    """The sort keys of a list."""
    return [*_OF_CASE, *(_OF_COPY if which == "copied" else _OF_TASK)]


def read(text: str, which: str) -> Order:
    """The order from "due,-opened"; what is not known is passed over, without any the usual order counts."""
    found: dict[str, Key] = {}
    for part in text.split(","):
        name = part.strip().removeprefix("-")
        if name in keys(which) and name not in found and len(found) < MOST_KEYS:
            found[name] = Key(name, part.strip().startswith("-"))
    return tuple(found.values()) or usual(which)


def write(order: Order) -> str:
    """The order as a query string holds it."""
    return ",".join(str(key) for key in order)


def pressed(order: Order, name: str) -> Order:
    """The order after a press on a column's head: that column first, or turned round where it is; the others after."""
    if order and order[0].name == name:
        return (Key(name, not order[0].down), *order[1:])
    return (Key(name), *(key for key in order if key.name != name))[:MOST_KEYS]


def of_case(order: Order) -> bool:
    """Whether rows of the case must be looked at."""
    return any(key.name in _OF_CASE for key in order)


def clauses(order: Order, source: Source) -> list[ColumnElement[Any]]:
    """The order as a query has it. What has no value stands last, and first when the order is turned round."""
    found = [_turned(_column(key.name, source), down=key.down, empty=key.name != "arrived") for key in order]
    if source.of is Task:
        return [*found, source.arrived.asc(), Task.id.asc()]
    return [*found, CaseCopy.id.asc()]


def place(session: Session, order: Order, task_id: str) -> Place | None:
    """Where a task stands in an order, on whichever list of tasks; None for an unknown one.

    To be asked before the task is done: what was done may have another number, state or holder afterwards.
    """
    plain = Source(select(Task.id), Task.due_at)
    wanted = [_column(key.name, plain) for key in order]
    row = session.execute(
        select(*wanted, Task.created_at, Task.id).join(Case, Case.id == Task.case_id).where(Task.id == task_id)
    ).one_or_none()
    return None if row is None else tuple(row)


def after(order: Order, source: Source, here: Place) -> ColumnElement[bool]:
    """The condition on a list of tasks that leaves the rows after a place in its order."""
    *values, arrived, task_id = here
    found = or_(source.arrived > arrived, and_(source.arrived == arrived, Task.id > task_id))
    for key, value in reversed(list(zip(order, values, strict=True))):
        column = _column(key.name, source)
        same = column.is_(None) if value is None else column == value
        found = or_(_beyond(column, value, down=key.down), and_(same, found))
    return found


def _beyond(column: Any, value: Any, *, down: bool) -> ColumnElement[bool]:
    """Rows that one sort key alone puts after a value, as `_turned` orders them."""
    if value is None:
        beyond: ColumnElement[bool] = column.is_not(None) if down else false()
    else:
        beyond = column < value if down else or_(column > value, column.is_(None))
    return beyond


def _column(name: str, source: Source) -> Any:
    if name in _OF_CASE:
        return _OF_CASE[name]
    return _OF_TASK[name](source) if source.of is Task else _OF_COPY[name]


def _turned(column: Any, *, down: bool, empty: bool) -> ColumnElement[Any]:
    if not empty:  # what has always a value is ordered by an index both ways, if nothing is said of empty ones
        arrived: ColumnElement[Any] = column.desc() if down else column.asc()
        return arrived
    turned: ColumnElement[Any] = column.desc().nulls_first() if down else column.asc().nulls_last()
    return turned
