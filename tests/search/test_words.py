"""What of a text counts: width and case do not, signs part, a line's end inside of a word does not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.search import words
from workflows.search.excerpts import excerpt


@pytest.mark.parametrize(("text", "folded"), [
    ("安全\n生产", " 安全生产 "),
    ("张三，李四", " 张三 李四 "),
    ("应急罚〔２０２６〕12号", " 应急罚 2026 12 号 "),
    ("ＡＢＣ 公司", " abc 公司 "),
    ("-- \"*\" () ", ""),
    ("", ""),
])  # fmt: skip
def test_a_text_is_folded(text: str, folded: str) -> None:
    assert words.fold(text) == folded


@pytest.mark.parametrize(("question", "text"), [
    ("查验", "现场查验记录"), ("查", "现场查验记录"),
    ("应急罚[2026]12号", "衢应急罚〔2026〕12号"), ("应急罚2026", "应急罚〔2026〕3号"),
    ("ABC公司", "ａｂｃ公司"), ("91330", "统一社会信用代码91330212MA"), ("𬱖", "张𬱖"), ("安全生产", "安全生\n产责任"),
])  # fmt: skip
def test_a_text_has_all_grams_of_what_stands_in_it(question: str, text: str) -> None:
    folded = words.fold(text)
    known = words.grams(folded)
    for word in words.asked(question):
        assert words.within(word) in folded
        for gram, begins in words.required(word):
            assert gram in known or (begins and any(one.startswith(gram) for one in known))


@pytest.mark.parametrize(("question", "text"), [
    ("12", "第123号"), ("2026 12", "应急罚〔2026〕123号"), ("三李", "张三，李四"), ("号", "案件编码"), ("BC", "ABC"),
])  # fmt: skip
def test_what_does_not_stand_in_a_text_is_not_found_in_it(question: str, text: str) -> None:
    folded = words.fold(text)
    assert not all(words.within(word) in folded for word in words.asked(question))


@given(st.text(max_size=300))
def test_whatever_is_asked_becomes_a_few_plain_words(question: str) -> None:
    asked = words.asked(question)
    assert len(asked) <= words.MOST_WORDS
    for word in asked:
        assert word == " ".join(word.split())
        assert not re.search(r"[!-/:-@[-`{-~\x00-\x1f]", word)
        assert all(re.fullmatch(r"[0-9a-z]+", gram) for gram, _ in words.required(word))


@given(st.text(alphabet="安全生产张三12aB ，〔〕\n", min_size=1, max_size=60), st.integers(0, 58), st.integers(1, 8))
def test_every_stretch_of_a_text_that_does_not_cut_a_word_of_letters_is_found(text: str, start: int, size: int) -> None:
    """Substring semantics over Chinese; words of letters and digits count whole, or from their beginning."""
    piece = text[start : start + size]
    if re.search(r"[0-9a-zA-Z]", piece):
        return
    folded = words.fold(text)
    for word in words.asked(piece):
        assert words.within(word) in folded


def test_an_excerpt_shows_the_words_as_the_text_has_them() -> None:
    text = "前" * 200 + "依据ＡＢＣ公司安全生\n产责任制" + "后" * 200
    shown = excerpt(text, words.asked("安全生产 abc"))
    assert [piece.text for piece in shown if piece.hit] == ["ＡＢＣ", "安全生\n产"]
    assert shown[0].text == "…"
    assert shown[-1].text.endswith("…")
    assert excerpt("短文", []) == excerpt("短文", ["没有"])


def test_an_excerpt_never_marks_more_than_the_words() -> None:
    marked = [piece.text for piece in excerpt("第12号、第123号、12", words.asked("12")) if piece.hit]
    assert marked == ["12", "12"]
