"""The workbook that was sent in, given back with its errors marked where they stand."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

from core.errors import DomainError
from exchange.workbooks.package import UNREADABLE, Source
from exchange.workbooks.texts import escaped, looks_like_formula, storable

AUTHOR = "名册核对"
NOTE_SHEET = "核对结果"
NOTE_TITLE = "名册核对结果"
PROBLEM_HEADER = "问题"
LIGHT_RED = PatternFill("solid", fgColor="FFFFD9D9")
NO_FILL = PatternFill()
LISTED_ROWS = 40
UNMARKABLE = (*UNREADABLE, KeyError, TypeError, AttributeError, IndexError)


class Fault(NamedTuple):
    """`column` is 0-based; None when the whole row is meant. `remedy` says what to do."""

    column: int | None
    message: str
    remedy: str = ""

    @property
    def text(self) -> str:
        return f"{self.message.rstrip('。')}。{self.remedy}" if self.remedy else self.message


FaultsByRow = Mapping[int, Sequence[Fault]]


def mark(original: Source, out: Path | IO[bytes], faults: FaultsByRow, *, sheet: str, header_row: int) -> None:
    """Same sheets, formatting and row numbers; faulty cells red with a comment, a last column 问题, a first sheet with counts."""
    book = _loaded(original)
    if sheet not in book.sheetnames:
        raise DomainError("sheet_missing", f"文件里没有名为“{sheet}”的工作表，不能标注。")
    page = book[sheet]
    _remove_old_marks(book, page)
    column = _problem_column(page, header_row)
    for row, found in sorted(faults.items()):
        _mark_row(page, row, found, column)
    _write_note(book, page, faults)
    book.save(out)


def _loaded(original: Source) -> Workbook:
    """Some files that can be read cannot be rebuilt with their formatting (damaged styles): said, not hidden."""
    content = original if isinstance(original, bytes) else original.read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # other programs leave out parts that openpyxl then supplies
            return load_workbook(BytesIO(content))
    except UNMARKABLE as fault:
        raise DomainError(
            "file_not_markable", "文件的格式有损坏，不能在原表上标注。请按页面上的清单修改，或另存一份再上传。"
        ) from fault


def _remove_old_marks(book: Workbook, page: Worksheet) -> None:
    """A marked file that was corrected and sent again: old comments, colours and the note sheet go first."""
    if NOTE_SHEET in book.sheetnames and book[NOTE_SHEET]["A1"].value == NOTE_TITLE:
        del book[NOTE_SHEET]
    for cell in _stored_cells(page):
        if cell.comment is not None and cell.comment.author == AUTHOR:
            cell.comment, cell.fill = None, NO_FILL


def _stored_cells(page: Worksheet) -> list[Cell]:
    """Only cells the file holds: walking the rectangle would create every empty one in it."""
    return [cell for cell in page._cells.values() if not isinstance(cell, MergedCell)]


def _problem_column(page: Worksheet, header_row: int) -> int:
    """1-based. Our own column of an earlier marking is emptied and used again, else the first one right of the table."""
    filled = [cell for cell in _stored_cells(page) if cell.value is not None]
    own = max((c.column for c in filled if c.row == header_row and c.value == PROBLEM_HEADER), default=0)
    if own:
        for cell in filled:
            if cell.column == own and cell.row > header_row:
                cell.value, cell.fill = None, NO_FILL
        return own
    column = max((cell.column for cell in filled), default=0) + 1
    header = page.cell(header_row, column, PROBLEM_HEADER)
    header.font = Font(bold=True, color="FFB00020")
    page.column_dimensions[header.column_letter].width = 48
    return column


def _own_cell(page: Worksheet, row: int, column: int) -> Cell:
    """The cell itself, or the corner of the merged range it lies in."""
    cell = page.cell(row, column)
    if not isinstance(cell, MergedCell):
        return cell
    corner = next(r for r in page.merged_cells.ranges if cell.coordinate in r)
    return page.cell(corner.min_row, corner.min_col)


def _mark_row(page: Worksheet, row: int, faults: Sequence[Fault], problem_column: int) -> None:
    by_column: dict[int, list[str]] = {}
    for fault in faults:
        if fault.column is not None:
            by_column.setdefault(fault.column, []).append(fault.text)
    for column, texts in by_column.items():
        _mark_cell(_own_cell(page, row, column + 1), texts)
    problem = _own_cell(page, row, problem_column)
    _put_text(problem, "；".join(dict.fromkeys(fault.text for fault in faults)))
    problem.alignment = Alignment(wrap_text=True, vertical="top")
    problem.fill = LIGHT_RED


def _mark_cell(cell: Cell, texts: Sequence[str]) -> None:
    if cell.data_type == "f":
        _put_text(cell, _formula_text(cell.value))
    cell.fill = LIGHT_RED
    said = [cell.comment.text] if cell.comment is not None else []
    text = storable("\n".join([*texts, *(f"原批注：{old}" for old in said)]))
    cell.comment = Comment(text, AUTHOR, height=30 + 20 * (len(text) // 18 + 1 + text.count("\n")), width=280)


def _formula_text(value: object) -> str:
    """A refused formula is shown as text, so that the file computes nothing for whoever opens it next."""
    if isinstance(value, ArrayFormula):
        return str(value.text)
    return "=TABLE()" if isinstance(value, DataTableFormula) else str(value)


def _put_text(cell: Cell, text: str) -> None:
    shown = storable(text)
    cell.value = escaped(shown)
    cell.data_type = "s"
    if looks_like_formula(shown):
        cell.quotePrefix = True


def _write_note(book: Workbook, page: Worksheet, faults: FaultsByRow) -> None:
    note = book.create_sheet(_free_name(book), 0)
    lines = [
        (NOTE_TITLE,),
        (f"工作表“{page.title}”中有 {len(faults)} 行需要修改，共 {sum(map(len, faults.values()))} 处问题。",),
        (
            "红色单元格就是有问题的地方，鼠标移上去可看说明；最后一列“问题”写明全部原因。改好后把整个文件重新上传，本表和“问题”列不用删。",
        ),
        (),
        ("问题种类", "处数", "所在行"),
        *_kinds(faults),
    ]
    for number, line in enumerate(lines, 1):
        for column, value in enumerate(line, 1):
            _put_text(note.cell(number, column), str(value))
    note["A1"].font = Font(bold=True, size=14)
    note.column_dimensions["A"].width, note.column_dimensions["C"].width = 44, 60
    _show_first(book)


def _free_name(book: Workbook) -> str:
    names = [NOTE_SHEET, *(f"{NOTE_SHEET}{n}" for n in range(2, 100))]
    return next(name for name in names if name not in book.sheetnames)


def _kinds(faults: FaultsByRow) -> Iterable[tuple[str, str, str]]:
    """Each kind of problem with its count and the rows, the most frequent first."""
    counts = Counter(fault.message for found in faults.values() for fault in found)
    for message, count in counts.most_common():
        rows = [str(row) for row in sorted(faults) if any(fault.message == message for fault in faults[row])]
        more = f" 等 {len(rows)} 行" if len(rows) > LISTED_ROWS else ""
        yield message, str(count), "、".join(rows[:LISTED_ROWS]) + more


def _show_first(book: Workbook) -> None:
    book.active = 0
    for number, sheet in enumerate(book.worksheets):
        sheet.sheet_view.tabSelected = number == 0
