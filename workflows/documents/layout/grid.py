"""The page of GB/T 9704-2012, in points (1 mm = 72/25.4 pt).

A4 with 天头 37 mm and 订口 28 mm; a type area (版心) of 156 × 225 mm holds 22 lines of 28 characters of 3号 (16 pt).
The grid follows from the type area: a character's cell is 156 mm / 28 = 15.79 pt wide, so that 28 fill a line exactly.
"""

from __future__ import annotations

MM = 72 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
TOP, BINDING = 37 * MM, 28 * MM
WIDTH, HEIGHT = 156 * MM, 225 * MM
COLUMNS, ROWS = 28, 22
CELL = WIDTH / COLUMNS
ROW = HEIGHT / ROWS

BODY = 16.0  # 3号
TITLE = 22.0  # 2号
SMALL = 14.0  # 4号: page numbers, the note at the foot
TABLE = 12.0  # 小四
TITLE_LEADING = 36.0
TABLE_LEADING = 18.0
SMALL_LEADING = 22.0
PAGE_NUMBER_DROP = 7 * MM  # page number below the type area, GB/T 9704-2012, 7.5
SEAL_DIAMETER = 42 * MM  # the round seal of a bureau


def cell(size: float) -> float:
    """The width of a full-width character of `size` points on the grid: 3号 takes a cell, others in proportion."""
    return CELL * size / BODY
