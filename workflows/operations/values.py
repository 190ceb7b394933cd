"""What a process holds: its variables, with the reason why some are not put right, and the steps nobody can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Actor, Person
from workflows.cases.file import Case
from workflows.desk import advance
from workflows.desk.candidates import fits, people_for, roles_of
from workflows.desk.operators import handing
from workflows.desk.tasks import STEP, Task
from workflows.engine import packages, state
from workflows.engine.state import StoredInstance
from workflows.errors import Invalid, NotFound, Problem
from workflows.operations import scope
from workflows.operations.protected import SHAPE, UNREAD, protected, readers


@dataclass(frozen=True, slots=True)
class Value:
    """A variable of a process. why: why it is not put right, empty where it may be; then it has a value to be shown.

    place: whose it is, as `Instance.held`; read_by: ids of the elements that read it.
    """

    place: int
    process_key: str
    package_hash: str
    name: str
    value: Any
    why: str
    read_by: Sequence[str]


def values(session: Session, actor: Actor, instance_id: str) -> list[Value]:
    """The variables of an instance, those that may be put right with their values, the others without.

    Raises Forbidden, NotFound, Incident for an instance that can't be read.
    """
    row, case = scope.instance(session, actor, instance_id)
    instance = state.load(session, row.id, lock=False)
    return of(session, instance, case)


def stuck_steps(session: Session, actor: Actor, instance_id: str) -> list[tuple[Task, list[Person]]]:
    """The steps of an instance that nobody can do any more, each with those to whom it can be given."""
    row, case = scope.instance(session, actor, instance_id)
    wanted = select(Task).where(
        Task.case_id == case.id, Task.instance_id == row.id, Task.ended_at.is_(None), Task.kind == STEP
    )
    found = [task for task in session.execute(wanted).scalars() if handing.stuck(session, task, case)]
    return [(task, _fitting(session, task, case)) for task in found]


def of(session: Session, instance: StoredInstance, case: Case) -> list[Value]:
    """The variables of a loaded instance, as `values` gives them."""
    definitions = {key: packages.definition(session, hash) for key, hash in instance.pins.items()}
    why = protected(definitions.values(), _set_in(session, instance, case))
    read = {key: readers(definition) for key, definition in definitions.items()}
    found = []
    for place, held in enumerate(instance.held()):
        for name, value in held.variables.items():
            by = read[held.process_key].get(name, ())
            reason = why.get(name) or ("" if by else UNREAD) or ("" if is_plain(value) else SHAPE)
            package_hash = instance.pins[held.process_key]
            found.append(Value(place, held.process_key, package_hash, name, None if reason else value, reason, by))
    return found


def _set_in(session: Session, instance: StoredInstance, case: Case) -> set[str]:
    """What the acts of people have set in an instance, whatever their list says: as the ledger tells."""
    acts = {
        (key, element.id) for key, hash in instance.pins.items()
        for element in packages.definition(session, hash).elements.values() if "act" in element.properties
    }  # fmt: skip
    wanted = select(Task.id, Task.process_key, Task.element_id).where(Task.instance_id == instance.id)
    done = {row.id for row in session.execute(wanted) if (row.process_key, row.element_id) in acts}
    return {
        name for entry in ledger.history(session, advance.stream(case))
        if entry.event in ("TaskCompleted", "SubtaskAnswered", "RoundChanged")
        and (entry.data.get("parent_id") or entry.data.get("task_id")) in done
        for name in entry.data.get("variables") or ()
    }  # fmt: skip


def one(found: Sequence[Value], place: int, name: str) -> Value:
    """One that may be put right. Raises NotFound("repair.no_variable"), Invalid("repair.<why>") where it may not."""
    value = next((each for each in found if (each.place, each.name) == (place, name)), None)
    if value is None:
        raise NotFound("repair.no_variable", name=name[:100])
    if value.why:
        raise Invalid(f"repair.{value.why}", [Problem(f"repair.{value.why}", "name", facts={"name": name})], name=name)
    return value


def is_plain(value: Any) -> bool:
    """Whether a value is a single text, number, yes or no, or nothing."""
    return value is None or isinstance(value, (str, bool, int, float))


def _fitting(session: Session, task: Task, case: Case) -> list[Person]:
    """Those of the step's roles to whom it can be given."""
    people = people_for(session, case, roles_of(task), task.act)
    return [person for person in people if fits(session, person, task, case)]
