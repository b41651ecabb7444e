"""What stands in a backup: the dump in parts, the files, the anchors, and at the end a manifest with the digest of each."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, Final

from core.errors import DomainError
from upkeep.domain import vault

PART_BYTES: Final = 8 << 20
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database/"
FORMAT: Final = 1
REST: Final = 1 << 30


@dataclass
class Manifest:
    """What a backup holds and of what state it is; `rows` counts every table in the snapshot of the dump."""

    made_at: str
    release: str
    postgres: int
    migrations: list[str]
    rows: dict[str, int]
    head: dict[str, Any]
    parts: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


class Packer:
    """Adds members to a sealed archive and remembers their digests."""

    def __init__(self, out: BinaryIO, secret: bytes, manifest: Manifest) -> None:
        self._vault, self._manifest = vault.Writer(out, secret), manifest
        self._tar = tarfile.open(fileobj=self._vault, mode="w|")  # type: ignore[call-overload]  # noqa: SIM115 - closed in finish

    def add(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        self._tar.addfile(info, io.BytesIO(data))
        self._manifest.parts[name] = hashlib.sha256(data).hexdigest()

    def add_stream(self, folder: str, source: IO[bytes]) -> None:
        """A stream of unknown length, as numbered parts."""
        number = 0
        while data := source.read(PART_BYTES):
            self.add(f"{folder}{number:06d}", data)
            number += 1

    def finish(self) -> None:
        self.add(MANIFEST, json.dumps(asdict(self._manifest), ensure_ascii=False).encode())
        self._tar.close()
        self._vault.finish()


def members(path: Path, secret: bytes) -> Iterator[tuple[str, bytes]]:
    """Every member in order. What was changed or cut off raises before anything false is handed out."""
    with path.open("rb") as source:
        opened = vault.Reader(source, secret)
        with tarfile.open(fileobj=opened, mode="r|") as tar:  # type: ignore[call-overload]
            for info in tar:
                taken = tar.extractfile(info)
                yield info.name, taken.read() if taken else b""
        opened.read(REST)  # to the very end: a tail cut off is noticed here


def inspect(path: Path, secret: bytes) -> Manifest:
    """Read the whole archive once and compare every member with the manifest; nothing is written."""
    digests: dict[str, str] = {}
    text = b""
    for name, data in members(path, secret):
        if name == MANIFEST:
            text = data
        else:
            digests[name] = hashlib.sha256(data).hexdigest()
    manifest = _read(text)
    if manifest.parts != digests:
        raise vault.Damaged
    return manifest


def _read(text: bytes) -> Manifest:
    try:
        manifest = Manifest(**json.loads(text))
    except (ValueError, TypeError):
        raise vault.Damaged from None
    if manifest.format != FORMAT:
        raise DomainError("archive_format", "这份备份的格式与本版本不同，请用做备份时的版本恢复。")
    return manifest


def lay_down(name: str, data: bytes, folder: Path, write: Callable[[Path, bytes], None]) -> None:
    """Write a member below `folder`; a name that leads out of it is refused."""
    inner = PurePosixPath(name)
    if inner.is_absolute() or ".." in inner.parts:
        raise vault.Damaged
    write(folder / inner, data)
