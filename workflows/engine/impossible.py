"""FEEL that is written out and could only fail, or never hold, whatever the variables are: refused when it is read."""

from __future__ import annotations

from typing import Any

from workflows.engine import nodes as n
from workflows.engine import values
from workflows.engine.tokens import Cursor, Token


def check_order(at: Cursor, token: Token, *operands: n.Node) -> None:
    """Both sides of < and its kin, or both ends of a range, as far as they are written out.

    Raises Invalid("expression.no_order") at `token` for null, true, false and lists, and for values of two kinds.
    """
    kinds = {values.kind(node.value) for node in operands if isinstance(node, n.Literal)}
    if len(kinds) > 1 or not kinds <= values.ORDERED or any(isinstance(node, n.Items) for node in operands):
        raise at.error("expression.no_order", token)


def range_is_empty(low: n.Node, high: n.Node, *, closed: bool) -> bool:
    """Whether no value lies in a range whose ends are both written out, such as [3..1] or (2..2]."""
    if not (isinstance(low, n.Literal) and isinstance(high, n.Literal)):
        return False
    least: Any = low.value
    try:
        return bool(least > high.value or (least == high.value and not closed))
    except TypeError:
        return False  # moments with and without a time zone


def negation(at: Cursor, token: Token, operand: n.Node) -> n.Node:
    """not(…) inside of an expression, which turns a condition round; around a whole cell it holds a list of tests.

    Raises Invalid("expression.not_inside") at `token` where the operand can't be true or false.
    """
    never = isinstance(operand, n.Chain | n.Negative | n.Items) or (
        isinstance(operand, n.Literal) and not isinstance(operand.value, bool))
    if never:
        raise at.error("expression.not_inside", token)
    return n.Not(operand)
