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
from workflows.cases.meetings import presiding, voted, voting
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
    fact = facts.item_fact(session, case, item)
    quorum = gates.g6_quorum(facts.quorum_rule(session, case), fact) is None
    if not quorum:
        item.state = "postponed"
    told = events.MemberLeft(
        meeting_id=item.meeting_id, item_id=item.id, member_id=person_id, member=person.name, reason=reason,
        present=fact.present, quorum=quorum,
    )  # fmt: skip
    ledger.append(session, f"meeting:{item.meeting_id}", told, actor=context.actor, case_id=case.id)
    return Effect({"quorum": quorum, "voters": voting(item), "presiding": presiding(item)})
