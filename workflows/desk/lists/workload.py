"""Who holds how much, for heads: the tasks that wait in their unit or bureau, person by person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from workflows.actors import Actor, Person
from workflows.calendar import clock
from workflows.desk.lists.kinds import near, source
from workflows.desk.tasks import Task


@dataclass(frozen=True, slots=True)
class Load:
    """What one person holds. person_id and name are empty for what nobody has taken; oldest: when it arrived."""

    person_id: str
    name: str
    holds: int
    overdue: int
    soon: int
    oldest: datetime


def workload(session: Session, actor: Actor) -> list[Load]:
    """The tasks of the actor's unit list by who holds them, the most laden first, unclaimed ones in front.

    Raises NotFound for somebody who heads nothing.
    """
    late = Task.due_at <= clock.now()
    close = and_(Task.due_at > clock.now(), Task.due_at <= near(session))
    rows = session.execute(
        source(session, actor, "unit").ids.with_only_columns(
            Task.assignee_id, func.count(), func.sum(case((late, 1), else_=0)), func.sum(case((close, 1), else_=0)),
            func.min(Task.created_at),
        ).group_by(Task.assignee_id)
    ).all()  # fmt: skip
    names = {
        row.id: row.name
        for row in session.execute(select(Person.id, Person.name).where(Person.id.in_([row[0] for row in rows])))
    }
    found = [
        Load(holder or "", names.get(holder, ""), holds, int(overdue), int(soon), oldest)
        for holder, holds, overdue, soon, oldest in rows
    ]
    return sorted(found, key=lambda load: (bool(load.person_id), -load.holds, -load.overdue, load.name))
