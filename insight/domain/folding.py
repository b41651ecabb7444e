"""Adding the appended deltas into the roll-ups: one folder at a time, so no two ever wait for each other's rows."""

from django.db import connection, transaction

LOCK = 0x64776669  # the advisory lock of everybody who writes roll-ups

# facts × every node from the root down to the path (four characters a level)
SPREAD = """
SELECT left(t.path, 4 * level) AS path, split_part(f, ':', 1) AS dim, substr(f, strpos(f, ':') + 1) AS key, sum(t.n)::int AS n
FROM {source} t, unnest(t.facts) f, generate_series(1, length(t.path) / 4) level GROUP BY 1, 2, 3 HAVING sum(t.n) <> 0
"""
# `change(path, dim, key, n)` into insight_rollup; every part sees the rows as they stood before the statement
MERGE = """
touched AS (SELECT DISTINCT path, dim FROM change),
merged AS (
  SELECT path, dim, key, sum(n)::int AS n FROM (
    SELECT path, dim, key, n FROM change
    UNION ALL
    SELECT r.path, r.dim, u.key, u.n FROM insight_rollup r JOIN touched USING (path, dim), unnest(r.keys, r.ns) u(key, n)
  ) both_sides GROUP BY path, dim, key HAVING sum(n) <> 0),
packed AS (
  SELECT path, dim, array_agg(key ORDER BY key COLLATE "C") AS keys, array_agg(n ORDER BY key COLLATE "C") AS ns
  FROM merged GROUP BY path, dim),
emptied AS (
  DELETE FROM insight_rollup r USING touched t
  WHERE r.path = t.path AND r.dim = t.dim AND NOT EXISTS (SELECT 1 FROM packed p WHERE p.path = t.path AND p.dim = t.dim))
INSERT INTO insight_rollup (path, dim, keys, ns) SELECT path, dim, keys, ns FROM packed
ON CONFLICT (path, dim) DO UPDATE SET keys = EXCLUDED.keys, ns = EXCLUDED.ns
"""
FOLD = f"""
WITH taken AS (DELETE FROM insight_delta RETURNING path, facts, n),
change AS ({SPREAD.format(source="taken")}), {MERGE}
"""  # noqa: S608 - constants only


def hold_rollups() -> None:
    """Wait until nobody else writes roll-ups, and keep others waiting until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def fold() -> bool:
    """Take all committed deltas into the roll-ups. False: somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(FOLD)
    return True
