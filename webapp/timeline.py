"""流转记录: the ledger about a case as lines for somebody who was not there: who, for whom, when and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.casefile import step_names
from webapp.languages import bilingual, language
from workflows import ledger
from workflows.actors import Person
from workflows.calendar import clock
from workflows.desk.substitutes import Substitute
from workflows.desk.tasks import Task
from workflows.ledger import Entry


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the ledger as a line of the timeline."""

    entry: Entry
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands beside the entries: the case's tasks, their names in the reader's language, people, orders."""

    tasks: Mapping[str, Task]
    steps: Mapping[str, str]
    people: Mapping[str, str]
    orders: Sequence[Substitute]


def of_case(session: Session, case_id: str) -> list[Told]:
    """The ledger about the case, newest first."""
    return told(session, case_id, reversed(ledger.timeline(session, case_id)))


def told(session: Session, case_id: str, entries: Iterable[Entry]) -> list[Told]:
    """Entries about a case as lines, in the order given."""
    given = list(entries)
    known = _known(session, case_id, given)
    return [
        Told(one, ledger.describe(_in_language(one, known.steps), language(), _beside(one, known))
             + _taken_back(one, known), _doer(one, known))
        for one in given
    ]


def _taken_back(entry: Entry, known: _Known) -> str:
    """What stands behind the completion of a step that its doer took back."""
    task = known.tasks.get(str(entry.data.get("task_id"))) if entry.event == "TaskCompleted" else None
    return bilingual("（已撤回）", " (taken back)") if task is not None and task.state == "withdrawn" else ""


def both_names(name: str, absent: str) -> str:
    """X（代Y）; the name alone where nobody was absent."""
    return bilingual(f"{name}（代{absent}）", f"{name} (for {absent})") if absent else name


def _known(session: Session, case_id: str, entries: Sequence[Entry]) -> _Known:
    tasks = {task.id: task for task in session.execute(select(Task).where(Task.case_id == case_id)).scalars()}
    ids = {one for entry in entries for one in (*_waits(entry), str(entry.data.get("for_id") or ""))}
    ids |= {task.assignee_id or "" for task in tasks.values()}
    people = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    absent = {str(entry.data["for_id"]) for entry in entries if entry.data.get("for_id")}
    orders = session.execute(select(Substitute).where(Substitute.person_id.in_(absent))).scalars().all()
    return _Known(tasks, step_names(session, case_id), {row.id: row.name for row in people}, orders)


def _waits(entry: Entry) -> list[str]:
    """Ids of those for whom an offered step waits."""
    if entry.event != "TaskOffered":
        return []
    assignee = entry.data.get("assignee_id")
    return [str(assignee)] if assignee else [str(one) for one in entry.data.get("candidate_ids") or []]


def _doer(entry: Entry, known: _Known) -> str:
    """Who did it as one reads it: 何远（代林静） for a substitute."""
    return both_names(entry.actor_name, known.people.get(str(entry.data.get("for_id") or ""), ""))


def _beside(entry: Entry, known: _Known) -> dict[str, Any]:
    """What the sentence of an entry tells that does not stand in it."""
    parent = known.tasks.get(str(entry.data.get("parent_id")))
    found: dict[str, Any] = {"from_name": known.steps[parent.name]} if parent is not None else {}
    if entry.event == "TaskOffered":
        found["people"] = [known.people[one] for one in _waits(entry) if one in known.people]
    elif entry.event == "TaskCancelled":
        task = known.tasks.get(str(entry.data.get("task_id")))
        found["people"] = known.people.get(task.assignee_id or "", "") if task is not None else ""
    elif (order := _order(entry, known)) is not None:
        found |= {"absent": known.people.get(order.person_id, ""), "starts_on": order.starts_on.isoformat(),
                  "ends_on": order.ends_on.isoformat(), "why": order.reason}  # fmt: skip
    return found


def _order(entry: Entry, known: _Known) -> Substitute | None:
    """The order under which a step was done for somebody absent."""
    task, day = known.tasks.get(str(entry.data.get("task_id"))), clock.local(entry.happened_at).date()
    roles = set((task.role or "").split(",")) if task is not None and task.role else set()
    for one in known.orders:
        doer = entry.data.get("by_id") or entry.actor_id
        pair = (one.person_id, one.substitute_id) == (entry.data.get("for_id"), doer)
        begun = one.created_at <= entry.happened_at and (one.ended_at is None or entry.happened_at <= one.ended_at)
        if pair and begun and one.starts_on <= day <= one.ends_on and (not roles or roles & set(one.roles)):
            return one
    return None


_NAMES = ("name", "to_name")
"""Fields of a task's events that name a step; to_name is a person's in some, and no step is called like a person."""


def _in_language(entry: Entry, steps: Mapping[str, str]) -> Entry:
    """The entry with the name of its step as the reader's language has it."""
    if "task_id" not in entry.data:
        return entry
    told = {key: steps[str(value)] for key, value in entry.data.items() if key in _NAMES and str(value) in steps}
    return replace(entry, data={**entry.data, **told}) if told else entry
