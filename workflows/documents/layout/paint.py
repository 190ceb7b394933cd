"""Draws laid-out pages as PDF. The same pages give the same bytes: nothing in the file depends on when or where."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFString
from reportlab.pdfgen.canvas import Canvas

from workflows.calendar.clock import SHANGHAI
from workflows.documents.fonts.faces import SONG, Fonts
from workflows.documents.layout import grid
from workflows.documents.layout.lines import Span, set_lines
from workflows.documents.layout.strips import Page, Rule, Seal, Text


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Where the agency's seal goes: page (from 1), the middle of a round seal in points from the page's lower left."""

    page: int
    x: float
    y: float
    diameter: float = grid.SEAL_DIAMETER


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished document: its bytes, how many pages it has, and where its seal goes (None: it takes none)."""

    pdf: bytes
    pages: int
    seal: SealPlace | None


class _Stamp:
    """The moment a file claims to be made: noon of the day the document bears, in Shanghai (reportlab's own shape)."""

    dhh, dmm = 8, 0

    def __init__(self, day: date) -> None:
        self.YMDhms = (day.year, day.month, day.day, 12, 0, 0)
        self.t = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI).astimezone(UTC).timestamp()


def paint(
    pages: Sequence[Page], fonts: Fonts, *, title: str, author: str, subject: str, on: date, mark: str = ""
) -> Rendered:
    """Draw the pages.

    title, author, subject: the file's own description. on: the day the document bears, taken as the file's date.
    mark: a line above the type area of every page, which tells a preview from an issued document.
    """
    buffer = io.BytesIO()
    first = fonts.glyph(SONG, "1").font  # named first, so that the file never mentions an unembedded Helvetica
    canvas: Any = Canvas(
        buffer, pagesize=(grid.PAGE_WIDTH, grid.PAGE_HEIGHT), invariant=1, pageCompression=1, initialFontName=first,
        initialFontSize=grid.SMALL,
    )
    document = canvas._doc
    document._timeStamp = _Stamp(on)
    document.Catalog.Lang = PDFString("zh-CN")
    document.Catalog.ViewerPreferences = PDFDictionary({"DisplayDocTitle": PDFName("true")})
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setSubject(subject)
    canvas.setCreator("法审")
    seal: SealPlace | None = None
    for number, page in enumerate(pages, start=1):
        for top, strip in page.strips:
            for drawn in strip.marks:
                if isinstance(drawn, Seal):
                    x, y = _at(drawn.x, top + drawn.y)
                    seal = SealPlace(number, x, y)
                else:
                    _draw(canvas, drawn, top)
        _number_page(canvas, fonts, number)
        if mark:
            _mark_page(canvas, fonts, mark)
        canvas.showPage()
    canvas.save()
    return Rendered(buffer.getvalue(), len(pages), seal)


def _at(x: float, y: float) -> tuple[float, float]:
    """From the type area's upper left, y down, to the page's lower left, y up."""
    return grid.BINDING + x, grid.PAGE_HEIGHT - grid.TOP - y


def _draw(canvas: Any, mark: Text | Rule, top: float) -> None:
    if isinstance(mark, Rule):
        canvas.setLineWidth(mark.weight)
        canvas.line(*_at(mark.x1, top + mark.y1), *_at(mark.x2, top + mark.y2))
        return
    text = canvas.beginText()
    for run in mark.line.runs:
        x, y = _at(mark.x + run.x, top + mark.y)
        text.setTextOrigin(x, y)
        text.setFont(run.font, mark.line.size)
        text.setCharSpace(run.spacing)
        text.textOut(run.text)
    text.setCharSpace(0)
    canvas.drawText(text)


def _mark_page(canvas: Any, fonts: Fonts, mark: str) -> None:
    """The mark of a preview in 4号 宋体, on the left above the type area, where GB/T 9704-2012 puts nothing."""
    line = set_lines([Span(mark, SONG)], fonts, width=grid.WIDTH, size=grid.SMALL, align="left")[0]
    _draw(canvas, Text(0, 0.88 * grid.SMALL, line), -2 * grid.SMALL_LEADING)


def _number_page(canvas: Any, fonts: Fonts, number: int) -> None:
    """— 1 — in 4号 宋体 below the type area: odd pages on the right, even ones on the left, one character in."""
    line = set_lines([Span(f"— {number} —", SONG)], fonts, width=grid.WIDTH, size=grid.SMALL, align="left")[0]
    inset = grid.cell(grid.SMALL)
    x = grid.WIDTH - inset - line.width if number % 2 else inset
    _draw(canvas, Text(x, grid.PAGE_NUMBER_DROP + 0.88 * grid.SMALL, line), grid.HEIGHT)
