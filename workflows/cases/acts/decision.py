"""签发决定 (行政处罚法 57–60): all gates, a decision for each party, its document, its clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from workflows import ledger
from workflows.calendar import clock
from workflows.cases import access, facts, gates
from workflows.cases.acts import limits
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.acts.referral import end_seizure
from workflows.cases.file import Case, Draft, Party
from workflows.cases.further import OUTCOMES
from workflows.cases.gate_facts import DecisionFacts
from workflows.cases.meetings import AgendaItem
from workflows.cases.papers import parts
from workflows.cases.papers.decisions import no_penalty_decision, penalty_decision
from workflows.cases.proceedings import Decision, Referral, Seizure
from workflows.documents import issue
from workflows.errors import Invalid
from workflows.ledger import events


def sign(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """签发决定, or the draft goes back. The decision is dated `decided_on`, today when nothing is said."""
    case, session = context.case, context.session
    access.require_role(session, context.actor, case, "bureau_leader", "bureau_head")
    access.require_independent(session, context.actor, case)
    checks = Checks()
    result = checks.choice(answer, "result", ("sign", "return"))
    opinion = checks.text(answer, "opinion")
    day = checks.day_or_none(answer, "decided_on", context) or clock.local(context.now).date()
    checks.done()
    approval = events.ApprovalGiven(act="decision", result=result, opinion=opinion)
    ledger.append(session, f"case:{case.id}", approval, actor=context.actor, case_id=case.id)
    if result == "return":
        case.state = "investigating"
        return Effect({"decision_result": result, "decision_outcome": ""})
    if case.state in ("decided", "served", "performing", "closed", "archived"):
        raise Invalid("decision.made_already")
    at = _moment(context, day)
    draft = session.get(Draft, case.draft_id) if case.draft_id else None
    if draft is None:
        raise Invalid("draft.missing")
    outcome = "referred" if _punished(context) else OUTCOMES[draft.outcome]
    whole = facts.decision(session, case, outcome, at)
    gates.decision(whole)
    keep_files(context, answer)
    _decide(context, draft, whole, day)
    _settle_goods(context, draft, outcome, at)
    limits.done(context, "decision", at=day)
    limits.begin(context, "service", day)
    case.state, case.fine_suspended = "decided", False
    if outcome == "penalty":
        limits.begin(context, "publication", day)
    shown = outcome if outcome in ("penalty", "referred") else "no_penalty"
    return Effect({"decision_result": result, "decision_outcome": shown})


def _moment(context: ActContext, day: date) -> datetime:
    """The decision's moment: now, or the end of the working day it is dated back to."""
    if day == clock.local(context.now).date():
        return context.now
    return datetime(day.year, day.month, day.day, 17, tzinfo=clock.SHANGHAI)


def _punished(context: ActContext) -> bool:
    """Whether the criminal court has the last word: then nothing is imposed here (行政处罚法 35 para. 2)."""
    latest = context.session.execute(
        select(Referral.criminal_result)
        .where(Referral.case_id == context.case.id)
        .order_by(Referral.raised_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    return latest == "punished"


def _decide(context: ActContext, draft: Draft, whole: DecisionFacts, day: date) -> None:
    """A decision a party; a case that was referred has one for all."""
    case = context.case
    item = _deciding_item(context, whole)
    parties: list[Party | None] = [None]
    if whole.outcome == "penalty":
        parties = [context.session.get_one(Party, party_id) for party_id in whole.draft.parties()]
    elif whole.outcome != "referred":
        parties = list(case.parties)
    for position, party in enumerate(parties):
        _decide_one(context, draft, whole, party, item, day, position)


def _deciding_item(context: ActContext, whole: DecisionFacts) -> AgendaItem | None:
    if not whole.collective.because or whole.outcome == "referred":
        return None
    return context.session.execute(
        select(AgendaItem)
        .where(AgendaItem.case_id == context.case.id, AgendaItem.state == "concluded", AgendaItem.purpose == "decision")
        .order_by(AgendaItem.concluded_at.desc())
        .limit(1)
    ).scalar_one_or_none()


def _decide_one(
    context: ActContext, draft: Draft, whole: DecisionFacts, party: Party | None, item: AgendaItem | None, day: date,
    position: int,
) -> None:  # fmt: skip
    case, session = context.case, context.session
    rows = parts.by_party(draft).get(party.id, []) if party is not None else []
    penalty = parts.penalty_part(rows) if whole.outcome == "penalty" else None
    content = {"facts": draft.facts, "law": draft.law, "discretion": draft.discretion, "penalty": penalty}
    row = Decision(
        case_id=case.id, party_id=party.id if party else None, draft_id=draft.id, draft_digest=draft.digest,
        outcome=whole.outcome, collective=item is not None, agenda_item_id=item.id if item else None,
        fine_fen=penalty.get("fine_fen") if penalty else None, content=content,
        decided_by_id=context.actor.person_id, decided_at=whole.now, position=position,
    )  # fmt: skip
    session.add(row)
    session.flush()
    event = events.DecisionMade(
        decision_id=row.id, outcome=whole.outcome, party_id=row.party_id, party=party.name if party else "",
        fine_fen=row.fine_fen, draft_digest=draft.digest, collective=row.collective,
        meeting_id=item.meeting_id if item else None, content=content,
    )  # fmt: skip
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, happened=whole.now, case_id=case.id)
    if party is not None:
        row.document_id = _issue(context, draft, whole, party, item, day)


def _issue(
    context: ActContext, draft: Draft, whole: DecisionFacts, party: Party, item: AgendaItem | None, day: date
) -> str:
    case, session = context.case, context.session
    if whole.outcome == "penalty":
        met = clock.local(item.concluded_at).date() if item is not None and item.concluded_at else None
        content = penalty_decision(session, case, draft, party, collective_on=met, on=day)
        kind = "penalty_decision"
    else:
        content = no_penalty_decision(session, case, draft, party, on=day)
        kind = "no_penalty_decision"
    document = issue(
        session, context.actor, type=kind, unit=case.unit, case_id=case.id, party_id=party.id, content=content
    )
    return document.id


def _settle_goods(context: ActContext, draft: Draft, outcome: str, at: datetime) -> None:
    """Seized goods are confiscated with the decision, or released where nothing is penalised (行政强制法 27, 28)."""
    taken = context.session.execute(
        select(Seizure).where(Seizure.case_id == context.case.id, Seizure.state == "in_force")
    ).scalars()
    confiscated = outcome == "penalty" and any("confiscate_goods" in row.types for row in draft.penalties)
    for seizure in taken:
        if confiscated:
            end_seizure(context, seizure, "confiscated", at, "随行政处罚决定没收")
        elif outcome.startswith("no_penalty"):
            end_seizure(context, seizure, "released", at, "不予行政处罚，解除查封、扣押，退还财物")


def decisions_of(context: ActContext, case: Case | None = None) -> list[Decision]:
    """The decisions of the case in their order."""
    wanted = select(Decision).where(Decision.case_id == (case or context.case).id).order_by(Decision.position)
    return list(context.session.execute(wanted).scalars())
