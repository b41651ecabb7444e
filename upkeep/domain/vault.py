"""One encrypted file, written and read as a stream: nothing of it ever stands on a disk in clear.

Layout: `DWBACK01`, salt (16), nonce prefix (7), then chunks of one mebibyte, each AES-256-GCM with the head as additional
data. The nonce of a chunk is prefix, number (4) and whether it is the last (1): a chunk that is changed, moved, left out
or cut off does not open. The key comes from a passphrase by scrypt.
"""

import hashlib
import os
import struct
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import DomainError

MAGIC: Final = b"DWBACK01"
SALT_BYTES: Final = 16
PREFIX_BYTES: Final = 7
HEAD_BYTES: Final = len(MAGIC) + SALT_BYTES + PREFIX_BYTES
TAG_BYTES: Final = 16
CHUNK: Final = 1 << 20
SCRYPT: Final = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024, "dklen": 32}
SHORTEST: Final = 16


class Damaged(DomainError):
    """A wrong passphrase and a changed file look the same."""

    def __init__(self) -> None:
        super().__init__("archive_damaged", "备份打不开：口令不对，或者文件被改动、截断过。")


def passphrase(file: Path) -> bytes:
    """The passphrase a file holds; only its owner may read it."""
    try:
        mode, secret = file.stat().st_mode, file.read_bytes().strip()
    except OSError as error:
        raise DomainError("passphrase_missing", f"口令文件 {file} 读不了（{error.strerror}）。") from None
    if os.name == "posix" and mode & 0o077:
        raise DomainError("passphrase_shared", f"口令文件 {file} 可被其他用户读取，请先执行 chmod 600 {file}。")
    if len(secret) < SHORTEST:
        raise DomainError("passphrase_short", f"备份口令太短，至少 {SHORTEST} 个字符。")
    return secret


def _cipher(secret: bytes, head: bytes) -> AESGCM:
    salt = head[len(MAGIC) : len(MAGIC) + SALT_BYTES]
    return AESGCM(hashlib.scrypt(secret, salt=salt, **SCRYPT))


def _nonce(head: bytes, number: int, *, last: bool) -> bytes:
    return head[-PREFIX_BYTES:] + struct.pack(">IB", number, last)


class Writer:
    """Takes clear bytes, writes sealed ones. `finish` writes the last chunk; without it the file does not open."""

    def __init__(self, out: BinaryIO, secret: bytes) -> None:
        self._out, self._number, self._waiting = out, 0, bytearray()
        self._head = MAGIC + os.urandom(SALT_BYTES + PREFIX_BYTES)
        self._cipher = _cipher(secret, self._head)
        out.write(self._head)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def finish(self) -> None:
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, data: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._head, self._number, last=last), data, self._head))
        self._number += 1


class Reader:
    """Gives the clear bytes back, chunk by chunk, each only after it has been found whole."""

    def __init__(self, source: BinaryIO, secret: bytes) -> None:
        self._source, self._number, self._open, self._ended = source, 0, bytearray(), False
        self._head = source.read(HEAD_BYTES)
        if len(self._head) != HEAD_BYTES or not self._head.startswith(MAGIC):
            raise Damaged
        self._cipher = _cipher(secret, self._head)
        self._next = source.read(CHUNK + TAG_BYTES)

    def read(self, size: int) -> bytes:
        while len(self._open) < size and not self._ended:
            self._unseal()
        found = bytes(self._open[:size])
        del self._open[:size]
        return found

    def _unseal(self) -> None:
        blob, self._next = self._next, self._source.read(CHUNK + TAG_BYTES)
        self._ended = not self._next
        try:
            self._open += self._cipher.decrypt(_nonce(self._head, self._number, last=self._ended), blob, self._head)
        except InvalidTag:
            raise Damaged from None
        self._number += 1
