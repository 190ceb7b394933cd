"""中途退席: a member who was there when attendance was taken, and cannot vote any more.

Whoever is gone is no longer counted as present, so the quorum is asked anew; his place stays among those entitled to
vote, so that a majority is never made by somebody's leaving (行政处罚法 57 para. 2; domain brief, section 3).
"""

from __future__ import annotations

from workflows import ledger
from workflows.actors import Person
from workflows.cases import access, facts, gates
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.meeting import current_item
from workflows.cases.gate_facts import ItemFact
from workflows.cases.meetings import AgendaItem, presiding, voted, voting
from workflows.errors import Forbidden, Invalid
from workflows.ledger import events


def depart(context: ActContext, person_id: str, reason: str) -> Effect:
    """Record that a member left before voting; says whether the item can still be concluded, and who is still to vote.

    For whoever keeps the attendance: a legal officer who has no part in the case. Raises Forbidden
    ("actor.role_missing", "case.handles", "vote.not_entitled"), Invalid ("meeting.item_not_here", "vote.cast_already").
    """
    session, case = context.session, context.case
    access.require_role(session, context.actor, case, "legal_reviewer")
    access.require_independent(session, context.actor, case)
    item = current_item(context, "voting")
    session.refresh(item.meeting, with_for_update=True)
    person = session.get_one(Person, person_id)
    if person_id not in voting(item):
        raise Forbidden("vote.not_entitled", name=person.name)
    if person_id in voted(item):
        raise Invalid("vote.cast_already")
    item.attendance = [
        {**entry, "present": False, "reason": f"中途退席：{reason}"} if entry["person_id"] == person_id else entry
        for entry in item.attendance
    ]
    fact, quorum = _quorum(context, item)
    told = events.MemberLeft(
        meeting_id=item.meeting_id, item_id=item.id, member_id=person_id, member=person.name, reason=reason,
        present=fact.present, quorum=quorum,
    )  # fmt: skip
    ledger.append(session, f"meeting:{item.meeting_id}", told, actor=context.actor, case_id=case.id)
    return Effect({"quorum": quorum, "voters": voting(item), "presiding": presiding(item)})


def withdraw(context: ActContext, person_id: str, reason: str) -> Effect | None:
    """Record that a member withdraws because of an interest (行政处罚法 43) while his item is voted on; says, as
    `depart` does, whether it can still be concluded. None where nothing of this case is voted on, or he has no vote.

    Whoever has voted already ought not to have: then the item is discussed anew without him.
    """
    try:
        item = current_item(context, "voting")
    except Invalid:
        return None
    session = context.session
    session.refresh(item.meeting, with_for_update=True)
    if person_id not in item.voters:
        return None
    cast = person_id in voted(item)
    item.recused = [*item.recused, {"person_id": person_id, "reason": reason}]
    item.voters = [one for one in item.voters if one != person_id]
    _fact, quorum = _quorum(context, item)
    if cast:
        item.state = "postponed"
    told = events.RecusalDecided(
        person_id=person_id, name=session.get_one(Person, person_id).name, granted=True, reason=reason,
        part="panel_member", meeting_id=item.meeting_id,
    )  # fmt: skip
    ledger.append(session, f"meeting:{item.meeting_id}", told, actor=context.actor, case_id=context.case.id)
    return Effect({"quorum": quorum and not cast, "voters": voting(item), "presiding": presiding(item)})


def _quorum(context: ActContext, item: AgendaItem) -> tuple[ItemFact, bool]:
    """Whether those who are still there may conclude the item; it is put off where they may not."""
    fact = facts.item_fact(context.session, context.case, item)
    quorum = gates.g6_quorum(facts.quorum_rule(context.session, context.case), fact) is None
    if not quorum:
        item.state = "postponed"
    return fact, quorum
