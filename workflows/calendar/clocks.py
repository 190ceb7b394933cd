"""Running statutory time limits: one row a clock, its end computed once, stored with the reason.

Every command locks the case's ledger stream first and the clock's row after it, so that all commands lock in one
order, and appends an event to the case's stream. Commands never commit.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows import ledger
from workflows.actors import Actor
from workflows.calendar import clock as present
from workflows.calendar.arithmetic import Due, Suspension, due
from workflows.calendar.days import days_of
from workflows.calendar.rules import Rule, Terms, rule, rule_names
from workflows.errors import Invalid
from workflows.ledger import events
from workflows.ledger.canonical import moment_text, read_moment
from workflows.store import Row, Utc

ledger.name_codes("rule", rule_names)



class Clock(Row):
    """One running or finished time limit of a case."""

    __tablename__ = "clock"
    __table_args__ = (Index("ix_clock_satisfied_at_due_at", "satisfied_at", "due_at"),)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    rule: Mapped[str] = mapped_column(String(64))  # id in rules.yaml
    subject: Mapped[str | None] = mapped_column(String(64))  # whose or what for: a party, a task, a document
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)  # amount, unit, roll, before: as they were at the start
    start_event: Mapped[str] = mapped_column(String(200), default="")  # what set it running, for the reader
    started_at: Mapped[datetime] = mapped_column(Utc)
    opened_at: Mapped[datetime] = mapped_column(Utc)  # when the row was made: orders clocks of one rule
    base_due: Mapped[datetime] = mapped_column(Utc)  # without suspensions and extensions
    due_at: Mapped[datetime] = mapped_column(Utc)  # limits in days end at 24:00: show `due_on`, not this
    due_on: Mapped[date] = mapped_column(Date)  # last day in Shanghai
    suspensions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # [{from, to, reason}], moments
    # extensions: [{amount, unit, reason, approver, at}], in the order granted
    extensions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    satisfied_at: Mapped[datetime | None] = mapped_column(Utc)
    provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    reason: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # steps of the computation

    @property
    def suspended(self) -> bool:
        """Whether it stands still now."""
        return bool(self.suspensions) and self.suspensions[-1]["to"] is None

    @property
    def stopped_at(self) -> datetime | None:
        """Since when it stands still; None when it runs."""
        return read_moment(self.suspensions[-1]["from"]) if self.suspended else None

    def in_time(self, moment: datetime) -> bool:
        """Whether the limit has not run out at that moment: before 24:00 of the last day, or up to the last minute."""
        if self.terms["unit"] == "hours":
            return moment.replace(second=0, microsecond=0) <= self.due_at
        return moment < self.due_at

    @property
    def version_of_rule(self) -> Rule:
        """The rule as in force when the clock started."""
        return rule(self.rule, present.local(self.started_at).date())


def start_clock(
    session: Session, rule_id: str, *, case_id: str, start: datetime | date, actor: Actor, subject: str | None = None,
    amount: int | None = None, start_event: str = "",
) -> Clock:  # fmt: skip
    """Set a time limit running and give back its clock.

    start: the moment, or the day where only the day is known (service on a day); for a limit counted back, the moment
    before which the time must lie free. amount: another amount than the rule's, where the rule allows it. start_event:
    what began it, in words. Raises NotFound for an unknown rule or a day on which no version of it is in force, and
    Invalid: "calendar.clock_running" when the same limit runs already for case and subject,
    "calendar.amount_fixed" for an amount the rule does not allow, "calendar.moment_needed" for hours from a day.
    """
    ledger.lock_stream(session, f"case:{case_id}")
    begin = _as_moment(start)
    chosen = rule(rule_id, present.local(begin).date())
    running_one = find(session, case_id, rule_id, subject)
    if running_one is not None and running_one.satisfied_at is None:
        raise Invalid("calendar.clock_running", rule=chosen.names, due=running_one.due_on)
    wanted = chosen.terms.amount if amount is None else amount
    if not chosen.allows(wanted):
        raise Invalid("calendar.amount_fixed", rule=chosen.names, amount=wanted)
    terms = Terms(wanted, chosen.terms.unit, chosen.terms.roll, chosen.terms.before)
    end = due(terms, start, days_of(session))
    clock = Clock(
        case_id=case_id, rule=rule_id, subject=subject, start_event=start_event, started_at=begin,
        terms={"amount": terms.amount, "unit": terms.unit, "roll": terms.roll, "before": terms.before},
        opened_at=present.now(), base_due=end.moment, suspensions=[], extensions=[],
    )  # fmt: skip
    _set_end(clock, end)
    session.add(clock)
    session.flush()
    _record(session, clock, actor, events.ClockStarted(
        clock_id=clock.id, rule=rule_id, amount=terms.amount, unit=terms.unit, started_at=begin, due_at=end.moment,
        due_on=end.last_day, subject=subject, provisional=end.provisional, reason=end.steps,
    ))  # fmt: skip
    return clock


def satisfy_clock(
    session: Session, clock: Clock, *, actor: Actor, at: datetime | date | None = None, note: str = "",
    waived: bool = False, moot: bool = False,
) -> bool:  # fmt: skip
    """What the limit asked for was done, at a moment or on a day (now if not given); whether that was in time.

    waived: the party whose time it was gave it up in writing; moot: nothing was done, the case was ended first.
    A suspended clock is resumed first.
    Raises Invalid("calendar.clock_satisfied") when it was done already.
    """
    _lock(session, clock)
    moment = present.now() if at is None else _as_moment(at)
    if clock.suspended:
        resume_clock(session, clock, actor=actor, at=max(moment, clock.stopped_at or moment))
    clock.satisfied_at = moment
    in_time = clock.in_time(moment)
    _record(session, clock, actor, events.ClockSatisfied(
        clock_id=clock.id, rule=clock.rule, satisfied_at=moment, in_time=in_time, subject=clock.subject, note=note,
        waived=waived, moot=moot,
    ))  # fmt: skip
    return in_time


def without_deed(session: Session, case_id: str) -> tuple[set[str], set[str]]:
    """Ids of the case's clocks that stand although nothing was done, as the record says: those whose party gave its
    time up in writing, and those that fell away because the case was ended.
    """
    told = ledger.history(session, f"case:{case_id}", only=("ClockSatisfied",))
    ids = [{str(one.data["clock_id"]) for one in told if one.data.get(name)} for name in ("waived", "moot")]
    return ids[0], ids[1]


def suspend_clock(
    session: Session, clock: Clock, *, actor: Actor, reason: str, at: datetime | date | None = None
) -> None:
    """Stop the clock at a moment or on a day (now if not given).

    Raises Invalid: "calendar.not_suspendable" by its rule, "calendar.clock_suspended" when it stands already,
    "calendar.clock_expired" when it had run out, "calendar.moment_before" when `at` lies before its start or the last
    resumption, "calendar.clock_satisfied".
    """
    _lock(session, clock)
    moment = present.now() if at is None else _as_moment(at)
    if not clock.version_of_rule.suspendable:
        raise Invalid("calendar.not_suspendable", rule=clock.version_of_rule.names)
    if clock.suspended:
        raise Invalid("calendar.clock_suspended", rule=clock.version_of_rule.names)
    earliest = read_moment(clock.suspensions[-1]["to"]) if clock.suspensions else clock.started_at
    if moment < earliest:
        raise Invalid("calendar.moment_before", moment=moment, earliest=earliest)
    _refuse_expired(clock, moment)
    clock.suspensions = [*clock.suspensions, {"from": moment_text(moment), "to": None, "reason": reason}]
    _record(session, clock, actor, events.ClockSuspended(
        clock_id=clock.id, rule=clock.rule, suspended_at=moment, suspension_reason=reason, subject=clock.subject,
    ))  # fmt: skip


def resume_clock(session: Session, clock: Clock, *, actor: Actor, at: datetime | date | None = None) -> None:
    """Let the clock run again; its end moves by the suspended time, counted in the rule's unit.

    Raises Invalid: "calendar.clock_not_suspended", "calendar.moment_before" when `at` lies before the suspension,
    "calendar.clock_satisfied".
    """
    _lock(session, clock)
    moment = present.now() if at is None else _as_moment(at)
    stopped = clock.stopped_at
    if stopped is None:
        raise Invalid("calendar.clock_not_suspended", rule=clock.version_of_rule.names)
    if moment < stopped:
        raise Invalid("calendar.moment_before", moment=moment, earliest=stopped)
    clock.suspensions = [*clock.suspensions[:-1], {**clock.suspensions[-1], "to": moment_text(moment)}]
    end = compute(session, clock)
    _set_end(clock, end)
    _record(session, clock, actor, events.ClockResumed(
        clock_id=clock.id, rule=clock.rule, resumed_at=moment, due_at=end.moment, due_on=end.last_day,
        subject=clock.subject, reason=end.steps,
    ))  # fmt: skip


def reopen_clock(session: Session, clock: Clock, *, actor: Actor, reason: str) -> None:
    """What the limit asked for is to be done once more: it stands, from then on, until it is resumed.

    So what time was left then is left when it runs again. Raises Invalid("calendar.clock_running") when it is not over.
    """
    ledger.lock_stream(session, f"case:{clock.case_id}")
    session.refresh(clock, with_for_update=True)
    if clock.satisfied_at is None:
        raise Invalid("calendar.clock_running", rule=clock.version_of_rule.names)
    done = max([clock.satisfied_at, clock.started_at, *(read_moment(one["to"]) for one in clock.suspensions)])
    clock.satisfied_at = None
    clock.suspensions = [*clock.suspensions, {"from": moment_text(done), "to": None, "reason": reason}]
    _record(session, clock, actor, events.ClockReopened(
        clock_id=clock.id, rule=clock.rule, stands_since=done, subject=clock.subject, note=reason,
    ))  # fmt: skip


def extend_clock(
    session: Session, clock: Clock, *, actor: Actor, reason: str, approver: Actor | str, amount: int | None = None
) -> None:
    """Extend the limit by the rule's next extension, or by a smaller amount of its unit.

    approver: the leader who approved, where the rule asks for one of this bureau; else the name of the body outside.
    Raises Forbidden when the approver holds none of the roles asked for, and Invalid: "calendar.not_extendable" when
    the rule allows no (further) extension, "calendar.extension_too_long", "calendar.approver_needed" when only a name
    was given where a leader must approve, "calendar.clock_expired", "calendar.clock_satisfied".
    """
    _lock(session, clock)
    allowed = clock.version_of_rule.extensions[len(clock.extensions):]
    if not allowed:
        raise Invalid("calendar.not_extendable", rule=clock.version_of_rule.names)
    wanted = allowed[0].amount if amount is None else amount
    if not 0 < wanted <= allowed[0].amount:
        raise Invalid("calendar.extension_too_long", rule=clock.version_of_rule.names, amount=wanted)
    if allowed[0].by:
        if not isinstance(approver, Actor):
            raise Invalid("calendar.approver_needed", rule=clock.version_of_rule.names)
        approver.require(*allowed[0].by)
    if not clock.suspended:
        _refuse_expired(clock, present.now())
    by = f"{approver.post_title} {approver.name}".strip() if isinstance(approver, Actor) else approver
    granted = {
        "amount": wanted, "unit": allowed[0].unit, "reason": reason, "approver": by, "at": moment_text(present.now()),
    }  # fmt: skip
    clock.extensions = [*clock.extensions, granted]
    end = compute(session, clock)
    _set_end(clock, end)
    _record(session, clock, actor, events.ClockExtended(
        clock_id=clock.id, rule=clock.rule, amount=wanted, unit=allowed[0].unit, extension_reason=reason, approver=by,
        due_at=end.moment, due_on=end.last_day, subject=clock.subject, reason=end.steps,
    ))  # fmt: skip


def recompute_clock(session: Session, clock: Clock, *, actor: Actor, cause: str) -> bool:
    """Compute the end anew after the calendar changed; whether it moved or is no longer (or newly) provisional.

    Does nothing to a satisfied clock.
    """
    ledger.lock_stream(session, f"case:{clock.case_id}")
    session.refresh(clock, with_for_update=True)
    if clock.satisfied_at is not None:
        return False
    end, before = compute(session, clock), clock.due_at
    if end.moment == before and end.provisional == clock.provisional:
        return False
    clock.base_due = due(_terms(clock), clock.started_at, days_of(session)).moment
    _set_end(clock, end)
    _record(session, clock, actor, events.ClockRecomputed(
        clock_id=clock.id, rule=clock.rule, before=before, due_at=end.moment, due_on=end.last_day,
        provisional=end.provisional, subject=clock.subject, cause=cause, reason=end.steps,
    ))  # fmt: skip
    return True


def compute(session: Session, clock: Clock) -> Due:
    """The clock's end by the calendar as it is now, with its extensions and closed suspensions. Changes nothing."""
    return due(
        _terms(clock), clock.started_at, days_of(session),
        extensions=[(granted["amount"], granted["unit"]) for granted in clock.extensions],
        suspensions=[
            Suspension(read_moment(stretch["from"]), read_moment(stretch["to"]))
            for stretch in clock.suspensions if stretch["to"] is not None
        ],
    )  # fmt: skip


def running(session: Session, case_id: str) -> list[Clock]:
    """The case's clocks that are not satisfied, suspended ones too, the one that ends first in front."""
    wanted = select(Clock).where(Clock.case_id == case_id, Clock.satisfied_at.is_(None))
    return list(session.execute(wanted.order_by(Clock.due_at, Clock.id)).scalars())


def find(session: Session, case_id: str, rule_id: str, subject: str | None = None) -> Clock | None:
    """The clock of a rule for a case and subject: the running one, else the one opened last, else None."""
    wanted = select(Clock).where(Clock.case_id == case_id, Clock.rule == rule_id, Clock.subject.is_(subject))
    if subject is not None:
        wanted = select(Clock).where(Clock.case_id == case_id, Clock.rule == rule_id, Clock.subject == subject)
    order = (Clock.satisfied_at.is_not(None), Clock.opened_at.desc(), Clock.started_at.desc(), Clock.id)
    return session.execute(wanted.order_by(*order).limit(1)).scalar_one_or_none()


def _lock(session: Session, clock: Clock) -> None:
    ledger.lock_stream(session, f"case:{clock.case_id}")
    session.refresh(clock, with_for_update=True)
    if clock.satisfied_at is not None:
        raise Invalid("calendar.clock_satisfied", rule=clock.version_of_rule.names)


def _refuse_expired(clock: Clock, moment: datetime) -> None:
    if not clock.in_time(moment):
        raise Invalid("calendar.clock_expired", rule=clock.version_of_rule.names, due=clock.due_on)


def _record(session: Session, clock: Clock, actor: Actor, event: object) -> None:
    ledger.append(session, f"case:{clock.case_id}", event, actor=actor)


def _terms(clock: Clock) -> Terms:
    return Terms(**clock.terms)


def _set_end(clock: Clock, end: Due) -> None:
    clock.due_at, clock.due_on = end.moment, end.last_day
    clock.provisional, clock.reason = end.provisional, end.steps


def _as_moment(start: datetime | date) -> datetime:
    return start if isinstance(start, datetime) else datetime.combine(start, time.min, present.SHANGHAI)
