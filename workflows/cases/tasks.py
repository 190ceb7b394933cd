"""Tasks of people as rows of their own, apart from the engine's tasks.

state: open (somebody of the candidates may claim it) → claimed (one assignee) → completed | cancelled | returned;
a completed one whose doer took it back is withdrawn.

A task carries copies of what the lists of the desk look for: bureau, unit and opener of its case, and each candidate
the state and end of the task. They are kept here, under whatever command writes the rows, so that a page of a list is
one walk along one index however many tasks there are.

They stand in the case's room because who did which step decides who may do the others (`parts`, `access`); what people
do with them is the desk's.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    event,
    false,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column, relationship

from workflows import pulse
from workflows.actors import Person
from workflows.calendar import clock
from workflows.cases.file import Case
from workflows.store import Base, Row, Utc


def _waiting(name: str, *columns: str, where: str = "ended_at", by: str = "due_at") -> Index:
    """An index over what still waits: it does not grow with what was done, and gives its rows in the order of `by`.

    columns: whose list it is; then what lists are narrowed by, so that counting what is left needs no row of the table.
    `IS NULL` and not a list of states: both databases recognise it in a query whose values are bound.
    """
    still = text(f"{where} IS NULL")
    return Index(name, columns[0], by, *columns[1:], sqlite_where=still, postgresql_where=still)


_STILL, _DONE = text("ended_at IS NULL"), text("ended_at IS NOT NULL")


STEP = "step"
"""A task that is a step of the process; the other kinds stand beside one (`parent_id`): before, after, beside, advice,
rework; one of kind `lead` stands alone."""
REGISTRATION = "lead"
"""The form of a lead that its opener took back (撤回), to be corrected and sent again; no step of a process."""
REWORK = "rework"
"""An earlier step that is done again while the one that asked for it waits."""


class Task(Row):
    """One person's step, or something asked of somebody beside it. `ended_at` is empty while it is open or claimed.

    owner_id: who answers for it, where somebody else holds it: who delegated it, or asked for it. ended_for_id: the
    absent person for whom it was ended. effect: variables that the process gets once those who sign after have signed.
    """

    __tablename__ = "task"
    __table_args__ = (
        # Partial, so that SQLite is not tempted to look for what waits in the index of what was done.
        Index("ix_task_done", "ended_by_id", "ended_at", sqlite_where=_DONE, postgresql_where=_DONE),
        # `returned` stands in it although all rows agree: SQLite, which has no statistics, so finds it the best one.
        Index(
            "ix_task_returned", "assignee_id", "returned", sqlite_where=text("ended_at IS NULL AND returned IS 1"),
            postgresql_where=text("ended_at IS NULL AND returned IS TRUE"),
        ),
        # A case that was returned a thousand times has thousands of tasks: a step looks at those that wait, and finds
        # an earlier run of an element without walking through the others.
        Index("ix_task_case_id_ended_at", "case_id", "ended_at"),
        Index("ix_task_parent_id", "parent_id"),
        Index("ix_task_instance_id_element_id_state", "instance_id", "element_id", "state"),
        _waiting("ix_task_waiting_assignee", "assignee_id", "case_unit_id"),
        _waiting("ix_task_waiting_owner", "owner_id", "case_unit_id"),  # who delegated still answers for it
        _waiting("ix_task_waiting_bureau", "bureau_id", "case_unit_id"),
        _waiting("ix_task_waiting_case_unit", "case_unit_id"),
        _waiting("ix_task_waiting_opener", "opener_id", "case_unit_id"),
        # Where the cases of a version of a process wait, and how long its steps took (`operations`).
        Index(
            "ix_task_waiting_version", "package_hash", "element_id", "created_at", sqlite_where=_STILL,
            postgresql_where=_STILL,
        ),
        Index(
            "ix_task_done_version", "package_hash", "ended_at", "element_id", "created_at", "kind", "state",
            "bureau_id", sqlite_where=_DONE, postgresql_where=_DONE,
        ),
        # Lists are also read as they grow, the newest first.
        _waiting("ix_task_arrived_assignee", "assignee_id", by="created_at"),
        _waiting("ix_task_arrived_bureau", "bureau_id", by="created_at"),
        _waiting("ix_task_arrived_case_unit", "case_unit_id", by="created_at"),
        _waiting("ix_task_arrived_opener", "opener_id", by="created_at"),
    )
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"))
    instance_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(10), default=STEP, server_default=STEP)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("task.id"))
    engine_task_id: Mapped[str | None] = mapped_column(String(36), unique=True)  # of a step
    process_key: Mapped[str] = mapped_column(String(64))  # the package in which the element stands
    package_hash: Mapped[str] = mapped_column(String(64))
    element_id: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(200))
    act: Mapped[str | None] = mapped_column(String(40))
    form_key: Mapped[str | None] = mapped_column(String(120))
    variables: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # as the step saw them when offered
    role: Mapped[str | None] = mapped_column(String(40))  # the candidate role
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    bureau_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))  # these three as in the case
    case_unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    opener_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    assignee_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10), default="open")
    priority: Mapped[int] = mapped_column(Integer, default=50)
    due_at: Mapped[datetime | None] = mapped_column(Utc)  # empty while its clock stands still
    clock_id: Mapped[str | None] = mapped_column(String(32))  # the statutory clock that sets `due_at`
    # Whether a return or a withdrawal brought the step back (退回、撤回); an ordinary second round does not
    returned: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(Utc)
    claimed_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_by_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)
    ended_for_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    urged_at: Mapped[datetime | None] = mapped_column(Utc)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what was answered at completion
    effect: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    question: Mapped[str] = mapped_column(String(2000), default="", server_default="")  # what is asked, beside a step
    case: Mapped[Case] = relationship()
    assignee: Mapped[Person | None] = relationship(foreign_keys=[assignee_id])
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])
    ended_for: Mapped[Person | None] = relationship(foreign_keys=[ended_for_id])
    parent: Mapped[Task | None] = relationship(remote_side="Task.id")
    candidates: Mapped[list[TaskCandidate]] = relationship(back_populates="task")


class TaskCandidate(Base):
    """Somebody who may claim the task."""

    __tablename__ = "task_candidate"
    __table_args__ = (
        _waiting("ix_task_candidate_waiting", "person_id", "case_unit_id", where="closed_at"),
        _waiting("ix_task_candidate_arrived", "person_id", where="closed_at", by="arrived_at"),
        Index(
            "ix_task_candidate_returned", "person_id", "returned",
            sqlite_where=text("closed_at IS NULL AND returned IS 1"),
            postgresql_where=text("closed_at IS NULL AND returned IS TRUE"),
        ),
    )
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(Utc)  # when it was claimed or ended; empty while it is open
    due_at: Mapped[datetime | None] = mapped_column(Utc)  # these four as in the task
    arrived_at: Mapped[datetime | None] = mapped_column(Utc)  # its `created_at`
    case_unit_id: Mapped[str | None] = mapped_column(String(32))
    returned: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    task: Mapped[Task] = relationship(back_populates="candidates")
    person: Mapped[Person] = relationship()


@event.listens_for(Task, "before_insert")
def _copy_from_case(_mapper: Mapper[Task], connection: Connection, task: Task) -> None:
    """Take over from the case what the lists look for, where the command did not say it."""
    given: tuple[str | None, ...] = (task.bureau_id, task.case_unit_id, task.opener_id)
    if None in given:
        found = connection.execute(
            select(Case.bureau_id, Case.unit_id, Case.opened_by_id).where(Case.id == task.case_id)
        ).one()
        task.bureau_id, task.case_unit_id, task.opener_id = found


@event.listens_for(TaskCandidate, "before_insert")
def _copy_from_task(_mapper: Mapper[TaskCandidate], connection: Connection, candidate: TaskCandidate) -> None:
    """A candidate added later starts with what its task says now."""
    task: Any = candidate.__dict__.get("task")  # there when both are new; no reason to ask for it
    if task is None or None in (task.created_at, task.case_unit_id):
        copied = select(Task.state, Task.due_at, Task.created_at, Task.case_unit_id, Task.returned)
        task = connection.execute(copied.where(Task.id == candidate.task_id)).one()
    candidate.closed_at, candidate.due_at = _closed(task.state), task.due_at
    candidate.arrived_at, candidate.case_unit_id = task.created_at, task.case_unit_id
    candidate.returned = bool(task.returned)


@event.listens_for(Task, "after_update")
def _tell_candidates(_mapper: Mapper[Task], connection: Connection, task: Task) -> None:
    """Whoever was offered the task learns that it was taken, given back, returned, ended, or got another end."""
    kept = inspect(task).attrs
    if any(kept[name].history.has_changes() for name in ("state", "due_at", "returned")):
        said = update(TaskCandidate).where(TaskCandidate.task_id == task.id)
        connection.execute(said.values(closed_at=_closed(task.state), due_at=task.due_at, returned=bool(task.returned)))


def _closed(state: str) -> datetime | None:
    return None if state == "open" else clock.now()


def _offered_to(session: Session, tasks: Collection[Task]) -> list[str]:
    """To whom changed tasks are or were offered: a task that somebody took leaves their lists."""
    wanted = select(TaskCandidate.person_id).where(TaskCandidate.task_id.in_({task.id for task in tasks}))
    return list(session.execute(wanted.distinct()).scalars())


pulse.watched(
    Task, "assignee_id", "owner_id", "ended_by_id", "opener_id", "case_unit_id", "bureau_id", "case_id",
    others=_offered_to,
)  # fmt: skip
pulse.watched(TaskCandidate, "person_id")
