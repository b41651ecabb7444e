"""Which files are opened at all, and what the person is told about the others."""

import contextlib
import resource
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from exchange.workbooks.limits import Limits
from exchange.workbooks.reading import find_tables, open_workbook
from exchange.workbooks.safety import check_upload
from tests.exchange import files

MB = 1024 * 1024
MACRO = files.with_part(files.roster(), "xl/vbaProject.bin", b"macro")
DTD_IN_STYLES = b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><styleSheet/>'
BAD = {
    "empty": (b"", "名册.xlsx", "file_empty"),
    "text renamed": ("姓名,身份证号\n".encode(), "名册.xlsx", "file_not_workbook"),
    "picture renamed": (b"\xff\xd8\xff\xe0" + bytes(200), "名册.xlsx", "file_not_workbook"),
    "web page as xls": (b"<html><table></table></html>", "名册.xls", "file_not_workbook"),
    "word renamed": (files.word_document(), "名册.xlsx", "file_not_workbook"),
    "any zip": (files.package_of(**{"a.txt": b"a"}), "名册.xlsx", "file_not_workbook"),
    "open document": (files.package_of(**{"mimetype": b"x", "content.xml": b"<x/>"}), "名册.ods", "file_not_workbook"),
    "binary workbook": (files.package_of(**{"xl/workbook.bin": b"x"}), "名册.xlsb", "file_not_workbook"),
    "old word": (files.compound_file("WordDocument"), "名册.xlsx", "file_not_workbook"),
    "old excel": (files.compound_file("Workbook"), "名册.xls", "file_old_xls"),
    "older excel": (files.compound_file("Book"), "名册.xlsx", "file_old_xls"),
    "locked": (files.compound_file("EncryptedPackage"), "名册.xlsx", "file_encrypted"),
    "cut off": (files.roster(300)[:-400], "名册.xlsx", "file_broken"),
    "cut early": (files.roster(300)[:900], "名册.xlsx", "file_broken"),
    "no workbook part": (files.package_of(**{"[Content_Types].xml": b"<Types/>"}), "名册.xlsx", "file_broken"),
    "sheet is not xml": (files.with_part(files.roster(), files.SHEET, b"<worksheet><sheetData>"), "名册.xlsx", "file_broken"),
    "wild coordinates": (
        files.with_part(files.roster(), files.SHEET, files.SHEET_HEAD + b'<row><c r="7"><v>1</v></c></row>' + files.SHEET_TAIL),
        "名册.xlsx",
        "file_broken",
    ),
    "lying size": (files.lying_size(), "名册.xlsx", "file_broken"),
    "swollen": (files.swollen_part(), "名册.xlsx", "file_bomb"),
    "entities": (files.entity_bomb(), "名册.xlsx", "file_bomb"),
    "entities elsewhere": (files.with_part(files.roster(), "xl/styles.xml", DTD_IN_STYLES), "名册.xlsx", "file_bomb"),
    "macro": (MACRO, "名册.xlsx", "file_macro"),
    "macro by name": (files.roster(), "名册.xlsm", "file_macro"),
}


def refusal(content: bytes | Path, name: str = "名册.xlsx", **options: object) -> DomainError:
    with pytest.raises(DomainError) as caught:
        check_upload(content, name, **{"limit_bytes": 50 * MB, **options})
    return caught.value


@pytest.mark.parametrize(("content", "name", "code"), BAD.values(), ids=BAD.keys())
def test_each_bad_file_is_refused_by_its_own_code_and_a_chinese_sentence(content: bytes, name: str, code: str):
    error = refusal(content, name)
    assert error.code == code
    assert len(error.message) > 12
    assert error.message.endswith("。")


def test_the_same_answers_from_a_path_as_from_bytes(tmp_path: Path):
    for number, (content, name, code) in enumerate(BAD.values()):
        path = tmp_path / str(number)
        path.write_bytes(content)
        assert refusal(path, name).code == code


def test_a_plain_workbook_passes_whatever_its_name():
    for name in ("名册.xlsx", "名册.XLSX", "名册", "花名册.txt"):
        check_upload(files.roster(), name, limit_bytes=50 * MB)


def test_the_size_limit_is_the_callers_and_inclusive():
    content = files.roster()
    check_upload(content, "名册.xlsx", limit_bytes=len(content))
    assert refusal(content, limit_bytes=len(content) - 1).code == "file_too_large"
    assert "50 MB" in refusal(bytes(51 * MB)).message


def test_too_many_parts_are_a_bomb():
    many = files.package_of(**{f"p{n}": b"" for n in range(30)})
    assert refusal(many, limits=Limits(parts=29)).code == "file_bomb"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused_because_readers_would_disagree_on_them():
    assert (
        refusal(files.with_part(files.roster(), files.SHEET.upper(), files.SHEET_HEAD + files.SHEET_TAIL)).code == "file_broken"
    )


def test_a_million_rows_are_refused_without_reading_them():
    content = files.sheet_of(1_048_576, 8)
    tracemalloc.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = refusal(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.code == "sheet_too_large"
    assert peak < 20 * MB
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 100 * MB


def test_a_dimension_that_lies_is_not_believed_either_way():
    small = files.SHEET_HEAD.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    check_upload(files.sheet_of(20, 5, first_bytes=small), "名册.xlsx", limit_bytes=50 * MB)
    large = files.SHEET_HEAD.replace(b"<sheetData>", b'<dimension ref="A1:B2"/><sheetData>')
    assert refusal(files.sheet_of(300, 5, first_bytes=large), limits=Limits(rows=299)).code == "sheet_too_large"


@pytest.mark.parametrize("corner", [b"A1048576", b"XFD1"])
def test_one_lonely_cell_far_away_does_not_make_the_reader_fill_the_rectangle(corner: bytes):
    cells = b'<row><c r="A1"><v>1</v></c></row><row><c r="%s"><v>1</v></c></row>' % corner
    content = files.with_part(files.roster(), files.SHEET, files.SHEET_HEAD + cells + files.SHEET_TAIL)
    assert refusal(content).code == "sheet_too_large"
    with pytest.raises(DomainError, match="工作表太大"):
        _ = open_workbook(content).sheets[0].rows


def test_formatting_far_below_is_no_table():
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576" s="0"/></row>'
    content = files.with_part(files.roster(), files.SHEET, files.SHEET_HEAD + cells + files.SHEET_TAIL)
    check_upload(content, "名册.xlsx", limit_bytes=50 * MB)
    assert len(open_workbook(content).sheets[0].rows) == 1


def test_a_package_that_two_readers_could_understand_differently_is_refused():
    content = files.roster()
    name = "xl/_rels/workbook.xml.rels"
    relations = files.part_of(content, name)
    first = relations[relations.index(b"<Relationship ") : relations.index(b"/>") + 2]
    doubled = files.with_part(content, name, relations.replace(first, first + first))
    assert refusal(doubled).code == "file_broken"


ROSTER = files.roster()
PARTS = ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", files.SHEET]


def damaged(content: bytes, place: int, junk: bytes, lost: int) -> bytes:
    place %= len(content)
    return content[:place] + junk + content[place + lost :]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["", *PARTS]), st.integers(0, 10_000), st.binary(max_size=6), st.integers(0, 60))
def test_damage_anywhere_is_refused_or_harmless(part: str, place: int, junk: bytes, lost: int):
    """A refusal is always one of ours; what passes can be read to the end or says that it is broken."""
    content = damaged(ROSTER, place, junk, lost)
    if part:
        content = files.with_part(ROSTER, part, damaged(files.part_of(ROSTER, part), place, junk, lost))
    with contextlib.suppress(DomainError):
        check_upload(content, "名册.xlsx", limit_bytes=MB)
        for table in find_tables(open_workbook(content)):
            assert len(table.rows) <= 4


def test_an_offset_before_the_beginning_is_broken():
    assert refusal(ROSTER[:40] + ROSTER[61:]).code == "file_broken"
