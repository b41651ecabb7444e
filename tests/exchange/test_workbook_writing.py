"""What we write is read back equal, prints decently, and never computes."""

import datetime as dt
import io
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from exchange.workbooks.columns import FIELDS, How, official_headers, propose_mapping
from exchange.workbooks.reading import Table, clean, find_table, open_workbook
from exchange.workbooks.rows import Cell
from exchange.workbooks.safety import check_upload
from exchange.workbooks.texts import storable
from exchange.workbooks.writing import write_table
from tests.exchange import files

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("http://x")', "-", "_x003D_1+1"]
HEADERS = ["姓名", "身份证号", "性别", "备注"]


def written(headers: list[str], rows: list, **options: object) -> bytes:
    out = io.BytesIO()
    write_table(out, headers, rows, **options)
    return out.getvalue()


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def read(content: bytes) -> Table:
    table = find_table(open_workbook(content).sheets[0])
    assert table is not None
    return table


def as_read(value: Cell) -> Cell:
    """What a reader gets: legal characters, no outer space, midnight as its day, whole floats as numbers."""
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    return clean(storable(value)) if isinstance(value, str) else clean(value)


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_ever_becomes_a_formula(text: str):
    content = written([*HEADERS, text], [["徐新", text, "女", text]], title=text, watermark=text, sheet=text)
    cells = [cell for row in opened(content).active.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert b"<f>" not in files.part_of(content, files.SHEET)
    assert read(content).formulas == frozenset()
    assert read(content).rows[0].values[1] == as_read(text)


def test_formula_like_texts_carry_the_quote_prefix_and_plain_ones_do_not():
    page = opened(written(HEADERS, [["=x", "996048194502038768", "女", "徐新"]])).active
    assert [cell.quotePrefix for cell in page[2]] == [True, False, False, False]


def test_numbers_of_people_are_texts_and_dates_are_dates():
    row = ["徐新", "996048194502038768", dt.date(1945, 2, 3), "015562428004"]
    page = opened(written(HEADERS, [row])).active
    assert [(cell.data_type, cell.number_format) for cell in page[2]] == [
        ("s", "@"),
        ("s", "@"),
        ("d", "yyyy-mm-dd"),
        ("s", "@"),
    ]
    assert page["B2"].value == "996048194502038768"


def test_what_a_spreadsheet_cannot_hold_exactly_is_written_as_text():
    row = ["徐新", 994439194605048073, dt.date(1899, 5, 1), float("nan")]
    assert read(written(HEADERS, [row])).rows[0].values == ("徐新", "994439194605048073", "1899-05-01", "nan")


def test_the_page_is_ready_for_the_printer():
    content = written(
        HEADERS, [["徐新", "9960", "女", "x" * 200]], title="党员名册", watermark="王敏 & 2026年11月22日", sheet="名/册"
    )
    page = opened(content).active
    assert page.title == "名_册"
    assert (page.freeze_panes, page.print_title_rows) == ("A3", "$2:$2")
    assert (page.page_setup.orientation, page.page_setup.paperSize, page.page_setup.fitToHeight) == ("landscape", 9, 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.oddFooter.left.text == "王敏 && 2026年11月22日"
    assert page.column_dimensions["A"].width < page.column_dimensions["D"].width <= 40
    assert page["A1"].value == "党员名册"


def test_a_title_is_found_as_title_and_rows_are_streamed():
    rows = (["徐新", str(number), "女", None] for number in itertools.count())
    out = io.BytesIO()
    assert write_table(out, HEADERS, itertools.islice(rows, 3_000), title="名册（截至2026年10月）") == 3_000
    table = read(out.getvalue())
    assert (table.header_row, len(table.rows), table.as_of) == (2, 3_000, dt.date(2026, 10, 31))


def failing_rows() -> Iterator[list[str]]:
    yield from [["徐新", "9960", "女", ""]] * 100
    raise ConnectionError


def test_nothing_stays_on_the_disk_after_success_or_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    disk = tmp_path / "disk"
    disk.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(disk))
    written(HEADERS, [["徐新", "9960", "女", ""]])
    with pytest.raises(ConnectionError):
        write_table(io.BytesIO(), HEADERS, failing_rows())
    with pytest.raises(FileNotFoundError):
        write_table(disk / "nowhere" / "x.xlsx", HEADERS, [["徐新"]])
    assert list(disk.iterdir()) == []


def test_an_empty_list_is_still_a_table():
    out = io.BytesIO()
    assert write_table(out, HEADERS, []) == 0
    assert read(out.getvalue()).columns == tuple(HEADERS)


def test_an_export_comes_back_with_every_column_known():
    content = written(official_headers(), [["x"] * len(FIELDS)], title="党员名册", watermark="王敏")
    check_upload(content, "名册.xlsx", limit_bytes=10**7)
    mapping = propose_mapping(read(content).columns)
    assert [guess.field for guess in mapping.columns] == [field.name for field in FIELDS]
    assert {guess.how for guess in mapping.columns} == {How.EXACT}


TEXTS = st.one_of(st.text(max_size=30), st.sampled_from(DANGEROUS), st.text("=+-@\t\r\n _x0041徐", max_size=9))
DAYS = st.dates(dt.date(1900, 3, 1), dt.date(2100, 12, 31))
VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.booleans(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 4)),
    DAYS,
    st.builds(dt.datetime.combine, DAYS, st.times().map(lambda time: time.replace(microsecond=0))),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=6))
def test_what_is_written_is_read_equal(rows: list[tuple[Cell, ...]]):
    """An ID number in each row keeps it from being taken for a total or a signature."""
    full = [("9" * 18, *row) for row in rows]
    table = read(written(["身份证号", "姓名", "性别", "备注"], full))
    assert [row.values for row in table.rows] == [tuple(as_read(value) for value in row) for row in full]
    assert table.formulas == frozenset()
