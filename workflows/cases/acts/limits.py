"""The statutory clocks that acts start, satisfy, hold and release."""

from __future__ import annotations

from datetime import date, datetime

from workflows.calendar import clocks
from workflows.calendar.clocks import Clock
from workflows.cases.acts.act import ActContext
from workflows.cases.proceedings import Hearing


def begin(
    context: ActContext, rule_id: str, start: datetime | date, *, subject: str | None = None, amount: int | None = None
) -> Clock:
    """Start a time limit; one of the same rule and subject that still runs ends first."""
    done(context, rule_id, subject=subject, note="重新起算")
    return clocks.start_clock(
        context.session, rule_id, case_id=context.case.id, subject=subject, start=start, actor=context.actor,
        amount=amount, start_event=context.task_name or context.element_id,
    )  # fmt: skip


def done(
    context: ActContext, rule_id: str, *, at: datetime | date | None = None, subject: str | None = None,
    note: str = "", waived: bool = False,
) -> None:  # fmt: skip
    """What a time limit asked for was done, or its party waived it; nothing happens when none runs."""
    running = clocks.find(context.session, context.case.id, rule_id, subject)
    if running is not None and running.satisfied_at is None:
        clocks.satisfy_clock(context.session, running, actor=context.actor, at=at, note=note, waived=waived)


def running(context: ActContext, rule_id: str) -> bool:
    """Whether a time limit is not over yet, also while it stands."""
    found = clocks.find(context.session, context.case.id, rule_id)
    return found is not None and found.satisfied_at is None


def drop(context: ActContext, rule_id: str, why: str, *, subject: str | None = None) -> None:
    """A time limit runs no more although nothing was done; nothing happens when none runs."""
    running = clocks.find(context.session, context.case.id, rule_id, subject)
    if running is not None and running.satisfied_at is None:
        clocks.satisfy_clock(context.session, running, actor=context.actor, note=why, moot=True)


def hold(context: ActContext, rule_id: str, reason: str) -> None:
    """Stop a running time limit; one that ran out or stands already is left as it is."""
    running = clocks.find(context.session, context.case.id, rule_id)
    if running is None or running.satisfied_at is not None or running.suspended or running.due_at <= context.now:
        return
    clocks.suspend_clock(context.session, running, actor=context.actor, reason=reason)


def release(context: ActContext, rule_id: str) -> None:
    """Let a stopped time limit run again."""
    running = clocks.find(context.session, context.case.id, rule_id)
    if running is not None and running.satisfied_at is None and running.suspended:
        clocks.resume_clock(context.session, running, actor=context.actor)


def release_decision(context: ActContext) -> None:
    """Let the time for the decision run again, unless a hearing or a referral still stops it."""
    pending = context.session.query(Hearing.id).filter_by(case_id=context.case.id, state="notified").first()
    if pending is None and not context.case.fine_suspended:
        release(context, "decision")
