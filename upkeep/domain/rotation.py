"""A change of keys while people work: everything sealed is rewritten under the current keys, a thousand rows at a time.

Three steps, each with its own command option: a new key is added (the old ones go on reading), everything is rewritten
(this module; killed, it goes on where it stood), the old keys are retired once nothing needs them.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import OperationalError, connection, models, transaction
from django.utils import timezone

from audit.domain import record
from core import crypto, keyring, sealed_columns
from core.commands import os_user
from core.errors import Conflict, DomainError
from core.sealed_columns import Column, SealedFile, Target
from upkeep.models import KeyRotation

ROTATED: Final = ("fields", "files", "blind")
BATCH: Final = 1_000
ROTATION_LOCK: Final = 0x6B65_7973_6368_6E67
TRIES: Final = 5


@dataclass
class Rewritten:
    """New values of one batch: for each column one for each of `ids`."""

    ids: list[Any] = field(default_factory=list)
    values: dict[str, list[bytes | None]] = field(default_factory=dict)


def add_new_keys() -> dict[str, int]:
    """A new current key in every set that rotation rewrites. Refused while the change before is not finished."""
    if KeyRotation.objects.filter(finished_at=None).exists():
        raise Conflict("rotation_open", "上一次密钥更换还没有做完，请先执行 manage.py rotate_keys 做完它。")
    added = keyring.add_keys(Path(settings.KEYRING_FILE), ROTATED)
    record("add_keys", actor=None, kind="keyring", details={"keys": added})
    return added


def rotate(*, batch: int = BATCH, say: Callable[[str], None] = lambda text: None) -> KeyRotation:
    """Rewrite whatever stands under another key than the current one; also what an earlier call has left."""
    with _alone():
        time.sleep(2 * keyring.LOOK_AGAIN_SECONDS)  # every process has read the new keyring by then
        rotation = _open_rotation()
        for target in sealed_columns.targets():
            while _rewrite_batch(target, rotation, batch):
                say(f"{target.table} {rotation.rows}")
        rotation.files += sum(_rewrite_file(one) for one in sealed_columns.files())
        return _finish(rotation)


def left_behind() -> dict[str, int]:
    """Values of each column that stand under another key than the current one: all zero after a change."""
    current = keyring.ring().sets["fields"].current.id
    return {f"{t.table}.{c.name}": _count(t.table, c.name, "<>", current) for t in sealed_columns.targets() for c in t.columns}


def retire() -> dict[str, list[int]]:
    """Take the old keys out of the keyring, unless something still needs one of them: then the sentences say what."""
    reasons = _needed()
    if reasons:
        raise DomainError("keys_needed", "旧密钥还不能停用：" + "".join(reasons))
    ring = keyring.ring(look_now=True)
    unused = {name: [key.id for key in ring.sets[name].newest_first[1:]] for name in ROTATED}
    keyring.retire_keys(Path(settings.KEYRING_FILE), unused)
    record("retire_keys", actor=None, kind="keyring", details={"keys": unused})
    return unused


def _needed() -> list[str]:
    current = _current_keys()
    done = KeyRotation.objects.filter(keys=current, finished_at__isnull=False).order_by("-started_at").first()
    if done is None:
        return ["还没有用现在的密钥把数据全部改写一遍，请先执行 manage.py rotate_keys。"]
    reasons = [f"{place} 还有 {rows} 个旧密钥的值。" for place, rows in left_behind().items() if rows]
    for table, column in sealed_columns.fixed().items():
        old = [key.id for key in keyring.ring().sets["fields"].newest_first[1:]]
        if rows := sum(_count(table, column, "=", key) for key in old):
            reasons.append(f"{table} 里有 {rows} 条不能改写的记录仍用旧密钥。")
    return reasons + sealed_columns.waiting(done.started_at)


def _current_keys() -> dict[str, int]:
    ring = keyring.ring(look_now=True)
    return {name: ring.sets[name].current.id for name in ROTATED}


def _count(table: str, column: str, sign: str, key: int) -> int:
    sql = f"SELECT count(*) FROM {table} WHERE octet_length({column}) > 0 AND substring({column} FROM 3 FOR 4) {sign} %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [key.to_bytes(4, "big")])
        return int(cursor.fetchone()[0])


@contextmanager
def _alone() -> Iterator[None]:
    """One change at a time; the lock goes with the connection, also when we are killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ROTATION_LOCK])
        if not cursor.fetchone()[0]:
            raise Conflict("rotation_running", "另一个密钥更换正在进行。")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ROTATION_LOCK])


@transaction.atomic
def _open_rotation() -> KeyRotation:
    """The unfinished one if it is for the keys of now; keys added meanwhile begin it anew from the first row."""
    keys = _current_keys()
    rotation = KeyRotation.objects.select_for_update().filter(finished_at=None).first()
    if rotation is None:
        record("rotate_keys", actor=None, kind="keyring", details={"keys": keys})
        return KeyRotation.objects.create(keys=keys, os_user=os_user()[:64])
    if rotation.keys != keys:
        rotation.keys, rotation.position = keys, {}
        rotation.save(update_fields=["keys", "position"])
    return rotation


def _rewrite_batch(target: Target, rotation: KeyRotation, size: int) -> bool:
    """The next rows of a table; False when there are none. Tried again when people's work crosses ours."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return _rewrite(target, rotation, size)
        except OperationalError:
            if not left or not connection.is_usable():
                raise
            rotation.refresh_from_db()
    return False


def _rewrite(target: Target, rotation: KeyRotation, size: int) -> bool:
    rows = _next_rows(target, rotation.position.get(target.table), size)
    if not rows:
        return False
    found = Rewritten(values={name: [] for column in target.columns for name in (column.name, column.blind) if name})
    for row in rows:
        _renew(target, row, found)
    if found.ids:
        _write(target, found)
    rotation.position[target.table] = rows[-1].pk
    rotation.rows += len(found.ids)
    rotation.save(update_fields=["position", "rows"])
    return True


def _next_rows(target: Target, after: Any, size: int) -> list[models.Model]:
    something = models.Q()
    for column in target.columns:
        something |= models.Q(**{f"{column.name}__isnull": False})
    rows = target.model._base_manager.filter(something).order_by("pk").select_for_update(of=("self",), no_key=True)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.select_related(*target.related)[:size] if target.related else rows[:size])


def _renew(target: Target, row: models.Model, found: Rewritten) -> None:
    """Add a row to `found` if anything in it stands under another key."""
    fresh: dict[str, bytes | None] = {}
    for column in target.columns:
        fresh |= _renewed(target, column, row)
    if all(value == _bytes(getattr(row, name)) for name, value in fresh.items()):
        return
    found.ids.append(row.pk)
    for name, values in found.values.items():
        values.append(fresh[name])


def _renewed(target: Target, column: Column, row: models.Model) -> dict[str, bytes | None]:
    """A column and its index under the current keys; what is so already stays byte for byte."""
    blob = _bytes(getattr(row, column.name))
    blind = _bytes(getattr(row, column.blind)) if column.blind else None
    if blob:
        place = {"table": target.place, "row": target.row(row), "field": column.field}
        current = keyring.ring().sets["fields"].current.id
        text = crypto.unseal(blob, **place) if blind is not None or crypto.key_id(blob) != current else ""
        blob = blob if crypto.key_id(blob) == current else crypto.seal(text, **place)
        blind = crypto.blind(text, column.field) if blind is not None else None
    return {column.name: blob} | ({column.blind: blind} if column.blind else {})


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def _write(target: Target, found: Rewritten) -> None:
    """One statement for the batch. Past history and versions on purpose: nothing that anybody recorded has changed."""
    key = target.model._meta.pk
    names = list(found.values)
    assignments = ", ".join(f"{name} = v.{name}" for name in names)
    arrays = ", ".join("%s::bytea[]" for _ in names)
    sql = f"""UPDATE {target.table} t SET {assignments}
        FROM unnest(%s::{key.rel_db_type(connection)}[], {arrays}) AS v(pk, {", ".join(names)}) WHERE t.{key.column} = v.pk"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [found.ids, *found.values.values()])


def _rewrite_file(one: SealedFile) -> bool:
    """Written whole under another name first. A file that has gone meanwhile needs no key."""
    try:
        blob = one.path.read_bytes()
    except FileNotFoundError:
        return False
    if crypto.key_id(blob) == keyring.ring().sets["files"].current.id:
        return False
    place = {"table": one.table, "row": one.row, "field": one.field}
    draft = one.path.with_name(one.path.name + ".rotating")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(crypto.seal_bytes(crypto.unseal_bytes(blob, **place), **place))
        out.flush()
        os.fsync(out.fileno())
    if one.path.exists():
        draft.replace(one.path)
    draft.unlink(missing_ok=True)
    return True


@transaction.atomic
def _finish(rotation: KeyRotation) -> KeyRotation:
    """Done when nothing is left; what a slow process has written meanwhile under the old key is taken at the next call."""
    if any(left_behind().values()):
        rotation.position = {}
        rotation.save(update_fields=["position", "files"])
        raise Conflict("rotation_left", "仍有程序在用旧密钥写入，请确认各台服务器的密钥文件都已更新，然后再执行一次。")
    rotation.finished_at = timezone.now()
    rotation.save(update_fields=["finished_at", "files"])
    record("finish_rotation", actor=None, kind="keyring", details={"rows": rotation.rows, "files": rotation.files})
    return rotation
