"""What became of each case of a migration, page by page: its number, its kind, its steps, and why it did not move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.cases.file import Case
from workflows.desk.migrating.moving import Spot
from workflows.desk.migrating.tables import MigratedInstance, Migration
from workflows.errors import Problem

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Result:
    """One instance. state: of `tables`; problems: why it was not moved, or not put back."""

    instance_id: str
    number: str
    kind: str
    state: str
    steps: tuple[Spot, ...]
    problems: tuple[Problem, ...]
    at: datetime | None


def page(session: Session, row: Migration, state: str = "", number: int = 1) -> list[Result]:
    """One page of the results, by their cases' numbers (those without one last); of one state only if it is given."""
    wanted = (
        select(MigratedInstance, Case.number, Case.kind)
        .join(Case, Case.id == MigratedInstance.case_id)
        .where(MigratedInstance.migration_id == row.id)
        .order_by(Case.number.is_(None), func.length(Case.number), Case.number, MigratedInstance.number)
    )
    if state:
        wanted = wanted.where(MigratedInstance.state == state)
    wanted = wanted.limit(ON_A_PAGE).offset(ON_A_PAGE * (max(number, 1) - 1))
    return [
        Result(one.instance_id, case_number or "", kind, one.state,
               tuple((hash, element, name) for hash, element, name in one.steps),
               tuple(problem_of(problem) for problem in one.problems), one.at)
        for one, case_number, kind in session.execute(wanted)
    ]  # fmt: skip


def pages(counts: Mapping[str, int], state: str = "") -> int:
    """How many pages there are. counts: as `plans.counts` gives them."""
    total = counts.get(state, 0) if state else sum(counts.values())
    return max(1, -(-total // ON_A_PAGE))


def problem_of(said: Mapping[str, object]) -> Problem:
    """A reason as it was kept."""
    facts, line = said.get("facts"), said.get("line")
    return Problem(str(said["code"]), str(said.get("place") or ""), line if isinstance(line, int) else None,
                   dict(facts) if isinstance(facts, Mapping) else {})  # fmt: skip
