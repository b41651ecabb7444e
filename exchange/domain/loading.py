"""Taking an archive of `taking_out` into an empty installation: everything or nothing, sealed anew with the keys found here."""

import base64
import json
import tarfile
from dataclasses import dataclass, field
from typing import IO
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.enums import AccountKind, Administrator
from accounts.models import User
from audit.domain import record
from core import crypto
from core.errors import Conflict, DomainError, NotAllowed
from core.taking_out import parts
from exchange import signals
from exchange.domain.copying import copy_rows
from exchange.domain.sealed_stream import Unreadable, opened
from exchange.domain.shapes import FILE, Record, Shape, read, shapes_of
from exchange.domain.taking_out import ASIDE, FORMAT, PEOPLE, ROWS, VERSION, Tally
from exchange.models import TakenLine
from members.models import Member
from orgs.domain.founding import seed_roles
from orgs.models import Installation, Organization

WHY = "随带入的资料登记，不能登录"


@dataclass
class Loaded:
    """What has come in: the organisation's name and the number of records of each part."""

    name: str = ""
    counts: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def load_taken_out(source: IO[bytes], passphrase: str, *, actor: User) -> Loaded:
    """Everything in one transaction: killed in the middle, the installation is as empty as before."""
    if actor.administrator != Administrator.SYSTEM or not actor.is_active:
        raise NotAllowed("system_administrator_only", "装入带出的资料由系统管理员办理。")
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE orgs_organization, members_member IN SHARE ROW EXCLUSIVE MODE")
    if Organization.ever.exists() or Member.objects.exists():
        raise Conflict("not_empty", "这个平台里已有组织或党员。带出的资料只能装入空的平台。")
    loaded = Load().run(source, passphrase)
    details = {"organization": loaded.name, "count": sum(loaded.counts.values())}
    record("load_taken_out", actor=actor, kind="take_out", details=details)
    return loaded


class Load:
    """One archive on its way in. Files come in the order in which they were written: what is referred to, first."""

    def __init__(self) -> None:
        self.shapes = {shape.name: shape for part in parts() for shape in shapes_of(part)}
        self.tallies: dict[str, Tally] = {}
        self.ids: dict[type[models.Model], dict[str, int]] = {}
        self.known: dict[type[models.Model], dict[str, int]] = {}
        self.later: list[tuple[type[models.Model], str, str, str]] = []
        self.about: Record = {}

    def run(self, source: IO[bytes], passphrase: str) -> Loaded:
        manifest = None
        try:
            with tarfile.open(fileobj=opened(source, passphrase), mode="r|gz") as tar:
                for info in tar:
                    manifest = self._file(info.name, tar.extractfile(info).read())
        except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, AttributeError) as fault:
            raise Unreadable from fault
        self._compare(manifest)
        self._link_later()
        signals.taken_out_loaded.send(Load)
        return Loaded(self.about["organization"]["name"], {name: t.count for name, t in self.tallies.items()})

    def _file(self, name: str, data: bytes) -> Record | None:
        """The manifest when it is the manifest: it is the last file."""
        if name == "about.json":
            self._begin(json.loads(data))
        elif name == "manifest.json":
            return json.loads(data)
        elif name.startswith("records/"):
            self._records(name.split("/")[1], data)
        return None

    def _begin(self, about: Record) -> None:
        if about["format"] != FORMAT or about["version"] != VERSION:
            raise DomainError("format_unknown", f"资料的格式版本是 {about['version']}，这个平台只认得 {VERSION}。请先升级。")
        if about["demo"] and settings.PRODUCTION:
            raise DomainError("demo_archive", "这是演示平台带出的资料，不能装入正式平台。")
        self.about = about
        Installation.objects.get_or_create(defaults={"is_demo": about["demo"]})
        seed_roles()

    def _records(self, name: str, data: bytes) -> None:
        lines = data.decode().splitlines()
        self.tallies.setdefault(name, Tally()).add(data, len(lines))
        if name == PEOPLE:
            self._people([json.loads(line) for line in lines])
        elif name.endswith(ASIDE) or self._shape(name).part.information:
            self._keep(name, lines)
        else:
            self._rows(self._shape(name), [json.loads(line) for line in lines])

    def _shape(self, name: str) -> Shape:
        shape = self.shapes.get(name)
        if shape is None:
            raise DomainError("part_unknown", f"资料里有这个平台不认得的部分“{name}”，可能来自较新的版本。请先升级平台。")
        return shape

    def _people(self, people: list[Record]) -> None:
        """Who acted, by name: no login name that means anything, no password, not in force."""
        there = set(User.objects.filter(uuid__in=[p["uuid"] for p in people]).values_list("uuid", flat=True))
        for person in people:
            if UUID(person["uuid"]) not in there:
                User.objects.create(
                    uuid=person["uuid"], username=f"taken-{UUID(person['uuid']).hex}", full_name=person["name"],
                    kind=AccountKind(person["kind"]), is_active=False, password=make_password(None),
                    deactivated_at=timezone.now(), deactivation_reason=WHY,
                )  # fmt: skip
        self._learn(User)

    def _keep(self, name: str, lines: list[str]) -> None:
        for line in lines:
            kept = TakenLine(part=name, org_path=json.loads(line)["at"] or self.about["organization"]["path"])
            kept.text = line
            kept.save()

    # --- rows ---

    def _rows(self, shape: Shape, records: list[Record]) -> None:
        for start in range(0, len(records), ROWS):
            self._some(shape, records[start : start + ROWS])
        if not shape.is_history and "uuid" in shape.names:
            self._learn(shape.model)

    def _some(self, shape: Shape, records: list[Record]) -> None:
        rows = []
        for one in records:
            if set(one) != shape.names:
                raise DomainError("record_unknown", f"“{shape.name}”的栏目与这个平台不同，请先升级到同一版本。")
            rows.append(self._row(shape, one))
        copy_rows(shape.model, rows)

    def _row(self, shape: Shape, one: Record) -> models.Model:
        values: Record = {f.name: read(f, one[f.name]) for f in shape.plain}
        for reference in shape.references:
            values[reference.attname] = self._id(shape, reference, one)
        for sealed in shape.sealed:
            values[sealed.column] = sealed.close(one[sealed.name], values["uuid"])
        for column, name in shape.part.blinds.items():
            values[column] = crypto.blind(one[name], name) if one[name] else None
        if shape.part.file and one[FILE]:
            shape.part.file.write(values["uuid"], base64.b64decode(one[FILE]))
        if shape.is_history:
            values["id"] = self._number(shape.live, str(values["uuid"]))
        return shape.model(**values)

    def _id(self, shape: Shape, reference: models.ForeignKey, one: Record) -> int | None:
        wanted = one[reference.name]
        if wanted is None:
            return None
        found = self.ids.get(reference.related_model, {}).get(wanted)
        if found is None and reference.related_model is shape.model and reference.null:
            self.later.append((shape.model, one["uuid"], reference.attname, wanted))
            return None
        if found is None:
            raise DomainError("reference_missing", f"“{shape.name}”里有一处所指的资料不在其中，资料不完整。")
        return found

    def _number(self, live: type[models.Model], uuid: str) -> int:
        """The number of the row a history belongs to; somebody long deleted gets one that nobody else has."""
        ids = self.ids.setdefault(live, {})
        if uuid not in ids:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [live._meta.db_table])
                ids[uuid] = cursor.fetchone()[0]
        return ids[uuid]

    def _learn(self, model: type[models.Model]) -> None:
        rows = model._base_manager.values_list("uuid", "pk")
        self.ids[model] = {str(uuid): pk for uuid, pk in rows}

    def _link_later(self) -> None:
        """References inside one table to a row that came after."""
        for model, uuid, column, wanted in self.later:
            found = self.ids[model].get(wanted)
            if found is None:
                raise DomainError("reference_missing", "有一处所指的资料不在其中，资料不完整。")
            model._base_manager.filter(uuid=uuid).update(**{column: found})

    def _compare(self, manifest: Record | None) -> None:
        """The manifest comes last: an archive that was cut off has none, one that was put together differently does not agree."""
        if manifest is None:
            raise Unreadable
        counted = {name: (t.count, t.digest.hexdigest()) for name, t in self.tallies.items() if t.count}
        listed = {p["name"]: (p["count"], p["sha256"]) for p in manifest["parts"] if p["count"]}
        if counted != listed:
            raise Unreadable
