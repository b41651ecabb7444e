"""Putting a backup into an empty installation: everything is looked through before anything is written."""

import os
import subprocess
import uuid
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from audit import rules
from audit.domain import record, restores
from audit.domain.anchoring import anchor
from audit.domain.sealing import seal_all
from core import keyring
from core.commands import os_user
from core.errors import Conflict, DomainError
from upkeep.domain import clients, vault
from upkeep.domain.archives import DATABASE, Manifest, inspect, lay_down, members
from upkeep.domain.backing_up import COUNT, _count

CHECKS: Final = (("verify_audit",), ("check_grants",), ("rebuild_figures", "--check"))


@dataclass(frozen=True)
class Restored:
    """What came of a restore: tables whose rows are not those of the manifest, and the checks that failed."""

    made_at: str
    rows: int
    differing: list[str]
    failed: list[str]


def restore_keys(archive: Path, secret: bytes) -> None:
    """The keyring of a backup, where none stands; another one is never overwritten."""
    file = Path(settings.KEYRING_FILE)
    with archive.open("rb") as source:
        reader = vault.Reader(source, secret)
        text = reader.read(vault.CHUNK)
    if file.exists():
        if file.read_bytes() != text:
            raise Conflict("keyring_there", f"{file} 已有另一份密钥文件，没有覆盖。请先确认哪一份是对的。")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    _write(file, text)


def restore(archive: Path, secret: bytes) -> Restored:
    """Refused unless the database is empty, the archive whole, the code new enough and the keys there."""
    _require_empty()
    manifest = inspect(archive, secret)
    _require_known(manifest)
    keyring.ring(look_now=True)
    _load_database(archive, secret)
    differing = _differing(manifest)
    _lay_down_files(archive, secret)
    call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
    _note(manifest)
    return Restored(
        manifest.made_at, sum(manifest.rows.values()), differing, [name for name, *more in CHECKS if not _holds(name, *more)]
    )


def _require_empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        if cursor.fetchone() is not None:
            raise Conflict("not_empty", "目标数据库不是空的，没有恢复。请新建一个空数据库，再用 DATABASE_URL 指向它。")


def _require_known(manifest: Manifest) -> None:
    """A backup of a newer release holds what this one does not understand."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if unknown := sorted(set(manifest.migrations) - known):
        raise Conflict("newer_backup", f"这份备份来自更新的版本（{manifest.release}，{unknown[0]} 等），请用那个版本恢复。")


def _load_database(archive: Path, secret: bytes) -> None:
    """All in one transaction: either the whole database stands or it is as empty as before."""
    told = dict(clients.environment())
    command = [
        clients.program("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
        "--dbname", told["PGDATABASE"],
    ]  # fmt: skip
    connection.close()
    with subprocess.Popen(command, env=told, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        try:
            for name, data in members(archive, secret):
                if name.startswith(DATABASE):
                    process.stdin.write(data)  # type: ignore[union-attr]
            process.stdin.close()  # type: ignore[union-attr]
        except BrokenPipeError:
            pass  # its complaint says why
        complaint = process.stderr.read().decode(errors="replace")  # type: ignore[union-attr]
    if process.returncode:
        raise DomainError("restore_failed", f"pg_restore 没有完成，数据库保持为空：{complaint.strip()[:500]}")


def _differing(manifest: Manifest) -> list[str]:
    """Tables that do not hold as many rows as the snapshot did."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        standing = {table: _count(table) for (table,) in cursor.fetchall()}
    return sorted(table for table in standing.keys() | manifest.rows.keys() if standing.get(table) != manifest.rows.get(table))


def _lay_down_files(archive: Path, secret: bytes) -> None:
    """Files and anchors where nothing stands; what is there already is never overwritten."""
    for name, data in members(archive, secret):
        top, _, inner = name.partition("/")
        if top == "files":
            lay_down(inner, data, Path(settings.DATA_DIR), _write_new)
        elif top == "anchors":
            lay_down(inner, data, Path(settings.AUDIT_ANCHOR_DIR), _write_new)


def _write_new(path: Path, data: bytes) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, data)


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)


def _note(manifest: Manifest) -> None:
    """In the record, and beside the anchors: what was sealed after the backup is given up, and says so from now on."""
    number = uuid.uuid4()
    head = manifest.head or {"seq": 0, "total": 0, "mac": rules.NO_PREVIOUS.hex()}
    noted = restores.Restore(
        number=str(number), restored_at=timezone.localtime().isoformat(), made_at=manifest.made_at, seq=head["seq"],
        total=head["total"], mac=head["mac"], os_user=os_user(), key_id=rules.current_key_id(),
    )  # fmt: skip
    restores.note(noted, Path(settings.AUDIT_ANCHOR_DIR))
    record(
        "restore", actor=None, kind="installation", subject=number, details={"made_at": manifest.made_at, "seals": head["seq"]}
    )
    seal_all(everything=True)
    anchor()


def _holds(name: str, *more: str) -> bool:
    try:
        call_command(name, *more, stdout=StringIO(), stderr=StringIO())
    except SystemExit:
        return False
    return True
