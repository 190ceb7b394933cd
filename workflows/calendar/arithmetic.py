"""When a statutory time limit ends, and why: pure arithmetic over a table of days.

The rules of counting (民法典 200-204, 行政处罚法 85, 行政强制法 69; domain brief 8):
- days are those of Asia/Shanghai; the day on which a limit begins is not counted; it ends at 24:00 of its last day;
- working days leave out what the calendar says is none, and count make-up days;
- natural days, months and years count through; a month ends on the day of the same number, else on the month's last;
- where the rule rolls, a last day that is no working day moves to the next one;
- hours run from the stated minute, day and night;
- counted back ("seven working days before the hearing"), so many full days must lie free between: the last day to act
  is the one before them, and where the rule rolls, the nearest working day before;
- suspended time is added in the rule's unit: the days from the one on which it stopped up to the one before it went on,
  so that a limit never ends while it stands still. Rolling is done once, at the very end.
"""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from workflows.calendar.clock import SHANGHAI, local
from workflows.calendar.days import DAY, DayTable, nth_workday
from workflows.calendar.rules import Terms, Unit
from workflows.errors import Invalid

Step = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Due:
    """The end of a time limit.

    moment: its end in UTC; for limits in days that is 24:00 in Shanghai of `last_day`. provisional: days of a year that
    was not loaded were taken as Monday to Friday. steps: how it was computed, as data (`reasons.py` words it).
    """

    moment: datetime
    last_day: date
    provisional: bool
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class Suspension:
    """A stretch in which the limit did not run."""

    start: datetime
    end: datetime


def due(
    terms: Terms, start: datetime | date, days: DayTable, *, extensions: Sequence[tuple[int, Unit]] = (),
    suspensions: Sequence[Suspension] = (),
) -> Due:  # fmt: skip
    """When a limit that begins at `start` ends.

    start: a moment with its zone, or a day where only the day is known; limits in hours need a moment (else
    Invalid("calendar.moment_needed")). extensions: (amount, unit) in the order granted. suspensions: closed ones.
    Raises ValueError for a moment without a zone or a negative amount.
    """
    if terms.amount < 0 or any(amount < 0 for amount, _ in extensions):
        raise ValueError("a time limit is not negative")
    begin = _moment(start)
    if terms.unit == "hours":
        if not isinstance(start, datetime):
            raise Invalid("calendar.moment_needed")
        return _hours(terms, begin, extensions, suspensions)
    count = _Count(days, local(begin).date())
    if terms.before:
        count.back(terms)
    else:
        count.forward(terms.amount, terms.unit)
        for amount, unit in extensions:
            count.extend(amount, unit)
        for stretch in suspensions:
            count.suspend(terms.unit, stretch)
        if terms.roll:
            count.roll()
    return count.end()


def end_of_day(day: date) -> datetime:
    """24:00 of a day in Shanghai, in UTC."""
    return datetime.combine(day + DAY, time.min, SHANGHAI).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The day of the same number so many months later, or that month's last day (民法典 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, month_lengths.monthrange(year, month + 1)[1]))


@dataclass
class _Count:
    """The counting of one limit in days: where the finger stands, and what was noted on the way."""

    days: DayTable
    day: date
    steps: list[Step] = field(default_factory=list)
    guessed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.begun = self.day  # not counted, so nothing is given back for it either
        self.steps.append({"step": "start", "day": self.day.isoformat()})

    def is_workday(self, day: date) -> bool:
        """The calendar's answer; remembers where it was a guess."""
        if not self.days.known(day):
            self.guessed.add(day.year)
        return self.days.is_workday(day)

    def known(self, day: date) -> bool:
        """As the calendar says; so that this is a calendar itself."""
        return self.days.known(day)

    def note(self, day: date) -> str:
        """As the calendar says."""
        return self.days.note(day)

    def forward(self, amount: int, unit: Unit) -> None:
        first = self.day
        self._advance(amount, unit)
        self._tell_days(first, self.day, unit)
        self.steps.append({"step": "count", "amount": amount, "unit": unit, "day": self.day.isoformat()})

    def extend(self, amount: int, unit: Unit) -> None:
        first = self.day
        self._advance(amount, unit)
        self._tell_days(first, self.day, unit)
        self.steps.append({"step": "extend", "amount": amount, "unit": unit, "day": self.day.isoformat()})

    def suspend(self, unit: Unit, stretch: Suspension) -> None:
        start, end = local(stretch.start).date(), local(stretch.end).date()
        counted: Unit = "working_days" if unit == "working_days" else "days"
        span = [start + DAY * n for n in range((end - start).days) if start + DAY * n > self.begun]
        amount = sum(self.is_workday(day) for day in span) if counted == "working_days" else len(span)
        self.day = max(self.day, start)  # it stopped on a day to which its end would have rolled
        self._advance(amount, counted)
        self.steps.append({
            "step": "suspend", "from": start.isoformat(), "to": end.isoformat(), "amount": amount, "unit": counted,
            "day": self.day.isoformat(),
        })  # fmt: skip

    def roll(self) -> None:
        if self.is_workday(self.day):
            return
        first, self.day = self.day, nth_workday(self, self.day, 1)
        self.steps.append({
            "step": "roll", "from": first.isoformat(), "note": self.note(first), "day": self.day.isoformat(),
        })  # fmt: skip

    def back(self, terms: Terms) -> None:
        """So many full days lie free between the last day to act and the start."""
        first = self.day
        self._advance(-terms.amount, terms.unit)
        self._tell_days(self.day - DAY, first - DAY, terms.unit)
        self.steps.append({
            "step": "back", "amount": terms.amount, "unit": terms.unit, "day": self.day.isoformat(),
        })  # fmt: skip
        self.day = nth_workday(self, self.day, -1) if terms.roll else self.day - DAY
        self.steps.append({"step": "before", "day": self.day.isoformat()})

    def end(self) -> Due:
        self.steps.extend({"step": "provisional", "year": year} for year in sorted(self.guessed))
        self.steps.append({"step": "end", "day": self.day.isoformat()})
        return Due(end_of_day(self.day), self.day, bool(self.guessed), self.steps)

    def _advance(self, amount: int, unit: Unit) -> None:
        if unit == "working_days":
            self.day = nth_workday(self, self.day, amount)
        elif unit == "days":
            self.day += DAY * amount
        elif unit in ("months", "years"):
            self.day = add_months(self.day, amount * (12 if unit == "years" else 1))
        else:
            raise Invalid("calendar.units_mixed")

    def _tell_days(self, first: date, last: date, unit: Unit) -> None:
        """Note the holidays and make-up days after `first` up to `last`; ordinary weekends go without saying."""
        if unit != "working_days":
            return
        for offset in range(1, (last - first).days + 1):
            day = first + DAY * offset
            note = self.note(day)
            if not note:
                continue
            kind = "made_up" if self.is_workday(day) else "holiday"
            told = self.steps[-1]
            if told["step"] == kind and told["to"] == (day - DAY).isoformat():
                told["to"] = day.isoformat()
                told["note"] = told["note"] if note in told["note"].split("、") else f"{told['note']}、{note}"
            else:
                self.steps.append({"step": kind, "from": day.isoformat(), "to": day.isoformat(), "note": note})


def _hours(
    terms: Terms, begin: datetime, extensions: Sequence[tuple[int, Unit]], suspensions: Sequence[Suspension]
) -> Due:
    if terms.before or terms.roll or any(unit != "hours" for _, unit in extensions):
        raise Invalid("calendar.units_mixed")
    moment = begin.replace(second=0, microsecond=0)  # 民法典 201 para. 2: from the stated time, and minutes are stated
    steps: list[Step] = [{"step": "start_hour", "moment": _minute(moment)}]
    moment += timedelta(hours=terms.amount)
    steps.append({"step": "count_hours", "amount": terms.amount, "moment": _minute(moment)})
    for amount, unit in extensions:
        moment += timedelta(hours=amount)
        steps.append({"step": "extend_hours", "amount": amount, "unit": unit, "moment": _minute(moment)})
    for stretch in suspensions:
        moment += stretch.end - stretch.start
        steps.append({
            "step": "suspend_hours", "from": _minute(stretch.start), "to": _minute(stretch.end),
            "moment": _minute(moment),
        })  # fmt: skip
    steps.append({"step": "end_hour", "moment": _minute(moment)})
    return Due(moment, local(moment).date(), False, steps)


def _moment(start: datetime | date) -> datetime:
    if not isinstance(start, datetime):
        return datetime.combine(start, time.min, SHANGHAI).astimezone(UTC)
    if start.tzinfo is None:
        raise ValueError(f"a moment without a zone: {start!r}")
    return start.astimezone(UTC)


def _minute(moment: datetime) -> str:
    return local(moment).strftime("%Y-%m-%dT%H:%M")
