"""How the rows of a model are written down so that another installation can read them: fields by name, references by uuid,
sealed texts in clear, nothing that the database makes by itself."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import User
from core import crypto, paths
from core.taking_out import TakeOutPart

Record = dict[str, Any]
FILE = "file"  # the content of a file beside the row, base64
Keys = Mapping[type[models.Model], Mapping[int, UUID]]


@dataclass(frozen=True)
class SealedText:
    """A sealed column: the name of its text, and what the ciphertext is bound to beside the row's uuid."""

    name: str
    column: str
    field: str
    table: str

    def open(self, row: models.Model) -> str:
        blob = getattr(row, self.column)
        return crypto.unseal(blob, table=self.table, row=row.uuid, field=self.field) if blob else ""

    def close(self, text: str, uuid: UUID) -> bytes | None:
        return crypto.seal(text, table=self.table, row=uuid, field=self.field) if text else None


@dataclass(frozen=True)
class Shape:
    """A model of a part, or the history of one (`live` is then the model it is the history of)."""

    part: TakeOutPart
    model: type[models.Model]
    live: type[models.Model]

    @property
    def name(self) -> str:
        return self.part.model + (".history" if self.is_history else "")

    @property
    def is_history(self) -> bool:
        return self.model is not self.live

    @cached_property
    def sealed(self) -> list[SealedText]:
        table = self.live._meta.db_table
        own = {name: attr for cls in reversed(self.live.__mro__) for name, attr in vars(cls).items()}
        found = {name: attr for name, attr in own.items() if isinstance(attr, crypto.Sealed)}
        return [SealedText(name, s.column, s.field, s.table or table) for name, s in found.items()]

    @cached_property
    def _taken(self) -> list[models.Field]:
        """Concrete fields that are written: no keys of the database, no ciphertext, no index of one, nothing left behind."""
        out = {s.column for s in self.sealed} | set(self.part.blinds) | set(self.part.leave)
        fields = [f for f in self.model._meta.concrete_fields if not f.primary_key and not f.generated]
        return [f for f in fields if f.name not in out and not (self.is_history and f.name == "id")]

    @cached_property
    def plain(self) -> list[models.Field]:
        return [f for f in self._taken if not f.is_relation]

    @cached_property
    def references(self) -> list[models.ForeignKey]:
        return [f for f in self._taken if f.is_relation]

    @cached_property
    def names(self) -> set[str]:
        return {f.name for f in self._taken} | {s.name for s in self.sealed} | ({FILE} if self.part.file else set())

    def rows(self, path: str) -> models.QuerySet:
        """What stands under `path`, in an order that another installation keeps."""
        live = self._live_rows(path)
        if not self.is_history:
            return live.order_by(*self.part.order_by)
        gone = models.Q()
        if self.part.within and "__" not in self.part.within:
            inside = {f"{self.part.within}__gte": path, f"{self.part.within}__lt": paths.upper(path)}
            gone = models.Q(**inside) & ~models.Q(uuid__in=self.live._base_manager.values("uuid"))
        there = models.Q(uuid__in=live.order_by().values("uuid"))
        return self.model._base_manager.filter(there | gone if gone else there).order_by("pk")

    def _live_rows(self, path: str) -> models.QuerySet:
        upper = paths.upper(path)
        if self.part.rows:
            return self.part.rows(path, upper).annotate(standing_at=models.Value(path))
        inside = {f"{self.part.within}__gte": path, f"{self.part.within}__lt": upper}
        return self.live._base_manager.filter(**inside).annotate(standing_at=models.F(self.part.within))

    def record(self, row: models.Model, keys: Keys) -> Record:
        """A row of a part of records. A reference to something that is not taken along is None."""
        found: Record = {f.name: written(getattr(row, f.attname)) for f in self.plain}
        for reference in self.references:
            known = keys.get(reference.related_model, {}).get(getattr(row, reference.attname))
            found[reference.name] = str(known) if known else None
        if self.part.file:
            found[FILE] = written(self.part.file.read(row))
        return found | {s.name: s.open(row) for s in self.sealed}

    def told(self, row: models.Model) -> Record:
        """A row of information: references say what they are, for people."""
        found: Record = {f.name: written(getattr(row, f.attname)) for f in self.plain}
        found |= {f.name: _named(getattr(row, f.name)) for f in self.references}
        return found | {s.name: s.open(row) for s in self.sealed}

    def rests_outside(self, row: models.Model, keys: Keys) -> bool:
        """A reference that the table needs points at something that is not taken along."""
        needed = [f for f in self.references if not f.null]
        return any(getattr(row, f.attname) not in keys.get(f.related_model, {}) for f in needed)

    def schema(self) -> Record:
        """What the records look like (JSON Schema)."""
        properties = {f.name: _type(f) | _words(f) for f in (*self.plain, *self.references)}
        properties |= {s.name: {"type": "string"} for s in self.sealed}
        if self.part.file:
            properties[FILE] = {"type": ["string", "null"], "contentEncoding": "base64"}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": self.name,
            "description": str(self.live._meta.verbose_name), "type": "object", "properties": properties,
            "required": sorted(properties), "additionalProperties": False,
        }  # fmt: skip


def shapes_of(part: TakeOutPart) -> Iterator[Shape]:
    model = apps.get_model(part.model)
    yield Shape(part, model, model)
    if hasattr(model, "history") and not part.information:
        yield Shape(part, model.history.model, model)


def line_of(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def written(value: object) -> Any:
    """A value in JSON; `read` turns it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, list):
        return [written(item) for item in value]
    return value


def read(field: models.Field, value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField | ArrayField):
        return value
    return base64.b64decode(value) if isinstance(field, models.BinaryField) else field.to_python(value)


def _named(target: models.Model | None) -> Any:
    if target is None:
        return None
    if isinstance(target, User):
        return {"uuid": str(target.uuid), "name": target.full_name}
    if target._meta.label == "orgs.Role":
        return {"code": target.code, "name": target.name, "capabilities": target.capabilities}
    return str(getattr(target, "uuid", target))


def _type(field: models.Field) -> Record:
    kinds = {
        models.BooleanField: {"type": "boolean"}, models.IntegerField: {"type": "integer"}, models.JSONField: {},
        ArrayField: {"type": "array"}, models.DateTimeField: {"type": "string", "format": "date-time"},
        models.DateField: {"type": "string", "format": "date"}, models.UUIDField: {"type": "string", "format": "uuid"},
    }  # fmt: skip
    if field.is_relation:
        return {"type": ["string", "null"], "format": "uuid"}
    found = dict(next((kind for cls, kind in kinds.items() if isinstance(field, cls)), {"type": "string"}))
    return found | {"type": [found["type"], "null"]} if field.null and "type" in found else found


def _words(field: models.Field) -> Record:
    words = str(field.verbose_name)
    return {"description": words} if words != field.name.replace("_", " ") else {}
