"""What an expression is made of: a closed list of frozen nodes. A node that is not here can't be evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal

from workflows.engine.temporal import Months

INPUT = "?"
"""The name under which a decision cell sees its column's value; no identifier can clash with it."""


class Node:
    """Part of a read expression."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value that is written down."""

    value: str | int | Decimal | bool | date | timedelta | Months | None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """Members of a value, one after the other: a.b['c'][0]. Keys of maps and indexes of lists, never attributes."""

    target: Node
    keys: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list that is written down."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """-x"""

    operand: Node


@dataclass(frozen=True, slots=True)
class Not(Node):
    """!x"""

    operand: Node


@dataclass(frozen=True, slots=True)
class Empty(Node):
    """empty x"""

    operand: Node


@dataclass(frozen=True, slots=True)
class Every(Node):
    """x && y && …"""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some(Node):
    """x || y || …"""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """first, then (operator, operand) from left to right; operators of one rank. Flat: a long sum is not deep."""

    first: Node
    operators: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """left ==, !=, <, <=, > or >= right"""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Among(Node):
    """item in items"""

    item: Node
    items: Node


@dataclass(frozen=True, slots=True)
class Matches(Node):
    """The item equals the value or, if that is a list, one of it: a value written into a decision cell."""

    item: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """condition ? yes : no"""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """One of the eight functions."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Join(Node):
    """A text with values in it: a-${x}"""

    parts: tuple[Node, ...]


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below `node`."""
    for field in fields(node):  # type: ignore[arg-type]  # every subclass is a dataclass
        value = getattr(node, field.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, Node))


def names_in(node: Node) -> frozenset[str]:
    """The variables that an expression reads, its input `?` not counted."""
    found, stack = set(), [node]
    while stack:
        at = stack.pop()
        if isinstance(at, Name) and at.name != INPUT:
            found.add(at.name)
        stack.extend(children(at))
    return frozenset(found)
