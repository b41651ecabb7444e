"""Whether an uploaded file may be opened at all. Every refusal says in plain words what to do next."""

from __future__ import annotations

import zipfile
from pathlib import PurePath
from xml.parsers import expat

from core.errors import DomainError
from exchange.workbooks.limits import DEFAULT_LIMITS, Limits
from exchange.workbooks.package import (
    CHUNK,
    Source,
    archive,
    bomb,
    broken,
    opened,
    scan_sheet,
    sheet_parts,
    workbook_part,
)

SAVE_AS = "另存为“Excel 工作簿（.xlsx）”后再上传"
OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def _stream_name(name: str) -> bytes:
    """A name as the directory of a compound file holds it: 64 bytes, padded with zeros (here the part surely padded)."""
    return name.encode("utf-16-le").ljust(40, b"\0")


ENCRYPTED_STREAM = _stream_name("EncryptedPackage")
XLS_STREAMS = (_stream_name("Workbook"), _stream_name("Book"))
OTHER_KINDS = (
    ("word/", "这是 Word 文档"),
    ("ppt/", "这是演示文稿"),
    ("xl/workbook.bin", "这是二进制工作簿（.xlsb）"),
    ("content.xml", "这是 OpenDocument 文件（.ods）"),
)


def check_upload(source: Source, filename: str, *, limit_bytes: int, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuse a file that is not a plain, whole .xlsx of bearable size. The content decides, not the file name."""
    _check_size(source, filename, limit_bytes)
    head = _head(source)
    if head.startswith(OLE_MAGIC):
        raise _ole_refusal(source)
    if not head.startswith(ZIP_MAGIC):
        raise _not_workbook(filename)
    with archive(source) as package:
        _check_listing(package, limits)
        _check_kind(package, filename)
        _check_macros(package, filename)
        for part in sheet_parts(package):
            scan_sheet(package, part.path, limits)
        _check_parts(package, limits)


def _check_size(source: Source, filename: str, limit_bytes: int) -> None:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size == 0:
        raise DomainError("file_empty", f"文件“{_shown(filename)}”是空的（0 字节），请检查后重新选择。")
    if size > limit_bytes:
        most, has = limit_bytes / 1024 / 1024, size / 1024 / 1024
        raise DomainError(
            "file_too_large", f"文件有 {has:.1f} MB，最多 {most:.0f} MB。请删去图片和无关的工作表，或按支部分成几个文件上传。"
        )


def _shown(filename: str) -> str:
    """The last part of the name, without control characters, short enough for a sentence."""
    name = PurePath(filename.replace("\\", "/")).name
    return "".join(c for c in name if c.isprintable())[:60]


def _head(source: Source) -> bytes:
    with opened(source) as stream:
        return stream.read(8)


def _not_workbook(filename: str, what: str = "这不是 Excel 工作簿") -> DomainError:
    return DomainError(
        "file_not_workbook",
        f"“{_shown(filename)}”不能读取：{what}，只改扩展名不行。请用表格软件打开，{SAVE_AS}。",
    )


def _encrypted() -> DomainError:
    return DomainError("file_encrypted", "文件设了打开密码，系统读不了。请在表格软件里去掉打开密码，保存后再上传。")


def _ole_refusal(source: Source) -> DomainError:
    """An old compound file: a locked workbook, an .xls, or another old document."""
    with opened(source) as stream:
        content = stream.read()
    if ENCRYPTED_STREAM in content:
        return _encrypted()
    if any(name in content for name in XLS_STREAMS):
        return DomainError("file_old_xls", f"这是旧版 Excel 文件（.xls）。请用表格软件打开，{SAVE_AS}。")
    return DomainError("file_not_workbook", f"这是旧版办公软件的文件，里面没有工作表。请把名册{SAVE_AS}。")


def _check_listing(package: zipfile.ZipFile, limits: Limits) -> None:
    """The directory of the zip: how many parts, two of one name, locked parts, what they claim to unpack to."""
    parts = package.infolist()
    if len(parts) > limits.parts:
        raise bomb()
    if any(part.flag_bits & 0x1 for part in parts):
        raise _encrypted()
    names = [part.filename.casefold().replace("\\", "/") for part in parts]
    if len(set(names)) < len(names):
        raise broken("内部有重名的部分")


def _check_kind(package: zipfile.ZipFile, filename: str) -> None:
    names = package.namelist()
    for prefix, what in OTHER_KINDS:
        if any(name.startswith(prefix) for name in names):
            raise _not_workbook(filename, what)
    if not workbook_part(package):
        if "[Content_Types].xml" in names:
            raise broken("缺少工作簿目录")
        raise _not_workbook(filename, "这是压缩包")
    if not sheet_parts(package):
        raise broken("里面没有工作表")


def _check_macros(package: zipfile.ZipFile, filename: str) -> None:
    names = [name.casefold() for name in package.namelist()]
    held = any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names)
    if held or filename.casefold().endswith((".xlsm", ".xltm", ".xlam")):
        raise DomainError("file_macro", "文件带有宏程序，为了安全不接收。请另存为“Excel 工作簿（.xlsx）”（不带宏），再上传。")


def _check_parts(package: zipfile.ZipFile, limits: Limits) -> None:
    """Unpack every part once, counting: a lying size breaks the check sum, a swollen part stops early, a DTD is refused."""
    left = limits.unpacked
    for part in package.infolist():
        left -= _unpacked_size(package, part, left)
        swollen = part.file_size > limits.ratio_from and part.file_size > limits.ratio * max(part.compress_size, 1)
        if left < 0 or swollen:
            raise bomb()


def _unpacked_size(package: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    prologue = _Prologue() if part.filename.casefold().endswith((".xml", ".rels")) else None
    size = 0
    with package.open(part) as stream:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise bomb()
            if prologue:
                prologue.feed(chunk)
    return size


class _Prologue:
    """Looks at an XML part up to its first element: office files never carry a DTD, entity tricks need one."""

    def __init__(self) -> None:
        self.done = False
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._element

    def feed(self, chunk: bytes) -> None:
        if not self.done:
            self.parser.Parse(chunk, False)

    def _doctype(self, *_declaration: object) -> None:
        raise bomb()

    def _element(self, *_element: object) -> None:
        self.done = True
        self.parser.StartElementHandler = None
