"""A list as a spreadsheet (Office Open XML): written row by row, real dates, and no text that is ever a formula."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767
"""Characters that a cell holds."""
_FORMATS = ((datetime, "yyyy-mm-dd hh:mm"), (date, "yyyy-mm-dd"))
_NOT_IN_A_TITLE = str.maketrans("", "", "[]:*?/\\'")


def written(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], notice: str = "") -> bytes:
    """The file. title: of its only sheet; rows: texts, whole numbers, days, moments without a zone, None; notice: a
    last line.

    Texts are stored as texts and marked as such, so that one that begins with "=", "+", "-" or "@" stays what it says
    in Excel, also after somebody edits the cell.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(_NOT_IN_A_TITLE)[:31] or "1")
    sheet.freeze_panes = "A2"
    for number, head in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(number)].width = max(12, min(40, 2 * len(head) + 6))
    bold = Font(bold=True)
    sheet.append([_cell(sheet, head, bold) for head in heads])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    if notice:
        sheet.append([_cell(sheet, notice, bold)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(sheet: Worksheet, value: object, font: Font | None = None) -> WriteOnlyCell:
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
        return cell
    if isinstance(value, int) and not isinstance(value, bool):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, None)
    if value not in (None, ""):
        cell.value = _printable(str(value))
        cell.data_type = "s"  # openpyxl took what begins with "=" for a formula
        cell.quotePrefix = True
    if font is not None:
        cell.font = font
    return cell


def _printable(text: str) -> str:
    """Without the control characters that the format does not hold."""
    kept = (char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")
    return "".join(kept)[:LONGEST]
