"""Reading the record. The open part has lists and looks-ups; the confidential part one narrow door of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from audit.domain.recording import READ_SENSITIVE, SEALED_FIELD, SUBJECT_FIELD, TABLE
from audit.enums import Part
from audit.models import AuditRecord
from core import crypto, keyring

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Lookup:
    """One reading of a person's sensitive fields, as that person may see it."""

    name: str
    organization: str
    fields: tuple[str, ...]
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Filters:
    """What the auditor's page is narrowed to; `since` inclusive, `until` exclusive."""

    verb: str = ""
    actor: UUID | None = None
    subject: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `following` is the `after` of the next page, None on the last one."""

    rows: tuple[AuditRecord, ...]
    following: UUID | None


@dataclass(frozen=True, slots=True)
class ConfidentialEntry:
    """An opened entry of the confidential part."""

    uuid: UUID
    at: datetime
    verb: str
    actor_uuid: UUID | None
    actor_name: str
    actor_kind: str
    os_user: str
    address: str
    request_id: str
    kind: str
    subject: UUID | None
    path: str
    reason: str
    details: Mapping[str, object]


def lookups_of(subject: UUID, since: datetime, *, also: Sequence[UUID] = ()) -> list[Lookup]:
    """Who read this person's sensitive fields, newest first. Confidential look-ups are not in here, nor in any count.

    `also`: other names under which the person stood in the registry.
    """
    rows = AuditRecord.objects.filter(subject__in=[subject, *also], verb=READ_SENSITIVE, at__gte=since).order_by("-at", "-id")
    return [_lookup(row) for row in rows]


def recent(filters: Filters = Filters(), *, after: UUID | None = None, size: int = PAGE_SIZE) -> Page:
    """A page of the open part. `after` is the uuid of the last row seen; an unknown one gives an empty page."""
    rows = _narrowed(filters).order_by("-at", "-id")
    if after is not None:
        last = AuditRecord.objects.filter(uuid=after).values_list("at", "id").first()
        if last is None:
            return Page((), None)
        rows = rows.filter(Q(at__lte=last[0]) & (Q(at__lt=last[0]) | Q(id__lt=last[1])))
    found = list(rows[: size + 1])
    return Page(tuple(found[:size]), found[size - 1].uuid if len(found) > size else None)


def verbs_seen() -> list[str]:
    """The verbs that occur, for the filter: one index probe for each, however long the record is."""
    with connection.cursor() as cursor:
        cursor.execute(_VERBS)
        return [verb for (verb,) in cursor.fetchall()]


def confidential_of(subject: UUID) -> list[ConfidentialEntry]:
    """The sealed entries about one subject, newest first. Whoever calls this records the reading, confidentially."""
    text = str(subject)
    found = crypto.blinds(text, SUBJECT_FIELD, keys="audit") + crypto.blinds(text, SUBJECT_FIELD)
    rows = AuditRecord.everything.filter(part=Part.CONFIDENTIAL, subject_blind__in=found)
    return [_opened(row) for row in rows.order_by("-at", "-id")]


def _narrowed(filters: Filters) -> QuerySet[AuditRecord]:
    wanted = {
        "verb": filters.verb,
        "actor_uuid": filters.actor,
        "subject": filters.subject,
        "at__gte": filters.since,
        "at__lt": filters.until,
    }
    return AuditRecord.objects.filter(**{name: value for name, value in wanted.items() if value})


def _lookup(row: AuditRecord) -> Lookup:
    details = row.details
    return Lookup(row.actor_name, details.get("organization", ""), tuple(details.get("fields", ())), row.reason, row.at)


def _opened(row: AuditRecord) -> ConfidentialEntry:
    keys = "audit" if crypto.key_id(row.sealed) in keyring.ring().sets["audit"].by_id else "fields"  # as it once was
    values = json.loads(crypto.unseal(row.sealed, table=TABLE, row=row.uuid, field=SEALED_FIELD, keys=keys))
    for name in ("actor_uuid", "subject"):
        values[name] = UUID(values[name]) if values[name] else None
    return ConfidentialEntry(uuid=row.uuid, at=row.at, **values)


_VERBS: Final = """
WITH RECURSIVE seen(verb) AS (
    (SELECT verb FROM audit_auditrecord WHERE verb > '' ORDER BY verb LIMIT 1)
    UNION ALL
    SELECT (SELECT r.verb FROM audit_auditrecord r WHERE r.verb > seen.verb ORDER BY r.verb LIMIT 1)
    FROM seen WHERE seen.verb IS NOT NULL
) SELECT verb FROM seen WHERE verb IS NOT NULL
"""
