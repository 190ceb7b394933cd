"""Two steps of one reviewing act that the same person could do: two reviews on paper, one opinion."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from workflows.cases.parts import ROLE_OF_ACT
from workflows.diagrams import description
from workflows.diagrams.proof import WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.statutory_deeds import act_of
from workflows.diagrams.statutory_rules import law
from workflows.diagrams.writers import Order
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn

MOST = 50
"""Steps of one act that are held against each other; a process that a person can read has fewer."""


def check(definition: Definition) -> Iterator[Finding]:
    """One warning for each two steps of one act of the independent side, offered to one role, that are both done in one
    run and that `apart` of `process.yaml` does not keep apart.
    """
    drawing = Drawing(definition)
    order: Order | None = None
    for act in sorted(law().persons.keys() & ROLE_OF_ACT.keys()):
        steps = [node for node in drawing.nodes.values() if node.element.kind == "userTask" and act_of(node) == act]
        for one, other in combinations(steps[:MOST], 2):
            kept = other.id in description.apart(definition.package, one.id)
            if kept or not _roles(one) & _roles(other):
                continue
            order = order or Order(drawing)
            if order.in_one_run(one.id, other.id):
                name = one.element.name or one.id
                yield finding("check.same_reviewer", drawing, other.id, (), WARNING, other=name)


def _roles(node: Drawn) -> set[str]:
    return {group.source for group in node.assignment.groups} if node.assignment is not None else set()
