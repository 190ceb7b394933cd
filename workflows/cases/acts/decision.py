"""签发决定 (行政处罚法 57–60): all gates, a decision for each party, its document, its clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

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
from workflows.cases.gate_facts import CollectiveFact, DecisionFacts
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
    gates.g16_order([("offered", context.offered_at or day, "decision", day)])
    at = _moment(context, day)
    draft = session.get(Draft, case.draft_id) if case.draft_id else None
    if draft is None:
        raise Invalid("draft.missing")
    outcome = outcome_of(session, case, draft)
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


def outcome_of(session: Session, case: Case, draft: Draft) -> str:
    """The outcome of a decision on the draft; `referred` where a criminal court punished: then nothing is imposed here
    (行政处罚法 35 para. 2).
    """
    latest = session.execute(
        select(Referral.criminal_result)
        .where(Referral.case_id == case.id)
        .order_by(Referral.raised_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    return "referred" if latest == "punished" else OUTCOMES[draft.outcome]


def _decide(context: ActContext, draft: Draft, whole: DecisionFacts, day: date) -> None:
    """A decision a party; a case that was referred has one for all."""
    case = context.case
    item = deciding_item(context.session, case, whole.collective, whole.outcome)
    parties: list[Party | None] = [None]
    if whole.outcome == "penalty":
        parties = [context.session.get_one(Party, party_id) for party_id in whole.draft.parties()]
    elif whole.outcome != "referred":
        parties = list(case.parties)
    for position, party in enumerate(parties):
        _decide_one(context, draft, whole, party, item, day, position)


def deciding_item(session: Session, case: Case, collective: CollectiveFact, outcome: str) -> AgendaItem | None:
    """The agenda item under which the leaders decided; None where one leader decides alone."""
    if not collective.because or outcome == "referred":
        return None
    return session.execute(
        select(AgendaItem)
        .where(AgendaItem.case_id == case.id, AgendaItem.state == "concluded", AgendaItem.purpose == "decision")
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
    kind, content = paper(session, case, draft, party, whole.outcome, item, day)
    document = issue(
        session, context.actor, type=kind, unit=case.unit, case_id=case.id, party_id=party.id, content=content
    )
    return document.id


def paper(
    session: Session, case: Case, draft: Draft, party: Party, outcome: str, item: AgendaItem | None, day: date
) -> tuple[str, dict[str, Any]]:
    """Kind and content of the written decision on a party, as it would be issued on `day`."""
    if outcome == "penalty":
        met = clock.local(item.concluded_at).date() if item is not None and item.concluded_at else None
        return "penalty_decision", penalty_decision(session, case, draft, party, collective_on=met, on=day)
    return "no_penalty_decision", no_penalty_decision(session, case, draft, party, on=day)


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
