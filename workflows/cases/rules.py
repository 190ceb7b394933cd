"""Reading the bureau's rules: legal parameters with dates, the bureau's own before the shipped default."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.cases.catalogue import BureauRule
from workflows.errors import NotFound


def rule(session: Session, name: str, bureau_id: str, on: date) -> dict[str, Any]:
    """The value of a bureau rule on a day: the bureau's own before the default, the newest before older ones.

    Raises NotFound("rule.unknown") when none is in force that day.
    """
    best = _in_force(session, name, bureau_id, on)
    if best is None:
        raise NotFound("rule.unknown", rule=name, day=on)
    return dict(best.value)


def own_days(session: Session, name: str, bureau_id: str, on: date) -> int | None:
    """The working days that a bureau set for a time limit from its own parameter, None where it set none.

    The program's proposal for such a limit is the limit's own length (`calendar/rules.yaml`).
    """
    best = _in_force(session, name, bureau_id, on)
    return None if best is None else int(best.value["working_days"])


def _in_force(session: Session, name: str, bureau_id: str, on: date) -> BureauRule | None:
    rows = session.execute(
        select(BureauRule).where(
            BureauRule.name == name,
            or_(BureauRule.bureau_id.is_(None), BureauRule.bureau_id == bureau_id),
            or_(BureauRule.effective_from.is_(None), BureauRule.effective_from <= on),
            or_(BureauRule.effective_to.is_(None), BureauRule.effective_to >= on),
        )
    ).scalars()
    return max(rows, key=lambda row: (row.bureau_id is not None, row.effective_from or date.min), default=None)
