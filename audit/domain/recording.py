"""Appending to the record: always one INSERT in the caller's transaction, so the row stands or falls with the change."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils import timezone

from audit import context
from audit.context import Origin
from audit.domain.masking import JSON, clean, mask_numbers
from audit.enums import ActorKind, Part
from audit.models import AuditRecord
from core import crypto
from core.access import narrowing_of

READ_SENSITIVE: Final = "read_sensitive"
TABLE: Final = "audit_auditrecord"
SEALED_FIELD: Final = "sealed"
SUBJECT_FIELD: Final = "audit_subject"


@dataclass(frozen=True, slots=True)
class ActorFacts:
    """What the record keeps of a person: values, no reference."""

    uuid: uuid.UUID | None
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a record says apart from its subject: cleaned, with actor and origin."""

    verb: str
    actor: ActorFacts
    origin: Origin
    kind: str
    reason: str
    details: JSON


def record(
    verb: str,
    *,
    actor: object | None,
    kind: str,
    subject: uuid.UUID | None = None,
    path: str = "",
    reason: str = "",
    details: Mapping[str, object] | None = None,
    confidential: bool = False,
) -> None:
    """Append one row. `actor` is a user, or None for a program. `confidential` puts everything into the sealed part."""
    _insert(_entry(verb, actor, kind, reason, details), [subject], [path], confidential=confidential)


def record_many(
    verb: str,
    subjects: Sequence[uuid.UUID],
    *,
    actor: object | None,
    kind: str,
    path: str | Sequence[str] = "",
    reason: str = "",
    details: Mapping[str, object] | None = None,
    confidential: bool = False,
) -> int:
    """Append a row for every subject with one INSERT; `path` is one for all or one for each. Returns how many."""
    paths = [path] * len(subjects) if isinstance(path, str) else list(path)
    if len(paths) != len(subjects):
        raise ValueError("one path for all, or one for each subject")
    if not subjects:
        return 0
    return _insert(_entry(verb, actor, kind, reason, details), subjects, paths, confidential=confidential)


def record_reading(
    member_uuid: uuid.UUID,
    fields: Sequence[str],
    reason: str,
    *,
    actor: object,
    organization: str = "",
    path: str = "",
    kind: str = "member",
    confidential: bool = False,
) -> None:
    """Somebody saw these fields of a person in clear. `organization` is the reader's organisation as the person may read it."""
    details = {"fields": list(fields), "organization": organization}
    record(
        READ_SENSITIVE, actor=actor, kind=kind, subject=member_uuid, path=path, reason=reason, details=details,
        confidential=confidential,
    )  # fmt: skip


def record_readings(
    member_uuids: Sequence[uuid.UUID],
    fields: Sequence[str],
    reason: str,
    *,
    actor: object,
    organization: str = "",
    path: str | Sequence[str] = "",
    kind: str = "member",
    confidential: bool = False,
) -> int:
    """The set-based twin of `record_reading`, for exports and lists."""
    details = {"fields": list(fields), "organization": organization}
    return record_many(
        READ_SENSITIVE, member_uuids, actor=actor, kind=kind, path=path, reason=reason, details=details,
        confidential=confidential,
    )  # fmt: skip


def facts_of(actor: object | None) -> ActorFacts:
    if actor is None:
        return ActorFacts(None, "系统", ActorKind.PROGRAM)
    if not getattr(actor, "is_authenticated", True):
        return ActorFacts(None, "未登录", ActorKind.PROGRAM)
    name = actor.full_name or actor.username
    return ActorFacts(actor.uuid, mask_numbers(name), actor.administrator or actor.kind)


def _entry(verb: str, actor: object | None, kind: str, reason: str, details: Mapping[str, object] | None) -> Entry:
    if not verb:
        raise ValueError("a record needs its verb")
    through = {"door": door.door} if (door := narrowing_of(actor)) else {}
    return Entry(verb, facts_of(actor), context.current(), kind, mask_numbers(reason), clean({**(details or {}), **through}))


def _insert(entry: Entry, subjects: Sequence[uuid.UUID | None], paths: list[str], *, confidential: bool) -> int:
    if confidential:
        rows = [_confidential_row(entry, subject, path) for subject, path in zip(subjects, paths, strict=True)]
        return len(AuditRecord.everything.bulk_create(rows))
    return _insert_open(entry, subjects, paths)


def _confidential_row(entry: Entry, subject: uuid.UUID | None, path: str) -> AuditRecord:
    """Nothing in clear but the time: verb, persons, reason and origin are all inside the ciphertext."""
    row = AuditRecord(part=Part.CONFIDENTIAL)
    row.sealed = crypto.seal(_as_text(entry, subject, path), table=TABLE, row=row.uuid, field=SEALED_FIELD, keys="audit")
    if subject:
        row.subject_blind = crypto.blind(str(subject), SUBJECT_FIELD, keys="audit")
    return row


def _as_text(entry: Entry, subject: uuid.UUID | None, path: str) -> str:
    values = {
        "verb": entry.verb,
        "actor_uuid": str(entry.actor.uuid or ""),
        "actor_name": entry.actor.name,
        "actor_kind": str(entry.actor.kind),
        "os_user": entry.origin.os_user,
        "address": entry.origin.address,
        "request_id": entry.origin.request_id,
        "kind": entry.kind,
        "subject": str(subject or ""),
        "path": path,
        "reason": entry.reason,
        "details": entry.details,
    }
    return json.dumps(values, ensure_ascii=False)


_INSERT_OPEN: Final = """
INSERT INTO audit_auditrecord (uuid, at, part, verb, actor_uuid, actor_name, actor_kind, os_user, address, request_id,
                               kind, subject, path, reason, details)
SELECT gen_random_uuid(), %(at)s, 'open', %(verb)s, %(actor_uuid)s::uuid, %(actor_name)s, %(actor_kind)s, %(os_user)s,
       %(address)s, %(request_id)s, %(kind)s, one.subject, one.path, %(reason)s, %(details)s::jsonb
FROM unnest(%(subjects)s::uuid[], %(paths)s::text[]) WITH ORDINALITY AS one(subject, path, place)
ORDER BY one.place
"""


def _insert_open(entry: Entry, subjects: Sequence[uuid.UUID | None], paths: list[str]) -> int:
    values = {
        "at": timezone.now(),
        "verb": entry.verb,
        "actor_uuid": str(entry.actor.uuid) if entry.actor.uuid else None,
        "actor_name": entry.actor.name,
        "actor_kind": str(entry.actor.kind),
        "os_user": entry.origin.os_user,
        "address": entry.origin.address,
        "request_id": entry.origin.request_id,
        "kind": entry.kind,
        "reason": entry.reason,
        "details": json.dumps(entry.details, ensure_ascii=False),
        "subjects": [str(subject) if subject else None for subject in subjects],
        "paths": paths,
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_OPEN, values)
        return cursor.rowcount
