"""Rosters as they really arrive: where the table stands, who is a person, what is left out and why."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from core.errors import DomainError
from exchange.workbooks.reading import Table, find_table, find_tables, open_workbook
from exchange.workbooks.rows import SkipReason
from exchange.workbooks.titles import date_in_title
from tests.exchange import files
from tests.exchange.files import HEADERS, PERSON

SAMPLES = Path(__file__).parent.parent / "samples"


def table_of(content: bytes) -> Table:
    table = find_table(open_workbook(content).sheets[0])
    assert table is not None
    return table


def table_from(*rows: list, **options: object) -> Table:
    return table_of(files.workbook(rows, **options))


def reasons(table: Table) -> dict[int, SkipReason]:
    return {number: reason for number, reason in table.skipped}


@pytest.fixture(scope="module")
def messy() -> Table:
    return find_tables(open_workbook(SAMPLES / "roster-messy.xlsx"))[0]


def test_the_clean_sample():
    tables = find_tables(open_workbook(SAMPLES / "roster-clean.xlsx"))
    assert [(t.sheet, t.header_row, t.first_row, len(t.rows), t.skipped, t.as_of) for t in tables] == [
        ("党员名册", 1, 2, 150, (), None)
    ]
    assert tables[0].rows[0].values[:6] == ("叶晓海", "第一党支部", "994439194605048073", "男", "汉族", dt.date(1946, 5, 4))


def test_the_messy_sample_has_its_people_and_nothing_else(messy: Table):
    expected = json.loads((SAMPLES / "roster-messy.expected.json").read_text())
    assert len(messy.rows) == expected["rows"] == 120
    assert (messy.sheet, messy.header_row, messy.first_row, messy.rows[-1].number) == ("在册党员", 3, 4, 123)
    assert reasons(messy) == {124: SkipReason.TOTAL, 125: SkipReason.BLANK, 126: SkipReason.SIGNATURE}
    assert len(messy.columns) == 19


def test_the_messy_sample_says_its_date_and_title(messy: Table):
    assert messy.as_of == dt.date(2026, 10, 31)
    assert messy.title == "XX党委在册党员花名册(截至2026年10月)"


def test_the_messy_sample_keeps_types_and_shows_its_formula(messy: Table):
    assert messy.formulas == {(15, 0)}
    assert messy.is_formula(15, 0)
    assert not messy.is_formula(15, 1)
    assert messy.rows[11].values[0] is None
    assert messy.rows[2].values[5] == dt.date(1955, 9, 17)
    assert messy.rows[0].values[8] == "19750203"


def test_bytes_and_path_read_the_same(messy: Table):
    assert find_tables(open_workbook((SAMPLES / "roster-messy.xlsx").read_bytes()))[0] == messy


def test_reordered_and_unknown_columns_are_kept_in_the_files_order():
    table = table_from(["序号", "手机号", "姓名", "备注", "身份证号", "性别"], [1, "155", "徐新", "无", "9960", "女"])
    assert table.columns == ("序号", "手机号", "姓名", "备注", "身份证号", "性别")
    assert table.rows[0].values == (1, "155", "徐新", "无", "9960", "女")


def test_a_column_without_header_is_kept_and_empty_ones_at_the_edge_are_not():
    table = table_from(["姓名", None, "身份证号", "性别", "", None], ["徐新", "旧", "9960", "女", None, None])
    assert table.columns == ("姓名", "", "身份证号", "性别")
    table = table_from(["姓名", "身份证号", "性别"], ["徐新", "9960", "女", "多出来的"])
    assert table.columns == ("姓名", "身份证号", "性别", "")
    assert table.rows[0].values[3] == "多出来的"


def test_a_table_that_does_not_start_in_the_first_column_keeps_its_indexes():
    table = table_from([], [None, None, *HEADERS], [None, None, *PERSON])
    assert table.columns == ("", "", *HEADERS)
    assert table.rows == ((3, (None, None, *PERSON)),)


def test_a_header_merged_over_two_rows():
    rows = [
        ["党员花名册"],
        ["姓名", "身份证号", "加入党组织", "联系方式", None, "流动", None],
        [None, None, "日期", "手机号", "固定电话", "是否流动党员", "外出流向"],
        ["徐新", "996048194502038768", "19750203", "155", None, "否", None],
    ]
    merged = ["A1:G1", "A2:A3", "B2:B3", "D2:E2", "F2:G2"]
    table = table_from(*rows, merged=merged)
    assert table.columns == ("姓名", "身份证号", "加入党组织日期", "手机号", "固定电话", "是否流动党员", "外出流向")
    assert (table.header_row, table.first_row, len(table.rows)) == (3, 4, 1)


def test_a_single_header_does_not_swallow_the_first_person():
    table = table_from(["姓名", "性别", "民族", "学历"], ["徐新", "女", "汉族", "高中"], ["李明", "男", "汉族", "高中"])
    assert (table.header_row, len(table.rows)) == (1, 2)


def test_headers_printed_again_on_each_page_are_skipped():
    table = table_from(["党员名册"], HEADERS, PERSON, ["党员名册"], HEADERS, PERSON, ["姓 名", "所在党支部", "公民身份号码\n"])
    assert [row.number for row in table.rows] == [3, 6]
    assert reasons(table) == {
        4: SkipReason.REPEATED_TITLE,
        5: SkipReason.REPEATED_HEADER,
        7: SkipReason.REPEATED_HEADER,
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["合计", 120], SkipReason.TOTAL),
        (["合  计："], SkipReason.TOTAL),
        ([None, "第一党支部小计", None, 20], SkipReason.TOTAL),
        (["共120人"], SkipReason.TOTAL),
        (["总计", None, "120人"], SkipReason.TOTAL),
        (["填表人：", "张三", "审核人：", "李四"], SkipReason.SIGNATURE),
        (["（盖章）"], SkipReason.SIGNATURE),
        (["制表：张三  2026年11月2日"], SkipReason.SIGNATURE),
        ([None, None, None, "审核人：李四"], SkipReason.SIGNATURE),
        (["注：以上按姓氏笔画排列"], SkipReason.NOTE),
        (["  ", "\u3000"], SkipReason.BLANK),
    ],
)
def test_rows_below_that_are_no_people(row: list, reason: SkipReason):
    table = table_from(HEADERS, PERSON, row, PERSON)
    assert reasons(table) == ({3: reason} if reason else {})
    assert len(table.rows) == 2
    assert reason.label


@pytest.mark.parametrize(
    "row",
    [
        ["合计", "第一党支部", "996048194502038768", "女", None],
        ["共青", "第一党支部", None, "女", None],
        ["注意", None, None, None, None],
        ["制军", "第一党支部", None, None, None],
        ["徐新", None, None, None, None],
        [None, None, "996048194502038768", None, None],
    ],
)
def test_when_in_doubt_a_row_is_a_person(row: list):
    assert table_from(HEADERS, PERSON, row).rows[-1].values == tuple(row)


def test_a_row_of_column_numbers_under_the_header_is_skipped():
    table = table_from(HEADERS, ["（1）", "（2）", "（3）", "（4）", "（5）"], PERSON)
    assert reasons(table) == {2: SkipReason.COLUMN_NUMBERS}
    assert len(table.rows) == 1


def test_people_below_a_signature_are_still_people():
    table = table_from(HEADERS, PERSON, ["填表人：张三"], PERSON)
    assert [row.number for row in table.rows] == [2, 4]


def test_hidden_rows_are_kept_and_named():
    book = Workbook()
    files.fill(book.active, [HEADERS, PERSON, PERSON])
    book.active.row_dimensions[2].hidden = True
    table = table_of(files.saved(book))
    assert len(table.rows) == 2
    assert table.hidden_rows == {2}


def test_values_keep_their_type_and_lose_only_outer_space():
    moment = dt.datetime.combine(dt.date(2020, 1, 2), dt.time(3, 4, 5))
    row = [" 徐 新\u3000", "", 12, 1.5, True, dt.date(2020, 1, 2), moment, "007", 994439194605048073]
    values = table_from([*HEADERS, "出生日期", "入党时间", "学历", "备注"], row).rows[0].values
    assert values[:8] == ("徐 新", None, 12, 1.5, True, dt.date(2020, 1, 2), moment, "007")
    assert type(values[2]) is int
    assert type(values[4]) is bool
    assert type(values[8]) is float, "a number that lost its last digits must not look like an exact one"


def test_formulas_of_every_kind_and_errors_are_seen_and_equals_texts_are_not():
    book = Workbook()
    page = book.active
    files.fill(page, [HEADERS, ["=1+1", "第一党支部", "x", "女", "1"], PERSON, PERSON, PERSON])
    page["B3"] = ArrayFormula("B3:B4", "=A2:A3")
    page["C5"], page["D5"] = "#N/A", "=不是公式"
    page["D5"].data_type = "s"
    table = table_of(files.saved(book))
    assert table.formulas == {(2, 0), (3, 1), (4, 1), (5, 2)}
    assert table.rows[3].values[3] == "=不是公式"


def test_dates_in_the_formats_of_chinese_software_are_dates():
    book = Workbook()
    files.fill(book.active, [[*HEADERS, "出生日期"], [*PERSON, 43000], [*PERSON, 43000]])
    book.active["F2"].number_format = '[$-804]yyyy"年"m"月"d"日"'
    book.active["F3"].number_format = "0.00"
    content = files.saved(book)
    styles = files.part_of(content, "xl/styles.xml").replace(b'numFmtId="2"', b'numFmtId="31"')
    table = table_of(files.with_part(content, "xl/styles.xml", styles))
    assert [row.values[5] for row in table.rows] == [dt.date(2017, 9, 22)] * 2


def test_rows_and_cells_without_coordinates_are_counted():
    cell = '<c t="inlineStr"><is><t>%s</t></is></c>'
    rows = ["".join(cell % text for text in row) for row in (HEADERS, PERSON)]
    computed = "<row><c><f>1+1</f><v>2</v></c></row>"
    sheet = "".join(f"<row>{row}</row>" for row in rows) + computed
    table = table_of(files.with_part(files.roster(), files.SHEET, files.SHEET_HEAD + sheet.encode() + files.SHEET_TAIL))
    assert table.columns == tuple(HEADERS)
    assert table.formulas == {(3, 0)}


def test_the_sheet_with_the_most_known_headers_comes_first_and_all_are_listed():
    content = files.workbook(
        [["1.日期按年月日填写"]],
        title="填表说明",
        预备=[["姓名", "身份证号", "性别"], ["徐新", "9960", "女"]],
        正式=[HEADERS, PERSON],
        封面=[["党委"]],
    )
    assert [(t.sheet, t.score) for t in find_tables(open_workbook(content))] == [("正式", 5), ("预备", 3)]


def test_hidden_sheets_stand_behind_visible_ones():
    book = Workbook()
    book.active.title = "旧"
    files.fill(book.active, [HEADERS, PERSON])
    files.fill(book.create_sheet("新"), [["姓名", "身份证号"], ["徐新", "9960"]])
    book["旧"].sheet_state = "hidden"
    book.active = 1
    assert [t.sheet for t in find_tables(open_workbook(files.saved(book)))] == ["新", "旧"]


def test_no_known_header_is_no_table_unless_the_person_points_at_it():
    workbook = open_workbook(files.workbook([["甲"], ["称呼", "号码"], ["徐新", "9960"]]))
    assert find_tables(workbook) == []
    table = find_table(workbook.sheets[0], header_row=2)
    assert table is not None
    assert table.columns == ("称呼", "号码")
    assert table.rows == ((3, ("徐新", "9960")),)
    assert find_table(workbook.sheets[0], header_row=9) is None


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("党员名册（截至２０２６年１０月）", dt.date(2026, 10, 31)),
        ("截止到2024年2月", dt.date(2024, 2, 29)),
        ("截至 2026年10月15日", dt.date(2026, 10, 15)),
        ("截至2026.6.30", dt.date(2026, 6, 30)),
        ("截至二〇二六年十月", dt.date(2026, 10, 31)),
        ("截至二〇二六年十一月", dt.date(2026, 11, 30)),
        ("2026年9月党员名册", dt.date(2026, 9, 30)),
        ("截至2026年13月", None),
        ("党员名册", None),
        ("支部2026", None),
    ],
)
def test_the_date_a_title_stands_for(title: str, day: dt.date | None):
    assert date_in_title([title]) == day


def test_the_stated_date_goes_before_any_other_in_the_title():
    assert date_in_title(["填表日期：2026年11月2日", "截至2026年10月"]) == dt.date(2026, 10, 31)


def test_a_package_without_its_sheet_is_told_as_broken():
    content = files.roster()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            if part.filename != "xl/styles.xml":
                new.writestr(part.filename, old.read(part)[: None if part.filename != files.SHEET else -30])
    with pytest.raises(DomainError) as caught:
        _ = open_workbook(out.getvalue()).sheets[0].rows
    assert caught.value.code == "file_broken"


def test_a_branch_merged_beside_its_people_is_the_branch_of_each():
    rows = [HEADERS, PERSON, ["李明", None, "x", "男", None], ["张三", None, "y", "男", None], [], PERSON]
    table = table_from(*rows, merged=["B2:B5"])
    assert [row.values[1] for row in table.rows] == ["第一党支部"] * 4
    assert reasons(table) == {5: SkipReason.BLANK}


def test_a_formula_merged_over_rows_is_a_formula_in_each():
    rows = [HEADERS, ["徐新", "=A1", "x", "女", None], ["李明", None, "y", "男", None]]
    assert table_from(*rows, merged=["B2:B3"]).formulas == {(2, 1), (3, 1)}


def test_cells_merged_sideways_are_not_copied():
    assert table_from(HEADERS, ["徐新", "第一党支部", None, "女", None], merged=["B2:C2"]).rows[0].values[2] is None
