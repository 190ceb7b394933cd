"""流转记录: the ledger about a case as lines for somebody who was not there: who, for whom, when and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import labels, votes
from webapp.casefile import step_names, subjects_of
from webapp.languages import bilingual, language
from workflows import ledger
from workflows.actors import Person
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.cases.orders import Substitute
from workflows.desk import places
from workflows.desk.tasks import STEP, Task
from workflows.engine.state import EngineInstance
from workflows.ledger import Entry

_LATER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the ledger as a line of the timeline. post: of who did it; "" where another finished it for them."""

    entry: Entry
    text: str
    who: str
    post: str

    @property
    def later(self) -> bool:
        """Whether it was entered some time after it happened, so that it stands behind later moments."""
        return self.entry.recorded_at - self.entry.happened_at >= _LATER

    @property
    def filled_in(self) -> bool:
        """Whether a step's form was filled in, so that the page of its task shows with what."""
        again = self.entry.event == "SubtaskAnswered" and self.entry.data.get("kind") == "rework"
        return bool(self.entry.data.get("answer")) and (again or self.entry.event == "TaskCompleted")


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands beside the entries: the case's tasks, their names in the reader's language, people, orders; tasks
    that are done again → which time, in words; instances of processes → title of the process; what a time limit
    is about → the party's name.
    """

    tasks: Mapping[str, Task]
    steps: Mapping[str, str]
    people: Mapping[str, str]
    orders: Sequence[Substitute]
    rounds: Mapping[str, str]
    titles: Mapping[str, str]
    subjects: Mapping[str, str]


def of_case(session: Session, case_id: str) -> list[Told]:
    """The ledger about the case, newest first."""
    return told(session, case_id, reversed(ledger.timeline(session, case_id)))


def told(session: Session, case_id: str, entries: Iterable[Entry]) -> list[Told]:
    """Entries about a case as lines, in the order given."""
    given = list(entries)
    known = _known(session, case_id, given)
    cast = votes.of_rounds(session, given, known.tasks)
    return [
        Told(one, ledger.describe(_in_language(one, known), language(), _beside(one, known))
             + cast.get((one.stream, one.seq), "") + _taken_back(one, known),
             _doer(one, known), "" if _signed_off(one) else one.post)
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
    ids = {one for entry in entries for one in (*_waits(entry), *(str(entry.data.get(of) or "") for of in _OF_DOERS))}
    ids |= {person or "" for task in tasks.values() for person in (task.assignee_id, task.owner_id)}
    people = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    absent = {str(entry.data["for_id"]) for entry in entries if entry.data.get("for_id")}
    orders = session.execute(select(Substitute).where(Substitute.person_id.in_(absent))).scalars().all()
    return _Known(
        tasks, step_names(session, case_id), {row.id: row.name for row in people}, orders, _rounds(tasks.values()),
        _titles(session, entries), subjects_of(session, session.get_one(Case, case_id)),
    )  # fmt: skip


def _rounds(tasks: Iterable[Task]) -> dict[str, str]:
    """Steps that were offered before → which time it is; of a round of signers, which round."""
    times: dict[tuple[Any, ...], int] = {}
    found = {}
    for task in sorted(tasks, key=lambda one: (one.created_at, one.id)):
        if task.kind != STEP:
            continue
        place = (task.instance_id, task.process_key, task.element_id, places.number(task))
        times[place] = count = times.get(place, 0) + 1
        if count > 1:
            again = f"（第 {count} 次）" if places.number(task) is None else f"（第 {count} 轮）"
            found[task.id] = bilingual(again, f" (round {count})")
    return found


def _titles(session: Session, entries: Sequence[Entry]) -> dict[str, str]:
    """Instance → the title of its process in the reader's language."""
    ids = {str(entry.data["instance_id"]) for entry in entries if entry.event in _OF_PROCESSES}
    rows = session.execute(select(EngineInstance).where(EngineInstance.id.in_(ids))).scalars()
    return {row.id: labels.process_name(session, row.package_hash, row.process_key) for row in rows}


def _waits(entry: Entry) -> list[str]:
    """Ids of those for whom an offered step waits."""
    if entry.event not in _OFFERING:
        return []
    assignee = entry.data.get("assignee_id")
    return [str(assignee)] if assignee else [str(one) for one in entry.data.get("candidate_ids") or []]


def _doer(entry: Entry, known: _Known) -> str:
    """Who did it as one reads it: 何远（代林静） for a substitute; who did a step that another's signature ended."""
    name, _, absent = entry.actor_name.partition("（代")
    if _signed_off(entry):
        name, absent = known.people.get(str(entry.data["by_id"]), name), ""
    return both_names(name, absent.removesuffix("）") or known.people.get(str(entry.data.get("for_id") or ""), ""))


_OF_DOERS = ("for_id", "by_id")
_OFFERING = ("TaskOffered", "TaskGivenUp")


def _signed_off(entry: Entry) -> bool:
    """Whether a step ended with the signature of somebody who did not do it."""
    return entry.event == "TaskCompleted" and entry.data.get("by_id") not in (None, entry.actor_id)


def _beside(entry: Entry, known: _Known) -> dict[str, Any]:
    """What the sentence of an entry tells that does not stand in it."""
    parent = known.tasks.get(str(entry.data.get("parent_id")))
    found: dict[str, Any] = {"from_name": known.steps[parent.name]} if parent is not None else {}
    if entry.event in _OFFERING:
        waits = _waits(entry)
        found["people"] = [known.people[one] for one in waits if one in known.people]
        if not waits:
            found["nobody"] = "none"
    elif _signed_off(entry) and not entry.data.get("by_name"):  # from before the record named both
        found |= {"by_name": known.people.get(str(entry.data["by_id"]), ""), "signed_by": entry.actor_name}
    elif entry.event == "TaskCancelled":
        task = known.tasks.get(str(entry.data.get("task_id")))
        found["people"] = known.people.get(task.assignee_id or "", "") if task is not None else ""
    elif entry.event == "SubtaskAnswered":
        task = known.tasks.get(str(entry.data.get("task_id")))
        found["people"] = known.people.get(task.owner_id or "", "") if task is not None else ""
    elif whom := known.subjects.get(str(entry.data.get("subject") or entry.data.get("decision_id"))):
        found["whom"] = whom
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


_OF_PROCESSES = ("InstanceStarted", "InstanceEnded")
_COUNTED = ("TaskOffered", "TaskCompleted")
"""Events that say which time a step is done, so that somebody who was not there can tell the rounds apart."""


def _in_language(entry: Entry, known: _Known) -> Entry:
    """The entry with the name of its step as the reader's language has it, and of its process."""
    if entry.event in _OF_PROCESSES and (title := known.titles.get(str(entry.data.get("instance_id")))):
        return replace(entry, data={**entry.data, "process_key": title})
    if "task_id" not in entry.data:
        return entry
    steps = known.steps
    told = {key: steps[str(value)] for key, value in entry.data.items() if key in _NAMES and str(value) in steps}
    if entry.event in _COUNTED and (again := known.rounds.get(str(entry.data["task_id"]))):
        told["name"] = told.get("name", str(entry.data.get("name", ""))) + again
    return replace(entry, data={**entry.data, **told}) if told else entry
