"""Filters over the lists: what a query string or a saved filter asks, as values, and as conditions of a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from workflows.actors import Person
from workflows.calendar import clock
from workflows.cases.catalogue import Matter
from workflows.cases.file import Case, CaseMatter, DraftPenalty, Party
from workflows.desk.lists.kinds import Part, Source
from workflows.desk.tasks import Task

LONGEST = 80
"""Characters of a text that is searched for."""
EARLIEST, LATEST = date(1949, 10, 1), date(2199, 12, 31)
"""Days that are asked for: no case is older than the People's Republic; days at the ends of the calendar can't be
counted on, nor be told in UTC.
"""
NOBODY = "none"
"""Value of `holder` for tasks that nobody has taken."""
_ID = 32


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a list is narrowed to; an empty value narrows nothing.

    words: in number, title or a party's name; matter: in 案由 or an alleged matter; step: "process:element"; unit:
    id of the handling unit; holder: a person's id, NOBODY, or a part of a name; the days are those of Shanghai,
    both ends counted in; amounts in yuan, of the fine that the current draft proposes.
    """

    words: str = ""
    kind: str = ""
    matter: str = ""
    party: str = ""
    unit: str = ""
    step: str = ""
    holder: str = ""
    source: str = ""
    state: str = ""
    due_from: date | None = None
    due_to: date | None = None
    opened_from: date | None = None
    opened_to: date | None = None
    amount_from: int | None = None
    amount_to: int | None = None

    def __bool__(self) -> bool:
        return self != Criteria()

    def given(self) -> dict[str, str]:
        """The fields that narrow, as a query string or JSON holds them."""
        return {name: str(value) for name, value in asdict(self).items() if value not in ("", None)}

    @property
    def of_case(self) -> bool:
        """Whether rows of the case must be looked at."""
        return any(getattr(self, name) not in ("", None) for name in _OF_CASE)

    @property
    def of_index(self) -> bool:
        """Whether nothing is asked but what the indexes of waiting tasks hold: handling unit and time limit."""
        return set(self.given()) <= {"unit", "due_from", "due_to"}


_OF_CASE = (
    "words", "kind", "matter", "party", "source", "state", "opened_from", "opened_to", "amount_from", "amount_to",
)  # fmt: skip


def read(given: Mapping[str, Any]) -> tuple[Criteria, list[str]]:
    """Criteria from a query string, a form or JSON, and the names of fields that could not be read."""
    found: dict[str, Any] = {}
    unread: list[str] = []
    for item in fields(Criteria):
        text = str(given.get(item.name) or "").strip()[:LONGEST]
        if not text:
            continue
        try:
            found[item.name] = _parsed(item.name, text)
        except ValueError:
            unread.append(item.name)
    return Criteria(**found), unread


def _parsed(name: str, text: str) -> Any:
    if name.startswith(("due_", "opened_")):
        day = date.fromisoformat(text)
        if not EARLIEST <= day <= LATEST:
            raise ValueError(text)
        return day
    if name.startswith("amount_"):
        amount = int(text)
        if not 0 <= amount < 10**12:
            raise ValueError(text)
        return amount
    return text


def conditions(criteria: Criteria, source: Source) -> list[ColumnElement[bool]]:
    """The criteria as conditions on a list's rows joined with their case; those on tasks alone only for tasks."""
    found = _case_conditions(criteria)
    if source.of is not Task:
        return [*found, Case.unit_id == criteria.unit] if criteria.unit else found
    found += index_conditions(criteria, source)
    if criteria.step:
        process, _, element = criteria.step.partition(":")
        found += [Task.process_key == process, Task.element_id == element]
    if criteria.holder:
        found.append(_held_by(criteria.holder))
    return found


def index_conditions(criteria: Criteria, of: Source | Part) -> list[ColumnElement[bool]]:
    """Those of the criteria that the index of a list, or of a part of one, answers by itself: unit and time limit."""
    found: list[ColumnElement[bool]] = [of.unit == criteria.unit] if criteria.unit else []
    if criteria.due_from is not None:
        # A limit in days ends at 24:00, which is the first minute of the day after.
        found.append(of.due > _begin(criteria.due_from))
    if criteria.due_to is not None:
        found.append(of.due <= _begin(criteria.due_to + timedelta(days=1)))
    return found


def _case_conditions(criteria: Criteria) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if criteria.words:
        party = select(Party.id).where(Party.case_id == Case.id, _has(Party.name, criteria.words)).exists()
        found.append(or_(_has(Case.title, criteria.words), _has(Case.number, criteria.words), party))
    if criteria.matter:
        alleged = select(CaseMatter.id).join(Matter, Matter.code == CaseMatter.matter_code).where(
            CaseMatter.case_id == Case.id, or_(_has(Matter.name, criteria.matter), Matter.code == criteria.matter)
        )  # fmt: skip
        found.append(or_(_has(Case.title, criteria.matter), alleged.exists()))
    if criteria.party:
        found.append(select(Party.id).where(Party.case_id == Case.id, _has(Party.name, criteria.party)).exists())
    for column, value in ((Case.kind, criteria.kind), (Case.source, criteria.source), (Case.state, criteria.state)):
        if value:
            found.append(column == value)
    if criteria.opened_from is not None:
        found.append(Case.opened_at >= _begin(criteria.opened_from))
    if criteria.opened_to is not None:
        found.append(Case.opened_at < _begin(criteria.opened_to + timedelta(days=1)))
    return found + _amount_conditions(criteria)


def _amount_conditions(criteria: Criteria) -> list[ColumnElement[bool]]:
    """A case without a draft has no amount and is left out."""
    if criteria.amount_from is None and criteria.amount_to is None:
        return []
    fine = (
        select(func.sum(DraftPenalty.fine_fen)).where(DraftPenalty.draft_id == Case.draft_id).correlate(Case)
        .scalar_subquery()
    )  # fmt: skip
    found: list[ColumnElement[bool]] = [fine.is_not(None)]
    if criteria.amount_from is not None:
        found.append(fine >= criteria.amount_from * 100)
    if criteria.amount_to is not None:
        found.append(fine <= criteria.amount_to * 100)
    return found


def _held_by(holder: str) -> ColumnElement[bool]:
    if holder == NOBODY:
        return Task.assignee_id.is_(None)
    if len(holder) == _ID and holder.isalnum():
        return Task.assignee_id == holder
    return Task.assignee_id.in_(select(Person.id).where(_has(Person.name, holder)))


def _has(column: Any, text: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.icontains(text, autoescape=True)
    return found


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI)
