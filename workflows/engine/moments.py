"""ISO 8601 moments, durations and repetitions as diagrams write them. Pure: `now` is always given.

A moment without a zone is read in Asia/Shanghai, where officials read clocks; years, months and days are counted on
that calendar (31 January and a month is the last day of February), hours, minutes and seconds exactly.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.errors import Invalid

SHANGHAI = ZoneInfo("Asia/Shanghai")
_DURATION = re.compile(
    r"P(?:(?P<weeks>[0-9]{1,4})W|"
    r"(?:(?P<years>[0-9]{1,3})Y)?(?:(?P<months>[0-9]{1,4})M)?(?:(?P<days>[0-9]{1,5})D)?"
    r"(?:T(?:(?P<hours>[0-9]{1,6})H)?(?:(?P<minutes>[0-9]{1,7})M)?(?:(?P<seconds>[0-9]{1,8}(?:\.[0-9]{1,6})?)S)?)?)\Z"
)
_CYCLE = re.compile(r"R(?P<count>[0-9]{0,4})/(?P<duration>P.+)\Z")


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of time: calendar parts and exact seconds."""

    months: int
    days: int
    seconds: float

    def after(self, start: datetime) -> datetime:
        """`start` and this span, in UTC. Raises Invalid ("timer.duration") beyond the year 9999."""
        try:
            moved = start.astimezone(UTC)
            if self.months or self.days:  # else the clock in Shanghai is not asked: its repeated hour would count twice
                local = start.astimezone(SHANGHAI)
                year, month = divmod(local.year * 12 + local.month - 1 + self.months, 12)
                day = min(local.day, calendar.monthrange(year, month + 1)[1])
                ahead = local.replace(year=year, month=month + 1, day=day) + timedelta(days=self.days)
                moved = ahead.astimezone(UTC)
            return moved + timedelta(seconds=self.seconds)
        except (OverflowError, ValueError) as error:
            raise Invalid("timer.duration", value=f"P{self.months}M{self.days}DT{self.seconds}S") from error

    def times(self, count: int) -> Duration:
        """So many of this span, one after another."""
        return Duration(self.months * count, self.days * count, self.seconds * count)


def read_duration(text: str) -> Duration:
    """Read "P7D", "P1M2D", "PT36H", "P2W". Raises Invalid ("timer.duration")."""
    found = _DURATION.match(text.strip())
    parts = {name: value for name, value in found.groupdict().items() if value} if found else {}
    if not parts or text.strip().endswith("T"):
        raise Invalid("timer.duration", value=text)
    number = {name: int(value) for name, value in parts.items() if name != "seconds"}
    seconds = number.get("hours", 0) * 3600 + number.get("minutes", 0) * 60 + float(parts.get("seconds", 0))
    months, days = number.get("years", 0) * 12 + number.get("months", 0), number.get("weeks", 0) * 7
    return Duration(months, days + number.get("days", 0), seconds)


def read_moment(text: str, *, end_of_day: bool = False) -> datetime:
    """Read a date or a date with time, in UTC; a bare date is its first second in Asia/Shanghai, or its last.

    Raises Invalid ("timer.moment").
    """
    stripped = text.strip()
    try:
        if not stripped.isascii():  # full-width digits, which Python would read too
            raise ValueError(stripped)
        if re.fullmatch(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}", stripped):
            day = date.fromisoformat(stripped)
            moment = datetime.combine(day, time(23, 59, 59) if end_of_day else time(0))
        else:
            moment = datetime.fromisoformat(stripped)
        return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("timer.moment", value=text) from error


def read_cycle(text: str) -> tuple[int | None, Duration]:
    """Read "R3/PT1H" as (3, one hour); "R/PT1H" repeats without end: (None, …). Raises Invalid ("timer.cycle")."""
    found = _CYCLE.match(text.strip())
    if not found or found["count"] == "0":
        raise Invalid("timer.cycle", value=text)
    duration = read_duration(found["duration"])
    if duration.months == 0 and duration.days == 0 and duration.seconds < 1:
        raise Invalid("timer.cycle", value=text)
    return (int(found["count"]) if found["count"] else None), duration


def read_due(text: str, now: datetime, *, end_of_day: bool = False) -> datetime:
    """A due moment written as a duration from `now` or as a date. Raises Invalid ("timer.*")."""
    return read_duration(text).after(now) if text.strip().startswith("P") else read_moment(text, end_of_day=end_of_day)
