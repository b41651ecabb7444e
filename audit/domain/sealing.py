"""The one sealer: chains committed rows in batches, whatever order their transactions committed in.

Pending are the visible rows whose id no seal covers. Ids are handed out before the commit, so a row may appear below
ids that are sealed already; it is simply covered by a later seal (seals name exact ranges, see README).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from audit import rules
from audit.domain import anchoring
from audit.models import AuditSeal

SEALER_LOCK: Final = 0x6175_6469_745F_7365
BATCH: Final = 5_000
WINDOW: Final = timedelta(days=1)

# The text every digest is taken from. Free of time zone, locale and output settings; jsonb keeps keys in one order.
CANONICAL: Final = """jsonb_build_array(r.id, r.uuid, (extract(epoch from r.at) * 1000000)::bigint, r.part, r.verb, r.actor_uuid,
 r.actor_name, r.actor_kind, r.os_user, r.address, r.request_id, r.kind, r.subject, r.path, r.reason, r.details,
 encode(r.sealed, 'hex'), encode(r.subject_blind, 'hex'))::text"""

_GAPS: Final = """
WITH covered AS (
    SELECT range_agg(int8range(part.first, part.last, '[]')) AS spans
    FROM audit_auditseal s, unnest(s.firsts, s.lasts) AS part(first, last)
    WHERE s.last_id >= %(floor)s
), gaps AS (
    SELECT lower(gap) AS first, coalesce(upper(gap), 9223372036854775807) AS beyond
    FROM covered, unnest(int8multirange(int8range(%(floor)s, NULL)) - coalesce(covered.spans, '{}')) AS gap
)
"""
_PENDING: Final = f"""{_GAPS}SELECT found.id, found.canonical FROM gaps CROSS JOIN LATERAL (
    SELECT r.id, {CANONICAL} AS canonical FROM audit_auditrecord r
    WHERE r.id >= gaps.first AND r.id < gaps.beyond ORDER BY r.id LIMIT %(batch)s
) AS found ORDER BY found.id LIMIT %(batch)s"""  # noqa: S608 - constants only
_UNSEALED: Final = f"""{_GAPS}SELECT coalesce(sum(found.rows), 0) FROM gaps CROSS JOIN LATERAL (
    SELECT count(*) AS rows FROM audit_auditrecord r WHERE r.id >= gaps.first AND r.id < gaps.beyond
) AS found"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class PendingRow:
    id: int
    canonical: str


@transaction.atomic
def seal_pending(*, batch: int = BATCH, everything: bool = False) -> int:
    """Seal up to `batch` rows with one new link; returns how many. 0 also when another sealer is at work.

    Looks at the ids of the last day, which is where rows appear; `everything` looks at all ids (once a day).
    """
    if not _only_sealer():
        return 0
    rows = _pending(0 if everything else _floor(), batch)
    if not rows:
        return 0
    _append(AuditSeal.objects.order_by("seq").last(), rows)
    transaction.on_commit(anchoring.anchor)
    return len(rows)


def seal_all(*, batch: int = BATCH, everything: bool = False) -> int:
    """Link after link until nothing is pending."""
    total = 0
    while sealed := seal_pending(batch=batch, everything=everything):
        total += sealed
    return total


def unsealed_count(floor: int = 0) -> int:
    """Rows no seal covers yet, from the id `floor` on."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, {"floor": floor})
        return int(cursor.fetchone()[0])


def unsealed_lately() -> int:
    """The same among the ids of the last day: cheap enough for a monitor."""
    return unsealed_count(_floor())


def _only_sealer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        return cursor.fetchone()[0]


def _floor() -> int:
    """The lowest id a seal of the last day covers; 0 when there is none."""
    lowest = AuditSeal.objects.filter(sealed_at__gte=timezone.now() - WINDOW).aggregate(lowest=Min("first_id"))["lowest"]
    return lowest or 0


def _pending(floor: int, batch: int) -> list[PendingRow]:
    with connection.cursor() as cursor:
        cursor.execute(_PENDING, {"floor": floor, "batch": batch})
        return [PendingRow(*row) for row in cursor.fetchall()]


def _append(head: AuditSeal | None, rows: Sequence[PendingRow]) -> AuditSeal:
    row_digests = b"".join(rules.row_digest(row.canonical) for row in rows)
    link = rules.Link(
        seq=head.seq + 1 if head else 1,
        spans=rules.spans(row.id for row in rows),
        count=len(rows),
        total=(head.total if head else 0) + len(rows),
        digest=rules.digest_of(row_digests),
        previous=bytes(head.mac) if head else rules.NO_PREVIOUS,
        sealed_at=timezone.now(),
        key_id=rules.current_key_id(),
    )
    return AuditSeal.objects.create(
        seq=link.seq,
        first_id=rows[0].id,
        last_id=rows[-1].id,
        count=link.count,
        total=link.total,
        firsts=[first for first, _ in link.spans],
        lasts=[last for _, last in link.spans],
        row_digests=row_digests,
        digest=link.digest,
        previous=link.previous,
        mac=rules.mac_of(link),
        key_id=link.key_id,
        sealed_at=link.sealed_at,
    )
