"""The auditor's page: the open part of the record, newest first. The confidential part has no list."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_GET

from audit import labels
from audit.enums import ActorKind
from audit.models import AuditRecord
from audit.queries import Filters, recent, verbs_seen
from audit.wording import Wording
from core.access import administrator
from core.dates import parse_cn


@dataclass(frozen=True)
class Line:
    """A record in words; `details` as (name, value) pairs."""

    row: AuditRecord
    verb: str
    kind: str
    actor_kind: str
    details: list[tuple[str, str]]


@administrator("audit")
@require_GET
def records(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:64] for name in ("verb", "actor", "subject", "since", "until")}
    page = recent(_filters(asked), after=_uuid(request.GET.get("after", "")))
    kept = {name: value for name, value in asked.items() if value}
    wording = Wording()
    context = {
        "lines": [_line(row, wording) for row in page.rows],
        "asked": asked,
        "verbs": sorted(((verb, labels.verb_label(verb)) for verb in verbs_seen()), key=lambda pair: pair[1]),
        "next_url": "?" + urlencode(kept | {"after": str(page.following)}) if page.following else "",
        "first_url": "?" + urlencode(kept) if request.GET.get("after") else "",
        "narrowed": bool(kept),
    }
    answer = render(request, "audit/list.html", context)
    add_never_cache_headers(answer)
    return answer


def _filters(asked: dict[str, str]) -> Filters:
    """What is no uuid and no day narrows nothing; `until` is meant with its whole day."""
    until = _moment(asked["until"])
    return Filters(
        verb=asked["verb"],
        actor=_uuid(asked["actor"]),
        subject=_uuid(asked["subject"]),
        since=_moment(asked["since"]),
        until=until + timedelta(days=1) if until else None,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return timezone.make_aware(datetime.combine(parse_cn(text), time.min))
    except ValueError:
        return None


def _line(row: AuditRecord, wording: Wording) -> Line:
    actor = ActorKind(row.actor_kind).label if row.actor_kind in ActorKind.values else row.actor_kind
    return Line(row, labels.verb_label(row.verb), labels.kind_label(row.kind), actor, wording.details(row.details))
