"""Expressions that try to escape are refused, fail, or give a plain value; and whoever lets one out is found (H5)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from tests.hostile import escapes, watch
from tests.hostile.expression_fuzz import Maker
from tests.security.payloads import VARIABLES
from workflows.engine import nodes
from workflows.engine.expressions import Expression


def test_a_few_thousand_expressions_do_not_escape() -> None:
    figures = escapes.measure(5_000)
    assert figures.failures == 0, figures.wrong
    assert figures.n > 7_000


def test_the_made_expressions_reach_all_parts_of_the_language() -> None:
    found = escapes.run(7, 4_000)
    assert found.values > 400
    assert found.refused > 400
    assert found.failed > 200
    assert found.operations > 100


def test_the_same_seed_makes_the_same_expressions() -> None:
    one, other = Maker(3), Maker(3)
    assert [one.next() for _ in range(50)] == [other.next() for _ in range(50)]


class Leak(Expression):
    """An evaluator as they are usually written."""

    def evaluate(self, variables: Mapping[str, Any], operations: int = 0) -> Any:
        return eval(self.source, {}, dict(variables))  # noqa: S307 (what must be found)


def leaking(text: str) -> Expression:
    return Leak(text, frozenset(), nodes.Literal(1))


@pytest.mark.parametrize(
    "text",
    [
        "().__class__", "open('/dev/null').close()", "__import__('this_is_nowhere')", "9 ** 99", "'a' * 20000",
        "secret", "[secret]", "str(len)", "secret == 1", "items.append(secret)", "1 / 0", "b'bytes'", "{1: {2, 3}}",
        "lambda: 1", "list(range(20000))", "[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]", "(lambda: 0).__code__",
        "1 +", "compile('1', '', 'eval') and 1",
    ],
)  # fmt: skip
def test_an_escape_is_found(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escapes, "READERS", (leaking,))
    loose = {**escapes.LET_LOOSE, "items": [1, 2, 3]}
    monkeypatch.setattr(escapes, "LET_LOOSE", loose)
    monkeypatch.setattr(escapes, "_warm_up", lambda: None)
    assert escapes.judge([text]).escapes, text


def test_changed_variables_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escapes, "READERS", (leaking,))
    monkeypatch.setattr(escapes, "_warm_up", lambda: None)
    monkeypatch.setattr(escapes, "LET_LOOSE", {**escapes.LET_LOOSE, "items": [1, 2, 3]})
    assert "changed" in " ".join(escapes.judge(["items.append(4)"]).escapes)


def test_an_input_that_does_not_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escapes, "READERS", (leaking,))
    monkeypatch.setattr(escapes, "_warm_up", lambda: None)
    monkeypatch.setattr(escapes, "HANG_SECONDS", 0.2)
    assert "hangs" in escapes.judge(["[None for _ in iter(int, 1)]"]).escapes[0]


def test_a_plain_value_is_no_escape() -> None:
    for value in (None, True, 1, "a", [1, ["b"]], {"a": [None]}, VARIABLES["day"]):
        assert escapes.strange(value, "") is None


def test_the_watch_sees_files_imports_and_code() -> None:
    with watch.auditing() as events:
        eval("1")  # noqa: S307
        with open("/dev/null"):
            pass
    assert {event.split(" ")[0] for event in events} >= {"compile", "exec", "open"}


def test_the_outcome_of_batches_adds_up() -> None:
    whole, one = escapes.Outcome(), escapes.run(1, 100)
    whole.add(one)
    whole.add(one)
    assert dataclasses.asdict(whole)["tried"] == 200
    assert whole.operations == one.operations
