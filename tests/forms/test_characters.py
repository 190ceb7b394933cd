"""What is refused in a text that somebody types, what comes off it, and what stays."""

from __future__ import annotations

import pytest

from workflows.errors import Invalid
from workflows.forms import characters, free_texts

TURNING = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]


def typed(text: str) -> str:
    return free_texts({"reason": (text, 100)})["reason"]


@pytest.mark.parametrize("sign", [*TURNING, "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\ufffe", "\ud800", "\U000e0041"])
def test_a_character_that_nobody_types_is_refused_with_its_field(sign: str) -> None:
    with pytest.raises(Invalid) as refused:
        typed(f"出差{sign}期间")
    assert [(one.code, one.place) for one in refused.value.problems] == [("field.control_character", "reason")]


@pytest.mark.parametrize("mark", ["\u200b", "\u200e", "\u200f", "\u2060", "\ufeff", "\u00ad"])
def test_a_mark_without_width_comes_off(mark: str) -> None:
    assert typed(f"{mark}出差{mark}期间{mark}") == "出差期间"


@pytest.mark.parametrize(
    "text", ["第一行\n\t第二行", "某（上海）有限公司", "𠮷田", "葛\U000e0100城", "ﷺ", "café", "①、②", "买买提·吐尔逊"]
)  # fmt: skip
def test_what_people_write_stays(text: str) -> None:
    """Characters of any script, rare ones with the sign of their shape, tabs and lines."""
    assert typed(text) == text
    assert not characters.FOREIGN.search(text)
