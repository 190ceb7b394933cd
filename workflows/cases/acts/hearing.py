"""听证 (行政处罚法 63–65): notification at least seven working days ahead, the hearing, its transcript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from workflows import ledger
from workflows.calendar import clock
from workflows.cases import access, gates
from workflows.cases.acts import limits
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.acts.answers import Checks
from workflows.cases.acts.attachments import keep_files
from workflows.cases.proceedings import Hearing, Notice
from workflows.errors import Invalid
from workflows.ledger import events


def notify(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """听证通知: when and where, to the parties seven working days before."""
    case, session = context.case, context.session
    _chair(context)
    notice = session.execute(
        select(Notice)
        .where(Notice.case_id == case.id, Notice.hearing_request == "requested")
        .order_by(Notice.served_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    if notice is None:
        raise Invalid("hearing.nobody_asked")
    checks = Checks()
    planned_at = checks.moment(answer, "planned_at", context, future=True)
    place = checks.text(answer, "place")
    notified_on = checks.day(answer, "notified_on", context)
    checks.done()
    gates.g16_order([
        ("notice", clock.local(notice.served_at).date(), "hearing_notice", notified_on),
        ("hearing_request", notice.hearing_requested_on or notified_on, "hearing_notice", notified_on),
        ("offered", context.offered_at or notified_on, "hearing_notice", notified_on),
    ])  # fmt: skip
    last_day = limits.begin(context, "hearing_notice", planned_at).due_on
    checks.need(notified_on <= last_day, "hearing.notice_short", "planned_at", last_day=last_day)
    checks.done()
    keep_files(context, answer)
    limits.done(context, "hearing_notice", at=notified_on)
    hearing = Hearing(
        case_id=case.id, draft_id=notice.draft_id, chair_id=context.actor.person_id, notified_on=notified_on,
        planned_at=planned_at, place=place, open_to_public=bool(answer.get("open_to_public")),
    )  # fmt: skip
    session.add(hearing)
    session.flush()
    case.state = "hearing"
    event = events.HearingNotified(
        hearing_id=hearing.id, notified_on=notified_on, planned_at=planned_at, place=place,
        open_to_public=hearing.open_to_public, chair=context.actor.name,
    )  # fmt: skip
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    return Effect({})


def hold(context: ActContext, answer: Mapping[str, Any]) -> Effect:
    """举行听证: held with a signed transcript, forfeited by absence, or the request withdrawn."""
    case, session = context.case, context.session
    _chair(context)
    hearing = session.execute(
        select(Hearing)
        .where(Hearing.case_id == case.id, Hearing.state == "notified")
        .order_by(Hearing.planned_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    if hearing is None:
        raise Invalid("hearing.not_notified")
    checks = Checks()
    state = checks.choice(answer, "state", ("held", "forfeited", "withdrawn"))
    opinion = checks.text(answer, "opinion")
    held_at = checks.moment_or_none(answer, "held_at", context)
    if state == "held":
        checks.need(held_at, "field.required", "held_at", label="held_at")
        checks.need(answer.get("transcript"), "hearing.transcript_needed", "transcript")
        checks.after("held_at", held_at, hearing.planned_at)
    elif state == "forfeited":
        checks.need(context.now >= hearing.planned_at, "hearing.not_yet", "state", planned=hearing.planned_at)
    checks.done()
    transcripts = keep_files(context, answer).get("hearing_transcript", [])
    held = state == "held"
    hearing.state, hearing.opinion, hearing.chair_id = state, opinion, context.actor.person_id
    hearing.held_at = held_at if held else None
    hearing.facts_changed = held and bool(answer.get("facts_changed"))
    if held:
        if not transcripts:
            raise Invalid("hearing.transcript_needed")
        hearing.transcript_material_id = transcripts[0].id
    case.state = "noticed"
    event = events.HearingHeld(
        hearing_id=hearing.id, state=state, held_at=hearing.held_at, chair=context.actor.name, opinion=opinion,
        transcript_sha256=transcripts[0].sha256 if transcripts else "", facts_changed=hearing.facts_changed,
    )  # fmt: skip
    ledger.append(session, f"case:{case.id}", event, actor=context.actor, happened=held_at, case_id=case.id)
    session.flush()
    limits.release_decision(context)
    return Effect({"hearing_held": held, "facts_changed": hearing.facts_changed})


def _chair(context: ActContext) -> None:
    access.require_role(context.session, context.actor, context.case, "hearing_officer")
    access.require_hearing_chair(context.session, context.actor, context.case)
