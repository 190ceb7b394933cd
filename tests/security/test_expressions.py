"""Hostile expressions: none gives a value, none reaches Python, none costs more than a small machine can give."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from workflows.engine import feel
from workflows.engine.expressions import Expression, parse, parse_value
from workflows.errors import Incident, Invalid

PAYLOADS = [
    line
    for line in (Path(__file__).parent / "expression_payloads.txt").read_text("utf-8").split("\n")
    if line and not line.startswith("# ")
]
LONG = [
    "(" * 20_000, "[" * 20_000, "-" * 20_000 + "1", "!" * 20_000 + "true", "(" * 400 + "1" + ")" * 400,
    "1" + "+1" * 20_000,
    "a" * 100_000, "9" * 5_000, "'a'" + "+'a'" * 5_000, "true ? " * 2_000 + "1" + " : 1" * 2_000, "a" + ".a" * 50_000,
    "a" + "[0]" * 50_000, "not(" * 400, "[1.." * 400, "if true then " * 300, "1 in (" * 300, "? " * 20_000,
    # within the length, as deep and as long as can be
    "(" * 499 + ")" * 499, "-" * 999 + "1", "!" * 995 + "true", "1" + "*9" * 499, "'" + "a" * 998 + "'",
    "a" + "[0]" * 300,
    "1 in (" * 150, "[" * 999, "not(" * 249, "1," * 499 + "1", "[1..1]," * 140 + "1", "(((1..2" * 140,
]  # fmt: skip
VARIABLES: dict[str, Any] = {
    "amount": 30000, "name": "abc", "flag": True, "items": [1, 2, 3], "facts": {"a": 1}, "day": date(2024, 1, 1),
    "?": 1,
}  # fmt: skip


def outcome(read: Callable[[str], Expression], text: str) -> object:
    """What the payload gave, or the error that answered it."""
    try:
        return read(text).evaluate(VARIABLES)
    except (Invalid, Incident) as error:
        return error


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 200


def test_no_payload_gives_a_value() -> None:
    given = {text: value for text in PAYLOADS if not isinstance(value := outcome(parse, text), Invalid | Incident)}
    assert given == {}


def test_no_payload_gives_a_value_between_dollar_braces() -> None:
    """`#` inside is not a comment and a brace ends the expression, so a few read differently; none gives a value."""
    texts = [f"${{{text}}}" for text in PAYLOADS]
    given = {text: value for text in texts if not isinstance(value := outcome(parse, text), Invalid | Incident)}
    assert given == {}


@pytest.mark.parametrize("read", [parse, parse_value, feel.parse_tests, feel.parse_feel])
def test_payloads_in_every_reader_end_in_plain_data_or_an_error_of_ours(read: Callable[[str], Expression]) -> None:
    """In FEEL `1 = 1` is a comparison and in a mix most payloads are only texts: harmless data, never an object."""
    plain = (str, int, bool, type(None), list, date, Invalid, Incident)
    for text in PAYLOADS + LONG:
        assert isinstance(outcome(read, text), plain), text


def test_cells_that_name_pythons_machinery_are_refused() -> None:
    for text in PAYLOADS:
        if "__" in text and not text.startswith(("'", '"')):
            for read in (feel.parse_tests, feel.parse_feel):
                assert isinstance(outcome(read, text), Invalid | Incident), text


def test_payloads_take_little_memory() -> None:
    tracemalloc.start()
    try:
        for text in PAYLOADS + LONG:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            for read in (parse, feel.parse_tests):
                outcome(read, text)
            assert tracemalloc.get_traced_memory()[1] - before < 2_000_000, text[:60]
    finally:
        tracemalloc.stop()
