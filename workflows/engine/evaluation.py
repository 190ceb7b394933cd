"""Walks over a read expression and gives its value, counting every step.

No Python attribute is ever asked for: members are keys of dictionaries and indexes of lists, functions are the ten
below. There are no loops, so the steps are bounded by the length of the text and the lists it names; the count makes
that bound explicit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from workflows.engine import nodes as n
from workflows.engine import values
from workflows.engine.values import Failed, Missing, kind

MAX_OPERATIONS = 1_000
"""Steps of one evaluation: a node each, and each item of a list that is searched."""


class Evaluation:
    """One evaluation over variables, with the steps it may still take."""

    def __init__(self, variables: Mapping[str, Any], operations: int = MAX_OPERATIONS) -> None:
        self.variables = variables
        self._left = operations

    def value(self, node: n.Node) -> Any:
        """The value of `node`. Raises Failed when it has none or the steps are used up."""
        self._spend(1)
        match node:
            case n.Literal(value):
                return value
            case n.Name(name):
                return self._variable(name)
            case n.Path(target, keys):
                found = self.value(target)
                for key in keys:
                    found = self._member(found, self.value(key))
                return found
            case n.Items(items):
                return [self.value(item) for item in items]
            case n.Negative(operand):
                return values.compute("-", 0, self.value(operand))
            case n.Chain(first, operators, operands):
                result = self.value(first)
                for operator, operand in zip(operators, operands, strict=True):
                    result = values.compute(operator, result, self.value(operand))
                return result
            case n.Choice(condition, yes, no):
                return self.value(yes if self.truth(condition) else no)
            case n.Call(function, arguments):
                return FUNCTIONS[function][2](self, *(self.value(argument) for argument in arguments))
            case n.Join(parts):
                return values.text("".join(values.written(self.value(part)) for part in parts))
        return self._condition(node)

    def truth(self, node: n.Node) -> bool:
        """The value of a condition. Raises Failed unless it is true or false; null is neither."""
        value = self.value(node)
        if not isinstance(value, bool):
            raise Failed("expression.no_truth", values.named(kind(value)))
        return value

    def _condition(self, node: n.Node) -> bool:
        match node:
            case n.Not(operand):
                return not self.truth(operand)
            case n.Every(operands):
                return all(self.truth(operand) for operand in operands)
            case n.Some(operands):
                return any(self.truth(operand) for operand in operands)
            case n.Empty(operand):
                return self._empty(operand)
            case n.Compare(operator, left, right):
                a, b = self.value(left), self.value(right)
                if operator in ("==", "!="):
                    return values.same(a, b) is (operator == "==")
                return values.ordered(operator, a, b)
            case n.Among(item, items):
                return self.found(self.value(item), self.value(items))
            case n.Matches(item, value):
                a, b = self.value(item), self.value(value)
                return self.found(a, b) if isinstance(b, (list, tuple)) else values.same(a, b)
        raise AssertionError(node)  # the list of nodes is closed

    def found(self, item: object, items: object) -> bool:
        """Whether a list has an item. Raises Failed when `items` is no list."""
        if not isinstance(items, (list, tuple)):
            raise values.wrong_kind(items)
        self._spend(len(items))
        return any(values.same(item, each) for each in items)

    def _variable(self, name: str) -> Any:
        if name not in self.variables:
            raise Missing("expression.unknown_name", name)
        value = self.variables[name]
        if kind(value) == "text":
            values.text(value)
        return value

    def _member(self, target: Any, key: Any) -> Any:
        if values.is_map(target) and isinstance(key, str):
            if key not in target:
                raise Missing("expression.unknown_key", key[:40])
            found = target[key]
        elif isinstance(target, (list, tuple)) and isinstance(key, int) and not isinstance(key, bool):
            if not 0 <= key < len(target):
                raise Missing("expression.unknown_key", _named_key(key))
            found = target[key]
        elif target is None:
            raise Missing("expression.unknown_key", _named_key(key))
        else:
            raise Failed("expression.no_member", values.named(kind(target), kind(key)))
        if kind(found) == "text":
            values.text(found)
        return found

    def _empty(self, node: n.Node) -> bool:
        try:
            value = self.value(node)
        except Missing:
            return True
        return value is None or (isinstance(value, (str, list, tuple, Mapping)) and not value)

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise Failed("expression.too_long_to_evaluate")


def _named_key(key: Any) -> str | dict[str, str]:
    """A key as an error tells it: a short text or a number, else its kind; it may be large, or hold what is opaque."""
    what = kind(key)
    if what == "text":
        return str(key[:40])
    return str(values.number(key)) if what == "number" else values.named(what)


def _size(_: Evaluation, value: Any) -> int:
    if kind(value) not in ("text", "list", "map"):
        raise values.wrong_kind(value)
    return len(value)


def _contains(evaluation: Evaluation, whole: Any, part: Any) -> bool:
    return values.text(part) in whole if isinstance(whole, str) else evaluation.found(part, whole)


def _extreme(operator: str) -> Callable[..., Any]:
    def extreme(evaluation: Evaluation, *given: Any) -> Any:
        items = given[0] if len(given) == 1 else given
        if not isinstance(items, (list, tuple)) or not items:
            raise values.wrong_kind(items)
        evaluation._spend(len(items))
        best = items[0]
        values.ordered(operator, best, best)  # a list of one is checked as well
        for item in items[1:]:
            if values.ordered(operator, item, best):
                best = item
        return best

    return extreme


def _abs(_: Evaluation, value: Any) -> int | Decimal:
    exact = values.number(value)
    return -exact if exact < 0 else exact


def _lower(_: Evaluation, value: Any) -> str:
    return values.text(values.text(value).lower())


def _date(_: Evaluation, value: Any) -> Any:
    return values.as_date(value)


def _date_time(_: Evaluation, value: Any) -> Any:
    return values.as_moment(value)


def _duration(_: Evaluation, value: Any) -> Any:
    return values.as_duration(value)


def _days(_: Evaluation, start: Any, end: Any) -> int:
    for value in (start, end):
        if kind(value) != "date":
            raise values.wrong_kind(value)
    return int((end - start).days)


FUNCTIONS: dict[str, tuple[int, int, Callable[..., Any]]] = {
    "size": (1, 1, _size),
    "contains": (2, 2, _contains),
    "min": (1, 20, _extreme("<")),
    "max": (1, 20, _extreme(">")),
    "abs": (1, 1, _abs),
    "lower": (1, 1, _lower),
    "date": (1, 1, _date),
    "days": (2, 2, _days),
    "dateTime": (1, 1, _date_time),
    "duration": (1, 1, _duration),
}
"""Name → (fewest, most arguments, what it does). days(start, end) counts calendar days; `date` reads 2024-01-31,
`dateTime` 2024-01-31T09:00:00 (FEEL: `date and time`), `duration` P15D or P1Y2M.
"""
