"""Reading a proposed decision from an answer, checking it, and making it the case's draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.calendar import clock
from workflows.cases import drafts, facts, gates, thresholds
from workflows.cases.acts.act import ActContext
from workflows.cases.acts.answers import Checks, Row
from workflows.cases.catalogue import Matter, matter_of
from workflows.cases.drafts import PenaltyInput, Proposal
from workflows.cases.file import PENALTY_TYPES, Draft, DraftPenalty
from workflows.cases.gate_facts import DraftFact
from workflows.cases.meetings import AgendaItem
from workflows.cases.rules import rule
from workflows.errors import GateClosed

OUTCOMES = ("penalise", "minor", "unproven", "refer")


def read(context: ActContext, answer: Mapping[str, Any]) -> Proposal:
    """The proposal of a report form. Raises Invalid("form.invalid") naming every wrong field."""
    checks = Checks()
    outcome = checks.choice(answer, "outcome", OUTCOMES)
    texts = {key: checks.text(answer, key) for key in ("facts", "evidence", "law", "discretion")}
    rows = checks.rows(answer, "penalties", optional=True)
    if outcome == "penalise":
        checks.need(rows, "draft.penalty_needed", "penalties")
    else:
        checks.need(not rows, "draft.penalty_unwanted", "penalties")
    penalties = read_penalties(context, checks, rows) if outcome == "penalise" else ()
    checks.done()
    recheck = str(answer.get("statement_recheck") or "").strip()
    return Proposal(outcome=outcome, **texts, statement_recheck=recheck, penalties=penalties)


def read_penalties(context: ActContext, checks: Checks, rows: list[Row]) -> tuple[PenaltyInput, ...]:
    """The penalties of a list of rows, wrong fields noted as penalties[n].field."""
    parties = {party.id for party in context.case.parties}
    alleged = {matter.matter_code for matter in context.case.matters}
    found, seen = [], set()
    for number, row in enumerate(rows):
        place = f"penalties[{number}]"
        penalty = _read_one(checks, row, place)
        checks.need(penalty.party_id in parties, "party.not_in_case", f"{place}.party_id")
        if checks.need(penalty.matter_code in alleged, "matter.not_in_case", f"{place}.matter_code"):
            _check_matter(context, checks, penalty, matter_of(context.session, penalty.matter_code), place)
        key = (penalty.party_id, penalty.matter_code, penalty.stage)
        checks.need(key not in seen, "draft.penalty_twice", place)
        seen.add(key)
        found.append(penalty)
    return tuple(found)


def _read_one(checks: Checks, row: Row, place: str) -> PenaltyInput:
    types = checks.words(row, "types")
    checks.need(types, "field.required", f"{place}.types", label=f"{place}.types")
    for one in types:
        checks.need(one in PENALTY_TYPES, "field.choice_unknown", f"{place}.types", label=f"{place}.types", value=one)
    goods = checks.text(row, "confiscation", optional=True)
    if "confiscate_goods" in types:
        checks.need(goods, "draft.goods_unnamed", f"{place}.confiscation")
    gains = checks.fen(row, "confiscation_yuan", f"{place}.confiscation_yuan")
    if "confiscate_gains" in types:
        checks.need(gains, "draft.gains_unnamed", f"{place}.confiscation_yuan")
    mitigation = checks.text(row, "mitigation", optional=True)
    return PenaltyInput(
        party_id=checks.text(row, "party_id", f"{place}.party_id"),
        matter_code=checks.text(row, "matter_code", f"{place}.matter_code"),
        stage=checks.text(row, "stage", f"{place}.stage"), types=tuple(sorted(types)),
        fine_fen=checks.fen(row, "fine", f"{place}.fine") or None, confiscation=goods,
        confiscation_fen=gains or None, measures=checks.text(row, "measures", optional=True),
        mitigation="reduced" if mitigation == "reduced" else "",
        mitigation_ground=checks.text(row, "mitigation_ground", optional=True),
        base_fen=checks.fen(row, "base_yuan", f"{place}.base_yuan"),
        base_days=checks.whole(row, "base_days", f"{place}.base_days"),
    )  # fmt: skip


def _check_matter(context: ActContext, checks: Checks, penalty: PenaltyInput, matter: Matter, place: str) -> None:
    """The matter is of penalties and in force: begun by today, not ended before the conduct (行政处罚法 37)."""
    where = f"{place}.matter_code"
    checks.need(matter.kind == "行政处罚", "matter.no_penalty", where, matter=matter.code)
    today = clock.local(context.now).date()
    begun = matter.effective_from is None or matter.effective_from <= today
    conduct = context.case.conduct_on or context.case.found_on
    lasting = matter.effective_to is None or conduct <= matter.effective_to
    checks.need(begun and lasting, "matter.not_in_force", where, matter=matter.code, day=conduct)


def check_gates(context: ActContext, proposal: Proposal) -> DraftFact:
    """Check ranges (G7) and that nobody is punished harder for speaking up (G8). Raises GateClosed with the field."""
    fact = as_fact(context, proposal)
    for number, penalty in enumerate(fact.penalties):
        one = DraftFact(fact.id, fact.digest, fact.outcome, fact.facts, fact.law, (penalty,))
        try:
            gates.g7_range(one)
        except GateClosed as closed:
            field = "fine" if closed.facts["cause"].startswith("fine") else "types"
            raise GateClosed(closed.code, **{**closed.facts, "place": f"penalties[{number}].{field}"}) from None
    gates.g8_not_heavier(fact, facts.notices(context.session, context.case))
    return fact


def as_fact(context: ActContext, proposal: Proposal) -> DraftFact:
    """A proposal as the gates see it, before it is a draft."""
    session, case = context.session, context.case
    inclusive = bool(rule(session, "amount_wording", case.bureau_id, clock.today())["max_inclusive"])
    written = drafts.content(proposal, drafts.evidence_files(session, case))
    rows = [
        DraftPenalty(**{**{name: getattr(one, name) for name in drafts.PENALTY_FIELDS}, "types": list(one.types)})
        for one in proposal.penalties
    ]
    return DraftFact(
        "", drafts.digest(written), proposal.outcome, proposal.facts, proposal.law,
        tuple(facts.penalty_fact(session, row, inclusive) for row in rows), proposal.statement_recheck,
    )  # fmt: skip


def put(context: ActContext, proposal: Proposal, reason: str) -> Draft:
    """Check a proposal by the gates and make it the current draft, compared with what the parties were told."""
    fact = check_gates(context, proposal)
    change = drafts.compare(fact, facts.notices(context.session, context.case))
    return drafts.put(context.session, context.actor, context.case, proposal, change=change, reason=reason)


def routing(context: ActContext, draft: Draft) -> dict[str, Any]:
    """The scalars that gateways and the routing table read of a draft; amounts in whole yuan."""
    session, case = context.session, context.case
    fact = facts.draft_fact(session, case, draft)
    today = clock.local(context.now).date()
    weight = thresholds.weight(fact, rule(session, "collective_threshold", case.bureau_id, today))
    hearing = rule(session, "hearing_threshold", case.bureau_id, today)
    notices = facts.notices(session, case)
    return {
        "outcome": draft.outcome,
        "hearing_right": any(thresholds.hearing_right(fact, party, hearing) for party in fact.parties()),
        # Where nobody was told anything yet, a diagram reads: there is something to tell.
        "change": drafts.compare(fact, notices) if notices or not fact.penalties else "new_facts",
        "review_stage": _review_stage(context, bool(notices)),
        "meeting_settled": _settled(context, fact),
        "fine_entity_max": weight.fine_entity_max,
        "fine_person_max": weight.fine_person_max,
        "heavy_measure": weight.heavy,
        "complex": case.complex,
    }


def _review_stage(context: ActContext, noticed: bool) -> str:
    held = [h.held_at for h in facts.hearings(context.session, context.case) if h.state == "held" and h.held_at]
    last = facts.last_conclusion(context.session, context.case)
    if held and (last is None or last.given_at < max(held)):
        return "after_hearing"
    return "revised" if noticed else "before_notice"


def _settled(context: ActContext, fact: DraftFact) -> bool:
    """Whether the draft is what the meeting resolved when it changed the penalties."""
    session, case = context.session, context.case
    item = (
        session.query(AgendaItem)
        .filter_by(case_id=case.id, state="concluded", purpose="decision")
        .order_by(AgendaItem.concluded_at.desc())
        .first()
    )
    if item is None or item.conclusion != "change":
        return False
    return gates.resolved_as(fact, facts.item_fact(session, case, item))
