"""Whom an operator can be used on: everybody of the bureau, with the reason for those who don't fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.actors import Actor, Person, Post
from workflows.cases import recusals
from workflows.cases.parts import Part
from workflows.desk import copies, places, policies, signers
from workflows.desk.candidates import beside, in_office, others_parts, people_for, roles_of
from workflows.desk.operators import subtasks
from workflows.desk.tasks import Task

HOLDER, ASKED, SIGNED, DID, RECUSED = "holder", "asked", "signed", "did", "recused"
OFFICE, HANDLES, ROLE, OUTSIDE, APART = "office", "handles", "role", "outside", "apart"
"""Why somebody does not fit: holds the step; was asked already, to sign it, say; has signed it; did or prepared it;
withdrew from the case; keeps the system or its record; did another part of the case; lacks the role; is an officer, but
not of this case; did or holds a step from which the process keeps this one apart."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """Somebody of the bureau with the post that comes first. why: why they don't fit, empty for who does.

    did: the part of the case that they took, where that is why.
    """

    person: Person
    post: Post
    why: str = ""
    did: Part | None = None


@dataclass(frozen=True, slots=True)
class _Unfit:
    """Who does not fit, by reason. fit: those who hold the role; None where none is asked for. officers: of the bureau,
    where it is a step of the case's officers.
    """

    taken: Mapping[str, str]
    recused: Collection[str]
    office: Collection[str]
    did: Mapping[str, Part]
    fit: Collection[str] | None
    officers: Collection[str] = ()

    def why(self, person_id: str) -> str:
        if person_id in self.taken:
            return self.taken[person_id]
        if person_id in self.recused:
            return RECUSED
        if person_id in self.office:
            return OFFICE
        if person_id in self.did:
            return HANDLES
        if self.fit is None or person_id in self.fit:
            return ""
        return OUTSIDE if person_id in self.officers else ROLE


def people(session: Session, actor: Actor, task: Task, operator: str) -> list[Fitting]:
    """Everybody that an operator of a task could name, by unit and rank; the command checks again.

    operator: reassign, delegate, sign, ask or round_add.
    """
    case, offered = task.case, {one.person_id for one in task.candidates}
    advises = operator == "ask"
    did = {} if advises else others_parts(session, task, case)
    if operator in ("reassign", "round_add"):  # whom the process itself offered the step does not judge himself in it
        did = {person_id: part for person_id, part in did.items() if person_id not in offered}
    fit = None if advises else _fit(session, task, operator)
    gone = recusals.recused(session, case.id)
    officers = beside(session, task, case) if fit is not None and "case_officer" in roles_of(task) else set[str]()
    unfit = _Unfit(_taken(session, task, operator), gone, in_office(session), did, fit, officers)
    return [
        Fitting(person, post, why, did[person.id] if why == HANDLES else None)
        for person, post in copies.readers(session, actor, case)
        for why in (unfit.why(person.id),)
    ]


def _fit(session: Session, task: Task, operator: str) -> set[str]:
    if operator in ("reassign", "round_add") and task.role:
        return {one.id for one in people_for(session, task.case, roles_of(task), task.act)}
    return beside(session, task, task.case)


def _taken(session: Session, task: Task, operator: str) -> dict[str, str]:
    """Who has a part in the step already, and which."""
    found = {} if operator == "ask" else dict.fromkeys(policies.together(session, task), APART)
    found |= {task.assignee_id: HOLDER} if task.assignee_id else {}
    if operator in ("round_add", "reassign"):
        found |= dict.fromkeys(places.taken(session, task), ASKED)
        found |= dict.fromkeys(places.signed(session, task), SIGNED)
    if operator in ("reassign", "delegate"):
        found |= {one: SIGNED if done else ASKED for one, done in signers.signers(session, task).items()}
    if operator == "sign":
        found |= dict.fromkeys(signers.doers(session, task) - found.keys(), DID)
    if operator in ("sign", "ask"):
        asked = [one for one in subtasks.live(session, task) if (one.kind == "advice") == (operator == "ask")]
        found |= {one.assignee_id: ASKED for one in asked if one.assignee_id}
    return found
