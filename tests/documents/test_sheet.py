"""A plain sheet carries a title and paragraphs."""

from __future__ import annotations

from datetime import date

import pypdfium2

from workflows.documents.fonts import Fonts
from workflows.documents.sheet import plain_sheet


def test_a_sheet_holds_title_and_text_and_is_the_same_every_time(fonts: Fonts) -> None:
    made = plain_sheet("询问笔录", "问：何时上岗\n答：2023年9月。\n" * 30, fonts, date(2024, 3, 1))
    document = pypdfium2.PdfDocument(made)
    text = "".join("".join(page.get_textpage().get_text_bounded() for page in document).split())
    assert text.startswith("询问笔录问：何时上岗。答：2023年9月。")
    assert text.count("答：") == 30
    assert len(document) == 3
    assert made == plain_sheet("询问笔录", "问：何时上岗\n答：2023年9月。\n" * 30, fonts, date(2024, 3, 1))
