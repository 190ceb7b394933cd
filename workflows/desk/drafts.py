"""What somebody typed in a task and did not send: when it counts as work begun, and when it goes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, aliased

from workflows import ledger
from workflows.desk.tasks import STEP, Task, TaskDraft
from workflows.engine import packages

TAKE_OVER = "*"
"""Said in the place of a mark by who wants to write over whatever draft there is."""


def mark(draft: TaskDraft | None) -> str:
    """What tells one state of a draft from every other; "" for none. A window says with it what it has seen."""
    if draft is None:
        return ""
    return hashlib.sha256(json.dumps(draft.answer, sort_keys=True).encode()).hexdigest()[:20]


def begun(session: Session, tasks: Collection[Task]) -> bool:
    """Whether anybody has begun one of some tasks: claimed it, handed it on, ended it, or typed in it as its holder.

    Who may claim a task and only typed in it has taken nothing on himself: that hinders no withdrawal (撤回). Nor does
    it where a task was only offered anew: somebody withdrew from the case, or was charged with it.
    """
    if any(one.claimed_at is not None for one in tasks):
        return True
    changed = [one for one in tasks if one.version > 1]
    again = _offered_again(session, changed[0].case_id) if changed else {}
    if any(one.version - 1 > again.get(one.id, 0) for one in changed):
        return True
    held = [one.id for one in tasks if one.assignee_id is not None]
    typed = select(TaskDraft.task_id).join(Task, Task.id == TaskDraft.task_id).where(
        TaskDraft.task_id.in_(held), TaskDraft.saved_at >= Task.created_at  # not what came along from before
    )  # fmt: skip
    return session.execute(typed.limit(1)).first() is not None


def _offered_again(session: Session, case_id: str) -> Mapping[str, int]:
    """Task → how often it was offered anew, each of which is a version of it."""
    told = ledger.history(session, f"case:{case_id}", only={"TaskGivenUp"})
    return Counter(str(one.data["task_id"]) for one in told)


_lost, _since = aliased(Task), aliased(Task)  # made once: an alias costs more than a question


def carry_drafts(session: Session, task: Task, people: Collection[str]) -> None:
    """What people typed in a step that was taken from them unanswered comes along when the same place is offered to
    them again: a signer was put before them, another branch was sent back.

    Nothing comes along from before the place was done, for that was another run of it.
    """
    same = and_(*(getattr(_lost, name) == getattr(task, name) for name in ("instance_id", "element_id", "process_key")))
    found = session.execute(
        select(TaskDraft, _lost).join(_lost, _lost.id == TaskDraft.task_id)
        .where(same, _lost.kind == STEP, _lost.state == "cancelled", TaskDraft.person_id.in_(people))
        .order_by(TaskDraft.saved_at.desc())
    ).all()  # fmt: skip
    place, carried = _place(session, task), set[str]()
    for draft, before in found:
        if draft.person_id in carried or _place(session, before) != place:
            continue
        done = session.execute(select(_since).where(
            _since.instance_id == task.instance_id, _since.element_id == task.element_id, _since.kind == STEP,
            _since.process_key == task.process_key, _since.ended_at > before.ended_at,
            or_(_since.state == "completed", _since.state == "returned", _since.state == "withdrawn"),
        )).scalars()  # fmt: skip
        if any(_place(session, one) == place for one in done):
            continue
        carried.add(draft.person_id)
        draft.task_id = task.id


def _place(session: Session, task: Task) -> object:
    """What tells a step from others of the same element: in a round the one for whom it is, else its number."""
    node = packages.definition(session, task.package_hash).nodes.get(task.element_id)
    name = node.multi.element_variable if node is not None and node.multi is not None else None
    return task.variables.get(name or "loopCounter")


def drop_drafts(session: Session, task: Task) -> None:
    """What was typed for a task that is done is not kept."""
    for draft in session.execute(select(TaskDraft).where(TaskDraft.task_id == task.id)).scalars():
        session.delete(draft)
