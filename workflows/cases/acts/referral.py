"""行刑衔接, step by step (国务院令310号 5–13; 应急〔2019〕54号)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflows import ledger
from workflows.calendar import clock
from workflows.cases import access
from workflows.cases.acts import crime, limits
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.file import officer_ids
from workflows.cases.papers.referral import MATERIALS, referral_letter
from workflows.cases.proceedings import Referral, Seizure
from workflows.documents import issue
from workflows.errors import Invalid
from workflows.ledger import events

Answer = Mapping[str, Any]

REFUSED = (("police_decided", "not_filed"), ("supervised", "not_filed"))
"""Steps, with their results, after which there is no criminal case; one that was opened moves the case on."""


def verify_suspicion(context: ActContext, answer: Answer) -> Effect:
    """专案组核实: two officers or more verify and report to the head (310号令 5)."""
    referral = _open(context, "suspected")
    checks = Checks()
    team = checks.words(answer, "team")
    offence = checks.text(answer, "offence")
    report = checks.text(answer, "report")
    result = checks.choice(answer, "result", ("confirmed", "cleared"))
    verified_at = checks.moment(answer, "verified_at", context)
    checks.need(len(team) >= 2, "referral.team_small", "team")
    strangers = set(team) - officer_ids(context.session, context.case.id)
    checks.need(not strangers, "officer.not_in_case", "team")
    checks.after("verified_at", verified_at, referral.raised_at)
    checks.done()
    keep_files(context, answer)
    referral.team_ids, referral.offence = team, offence[:200]
    crime.record(context, referral, "verified", result=result, reason=report, happened=verified_at, team=team)
    if result == "confirmed":
        context.case.crime = "confirmed"
        if not limits.running(context, "referral_approval"):  # the head's days run on from the report that he sent back
            limits.begin(context, "referral_approval", verified_at)
    else:
        limits.drop(context, "referral_approval", "核实不涉嫌犯罪")
        referral.result = "cleared"
        crime.reopen(context, referral, "cleared", report)
    return Effect({"suspicion": result})


def approve_referral(context: ActContext, answer: Answer) -> Effect:
    """正职负责人审批: the head personally, within three days (310号令 5)."""
    case = context.case
    access.require_role(context.session, context.actor, case, "bureau_head")
    referral = _state(context, "confirmed")
    checks = Checks()
    result = checks.choice(answer, "result", ("approve", "refuse"))
    reason = checks.text(answer, "reason")
    checks.done()
    limits.done(context, "referral_approval")
    if result == "approve":
        referral.approved_at, case.crime = context.now, "approved"
        crime.record(context, referral, "approved", result=result, reason=reason)
        limits.begin(context, "referral_transfer", context.now)
    else:
        referral.result = "refused"
        crime.record(context, referral, "refused", result=result, reason=reason)
        crime.reopen(context, referral, "refused", reason)
    return Effect({"referral_result": result})


def transfer(context: ActContext, answer: Answer) -> Effect:
    """移送公安机关并抄送检察院, within 24 hours of the approval (310号令 5, 6)."""
    referral = _open(context, "approved")
    checks = Checks()
    police = checks.text(answer, "police")
    procuratorate = checks.text(answer, "procuratorate")
    at = checks.moment(answer, "transferred_at", context)
    materials = checks.words(answer, "materials")
    checks.need(materials, "field.required", "materials", label="materials")
    for one in materials:
        checks.need(one in MATERIALS, "field.choice_unknown", "materials", label="materials", value=one)
    checks.after("transferred_at", at, referral.approved_at)
    checks.done()
    keep_files(context, answer)
    case, session = context.case, context.session
    content = referral_letter(
        session, case, referral, to=police, copied_to=procuratorate, materials=materials,
        goods=str(answer.get("goods") or ""), approved_on=clock.local(referral.approved_at or at).date(),
        on=clock.local(at).date(),
    )  # fmt: skip
    issue(session, context.actor, type="referral_letter", unit=case.unit, case_id=case.id, content=content)
    referral.police, referral.procuratorate, referral.transferred_at = police[:200], procuratorate[:200], at
    case.crime = "transferred"
    crime.record(
        context, referral, "transferred", happened=at, police=police, procuratorate=procuratorate, materials=materials
    )
    limits.done(context, "referral_transfer", at=at)
    limits.begin(context, "police_receipt", at)
    return Effect({})


def police_receipt(context: ActContext, answer: Answer) -> Effect:
    """公安机关签收, 转送 or 要求补正 within 24 hours (310号令 7)."""
    referral = _open(context, "transferred")
    checks = Checks()
    result = checks.choice(answer, "result", ("received", "forwarded", "supplement"))
    at = checks.moment(answer, "received_at", context)
    receiver = checks.text(answer, "receiver")
    checks.after("received_at", at, _last(referral))
    checks.done()
    keep_files(context, answer)
    crime.record(context, referral, "received", result=result, happened=at, receiver=receiver)
    limits.done(context, "police_receipt", at=at)
    limits.begin(context, "police_supplement" if result == "supplement" else "police_decision", at)
    return Effect({"receipt": result})


def supplement(context: ActContext, answer: Answer) -> Effect:
    """补正移送材料, within three days (应急〔2019〕54号)."""
    referral = _open(context, "transferred")
    checks = Checks()
    note = checks.text(answer, "note")
    at = checks.moment(answer, "sent_at", context)
    checks.after("sent_at", at, _last(referral))
    checks.done()
    keep_files(context, answer)
    crime.record(context, referral, "supplemented", reason=note, happened=at)
    limits.done(context, "police_supplement", at=at)
    limits.begin(context, "police_receipt", at)
    return Effect({})


def police_decision(context: ActContext, answer: Answer) -> Effect:
    """公安机关立案决定, within three days of the receipt (310号令 8)."""
    referral = _open(context, "transferred")
    checks = Checks()
    result = checks.choice(answer, "result", ("filed", "not_filed"))
    at = checks.moment(answer, "notified_at", context)
    number = checks.text(answer, "document_no", optional=result != "filed")
    reason = checks.text(answer, "reason", optional=result == "filed")
    checks.after("notified_at", at, _last(referral))
    checks.done()
    keep_files(context, answer)
    crime.record(context, referral, "police_decided", result=result, reason=reason, happened=at, document_no=number)
    limits.done(context, "police_decision", at=at)
    if result == "filed":
        _accepted(context, at)
    else:
        limits.begin(context, "reconsideration_request", at)
    return Effect({"police_result": result})


def handover(context: ActContext, answer: Answer) -> Effect:
    """移交涉案物品和材料, within three days (310号令 12): what was seized goes along (行政强制法 21)."""
    case, session = context.case, context.session
    referral = _open(context, "accepted")
    checks = Checks()
    at = checks.moment(answer, "handed_at", context)
    items = checks.text(answer, "items")
    checks.after("handed_at", at, _last(referral))
    checks.done()
    keep_files(context, answer)
    crime.record(context, referral, "handed_over", reason=items, happened=at)
    limits.done(context, "handover", at=at)
    referral.result = "accepted"
    for seizure in session.query(Seizure).filter_by(case_id=case.id, state="in_force"):
        end_seizure(context, seizure, "handed_over", at, items)
    return Effect({})


def request_reconsideration(context: ActContext, answer: Answer) -> Effect:
    """提请复议 within three days, or the refusal is accepted (310号令 9)."""
    referral = _open(context, "transferred")
    checks = Checks()
    result = checks.choice(answer, "result", ("requested", "accepted"))
    at = (checks.moment if result == "requested" else checks.moment_or_none)(answer, "sent_at", context)
    reason = checks.text(answer, "reason")
    checks.after("sent_at", at, _last(referral))
    checks.done()
    keep_files(context, answer)
    crime.record(context, referral, "reconsideration_requested", result=result, reason=reason, happened=at)
    limits.done(context, "reconsideration_request", at=at)
    if result == "requested" and at is not None:
        limits.begin(context, "reconsideration_answer", at)
    return Effect({"reconsideration": result})


def reconsideration_answer(context: ActContext, answer: Answer) -> Effect:
    """公安机关复议决定, within three days (310号令 9)."""
    referral = _open(context, "transferred")
    checks = Checks()
    result = checks.choice(answer, "result", ("filed", "upheld"))
    at = checks.moment(answer, "answered_at", context)
    checks.after("answered_at", at, _last(referral))
    checks.done()
    keep_files(context, answer)
    crime.record(context, referral, "reconsidered", result=result, happened=at)
    limits.done(context, "reconsideration_answer", at=at)
    if result == "filed":
        _accepted(context, at)
    else:
        limits.begin(context, "supervision_request", at)
    return Effect({"reconsideration_result": result})


def request_supervision(context: ActContext, answer: Answer) -> Effect:
    """建议检察院立案监督, or dropped (310号令 9)."""
    referral = _open(context, "transferred")
    checks = Checks()
    result = checks.choice(answer, "result", ("requested", "dropped"))
    at = (checks.moment if result == "requested" else checks.moment_or_none)(answer, "sent_at", context)
    reason = checks.text(answer, "reason")
    checks.after("sent_at", at, _last(referral))
    checks.done()
    keep_files(context, answer)
    crime.record(context, referral, "supervision_requested", result=result, reason=reason, happened=at)
    limits.done(context, "supervision_request", at=at)
    if result == "requested" and at is not None:
        limits.begin(context, "supervision_explanation", at)
    return Effect({"supervision": result})


def supervision_result(context: ActContext, answer: Answer) -> Effect:
    """立案监督结果 from the procuratorate."""
    referral = _open(context, "transferred")
    checks = Checks()
    result = checks.choice(answer, "result", ("filed", "not_filed"))
    at = checks.moment(answer, "notified_at", context)
    checks.after("notified_at", at, _last(referral))
    checks.done()
    keep_files(context, answer)
    crime.record(context, referral, "supervised", result=result, happened=at)
    limits.done(context, "supervision_explanation", at=at)
    if result == "filed":
        _accepted(context, at)
    return Effect({"supervised": result})


def return_to_admin(context: ActContext, answer: Answer) -> Effect:
    """恢复行政处理: the police do not prosecute, the bureau goes on (310号令 10).

    Raises Invalid("referral.not_refused") before they, or the procuratorate, have said so: no fine takes the place of a
    referral (310号令 11; 行政处罚法 82).
    """
    referral = _open(context, "transferred")
    if not any((step["step"], step["result"]) in REFUSED for step in referral.steps):
        raise Invalid("referral.not_refused")
    checks = Checks()
    note = checks.text(answer, "note")
    checks.done()
    referral.result = "returned"
    crime.record(context, referral, "returned", reason=note)
    crime.reopen(context, referral, "returned", note)
    return Effect({})


def conclude_referral(context: ActContext, answer: Answer) -> Effect:
    """行刑衔接办理结果: what became of the referral, once it has ended.

    punished: a decision `referred` without a fine follows (行政处罚法 35 para. 2); else the case goes on.
    """
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    referral = crime.current(session, case)
    if referral.result is None:
        raise Invalid("referral.running")
    checks = Checks()
    result = checks.choice(answer, "result", ("punished", "not_punished", "returned"))
    outcome = checks.text(answer, "outcome_text")
    day = checks.day(answer, "outcome_on", context)
    begun = clock.local(_last(referral)).date()
    checks.need(day >= begun, "field.before", "outcome_on", moment=day, earliest=begun)
    if result == "punished":
        checks.need(referral.result == "accepted", "referral.not_accepted", "result")
    checks.done()
    keep_files(context, answer)
    referral.criminal_result, referral.criminal_outcome, referral.outcome_on = result, outcome, day
    crime.record(context, referral, "concluded", result=result, reason=outcome, outcome_on=day)
    if result != "punished" and case.crime == "accepted":
        referral.result = "returned"
        crime.reopen(context, referral, "returned", outcome)
    return Effect({"criminal_result": result})


def end_seizure(context: ActContext, seizure: Seizure, outcome: str, at: datetime, handling: str) -> None:
    """A sealing or seizure ends: released, confiscated or handed_over."""
    seizure.state, seizure.ended_at, seizure.handling = outcome, at, handling
    limits.done(context, "seizure", at=at, subject=seizure.id)
    event = events.CoerciveMeasureEnded(
        measure_id=seizure.id, kind=seizure.kind, outcome=outcome, ended_at=at, handling=handling
    )
    ledger.append(
        context.session, f"case:{context.case.id}", event, actor=context.actor, case_id=context.case.id
    )


def _last(referral: Referral) -> datetime:
    """When the last step of a referral was taken: none that follows is older."""
    taken = [datetime.fromisoformat(str(step["at"])) for step in referral.steps]
    return max(taken, default=referral.raised_at)


def _accepted(context: ActContext, at: datetime) -> None:
    context.case.crime = "accepted"
    limits.begin(context, "handover", at)


def _open(context: ActContext, *states: str) -> Referral:
    access.require_officer(context.session, context.actor, context.case)
    return _state(context, *states)


def _state(context: ActContext, *states: str) -> Referral:
    """The suspicion, if it stands where this step begins. Raises Invalid("referral.not_here")."""
    if context.case.crime not in states:
        raise Invalid("referral.not_here", state=context.case.crime)
    return crime.current(context.session, context.case)

