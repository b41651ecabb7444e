"""Rows into a table by COPY: many at once, without a statement for each."""

import io
import json
from collections.abc import Callable, Sequence

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Append `rows`, whose primary keys the database gives."""
    if not rows:
        return
    fields = [f for f in model._meta.concrete_fields if not f.primary_key and not f.generated]
    writers = [(f.attname, _writer(f)) for f in fields]
    buffer = io.StringIO()
    for row in rows:
        values = ((getattr(row, name), write) for name, write in writers)
        buffer.write("\t".join("\\N" if value is None else write(value) for value, write in values) + "\n")
    buffer.seek(0)
    columns = ", ".join(f.column for f in fields)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {model._meta.db_table} ({columns}) FROM STDIN", buffer)


def _writer(field: models.Field) -> Callable[[object], str]:
    """How COPY's text format wants values of this field."""
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    if isinstance(field, ArrayField):
        return lambda value: ("{" + ",".join(_quoted(_plain(v)) for v in value) + "}").translate(_ESCAPES)
    if isinstance(field, models.CharField | models.TextField | models.BinaryField):
        return lambda value: _plain(value).translate(_ESCAPES) if value != "" else ""
    return lambda value: _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
