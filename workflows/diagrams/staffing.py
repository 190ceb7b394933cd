"""Whether there is anybody who could do the steps of a process."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import ROLES, Unit, holders
from workflows.diagrams.proof import WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.engine.definition import Definition


def check(session: Session, definition: Definition) -> Iterator[Finding]:
    """One warning for each step that is offered to a role which nobody holds now."""
    drawing = Drawing(definition)
    units = session.execute(select(Unit.id)).scalars().all()
    held = {role: bool(holders(session, role, units)) for role in definition.roles & ROLES.keys()}
    for node in drawing.nodes.values():
        groups = [group.source for group in node.assignment.groups] if node.assignment is not None else []
        known = [group for group in groups if group in held]
        if known and not any(held[role] for role in known):
            yield finding("check.role_empty", drawing, node.id, (), WARNING, roles=known)
