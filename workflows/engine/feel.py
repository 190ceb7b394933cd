"""The language of decision tables: the part of FEEL (DMN 1.3, chapter 10) that cells are written in.

A cell under an input is a unary test of the column's value, which it may name `?`:

    tests      := "-" | nothing | "not(" test {"," test} ")" | test {"," test}
    test       := ("<" | "<=" | ">" | ">=" | "=" | "!=") sum | range | expression
    range      := ("[" | "(" | "]") sum ".." sum ("]" | ")" | "[")
    moment     := "date(" text ")" | "date and time(" text ")" | "duration(" text ")" | "@" text
    expression := "if" expression "then" expression "else" expression | both {"or" both}
    both       := compare {"and" compare}
    compare    := sum [("=" | "!=" | "<" | …) sum | "between" sum "and" sum | "in" (range | "(" tests ")" | sum)]

A test that is a comparison, a combination of conditions, `contains(…)` or a choice between such is true by itself;
any other must equal the input or, being a list, contain it. Values, functions and limits are those of expressions.py,
and what can't be compared is an error here too, where FEEL says null. Not read: contexts, filters, loops, other
functions, names with spaces.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from workflows.engine import impossible
from workflows.engine import nodes as n
from workflows.engine.expressions import Expression, arguments, call, chain, time_literal
from workflows.engine.tokens import Cursor, Token, scan
from workflows.errors import Invalid

_COMPARISONS = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_CONSTANTS = {"true": True, "false": False, "null": None}
_RESERVED = frozenset(
    {
        *_CONSTANTS, "if", "then", "else", "and", "or", "not", "in", "between", "for", "some", "every", "return",
        "function",
    }
)
_CONDITIONS = (n.Compare, n.Every, n.Some, n.Not, n.Among, n.Matches)
_ANY = n.Literal(True)
_INPUT = n.Name(n.INPUT)


def parse_tests(text: str) -> Expression:
    """The cell of an input column: a condition on the variable `?`.

    Raises Invalid("expression.…", source, position).
    """
    if text.strip() in ("", "-"):
        return Expression(text, frozenset(), _ANY)
    tokens = scan(text)[0]
    try:
        node = _negated(Cursor(text, tokens))
    except Invalid as error:
        # not(…) may also begin a condition, as in not(a) and b; of two errors, the one further on is the mistake.
        if error.code in ("expression.range_empty", "expression.no_order"):  # it was read well
            raise
        try:
            node = _whole(Cursor(text, tokens))
        except Invalid as other:
            if other.code == "expression.not_inside":
                raise
            raise max(other, error, key=lambda each: int(each.facts["position"])) from None
    return Expression(text, n.names_in(node), node)


def parse_feel(text: str) -> Expression:
    """An input expression, an output cell or a literal expression. Raises Invalid("expression.…", source, position)."""
    cursor = Cursor(text, scan(text)[0])
    node = _expression(cursor)
    cursor.finish()
    if _reads_input(node):
        raise cursor.error("expression.unexpected", found="?", expected="value")
    return Expression(text, n.names_in(node), node)


def parse_list(text: str) -> tuple[Expression, ...]:
    """Expressions with commas between them: the values an output may have. Raises Invalid("expression.…")."""
    cursor = Cursor(text, scan(text)[0])
    found = [_expression(cursor)]
    while cursor.accept(","):
        found.append(_expression(cursor))
    cursor.finish()
    return tuple(Expression(text, n.names_in(node), node) for node in found)


def is_any(tests: Expression) -> bool:
    """Whether a cell is `-`: it does not look at its input."""
    return tests.node is _ANY


def literals_tested(tests: Expression) -> list[Any]:
    """The written values that a cell holds its input against, so that their kind can be checked when it is read."""
    found: list[Any] = []
    stack = [tests.node]
    while stack:
        node = stack.pop()
        if isinstance(node, n.Compare | n.Matches):
            sides = (node.left, node.right) if isinstance(node, n.Compare) else (node.item, node.value)
            if _INPUT in sides:
                for side in sides:
                    stack.extend(side.items if isinstance(side, n.Items) else ())
                    found.extend([side.value] if isinstance(side, n.Literal) else ())
        elif isinstance(node, n.Not | n.Every | n.Some):
            stack.extend(n.children(node))
        elif isinstance(node, n.Choice):
            stack.extend(branch for branch in (node.yes, node.no) if _is_condition(branch))
        elif isinstance(node, n.Literal) and node is not _ANY:
            found.append(node.value)
    return found


def _reads_input(node: n.Node) -> bool:
    return node == _INPUT or any(_reads_input(child) for child in n.children(node))


def _negated(at: Cursor) -> n.Node:
    at.expect("not")
    at.expect("(")
    node = n.Not(_tests(at, _INPUT, ")"))
    at.finish()
    return node


def _whole(at: Cursor) -> n.Node:
    node = _tests(at, _INPUT, "")
    at.finish()
    return node


def _tests(at: Cursor, subject: n.Node, closing: str) -> n.Node:
    found = [_test(at, subject)]
    while at.accept(","):
        found.append(_test(at, subject))
    if closing:
        at.expect(closing)
    return n.Some(tuple(found)) if len(found) > 1 else found[0]


def _test(at: Cursor, subject: n.Node) -> n.Node:
    if token := at.accept(*_COMPARISONS):
        return _comparison(at, token, subject, _sum(at))
    if _range_ahead(at):
        return _range(at, subject)
    first = at.here
    node = _expression(at)
    if _is_condition(node):
        return node
    if isinstance(node, n.Choice) and any(_is_condition(branch) for branch in _branches(node)):
        raise at.error("expression.choice_mixed", first)
    return n.Matches(subject, node)


def _is_condition(node: n.Node) -> bool:
    """Whether a test holds by its own truth: of a choice each branch must, where true and false may stand for one."""
    if isinstance(node, n.Choice):
        branches = _branches(node)
        return any(map(_is_condition, branches)) and all(
            _is_condition(branch) or (isinstance(branch, n.Literal) and isinstance(branch.value, bool))
            for branch in branches
        )
    return isinstance(node, _CONDITIONS) or (isinstance(node, n.Call) and node.function == "contains")


def _branches(node: n.Choice) -> list[n.Node]:
    """What a choice may come to, through the choices in it."""
    found: list[n.Node] = []
    for branch in (node.yes, node.no):
        found += _branches(branch) if isinstance(branch, n.Choice) else [branch]
    return found


def _range_ahead(at: Cursor) -> bool:
    if at.sees("]"):
        return True
    if not at.sees("[", "("):
        return False
    depth, ahead = 1, 1
    while depth and not at.ends_after(ahead):
        if depth == 1 and at.sees_after(ahead, ".."):
            return True
        depth += at.sees_after(ahead, "(") + at.sees_after(ahead, "[")
        depth -= at.sees_after(ahead, ")") + at.sees_after(ahead, "]")
        ahead += 1
    return False


def _range(at: Cursor, subject: n.Node) -> n.Node:
    at.enter()
    first = at.take()
    lowest = ">=" if first.text == "[" else ">"
    low = _sum(at)
    at.expect("..")
    high = _sum(at)
    if not at.sees("]", ")", "["):
        raise at.unexpected("]")
    highest = "<=" if at.take().text == "]" else "<"
    at.leave()
    impossible.check_order(at, first, low, high)
    if impossible.range_is_empty(low, high, closed=(lowest, highest) == (">=", "<=")):
        raise at.error("expression.range_empty", first)
    return n.Every((n.Compare(lowest, subject, low), n.Compare(highest, subject, high)))


def _comparison(at: Cursor, operator: Token, left: n.Node, right: n.Node) -> n.Node:
    if operator.text not in ("=", "!="):
        impossible.check_order(at, operator, left, right)
    return n.Compare(_COMPARISONS[operator.text], left, right)


def _expression(at: Cursor) -> n.Node:
    at.enter()
    node: n.Node
    if at.accept("if"):
        condition = _expression(at)
        at.expect("then")
        yes = _expression(at)
        at.expect("else")
        node = n.Choice(condition, yes, _expression(at))
    else:
        operands = [_both(at)]
        while at.accept("or"):
            operands.append(_both(at))
        node = n.Some(tuple(operands)) if len(operands) > 1 else operands[0]
    at.leave()
    return node


def _both(at: Cursor) -> n.Node:
    operands = [_compare(at)]
    while at.accept("and"):
        operands.append(_compare(at))
    return n.Every(tuple(operands)) if len(operands) > 1 else operands[0]


def _compare(at: Cursor) -> n.Node:
    left = _sum(at)
    if token := at.accept(*_COMPARISONS):
        return _comparison(at, token, left, _sum(at))
    if token := at.accept("between"):
        low = _sum(at)
        at.expect("and")
        high = _sum(at)
        impossible.check_order(at, token, low, high)
        return n.Every((n.Compare(">=", left, low), n.Compare("<=", left, high)))
    if at.accept("in"):
        if _range_ahead(at):
            return _range(at, left)
        if at.accept("("):
            return _tests(at, left, ")")
        return n.Matches(left, _sum(at))
    return left


def _sum(at: Cursor) -> n.Node:
    return chain(at, _product, "+", "-")


def _product(at: Cursor) -> n.Node:
    return chain(at, _sign, "*", "/")


def _sign(at: Cursor) -> n.Node:
    if not at.accept("-"):
        return _path(at)
    at.enter()
    operand = _sign(at)
    at.leave()
    if isinstance(operand, n.Literal) and not isinstance(operand.value, bool) and isinstance(
        operand.value, int | Decimal
    ):
        return n.Literal(-operand.value)  # a written number, so that its kind can be checked like any other's
    return n.Negative(operand)


def _path(at: Cursor) -> n.Node:
    target, keys = _term(at), list[n.Node]()
    while at.accept("."):
        if at.here.kind != "name":
            raise at.unexpected("name")
        keys.append(n.Literal(at.take().text))
    return n.Path(target, tuple(keys)) if keys else target


def _term(at: Cursor) -> n.Node:
    token = at.here
    if token.kind == "number" or (token.kind == "string" and token.text.startswith('"')):
        return n.Literal(at.take().value)
    if at.accept("?"):
        return _INPUT
    if at.accept("@"):
        if at.here.kind != "string":
            raise at.unexpected("date")
        return time_literal(at, token, at.take().value)
    if at.accept("("):
        node = _expression(at)
        at.expect(")")
        return node
    if at.accept("["):
        return n.Items(arguments(at, _expression, "]"))
    if at.sees("not") and at.sees_after(1, "("):
        at.take()
        at.take()
        operand = _expression(at)
        at.expect(")")
        return impossible.negation(at, token, operand)
    if token.kind != "name" or (token.text in _RESERVED and token.text not in _CONSTANTS):
        raise at.unexpected("value")
    at.take()
    if token.text == "date" and at.sees("and") and at.names_after(1, "time") and at.sees_after(2, "("):
        for _ in range(3):  # FEEL's one function here whose name has spaces: date and time("2026-01-31T09:00:00")
            at.take()
        return call(at, replace(token, text="dateTime"), arguments(at, _expression, ")"))
    if token.text in _CONSTANTS:
        return n.Literal(_CONSTANTS[token.text])
    if at.accept("("):
        return call(at, token, arguments(at, _expression, ")"))
    return n.Name(token.text)
