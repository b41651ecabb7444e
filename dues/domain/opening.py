"""The year opens itself: fixed amounts are ready at once, everybody else is asked for the base of the year."""

from datetime import date

from django.db import connection, transaction

from accounts.models import User
from audit.domain import record
from core import access, paths
from core.dates import today
from dues.enums import FIXED, GROUP_KINDS, Kind, Source, StandardState
from dues.models import Standard
from dues.rules import PACK, assess, spans_from, starts_of
from members.enums import ON_ROLL
from orgs.enums import Capability
from orgs.models import LocalParameter, Organization
from regulations.codes import table
from regulations.packs import pack

COLUMNS = ", ".join(f.column for f in Standard.history.model._meta.concrete_fields if not f.name.startswith("history_"))
# The kind is that of the last base, else what the work of the file suggests. A base is asked for once; who has one for the span,
# or one under way, is left alone.
OPEN = """
WITH kinds AS (SELECT unnest(%(jobs)s::text[]) AS job, unnest(%(job_kinds)s::text[]) AS kind),
fixed AS (
    SELECT unnest(%(paths)s::text[]) AS path, unnest(%(fixed_kinds)s::text[]) AS kind, unnest(%(amounts)s::numeric[]) AS amount
),
asked AS (
    SELECT m.id, m.org_path, coalesce(last.kind, k.kind, 'salaried') AS kind
    FROM members_member m LEFT JOIN kinds k ON k.job = m.job
    LEFT JOIN LATERAL (SELECT s.kind, s.to_month FROM dues_standard s WHERE s.member_id = m.id AND s.state = 'confirmed'
        ORDER BY s.from_month DESC LIMIT 1) last ON TRUE
    WHERE m.org_path >= %(path)s AND m.org_path < %(upper)s AND m.standing = ANY (%(on_roll)s)
    AND coalesce(last.to_month < %(month)s, TRUE)
    AND NOT EXISTS (SELECT 1 FROM dues_standard s WHERE s.member_id = m.id AND s.state = ANY (%(unsettled)s))
),
made AS (
    INSERT INTO dues_standard (uuid, member_id, kind, monthly, from_month, to_month, source, state, why, declared_by,
        confirmed_by, confirmed_at, returned_why, pack, version, created_at)
    SELECT gen_random_uuid(), a.id, a.kind, f.amount, l.first, l.last,
        CASE WHEN f.amount IS NULL THEN 'declared' ELSE 'fixed' END,
        CASE WHEN f.amount IS NULL THEN 'open' ELSE 'confirmed' END, '', '', CASE WHEN f.amount IS NULL THEN '' ELSE '平台' END,
        CASE WHEN f.amount IS NULL THEN NULL ELSE now() END, '', CASE WHEN f.amount IS NULL THEN '' ELSE %(pack)s END, 1, now()
    FROM asked a
    JOIN (SELECT unnest(%(kinds)s::text[]) AS kind, unnest(%(firsts)s::date[]) AS first, unnest(%(lasts)s::date[]) AS last) l
        ON l.kind = a.kind
    LEFT JOIN LATERAL (SELECT x.amount FROM fixed x WHERE x.kind = a.kind AND left(a.org_path, length(x.path)) = x.path
        ORDER BY length(x.path) DESC LIMIT 1) f ON TRUE
    RETURNING *
),
kept AS (
    INSERT INTO dues_historicalstandard ({columns}, history_date, history_type, history_change_reason)
    SELECT {columns}, now(), '+', %(why)s FROM made
)
SELECT count(*) FILTER (WHERE state = 'confirmed'), count(*) FILTER (WHERE state = 'open') FROM made"""


@transaction.atomic
def open_year(organization: Organization, *, actor: User | None, month: date | None = None) -> tuple[int, int]:
    """Open the bases of the year below a node: (ready by themselves, asked for). Safe to run twice."""
    if actor is not None and not access.scope(actor, Capability.APPROVE_MATTERS).covers(organization.path):
        access.require(actor, Capability.COLLECT_DUES, organization.path)
    ready, asked = open_below(organization, (month or today()).replace(day=1))
    details = {"ready": ready, "asked": asked}
    record("open_dues_year", actor=actor, kind="organization", subject=organization.uuid, path=organization.path, details=details)
    return ready, asked


def open_below(organization: Organization, month: date) -> tuple[int, int]:
    """Whoever has no base for `month` gets the one that is fixed, or is asked for it."""
    rules = pack(PACK, on=month, at=organization.path)
    spans = [(kind, *span_of(kind, month)) for kind in Kind.values]
    groups = [(code, kind) for group, kind in GROUP_KINDS.items() for code in table("job").codes_in(group)]
    fixed = _fixed_amounts(organization, month)
    params = {
        "path": organization.path, "upper": paths.upper(organization.path), "month": month, "on_roll": list(ON_ROLL),
        "unsettled": [StandardState.OPEN, StandardState.DECLARED, StandardState.RETURNED], "pack": rules.version,
        "jobs": [job for job, _ in groups], "job_kinds": [kind for _, kind in groups],
        "kinds": [k for k, _, _ in spans], "firsts": [f for _, f, _ in spans], "lasts": [t for _, _, t in spans],
        "paths": [p for p, _, _ in fixed], "fixed_kinds": [k for _, k, _ in fixed], "amounts": [a for _, _, a in fixed],
        "why": Source.FIXED.label,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(OPEN.format(columns=COLUMNS), params)
        return cursor.fetchone()


def span_of(kind: str, month: date) -> tuple[date, date]:
    rules = pack(PACK, on=month)
    return starts_of(kind, month, rules), spans_from(kind, month, rules)


def _fixed_amounts(organization: Organization, month: date) -> list[tuple[str, str, object]]:
    """(path, kind, amount): the node's own reading, and that of every node below which has one of its own."""
    own = LocalParameter.objects.filter(
        pack=PACK, key="fixed.farmer", organization__path__gt=organization.path,
        organization__path__lt=paths.upper(organization.path),
    )  # fmt: skip
    places = [organization.path, *own.values_list("organization__path", flat=True).distinct()]
    return [(path, kind, assess(kind, None, pack(PACK, on=month, at=path)).amount) for path in places for kind in FIXED]
