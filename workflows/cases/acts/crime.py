"""A suspicion of crime: raised, the fine suspended, reopened when the case comes back (310号令; 行政处罚法 27, 35)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import forms, ledger
from workflows.actors import Actor
from workflows.cases.acts import limits
from workflows.cases.acts.act import ActContext, Effect
from workflows.cases.catalogue import Matter
from workflows.cases.file import Case, officer_ids
from workflows.cases.gates import NO_FINE
from workflows.cases.proceedings import Referral
from workflows.errors import Forbidden, Invalid
from workflows.ledger import events

PROCESS = "criminal_referral"
"""The process that a suspicion starts beside the penalty."""

MAY_FLAG = ("handling_unit_head", "legal_reviewer", "bureau_leader", "bureau_head", "panel_member", "legal_counsel")
"""Besides the case's officers, whoever examines the case may raise a suspicion."""

DECIDED = ("decided", "served", "performing", "closed", "archived")
"""States after a decision: a suspicion found then is a case of its own. One that was not filed or terminated takes it
(`cases.ending`)."""

OFFENCE_LIMIT = 200


def running(session: Session, case: Case) -> bool:
    """Whether a suspicion is being dealt with, or the police have the case."""
    return case.crime in NO_FINE


def needs_flag(session: Session, case: Case) -> bool:
    """Whether a suspicion that is found now must be raised."""
    return not running(session, case)


def flag(session: Session, actor: Actor, case: Case, offence: str, grounds: str, now: datetime) -> Effect:
    """Raise a suspicion: the fine is suspended as a state of the case and the referral starts beside it.

    The caller holds the case's lock. Raises Forbidden("crime.may_not_flag") for somebody without a part in the case,
    Invalid("form.invalid") without offence or grounds, Invalid("crime.running") while one is dealt with and
    Invalid("crime.decided") after the decision.
    """
    if actor.person_id not in officer_ids(session, case.id) and not actor.roles.intersection(MAY_FLAG):
        raise Forbidden("crime.may_not_flag")
    given = {"offence": (offence, OFFENCE_LIMIT), "grounds": (grounds, forms.TEXT_LIMIT)}
    told = forms.free_texts(given, required=True)
    if running(session, case):
        raise Invalid("crime.running")
    if case.state in DECIDED:
        raise Invalid("crime.decided")
    referral = Referral(
        case_id=case.id, offence=told["offence"], grounds=told["grounds"], raised_by_id=actor.person_id,
        raised_at=now,
    )  # fmt: skip
    session.add(referral)
    session.flush()
    case.crime = "suspected"
    suspected = events.CrimeSuspected(referral_id=referral.id, offence=referral.offence, grounds=referral.grounds)
    ledger.append(session, f"case:{case.id}", suspected, actor=actor, case_id=case.id)
    suspend_fine(ActContext(session, actor, case, "", "", {}, now), referral)
    return Effect({}, ((PROCESS, {"referral_id": referral.id}),))


def suspend_fine(context: ActContext, referral: Referral) -> None:
    """No fine is decided while a suspicion is dealt with (行政处罚法 27), and its time stands."""
    case = context.case
    case.fine_suspended = True
    event = events.FineSuspended(referral_id=referral.id)
    ledger.append(context.session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
    limits.hold(context, "decision", "案件涉嫌犯罪，移送期间中止计算")


def offence_hint(session: Session, case: Case) -> str:
    """The offence that the catalogue maps the case's matters to; in general words when it maps none."""
    codes = [matter.matter_code for matter in case.matters]
    for spec in session.execute(select(Matter.spec).where(Matter.code.in_(codes))).scalars():
        if spec.get("crimes"):
            return str(spec["crimes"][0])[:200]
    return "涉嫌犯罪（罪名待核实）"


def current(session: Session, case: Case) -> Referral:
    """The latest suspicion. Raises Invalid("referral.none")."""
    referral = session.execute(
        select(Referral).where(Referral.case_id == case.id).order_by(Referral.raised_at.desc(), Referral.id).limit(1)
    ).scalar_one_or_none()
    if referral is None:
        raise Invalid("referral.none")
    return referral


def reopen(context: ActContext, referral: Referral, state: str, reason: str) -> None:
    """The fine may be decided again: the suspicion was not confirmed or not referred, or the case came back."""
    case = context.case
    case.crime = state
    if case.fine_suspended:
        case.fine_suspended = False
        event = events.FineReopened(referral_id=referral.id, reason=reason)
        ledger.append(context.session, f"case:{case.id}", event, actor=context.actor, case_id=case.id)
        limits.release_decision(context)


def record(
    context: ActContext, referral: Referral, step: str, *, result: str = "", reason: str = "",
    happened: datetime | None = None, **facts: Any,
) -> None:  # fmt: skip
    """Put a step of the referral on the record, in the ledger and beside the case."""
    written = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in facts.items()}
    event = events.ReferralStepTaken(
        referral_id=referral.id, step=step, result=result, reason=reason, facts=written
    )
    ledger.append(
        context.session, f"case:{context.case.id}", event, actor=context.actor, happened=happened,
        case_id=context.case.id,
    )  # fmt: skip
    moment = (happened or context.now).isoformat()
    taken = {"step": step, "at": moment, "by": context.actor.name, "result": result, "reason": reason, **written}
    referral.steps = [*referral.steps, taken]
