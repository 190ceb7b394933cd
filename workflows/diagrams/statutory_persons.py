"""Whose an act is: a step that is offered to others than those whom the program lets do it could never be done.

By role, or one named person (the member who presides): statutory.yaml, `persons` and `named`.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.actors import ROLES
from workflows.cases.acts import ACTS
from workflows.diagrams.proof import Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.statutory_deeds import act_of
from workflows.diagrams.statutory_rounds import around, given, is_variable, overwritten
from workflows.diagrams.statutory_rules import Law
from workflows.engine.elements import Assignment, Drawn


def check(known: Law, drawing: Drawing) -> Iterator[Finding]:
    """One finding for each act that is offered to others than those who may do it."""
    for node in drawing.nodes.values():
        act = act_of(node)
        if act in known.named:
            yield from _named(known, drawing, node, act)
        elif act in known.persons and node.assignment is not None and not _offered_to(node.assignment, known, act):
            roles = sorted(known.persons[act])
            names = {lang: "、".join(ROLES[role][number] for role in roles) for number, lang in enumerate(("zh", "en"))}
            yield finding("statutory.person", drawing, node.id, article=ACTS[act].article, roles=names)


def _offered_to(assignment: Assignment, known: Law, act: str) -> bool:
    """Whether a step is offered by role, to roles that may do the act, and to nobody beside."""
    offered = {group.source for group in assignment.groups}
    return bool(offered) and offered <= known.persons[act] and not assignment.users and assignment.assignee is None


def _named(known: Law, drawing: Drawing, node: Drawn, act: str) -> Iterator[Finding]:
    """A step that is not just the one person's, and whatever else says who that is."""
    variable, assignment, article = known.named[act], node.assignment, ACTS[act].article
    own = assignment is not None and is_variable(assignment.assignee, variable)
    others = assignment is not None and (assignment.users or assignment.groups)
    hidden = {name for one in (node, *around(drawing, node)) for name, _ in one.inputs}
    if not own or others or variable in hidden or not given(known, drawing, act, variable):
        yield finding("statutory.not_named", drawing, node.id, article=article, variable=variable)
    yield from overwritten(known, drawing, act, variable)
