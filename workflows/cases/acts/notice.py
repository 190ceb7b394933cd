"""行政处罚告知 and what the parties reply (行政处罚法 44, 45, 62, 63)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from workflows import ledger
from workflows.calendar import clock
from workflows.cases import access, facts, gate_refusal, gates, thresholds
from workflows.cases.acts import limits
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks, Row
from workflows.cases.acts.attachments import keep_files
from workflows.cases.file import Draft, Party, current_draft
from workflows.cases.gate_facts import DraftFact, NoticeFact
from workflows.cases.papers.decisions import penalty_notice
from workflows.cases.proceedings import Notice
from workflows.cases.rules import rule
from workflows.documents import issue
from workflows.errors import Invalid
from workflows.ledger import events

METHODS = ("direct", "leave", "post", "electronic", "announcement")


def serve_notice(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """行政处罚告知: each party with a penalty gets its notice; its times to state and to ask for a hearing begin."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    draft = current_draft(session, case)
    if draft is None or draft.outcome != "penalise":
        raise Invalid("notice.nothing_to_tell")
    fact = facts.draft_fact(session, case, draft)
    checks = Checks()
    services = read_services(context, checks, answer, list(fact.parties()), "served_at")
    need_proof(checks, answer)
    checks.done()
    keep_files(context, answer)
    dues = [_serve_one(context, draft, fact, *service) for service in services]
    case.state = "noticed"
    rule_of_hearing = rule(session, "hearing_threshold", case.bureau_id, clock.local(context.now).date())
    rights = [thresholds.hearing_right(fact, party, rule_of_hearing) for party in fact.parties()]
    return Effect({"hearing_right": any(rights), "statement_due": clock.local(max(dues)).isoformat()})


Service = tuple[Party, str, datetime]


def read_services(
    context: ActContext, checks: Checks, answer: Mapping[str, Any], wanted: list[str], key: str
) -> list[Service]:
    """Party, method and moment of each service: every wanted party once, nobody else.

    key: the column of the moment; a column of days stands for the end of the working day.
    """
    waiting = dict.fromkeys(wanted)
    found = []
    for number, row in enumerate(checks.rows(answer, "services")):
        place = f"services[{number}]"
        party_id = str(row.get("party_id") or "")
        expected = checks.need(party_id in waiting, "service.party_unexpected", f"{place}.party_id")
        waiting.pop(party_id, None)
        method = checks.choice(row, "method", METHODS, f"{place}.method")
        at = _moment(context, checks, row, key, f"{place}.{key}")
        if expected:
            found.append((context.session.get_one(Party, party_id), method, at))
    names = [context.session.get_one(Party, party_id).name for party_id in waiting]
    checks.need(not waiting, "service.party_missing", "services", parties=names)
    return found


def need_proof(checks: Checks, answer: Mapping[str, Any]) -> None:
    """Service is proven by a receipt, or by what the method leaves behind: the postal receipt, the record of the
    electronic system, the announcement (民事诉讼法 87, 90, 91, 95, which 行政处罚法 61 refers to).
    """
    checks.need(answer.get("files"), "service.proof_missing", "files")


def _moment(context: ActContext, checks: Checks, row: Row, key: str, place: str) -> datetime:
    value = row.get(key)
    if isinstance(value, date) and not isinstance(value, datetime):
        day = checks.day(row, key, context, place)
        return min(datetime(day.year, day.month, day.day, 17, tzinfo=clock.SHANGHAI), context.now)
    return checks.moment(row, key, context, place)


def deemed(context: ActContext, method: str, at: datetime, subject: str) -> date:
    """The day on which something counts as served: an announcement only when its time is over (民事诉讼法 95)."""
    if method != "announcement":
        return clock.local(at).date()
    return limits.begin(context, "service_announcement", clock.local(at).date(), subject=subject).due_on


def _serve_one(
    context: ActContext, draft: Draft, fact: DraftFact, party: Party, method: str, at: datetime
) -> datetime:
    """Record one notice; gives the moment at which the last of its windows closes."""
    case, session = context.case, context.session
    told_on = clock.local(at).date()
    gates.g16_order(_before(context, draft, at))
    right = thresholds.hearing_right(fact, party.id, rule(session, "hearing_threshold", case.bureau_id, told_on))
    content = penalty_notice(session, case, draft, party, hearing=right, on=told_on)
    document = issue(
        session, context.actor, type="penalty_notice", unit=case.unit, case_id=case.id, party_id=party.id,
        content=content,
    )  # fmt: skip
    notice = Notice(
        case_id=case.id, party_id=party.id, draft_id=draft.id, draft_digest=draft.digest, document_id=document.id,
        served_on=told_on, served_at=at, method=method, hearing_right=right,
    )  # fmt: skip
    session.add(notice)
    session.flush()
    notice.served_on = deemed(context, method, at, notice.id)
    event = events.NoticeServed(
        notice_id=notice.id, party_id=party.id, party=party.name, served_on=notice.served_on, method=method,
        draft_digest=draft.digest, hearing_right=right, document_id=document.id,
    )  # fmt: skip
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, happened=at, case_id=case.id)
    days = int(rule(session, "statement_days", case.bureau_id, told_on)["working_days"])
    due = limits.begin(context, "statement", notice.served_on, subject=notice.id, amount=days).due_at
    if right:
        due = max(due, limits.begin(context, "hearing_request", notice.served_on, subject=notice.id).due_at)
    return due


def _before(context: ActContext, draft: Draft, at: datetime) -> list[tuple[str, date, str, date]]:
    """What must lie before a notice served at a moment: the draft, its review, and the beginning of the step."""
    agreed = facts.agreements(context.session, context.case, draft.digest)
    steps = [("report", draft.created_at), ("review", agreed[-1] if agreed else None), ("offered", context.offered_at)]
    return [(step, moment, "notice", at) for step, moment in steps if moment is not None]


def record_statements(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """陈述申辩及听证申请: what each party replied; refused while a party still has time and has not waived it."""
    case, session = context.case, context.session
    access.require_officer(session, context.actor, case)
    checks = Checks()
    change = checks.choice(answer, "change", ("none", "lighter", "heavier", "new_facts"))
    waiting = _unanswered(context)
    replies = checks.rows(answer, "replies")
    pairs = []
    for number, row in enumerate(replies):
        notice = waiting.pop(str(row.get("party_id") or ""), None)
        if checks.need(notice is not None, "statement.party_unexpected", f"replies[{number}].party_id") and notice:
            pairs.append((number, row, notice))
    names = [session.get_one(Party, party_id).name for party_id in waiting]
    checks.need(not waiting, "statement.party_missing", "replies", parties=names)
    requested = any(row.get("hearing") == "requested" for row in replies)
    settled = change == "none" and not requested
    for number, row, notice in pairs:
        _read_reply(context, checks, row, notice, f"replies[{number}]", recheck_needed=settled)
    waived = any("waived" in (row.get("statement"), row.get("hearing")) for row in replies)
    checks.need(not waived or answer.get("files"), "statement.waiver_unwritten", "files")
    checks.done()
    keep_files(context, answer)
    for _number, _row, notice in pairs:
        _record_reply(context, notice)
    if requested:
        limits.hold(context, "decision", "当事人要求听证，听证期间不计入办案期限")
    return Effect({"hearing_requested": requested, "change": change})


def _unanswered(context: ActContext) -> dict[str, Notice]:
    """The notices of the present round by party: the latest of each, as long as nothing is recorded for it."""
    rows = context.session.execute(
        select(Notice).where(Notice.case_id == context.case.id).order_by(Notice.served_at)
    ).scalars()
    latest = {row.party_id: row for row in rows}
    return {party_id: row for party_id, row in latest.items() if row.statement is None}


def _read_reply(
    context: ActContext, checks: Checks, row: Row, notice: Notice, place: str, *, recheck_needed: bool
) -> None:
    """Fill a notice from a row and check it: dates within their windows, windows closed where nothing was said."""
    notice.statement = checks.choice(row, "statement", ("none", "made", "waived"), f"{place}.statement") or None
    made = notice.statement == "made"
    dated = notice.statement in ("made", "waived")
    notice.statement_text = checks.text(row, "statement_text", f"{place}.statement_text", optional=not made)
    notice.recheck = checks.text(row, "recheck", f"{place}.recheck", optional=not (made and recheck_needed))
    notice.statement_on = checks.day_or_none(row, "statement_on", context, f"{place}.statement_on")
    checks.need(not dated or notice.statement_on, "field.required", f"{place}.statement_on", label="statement_on")
    notice.hearing_request = checks.choice(row, "hearing", ("none", "requested", "waived"), f"{place}.hearing") or None
    asked = notice.hearing_request == "requested"
    notice.hearing_requested_on = checks.day_or_none(
        row, "hearing_requested_on", context, f"{place}.hearing_requested_on"
    )
    given_up = notice.hearing_request == "waived" and notice.hearing_right
    if given_up or (asked and checks.need(notice.hearing_right, "hearing.no_right", f"{place}.hearing")):
        checks.need(
            notice.hearing_requested_on, "field.required", f"{place}.hearing_requested_on", label="hearing_requested_on"
        )
    for key in ("statement_on", "hearing_requested_on"):
        day = getattr(notice, key)
        if day is not None:
            told = clock.local(notice.served_at).date()
            checks.need(day >= told, "field.before", f"{place}.{key}", moment=day, earliest=told)
    if not checks.problems:
        _check_windows(context, checks, notice, place)


def _check_windows(context: ActContext, checks: Checks, notice: Notice, place: str) -> None:
    session = context.session
    party = session.get_one(Party, notice.party_id).name
    fact = NoticeFact(
        notice.party_id, party, DraftFact("", "", "", "", ""), notice.served_at, notice.statement, True,
        facts.window_end(session, notice, "statement"), notice.hearing_right, notice.hearing_request,
        notice.hearing_requested_on, facts.window_end(session, notice, "hearing_request"),
    )  # fmt: skip
    if notice.hearing_request == "requested":
        due = gate_refusal.last_day(fact.hearing_due) if fact.hearing_due else None
        checks.need(gates.in_time(fact), "hearing.request_late", f"{place}.hearing_requested_on", due=due)
    gates.g2_window(fact, context.now)
    gates.g3_window(fact, context.now)


def _record_reply(context: ActContext, notice: Notice) -> None:
    case = context.case
    party = context.session.get_one(Party, notice.party_id)
    event = events.StatementRecorded(
        notice_id=notice.id, party_id=party.id, party=party.name, statement=notice.statement or "none",
        text=notice.statement_text, stated_on=notice.statement_on, recheck=notice.recheck,
        hearing_request=notice.hearing_request,
    )  # fmt: skip
    ledger.append(context.session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    waived, given_up = notice.statement == "waived", notice.hearing_request == "waived"
    limits.done(context, "statement", at=notice.statement_on, subject=notice.id, waived=waived)
    limits.done(context, "hearing_request", at=notice.hearing_requested_on, subject=notice.id, waived=given_up)
