"""A backup of the whole installation: database, files and anchors in one sealed file; the keys, if wanted, in another place."""

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit.domain import record
from audit.domain.sealing import seal_all
from audit.models import AuditSeal
from core.errors import DomainError
from dangwu.environment import release
from upkeep.domain import clients, vault
from upkeep.domain.archives import DATABASE, Manifest, Packer

NAME: Final = re.compile(r"dangwu-\d{8}-\d{6}\.backup")
# What the data folder holds besides files worth keeping: made anew, of embedded mode, or kept apart on purpose.
LEFT_OUT: Final = frozenset(
    {"pg", "broker", "static", "logs", "counters", "backups", "keyring.json", "secret_key", "demo-accounts.json"}
)
COUNT: Final = """SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = current_schema() ORDER BY 1"""


@dataclass(frozen=True)
class Backup:
    """A finished backup."""

    file: Path
    bytes: int
    sha256: str
    made_at: str
    removed: list[str]


def back_up(folder: Path, secret: bytes, *, keep: int = 0) -> Backup:
    """Write one backup into `folder`, then let go of all but the newest `keep` (0 keeps all)."""
    folder.mkdir(parents=True, exist_ok=True)
    seal_all(everything=True)
    now = timezone.localtime()
    file = folder / f"dangwu-{now:%Y%m%d-%H%M%S}.backup"
    with _whole_or_nothing(file) as out:
        _pack(out, secret, now)
    digest = _digest(file)
    made = Backup(file, file.stat().st_size, digest, now.isoformat(), _thin_out(folder, keep))
    _tell(made)
    return made


def back_up_keys(folder: Path, secret: bytes, beside: Path) -> Path:
    """The keyring, sealed by a passphrase of its own. In the folder of the backups it would open them all: refused."""
    if folder.resolve() == beside.resolve():
        raise DomainError("keys_beside", "密钥备份不能和数据备份放在同一个文件夹：谁同时拿到两样，就拿到了全部。")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"dangwu-{timezone.localtime():%Y%m%d-%H%M%S}.keys"
    with _whole_or_nothing(file) as out:
        writer = vault.Writer(out, secret)
        writer.write(Path(settings.KEYRING_FILE).read_bytes())
        writer.finish()
    return file


def _pack(out: BinaryIO, secret: bytes, now: datetime) -> None:
    """The dump and the counts see one snapshot; files come after it, so that every row finds its file."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        packer = Packer(out, secret, _manifest(now))
        _dump(packer, snapshot)
    for name, path in _files():
        packer.add(name, path.read_bytes())
    packer.finish()


def _manifest(now: datetime) -> Manifest:
    head = AuditSeal.objects.order_by("seq").values("seq", "total", "mac").last() or {}
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        rows = {table: _count(table) for (table,) in cursor.fetchall()}
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        migrations = [name for (name,) in cursor.fetchall()]
    told = {**head, "mac": bytes(head["mac"]).hex()} if head else {}
    return Manifest(now.isoformat(), release(), connection.pg_version, migrations, rows, told)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name the catalogue quoted
        return int(cursor.fetchone()[0])


def _dump(packer: Packer, snapshot: str) -> None:
    command = [clients.program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=dict(clients.environment()), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        packer.add_stream(DATABASE, process.stdout)  # type: ignore[arg-type]
        complaint = process.stderr.read().decode(errors="replace")  # type: ignore[union-attr]
    if process.returncode:
        raise DomainError("dump_failed", f"pg_dump 没有完成：{complaint.strip()[:500]}")


def _files() -> Iterator[tuple[str, Path]]:
    data, anchors = Path(settings.DATA_DIR), Path(settings.AUDIT_ANCHOR_DIR)
    for path in sorted(data.rglob("*")):
        inner = path.relative_to(data)
        if path.is_file() and not _is_left_out(inner) and not path.is_relative_to(anchors):
            yield f"files/{inner.as_posix()}", path
    for path in sorted(anchors.glob("*.*")):
        yield f"anchors/{path.name}", path


def _is_left_out(inner: Path) -> bool:
    return (
        inner.parts[0] in LEFT_OUT
        or inner.name.startswith(("celerybeat-schedule", "."))
        or inner.suffix in (".part", ".rotating")
    )


@contextmanager
def _whole_or_nothing(file: Path) -> Iterator[BinaryIO]:
    """What stands under the name is complete; a backup that failed leaves nothing behind."""
    draft = file.with_suffix(".part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _tell(made: Backup) -> None:
    """Beside the backup what it is, for people and scripts; in the record that it was made."""
    told: dict[str, Any] = {"file": made.file.name, "bytes": made.bytes, "sha256": made.sha256, "made_at": made.made_at}
    made.file.with_suffix(".json").write_text(json.dumps(told | {"release": release()}, indent=1) + "\n", "utf-8")
    record("backup", actor=None, kind="installation", details=told | {"removed": made.removed})


def _thin_out(folder: Path, keep: int) -> list[str]:
    """Only what bears the name of a backup is ever removed."""
    standing = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    gone = standing[:-keep] if keep else []
    for path in gone:
        path.unlink()
        path.with_suffix(".json").unlink(missing_ok=True)
    return [path.name for path in gone]
