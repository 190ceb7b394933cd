"""What a laid-out document is made of: strips, stacked from the top of the type area down, and cut into pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workflows.documents.layout.grid import BODY, HEIGHT, ROW
from workflows.documents.layout.lines import Line

GAP = 0.01  # points; forgives rounding


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text at (x, y) of its strip; y is the baseline, counted down from the strip's top."""

    x: float
    y: float
    line: Line


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line between two points of its strip, `weight` points thick."""

    x1: float
    y1: float
    x2: float
    y2: float
    weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Seal:
    """The middle of the place kept free for the agency's seal."""

    x: float
    y: float


Mark = Text | Rule | Seal


@dataclass(frozen=True, slots=True)
class Strip:
    """A piece of a document as high as a line or a table row.

    height: points. glued: stands on the same page as the next strip. on_grid: starts at a line of the grid.
    header: strips repeated when this one begins a page. seam: x of the left and right border of the table whose row
    continues in the next strip; a page that ends here closes the table with a rule. at_bottom: placed at the foot of
    the type area.
    """

    height: float
    marks: tuple[Mark, ...] = ()
    glued: bool = False
    on_grid: bool = True
    header: tuple[Strip, ...] = ()
    seam: tuple[float, float] | None = None
    at_bottom: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Strips with the distance of their top from the top of the type area."""

    strips: tuple[tuple[float, Strip], ...]


def baseline(leading: float, size: float) -> float:
    """Where the baseline of a line lies below its top: the em box of Chinese fonts (0.88 and 0.12) in the middle."""
    return (leading - size) / 2 + 0.88 * size


def text_strip(line: Line, leading: float = ROW, *, glued: bool = False, x: float = 0.0) -> Strip:
    """One line of text as a strip."""
    size = line.size or BODY
    return Strip(leading, (Text(x + line.x, baseline(leading, size), line),), glued=glued)


def blank(rows: float = 1, *, glued: bool = False) -> Strip:
    """Empty lines of the grid."""
    return Strip(rows * ROW, glued=glued)


def glue_end(strips: list[Strip], lines: int = 2) -> None:
    """Tie the last `lines` strips to what follows, so that it never begins a page without them (no 此页无正文)."""
    for index in range(max(0, len(strips) - lines), len(strips)):
        strips[index] = replace(strips[index], glued=True)


def paginate(strips: Sequence[Strip]) -> list[Page]:
    """Cut a document into pages.

    Glued strips stay together unless they are higher than a page. Nothing is lost or reordered.
    """
    pages: list[Page] = []
    page: list[tuple[float, Strip]] = []
    y = 0.0
    for chunk in _chunks(strips):
        start = _snap(y) if chunk[0].on_grid else y
        if page and start + _stack(chunk) > HEIGHT + GAP:
            pages.append(_closed(page))
            page, y = [], 0.0
        for strip in chunk:
            top = _snap(y) if strip.on_grid else y
            if page and top + strip.height > HEIGHT + GAP:
                pages.append(_closed(page))
                page, top = [], 0.0
            if not page:
                for part in strip.header:
                    page.append((top, part))
                    top += part.height
            if strip.at_bottom:
                top = max(top, HEIGHT - strip.height)
            page.append((top, strip))
            y = top + strip.height
    if page:
        pages.append(_closed(page))
    return pages


def _chunks(strips: Sequence[Strip]) -> list[list[Strip]]:
    chunks: list[list[Strip]] = []
    current: list[Strip] = []
    for strip in strips:
        current.append(strip)
        if not strip.glued:
            chunks.append(current)
            current = []
    if current:
        chunks.append(current)
    return [part for chunk in chunks for part in ([chunk] if _stack(chunk) <= HEIGHT else [[one] for one in chunk])]


def _stack(chunk: Sequence[Strip]) -> float:
    """The height of strips set one below the other from a line of the grid."""
    y = 0.0
    for strip in chunk:
        y = (_snap(y) if strip.on_grid else y) + strip.height
    return y


def _snap(y: float) -> float:
    """The next line of the grid at or below y."""
    return -(-(y - GAP) // ROW) * ROW


def _closed(page: list[tuple[float, Strip]]) -> Page:
    top, last = page[-1]
    if last.seam is not None:
        left, right = last.seam
        rule = Rule(left, last.height, right, last.height)
        page[-1] = (top, replace(last, marks=(*last.marks, rule)))
    return Page(tuple(page))


