"""Pages hold 22 lines, keep together what belongs together, and repeat the header of a table."""

from __future__ import annotations

from datetime import date

import pytest

from workflows.documents.fonts import Fonts
from workflows.documents.kinds.parts import Sections
from workflows.documents.layout import grid
from workflows.documents.layout.blocks import Block, Foot, Paragraph, Signature, SignLine
from workflows.documents.layout.strips import Page, Rule, Seal, Strip, Text, paginate
from workflows.documents.layout.tables import Column, Table


def laid_out(blocks: list[Block], fonts: Fonts) -> list[Page]:
    strips: list[Strip] = []
    for block in blocks:
        block.add_to(strips, fonts)
    return paginate(strips)


def texts(page: Page) -> list[str]:
    return [mark.line.text for _, strip in page.strips for mark in strip.marks if isinstance(mark, Text)]


def test_a_full_page_has_twenty_two_lines_of_twenty_eight_characters(fonts: Fonts) -> None:
    first, second = laid_out([Paragraph("安" * 28 * 30, indent=0)], fonts)
    assert [len(text) for text in texts(first)] == [28] * 22
    assert len(texts(second)) == 8


@pytest.mark.parametrize("count", range(14, 30))
def test_a_signature_never_stands_on_a_page_without_text(count: int, fonts: Fonts) -> None:
    body = Paragraph("安" * 28 * count, indent=0)
    pages = laid_out([body, Signature("衢州市应急管理局", date(2024, 4, 13)), Foot(["本文书一式两份。"])], fonts)
    last = texts(pages[-1])
    assert "2024年4月13日" in last
    assert sum(1 for text in last if set(text) == {"安"}) >= 2
    assert sum(text.count("安") for page in pages for text in texts(page)) == 28 * count


def test_the_day_ends_four_characters_from_the_edge_and_the_seal_lies_on_name_and_day(fonts: Fonts) -> None:
    (page,) = laid_out([Paragraph("正文。"), Signature("衢州市应急管理局", date(2024, 4, 13))], fonts)
    marks = [(top, mark) for top, strip in page.strips for mark in strip.marks]
    name, day = (next((top, mark) for top, mark in marks if isinstance(mark, Text) and key in mark.line.text)
                 for key in ("衢州市", "2024年"))  # fmt: skip
    seal = next((top + mark.y, mark) for top, mark in marks if isinstance(mark, Seal))
    assert isinstance(day[1], Text)
    assert isinstance(name[1], Text)
    assert day[1].x + day[1].line.width == pytest.approx(grid.WIDTH - 4 * grid.CELL)
    assert seal[0] == pytest.approx(day[0])
    middle = name[1].x + name[1].line.width / 2
    assert middle == pytest.approx(day[1].x + day[1].line.width / 2)


def test_a_heading_never_ends_a_page(fonts: Fonts) -> None:
    pages = laid_out([Paragraph("安" * 28 * 21, indent=0), Sections().heading("违法事实"), Paragraph("正文。")], fonts)
    assert texts(pages[1]) == ["一、违法事实", "正文。"]


def test_a_long_table_goes_on_with_its_header(fonts: Fonts) -> None:
    table = Table([Column("序号", 1, "center"), Column("证据名称", 6)], [[str(n), "现场检查记录"] for n in range(60)])
    pages = laid_out([Paragraph("证据如下："), table], fonts)
    assert len(pages) == 3
    assert all(texts(page)[:2] == ["序号", "证据名称"] for page in pages[1:])
    numbers = [text for page in pages for text in texts(page) if text.isdigit()]
    assert numbers == [str(n) for n in range(60)]


def test_a_row_higher_than_a_page_is_cut_between_lines_and_closed_by_a_rule(fonts: Fonts) -> None:
    table = Table([Column("要点", 1), Column("意见", 5)], [["事实", "安全生产" * 800]])
    pages = laid_out([table], fonts)
    assert len(pages) > 1
    assert sum(text.count("产") for page in pages for text in texts(page)) == 800
    for page in pages:
        top, last = next((top, strip) for top, strip in reversed(page.strips) if strip.marks)
        assert any(isinstance(mark, Rule) and mark.y1 == mark.y2 == last.height for mark in last.marks)
        assert top + last.height <= grid.HEIGHT + 0.1


def test_the_note_stands_at_the_foot_of_the_type_area(fonts: Fonts) -> None:
    (page,) = laid_out([Paragraph("正文。"), Signature("某局", date(2024, 1, 1)), Foot(["抄送：某检察院。"])], fonts)
    top, foot = page.strips[-1]
    assert top + foot.height == pytest.approx(grid.HEIGHT)


def test_lines_to_sign_keep_the_text_before_them(fonts: Fonts) -> None:
    body = Paragraph("安" * 28 * 22, indent=0)
    pages = laid_out([body, SignLine("主持人（签名）"), SignLine("记录人（签名）")], fonts)
    assert texts(pages[1])[0] == "安" * 28
