"""Tables with borders that go on over pages with their header repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from workflows.documents.fonts.faces import FANGSONG, HEI, Fonts
from workflows.documents.layout import grid
from workflows.documents.layout.lines import Line, Span, set_lines
from workflows.documents.layout.strips import Mark, Rule, Strip, Text, baseline, blank

PADDING_X, PADDING_Y = 4.0, 4.0
GAP_ABOVE = 3.0
SIGNING = 36.0  # the height of a row to sign in
WHOLE = 10  # lines: a row up to this height is never cut


@dataclass(frozen=True, slots=True)
class Column:
    """One column: heading, share of the table's width, and how its cells are aligned (left | center | right)."""

    heading: str
    share: float
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a header. A row is as long as there are columns; texts may hold line ends.

    tall: rows leave room to sign by hand.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    tall: bool = False

    def add_to(self, strips: list[Strip], fonts: Fonts) -> None:
        """The header glued to the first row, then the rows; long rows are cut between lines."""
        total = sum(column.share for column in self.columns)
        edges = [0.0]
        for column in self.columns:
            edges.append(edges[-1] + grid.WIDTH * column.share / total)
        widths = [right - left for left, right in pairwise(edges)]
        heads = [
            _cell(column.heading, width, HEI, "center", fonts)
            for column, width in zip(self.columns, widths, strict=True)
        ]
        header = _whole(heads, edges, top=True)
        strips += [Strip(GAP_ABOVE, glued=True, on_grid=False), replace(header, glued=True)]
        repeated = (replace(header, on_grid=True),)
        for row in self.rows:
            cells = [
                _cell(text, width, FANGSONG, column.align, fonts)
                for column, width, text in zip(self.columns, widths, row, strict=True)
            ]
            height = max(len(cell) for cell in cells)
            least = SIGNING if self.tall else 0.0
            pieces = [_whole(cells, edges, least=least)] if height <= WHOLE else _cut(cells, edges, height)
            strips.extend(replace(piece, header=repeated) for piece in pieces)
        strips.append(replace(blank(0.3), on_grid=False))


def _cell(text: str, width: float, face: str, align: str, fonts: Fonts) -> list[Line]:
    lines: list[Line] = []
    for part in text.splitlines() or [""]:
        lines += set_lines(
            [Span(part.strip(), face)], fonts, width=width - 2 * PADDING_X, size=grid.TABLE,
            align="justify" if align == "left" else align,
        )
    return lines


def _borders(edges: Sequence[float], height: float) -> list[Mark]:
    return [Rule(x, 0, x, height) for x in edges]


def _across(edges: Sequence[float], y: float) -> Rule:
    return Rule(edges[0], y, edges[-1], y)


def _whole(cells: Sequence[Sequence[Line]], edges: Sequence[float], *, top: bool = False, least: float = 0) -> Strip:
    """A row in one strip, at least `least` points high; its cells stand in the middle of its height."""
    height = max(least, max(len(cell) for cell in cells) * grid.TABLE_LEADING + 2 * PADDING_Y)
    marks = _borders(edges, height)
    marks.append(_across(edges, height))
    if top:
        marks.append(_across(edges, 0))
    base = baseline(grid.TABLE_LEADING, grid.TABLE)
    for left, cell in zip(edges, cells, strict=False):
        y = (height - len(cell) * grid.TABLE_LEADING) / 2 + base
        marks += [Text(left + PADDING_X + line.x, y + i * grid.TABLE_LEADING, line) for i, line in enumerate(cell)]
    return Strip(height, tuple(marks), on_grid=False)


def _cut(cells: Sequence[Sequence[Line]], edges: Sequence[float], lines: int) -> list[Strip]:
    """A high row as one strip a line; the first two and the last two lines stay together."""
    pieces = []
    base = baseline(grid.TABLE_LEADING, grid.TABLE)
    for index in range(lines):
        before = PADDING_Y if index == 0 else 0.0
        height = grid.TABLE_LEADING + before + (PADDING_Y if index == lines - 1 else 0.0)
        marks = _borders(edges, height)
        marks += [
            Text(left + PADDING_X + cell[index].x, before + base, cell[index])
            for left, cell in zip(edges, cells, strict=False) if index < len(cell)
        ]
        if index == lines - 1:
            marks.append(_across(edges, height))
        seam = None if index == lines - 1 else (edges[0], edges[-1])
        pieces.append(Strip(height, tuple(marks), glued=index in (0, lines - 2), on_grid=False, seam=seam))
    return pieces
