"""Moments and durations as values of expressions: date and time, days and time, years and months (DMN 1.3, 10.3.2.3).

A duration has months or it has days and seconds, never both: a month has no fixed length, so that P1M and P30D have no
order. A moment without a zone is read in Asia/Shanghai, like everywhere in the house.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from workflows.engine.moments import read_duration, read_moment
from workflows.errors import Invalid

_PLAIN_DAY = re.compile(r"[0-9-]*\Z")


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A duration of years and months."""

    count: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.count), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if self.count < 0 else ''}P{parts}"


def moment(text: str) -> datetime | None:
    """The moment that a text like 2026-01-31T09:00:00+08:00 writes, in UTC; None for any other text, a bare day too."""
    if _PLAIN_DAY.match(text):
        return None
    try:
        return read_moment(text).astimezone(UTC)
    except Invalid:
        return None


def duration(text: str) -> timedelta | Months | None:
    """The duration that a text like P1Y2M, P15D or -PT36H writes; None for any other, and for months beside days."""
    negative = text.startswith("-")
    try:
        read = read_duration(text[negative:])
    except Invalid:
        return None
    sign = -1 if negative else 1
    day_part = text.partition("T")[0]
    if "Y" not in day_part and "M" not in day_part:
        return sign * timedelta(days=read.days, seconds=read.seconds)
    return None if read.days or read.seconds else Months(sign * read.months)


def iso(value: timedelta | Months) -> str:
    """A duration in ISO 8601, as timers and `duration(…)` read it."""
    if isinstance(value, Months):
        return str(value)
    sign, rest = ("-", -value) if value < timedelta() else ("", value)
    hours, seconds = divmod(rest.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    exact = f"{seconds + rest.microseconds / 1_000_000:f}".rstrip("0").rstrip(".")
    clock = "".join(f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M"), (exact, "S"))
                    if amount not in (0, "0"))
    days = f"{rest.days}D" if rest.days else ""
    return f"{sign}P{days}" + (f"T{clock}" if clock else "" if days else "T0S")
