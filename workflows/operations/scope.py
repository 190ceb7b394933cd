"""Whose cases an administrator looks after: those of the bureaus in which the post is held, and of those below them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflows.actors import Actor, Unit, legal_subject
from workflows.cases.file import Case
from workflows.engine.state import EngineInstance
from workflows.errors import NotFound

ACTING = ("sys_admin",)
READING = ("sys_admin", "sec_admin", "auditor")
APPROVING = ("sys_admin", "sec_admin")
"""Who acts, who looks, and who may be the second person (`repairs`)."""


def bureaus(session: Session, actor: Actor) -> frozenset[str]:
    """Ids of the bureaus that the actor looks after; of all for an auditor. Raises Forbidden without such a post."""
    actor.require(*READING)
    parents: dict[str, list[str]] = {}
    subjects: set[str] = set()
    for unit_id, parent_id, subject in session.execute(select(Unit.id, Unit.parent_id, Unit.legal_subject)):
        parents.setdefault(parent_id or "", []).append(unit_id)
        subjects |= {unit_id} if subject else set()
    if "auditor" in actor.roles:
        return frozenset(subjects)
    units = {unit_id for role in READING for unit_id in actor.units.get(role, ())}
    waiting = [legal_subject(session, unit_id).id for unit_id in sorted(units)]
    found: set[str] = set()
    while waiting:
        unit_id = waiting.pop()
        if unit_id not in found:
            found.add(unit_id)
            waiting += parents.get(unit_id, [])
    return frozenset(found & subjects)


def within(column: InstrumentedAttribute[str], bureaus: Collection[str]) -> ColumnElement[bool]:
    """Whether a row is of these bureaus, in a form that no index answers.

    What an administrator looks for is rare, and the bureaus have most of the rows: without statistics SQLite would walk
    through all cases of a bureau to find the few that failed.
    """
    return (column + "").in_(bureaus)


def instance(session: Session, actor: Actor, instance_id: str) -> tuple[EngineInstance, Case]:
    """An instance and its case, if the actor looks after them. Raises Forbidden, NotFound ("operations.unknown")."""
    row = session.execute(
        select(EngineInstance, Case).join(Case, Case.id == EngineInstance.case_id)
        .where(EngineInstance.id == instance_id, Case.bureau_id.in_(bureaus(session, actor)))
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound("operations.unknown")
    return row[0], row[1]
