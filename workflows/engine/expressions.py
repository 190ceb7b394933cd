"""The language of `${…}` in conditions, mappings and timers: a closed subset of JUEL (the language of Camunda 7).

    choice   := either ["?" choice ":" choice]
    either   := both {("||" | "or") both}               both    := equal {("&&" | "and") equal}
    equal    := order [("==" | "!=" | "eq" | "ne") order]
    order    := sum [("<" | "<=" | ">" | ">=" | "lt" | "le" | "gt" | "ge" | "in") sum]
    sum      := product {("+" | "-") product}           product := sign {("*" | "/" | "%" | "div" | "mod") sign}
    sign     := ("-" | "!" | "not" | "empty") sign | path
    path     := term {"." name | "[" choice "]"}
    term     := number | string | "true" | "false" | "null" | name | function "(" choices ")" | "(" choice ")"
                | "[" choices "]"

Beyond JUEL: `in` and lists. Left out: method calls, attributes, assignment, lambdas, and JUEL's silent conversions:
a number is not compared with a text, null is neither false nor 0, what does not exist is an error (except under
`empty`). Why an own evaluator: docs/decisions/0002-expressions.md. Semantics of values: values.py; limits: tokens.py,
values.py, evaluation.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from workflows.engine import nodes as n
from workflows.engine import values
from workflows.engine.evaluation import FUNCTIONS, MAX_OPERATIONS, Evaluation
from workflows.engine.temporal import Months
from workflows.engine.tokens import MAX_LENGTH, Cursor, Token, refused, scan
from workflows.errors import Incident

_WORDS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "div": "/", "mod": "%"}
_CONSTANTS = {"true": True, "false": False, "null": None}
RESERVED = frozenset({*_WORDS, *_CONSTANTS, "and", "or", "not", "empty", "in", "instanceof"})
"""Words that can't name a variable."""
_WRITTEN: dict[str, Callable[[object], date | timedelta | Months]] = {
    "date": values.as_date, "dateTime": values.as_moment, "duration": values.as_duration,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that has been read and checked.

    source: as it stands in the diagram; names: the variables it reads.
    """

    source: str
    names: frozenset[str]
    node: n.Node = field(repr=False)

    def evaluate(self, variables: Mapping[str, Any], operations: int = MAX_OPERATIONS) -> Any:
        """The value over `variables`, which stay as they are.

        Numbers that were computed come as int or, with a fraction, as Decimal; dates as datetime.date.
        Raises Incident("expression.failed", source, reason, detail); `reason` is itself the code of a sentence.
        """
        try:
            value = Evaluation(variables, operations).value(self.node)
            values.check_result(value)
        except values.Failed as failed:
            raise self._incident(failed) from failed
        return value

    def holds(self, variables: Mapping[str, Any]) -> bool:
        """The value of a condition. Raises Incident as `evaluate` does, and when it is neither true nor false."""
        value = self.evaluate(variables)
        if not isinstance(value, bool):
            raise self._incident(values.Failed("expression.no_truth", values.named(values.kind(value))))
        return value

    def _incident(self, failed: values.Failed) -> Incident:
        return Incident("expression.failed", source=self.source, reason=failed.reason, detail=failed.detail)


def parse(text: str) -> Expression:
    """A condition: "${…}", or the expression alone.

    Raises Invalid("expression.…", source, position); positions count characters of `text` from 1.
    """
    start = len(text) - len(text.lstrip())
    if text.startswith("${", start):
        node, end = _enclosed(text, start + 2)
        if text[end:].strip():
            raise refused("expression.unexpected", text, end, found=text[end : end + 20], expected="")
        return _expression(text, node)
    tokens, _ = scan(text)
    return _expression(text, _whole(text, tokens))


def parse_value(text: str) -> Expression:
    r"""A literal text, "${…}" or a mix as in "a-${x}".

    A lone "${…}" keeps the type of its value; a mix is a text. `\${` stands for the two characters.
    Raises Invalid("expression.…", source, position).
    """
    if len(text) > MAX_LENGTH:
        raise refused("expression.too_long", text[:80] + "…", MAX_LENGTH, limit=MAX_LENGTH)
    stripped = text.strip()
    if stripped.startswith("${"):
        node, end = _enclosed(text, text.index("${") + 2)
        if not text[end:].strip():
            return _expression(text, node)
    parts: list[n.Node] = []
    literal, at = "", 0
    while at < len(text):
        if text.startswith("\\${", at):
            literal, at = literal + "${", at + 3
        elif text.startswith("${", at):
            node, at = _enclosed(text, at + 2)
            parts += [n.Literal(literal), node] if literal else [node]
            literal = ""
        elif text.startswith("#{", at):
            # Camunda takes #{…} for ${…}; a text that silently stayed a text would be worse than a refusal.
            raise refused("expression.unexpected", text, at, found="#{", expected="${")
        else:
            literal, at = literal + text[at], at + 1
    if not parts:
        return _expression(text, n.Literal(literal))
    return _expression(text, n.Join((*parts, n.Literal(literal)) if literal else tuple(parts)))


def _expression(source: str, node: n.Node) -> Expression:
    return Expression(source, n.names_in(node), node)


def _enclosed(text: str, start: int) -> tuple[n.Node, int]:
    tokens, end = scan(text, start, "}")
    return _whole(text, tokens), end


def _whole(source: str, tokens: list[Token]) -> n.Node:
    cursor = Cursor(source, tokens)
    node = _choice(cursor)
    cursor.finish()
    return node


def _choice(at: Cursor) -> n.Node:
    at.enter()
    node = _either(at)
    if at.accept("?"):
        yes = _choice(at)
        at.expect(":")
        node = n.Choice(node, yes, _choice(at))
    at.leave()
    return node


def _either(at: Cursor) -> n.Node:
    operands = [_both(at)]
    while at.accept("||", "or"):
        operands.append(_both(at))
    return n.Some(tuple(operands)) if len(operands) > 1 else operands[0]


def _both(at: Cursor) -> n.Node:
    operands = [_equal(at)]
    while at.accept("&&", "and"):
        operands.append(_equal(at))
    return n.Every(tuple(operands)) if len(operands) > 1 else operands[0]


def _equal(at: Cursor) -> n.Node:
    left = _order(at)
    if token := at.accept("==", "!=", "eq", "ne"):
        return n.Compare(_WORDS.get(token.text, token.text), left, _order(at))
    return left


def _order(at: Cursor) -> n.Node:
    left = _sum(at)
    if token := at.accept("<", "<=", ">", ">=", "lt", "le", "gt", "ge"):
        return n.Compare(_WORDS.get(token.text, token.text), left, _sum(at))
    if at.accept("in"):
        return n.Among(left, _sum(at))
    return left


def _sum(at: Cursor) -> n.Node:
    return chain(at, _product, "+", "-")


def _product(at: Cursor) -> n.Node:
    return chain(at, _sign, "*", "/", "%", "div", "mod")


def chain(at: Cursor, operand: Callable[[Cursor], n.Node], *signs: str) -> n.Node:
    """Operands joined by operators of one rank, from left to right."""
    first, operators, operands = operand(at), [], []
    while token := at.accept(*signs):
        operators.append(_WORDS.get(token.text, token.text))
        operands.append(operand(at))
    return n.Chain(first, tuple(operators), tuple(operands)) if operators else first


def _sign(at: Cursor) -> n.Node:
    token = at.accept("-", "!", "not", "empty")
    if token is None:
        return _path(at)
    at.enter()
    operand = _sign(at)
    at.leave()
    if token.text == "-":
        return n.Negative(operand)
    return n.Empty(operand) if token.text == "empty" else n.Not(operand)


def _path(at: Cursor) -> n.Node:
    target, keys = _term(at), list[n.Node]()
    while True:
        if at.accept("."):
            if at.here.kind != "name":
                raise at.unexpected("name")
            keys.append(n.Literal(at.take().text))
        elif at.accept("["):
            keys.append(_choice(at))
            at.expect("]")
        else:
            return n.Path(target, tuple(keys)) if keys else target


def _term(at: Cursor) -> n.Node:
    token = at.here
    if token.kind in ("number", "string"):
        return n.Literal(at.take().value)
    if at.accept("("):
        node = _choice(at)
        at.expect(")")
        return node
    if at.accept("["):
        return n.Items(arguments(at, _choice, "]"))
    if token.kind != "name" or (token.text in RESERVED and token.text not in _CONSTANTS):
        raise at.unexpected("value")
    at.take()
    if token.text in _CONSTANTS:
        return n.Literal(_CONSTANTS[token.text])
    if at.accept("("):
        return call(at, token, arguments(at, _choice, ")"))
    return n.Name(token.text)


def arguments(at: Cursor, item: Callable[[Cursor], n.Node], closing: str) -> tuple[n.Node, ...]:
    """Items with commas between them, up to the closing bracket, which is taken as well."""
    items: list[n.Node] = []
    if not at.accept(closing):
        items.append(item(at))
        while at.accept(","):
            items.append(item(at))
        at.expect(closing)
    return tuple(items)


def call(at: Cursor, name: Token, given: tuple[n.Node, ...]) -> n.Node:
    """A function call, checked: the function exists, takes so many arguments, and a written date is a date."""
    if name.text not in FUNCTIONS:
        raise at.error("expression.unknown_function", name, found=name.text)
    fewest, most, _ = FUNCTIONS[name.text]
    if not fewest <= len(given) <= most:
        raise at.error("expression.arguments", name, found=name.text, given=len(given))
    if name.text in ("date", "dateTime", "duration") and isinstance(given[0], n.Literal):
        return time_literal(at, name, given[0].value, name.text)
    return n.Call(name.text, given)


def time_literal(at: Cursor, token: Token, written: object, function: str = "") -> n.Literal:
    """A date, moment or duration that is written down; without a function it is read as what it looks like.

    Raises Invalid at `token` when there is none such.
    """
    for read in [_WRITTEN[function]] if function else _WRITTEN.values():
        with suppress(values.Failed):
            return n.Literal(read(written))
    code = "expression.duration" if function == "duration" else "expression.date"
    raise at.error(code, token, found=str(written)[:40])
