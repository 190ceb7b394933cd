"""Document numbers: （衢）应急罚〔2023〕1号, without gaps per legal subject, type and year.

A number is taken inside the command's own unit of work, with the row of its series locked: whoever fails gives it back,
and two that come at once get two neighbours. A number that was issued is never used again, also when it is voided.
"""

from __future__ import annotations

import re
from string import Formatter

from sqlalchemy import ForeignKey, Integer, String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.actors import Unit
from workflows.documents.kinds.registry import kind_of
from workflows.errors import Invalid
from workflows.store import Base

DEFAULT_PATTERN = "（{region}）应急{letters}〔{year}〕{seq}号"
FIELDS = frozenset({"region", "letters", "year", "seq"})
LONGEST_PATTERN = 50  # characters; the number itself may have 80
_DIGITS = re.compile("0[1-6]d")
SETTING = "number_patterns"
"""unit.settings["number_patterns"]: type (or "default") → pattern, e.g. {"penalty_decision":
"（丘）应急罚〔{year}〕事故-{seq:02d}号"}. {year} and {seq} must be in it; a type's own letters may be written out."""


class NumberSeries(Base):
    """The last number given in one series."""

    __tablename__ = "number_series"
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"), primary_key=True)  # the issuing legal subject
    type: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer, default=0)


def pattern_of(unit: Unit, type: str) -> str:
    """The pattern for a type at a unit.

    Raises Invalid("document.type_unknown") and Invalid("document.pattern_invalid") when the setting names unknown
    fields, reaches into them, or lacks {year} or {seq}.
    """
    kind_of(type)
    patterns = unit.settings.get(SETTING) or {}
    pattern = patterns.get(type) or patterns.get("default") or DEFAULT_PATTERN
    try:
        parts = [(name, spec) for _, name, spec, _ in Formatter().parse(pattern) if name is not None]
    except ValueError:
        parts = [("", "")]
    names = {name for name, _ in parts}
    plain = all(not spec or (name == "seq" and _DIGITS.fullmatch(spec)) for name, spec in parts)
    if not names <= FIELDS or not {"year", "seq"} <= names or not plain or len(pattern) > LONGEST_PATTERN:
        raise Invalid("document.pattern_invalid", unit=unit.name, type=type, pattern=str(pattern))
    return str(pattern)


def format_number(unit: Unit, type: str, year: int, seq: int) -> str:
    """A number in words, by the unit's pattern. Raises what `pattern_of` raises."""
    return pattern_of(unit, type).format(region=unit.region, letters=kind_of(type).letters, year=year, seq=seq)


def next_number(session: Session, unit: Unit, type: str, year: int) -> tuple[int, str]:
    """Take the next number of a series: (1, "（衢）应急罚〔2023〕1号").

    unit: the issuing legal subject. The series stays locked until the unit of work ends, so take numbers late in a
    command, and those of several types in the order of `KINDS`. Raises what `pattern_of` raises.
    """
    pattern_of(unit, type)
    key = {"unit_id": unit.id, "type": type, "year": year}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(NumberSeries).values(**key, last=0).on_conflict_do_nothing())
    row = [getattr(NumberSeries, name) == value for name, value in key.items()]
    # FOR UPDATE waits for whoever holds the series and then reads what they wrote; SQLite's unit of work has the
    # whole database to itself already.
    last = session.execute(select(NumberSeries.last).where(*row).with_for_update()).scalar_one()
    session.execute(update(NumberSeries).where(*row).values(last=last + 1).execution_options(synchronize_session=False))
    return last + 1, format_number(unit, type, year, last + 1)
