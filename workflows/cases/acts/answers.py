"""Reading an answer that a form has validated, and checking again what an act relies on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflows.calendar import clock
from workflows.cases.acts.act import ActContext
from workflows.errors import Invalid, Problem

Row = Mapping[str, Any]
MOST_FEN = 10**13
"""A hundred billion yuan: far above any fine, and far below what a database column or a JSON number loses."""
MOST_WHOLE = 10**9
"""More than any count in a file, and less than an integer column holds."""


class Checks:
    """Collects what is wrong with an answer, so that all of it is told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def need(self, condition: object, code: str, place: str, **facts: Any) -> bool:
        """Note a problem unless the condition holds; gives the condition back."""
        if not condition:
            self.problems.append(Problem(code, place, facts=facts))
        return bool(condition)

    def done(self) -> None:
        """Raise Invalid("form.invalid") if anything was noted."""
        if self.problems:
            raise Invalid("form.invalid", list(self.problems), count=len(self.problems))

    def text(self, answer: Row, key: str, place: str = "", *, optional: bool = False) -> str:
        """A text, "" when missing; noted when missing and not optional."""
        value = str(answer.get(key) or "").strip()
        if not optional:
            self.need(value, "field.required", place or key, label=place or key)
        return value

    def choice(self, answer: Row, key: str, allowed: Iterable[str], place: str = "") -> str:
        """One of a closed list of words."""
        value = str(answer.get(key) or "")
        self.need(value in set(allowed), "field.choice_unknown", place or key, label=place or key, value=value)
        return value

    def day(self, answer: Row, key: str, context: ActContext, place: str = "") -> date:
        """A day that is not in the future. A wrong one is noted; today then stands in for it until `done` raises."""
        found = self.day_or_none(answer, key, context, place)
        self.need(found is not None or answer.get(key), "field.required", place or key, label=place or key)
        return found or clock.local(context.now).date()

    def day_or_none(self, answer: Row, key: str, context: ActContext, place: str = "") -> date | None:
        """A day that is not in the future, None when missing."""
        value = answer.get(key)
        where = place or key
        if value is None or value == "":
            return None
        if isinstance(value, datetime):
            value = clock.local(value).date()
        if not self.need(isinstance(value, date), "field.date_expected", where, label=where):
            return None
        today = clock.local(context.now).date()
        self.need(value <= today, "field.in_future", where, day=value, today=today)
        found: date = value
        return found

    def moment(
        self, answer: Row, key: str, context: ActContext, place: str = "", *, future: bool = False
    ) -> datetime:
        """A moment with its zone, not in the future unless `future`. A wrong one is noted; now stands in for it."""
        found = self.moment_or_none(answer, key, context, place, future=future)
        self.need(found is not None or answer.get(key), "field.required", place or key, label=place or key)
        return found or context.now

    def moment_or_none(
        self, answer: Row, key: str, context: ActContext, place: str = "", *, future: bool = False
    ) -> datetime | None:
        """A moment with its zone, None when missing."""
        value = answer.get(key)
        where = place or key
        if value is None or value == "":
            return None
        aware = isinstance(value, datetime) and value.tzinfo is not None
        if not self.need(aware, "field.moment_expected", where, label=where):
            return None
        found: datetime = value
        if not future:
            self.need(_minute(found) <= context.now, "field.in_future", where, day=found, today=context.now)
        return found

    def after(self, place: str, moment: datetime | None, earlier: datetime | None) -> None:
        """A moment is not before another one, where both are known.

        People write minutes; what the program noted itself has seconds. So minutes are compared.
        """
        if moment is not None and earlier is not None:
            self.need(_minute(moment) >= _minute(earlier), "field.before", place, moment=moment, earliest=earlier)

    def fen(self, answer: Row, key: str, place: str = "") -> int | None:
        """An amount of yuan as fen; None when it is missing. A negative amount or a fraction of a fen is noted."""
        value = answer.get(key)
        where = place or key
        if value is None or value == "":
            return None
        known = isinstance(value, (Decimal, int)) and not isinstance(value, bool)
        if not self.need(known, "field.number_expected", where, label=where):
            return None
        # Bounds first: comparing is exact for any exponent, while arithmetic rounds and a huge power fills the memory.
        yuan = Decimal(value)
        exact = yuan.is_finite() and 0 <= yuan <= MOST_FEN // 100 and yuan == yuan.quantize(Decimal("0.01"))
        return int(yuan * 100) if self.need(exact, "field.amount_bad", where) else None

    def whole(self, answer: Row, key: str, place: str = "") -> int | None:
        """A whole number from 0 to a billion; None when it is missing."""
        value = answer.get(key)
        where = place or key
        if value is None or value == "":
            return None
        known = isinstance(value, (Decimal, int)) and not isinstance(value, bool)
        good = known and Decimal(value).is_finite() and 0 <= value <= MOST_WHOLE and value == int(value)
        return int(value) if self.need(good, "field.number_expected", where, label=where) else None

    def rows(self, answer: Row, key: str, *, optional: bool = False) -> list[Row]:
        """The rows of a list."""
        value = answer.get(key) or []
        rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
        if not optional:
            self.need(rows, "field.row_required", key, label=key)
        return rows

    def words(self, answer: Row, key: str) -> list[str]:
        """The ticked values of a checklist, each once."""
        value = answer.get(key) or []
        return list(dict.fromkeys(str(one) for one in value)) if isinstance(value, list) else []


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
