"""The blocks a document is composed of. Each knows how to become strips; none knows about pages or about law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from workflows.documents import dates
from workflows.documents.fonts.faces import FANGSONG, HEI, KAI, TITLE, Fonts
from workflows.documents.layout import grid
from workflows.documents.layout.lines import Line, Span, glyphs, natural_width, set_lines
from workflows.documents.layout.strips import Rule, Seal, Strip, Text, baseline, blank, glue_end, text_strip

ENDS = ("。", "；", "：", "！", "？", "…", "”", "）", "》")


class Block(Protocol):
    """Anything that can be laid out below what is already there."""

    def add_to(self, strips: list[Strip], fonts: Fonts) -> None:
        """Append the block's strips. Raises Invalid("document.glyph_missing")."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. indent: first line, hang: other lines, in characters. keep: not parted from what follows."""

    spans: Sequence[Span] | str
    indent: float = 2
    hang: float = 0
    align: str = "justify"
    keep: bool = False

    def add_to(self, strips: list[Strip], fonts: Fonts) -> None:
        """One strip a line; a paragraph that leads to a list keeps its last line with it."""
        spans = [Span(self.spans)] if isinstance(self.spans, str) else self.spans
        lines = set_lines(
            spans, fonts, width=grid.WIDTH, first=self.indent * grid.CELL, hang=self.hang * grid.CELL, align=self.align
        )
        for index, line in enumerate(lines):
            strips.append(text_strip(line, glued=self.keep and index == len(lines) - 1))


def heading(text: str) -> Paragraph:
    """A heading of the first level, 一、in 黑体."""
    return Paragraph([Span(text, HEI)], keep=True)


def subheading(text: str) -> Paragraph:
    """A heading of the second level, （一）in 楷体."""
    return Paragraph([Span(text, KAI)], keep=True)


def field(label: str, value: str) -> Paragraph:
    """A labelled line such as 地址：…, from the left edge; further lines stand below the value."""
    return Paragraph([Span(f"{label}：", HEI), Span(value)], indent=0, hang=len(label) + 1)


def closed(text: str) -> str:
    """A sentence with its closing sign: people who fill forms leave it out."""
    return text if not text or text.endswith(ENDS) else f"{text}。"


def paragraphs(text: str) -> list[Paragraph]:
    """A text of several paragraphs, parted by line ends, each closed by a sign."""
    return [Paragraph(closed(part.strip())) for part in text.splitlines() if part.strip()]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two labelled values on one line, the second beginning in the middle: 职务：…  联系电话：…"""

    left: tuple[str, str]
    right: tuple[str, str]

    def add_to(self, strips: list[Strip], fonts: Fonts) -> None:
        """One strip, or two fields below each other when one of them needs more than its half."""
        half = grid.WIDTH / 2
        rows = [[Span(f"{label}：", HEI), Span(value)] for label, value in (self.left, self.right)]
        if any(natural_width(glyphs(row, fonts), grid.BODY) > half - grid.CELL for row in rows):
            for label, value in (self.left, self.right):
                field(label, value).add_to(strips, fonts)
            return
        base = baseline(grid.ROW, grid.BODY)
        lines = [set_lines(row, fonts, width=half, align="left")[0] for row in rows]
        strips.append(Strip(grid.ROW, (Text(0, base, lines[0]), Text(half, base, lines[1]))))


@dataclass(frozen=True, slots=True)
class Head:
    """The issuing agency, the title of the document and its number, above a rule."""

    agency: str
    title: str
    number: str = ""

    def add_to(self, strips: list[Strip], fonts: Fonts) -> None:
        """Title lines in 2号 小标宋, centred; the number right below, on the right (the ministry's forms)."""
        for text in (self.agency, self.title):
            for line in set_lines([Span(text, TITLE)], fonts, width=grid.WIDTH, size=grid.TITLE, align="center"):
                strips.append(
                    Strip(
                        grid.TITLE_LEADING, (Text(line.x, baseline(grid.TITLE_LEADING, grid.TITLE), line),),
                        glued=True, on_grid=False,
                    )
                )
        if self.number:
            line = set_lines([Span(self.number)], fonts, width=grid.WIDTH, align="right")[0]
            strips.append(text_strip(line, glued=True))
        strips.append(Strip(grid.ROW / 2, (Rule(0, 4, grid.WIDTH, 4, 0.8),), glued=True, on_grid=False))
        strips.append(Strip(0, glued=True))


@dataclass(frozen=True, slots=True)
class Signature:
    """The agency's name and the day, with room for the seal on both (GB/T 9704-2012, 7.3.5.1).

    The day ends 4 characters from the right edge; the name is centred on it. The block takes the last lines of the text
    along to a new page, so that it never stands there alone.
    """

    agency: str
    on: date

    def add_to(self, strips: list[Strip], fonts: Fonts) -> None:
        """Four glued lines; the seal's middle lies between name and day."""
        glue_end(strips)
        day = _single(dates.day(self.on), fonts)
        name = _single(f"{self.agency}（印章）", fonts)
        day_x = grid.WIDTH - 4 * grid.CELL - day.width
        middle = day_x + day.width / 2
        name_x = min(max(0.0, middle - name.width / 2), max(0.0, grid.WIDTH - name.width))
        base = baseline(grid.ROW, grid.BODY)
        strips.append(blank(glued=True))
        strips.append(Strip(grid.ROW, (Text(name_x, base, name), Seal(middle, grid.ROW)), glued=True))
        strips.append(Strip(grid.ROW, (Text(day_x, base, day),), glued=True))
        strips.append(blank())


@dataclass(frozen=True, slots=True)
class SignLine:
    """A line to sign by hand: 审核人（签名）：            年  月  日."""

    label: str
    on: date | None = None
    space: float = 7

    def add_to(self, strips: list[Strip], fonts: Fonts) -> None:
        """One line, kept with the two lines before it."""
        glue_end(strips)
        label = _single(f"{self.label}：", fonts)
        day = _single(dates.day(self.on) if self.on else "　　　年　　月　　日", fonts)
        base = baseline(grid.ROW, grid.BODY)
        start = 2 * grid.CELL + label.width
        end = max(start + 4 * grid.CELL, min(start + self.space * grid.CELL, grid.WIDTH - day.width - 2 * grid.CELL))
        rule = Rule(start, base + 3, end, base + 3)
        strips.append(
            Strip(
                grid.ROW,
                (Text(2 * grid.CELL, base, label), rule, Text(grid.WIDTH - day.width - grid.CELL, base, day)),
            )
        )


@dataclass(frozen=True, slots=True)
class Foot:
    """The note between two rules at the foot of the last page (版记): copies, 抄送. Kept with the signature."""

    notes: Sequence[str]

    def add_to(self, strips: list[Strip], fonts: Fonts) -> None:
        """One strip at the bottom of the type area, in 4号."""
        glue_end(strips, 1)
        cell = grid.cell(grid.SMALL)
        lines: list[Line] = []
        for note in self.notes:
            hang = note.find("：") + 2 if "：" in note[:5] else 1
            lines += set_lines(
                [Span(note, FANGSONG)], fonts, width=grid.WIDTH - cell, size=grid.SMALL, first=cell, hang=hang * cell
            )
        height = len(lines) * grid.SMALL_LEADING + 4
        marks: list[Text | Rule] = [Rule(0, 0, grid.WIDTH, 0, 0.8), Rule(0, height, grid.WIDTH, height, 0.8)]
        base = baseline(grid.SMALL_LEADING, grid.SMALL) + 2
        marks += [Text(line.x, base + index * grid.SMALL_LEADING, line) for index, line in enumerate(lines)]
        strips.append(Strip(height, tuple(marks), on_grid=False, at_bottom=True))


def _single(text: str, fonts: Fonts) -> Line:
    """A text on one line, as wide as it is."""
    return set_lines([Span(text)], fonts, width=10 * grid.WIDTH, align="left")[0]
