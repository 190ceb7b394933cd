"""送达, 公示, 履行, 催告 (行政处罚法 48, 61, 66–72; 行政强制法 35, 53, 54)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from workflows import ledger
from workflows.calendar import clock, clocks
from workflows.cases import access, gates
from workflows.cases.acts import limits
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.acts.decision import decisions_of
from workflows.cases.acts.notice import METHODS, deemed, need_proof, read_services
from workflows.cases.acts.referral import end_seizure
from workflows.cases.materials import Material
from workflows.cases.proceedings import Decision, Seizure
from workflows.documents import get_document
from workflows.errors import Invalid
from workflows.ledger import events

PAYMENT_DAYS = 15
"""行政处罚法 67 para. 3; the time after which what is not money should be done too."""


def serve(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """送达: each party its decision; the times to pay, to ask for reconsideration and to sue begin."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    decisions = decisions_of(context)
    if not decisions:
        raise Invalid("decision.none")
    checks = Checks()
    by_party = {row.party_id: row for row in decisions if row.party_id is not None}
    wanted = list(by_party) or [party.id for party in case.parties]
    services = read_services(context, checks, answer, wanted, "served_on")
    need_proof(checks, answer)
    checks.done()
    receipts = keep_files(context, answer).get("service_receipt", [])
    dues = []
    for party, method, at in services:
        row = by_party.get(party.id, decisions[0])
        decided_on = clock.local(row.decided_at).date()
        gates.g16_order([("decision", decided_on, "service", clock.local(at).date())])
        row.served_on, row.served_method = deemed(context, method, at, row.id), method
        _record_service(context, row, party.name, receipts)
        dues.append(_begin_times(context, row))
    limits.done(context, "service", at=max(clock.local(at).date() for _, _, at in services))
    case.state = "performing" if any(row.outcome == "penalty" for row in decisions) else "served"
    return Effect({"performance_due": clock.local(max(dues)).isoformat()})


def _record_service(context: ActContext, row: Decision, party: str, receipts: list[Material]) -> None:
    number = get_document(context.session, row.document_id).number if row.document_id else ""
    event = events.ServiceRecorded(
        document_id=row.document_id or "", number=number, party_id=row.party_id or "", party=party,
        served_on=row.served_on or clock.local(context.now).date(), method=row.served_method,
        receipt_sha256=receipts[0].sha256 if receipts else "",
    )  # fmt: skip
    ledger.append(
        context.session, f"case:{context.case.id}", event, actor=context.actor, case_id=context.case.id
    )


def _begin_times(context: ActContext, row: Decision) -> datetime:
    """Start what begins with the service of one decision; gives the moment until which it should be performed."""
    served_on = row.served_on or clock.local(context.now).date()
    if row.outcome != "referred":
        limits.begin(context, "reconsideration", served_on, subject=row.id)
        limits.begin(context, "litigation", served_on, subject=row.id)
    if owed(row):
        return limits.begin(context, "payment", served_on, subject=row.id).due_at
    day = served_on + timedelta(days=PAYMENT_DAYS + 1)  # 24:00 of the last day
    return datetime(day.year, day.month, day.day, tzinfo=clock.SHANGHAI)


def owed(row: Decision) -> int:
    """What a decision asks to be paid, in fen: the fine and the illegal gains confiscated."""
    penalty = row.content.get("penalty") or {}
    return int(penalty.get("fine_fen") or 0) + int(penalty.get("confiscation_fen") or 0)


def publish(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """公示 of the decisions within seven working days (国办发〔2018〕118号; 行政处罚法 48)."""
    case, session = context.case, context.session
    access.require_role(session, context.actor, case, "publication_officer")
    checks = Checks()
    day = checks.day(answer, "published_on", context)
    place = checks.text(answer, "place")
    checks.done()
    keep_files(context, answer)
    for row in decisions_of(context):
        gates.g16_order([("decision", clock.local(row.decided_at).date(), "publication", day)])
        row.published_on, row.publication_place = day, place[:200]
        event = events.PublicationRecorded(
            decision_id=row.id, published_on=day, place=place, reason=str(answer.get("note") or "")
        )
        ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    limits.done(context, "publication", at=day)
    return Effect({})


def perform(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """履行: payments, orders carried out, goods handled. After a demand also: the court was asked to enforce."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    checks = Checks()
    decisions = [row for row in decisions_of(context) if row.outcome == "penalty"]
    court = answer.get("result") == "court"
    paid = _payments(context, checks, answer, decisions)
    if answer.get("partial") is True:
        return _perform_part(context, checks, answer, decisions, paid)
    handled = checks.text(answer, "goods_handled", optional=True)
    goods = _goods(context)
    checks.need(not goods or handled, "performance.goods_open", "goods_handled")
    if court:
        _read_court(context, checks, answer, decisions)
    else:
        _check_complete(checks, answer, decisions, paid)
    checks.done()
    keep_files(context, answer)
    for row in decisions:
        _record_performance(context, row, paid.get(row.id, []), answer, court=court)
    for seizure in goods:
        if seizure.state == "in_force":
            end_seizure(context, seizure, "released", context.now, handled)
        else:
            seizure.handling = handled
    return Effect({"performed": not court})


def _perform_part(
    context: ActContext, checks: Checks, answer: Mapping[str, Any], decisions: list[Decision], paid: Payments
) -> Effect:
    """Record what was paid so far; the step stays open until the rest is paid, carried out or demanded."""
    checks.need(paid, "field.row_required", "payments", label="payments")
    rest = sum(owed(row) - row.paid_fen - sum(amount for amount, _, _ in paid.get(row.id, [])) for row in decisions)
    checks.need(rest > 0 and answer.get("result") != "court", "performance.not_partial", "partial")
    checks.done()
    keep_files(context, answer)
    for row in decisions:
        if row.id not in paid:
            continue
        row.paid_fen += sum(amount for amount, _, _ in paid[row.id])
        day = max(day for _, day, _ in paid[row.id])
        if row.paid_fen >= owed(row):
            limits.done(context, "payment", at=day, subject=row.id)
        _tell_performance(context, row, paid[row.id], day, complete=False)
    return Effect({}, stays=True)


Payments = dict[str, list[tuple[int, date, str]]]


def _payments(
    context: ActContext, checks: Checks, answer: Mapping[str, Any], decisions: list[Decision]
) -> Payments:
    by_party = {row.party_id: row for row in decisions}
    found: Payments = {}
    for number, line in enumerate(checks.rows(answer, "payments", optional=True)):
        place = f"payments[{number}]"
        row = by_party.get(str(line.get("party_id") or ""))
        amount = checks.fen(line, "amount", f"{place}.amount")
        day = checks.day(line, "paid_on", context, f"{place}.paid_on")
        checks.need(amount, "field.required", f"{place}.amount", label=f"{place}.amount")
        if checks.need(row is not None, "performance.party_owes_nothing", f"{place}.party_id") and row is not None:
            decided = clock.local(row.decided_at).date()
            checks.need(day >= decided, "field.before", f"{place}.paid_on", moment=day, earliest=decided)
            found.setdefault(row.id, []).append((amount or 0, day, str(line.get("receipt_no") or "")))
    for row in decisions:
        total = row.paid_fen + sum(amount for amount, _, _ in found.get(row.id, []))
        # Besides what was imposed at most an additional fine of the same amount is due (行政处罚法 72; 行政强制法 45).
        most = owed(row) + (row.fine_fen or 0)
        checks.need(total <= most, "performance.too_much", "payments", paid=_yuan(total), most=_yuan(most))
    return found


def _check_complete(
    checks: Checks, answer: Mapping[str, Any], decisions: list[Decision], paid: Payments
) -> None:
    for row in decisions:
        rest = owed(row) - row.paid_fen - sum(amount for amount, _, _ in paid.get(row.id, []))
        checks.need(rest <= 0, "performance.unpaid", "payments", rest=_yuan(rest))
    if any((row.content.get("penalty") or {}).get("measures") for row in decisions):
        checks.need(answer.get("measures_done") is True, "performance.measures_open", "measures_done")


def _read_court(
    context: ActContext, checks: Checks, answer: Mapping[str, Any], decisions: list[Decision]
) -> None:
    """The court may be asked ten working days after the demand (行政强制法 54)."""
    day = checks.day(answer, "court_applied_on", context)
    demand = clocks.find(context.session, context.case.id, "demand")
    if checks.need(demand is not None, "performance.no_demand", "result") and demand is not None:
        checks.need(day > demand.due_on, "performance.demand_running", "court_applied_on", due=demand.due_on)
        limits.done(context, "demand", at=day)
    if not checks.problems:
        for row in decisions:
            row.court_applied_on = day


def _record_performance(
    context: ActContext, row: Decision, paid: list[tuple[int, date, str]], answer: Mapping[str, Any], *, court: bool
) -> None:
    amount = sum(one for one, _, _ in paid)
    days = [day for _, day, _ in paid]
    row.paid_fen += amount
    row.measures_done = row.measures_done or answer.get("measures_done") is True
    complete = not court or row.paid_fen >= owed(row)
    day = max(days, default=clock.local(context.now).date())
    if complete:
        row.performed_on = day
        limits.done(context, "payment", at=max(days) if days else None, subject=row.id)
        limits.done(context, "demand", at=day)
    _tell_performance(context, row, paid, day, complete=complete, court=court)


def _tell_performance(
    context: ActContext, row: Decision, paid: list[tuple[int, date, str]], day: date, *, complete: bool,
    court: bool = False,
) -> None:  # fmt: skip
    case, amount = context.case, sum(one for one, _, _ in paid)
    party = next((party.name for party in case.parties if party.id == row.party_id), "")
    note = "、".join(receipt for _, _, receipt in paid if receipt)
    event = events.PerformanceRecorded(
        decision_id=row.id, party_id=row.party_id, party=party, performed_on=day, amount_fen=amount or None,
        complete=complete, note=f"已申请人民法院强制执行 {note}".strip() if court else note,
    )  # fmt: skip
    ledger.append(context.session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)


def demand(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """催告 of the parties that have not performed (行政强制法 35, 54)."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    checks = Checks()
    at = checks.moment(answer, "served_at", context)
    method = checks.choice(answer, "method", METHODS)
    checks.done()
    keep_files(context, answer)
    open_rows = [row for row in decisions_of(context) if row.outcome == "penalty" and row.performed_on is None]
    if not open_rows:
        raise Invalid("performance.all_done")
    for row in open_rows:
        gates.g16_order([("service", row.served_on or row.decided_at, "demand", clock.local(at).date())])
    served_on = deemed(context, method, at, f"demand:{case.id}"[:64])
    for row in open_rows:
        row.demanded_on = served_on
        party = next((party.name for party in case.parties if party.id == row.party_id), "")
        event = events.DemandServed(
            party_id=row.party_id or "", party=party, served_on=served_on, method=method,
            statement=str(answer.get("statement") or ""),
        )  # fmt: skip
        ledger.append(session, f"case:{case.id}", event, actor=context.actor, happened=at, case_id=case.id)
    limits.begin(context, "demand", served_on)
    return Effect({})


def _goods(context: ActContext) -> list[Seizure]:
    """What was seized and is still to be handled: in force, or confiscated with the decision."""
    rows: list[Seizure] = list(
        context.session.execute(
            select(Seizure).where(
                Seizure.case_id == context.case.id, Seizure.state.in_(("in_force", "confiscated"))
            )
        ).scalars()
    )
    return rows


def _yuan(fen: int) -> str:
    return f"{fen / 100:,.2f}".removesuffix(".00")


