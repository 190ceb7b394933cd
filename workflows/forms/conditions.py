"""When a field is not asked for: `conditional.hide` of form-js, as far as server and browser mean the same by it.

The words are FEEL's, read by the project's own reader (docs/decisions/0002-expressions.md). Of what it reads a form
may say: fields held against written values, `"value" in list`, `and`, `or`, `not(…)`, a tick box by its name alone.
What was read is plain JSON, which the page's script evaluates as `holds` does here:

    ["and", …] ["or", …] ["not", c] ["is", field] ["has", field, value] [sign, field, value]   sign: = != < <= > >=
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from workflows.engine import nodes as n
from workflows.engine.feel import parse_feel
from workflows.errors import Invalid

Condition = list[Any]
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_TURNED = {"==": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MOST = 50
"""Comparisons in one condition."""


class Refused(ValueError):
    """The condition is none that both sides understand."""


def read(text: str) -> Condition:
    """A condition as form-js writes it, "=" before it. Raises Refused."""
    if not text.startswith("="):
        raise Refused(text)
    try:
        found = _read(parse_feel(text[1:]).node)
    except Invalid as error:
        raise Refused(text) from error
    if sum(1 for _ in compared(found)) > _MOST:
        raise Refused(text)
    return found


def _read(node: n.Node) -> Condition:
    match node:
        case n.Every(operands):
            return ["and", *map(_read, operands)]
        case n.Some(operands):
            return ["or", *map(_read, operands)]
        case n.Not(operand):
            return ["not", _read(operand)]
        case n.Name(name):
            return ["is", name]
        case n.Compare(sign, n.Name(name), n.Literal(value)):
            return [{"==": "="}.get(sign, sign), name, _plain(value)]
        case n.Compare(sign, n.Literal(value), n.Name(name)):
            return [_TURNED[sign], name, _plain(value)]
        case n.Matches(n.Name(name), n.Literal(value)):
            return ["=", name, _plain(value)]
        case n.Matches(n.Name(name), n.Items(items)):
            return ["or", *(["=", name, _plain(_literal(one))] for one in items)]
        case n.Matches(n.Literal(value), n.Name(name)):
            return ["has", name, _plain(value)]
    raise Refused(node)


def _literal(node: n.Node) -> Any:
    if not isinstance(node, n.Literal):
        raise Refused(node)
    return node.value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise Refused(value)


def compared(condition: Condition) -> Iterator[tuple[str, str, Any]]:
    """Every comparison in a condition: its sign, the field, and the value (None for "is")."""
    if condition[0] in ("and", "or", "not"):
        for part in condition[1:]:
            yield from compared(part)
    else:
        yield condition[0], condition[1], condition[2] if len(condition) > 2 else None


def renamed(condition: Condition, name: Callable[[str], str]) -> Condition:
    """The condition with other names of its fields: those that a page posts them under."""
    if condition[0] in ("and", "or", "not"):
        return [condition[0], *(renamed(part, name) for part in condition[1:])]
    return [condition[0], name(condition[1]), *condition[2:]]


def holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    """Whether a condition is true of typed values. What is missing or empty is null, and no order holds of it."""
    sign, *parts = condition
    if sign == "and":
        return all(holds(part, values) for part in parts)
    if sign == "or":
        return any(holds(part, values) for part in parts)
    if sign == "not":
        return not holds(parts[0], values)
    value = values.get(parts[0])
    if sign == "is":
        return value is True
    if sign == "has":
        return isinstance(value, list) and parts[1] in value
    if sign in _ORDERS:
        return isinstance(value, Decimal) and _ORDERS[sign](value, Decimal(str(parts[1])))
    return _equal(value, parts[1]) is (sign == "=")


def _equal(value: Any, written: Any) -> bool:
    if value in (None, "", []):
        return written is None or written == ""
    if isinstance(written, bool) or isinstance(value, bool):
        return value is written
    if isinstance(written, (int, float)):
        return isinstance(value, Decimal) and value == Decimal(str(written))
    return bool(value == written)
