"""Rows into a table by COPY: many at once, without a statement for each."""

import io
import json
from collections.abc import Sequence

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Append `rows`, whose primary keys the database gives."""
    if not rows:
        return
    fields = [f for f in model._meta.concrete_fields if not f.primary_key and not f.generated]
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(_cell(f, getattr(row, f.attname)) for f in fields) + "\n")
    buffer.seek(0)
    columns = ", ".join(f.column for f in fields)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {model._meta.db_table} ({columns}) FROM STDIN", buffer)


def _cell(field: models.Field, value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(field, models.JSONField):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(field, ArrayField):
        text = "{" + ",".join(_quoted(_plain(v)) for v in value) + "}"
    else:
        text = _plain(value)
    return text.translate(_ESCAPES)


def _plain(value: object) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
