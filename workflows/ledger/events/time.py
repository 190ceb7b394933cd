"""What happened to statutory clocks and to the calendar they read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflows.ledger.events.registry import recorded


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ClockStarted:
    """A statutory time limit began to run. reason: the steps of its computation."""

    clock_id: str
    rule: str
    amount: int
    unit: str
    started_at: datetime
    due_at: datetime
    due_on: date
    subject: str | None = None
    provisional: bool = False
    reason: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ClockSatisfied:
    """What the time limit asked for was done. in_time: before it ran out; waived: its party gave it up in writing.

    moot: nothing was done, the case was ended first or a step came back.
    """

    clock_id: str
    rule: str
    satisfied_at: datetime
    in_time: bool
    subject: str | None = None
    note: str = ""
    waived: bool = False
    moot: bool = False


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ClockSuspended:
    """The time limit stopped running."""

    clock_id: str
    rule: str
    suspended_at: datetime
    suspension_reason: str
    subject: str | None = None


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ClockReopened:
    """What the time limit asked for is to be done once more: it is not over, and stands since that was done."""

    clock_id: str
    rule: str
    stands_since: datetime
    subject: str | None = None
    note: str = ""


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ClockResumed:
    """The time limit runs again and ends later by the suspended time."""

    clock_id: str
    rule: str
    resumed_at: datetime
    due_at: datetime
    due_on: date
    subject: str | None = None
    reason: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ClockExtended:
    """The time limit was extended with approval."""

    clock_id: str
    rule: str
    amount: int
    unit: str
    extension_reason: str
    approver: str
    due_at: datetime
    due_on: date
    subject: str | None = None
    reason: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class ClockRecomputed:
    """The calendar changed, and with it the end of the time limit."""

    clock_id: str
    rule: str
    before: datetime
    due_at: datetime
    due_on: date
    provisional: bool
    subject: str | None = None
    cause: str = ""
    reason: list[dict[str, Any]] = field(default_factory=list)


@recorded(version=1)
@dataclass(frozen=True, kw_only=True)
class CalendarChanged:
    """Days of the working-day calendar were changed or loaded. days: [{day, before, is_workday, note}], None = unknown.

    A year loaded from a known source names the years and carries only the days that differ from Monday to Friday.
    """

    days: list[dict[str, Any]]
    source: str
    years: list[int] = field(default_factory=list)
    note: str = ""
