"""An encrypted stream: AES-256-GCM in chunks, key from a passphrase by scrypt. Format: docs/formats/take-out.md.

Each chunk is sealed with its number and with whether it is the last, so that none can be dropped, moved or cut off unnoticed.
"""

import io
import json
import os
import struct
from collections.abc import Iterator
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from core.errors import DomainError

MAGIC: Final = b"DANGWU-TAKE-OUT-1\n"
CHUNK: Final = 1 << 20
TAG: Final = 16
LENGTH: Final = struct.Struct(">I")
NONCE: Final = struct.Struct(">7sI?")
COST: Final = {"n": 1 << 17, "r": 8, "p": 1}
MOST_HEADER: Final = 4096


class Unreadable(DomainError):
    """Not such an archive, another passphrase, or changed on the way: which of them cannot be told."""

    def __init__(self) -> None:
        super().__init__("archive_unreadable", "打不开：口令不对，或文件不完整、被改动过。请核对口令和文件的校验值。")


def _key(passphrase: str, header: dict[str, object]) -> bytes:
    salt, cost = bytes.fromhex(str(header["salt"])), {name: int(header[name]) for name in ("n", "r", "p")}
    if not (2 <= cost["n"] <= 1 << 20 and 1 <= cost["r"] <= 32 and 1 <= cost["p"] <= 8):
        raise Unreadable
    return Scrypt(salt=salt, length=32, **cost).derive(passphrase.encode())


class SealingWriter:
    """Takes clear bytes, gives sealed ones by `drain`; `finish` seals the last chunk."""

    def __init__(self, passphrase: str) -> None:
        header = {"kdf": "scrypt", "salt": os.urandom(16).hex(), **COST, "cipher": "AES-256-GCM", "prefix": os.urandom(7).hex()}
        text = json.dumps(header).encode()
        self._associated = MAGIC + text
        self._cipher, self._prefix = AESGCM(_key(passphrase, header)), bytes.fromhex(header["prefix"])
        self._clear, self._sealed, self._number = bytearray(), bytearray(MAGIC + LENGTH.pack(len(text)) + text), 0

    def write(self, data: bytes) -> int:
        self._clear += data
        while len(self._clear) > CHUNK:
            self._seal(bytes(self._clear[:CHUNK]), last=False)
            del self._clear[:CHUNK]
        return len(data)

    def _seal(self, data: bytes, *, last: bool) -> None:
        nonce = NONCE.pack(self._prefix, self._number, last)
        sealed = self._cipher.encrypt(nonce, data, self._associated)
        self._sealed += LENGTH.pack(len(sealed)) + sealed
        self._number += 1

    def drain(self) -> bytes:
        """What is ready to leave."""
        ready = bytes(self._sealed)
        self._sealed.clear()
        return ready

    def finish(self) -> bytes:
        self._seal(bytes(self._clear), last=True)
        self._clear.clear()
        return self.drain()


class OpeningReader(io.RawIOBase):
    """The clear bytes of a sealed stream, chunk by chunk; Unreadable as soon as one does not open."""

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        self._source = source
        if source.read(len(MAGIC)) != MAGIC:
            raise Unreadable
        text = source.read(self._length(MOST_HEADER))
        try:
            header = json.loads(text)
            self._cipher, self._prefix = AESGCM(_key(passphrase, header)), bytes.fromhex(header["prefix"])
        except (ValueError, KeyError, TypeError) as fault:
            raise Unreadable from fault
        self._associated, self._number, self._left, self._ended = MAGIC + text, 0, b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:
        while not self._left and not self._ended:
            self._left = self._next()
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count

    def _length(self, most: int) -> int:
        head = self._source.read(LENGTH.size)
        if len(head) != LENGTH.size or LENGTH.unpack(head)[0] > most:
            raise Unreadable
        return LENGTH.unpack(head)[0]

    def _next(self) -> bytes:
        sealed = self._source.read(self._length(CHUNK + TAG))
        for last in (False, True):
            try:
                clear = self._cipher.decrypt(NONCE.pack(self._prefix, self._number, last), sealed, self._associated)
            except InvalidTag:
                continue
            self._number, self._ended = self._number + 1, last
            if last and self._source.read(1):
                raise Unreadable
            return clear
        raise Unreadable


def opened(source: IO[bytes], passphrase: str) -> io.BufferedReader:
    return io.BufferedReader(OpeningReader(source, passphrase), buffer_size=CHUNK)


def drained(writer: SealingWriter) -> Iterator[bytes]:
    """What is ready, if anything."""
    if ready := writer.drain():
        yield ready
