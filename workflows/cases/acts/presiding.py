"""另行指定主持人: the presiding member of a discussion cannot conclude it any more, after all have voted.

Whoever keeps the attendance appoints another one of those who voted, as he named the host when he called the meeting;
the votes stand, for who is gone later was entitled when he voted. Who turns out to have an interest in the case ought
not to have voted (行政处罚法 43): then, and where nobody is left to preside, the case is discussed anew.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows import ledger
from workflows.actors import Person
from workflows.cases import access
from workflows.cases.acts.act import ActContext
from workflows.cases.acts.meeting import current_item
from workflows.cases.file import Case
from workflows.cases.meetings import AgendaItem, leaders, presiding, voted, voting
from workflows.errors import Forbidden
from workflows.ledger import events


def could_preside(session: Session, case: Case, item: AgendaItem) -> list[Person]:
    """Who can be appointed: who voted in this round, is still there, still leads, and does not preside already."""
    here = [one for one in voting(item) if one in voted(item) and one != presiding(item)]
    today = {person.id: person for person in leaders(session, case.bureau_id)}
    return [today[one] for one in here if one in today]


def appoint(context: ActContext, person_id: str, reason: str) -> Person:
    """Let another member conclude the item; gives back whom.

    For a legal officer who has no part in the case. Raises Forbidden ("actor.role_missing", "case.handles",
    "meeting.may_not_preside"), Invalid("meeting.item_not_here").
    """
    session, case = context.session, context.case
    item = _item(context)
    person = next((one for one in could_preside(session, case, item) if one.id == person_id), None)
    if person is None:
        named = session.get(Person, person_id)
        raise Forbidden("meeting.may_not_preside", name=named.name if named else "")
    instead = presiding(item)
    item.presiders = [*item.presiders, {"person_id": person.id, "instead_id": instead, "reason": reason}]
    told = events.PresidingAppointed(
        meeting_id=item.meeting_id, item_id=item.id, person_id=person.id, person=person.name, instead_id=instead,
        instead=_name(session, instead), reason=reason,
    )  # fmt: skip
    ledger.append(session, f"meeting:{item.meeting_id}", told, actor=context.actor, case_id=case.id)
    return person


def postpone(context: ActContext, reason: str, *, recused: bool) -> str:
    """Put the item off, to be discussed anew. recused: because the presiding member has to withdraw from the case;
    gives back who that is, "" where nobody withdraws.

    Raises as `appoint`; Forbidden("meeting.others_preside") where nobody withdraws and somebody is left to preside.
    """
    session, case = context.session, context.case
    item, person_id = _item(context), ""
    if recused:
        person_id = presiding(item)
        item.recused = [*item.recused, {"person_id": person_id, "reason": reason}]
        told = events.RecusalDecided(
            person_id=person_id, name=_name(session, person_id), granted=True, reason=reason, part="panel_member",
            meeting_id=item.meeting_id,
        )  # fmt: skip
        ledger.append(session, f"meeting:{item.meeting_id}", told, actor=context.actor, case_id=case.id)
    elif could_preside(session, case, item):
        raise Forbidden("meeting.others_preside")
    item.state = "postponed"
    return person_id


def _item(context: ActContext) -> AgendaItem:
    access.require_role(context.session, context.actor, context.case, "legal_reviewer")
    access.require_independent(context.session, context.actor, context.case)
    item = current_item(context, "voting")
    context.session.refresh(item.meeting, with_for_update=True)
    return item


def _name(session: Session, person_id: str) -> str:
    person = session.get(Person, person_id)
    return person.name if person is not None else ""
