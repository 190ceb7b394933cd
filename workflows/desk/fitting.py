"""Whom an operator can be used on: everybody of the bureau, with the reason for those who don't fit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, Post
from workflows.desk import copies, places
from workflows.desk.candidates import barred_from, people_for, roles_of
from workflows.desk.operators import subtasks
from workflows.desk.tasks import Task

HOLDER, ASKED, HANDLES, ROLE = "holder", "asked", "handles", "role"
"""Why somebody does not fit: holds the step; was asked already; did another part of the case; lacks the role."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """Somebody of the bureau with the post that comes first. why: why they don't fit, empty for who does."""

    person: Person
    post: Post
    why: str = ""


def people(session: Session, actor: Actor, task: Task, operator: str) -> list[Fitting]:
    """Everybody that an operator of a task could name, by unit and rank; the command checks again.

    operator: reassign, delegate, sign, ask or round_add.
    """
    case, roles = task.case, roles_of(task)
    barred = barred_from(session, case, roles) if operator != "ask" else set()
    holds = {one.id for one in people_for(session, case, roles)} if operator == "reassign" and task.role else None
    taken = _taken(session, task, operator)
    return [
        Fitting(person, post, _why(person.id, taken, barred, holds))
        for person, post in copies.readers(session, actor, case)
    ]


def _why(person_id: str, taken: dict[str, str], barred: set[str], holds: set[str] | None) -> str:
    if person_id in taken:
        return taken[person_id]
    if person_id in barred:
        return HANDLES
    return ROLE if holds is not None and person_id not in holds else ""


def _taken(session: Session, task: Task, operator: str) -> dict[str, str]:
    """Who has a part in the step already, and which."""
    found = {task.assignee_id: HOLDER} if task.assignee_id else {}
    if operator in ("round_add", "reassign"):
        found |= dict.fromkeys(places.taken(session, task), ASKED)
    if operator in ("sign", "ask"):
        asked = [one for one in subtasks.live(session, task) if (one.kind == "advice") == (operator == "ask")]
        found |= {one.assignee_id: ASKED for one in asked if one.assignee_id}
    return found
