"""Variables that only some paths write before they are read: a case on another path would stop there.

Looked for as a rule of the law's order is (`statutory_search`): nobody reads a variable that nothing has written. So a
path is told of only if what statutory acts come to lets a case take it; amounts, answers of tables and what programs
outside say may be anything, hence warnings. Read counts what is read in any case: of conditions the first that is
asked, and of these not what is asked only if another part holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflows.diagrams.proof import WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_marking import Place
from workflows.diagrams.soundness_space import Space
from workflows.diagrams.statutory_deeds import Values, act_of
from workflows.diagrams.statutory_net import Net
from workflows.diagrams.statutory_rules import Event, Rule, law
from workflows.diagrams.statutory_search import ELEMENT, TooLarge, broken
from workflows.diagrams.variables import begun, read_first, written, written_by
from workflows.engine import nodes
from workflows.engine.definition import Definition
from workflows.engine.elements import Drawn
from workflows.engine.variables import COUNTERS


def check(definition: Definition, callers: Iterable[Definition], space: Space, *, opening: bool) -> Iterator[Finding]:
    """One warning, with its path, for each element that reads a variable which is not there on some path.

    callers: the processes that call it; space: its states; opening: whether a case is opened with it.
    """
    callers = list(callers)
    given = begun(definition, callers)
    if not space.complete or given is None or written(definition, callers) is None:
        return
    writers, readers = dict[str, set[str]](), dict[str, set[str]]()
    for node in definition.nodes.values():
        for name in written_by(node):
            writers.setdefault(name, set()).add(node.id)
        for name in _reads(definition, node) - given - COUNTERS:
            readers.setdefault(name, set()).add(node.id)
    net = _Net(space, law(), opening=opening)
    for name in sorted(readers.keys() & writers.keys()):
        try:
            for one in broken(net, _rule(name, readers[name], writers[name])):
                drawing = space.scene.drawings[one.process]
                yield finding("check.variable_missing", drawing, one.element, one.steps, WARNING, name=name)
        except TooLarge:
            continue


class _Net(Net):
    """What is done to the variables of the process itself, element by element, instead of statutory acts."""

    def _done(self, place: Place, node: Drawn, values: Values) -> Iterator[tuple[Values, Event | None]]:
        sometimes = {name for one in self.law.outcomes.get(act_of(node), ()) for name in one.sets}
        always = written_by(node) - sometimes
        for after, event in super()._done(place, node, values):
            came = sometimes & event.came.keys() if event is not None else set()
            yield after, None if place else Event(ELEMENT + node.id, dict.fromkeys(always | came, True))


def _rule(name: str, readers: Iterable[str], writers: Iterable[str]) -> Rule:
    never: Mapping[str, Mapping[str, tuple[object, ...]]] = {ELEMENT + id: {} for id in readers}
    return Rule(name, "", never, {ELEMENT + id: {name: (True,)} for id in writers}, {}, {}, False, frozenset())


def _reads(definition: Definition, node: Drawn) -> set[str]:
    """The variables that an element reads whenever it is passed, before it writes any itself."""
    asked = [flow.condition for flow in node.flows_out if flow.id != node.default and flow.condition is not None]
    last = [*asked[: 1 if node.element.kind == "exclusiveGateway" else None], *(one for _, one in node.outputs)]
    found = {name for one in read_first(node) for name in _surely(one.node)}
    found |= {name for one in last for name in _surely(one.node)} - written_by(node)
    if node.decision is not None:
        found |= definition.tables[node.decision.id].inputs
    own = {name for name, _ in node.inputs} | (written_by(node) if node.multi is not None else set())
    return (found - own) | {name for _, one in node.inputs for name in _surely(one.node)}


def _surely(node: nodes.Node) -> frozenset[str]:
    """The variables without which an expression fails, whatever the others hold."""
    match node:
        case nodes.Name(name):
            return frozenset({name})
        case nodes.Every(operands) | nodes.Some(operands):
            return _surely(operands[0])
        case nodes.Choice(condition):
            return _surely(condition)
        case nodes.Empty():
            return frozenset()
    return frozenset[str]().union(*(_surely(child) for child in nodes.children(node)))
