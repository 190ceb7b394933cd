"""After a task is done, the next one: of the same case what is one's own now, else what comes next in one's list.

The list is walked along its index from the place of what was done (`order.after`), never counted. What can't be done
now, because somebody signs before it or the case is held up, is passed over: nobody is led to a page where he can only
wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.desk import offers
from workflows.desk.lists import order as orders
from workflows.desk.lists import pages
from workflows.desk.lists.columns import WORK
from workflows.desk.lists.criteria import Criteria
from workflows.desk.lists.order import Order, Place
from workflows.desk.tasks import Task

OWN = ("todo", "claimable", "soon", "overdue", "returned", "standin")
"""Lists of what one can do oneself; whoever comes from another goes on with what is to do."""

LOOKED = 20
"""Tasks of a list that are looked at for one that can be done now."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A list that somebody works through. which: one of OWN; here: where in its order the task stood that was done."""

    which: str = WORK
    criteria: Criteria = field(default_factory=Criteria)
    order: Order = ()
    here: Place | None = None


def walk(session: Session, which: str, criteria: Criteria, order: Order, task_id: str) -> Walk:
    """The walk through a list that goes on behind a task; to be asked before the task is done."""
    if which not in OWN:
        which, criteria, order = WORK, Criteria(), ()
    order = order or orders.usual(which)
    return Walk(which, criteria, order, orders.place(session, order, task_id))


def next_task(session: Session, actor: Actor, case_id: str, on: Walk) -> Task | None:
    """What the actor does next after something in a case; None when nothing of the list can be done now."""
    own = in_case(session, actor, case_id)
    if own is not None:
        return own
    ids = pages.following(session, actor, on.which, on.criteria, on.order or orders.usual(on.which), on.here, LOOKED)
    return next((task for one in ids if _ready(task := session.get_one(Task, one), session)), None)


def in_case(session: Session, actor: Actor, case_id: str) -> Task | None:
    """The task of a case that is the actor's own and can be done now, the oldest first."""
    session.flush()
    # Asked by the case alone: of a database with many tasks the planner would take the walk through the actor's own.
    waiting = select(Task).where(Task.case_id == case_id, Task.ended_at.is_(None)).order_by(Task.created_at, Task.id)
    mine = (
        task for task in session.execute(waiting).scalars()
        if task.assignee_id == actor.person_id and task.state == "claimed"
    )  # fmt: skip
    return next((task for task in mine if _ready(task, session)), None)


def _ready(task: Task, session: Session) -> bool:
    return offers.held(session, task) is None
