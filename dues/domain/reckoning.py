"""What members owe for months, in one statement: who was on the roll, where, by which base and reduction; what is new is written
as the next revision and booked, branch by branch and month by month, in the same statement.

Nothing changed: nothing is written. The rule of a single person stands in `dues.rules`; here it is asked of a whole subtree.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection

from accounts.models import User
from core.dates import add_months, today
from core.locks import hold_value
from dues.enums import Ground, StandardState
from dues.rules import PACK
from members.enums import ON_ROLL, MovementKind
from regulations.packs import pack

ARRIVES = (MovementKind.DEVELOPED, MovementKind.TRANSFERRED_IN, MovementKind.RESTORED, MovementKind.REGISTRY_BUILD)
TELLING = (
    MovementKind.TRANSFERRED_IN, MovementKind.RESTORED, MovementKind.TRANSFERRED_OUT, MovementKind.DECEASED, MovementKind.REMOVED,
    MovementKind.SUSPENDED, MovementKind.CORRECTED,
)  # fmt: skip

# Who owes anything for the month. Today's standing tells it of most people; of the restless their movements do: who came from
# elsewhere in the month paid elsewhere, who left in the month was here on its first day.
OWES = """
SELECT p.id, mo.month, p.joined_on < mo.month + interval '1 month' AND CASE
    WHEN r.id IS NULL THEN p.standing = ANY (%(on_roll)s) OR coalesce(p.left_on >= mo.month, FALSE)
        AND CASE p.standing WHEN 'deceased' THEN %(deceased)s ELSE %(leaving)s END
    WHEN l.kind IS NULL THEN f.kind <> 'transferred_in'
    WHEN l.kind = ANY (%(arrives)s) THEN l.kind <> 'transferred_in' OR l.happened_on <= mo.month OR w.here
    ELSE l.happened_on >= mo.month AND w.here
        AND CASE l.kind WHEN 'deceased' THEN %(deceased)s WHEN 'corrected' THEN FALSE ELSE %(leaving)s END
    END AS owes
FROM people p CROSS JOIN months mo LEFT JOIN restless r ON r.id = p.id
LEFT JOIN LATERAL (SELECT v.kind FROM members_movement v WHERE r.id IS NOT NULL AND v.member_id = r.id AND v.kind <> 'converted'
    ORDER BY v.happened_on, v.id LIMIT 1) f ON TRUE
LEFT JOIN LATERAL (SELECT v.kind, v.happened_on FROM members_movement v WHERE r.id IS NOT NULL AND v.member_id = r.id
    AND v.kind <> 'converted' AND v.happened_on < mo.month + interval '1 month'
    ORDER BY v.happened_on DESC, v.id DESC LIMIT 1) l ON TRUE
LEFT JOIN LATERAL (SELECT coalesce((SELECT v.kind = ANY (%(arrives)s) FROM members_movement v
    WHERE v.member_id = r.id AND v.kind <> 'converted' AND v.happened_on <= mo.month
    ORDER BY v.happened_on DESC, v.id DESC LIMIT 1), f.kind <> 'transferred_in') AS here WHERE r.id IS NOT NULL) w ON TRUE"""

# The branch of a month is that of its first day, as the versions of the file know it; whoever came later stands where he came to.
PLACES = """
SELECT v.id, mo.month, coalesce(
    (SELECT h.organization_id FROM members_historicalmember h WHERE h.id = v.id
     AND h.history_date < (mo.month + 1)::timestamp AT TIME ZONE %(zone)s
     ORDER BY h.history_date DESC, h.history_id DESC LIMIT 1),
    (SELECT h.organization_id FROM members_historicalmember h WHERE h.id = v.id ORDER BY h.history_date, h.history_id LIMIT 1)
) AS organization_id
FROM (SELECT DISTINCT h.id FROM people p
      JOIN members_historicalmember h ON h.id = p.id AND h.organization_id <> p.organization_id) v
CROSS JOIN months mo"""

RECKON = f"""
WITH months AS (SELECT unnest(%(months)s::date[]) AS month),
people AS MATERIALIZED (
    SELECT m.id, m.organization_id, m.org_path, m.standing, m.joined_on, m.left_on FROM members_member m
    WHERE m.merged_into_id IS NULL AND {{who}}
),
restless AS MATERIALIZED (
    SELECT DISTINCT v.member_id AS id FROM members_movement v JOIN people p ON p.id = v.member_id WHERE v.kind = ANY (%(telling)s)
),
here AS ({OWES}),
places AS MATERIALIZED ({PLACES}),
reliefs AS MATERIALIZED (
    SELECT DISTINCT ON (r.member_id, mo.month) r.member_id, mo.month, r.id, r.monthly
    FROM dues_relief r JOIN months mo ON mo.month BETWEEN r.from_month AND r.to_month
    ORDER BY r.member_id, mo.month, r.monthly, r.id
),
abroad AS MATERIALIZED (
    SELECT DISTINCT a.member_id, mo.month FROM members_abroadstay a JOIN months mo ON a.left_on <= mo.month
    WHERE %(deferred)s AND a.state = 'standing' AND a.back_on IS NULL
),
wanted AS MATERIALIZED (
    SELECT p.id AS member_id, h.month, CASE WHEN o.dissolved_on IS NULL THEN o.id ELSE p.organization_id END AS organization_id,
        prev.revision, prev.due_after, s.id AS standard_id, CASE WHEN r.monthly < s.monthly THEN r.id END AS relief_id,
        CASE WHEN NOT h.owes OR a.member_id IS NOT NULL THEN 0 ELSE least(s.monthly, r.monthly) + 0 * s.monthly END AS amount,
        CASE WHEN NOT h.owes THEN %(off_roll)s WHEN a.member_id IS NOT NULL THEN %(abroad)s
            WHEN r.monthly < s.monthly THEN CASE WHEN r.monthly = 0 THEN %(exempt)s ELSE %(reduced)s END
            WHEN s.to_month < h.month THEN %(carried)s ELSE %(standard)s END AS ground
    FROM here h JOIN people p ON p.id = h.id
    LEFT JOIN LATERAL (SELECT d.revision, d.due_after, d.organization_id FROM dues_assessment d
        WHERE d.member_id = p.id AND d.month = h.month ORDER BY d.revision DESC LIMIT 1) prev ON TRUE
    LEFT JOIN places b ON b.id = p.id AND b.month = h.month
    JOIN orgs_organization o ON o.id = coalesce(prev.organization_id, b.organization_id, p.organization_id)
    LEFT JOIN LATERAL (SELECT d.id, d.monthly, d.to_month FROM dues_standard d WHERE d.member_id = p.id
        AND d.state = %(confirmed)s AND d.from_month <= h.month AND (%(previous)s OR d.to_month >= h.month)
        ORDER BY d.from_month DESC LIMIT 1) s ON TRUE
    LEFT JOIN reliefs r ON r.member_id = p.id AND r.month = h.month
    LEFT JOIN abroad a ON a.member_id = p.id AND a.month = h.month
    WHERE (%(collects)s OR NOT o.is_temporary) AND (h.owes OR prev.revision IS NOT NULL) AND {{only}}
),
made AS (
    INSERT INTO dues_assessment
        (member_id, organization_id, month, revision, delta, due_after, standard_id, relief_id, ground, run, assessed_at)
    SELECT w.member_id, w.organization_id, w.month, coalesce(w.revision, 0) + 1, w.amount - coalesce(w.due_after, 0), w.amount,
        w.standard_id, w.relief_id, w.ground, %(run)s, now()
    FROM wanted w WHERE w.amount IS DISTINCT FROM w.due_after AND w.amount IS NOT NULL
    ON CONFLICT (member_id, month, revision) DO NOTHING
    RETURNING member_id, organization_id, month, delta
),
told AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('dues_transaction', 'id')) AS id, g.organization_id, g.month, g.total, o.path,
        'assess:' || o.uuid || ':' || to_char(g.month, 'YYYY-MM') || ':' || %(run)s AS key
    FROM (SELECT organization_id, month, sum(delta) AS total FROM made WHERE delta <> 0 GROUP BY 1, 2) g
    JOIN orgs_organization o ON o.id = g.organization_id
),
booked AS (
    INSERT INTO dues_transaction (id, kind, booked_on, org_id, org_path, key, actor_uuid, actor_name, words, document_no)
    SELECT id, 'assessment', %(today)s, organization_id, path, key, %(actor)s, %(actor_name)s, to_char(month, 'YYYY-MM'), ''
    FROM told
),
lines AS (
    INSERT INTO dues_posting (transaction_id, account, org_id, org_path, member_id, month, amount)
    SELECT t.id, 'receivable', t.organization_id, t.path, m.member_id, m.month, m.delta
    FROM made m JOIN told t USING (organization_id, month) WHERE m.delta <> 0
    UNION ALL
    SELECT t.id, 'assessed', t.organization_id, t.path, NULL, t.month, -t.total FROM told t WHERE t.total <> 0
)
SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM wanted WHERE amount IS NOT NULL) - (SELECT count(*) FROM made)"""  # noqa: S608

BELOW = "m.org_path >= %(path)s AND m.org_path < %(upper)s"
THESE = "m.id = ANY (%(ids)s)"
# Of these people only the months that a run has already been over.
COVERED = """(prev.revision IS NOT NULL OR EXISTS (
    SELECT 1 FROM dues_assessmentrun x JOIN orgs_organization n ON n.id = x.organization_id
    WHERE x.month = h.month AND left(p.org_path, length(n.path)) = n.path))"""


@dataclass(frozen=True)
class Reckoned:
    """How many amounts are new or different, how many stand as they stood."""

    assessed: int
    unchanged: int


def hold() -> None:
    """One reckoning at a time, taken before any row: what one writes the next one sees."""
    hold_value("dues", b"assessing")


def reckon_below(path: str, upper: str, month: date, *, run: uuid.UUID, actor: User | None) -> Reckoned:
    """Everybody below a node, for one month."""
    return _reckon(BELOW, "TRUE", {"path": path, "upper": upper, "months": [month]}, path, run, actor)


def reckon_these(ids: Sequence[int], *, run: uuid.UUID, actor: User | None) -> Reckoned:
    """These members again, for the months of the window that were already run over."""
    return _reckon(THESE, COVERED, {"ids": list(ids), "months": window()}, "", run, actor)


def window() -> list[date]:
    """The months that are looked at again when something changes: the pack says how far back."""
    first = today().replace(day=1)
    return [add_months(first, -n) for n in range(pack(PACK).integer("correction.months"), -1, -1)]


def _reckon(who: str, only: str, given: dict[str, object], path: str, run: uuid.UUID, actor: User | None) -> Reckoned:
    rules = pack(PACK, on=max(given["months"]) + timedelta(days=27), at=path)  # type: ignore[type-var,operator]
    params = {
        **given, "run": str(run), "today": today(), "zone": settings.TIME_ZONE, "actor": actor.uuid if actor else None,
        "actor_name": actor.full_name if actor else "平台", "on_roll": list(ON_ROLL), "arrives": list(ARRIVES),
        "telling": list(TELLING), "confirmed": StandardState.CONFIRMED.value,
        "deceased": rules.value("month.deceased"), "leaving": rules.value("month.leaving"),
        "deferred": rules.value("abroad.deferred"), "previous": rules.value("until_confirmed.previous"),
        "collects": rules.value("temporary.collects"), **{g.value: g.value for g in Ground},
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RECKON.format(who=who, only=only), params)
        return Reckoned(*cursor.fetchone())
