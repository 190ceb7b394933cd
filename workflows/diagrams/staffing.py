"""Whether there is anybody who could do the steps of a process, and enough of them for those that are kept apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.actors import ROLES, Person, Unit, holders
from workflows.diagrams import description
from workflows.diagrams.proof import WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.writers import Order
from workflows.engine.definition import Definition
from workflows.engine.elements import Assignment, Drawn

MOST = 30
"""Steps kept apart that are looked at together; a process that a person can read has fewer."""


def check(session: Session, definition: Definition) -> Iterator[Finding]:
    """One finding for each step that is offered to a role which nobody holds now, or to somebody who is not there; and
    for each group of steps, kept apart, for which there are too few people.
    """
    drawing = Drawing(definition)
    units = session.execute(select(Unit.id)).scalars().all()
    held = {role: [one.id for one in holders(session, role, units)] for role in definition.roles & ROLES.keys()}
    for node in drawing.nodes.values():
        known = [role for role in roles_of(node) if role in held]
        if known and not any(held[role] for role in known):
            yield finding("check.role_empty", drawing, node.id, (), WARNING, roles=known)
        for name in _named(node.assignment):
            person = session.get(Person, name)
            if person is None or person.disabled_at is not None:
                yield finding("check.person_unknown", drawing, node.id, name=name)
    for steps in together(definition):
        able = [{id for role in roles_of(step) for id in held.get(role, ())} for step in steps]
        if all(able) and (found := matched(able)) < len(steps):
            names = "、".join(step.element.name or step.id for step in steps)
            roles = list(dict.fromkeys(role for step in steps for role in roles_of(step)))
            yield finding("check.people_few", drawing, steps[-1].id, (), WARNING, names=names, roles=roles,
                          needed=len(steps), found=found)  # fmt: skip


def together(definition: Definition) -> list[Sequence[Drawn]]:
    """Groups of steps that are offered to roles and all kept apart from each other, and that one run may come by: as
    many people are needed as a group has steps. No group is part of another one.
    """
    drawing = Drawing(definition)
    steps = [node for node in drawing.nodes.values() if node.element.kind == "userTask" and roles_of(node)]
    near: dict[str, set[str]] = {}
    order: Order | None = None
    for one, other in combinations(steps, 2):
        if other.id in description.apart(definition.package, one.id):
            order = order or Order(drawing)
            if order.in_one_run(one.id, other.id):
                near.setdefault(one.id, set()).add(other.id)
                near.setdefault(other.id, set()).add(one.id)
    known = {step.id: step for step in steps if step.id in near}
    groups = _groups(near, list(known)[:MOST])
    return [[step for id, step in known.items() if id in group] for group in groups]


def roles_of(node: Drawn) -> list[str]:
    """The roles that a step is offered to."""
    return [group.source for group in node.assignment.groups] if node.assignment is not None else []


def _groups(near: Mapping[str, Collection[str]], ids: Iterable[str]) -> list[set[str]]:
    """The largest groups of which every two are near each other (Bron and Kerbosch, without pivots: they are few)."""
    found: list[set[str]] = []

    def grow(group: set[str], open_: set[str], done: set[str]) -> None:
        if not open_ and not done and len(group) > 1:
            found.append(group)
        for id in sorted(open_):
            grow(group | {id}, open_ & set(near[id]), done & set(near[id]))
            open_, done = open_ - {id}, done | {id}

    grow(set(), set(ids), set())
    return found


def matched(able: Sequence[Collection[str]]) -> int:
    """How many steps can be done by people of their own at once (augmenting paths). able: of each step who could."""
    of: dict[str, int] = {}

    def place(step: int, seen: set[str]) -> bool:
        for one in able[step]:
            if one not in seen:
                seen.add(one)
                if one not in of or place(of[one], seen):
                    of[one] = step
                    return True
        return False

    return sum(place(step, set()) for step in range(len(able)))


def _named(assignment: Assignment | None) -> Iterator[str]:
    """The people whom a step names outright, and not by a variable."""
    if assignment is not None:
        for one in (*assignment.users, *([assignment.assignee] if assignment.assignee is not None else [])):
            if not one.names:
                yield str(one.evaluate({}))
