"""Whether there is anybody who could do the steps of a process."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import ROLES, Person, Unit, holders
from workflows.diagrams.proof import WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.engine.definition import Definition
from workflows.engine.elements import Assignment


def check(session: Session, definition: Definition) -> Iterator[Finding]:
    """One finding for each step that is offered to a role which nobody holds now, or to somebody who is not there."""
    drawing = Drawing(definition)
    units = session.execute(select(Unit.id)).scalars().all()
    held = {role: bool(holders(session, role, units)) for role in definition.roles & ROLES.keys()}
    for node in drawing.nodes.values():
        groups = [group.source for group in node.assignment.groups] if node.assignment is not None else []
        known = [group for group in groups if group in held]
        if known and not any(held[role] for role in known):
            yield finding("check.role_empty", drawing, node.id, (), WARNING, roles=known)
        for name in _named(node.assignment):
            person = session.get(Person, name)
            if person is None or person.disabled_at is not None:
                yield finding("check.person_unknown", drawing, node.id, name=name)


def _named(assignment: Assignment | None) -> Iterator[str]:
    """The people whom a step names outright, and not by a variable."""
    if assignment is not None:
        for one in (*assignment.users, *([assignment.assignee] if assignment.assignee is not None else [])):
            if not one.names:
                yield str(one.evaluate({}))
