"""YAML from strangers is plain data, or refused with an error of ours."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest

from workflows.engine.plain_yaml import MAX_BYTES, MAX_DEPTH, MAX_EVENTS, line_of, plain, repeated_keys
from workflows.errors import Invalid

LAUGHS = "a0: &a0 [x,x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1},*a{n - 1},*a{n - 1}]\n" for n in range(1, 30))
HOSTILE = {
    "billion laughs": LAUGHS.encode(),
    "an anchor": b"a: &x 1",
    "a list that holds itself": b"a: &x [*x]",
    "a merge by alias": b"a: &x {b: 1}\nc: {<<: *x}",
    "an object of Python": b"a: !!python/object/apply:os.system [id]",
    "a tag": b"a: !!timestamp x",
    "a number without digits": b"a: !!int ''",
    "a truth that is none": b"a: !!bool maybe",
    "an own tag": b"a: !x y",
    "a long number": b"a: " + b"9" * 5_000,
    "deep lists": b"[" * 10_000,
    "deep items": b"- " * 5_000 + b"x",
    "deep mappings": b"a: " + b"{a: " * 5_000,
    "one level too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "many values": b"[" + b"1," * MAX_EVENTS + b"]",
    "many bytes": b"a: " + b"x" * MAX_BYTES,
    "two documents": b"a: 1\n---\nb: 2",
    "no UTF-8": b"a: \xff",
    "UTF-16": "a: 1".encode("utf-16"),
    "NUL": b"a: \0",
    "a surrogate": b"a: \xed\xa0\x80",
    "a list for a key": b"? [1]\n: 2",
    "unclosed": b"a: [1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_could_do_harm_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        plain(HOSTILE[name])
    assert refused.value.code == "package.yaml"
    assert len(refused.value.facts["reason"]) <= 300


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a: 1\nb: [x, true, null, 1.5]", {"a": 1, "b": ["x", True, None, 1.5]}),
        ("a: 2024-13-45", {"a": "2024-13-45"}),
        ("a: 2024-01-31", {"a": "2024-01-31"}),
        ("\ufeff标题: {zh: 审核, en: Review}", {"标题": {"zh": "审核", "en": "Review"}}),
        ("<<: {a: 1}\nb: =", {"<<": {"a": 1}, "b": "="}),
        ("", None),
        ("[" * MAX_DEPTH + "]" * MAX_DEPTH, None),
    ],
)
def test_plain_data_is_read(text: str, meaning: Any) -> None:
    assert meaning is None or plain(text.encode()) == meaning
    plain(text.encode())


def test_the_line_of_an_entry_is_told_through_mappings_and_lists() -> None:
    text = b"a: 1\nlist:\n- {x: 1}\n- x: 2\n  y: 3\n1: one\n"
    assert [line_of(text, *way) for way in (("a",), ("list",), ("list", "1"), ("list", "1", "y"))] == [1, 2, 4, 5]
    assert [line_of(text, *way) for way in (("list", "2"), ("a", "b"), ("b",))] == [None, None, None]


def test_a_key_that_would_merge_a_mapping_is_a_key_like_any_other() -> None:
    assert repeated_keys(b"a: 1\n<<: {gates: []}\n<<: {}\n=: 1") == [("<<", 3)]


def test_a_file_that_is_wrong_in_a_thousand_places_is_read_once() -> None:
    text = b"".join(b"k%d: {x: 1}\n" % number for number in range(1_500))
    begun = process_time()
    assert [line_of(text, f"k{number}", "x") for number in range(1_500)] == list(range(1, 1_501))
    assert process_time() - begun < 5  # once each it took half a minute
