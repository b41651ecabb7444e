"""The same workbook comes back with its errors where they stand, and computes nothing."""

import io
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.formula import ArrayFormula

from core.errors import DomainError
from exchange.workbooks.marking import LIGHT_RED, NOTE_SHEET, Fault, mark
from exchange.workbooks.reading import find_tables, open_workbook
from exchange.workbooks.safety import check_upload
from tests.exchange import files
from tests.exchange.files import HEADERS, PERSON

SAMPLE = Path(__file__).parent.parent / "samples" / "roster-messy.xlsx"
CHECKSUM = Fault(2, "身份证号的校验位不对", "请对照证件改正")
BRANCH = Fault(1, "没有这个支部")


def marked(original: bytes | Path, faults: dict[int, list[Fault]], **where: object) -> tuple[Workbook, bytes]:
    out = io.BytesIO()
    mark(original, out, faults, **{"sheet": "名册", "header_row": 1, **where})
    return load_workbook(io.BytesIO(out.getvalue())), out.getvalue()


def colour(cell: object) -> str:
    return cell.fill.fgColor.rgb if cell.fill.fill_type else ""


def test_faulty_cells_are_red_with_the_reason_and_the_remedy():
    book, _ = marked(files.roster(), {2: [CHECKSUM, BRANCH], 4: [Fault(None, "与第 3 行重复")]})
    page = book["名册"]
    assert colour(page["C2"]) == colour(page["B2"]) == LIGHT_RED.fgColor.rgb
    assert page["C2"].comment.text == "身份证号的校验位不对。请对照证件改正"
    assert [page.cell(row, 6).value for row in range(1, 5)] == [
        "问题",
        "身份证号的校验位不对。请对照证件改正；没有这个支部",
        None,
        "与第 3 行重复",
    ]
    assert colour(page["C3"]) == ""
    assert page["C3"].comment is None


def test_the_first_sheet_counts_what_was_found():
    book, _ = marked(files.roster(60), {row: [CHECKSUM] for row in range(2, 60)} | {60: [BRANCH]})
    note = book.worksheets[0]
    assert note.title == NOTE_SHEET
    assert note["A2"].value == "工作表“名册”中有 59 行需要修改，共 59 处问题。"
    assert [cell.value for cell in note[6]][:2] == ["身份证号的校验位不对", "58"]
    assert note["C6"].value.startswith("2、3、4、")
    assert note["C6"].value.endswith("等 58 行")
    assert note["C7"].value == "60"
    assert book.active is note


def test_everything_else_stays_as_it_was():
    book = Workbook()
    page = book.active
    page.title = "名册"
    files.fill(page, [["党员名册"], HEADERS, PERSON])
    page.merge_cells("A1:E1")
    page["A3"].font = Font(name="宋体", bold=True)
    page["B3"].comment = Comment("旧批注", "支部书记")
    page.column_dimensions["B"].width = 33
    page.row_dimensions[3].hidden = True
    files.fill(book.create_sheet("填表说明"), [["按年月日填写"]])
    after, _ = marked(files.saved(book), {3: [BRANCH]}, header_row=2)
    assert after.sheetnames == [NOTE_SHEET, "名册", "填表说明"]
    page = after["名册"]
    assert (page["A3"].font.name, page["A3"].font.b, page.column_dimensions["B"].width) == ("宋体", True, 33)
    assert [str(r) for r in page.merged_cells.ranges] == ["A1:E1"]
    assert page.row_dimensions[3].hidden
    assert page["B3"].comment.text == "没有这个支部\n原批注：旧批注"
    assert after["填表说明"]["A1"].value == "按年月日填写"


def test_a_fault_in_a_merged_cell_marks_its_corner():
    content = files.workbook([HEADERS, PERSON, PERSON], merged=["B2:B3"])
    page = marked(content, {3: [BRANCH]})[0]["名册"]
    assert page["B2"].comment.text == "没有这个支部"
    assert page["F3"].value == "没有这个支部"


def test_nothing_in_the_marked_file_becomes_a_formula():
    book = Workbook()
    page = book.active
    page.title = "名册"
    files.fill(page, [HEADERS, ["=HYPERLINK(1)", *PERSON[1:]], ["text", *PERSON[1:]], ["x", *PERSON[1:]]])
    page["A3"] = "=2+5"
    page["A3"].data_type = "s"
    page["A4"] = ArrayFormula("A4", "=SUM(1,2)")
    faults = {2: [Fault(0, "=cmd|' /C calc'!A0")], 3: [Fault(1, "+1")], 4: [Fault(0, "@x"), Fault(None, "_x003D_1")]}
    after, content = marked(files.saved(book), faults)
    cells = [cell for sheet in after for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    page = after["名册"]
    assert [page["A2"].value, page["A3"].value, page["A4"].value] == ["=HYPERLINK(1)", "=2+5", "=SUM(1,2)"]
    assert page["F2"].value == "=cmd|' /C calc'!A0"
    assert page["A2"].quotePrefix
    assert page["F2"].quotePrefix
    table = find_tables(open_workbook(content))[0]
    assert table.rows[2].values[5] == "@x；_x003D_1"
    assert b"<f>" not in files.part_of(content, "xl/worksheets/sheet2.xml")


def test_a_marked_file_reads_as_before_and_marking_again_replaces_the_marks():
    faults = {15: [Fault(0, "姓名是公式")], 20: [Fault(5, "日期不对"), CHECKSUM]}
    _, once = marked(SAMPLE, faults, sheet="在册党员", header_row=3)
    check_upload(once, "名册.xlsx", limit_bytes=10**7)
    table = find_tables(open_workbook(once))[0]
    assert (table.sheet, table.header_row, len(table.rows)) == ("在册党员", 3, 120)
    assert table.columns[-1] == "问题"
    book, _ = marked(once, {21: [CHECKSUM]}, sheet="在册党员", header_row=3)
    page = book["在册党员"]
    assert book.sheetnames == [NOTE_SHEET, "在册党员", "填表说明"]
    assert [row for row in range(4, 124) if page.cell(row, 20).value] == [21]
    assert page.cell(3, 21).value is None
    assert page["F20"].comment is None
    assert colour(page["F20"]) == ""
    assert colour(page["C21"]) == LIGHT_RED.fgColor.rgb


def test_a_sheet_of_ours_by_name_only_is_not_thrown_away():
    content = files.workbook([HEADERS, PERSON], 核对结果=[["自己的表"]])
    assert marked(content, {2: [BRANCH]})[0].sheetnames == ["核对结果2", "名册", "核对结果"]


def test_a_missing_sheet_is_said():
    with pytest.raises(DomainError) as caught:
        marked(files.roster(), {2: [BRANCH]}, sheet="别的")
    assert caught.value.code == "sheet_missing"


def test_styles_that_cannot_be_rebuilt_are_said():
    styles = files.part_of(files.roster(), "xl/styles.xml").replace(b"gray125", b"no such pattern")
    content = files.with_part(files.roster(), "xl/styles.xml", styles)
    with pytest.raises(DomainError) as caught:
        marked(content, {2: [BRANCH]})
    assert caught.value.code == "file_not_markable"


def test_ten_thousand_rows_with_an_error_each():
    faults = {row: [CHECKSUM] for row in range(2, 10_002)}
    out = io.BytesIO()
    mark(files.roster(10_000), out, faults, sheet="名册", header_row=1)
    table = find_tables(open_workbook(out.getvalue()))[0]
    assert len(table.rows) == 10_000
    assert {row.values[5] for row in table.rows} == {CHECKSUM.text}
