"""Explanations in forms: a few marks are understood, everything else stays text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.markdown import Span, blocks, spans


def test_paragraphs_headings_and_lists_are_told_apart() -> None:
    found = blocks("# 说明\n\n第一行\n第二行\n\n另一段\n- 甲\n* 乙\n1. 丙\n2) 丁\n")
    assert [(block.kind, ["".join(span.text for span in line) for line in block.lines]) for block in found] == [
        ("heading", ["说明"]), ("text", ["第一行", "第二行"]), ("text", ["另一段"]), ("points", ["甲", "乙"]),
        ("numbers", ["丙", "丁"]),
    ]  # fmt: skip


def test_two_stars_make_it_strong() -> None:
    assert spans("请按**实际**填写__两次__。") == [
        Span("请按"), Span("实际", True), Span("填写"), Span("两次", True), Span("。"),
    ]  # fmt: skip
    assert spans("2 ** 3 和 <b>x</b> [y](javascript:z)") == [Span("2 ** 3 和 <b>x</b> [y](javascript:z)")]


@given(st.text(alphabet="甲a *_#-1.<>\n", max_size=60))
def test_no_word_is_lost(text: str) -> None:
    told = "".join(span.text for block in blocks(text) for line in block.lines for span in line)
    assert [c for c in told if c in "甲a<>"] == [c for c in text if c in "甲a<>"]
