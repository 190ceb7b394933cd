"""Acts that several do, each for himself (表决), and acts of one in a multi-instance, which may have no instances.

Whose round it is stands in statutory.yaml: members vote, all of them, nobody for another (《行政处罚法》第五十七条).
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.cases.acts import ACTS
from workflows.diagrams.proof import Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing, Scene
from workflows.diagrams.statutory_deeds import act_of
from workflows.diagrams.statutory_rules import Law
from workflows.diagrams.variables import written_by
from workflows.engine.elements import Drawn
from workflows.engine.expressions import Expression


def check(known: Law, scene: Scene) -> Iterator[Finding]:
    """One finding for each step of the process at which a round is none of all its members, or an act of one may be
    passed by as a multi-instance of nobody.
    """
    drawing = scene.root
    for node in drawing.nodes.values():
        act, several = act_of(node), [one for one in (node, *around(drawing, node)) if one.multi is not None]
        if act in known.rounds:
            yield from _round(known, drawing, node, act)
            several = [one for one in several if one is not node]
        if several and (act or _acts_within(scene, node)):
            yield finding("statutory.perhaps_nobody", drawing, node.id)


def _round(known: Law, drawing: Drawing, node: Drawn, act: str) -> Iterator[Finding]:
    members = known.rounds[act]
    article = ACTS[act].article
    if not _by_each(drawing, node, members) or not given(known, drawing, act, members):
        yield finding("statutory.not_each", drawing, node.id, article=article, members=members)
    yield from overwritten(known, drawing, act, members)


def _by_each(drawing: Drawing, node: Drawn, members: str) -> bool:
    """Whether all members do it at the same time, each his own part, and all are waited for."""
    multi, own = node.multi, node.assignment
    if multi is None or own is None or multi.sequential or multi.condition is not None or multi.signing is not None:
        return False
    if not is_variable(multi.collection, members) or not is_variable(own.assignee, multi.element_variable) or own.users:
        return False
    hidden = {name for one in (node, *around(drawing, node)) for name, _ in one.inputs}
    return not own.groups and not hidden & {members, multi.element_variable}


def is_variable(expression: Expression | None, name: str | None) -> bool:
    """Whether an expression is just a variable, and not a text that reads like its name."""
    return expression is not None and name in expression.names and "".join(expression.source.split()) == f"${{{name}}}"


def given(known: Law, drawing: Drawing, act: str, members: str) -> bool:
    """Whether another act of the same process sets the variable that tells whose an act is."""
    acts = {act_of(node) for node in drawing.nodes.values()} - {act}
    return any(members in known.writes.get(one, frozenset()) for one in acts)


def overwritten(known: Law, drawing: Drawing, act: str, members: str) -> Iterator[Finding]:
    """One finding for each element at which a diagram says itself whose an act is."""
    for node in drawing.nodes.values():
        if _overwrites(known, node, members):
            yield finding("statutory.members_written", drawing, node.id, article=ACTS[act].article, members=members)


def _overwrites(known: Law, node: Drawn, members: str) -> bool:
    """Whether a diagram says itself who the members are."""
    if any(name == members for name, _ in node.outputs):
        return True
    if node.call is not None and any(copy.target is None for copy in node.call.out):
        return True
    return members in written_by(node) - known.writes.get(act_of(node), frozenset())


def around(drawing: Drawing, node: Drawn) -> Iterator[Drawn]:
    """The subprocesses in which an element lies, from the inside."""
    while (outer := drawing.nodes.get(node.element.scope)) is not None:
        yield outer
        node = outer


def _acts_within(scene: Scene, node: Drawn) -> bool:
    """Whether acts are done in what an element calls, directly or not."""
    stack, seen = [node.call.key] if node.call is not None else [], set[str]()
    while stack:
        drawing = scene.drawings.get(stack.pop())
        if drawing is None or drawing.key in seen:
            continue
        seen.add(drawing.key)
        if any(act_of(one) for one in drawing.nodes.values()):
            return True
        stack += drawing.definition.calls
    return False
