"""What a collective discussion comes to: the majority's conclusion, and the minutes."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any

from workflows import ledger
from workflows.cases import access, drafts, facts, gates
from workflows.cases.acts import crime, proposals
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.acts.meeting import current_item
from workflows.cases.drafts import PenaltyInput
from workflows.cases.file import Draft
from workflows.cases.meetings import AgendaItem, presiding, voting
from workflows.cases.papers.reviews import discussion_record
from workflows.documents import issue
from workflows.errors import Forbidden, Invalid
from workflows.ledger import events

CONCLUSIONS = ("approve", "change", "return", "refer", "again")


def conclude(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """形成讨论结论: what more than half of those entitled voted for; without such a majority the vote is repeated."""
    session, case = context.session, context.case
    item = current_item(context, "voting")
    if context.actor.person_id != presiding(item):
        raise Forbidden("meeting.not_presiding", name=context.actor.name)
    checks = Checks()
    conclusion = checks.choice(answer, "conclusion", CONCLUSIONS)
    resolution = checks.text(answer, "resolution")
    tally = Counter(vote.choice for vote in item.votes if vote.round == item.round)
    here = voting(item)  # who left counts among those entitled, and votes for nothing
    checks.need(sum(tally.values()) == len(here), "vote.incomplete", "conclusion", cast=sum(tally.values()),
                voters=len(here))  # fmt: skip
    majority = next((choice for choice, votes in tally.items() if votes * 2 > len(item.voters)), None)
    expected = "again" if majority in (None, "abstain") else majority
    checks.need(conclusion == expected, "vote.not_the_majority", "conclusion", expected=_choice_words(expected))
    checks.done()
    if conclusion == "again":
        item.round += 1
        effect = _recorded(context, item, conclusion, resolution, tally)
        if item.presiders:  # who was appointed concludes the next round too
            return Effect({**effect.variables, "presiding": presiding(item)})
        return effect
    if conclusion == "change":
        item.resolved_penalties = _resolved(context, checks, item, answer)
    keep_files(context, answer)
    item.conclusion, item.resolution, item.state, item.concluded_at = conclusion, resolution, "concluded", context.now
    rule = facts.quorum_rule(session, case)
    gates.g6_vote(rule, facts.item_fact(session, case, item))
    if item.purpose == "dispute":
        case.disputed_at = None
    case.state = "deciding" if conclusion == "approve" else "investigating"
    effect = _recorded(context, item, conclusion, resolution, tally)
    if conclusion == "refer" and crime.needs_flag(session, case):
        offence = crime.offence_hint(session, case)
        flagged = crime.flag(session, context.actor, case, offence, resolution, context.now)
        return Effect(effect.variables, flagged.starts)
    return effect


def _choice_words(choice: str) -> dict[str, str]:
    words = {
        "approve": ("同意", "approve"), "change": ("变更", "change"), "return": ("退回", "return"),
        "refer": ("移送", "refer"), "again": ("再次表决", "vote again"),
    }  # fmt: skip
    zh, en = words[choice]
    return {"zh": zh, "en": en}


def _recorded(
    context: ActContext, item: AgendaItem, conclusion: str, resolution: str, tally: Mapping[str, int]
) -> Effect:
    event = events.MeetingConcluded(
        meeting_id=item.meeting_id, item_id=item.id, conclusion=conclusion, resolution=resolution, tally=dict(tally),
        draft_digest=item.draft_digest, penalties=item.resolved_penalties if conclusion == "change" else [],
    )  # fmt: skip
    ledger.append(
        context.session, f"meeting:{item.meeting_id}", event, actor=context.actor, case_id=context.case.id
    )
    return Effect({"meeting_result": conclusion, "item_id": item.id})


def _resolved(
    context: ActContext, checks: Checks, item: AgendaItem, answer: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The penalties as the meeting changed them, checked like a draft's, and really another thing than the draft's."""
    penalties = proposals.read_penalties(context, checks, checks.rows(answer, "penalties"))
    checks.done()
    draft = context.session.get_one(Draft, item.draft_id)
    proposal = dataclasses.replace(drafts.proposal_of(draft), outcome="penalise", penalties=penalties)
    changed = proposals.check_gates(context, proposal)
    before = facts.draft_fact(context.session, context.case, draft)
    parties = set(changed.parties()) | set(before.parties())
    same = all(changed.burden(party) == before.burden(party) for party in parties)
    checks.need(not same, "meeting.change_nothing", "penalties")
    checks.done()
    return [_written(penalty) for penalty in penalties]


def _written(penalty: PenaltyInput) -> dict[str, Any]:
    return {**{name: getattr(penalty, name) for name in drafts.PENALTY_FIELDS}, "types": list(penalty.types)}


def sign_minutes(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """制作会议记录: the record of this item as a document; the meeting closes with its last item."""
    session, case, actor = context.session, context.case, context.actor
    access.require_role(session, actor, case, "legal_reviewer")
    item = current_item(context, "concluded")
    checks = Checks()
    report = checks.text(answer, "report")
    checks.done()
    questions = "\n".join(
        text for key in ("questions", "note") if (text := checks.text(answer, key, optional=True))
    )
    signed = keep_files(context, answer).get("minutes_signed", [])
    content = discussion_record(session, case, item, report=report, questions=questions, recorder=actor.name)
    meeting = item.meeting
    if all(other.state in ("concluded", "postponed") for other in meeting.items):
        meeting.state, meeting.closed_at = "closed", context.now
    document = issue(
        session, actor, type="discussion_record", unit=case.unit, case_id=case.id, content=content
    )
    event = events.MinutesSigned(
        meeting_id=meeting.id, signer_id=actor.person_id, signer=actor.name, document_id=document.id,
        sha256=signed[0].sha256 if signed else "",
    )  # fmt: skip
    ledger.append(session, f"meeting:{meeting.id}", event, actor=actor, case_id=case.id)
    return Effect({})


def last_item(context: ActContext) -> AgendaItem:
    """The item concluded last. Raises Invalid("meeting.item_not_here")."""
    found = context.session.query(AgendaItem).filter_by(case_id=context.case.id, state="concluded")
    item = found.order_by(AgendaItem.concluded_at.desc()).first()
    if item is None:
        raise Invalid("meeting.item_not_here")
    return item
