"""A plain sheet of paper: a title and a text, on the page of official documents, without number or seal."""

from __future__ import annotations

from datetime import date

from workflows.calendar import clock
from workflows.documents.fonts.faces import TITLE, Fonts
from workflows.documents.layout import grid
from workflows.documents.layout.blocks import paragraphs
from workflows.documents.layout.lines import Span, set_lines
from workflows.documents.layout.paint import paint
from workflows.documents.layout.strips import Strip, Text, baseline, blank, paginate
from workflows.documents.reading import clean


def plain_sheet(title: str, text: str, fonts: Fonts, on: date | None = None) -> bytes:
    """The PDF of a title and a text whose paragraphs are parted by line ends; on: its date, today if not given.

    Raises Invalid("document.glyph_missing").
    """
    strips: list[Strip] = []
    base = baseline(grid.TITLE_LEADING, grid.TITLE)
    for line in set_lines([Span(clean(title), TITLE)], fonts, width=grid.WIDTH, size=grid.TITLE, align="center"):
        strips.append(Strip(grid.TITLE_LEADING, (Text(line.x, base, line),), glued=True, on_grid=False))
    strips.append(blank(glued=True))
    for paragraph in paragraphs(clean(text)):
        paragraph.add_to(strips, fonts)
    return paint(paginate(strips), fonts, title=title, author="", subject=title, on=on or clock.today()).pdf
