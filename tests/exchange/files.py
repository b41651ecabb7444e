"""Builders of the files that really arrive, and of the ones that should never be opened."""

import io
import zipfile
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
SHEET = "xl/worksheets/sheet1.xml"
SHEET_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHEET_TAIL = b"</sheetData></worksheet>"
HEADERS = ["姓名", "所在党支部", "公民身份号码", "性别", "手机号"]
PERSON = ["徐新", "第一党支部", "996048194502038768", "女", "15562428004"]


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def fill(page: Worksheet, rows: Iterable[Sequence[object]]) -> None:
    for row in rows:
        page.append(list(row))


def workbook(rows: Iterable[Sequence[object]], *, title: str = "名册", merged: Sequence[str] = (), **others: list) -> bytes:
    """One sheet of rows, ranges to merge, and further sheets by name."""
    book = Workbook()
    book.active.title = title
    fill(book.active, rows)
    for cells in merged:
        book.active.merge_cells(cells)
    for name, content in others.items():
        fill(book.create_sheet(name), content)
    return saved(book)


def roster(count: int = 3) -> bytes:
    return workbook([HEADERS, *([PERSON] * count)])


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """The same package with one part put in or exchanged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part))
        new.writestr(name, data)
    return out.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


def package_of(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def word_document() -> bytes:
    return package_of(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})


def compound_file(stream_name: str) -> bytes:
    """The beginning of an old compound file and one entry of its directory."""
    entry = stream_name.encode("utf-16-le").ljust(64, b"\0") + bytes(64)
    return OLE_MAGIC + bytes(504) + "Root Entry".encode("utf-16-le").ljust(128, b"\0") + entry


def sheet_of(rows: int, columns: int, *, first_bytes: bytes = SHEET_HEAD) -> bytes:
    """A workbook whose sheet is streamed row by row into the zip: a million rows need no memory."""
    base = roster()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(base)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for part in old.infolist():
            if part.filename != SHEET:
                new.writestr(part.filename, old.read(part))
        with new.open(SHEET, "w") as stream:
            stream.write(first_bytes)
            _write_rows(stream, rows, b"<c><v>1</v></c>" * columns)
            stream.write(SHEET_TAIL)
    return out.getvalue()


def _write_rows(stream: io.RawIOBase, rows: int, cells: bytes) -> None:
    step = 5_000
    for start in range(0, rows, step):
        stream.write(b"".join(b'<row r="%d">%s</row>' % (n + 1, cells) for n in range(start, min(start + step, rows))))


def swollen_part() -> bytes:
    """An honest zip directory, 60 MB of zeros behind a few kilobytes."""
    return with_part(roster(), "xl/media/image1.bin", bytes(60 * 1024 * 1024))


def lying_size() -> bytes:
    """The directory claims that the sheet unpacks to a few bytes; it does not."""
    content = bytearray(sheet_of(2_000, 5))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        size = package.getinfo(SHEET).file_size
    return bytes(content.replace(size.to_bytes(4, "little"), (64).to_bytes(4, "little")))


def entity_bomb() -> bytes:
    """A billion laughs in the sheet: nested entities in a DTD."""
    levels = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 9))
    dtd = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">' + levels + b"]>"
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&e8;</t></is></c></row>'
    return with_part(roster(), SHEET, dtd + SHEET_HEAD + cell + SHEET_TAIL)
