"""What may be attached, judged by the content and not by the name; pictures without the place where they were taken."""

import io
import struct
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

import filetype

from core.errors import DomainError

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "ofd": "application/ofd",
    "jpg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PICTURES = ("jpg", "png")
SAME = {"jpeg": "jpg", "jpe": "jpg"}
PARTS_MAX = 5000
ZIP_MARK = b"PK\x03\x04"
INSIDE = {"OFD.xml": "ofd", "word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its real kind, and its content as it is kept."""

    extension: str
    content: bytes
    place_removed: bool = False

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.extension]


def checked_file(content: bytes, file_name: str, *, kinds: tuple[str, ...], limit_bytes: int) -> Checked:
    """Refuses what is empty, too big, of another kind than allowed, or of another kind than its name says."""
    if not content:
        raise DomainError("file_empty", "文件是空的，请重新选择。", field="file")
    if len(content) > limit_bytes:
        raise DomainError("file_too_big", f"文件超过 {limit_bytes // 1024 // 1024} MB，请压缩后再上传。", field="file")
    real = real_kind(content)
    if real not in kinds or real not in MEDIA_TYPES:
        allowed = "、".join(kind.upper() for kind in kinds)
        raise DomainError("file_kind", f"只能上传 {allowed} 文件，按文件内容判断。", field="file")
    named = PurePath(file_name).suffix.lstrip(".").lower()
    if SAME.get(named, named) != real:
        raise DomainError("file_name_kind", f"文件内容是 {real.upper()}，文件名却不是，请核对是不是选错了文件。", field="file")
    kept = without_place(content, real)
    return Checked(real, kept, kept != content)


def real_kind(content: bytes) -> str:
    """The kind by the content: "" for none we know. A document with macros is none."""
    if content.startswith(ZIP_MARK):
        return _packed_kind(content)
    found = filetype.guess_extension(content)
    return str(found or "")


def _packed_kind(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    if len(names) > PARTS_MAX or any("vbaproject" in name.lower() for name in names):
        return ""
    return next((kind for part, kind in INSIDE.items() if part in names), "")


def without_place(content: bytes, kind: str) -> bytes:
    """A picture without the data that cameras write into it (place, device, time); which way is up is kept."""
    try:
        if kind == "jpg":
            return _bare_jpeg(content)
        return _bare_png(content) if kind == "png" else content
    except (struct.error, IndexError):
        raise DomainError("picture_broken", "图片不完整，打不开。请重新拍照或另存后再上传。", field="file") from None


# JPEG: segments FF xx length; those of the camera are APP1 (Exif, XMP), APP13 (IPTC) and the comment.
_CAMERA = (0xE1, 0xED, 0xFE)
_SCAN, _EXIF = 0xDA, b"Exif\0\0"


def _bare_jpeg(content: bytes) -> bytes:
    kept, at, turned = [content[:2]], 2, 0
    while True:
        mark, length = content[at + 1], struct.unpack_from(">H", content, at + 2)[0]
        if content[at] != 0xFF or length < 2 or at + 2 + length > len(content):
            raise IndexError
        if mark == _SCAN:
            break
        segment = content[at : at + 2 + length]
        if mark in _CAMERA:
            turned = turned or _orientation(segment[4:])
        else:
            kept.append(segment)
        at += 2 + length
    if turned > 1:
        kept.insert(1, _turned(turned))
    return b"".join([*kept, content[at:]])


def _orientation(data: bytes) -> int:
    """Tag 0x0112 of the first directory; 0 when there is none."""
    if not data.startswith(_EXIF) or len(data) < 14:
        return 0
    tiff = data[len(_EXIF) :]
    order = "<" if tiff[:2] == b"II" else ">"
    start = struct.unpack_from(f"{order}I", tiff, 4)[0]
    if start + 2 > len(tiff):
        return 0
    for number in range(struct.unpack_from(f"{order}H", tiff, start)[0]):
        entry = start + 2 + 12 * number
        if entry + 12 > len(tiff):
            return 0
        if struct.unpack_from(f"{order}H", tiff, entry)[0] == 0x0112:
            return min(struct.unpack_from(f"{order}H", tiff, entry + 8)[0], 8)
    return 0


def _turned(orientation: int) -> bytes:
    """An Exif segment that says which way is up, and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    body = _EXIF + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


_PNG_HEAD = 8
_PNG_NOTES = (b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME")


def _bare_png(content: bytes) -> bytes:
    kept, at = [content[:_PNG_HEAD]], _PNG_HEAD
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise IndexError
        if name not in _PNG_NOTES:
            kept.append(content[at:end])
        at = end
        if name == b"IEND":
            break
    return b"".join(kept)
