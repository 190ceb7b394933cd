"""Reminders of tasks whose time runs out: `reminders.yaml` says when, each is told once for each end of the limit.

Limits in days are reminded of on working days, from the office's first hour; limits in hours at any time (民法典 201).
What is suspended (中止) reminds nobody: its tasks have no end while their clocks stand still.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, selectinload

from workflows import outbox, shipped
from workflows.actors import Unit, holders
from workflows.calendar import clock, days
from workflows.calendar.clocks import Clock
from workflows.calendar.rules import all_rules
from workflows.cases.file import Case
from workflows.desk.tasks import STEP, Task
from workflows.store import Base, Utc

BATCH = 100
"""Tasks in one unit of work."""


class TaskReminder(Base):
    """A reminder that was given: by which rule, of which end of the limit; a limit that is extended reminds anew."""

    __tablename__ = "task_reminder"
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Utc, primary_key=True)
    rule: Mapped[str] = mapped_column(String(20), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(Utc)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of `reminders.yaml`."""

    id: str
    unit: str
    before: float
    kind: str
    also: str = ""
    also_kind: str = ""


@lru_cache(maxsize=1)
def rules() -> tuple[int, tuple[Rule, ...]]:
    """The office's first hour, and the rules, the mildest of a unit first."""
    read = shipped.read("workflows.notices", "reminders.yaml")
    return int(read["office_hour"]), tuple(Rule(**one) for one in read["rules"])


def remind(session: Session) -> int:
    """Leave the reminders that are due now; how many tasks were reminded of. The worker asks once a minute."""
    now, told = clock.now(), 0
    for bureau_id in session.execute(select(Unit.id).where(Unit.legal_subject.is_(True)).order_by(Unit.id)).scalars():
        for rule in reversed(rules()[1]):
            if not _time_for(session, rule, now):
                continue
            for task, due_at, limit in _unsaid(session, bureau_id, rule, now):
                if limit is None or rule.unit == "days" or now >= due_at - (due_at - limit.started_at) * rule.before:
                    _tell(session, task, due_at, rule, now)
                    told += 1
            session.flush()  # what was told by a pressing rule is past for the milder ones
    return told


def _time_for(session: Session, rule: Rule, now: datetime) -> bool:
    """Whether anybody is reminded now: of limits in days on working days, from the office's first hour."""
    local = clock.local(now)
    return rule.unit == "hours" or (local.hour >= rules()[0] and days.is_workday(session, local.date()))


def _unsaid(session: Session, bureau_id: str, rule: Rule, now: datetime) -> list[tuple[Task, datetime, Clock | None]]:
    """Waiting tasks of a bureau, with the end and clock of each, of which neither the rule nor a more pressing one was
    told. Of limits in days those for which it holds; limits in hours are few, and looked at one by one.
    """
    known = rules()[1]
    past = [one.id for one in known[known.index(rule):] if one.unit == rule.unit]
    said = select(TaskReminder.task_id).where(
        TaskReminder.task_id == Task.id, TaskReminder.due_at == Task.due_at, TaskReminder.rule.in_(past)
    )
    in_hours = Clock.rule.in_(rules_in_hours())
    wanted = (
        select(Task, Clock).outerjoin(Clock, Clock.id == Task.clock_id).join(Case, Case.id == Task.case_id)
        .where(Task.bureau_id == bureau_id, Task.ended_at.is_(None), Task.due_at.is_not(None),
               Case.suspended_at.is_(None), ~said.exists(),
               in_hours if rule.unit == "hours" else or_(Clock.id.is_(None), ~in_hours))
        .options(joinedload(Task.case), selectinload(Task.candidates))
        .order_by(Task.due_at, Task.id).limit(BATCH)
    )  # fmt: skip
    if rule.unit == "days":
        wanted = wanted.where(Task.due_at <= _horizon(session, rule, now))
    return [(task, task.due_at, limit) for task, limit in session.execute(wanted) if task.due_at is not None]


def _horizon(session: Session, rule: Rule, now: datetime) -> datetime:
    """The latest end of a limit in days for which the rule holds now. A limit ends at 24:00 of its last day."""
    if rule.before < 0:
        return now
    last = days.add_workdays(session, clock.local(now).date(), int(rule.before))
    return datetime.combine(last + days.DAY, time(), tzinfo=clock.SHANGHAI)


def _tell(session: Session, task: Task, due_at: datetime, rule: Rule, now: datetime) -> None:
    """A notice to whoever holds the task, answers for it or may take it, and to whom the rule names besides."""
    session.add(TaskReminder(task_id=task.id, due_at=due_at, rule=rule.id, told_at=now))
    facts = {"task": task.id, "name": task.name, "due": _due(due_at, rule)}
    people = [task.assignee_id] if task.assignee_id else [one.person_id for one in task.candidates]
    if task.kind == STEP and task.owner_id:  # prepared by another (委派): who delegated it answers for it
        people.append(task.owner_id)
    for person_id in people:
        outbox.send(session, str(person_id), rule.kind, facts, case_id=task.case_id)
    if rule.also:
        heads = holders(session, rule.also, [task.case_unit_id])
        for head in heads:
            if head.id not in people:
                outbox.send(session, head.id, rule.also_kind, facts, case_id=task.case_id)


def _due(due_at: datetime, rule: Rule) -> str:
    """The end of a limit as people read it: the minute of one in hours, else the last day."""
    if rule.unit == "hours":
        return clock.local(due_at).strftime("%Y-%m-%d %H:%M")
    return clock.local(due_at - timedelta(seconds=1)).date().isoformat()


@lru_cache(maxsize=1)
def rules_in_hours() -> tuple[str, ...]:
    """The statutory time limits that are counted in hours."""
    return tuple(sorted({
        id for id, versions in all_rules().items() if any(one.terms.unit == "hours" for one in versions)
    }))
