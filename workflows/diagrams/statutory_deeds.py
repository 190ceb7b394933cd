"""Variables of running processes, and what an element does with them: what it reads, sees, hands over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from workflows.diagrams.soundness_conditions import truth, ways
from workflows.diagrams.soundness_drawing import Drawing
from workflows.diagrams.soundness_marking import CALLED, LEFT, Deed, Marking, Place
from workflows.engine.allowed import SUBPROCESSES
from workflows.engine.elements import Copy, Drawn
from workflows.engine.expressions import Expression
from workflows.errors import Incident

ACTING = ("userTask", "startEvent")
"""Kinds of elements at which the desk does an act."""
LEAD = "lead"
"""The one act that is done at a start event: whoever opens a case does it. No other one is done where nobody works."""


class Var(NamedTuple):
    """A variable of a running process; place None: a fact of the case, which no diagram can read or write."""

    place: Place | None
    name: str

    def within(self, place: Place) -> bool:
        """Whether it belongs to the process in a place, or to one that runs inside of it."""
        return self.place is not None and self.place[: len(place)] == place


Vars = frozenset[Var]
Values = dict[Var, Any]
Known = frozenset[tuple[Var, Any]]
"""The variables that are known, with their values."""
NONE: Vars = frozenset()


class Open:
    """A value that isn't known."""


OPEN = Open()


def act_of(node: Drawn) -> str:
    """The act that is done at an element; none where the desk does none, whatever it is marked with."""
    act = node.element.properties.get("act", "")
    return act if node.element.kind == "userTask" or (node.element.kind == "startEvent" and act == LEAD) else ""


def of(values: Values, place: Place) -> dict[str, Any]:
    """The known variables of one running process, by name."""
    return {var.name: value for var, value in values.items() if var.place == place}


def local(node: Drawn, values: Mapping[str, Any]) -> dict[str, Any]:
    """What an element sees: its inputs hide variables of the process."""
    found = dict(values)
    for name, expression in node.inputs:
        found.pop(name, None)
        if (value := value_of(expression, values)) is not OPEN:
            found[name] = value
    return found


def seen(node: Drawn, names: Iterable[str]) -> set[str]:
    """The variables of the process behind names that an element reads."""
    inputs = dict(node.inputs)
    return {name for one in names for name in (inputs[one].names if one in inputs else (one,))}


def condition_names(deed: Deed) -> set[str]:
    """The variables of the process that the conditions read by which a token leaves an element, or an event comes."""
    node, awaited = deed.node, _awaited(deed)
    names = set(awaited.names) if awaited is not None else set()
    if deed.what == LEFT:
        names |= {name for flow in node.flows_out if flow.condition for name in flow.condition.names}
    return seen(node, names)


def can_happen(deed: Deed, values: Mapping[str, Any]) -> bool:
    """Whether a token can leave as it did, or an event come, with what is known of the variables of its process."""
    node, awaited, known = deed.node, _awaited(deed), local(deed.node, values)
    if awaited is not None and truth(awaited.node, known) is False:
        return False
    return deed.what != LEFT or deed.flows in ways(node, known)


def _awaited(deed: Deed) -> Expression | None:
    """What must come true for a token to go on from an event; the event of a subprocess has come when that begins."""
    node = deed.node
    if node.trigger is None or (deed.what == LEFT and node.element.kind != "intermediateCatchEvent"):
        return None
    return node.trigger.condition


def copies(node: Drawn, what: str) -> tuple[Copy, ...]:
    """What goes into a call (what: CALLED) or comes out of it."""
    if node.call is None:
        return ()
    return node.call.into if what == CALLED else node.call.out


def copied(values: Mapping[str, Any], given_by: Iterable[Copy]) -> dict[str, Any]:
    """What copies give, by name."""
    given: dict[str, Any] = {}
    for copy in given_by:
        if copy.source is None or copy.target is None:
            given.update(values)
        else:
            given[copy.target] = value_of(copy.source, values)
    return given


def value_of(expression: Expression, values: Mapping[str, Any]) -> Any:
    """The value of an expression if it is a text or a truth and can be known."""
    if any(values.get(name, OPEN) is OPEN for name in expression.names):
        return OPEN
    try:
        found = expression.evaluate(values)
    except Incident:
        return OPEN
    return found if isinstance(found, (str, bool)) else OPEN


def set_otherwise(drawing: Drawing) -> frozenset[str]:
    """Variables that stay open: something else than acts, mappings and tables sets them, or a subprocess hides them."""
    found: set[str] = set()
    for node in drawing.nodes.values():
        found |= {name.strip() for name in node.element.properties.get("outputs", "").split(",") if node.topic}
        if node.multi is not None:
            found |= {node.multi.output_collection or "", node.multi.element_variable or ""}
            found |= {node.multi.signing.outcome, node.multi.signing.vote} if node.multi.signing is not None else set()
        if node.trigger is not None:
            found.add(node.trigger.code_variable or "")
        if node.element.kind in SUBPROCESSES:
            found |= {name for name, _ in node.inputs}
    return frozenset(found - {""})


def doubled(marking: Marking, place: Place = ()) -> Iterator[Place]:
    """The places in which more than one process runs."""
    seen: set[Place] = set()
    for one in _places(marking, place):
        if one in seen:
            yield one
        seen.add(one)


def _places(scope: Marking, place: Place) -> Iterator[Place]:
    for token in scope[2] if scope else ():
        for inner in token[4]:
            if inner:
                whole = inner[0] != scope[0] or inner[1] != token[0]
                if whole:
                    yield (*place, token[0])
                yield from _places(inner, (*place, token[0]) if whole else place)
