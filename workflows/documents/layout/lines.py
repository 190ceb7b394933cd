"""Breaks Chinese text into lines and sets it on the character grid.

Rules (GB/T 15834-2011, 标点符号用法, 5.1): no closing sign at a line's start, no opening one at its end; —— and …… are
never parted. Beyond that: numbers with what they count, Latin words, 〔2023〕 and amounts stay whole. Lines are
justified: a line of full-width characters sits on the grid as it is, others spread the rest over their gaps. A closing
sign that would overrun the line may lose its empty half (标点挤压), so that it needs not pull its neighbour down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from workflows.documents.fonts.faces import FANGSONG, Fonts, Glyph
from workflows.documents.layout.grid import BODY, cell

CLOSING = frozenset("。，、；：？！）》」』】〕〉”’．％‰℃…—·,.;:!?)]}%")
OPENING = frozenset("（《「『【〔〈“‘￥¥([{")
SQUEEZABLE = frozenset("。，、；：．）》」』】〕〉")
RANGE = frozenset("—–～~-")
COUNTED = frozenset("年月日时分秒号条款项万亿元角吨米人名份页次个户处起%‰℃㎡")
MOST_STRETCH = 0.2  # em a gap: a line that would need more stays ragged


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one face."""

    text: str
    face: str = FANGSONG


@dataclass(frozen=True, slots=True)
class Placed:
    """A run of characters of one font at a place on its line: x from the line's start, points between characters."""

    x: float
    text: str
    font: str
    spacing: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line, ready to draw. x: where it starts within its box; width: as drawn; size: of its characters."""

    runs: tuple[Placed, ...]
    x: float
    width: float
    size: float

    @property
    def text(self) -> str:
        """The characters of the line."""
        return "".join(run.text for run in self.runs)


def glyphs(spans: Sequence[Span], fonts: Fonts) -> list[Glyph]:
    """The characters of the spans with their fonts; a line end inside a paragraph is no character.

    Raises Invalid("document.glyph_missing").
    """
    return [fonts.glyph(span.face, char) for span in spans for char in span.text if char != "\n"]


def may_break(before: Glyph, after: Glyph) -> bool:
    """Whether a line may end between two characters."""
    left, right = before.char, after.char
    if right == " " or right in CLOSING or left in OPENING:
        return False
    if left == " ":
        return True
    if not before.full and not after.full:
        return False
    if right.isdigit() and (left == "第" or left in RANGE):
        return False
    return not (left.isdigit() and right in COUNTED)


def advance(glyph: Glyph, size: float) -> float:
    """How far a character moves the pen when nothing is stretched."""
    return cell(size) if glyph.full else glyph.width * size


def natural_width(row: Sequence[Glyph], size: float) -> float:
    """The width of a row of characters when nothing is stretched or squeezed."""
    return sum(advance(glyph, size) for glyph in row)


def _squeeze(row: Sequence[Glyph], size: float) -> list[float]:
    """How much each character can give: a closing sign its empty half, at the end or before another sign."""
    half = cell(size) / 2
    following = [*row[1:], None]
    return [
        half if glyph.full and glyph.char in SQUEEZABLE
        and (after is None or after.char in SQUEEZABLE or after.char in OPENING) else 0.0
        for glyph, after in zip(row, following, strict=True)
    ]


def _end(row: Sequence[Glyph], start: int, width: float, size: float) -> int:
    """Where the line that begins at `start` ends: the last allowed break that fits, squeezed if need be."""
    best, used = start, 0.0
    for index in range(start, len(row)):
        glyph = row[index]
        used += advance(glyph, size)
        if used - (index - start + 1) * cell(size) / 2 > width:
            break
        last = index + 1 == len(row)
        if not last and not may_break(glyph, row[index + 1]):
            continue
        visible = _without_trailing_spaces(row[start : index + 1])
        needed = natural_width(visible, size)
        if needed <= width + 0.01 or needed - sum(_squeeze(visible, size)) <= width + 0.01:
            best = index + 1
        elif needed - sum(_squeeze(visible, size)) > width + cell(size):
            break
    if best > start:
        return best
    best, used = start, 0.0  # one unbreakable piece wider than the line: cut it where it overruns
    while best < len(row) and used + advance(row[best], size) <= width + 0.01:
        used += advance(row[best], size)
        best += 1
    return max(best, start + 1)


def _without_trailing_spaces(row: Sequence[Glyph]) -> Sequence[Glyph]:
    end = len(row)
    while end and row[end - 1].char == " ":
        end -= 1
    return row[:end]


def _place(row: Sequence[Glyph], x: float, width: float, size: float, *, justify: bool) -> Line:
    """Set one line: squeeze it into `width`, or stretch its gaps to fill it."""
    row = _without_trailing_spaces(row)
    gives = [0.0] * len(row)
    natural = natural_width(row, size)
    if natural > width + 0.01:
        room = _squeeze(row, size)
        share = min(1.0, (natural - width) / sum(room)) if sum(room) else 0.0
        gives = [give * share for give in room]
        if gives and gives[-1]:  # the half that hangs over the edge is empty: nothing to draw there
            gives[-1] = 0.0
    gaps = [_stretches(left, right) for left, right in pairwise(row)]
    slack = width - natural
    stretch = slack / sum(gaps) if justify and any(gaps) else 0.0
    stretch = stretch if 0 < stretch <= MOST_STRETCH * size else 0.0
    pens, pen = [], 0.0
    for index, glyph in enumerate(row):
        pens.append(pen)
        pen += advance(glyph, size) - gives[index]
        if index < len(gaps) and gaps[index]:
            pen += stretch
    return Line(_runs(row, pens, size), x, pen, size)


def _stretches(left: Glyph, right: Glyph) -> bool:
    """A gap may grow where one side is a full-width character or a space, but not inside —— and ……."""
    if left.char == right.char and left.char in "—…":
        return False
    return left.full or right.full or left.char == " "


def _runs(row: Sequence[Glyph], pens: Sequence[float], size: float) -> tuple[Placed, ...]:
    """Join neighbours of one font whose distance is the same, so that the file holds words and not single letters."""
    runs: list[Placed] = []
    start = 0
    while start < len(row):
        end = start + 1
        spacing = 0.0
        while end < len(row) and row[end].font == row[start].font:
            gap = pens[end] - pens[end - 1] - row[end - 1].width * size
            if end == start + 1:
                spacing = gap
            elif abs(gap - spacing) > 0.001:
                break
            end += 1
        text = "".join(glyph.char for glyph in row[start:end])
        runs.append(Placed(pens[start], text, row[start].font, spacing))
        start = end
    return tuple(runs)


def set_lines(
    spans: Sequence[Span], fonts: Fonts, *, width: float, size: float = BODY,
    first: float = 0.0, hang: float = 0.0, align: str = "justify",
) -> list[Line]:
    """Break and set a paragraph in a box `width` points wide.

    first, hang: indents of the first and of the following lines in points. align: justify | left | center | right.
    An empty paragraph gives one empty line. Raises Invalid("document.glyph_missing").
    """
    row = glyphs(spans, fonts)
    lines: list[Line] = []
    start = 0
    while start < len(row) or not lines:
        indent = hang if lines else first
        room = width - indent
        end = _end(row, start, room, size) if row else 0
        last = end >= len(row)
        line = _place(row[start:end], indent, room, size, justify=align == "justify" and not last)
        if align in ("center", "right"):
            free = room - line.width
            line = Line(line.runs, indent + (free / 2 if align == "center" else free), line.width, size)
        lines.append(line)
        if last:
            break
        start = end
        while start < len(row) and row[start].char == " ":
            start += 1
    return lines
