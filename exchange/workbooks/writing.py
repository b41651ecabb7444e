"""A table as .xlsx, written as a stream: texts stay texts, dates are dates, ready for the printer."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from exchange.workbooks.reading import EXACT_INTEGER
from exchange.workbooks.rows import Cell
from exchange.workbooks.texts import escaped, looks_like_formula, storable

DATE_FORMAT = "yyyy-mm-dd"
DATETIME_FORMAT = "yyyy-mm-dd hh:mm:ss"
FIRST_SAFE_DATE = dt.date(1900, 3, 1)
"""Spreadsheets believe in 1900-02-29: earlier dates are written as text."""
SAMPLED_ROWS = 50
NARROWEST, WIDEST = 6, 40
A4 = 9
THIN = Border(*(Side(style="thin", color="FFBFBFBF") for _ in range(4)))
HEADER_FILL = PatternFill("solid", fgColor="FFF2F2F2")


@dataclass(frozen=True)
class Mark:
    """Who took a workbook out and when: into the footer and head of every printed page and into the file's properties."""

    text: str
    identifier: str = ""


@dataclass(frozen=True)
class Page:
    """One sheet: an optional title line above the header, then the rows."""

    sheet: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    title: str = ""


def write_table(
    out: Path | IO[bytes],
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str = "",
    sheet: str = "名册",
    watermark: str = "",
    identifier: str = "",
) -> int:
    """Writes and returns the number of rows. `watermark` ("导出人 时间") goes into the footer of every printed page."""
    return write_book(out, [Page(sheet, headers, rows, title)], Mark(watermark, identifier))[0]


def write_book(out: Path | IO[bytes], pages: Sequence[Page], mark: Mark) -> list[int]:
    """Writes the sheets in order and returns the number of rows of each."""
    book = Workbook(write_only=True)
    _set_properties(book, mark)
    sheets: list[WriteOnlyWorksheet] = []
    written = []
    try:
        for page in pages:
            sheets.append(book.create_sheet(_sheet_name(page.sheet)))
            written.append(_write_page(sheets[-1], page, mark.text))
        book.save(out)
    except BaseException:
        for sheet in sheets:
            _forget_draft(sheet)
        raise
    return written


def _set_properties(book: Workbook, mark: Mark) -> None:
    book.properties.creator = storable(mark.text)[:200] or None
    book.properties.identifier = mark.identifier or None
    book.properties.description = storable(mark.text)[:200] or None


def _write_page(sheet: WriteOnlyWorksheet, page: Page, watermark: str) -> int:
    stream = iter(page.rows)
    sample = list(islice(stream, SAMPLED_ROWS))
    _set_widths(sheet, page.headers, sample)
    _set_print(sheet, 2 if page.title else 1, watermark)
    heads = [_title_cells(sheet, page.title, len(page.headers))] if page.title else []
    heads.append([_header_cell(sheet, text) for text in page.headers])
    return _append_all(sheet, heads, chain(sample, stream))


def _append_all(page: WriteOnlyWorksheet, heads: list[list[WriteOnlyCell]], rows: Iterable[Sequence[Cell]]) -> int:
    for cells in heads:
        page.append(cells)
    count = 0
    for row in rows:
        page.append([_cell(page, value) for value in row])
        count += 1
    return count


def _forget_draft(page: WriteOnlyWorksheet) -> None:
    """The library drafts the sheet in a temporary file, removed after saving; a failure must not leave people's data behind."""
    writer = page._writer
    if writer is None:
        return
    if not page.closed:
        page.close()
    if Path(writer.out).exists():
        writer.cleanup()


def _sheet_name(name: str) -> str:
    return "".join("_" if c in "[]:*?/\\'" else c for c in storable(name)).strip()[:31] or "名册"


def _set_widths(page: WriteOnlyWorksheet, headers: Sequence[str], sample: Sequence[Sequence[Cell]]) -> None:
    for index, header in enumerate(headers):
        widths = [_display_width(header), *(_display_width(row[index]) for row in sample if index < len(row))]
        page.column_dimensions[get_column_letter(index + 1)].width = min(max(max(widths) + 2, NARROWEST), WIDEST)


def _display_width(value: Cell) -> int:
    """In half-width characters: a Chinese character takes two."""
    if isinstance(value, dt.datetime):
        return 19
    text = "" if value is None else str(value)
    return max((sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in text.split("\n")), default=0)


def _set_print(page: WriteOnlyWorksheet, header_row: int, watermark: str) -> None:
    page.freeze_panes = f"A{header_row + 1}"
    page.print_title_rows = f"{header_row}:{header_row}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_margins.left = page.page_margins.right = 0.4
    shown = storable(watermark).replace("\n", " ").replace("&", "&&")[:200] or None
    page.oddHeader.right.text = page.oddFooter.left.text = shown
    page.oddFooter.right.text = "第 &P 页 共 &N 页"


def _text_cell(page: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    """Always stored as a string; the quote prefix keeps it one when somebody edits the cell."""
    shown = storable(text)
    cell = WriteOnlyCell(page, value=escaped(shown))
    cell.data_type = "s"
    cell.number_format = "@"
    if looks_like_formula(shown):
        cell.quotePrefix = True
    return cell


def _title_cells(page: WriteOnlyWorksheet, title: str, width: int) -> list[WriteOnlyCell]:
    """Centred over the table without merging: merged cells are what makes sheets hard to read back."""
    cells = [_text_cell(page, title), *(WriteOnlyCell(page) for _ in range(width - 1))]
    for cell in cells:
        cell.alignment = Alignment(horizontal="centerContinuous", vertical="center")
        cell.font = Font(bold=True, size=14)
    return cells


def _header_cell(page: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    cell = _text_cell(page, text)
    cell.font, cell.fill, cell.border = Font(bold=True), HEADER_FILL, THIN
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    return cell


def _cell(page: WriteOnlyWorksheet, value: Cell) -> WriteOnlyCell | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _text_cell(page, value)
    if isinstance(value, dt.date):
        return _date_cell(page, value)
    if isinstance(value, (int, float)) and (not math.isfinite(value) or abs(value) >= EXACT_INTEGER):
        return _text_cell(page, str(value))
    return WriteOnlyCell(page, value=value)


def _date_cell(page: WriteOnlyWorksheet, value: dt.date) -> WriteOnlyCell:
    is_moment = isinstance(value, dt.datetime)
    if (value.date() if isinstance(value, dt.datetime) else value) < FIRST_SAFE_DATE:
        return _text_cell(page, value.isoformat(" ") if isinstance(value, dt.datetime) else value.isoformat())
    cell = WriteOnlyCell(page, value=value)
    cell.number_format = DATETIME_FORMAT if is_moment else DATE_FORMAT
    return cell
