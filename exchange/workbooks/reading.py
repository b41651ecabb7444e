"""A roster as it really arrives: titles above, totals and signatures below, headers over two rows. Values stay typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from exchange.workbooks.headers import Header, choose_header, header_at, header_where
from exchange.workbooks.limits import DEFAULT_LIMITS, Limits
from exchange.workbooks.merged import fill_merged
from exchange.workbooks.package import Coordinate, SheetPart, SheetScan, Source, archive, broken, scan_sheet, sheet_parts
from exchange.workbooks.rows import Cell, Row, Skipped, sort_rows
from exchange.workbooks.titles import date_in_title, title_lines

EXACT_INTEGER = 10**15
"""A spreadsheet keeps 15 digits of a number: beyond that the float is left a float, its last digits are not to be trusted."""
OUTER_SPACE = " \t\r\n\u00a0\u3000\u200b\ufeff"


@dataclass(frozen=True)
class Table:
    """`header_row` is the last row of the header. `formulas` holds (row, column) of cells whose value is computed or an error."""

    sheet: str
    header_row: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    title: str
    as_of: dt.date | None
    formulas: frozenset[Coordinate]
    hidden_rows: frozenset[int]
    score: int

    @property
    def first_row(self) -> int | None:
        return self.rows[0].number if self.rows else None

    def is_formula(self, row: int, column: int) -> bool:
        return (row, column) in self.formulas


class Sheet:
    """One sheet, scanned within the limits before its cells are loaded."""

    def __init__(self, workbook: Workbook, part: SheetPart) -> None:
        self.name, self.hidden = part.name, part.hidden
        self._workbook, self._part = workbook, part

    @cached_property
    def scan(self) -> SheetScan:
        with archive(self._workbook.source) as package:
            return scan_sheet(package, self._part.path, self._workbook.limits)

    @cached_property
    def _loaded(self) -> CalamineSheet:
        self.scan  # noqa: B018 - refuses before the cells are loaded
        try:
            return self._workbook.book.get_sheet_by_name(self.name)
        except CalamineError as fault:
            raise broken() from fault

    @cached_property
    def rows(self) -> list[tuple[Cell, ...]]:
        """All rows from the first of the file on; index 0 is row 1, every row equally wide."""
        start = self._loaded.start
        margin = (None,) * (start[1] if start else 0)
        return [(*margin, *map(clean, row)) for row in self._loaded.iter_rows()]

    @property
    def merged(self) -> list[tuple[Coordinate, Coordinate]]:
        """Merged ranges as (0-based row, column) of their corners."""
        return self._loaded.merged_cell_ranges or []


class Workbook:
    def __init__(self, source: Source, limits: Limits) -> None:
        self.source, self.limits = source, limits
        with archive(source) as package:
            self.sheets = [Sheet(self, part) for part in sheet_parts(package)]

    @cached_property
    def book(self) -> CalamineWorkbook:
        try:
            if isinstance(self.source, bytes):
                return CalamineWorkbook.from_filelike(BytesIO(self.source))
            return CalamineWorkbook.from_path(self.source)
        except CalamineError as fault:
            raise broken() from fault

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def open_workbook(source: Source, *, limits: Limits = DEFAULT_LIMITS) -> Workbook:
    """A workbook that `check_upload` has let pass. The limits hold here too: a sheet is scanned before it is loaded."""
    return Workbook(source, limits)


def clean(value: object) -> Cell:
    """Outer white space gone, "" → None, 120.0 → 120; everything else as the file holds it."""
    if isinstance(value, str):
        return value.strip(OUTER_SPACE) or None
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_INTEGER:
        return int(value)
    return value  # type: ignore[return-value]


def find_table(sheet: Sheet, *, header_row: int | None = None) -> Table | None:
    """The roster in a sheet, or None. With `header_row` (1-based, the header's last row) the person has pointed at it."""
    rows = sheet.rows
    header = header_at(rows, header_row - 1) if header_row else choose_header(rows, sheet.merged)
    return _table(sheet, header) if header else None


def find_fitting(workbook: Workbook, fits: Callable[[Sequence[str]], bool]) -> Table | None:
    """The first table whose header row is exactly one that the caller knows, whatever its words mean to us."""
    for sheet in workbook.sheets:
        header = header_where(sheet.rows, fits)
        if header:
            return _table(sheet, header)
    return None


def _table(sheet: Sheet, header: Header) -> Table:
    rows, formulas = fill_merged(sheet.rows, sheet.merged, header.bottom + 1, sheet.scan.formulas)
    lines = title_lines(rows[: header.top])
    kept, skipped = sort_rows(rows, header, lines)
    width = _width(header.columns, kept)
    return Table(
        sheet=sheet.name,
        header_row=header.bottom + 1,
        columns=header.columns[:width],
        rows=tuple(Row(number, values[:width]) for number, values in kept),
        skipped=tuple(skipped),
        title=" ".join(lines),
        as_of=date_in_title([*lines, sheet.name]),
        formulas=frozenset(c for c in formulas if c[0] > header.bottom + 1),
        hidden_rows=frozenset(sheet.scan.hidden_rows),
        score=header.score,
    )


def _width(columns: tuple[str, ...], rows: list[Row]) -> int:
    """Columns without header and without any value at the right edge are not part of the table."""
    named = max((i + 1 for i, header in enumerate(columns) if header), default=0)
    return max([named, *(i + 1 for row in rows for i, value in enumerate(row.values[named:], named) if value is not None)])


def find_tables(workbook: Workbook) -> list[Table]:
    """Every sheet that holds a roster, the best match of known headers first; hidden sheets after visible ones."""
    found = [(sheet.hidden, table) for sheet in workbook.sheets if (table := find_table(sheet))]
    return [table for _, table in sorted(found, key=lambda pair: (pair[0], -pair[1].score, -len(pair[1].rows)))]
