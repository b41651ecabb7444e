"""The whole of an organisation in an open format, encrypted as it leaves: JSON Lines, their schemas, a manifest.

Two people: who takes it out, and somebody else who approved. It leaves as a stream; nothing of it touches the disk in clear.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record, record_readings
from core import access, paths
from core.dates import today
from core.errors import Conflict, DomainError
from core.installation import is_demo
from core.taking_out import parts
from exchange.domain.sealed_stream import SealingWriter, drained
from exchange.domain.shapes import Shape, line_of, shapes_of
from exchange.models import TakenLine
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization, Seal
from orgs.queries import post_of
from regulations.packs import pack

FORMAT = "dangwu-take-out"
VERSION = 1
FILE_BYTES = 4 << 20
ROWS = 1000
ASIDE = ".aside"
PEOPLE = "people"
CLEAR_FIELDS = ["公民身份号码", "手机号", "固定电话", "家庭住址", "出生日期"]


@dataclass
class Tally:
    """What has been written of one part."""

    count: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes, count: int) -> None:
        self.digest.update(data)
        self.count += count


@transaction.atomic
def take_out(node: Organization, passphrase: str, *, actor: User, approver: User) -> Iterator[bytes]:
    """Check and write down who takes what; the archive itself is what the answer yields."""
    check_two(node, actor=actor, approver=approver)
    check_passphrase(passphrase, node)
    members = Member.objects.filter(org_path__gte=node.path, org_path__lt=paths.upper(node.path))
    standing = list(members.values_list("uuid", "org_path"))
    record_readings(
        [uuid for uuid, _ in standing], CLEAR_FIELDS, f"整体带出{node.short_name}的资料", actor=actor,
        organization=post_of(actor, node.path), path=[path for _, path in standing],
    )  # fmt: skip
    record(
        "take_out", actor=actor, kind="take_out", subject=node.uuid, path=node.path,
        details={"organization": node.name, "count": len(standing), "approved_by": approver.full_name},
    )  # fmt: skip
    return _stream(node, passphrase, actor, approver)


def check_two(node: Organization, *, actor: User, approver: User) -> None:
    access.require(actor, Capability.TAKE_OUT, node.path)
    if approver.pk == actor.pk:
        raise DomainError("second_person", "整体带出要由另一位同志批准，不能自己批准自己。", field="approved_by")
    if not access.scope(approver, Capability.APPROVE_EXPORTS).covers(node.path):
        raise DomainError("approver_may_not", "批准人没有这个组织的“审批大批量导出”权限。", field="approved_by")
    check_whole(node)


def check_whole(node: Organization) -> None:
    """A sealed part is not taken out by way of what lies above it."""
    below = Seal.objects.filter(lifted_at__isnull=True, organization__path__gt=node.path)
    if below.filter(organization__path__lt=paths.upper(node.path)).exists():
        raise Conflict("sealed_below", "下级中有封闭的组织，不能整体带出。请先由封闭的一方解除封闭，或分别带出。")


def check_passphrase(passphrase: str, node: Organization) -> None:
    rules = pack("registry", on=today(), at=node.path)
    fewest = rules.integer("take_out.passphrase.min")
    if len(passphrase) < fewest:
        clause = str(rules.clause("take_out.passphrase.min"))
        raise DomainError("passphrase_short", f"加密口令至少 {fewest} 个字。", clause=clause, field="passphrase")


def _stream(node: Organization, passphrase: str, actor: User, approver: User) -> Iterator[bytes]:
    """One moment's view of the database from beginning to end."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield from Archive(node, passphrase).chunks({"by": actor.full_name, "approved_by": approver.full_name})


class Archive:
    """Writes the parts one after the other; what is sealed so far may leave after each file."""

    def __init__(self, node: Organization, passphrase: str) -> None:
        self.node, self.sealing = node, SealingWriter(passphrase)
        self.tar = tarfile.open(fileobj=self.sealing, mode="w|gz", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed with the manifest
        self.keys: dict[type[models.Model], dict[int, UUID]] = {}
        self.tallies: dict[str, Tally] = {}
        self.shapes = [shape for part in parts() for shape in shapes_of(part)]

    def chunks(self, said: dict[str, str]) -> Iterator[bytes]:
        about = {"format": FORMAT, "version": VERSION, "demo": is_demo(), "organization": _about(self.node)}
        self._file("about.json", _json(about))
        for shape in self.shapes:
            self._file(f"schema/{shape.name}.json", _json(shape.schema()))
        yield from self._lines(PEOPLE, self._people())
        for shape in self.shapes:
            yield from self._part(shape)
        listed = [{"name": n, "count": t.count, "sha256": t.digest.hexdigest()} for n, t in self.tallies.items()]
        self._file("manifest.json", _json({**about, **said, "taken_at": timezone.now().isoformat(), "parts": listed}))
        self.tar.close()
        yield self.sealing.finish()

    def _people(self) -> Iterator[str]:
        """Everybody the records refer to: who acted, by name."""
        found: set[int] = set()
        for shape in self.shapes:
            for reference in shape.references:
                if reference.related_model is User and not shape.part.information:
                    rows = shape.rows(self.node.path).order_by().exclude(**{f"{reference.name}__isnull": True})
                    found |= set(rows.values_list(reference.attname, flat=True).distinct())
        users = User.objects.filter(pk__in=found)
        self.keys[User] = dict(users.values_list("pk", "uuid"))
        for user in users.order_by("uuid"):
            yield line_of({"uuid": str(user.uuid), "name": user.full_name, "kind": user.kind})

    def _part(self, shape: Shape) -> Iterator[bytes]:
        rows = shape.rows(self.node.path)
        if shape.part.information:
            told = (_told(shape, row) for row in rows.iterator(ROWS))
            yield from self._lines(shape.name, _after(told, self._kept(shape.name)))
            return
        if not shape.is_history and any(f.name == "uuid" for f in shape.plain):
            self.keys[shape.model] = {}
            needed = rows.order_by()
            self.keys[shape.model] = dict(needed.values_list("pk", "uuid"))
        aside: list[str] = []
        yield from self._lines(shape.name, self._records(shape, rows, aside))
        yield from self._lines(shape.name + ASIDE, _after(iter(aside), self._kept(shape.name + ASIDE)))

    def _records(self, shape: Shape, rows: models.QuerySet, aside: list[str]) -> Iterator[str]:
        """What rests on something outside is set aside as information."""
        for row in rows.iterator(ROWS):
            if shape.rests_outside(row, self.keys):
                self.keys.get(shape.model, {}).pop(row.pk, None)
                aside.append(_told(shape, row))
            else:
                yield line_of(shape.record(row, self.keys))

    def _kept(self, name: str) -> Iterator[str]:
        """Information that came with an earlier taking out, as it came."""
        inside = TakenLine.objects.filter(part=name, org_path__gte=self.node.path, org_path__lt=paths.upper(self.node.path))
        return (line.text for line in inside.order_by("pk").iterator(ROWS))

    def _lines(self, name: str, lines: Iterator[str]) -> Iterator[bytes]:
        tally = self.tallies.setdefault(name, Tally())
        for number, (data, count) in enumerate(_packed(lines), start=1):
            tally.add(data, count)
            self._file(f"records/{name}/{number:06d}.jsonl", data)
            yield from drained(self.sealing)

    def _file(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        self.tar.addfile(info, io.BytesIO(data))


def _packed(lines: Iterator[str]) -> Iterator[tuple[bytes, int]]:
    """Lines in files of a bearable size."""
    waiting, size = [], 0
    for line in lines:
        waiting.append(line.encode() + b"\n")
        size += len(waiting[-1])
        if size >= FILE_BYTES:
            yield b"".join(waiting), len(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting), len(waiting)


def _after(first: Iterator[str], then: Iterator[str]) -> Iterator[str]:
    yield from first
    yield from then


def _told(shape: Shape, row: models.Model) -> str:
    return line_of({"at": getattr(row, "standing_at", ""), "record": shape.told(row)})


def _about(node: Organization) -> dict[str, str]:
    return {"uuid": str(node.uuid), "code": node.code, "name": node.name, "path": node.path}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
