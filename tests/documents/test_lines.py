"""Lines obey the Chinese rules whatever the text, lose nothing, and end at the right edge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.documents.fonts import fonts_of
from workflows.documents.layout import grid
from workflows.documents.layout.lines import CLOSING, OPENING, Line, Span, set_lines

WORDS = ["安全", "生产", "责令", "限期", "改正", "2023年4月13日", "30,000.00元", "〔2023〕", "《", "》", "（", "）",
         "，", "。", "、",
         "“", "”", "——", "第12条", "CO₂", "GB/T 9704-2012", "3%", "王𬭎", "；", "：", "第37—52页"]  # fmt: skip


def lines(text: str, width: float = grid.WIDTH, **how: object) -> list[Line]:
    return set_lines([Span(text)], fonts_of(), width=width, **how)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=120))
def test_no_line_begins_with_a_closing_sign_or_ends_with_an_opening_one(words: list[str]) -> None:
    made = lines("".join(words))
    signs = "".join(words)
    # A row of signs longer than a line has no allowed break; such a row is cut, anything else is not.
    if max((len(part) for part in _runs_of_signs(signs)), default=0) < 20:
        assert not [line.text for line in made[1:] if line.text[0] in CLOSING]
        assert not [line.text for line in made[:-1] if line.text[-1] in OPENING]


def _runs_of_signs(text: str) -> list[str]:
    return "".join(char if char in CLOSING | OPENING else " " for char in text).split()


@given(st.text(alphabet="安全，。《》（）2023年 ABC", max_size=300), st.floats(80, 450))
def test_nothing_is_lost_and_nothing_overruns_the_edge(text: str, width: float) -> None:
    made = lines(text, width)
    assert "".join(line.text for line in made).replace(" ", "") == text.replace(" ", "")
    assert all(_right_of_ink(line) <= width + 0.1 for line in made)


def _right_of_ink(line: Line) -> float:
    """Where the line's ink ends: a closing sign at the end has an empty right half."""
    half = grid.CELL / 2 if line.text[-1:] in set("，。》）") and line.text[-1:] else 0.0
    return line.width - half


def test_twenty_eight_characters_fill_a_line_on_the_grid() -> None:
    first, second = lines("安" * 56)
    assert len(first.text) == len(second.text) == 28
    assert first.width == pytest.approx(grid.WIDTH)
    assert [run.x for run in first.runs] == [0]


def test_a_paragraph_is_indented_by_two_characters() -> None:
    first, second = lines("安" * 40, first=2 * grid.CELL)
    assert len(first.text) == 26
    assert first.x == pytest.approx(2 * grid.CELL)
    assert second.x == 0


WHOLE = ["2023年", "30,000.00元", "〔2023〕", "GB/T", "第12条", "——", "3%", "CO₂", "￥2,000.00"]


@pytest.mark.parametrize("whole", WHOLE)
def test_what_belongs_together_stays_on_one_line(whole: str) -> None:
    for before in range(20, 29):
        made = lines("安" * before + whole + "全" * 30)
        assert any(whole in line.text for line in made), before


def test_a_closing_sign_may_lose_its_empty_half_to_stay_on_its_line() -> None:
    first = lines("安" * 26 + "20。" + "安")[0]
    assert first.text.endswith("20。")
    assert grid.WIDTH < first.width <= grid.WIDTH + grid.CELL / 2 + 0.01


def test_a_word_longer_than_the_line_is_cut() -> None:
    made = lines("https://" + "a" * 200)
    assert len(made) > 1
    assert all(line.width <= grid.WIDTH + 0.1 for line in made)


def test_lines_with_latin_words_end_at_the_edge() -> None:
    made = lines("依据GB/T 9704-2012的规定，" * 12)
    assert all(_right_of_ink(line) <= grid.WIDTH + 0.1 for line in made)
    assert all(line.width == pytest.approx(grid.WIDTH, abs=grid.CELL / 2 + 0.1) for line in made[:-1])


def test_the_neighbours_of_one_font_are_drawn_as_one_piece() -> None:
    (line,) = lines("安全生产违法行为")
    assert [run.text for run in line.runs] == ["安全生产违法行为"]
