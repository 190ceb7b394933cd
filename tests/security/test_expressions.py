"""Hostile expressions: none gives a value, none reaches Python, none costs more than a small machine can give."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import date

import pytest

from tests.security.payloads import LONG, PAYLOADS, VARIABLES
from workflows.engine import feel
from workflows.engine.expressions import Expression, parse, parse_value
from workflows.errors import Incident, Invalid


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


@pytest.mark.parametrize("text", ["null[facts]", "null[items]", "[1, 2] >= null[facts]", "items[facts]"])
def test_an_error_names_a_strange_key_by_its_kind_and_never_writes_it_out(text: str) -> None:
    class Opaque:
        def __repr__(self) -> str:
            raise AssertionError("written out")

    variables = {"facts": {"s": Opaque()}, "items": [Opaque()]}
    with pytest.raises(Incident) as failed:
        parse(text).evaluate(variables)
    assert failed.value.facts["reason"] in ("expression.unknown_key", "expression.no_member")
