"""Sealed values: encrypted by the application, bound to their place, found again by a keyed blind index.

Layout of a sealed value (34 bytes longer than the text):

    byte 0       version (1)
    byte 1       algorithm: 1 AES-256-GCM, 2 SM4-GCM
    bytes 2–5    key id, big endian (`core.keyring`)
    bytes 6–17   nonce, random
    rest         ciphertext and the 16 byte tag

The additional data is `table NUL row NUL field`, so a value copied to another row, field or table does not open.
"""

import hashlib
import hmac
import os
import struct
import uuid
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from core import keyring
from core.errors import DomainError
from core.keyring import AES_256_GCM, HMAC_SHA256, SM4_GCM, Key, Keyring, KeyringFault

VERSION: Final = 1
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
HEAD: Final = struct.Struct(">BBI")
OVERHEAD: Final = HEAD.size + NONCE_BYTES + TAG_BYTES
BLIND_BYTES: Final = 32

Row = uuid.UUID | str


class Tampered(DomainError):
    """A sealed value does not open in its place: changed, moved from elsewhere, or its key is gone."""

    def __init__(self, code: str = "tampered", message: str = "加密内容校验失败：数据可能被改动或移动过。") -> None:
        super().__init__(code, message)


class Cipher(Protocol):
    """Authenticated encryption. `encrypt` answers ciphertext + tag; `decrypt` raises InvalidTag."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...


class Sm4Gcm:
    """SM4 (GB/T 32907) in GCM with a 16 byte key, where the OpenSSL of the machine has it."""

    KEY_BYTES: Final = 16

    def __init__(self, secret: bytes) -> None:
        self._algorithm = algorithms.SM4(secret)
        try:
            self.encrypt(bytes(NONCE_BYTES), b"", b"")
        except UnsupportedAlgorithm:
            raise KeyringFault("本机的 OpenSSL 不支持 SM4-GCM，请改用 AES-256-GCM 密钥") from None

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        worker = BlockCipher(self._algorithm, modes.GCM(nonce)).encryptor()
        worker.authenticate_additional_data(associated_data)
        return worker.update(data) + worker.finalize() + worker.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        if len(data) < TAG_BYTES:
            raise InvalidTag
        worker = BlockCipher(self._algorithm, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        worker.authenticate_additional_data(associated_data)
        return worker.update(data[:-TAG_BYTES]) + worker.finalize()


ALGORITHM_BYTE: Final = {AES_256_GCM: 1, SM4_GCM: 2, HMAC_SHA256: 1}  # the audit keys seal by AES


def make_cipher(key: Key, purpose: str) -> Cipher:
    """The cipher of a key. Each algorithm gets a key of its own from the same secret."""
    if key.algorithm == SM4_GCM:
        return Sm4Gcm(key.derive(f"{purpose} {SM4_GCM}", Sm4Gcm.KEY_BYTES))
    return AESGCM(key.derive(f"{purpose} {AES_256_GCM}"))


def seal(text: str, *, table: str, row: Row, field: str, keys: str = "fields") -> bytes:
    """Encrypt a text for its place. `table` is the live table, also for history and staging rows."""
    return _seal(keys, text.encode(), _place(table, row, field))


def unseal(blob: bytes | memoryview, *, table: str, row: Row, field: str, keys: str = "fields") -> str:
    return _unseal(keys, blob, _place(table, row, field)).decode()


def seal_bytes(data: bytes, *, table: str, row: Row, field: str) -> bytes:
    """Encrypt a file (whole in memory, up to the upload limit) with the keys of the files."""
    return _seal("files", data, _place(table, row, field))


def unseal_bytes(blob: bytes | memoryview, *, table: str, row: Row, field: str) -> bytes:
    return _unseal("files", blob, _place(table, row, field))


def blind(value: str, field: str, *, keys: str = "blind") -> bytes:
    """Keyed index of a value (32 bytes, HMAC-SHA256 with the key of this field) for equality and uniqueness.

    The caller normalises first. An empty value has no index: all empty ones would be equal.
    """
    if not value:
        raise ValueError(f"no blind index for an empty {field}")
    ring = keyring.ring()
    return hmac.digest(_blind_key(ring, ring.sets[keys].current, field), value.encode(), hashlib.sha256)


def blinds(value: str, field: str, *, keys: str = "blind") -> list[bytes]:
    """The index under every key, the current first: what a look-up compares with while keys are rotated."""
    if not value:
        raise ValueError(f"no blind index for an empty {field}")
    ring, data = keyring.ring(), value.encode()
    return [hmac.digest(_blind_key(ring, key, field), data, hashlib.sha256) for key in ring.sets[keys].newest_first]


def is_changing_blind_keys() -> bool:
    """Whether rows may stand under more than one blind key: equality in the database is then not yet equality of values."""
    return len(keyring.ring().sets["blind"].by_id) > 1


def key_id(blob: bytes | memoryview) -> int:
    """The key a sealed value was written with (rotation asks this)."""
    return _head(bytes(blob))[2]


class Sealed(property):
    """A clear-text attribute over a sealed column: `id_number = Sealed("id_number_sealed", field="id_number")`.

    Reads "" where nothing is stored; writing "" stores NULL (or b"" in a column that refuses NULL). The row needs its
    `uuid`. A history model shares uuid and ciphertext with the live one and names the live table in `table`.
    Being a property, it may be given to the model's constructor. `blind` names the column with the value's blind index,
    which a change of keys renews together with it.
    """

    def __init__(self, column: str, *, field: str, table: str = "", blind: str = "") -> None:
        super().__init__(self._read, self._write)
        self.column, self.field, self.table, self.blind = column, field, table, blind

    def _read(self, instance: models.Model) -> str:
        blob = getattr(instance, self.column)
        if not blob:
            return ""
        return unseal(blob, table=self._table_of(instance), row=instance.uuid, field=self.field)

    def _write(self, instance: models.Model, text: str) -> None:
        setattr(instance, self.column, self._sealed(instance, text) if text else self._nothing(instance))

    def _sealed(self, instance: models.Model, text: str) -> bytes:
        return seal(text, table=self._table_of(instance), row=instance.uuid, field=self.field)

    def _nothing(self, instance: models.Model) -> bytes | None:
        return None if instance._meta.get_field(self.column).null else b""

    def _table_of(self, instance: models.Model) -> str:
        return self.table or instance._meta.db_table


def _place(table: str, row: Row, field: str) -> bytes:
    place = f"{table}\0{row}\0{field}"
    if not (table and row and field) or place.count("\0") != 2:
        raise ValueError("a sealed value needs table, row and field, without NUL")
    return place.encode()


def _seal(purpose: str, data: bytes, place: bytes) -> bytes:
    head, cipher = _writer(keyring.ring(), purpose)
    nonce = os.urandom(NONCE_BYTES)
    return head + nonce + cipher.encrypt(nonce, data, place)


def _unseal(purpose: str, blob: bytes | memoryview, place: bytes) -> bytes:
    data = bytes(blob)
    version, algorithm, number = _head(data)
    cipher = _reader(purpose, version, algorithm, number)
    try:
        return cipher.decrypt(data[HEAD.size : HEAD.size + NONCE_BYTES], data[HEAD.size + NONCE_BYTES :], place)
    except InvalidTag:
        raise Tampered from None


def _head(data: bytes) -> tuple[int, int, int]:
    if len(data) < OVERHEAD:
        raise Tampered
    return HEAD.unpack_from(data)


def _writer(ring: Keyring, purpose: str) -> tuple[bytes, Cipher]:
    """Head and cipher of the current key, made once for each reading of the keyring."""
    slot = ("writer", purpose)
    writer = ring.prepared.get(slot)
    if writer is None:
        key = ring.sets[purpose].current
        head = HEAD.pack(VERSION, ALGORITHM_BYTE[key.algorithm], key.id)
        writer = ring.prepared[slot] = (head, make_cipher(key, purpose))
    return writer


def _reader(purpose: str, version: int, algorithm: int, number: int) -> Cipher:
    ring = keyring.ring()
    if number not in ring.sets[purpose].by_id:
        ring = keyring.ring(look_now=True)
    key = ring.sets[purpose].by_id.get(number)
    if key is None:
        raise Tampered("key_missing", f"密钥文件中没有编号为 {number} 的密钥，无法解密。")
    if version != VERSION or algorithm != ALGORITHM_BYTE[key.algorithm]:
        raise Tampered
    slot = (purpose, number)
    cipher = ring.prepared.get(slot)
    if cipher is None:
        cipher = ring.prepared[slot] = make_cipher(key, purpose)
    return cipher


def _blind_key(ring: Keyring, key: Key, field: str) -> bytes:
    slot = (f"blind {key.id}", field)
    derived = ring.prepared.get(slot)
    if derived is None:
        derived = ring.prepared[slot] = key.derive(f"blind {field}")
    return derived
