"""Conditions that hold a variable against a value which it never has: they never hold, or always do.

What a variable can hold is known where statutory acts, tables and written values give it (`domains`): a form's option
is not what the act makes of it, so that `complete == 'yes'` never holds although the form says “yes”. A value of
another kind (a text against true or false) is an error, for a case would never leave by that flow; a value that is not
among those that are known is a warning, for it may be meant for a later version of what gives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from workflows.diagrams.domains import Domains, Values
from workflows.diagrams.proof import ERROR, WARNING, Finding
from workflows.diagrams.soundness import finding
from workflows.diagrams.soundness_drawing import Drawing
from workflows.engine import nodes
from workflows.engine.definition import Definition

MOST = 8
"""Values that are told of one variable."""


def check(definition: Definition, others: Mapping[str, Definition]) -> Iterator[Finding]:
    """One finding for each comparison of a flow's condition that always comes out the same.

    others: the published processes by key.
    """
    drawing, domains = Drawing(definition), Domains({**others, definition.key: definition})
    for node in drawing.nodes.values():
        for flow in node.flows_out:
            for name, value in _compared(flow.condition.node) if flow.condition is not None else ():
                known = domains.seen(definition, node, name)
                if known and not any(_kind(one) == _kind(value) and one == value for one in known):
                    other = _kind(value) not in {_kind(one) for one in known}
                    yield finding("check.never_equal", drawing, flow.id, (), ERROR if other else WARNING, name=name,
                                  value=_said(value), values=_listed(known))  # fmt: skip


def _compared(node: nodes.Node) -> Iterator[tuple[str, str | bool | int | Decimal]]:
    """The variables that are held against written values, with these."""
    if isinstance(node, nodes.Compare) and node.operator in ("==", "!="):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            value = other.value if isinstance(other, nodes.Literal) else None
            if isinstance(one, nodes.Name) and isinstance(value, str | bool | int | Decimal):
                yield one.name, value
    for child in nodes.children(node):
        yield from _compared(child)


def _kind(value: str | bool | int | Decimal) -> str:
    return "text" if isinstance(value, str) else "truth" if isinstance(value, bool) else "number"


def _said(value: str | bool | int | Decimal) -> str:
    return str(value).lower() if isinstance(value, bool) else f"'{value}'" if isinstance(value, str) else str(value)


def _listed(values: Values) -> str:
    told = sorted(map(_said, values))
    return ", ".join([*told[:MOST], *(["…"] if len(told) > MOST else [])])
