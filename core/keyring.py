"""The keyring: every secret key of the product in one JSON file outside the database.

The file (`settings.KEYRING_FILE`, mode 0600) holds four independent sets of keys:

    {"version": 1, "sets": {"fields": {"current": 7, "keys": {"7": {"secret": "<base64, 32 bytes>",
     "algorithm": "AES-256-GCM", "made_at": "2026-11-22T08:00:00+00:00"}}}, "blind": …, "audit": …, "files": …}}

`fields` and `files` encrypt, `blind` is the root of the blind indexes, `audit` signs the audit chain. The current key
writes; every key of the set still reads, so a rotation is: add a key, make it current, rewrite, remove the old one.
Key ids are random: a keyring that was lost and made anew is told from one that merely disagrees.
"""

import base64
import binascii
import json
import os
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SECRET_BYTES: Final = 32
MAX_KEY_ID: Final = 2**32 - 1
LOOK_AGAIN_SECONDS: Final = 1.0
AES_256_GCM: Final = "AES-256-GCM"
SM4_GCM: Final = "SM4-GCM"
HMAC_SHA256: Final = "HMAC-SHA256"
SETS: Final = {
    "fields": (AES_256_GCM, SM4_GCM),
    "files": (AES_256_GCM, SM4_GCM),
    "blind": (HMAC_SHA256,),
    "audit": (HMAC_SHA256,),
}


class KeyringFault(ImproperlyConfigured):
    """The keyring is missing, readable by others or malformed: nothing may be read or written without it."""


@dataclass(frozen=True, slots=True)
class Key:
    """One secret. `repr` never shows it."""

    id: int
    algorithm: str
    secret: bytes = field(repr=False)

    def derive(self, purpose: str, length: int = SECRET_BYTES) -> bytes:
        """A key for one purpose only (HKDF-SHA256): two purposes never share bytes."""
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=f"dangwu {purpose}".encode()).derive(self.secret)


@dataclass(frozen=True, slots=True)
class KeySet:
    """Keys of one use: the current one writes, all of them read."""

    current: Key
    by_id: dict[int, Key]

    @property
    def newest_first(self) -> list[Key]:
        """The current key, then the older ones."""
        return [self.current, *(key for key in self.by_id.values() if key is not self.current)]


@dataclass(frozen=True, slots=True)
class Keyring:
    """One reading of the file. `prepared` keeps what callers derive from its keys; a reload starts it empty."""

    sets: dict[str, KeySet]
    prepared: dict[tuple[str, object], object] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Reading:
    path: str
    stamp: tuple[int, int, int]
    ring: Keyring


_lock = threading.Lock()
_reading: _Reading | None = None
_looked_at = 0.0


def ring(*, look_now: bool = False) -> Keyring:
    """The keyring of this process. Read again when the file has changed (looked at once a second, or `look_now`)."""
    reading = _reading
    fresh = time.monotonic() - _looked_at < LOOK_AGAIN_SECONDS and not look_now
    if reading is not None and fresh and reading.path == str(settings.KEYRING_FILE):
        return reading.ring
    with _lock:
        return _look(str(settings.KEYRING_FILE))


def _look(path: str) -> Keyring:
    global _reading, _looked_at
    file = Path(path)
    if not file.exists():
        _make_for_embedded_use(file)
    stat = file.stat()
    stamp = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
    if _reading is None or (_reading.path, _reading.stamp) != (path, stamp):
        _refuse_if_shared(file, stat.st_mode)
        _reading = _Reading(path, stamp, _parse(file))
    _looked_at = time.monotonic()
    return _reading.ring


def _refuse_if_shared(file: Path, mode: int) -> None:
    if os.name == "posix" and mode & 0o077:
        raise KeyringFault(f"密钥文件 {file} 可被其他用户读取，请先执行 chmod 600 {file}")


def _make_for_embedded_use(file: Path) -> None:
    """First use. In production a missing keyring is a fault: new keys cannot read the old data."""
    if settings.PRODUCTION:
        raise KeyringFault(
            f"密钥文件 {file} 不存在：请从备份恢复，或用环境变量 DANGWU_KEYRING 指明其位置；首次安装请执行 manage.py make_keyring"
        )
    create(file)


def create(file: Path) -> bool:
    """Write a new keyring, whole and for its owner only; False when one stands there already (it is never touched)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(fresh_keyring())
        out.flush()
        os.fsync(out.fileno())
    return _publish(draft, file)


def _publish(draft: Path, file: Path) -> bool:
    """Link, never overwrite: of two processes starting together the first one's keys stand."""
    try:
        os.link(draft, file)
    except FileExistsError:
        return False
    else:
        return True
    finally:
        draft.unlink()


def fresh_keyring() -> str:
    """The text of a new keyring with one key in each set."""
    sets = {name: _fresh_set(algorithms[0]) for name, algorithms in SETS.items()}
    return json.dumps({"version": 1, "sets": sets}, indent=1)


def _fresh_set(algorithm: str) -> dict[str, object]:
    key_id = secrets.randbelow(MAX_KEY_ID) + 1
    secret = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"current": key_id, "keys": {str(key_id): {"secret": secret, "algorithm": algorithm, "made_at": made_at}}}


def add_keys(file: Path, names: Iterable[str], *, algorithm: str = "") -> dict[str, int]:
    """A new current key in each of these sets; the others go on reading. Answers the new ids."""
    document = _document(file)
    added: dict[str, int] = {}
    for name in names:
        fresh = _fresh_set(algorithm if algorithm in SETS[name] else SETS[name][0])
        part = document["sets"][name]
        part["keys"] |= fresh["keys"]
        part["current"] = added[name] = fresh["current"]
    _replace(file, document)
    return added


def retire_keys(file: Path, unused: Mapping[str, Iterable[int]]) -> None:
    """Take keys out for good. The current key of a set is never taken."""
    document = _document(file)
    for name, ids in unused.items():
        part = document["sets"][name]
        for key_id in ids:
            if key_id == part["current"]:
                raise ValueError("the current key is in use")
            part["keys"].pop(str(key_id), None)
    _replace(file, document)


def _document(file: Path) -> dict[str, Any]:
    _parse(file)
    return json.loads(file.read_text(encoding="ascii"))


def _replace(file: Path, document: dict[str, Any]) -> None:
    """Whole or not at all: a reader sees the file of before or the file of now."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(json.dumps(document, indent=1))
            out.flush()
            os.fsync(out.fileno())
        _parse(draft)
        draft.replace(file)
    except OSError as error:
        raise KeyringFault(f"密钥文件 {file} 写不了（{error.strerror}）：请在能写它的机器上执行，再分发到各台服务器") from None
    finally:
        draft.unlink(missing_ok=True)


def _parse(file: Path) -> Keyring:
    try:
        document = json.loads(file.read_text(encoding="ascii"))
        if document["version"] != 1:
            raise ValueError("version")
        return Keyring({name: _parse_set(name, document["sets"][name]) for name in SETS})
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as fault:
        raise KeyringFault(f"密钥文件 {file} 内容不正确（{type(fault).__name__}），请从备份恢复") from None


def _parse_set(name: str, part: dict[str, object]) -> KeySet:
    entries = sorted(part["keys"].items(), key=lambda item: item[1]["made_at"], reverse=True)
    keys = {int(key_id): _parse_key(name, int(key_id), entry) for key_id, entry in entries}
    return KeySet(keys[part["current"]], keys)


def _parse_key(name: str, key_id: int, entry: dict[str, str]) -> Key:
    secret = base64.b64decode(entry["secret"], validate=True)
    algorithm = entry["algorithm"]
    if not 0 < key_id <= MAX_KEY_ID or len(secret) != SECRET_BYTES or algorithm not in SETS[name]:
        raise ValueError(name)
    return Key(key_id, algorithm, secret)
