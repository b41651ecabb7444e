"""Many past month ends at once: the latest is reckoned back whole, each one before it from the few people who differ."""

import json
from datetime import date, timedelta

from django.db import connection, transaction

from core.dates import month_end
from insight.domain.folding import SPREAD, hold_rollups
from insight.domain.monthends import LEFT_OUT, reckon
from insight.models import KeptMonth
from members.enums import MOVEMENT_SIGN

# The month end of %(before)s out of the one of %(after)s: whoever moved, was converted or was lost in between is taken out as
# they stood after it and put in as they stood before it; rows that nobody touched are copied.
STEP = f"""
INSERT INTO insight_monthend (path, month, dim, keys, ns)
WITH moved AS NOT MATERIALIZED (
  SELECT v.member_id AS whose, v.id, v.org_path, v.kind, v.happened_on FROM members_movement v WHERE v.registration_id IS NULL
  UNION ALL
  SELECT v.registration_id, v.id, v.org_path, v.kind, v.happened_on FROM members_movement v WHERE v.registration_id IS NOT NULL),
who AS (
  SELECT v.whose AS id FROM moved v WHERE v.happened_on > %(before)s AND v.happened_on <= %(after)s
  UNION
  SELECT m.id FROM members_member m
  WHERE (m.converted_on > %(before)s AND m.converted_on <= %(after)s)
    OR (m.counted_from > %(before)s AND m.counted_from <= %(after)s)
    OR (m.lost_on > %(before)s AND m.lost_on <= %(after)s)),
sides (day, sign) AS (VALUES (%(before)s::date, 1), (%(after)s::date, -1)),
since AS (
  SELECT who.id AS member_id, s.day, sum((%(signs)s::jsonb ->> v.kind)::int) AS net,
    (array_agg(v.org_path ORDER BY v.happened_on, v.id) FILTER (WHERE %(signs)s::jsonb ->> v.kind = '-1'))[1] AS left_at
  FROM who JOIN moved v ON v.whose = who.id JOIN sides s ON v.happened_on > s.day GROUP BY 1, 2),
was AS (
  SELECT coalesce(x.left_at, m.org_path) AS path, insight_traits(m, s.day) AS facts, s.sign AS n
  FROM who JOIN members_member m ON m.id = who.id CROSS JOIN sides s LEFT JOIN since x ON x.member_id = m.id AND x.day = s.day
  WHERE (cardinality(insight_facts(m)) > 0)::int - coalesce(x.net, 0) = 1
  UNION ALL
  SELECT o.path, ARRAY[insight_organization(v.kind)], s.sign
  FROM orgs_organizationversion v JOIN orgs_organization o ON o.id = v.organization_id CROSS JOIN sides s
  WHERE v.valid_from <= s.day AND (v.valid_to IS NULL OR v.valid_to > s.day)
    AND (v.valid_from > %(before)s OR v.valid_to <= %(after)s)),
change AS (SELECT * FROM ({SPREAD.format(source="was")}) spread WHERE dim <> ALL (%(left_out)s)),
touched AS (SELECT DISTINCT path, dim FROM change),
merged AS (
  SELECT path, dim, key, sum(n)::int AS n FROM (
    SELECT path, dim, key, n FROM change
    UNION ALL
    SELECT r.path, r.dim, u.key, u.n FROM insight_monthend r JOIN touched USING (path, dim), unnest(r.keys, r.ns) u(key, n)
    WHERE r.month = %(after)s
  ) both_sides GROUP BY path, dim, key HAVING sum(n) <> 0)
SELECT path, %(before)s, dim, array_agg(key ORDER BY key COLLATE "C"), array_agg(n ORDER BY key COLLATE "C")
FROM merged GROUP BY path, dim
UNION ALL
SELECT path, %(before)s, dim, keys, ns FROM insight_monthend r
WHERE r.month = %(after)s AND NOT EXISTS (SELECT 1 FROM touched t WHERE t.path = r.path AND t.dim = r.dim)
"""  # noqa: S608 - constants only


@transaction.atomic
def reckon_series(first: date, last: date) -> int:
    """Every month end from `first` to `last` (any days of those months) that nobody kept: the rows `reckon` would write."""
    hold_rollups()
    after, steps = month_end(last), 0
    reckon(after)
    while (before := after.replace(day=1) - timedelta(days=1)) >= month_end(first):
        if not KeptMonth.objects.filter(month=before, reckoned=False).exists():
            _step(before, after)
            steps += 1
        after = before
    return steps + 1


def _step(before: date, after: date) -> None:
    values = {"before": before, "after": after, "signs": json.dumps(MOVEMENT_SIGN), "left_out": list(LEFT_OUT)}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM insight_monthend WHERE month = %s", [before])
        cursor.execute(STEP, values)
    KeptMonth.objects.update_or_create(month=before, defaults={"reckoned": True})
