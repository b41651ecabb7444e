"""The zip package of an .xlsx: its parts, its sheets, and a stream over a sheet's XML that never holds the sheet."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element
from xml.parsers import expat

from defusedxml import ElementTree, common

from core.errors import DomainError
from exchange.workbooks.limits import Limits

Source = bytes | Path
Coordinate = tuple[int, int]
"""(row number as in the file, 1-based; column index, 0-based)."""

CHUNK = 256 * 1024
DIRECTORY_BYTES = 4 * 1024 * 1024
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    expat.ExpatError,
    ElementTree.ParseError,
    EOFError,
    OSError,
    NotImplementedError,
    OverflowError,
    ValueError,
)
"""What the zip and XML readers raise on damaged input; ValueError covers offsets before the beginning and bad encodings."""
OFFICE_DOCUMENT = "/officeDocument"


def broken(detail: str = "") -> DomainError:
    why = f"（{detail}）" if detail else ""
    return DomainError("file_broken", f"文件已损坏或没有传完{why}。请在表格软件里打开并另存一份，再上传。")


def bomb() -> DomainError:
    return DomainError(
        "file_bomb", "文件解压后异常庞大或内部结构异常，为了安全没有打开。请新建一个工作簿，把名册复制进去后再上传。"
    )


def too_large(limits: Limits) -> DomainError:
    return DomainError(
        "sheet_too_large",
        f"工作表太大：最多读取 {limits.rows} 行、{limits.columns} 列。"
        "请删除名册下方和右侧多余的行列（包括只有格式的空行），或分成几个文件上传。",
    )


def opened(source: Source) -> IO[bytes]:
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


@contextmanager
def archive(source: Source) -> Iterator[zipfile.ZipFile]:
    """The zip, with every way in which reading it can fail turned into one refusal."""
    with opened(source) as stream:
        try:
            with zipfile.ZipFile(stream) as package:
                yield package
        except common.DefusedXmlException as fault:
            raise bomb() from fault
        except UNREADABLE as fault:
            raise broken() from fault


@dataclass(frozen=True)
class SheetPart:
    name: str
    path: str
    hidden: bool


def _directory(package: zipfile.ZipFile, part: str) -> Element:
    """A small part that lists others. The zip reader never unpacks more than the size that is checked here."""
    if package.NameToInfo[part].file_size > DIRECTORY_BYTES:
        raise bomb()
    return ElementTree.fromstring(package.read(part), forbid_dtd=True)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _relations(package: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """id → (type, absolute path inside the zip) of one part's relations. Doubles are refused: readers might differ."""
    folder, name = posixpath.split(part)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    if listing not in package.NameToInfo:
        return {}
    root = _directory(package, listing)
    found: dict[str, tuple[str, str]] = {}
    for relation in root:
        if relation.get("Id", "") in found:
            raise broken("内部编号重复")
        target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
        found[relation.get("Id", "")] = (relation.get("Type", ""), target)
    return found


def workbook_part(package: zipfile.ZipFile) -> str:
    """The part that lists the sheets; "" when the zip is something else."""
    targets = [target for kind, target in _relations(package, "").values() if kind.endswith(OFFICE_DOCUMENT)]
    known = [target for target in [*targets, "xl/workbook.xml"] if target in package.NameToInfo]
    return known[0] if known else ""


def sheet_parts(package: zipfile.ZipFile) -> list[SheetPart]:
    """The worksheets in the order of the workbook; charts and dialogs are left out."""
    part = workbook_part(package)
    relations = _relations(package, part)
    found = []
    for element in _directory(package, part).iter():
        if _local(element.tag) != "sheet":
            continue
        key = next((value for name, value in element.attrib.items() if _local(name) == "id"), "")
        kind, path = relations.get(key, ("", ""))
        if kind.endswith("/worksheet") and path in package.NameToInfo:
            found.append(SheetPart(element.get("name", ""), path, element.get("state", "visible") != "visible"))
    if len({sheet.name for sheet in found}) < len(found):
        raise broken("工作表重名")
    return found


@dataclass
class SheetScan:
    """What the stream over one sheet noticed. Rows and columns count cells with a value, not formatting."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    formulas: set[Coordinate] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)


def column_index(letters: str) -> int:
    """ "A" → 0, "AA" → 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def coordinate(reference: str) -> Coordinate:
    """ "C12" → (12, 2); ValueError when it is no cell."""
    letters = reference.rstrip("0123456789")
    if not letters.isascii() or not letters.isalpha() or not letters.isupper() or len(letters) > 3:
        raise ValueError(reference)
    return int(reference[len(letters) :]), column_index(letters)


class _SheetStream:
    """Callbacks of the XML parser. A DTD is refused, so entities cannot be declared at all."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.scan = limits, SheetScan()
        self.row = self.column = 0
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.elements = {"c": self._cell, "row": self._row, "v": self._value, "is": self._value, "f": self._formula}

    def _doctype(self, *_declaration: object) -> None:
        raise bomb()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        handler = self.elements.get(tag if ":" not in tag else tag.rpartition(":")[2])
        if handler:
            handler(attributes)

    def _row(self, attributes: dict[str, str]) -> None:
        self.row = int(attributes.get("r") or self.row + 1)
        self.column = -1
        if attributes.get("hidden") in ("1", "true"):
            self.scan.hidden_rows.add(self.row)

    def _cell(self, attributes: dict[str, str]) -> None:
        self.scan.cells += 1
        if self.scan.cells > self.limits.cells:
            raise too_large(self.limits)
        reference = attributes.get("r")
        self.row, self.column = coordinate(reference) if reference else (self.row, self.column + 1)
        if attributes.get("t") == "e":
            self.scan.formulas.add((self.row, self.column))

    def _value(self, _attributes: dict[str, str]) -> None:
        scan = self.scan
        scan.rows, scan.columns = max(scan.rows, self.row), max(scan.columns, self.column + 1)
        if scan.rows > self.limits.rows or scan.columns > self.limits.columns or scan.rows * scan.columns > self.limits.cells:
            raise too_large(self.limits)

    def _formula(self, attributes: dict[str, str]) -> None:
        self._value(attributes)
        self.scan.formulas.add((self.row, self.column))
        first, _, last = attributes.get("ref", "").partition(":")
        if last and attributes.get("t") in ("array", "dataTable"):
            self._spread(coordinate(first), coordinate(last))

    def _spread(self, first: Coordinate, last: Coordinate) -> None:
        """An array formula is written once and fills a rectangle."""
        bottom, right = min(last[0], self.limits.rows), min(last[1], self.limits.columns)
        if (bottom - first[0] + 1) * (right - first[1] + 1) > self.limits.cells:
            raise too_large(self.limits)
        self.scan.formulas.update((r, c) for r in range(first[0], bottom + 1) for c in range(first[1], right + 1))


def scan_sheet(package: zipfile.ZipFile, path: str, limits: Limits) -> SheetScan:
    """One pass over a sheet's XML. The first cell beyond the limits: sheet_too_large; a DTD or endless part: file_bomb."""
    stream, left = _SheetStream(limits), limits.unpacked
    with package.open(path) as part:
        try:
            while chunk := part.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise bomb()
                stream.parser.Parse(chunk, False)
            stream.parser.Parse(b"", True)
        except ValueError as fault:
            raise broken("单元格位置写错") from fault
    return stream.scan
