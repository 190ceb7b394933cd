"""Pinning a note to a page, once however often the button is pressed or the answer is lost."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import Actor
from workflows.cases import entering, notes
from workflows.desk import receipts
from workflows.desk.tasks import Task
from workflows.errors import NotFound


def pin_note(
    session: Session, actor: Actor, case_id: str, material_id: str, pin: notes.Pin, *, key: str,
    task_id: str | None = None, last: int = notes.LAST_PAGE,
) -> str:  # fmt: skip
    """Pin a note to a page of a material; its id. task_id: the step at which it is written; key: idempotency key;
    last: the material's last page.

    Raises what `cases.notes.pin_note` raises, and NotFound("task.unknown") for a step of another case.
    """
    entering.enter(session, actor, case_id)
    arguments = {"case": case_id, "material": material_id, "task": task_id, **asdict(pin)}
    if (earlier := receipts.replay(session, actor, key, "pin_note", arguments)) is not None:
        return str(earlier["note"])
    if task_id is not None and session.execute(
        select(Task.id).where(Task.id == task_id, Task.case_id == case_id)
    ).first() is None:  # fmt: skip
        raise NotFound("task.unknown", task=task_id)
    made = notes.pin_note(session, actor, case_id, material_id, pin, task_id=task_id, last=last)
    receipts.keep(session, actor, key, "pin_note", arguments, {"note": made.id})
    return made.id
