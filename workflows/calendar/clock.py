"""The one place that tells the time.

Everything asks `now()`. A case can be played on a simulated clock (`simulated`), for the whole process:
a server, its threads and its worker then share the played time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The zone in which officials read dates and the law counts days."""


class SimulatedClock:
    """A clock that stands still until it is set forward."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a simulated clock needs a time with its zone")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The played time, in UTC."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Move to `moment`. Raises ValueError if that lies in the played past."""
        moment = moment.astimezone(UTC)
        if moment < self._now:
            raise ValueError(f"a clock does not go back: {moment} is before {self._now}")
        self._now = moment


_simulated: SimulatedClock | None = None
_apart: ContextVar[SimulatedClock | None] = ContextVar("fashen_clock_apart", default=None)


def now() -> datetime:
    """The present moment in UTC, with its zone."""
    if (own := _apart.get()) is not None:
        return own.now()
    return _simulated.now() if _simulated is not None else datetime.now(UTC)


def today() -> date:
    """The present date in Asia/Shanghai, as a document would carry it."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """`moment` as officials read it, in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI)


@contextmanager
def simulated(start: datetime) -> Iterator[SimulatedClock]:
    """Play time from `start` until the block ends. Raises RuntimeError when a clock is already being played."""
    global _simulated
    if _simulated is not None:
        raise RuntimeError("time is already simulated")
    _simulated = SimulatedClock(start)
    try:
        yield _simulated
    finally:
        _simulated = None


@contextmanager
def apart(start: datetime) -> Iterator[SimulatedClock]:
    """Play time from `start` for this thread alone until the block ends: everybody else's clock goes on."""
    played = SimulatedClock(start)
    before = _apart.set(played)
    try:
        yield played
    finally:
        _apart.reset(before)
