"""The roll-ups from the members themselves: to begin with, after a mass load, and to check what the deltas have kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from insight.domain.folding import hold_rollups

# first every node's own people, then level by level upward: each level adds up what the level below has in far fewer rows
OWN = """
SELECT m.org_path AS path, unnest(insight_facts(m)) AS fact FROM members_member m
UNION ALL SELECT v.org_path, insight_event(v) FROM members_movement v
UNION ALL SELECT o.path, insight_organization(o.kind) FROM orgs_organization o WHERE o.dissolved_on IS NULL
"""
FRESH = """
CREATE TEMPORARY TABLE insight_fresh ON COMMIT DROP AS
SELECT path, split_part(fact, ':', 1) AS dim, substr(fact, strpos(fact, ':') + 1) AS key, n, length(path) AS reach
FROM (SELECT path, fact, count(*)::int AS n FROM ({own}) own GROUP BY path, fact) counted
WHERE split_part(fact, ':', 1) <> ALL (%(without)s)
"""
UPWARD = """
INSERT INTO insight_fresh
SELECT left(path, %(reach)s - 4), dim, key, sum(n)::int, %(reach)s - 4 FROM insight_fresh WHERE reach = %(reach)s GROUP BY 1, 2, 3
"""
PACKED = """
SELECT path, dim, array_agg(key ORDER BY key COLLATE "C") AS keys, array_agg(n ORDER BY key COLLATE "C") AS ns
FROM (SELECT path, dim, key, sum(n)::int AS n FROM insight_fresh GROUP BY path, dim, key) summed GROUP BY path, dim
"""
KEPT = "SELECT r.path, r.dim, u.key, u.n FROM insight_rollup r, unnest(r.keys, r.ns) u(key, n)"
UNFOLDED = """
SELECT left(t.path, 4 * level), split_part(f, ':', 1), substr(f, strpos(f, ':') + 1), t.n
FROM insight_delta t, unnest(t.facts) f, generate_series(1, length(t.path) / 4) level
"""
DIFFERENCE = f"""
SELECT path, dim, key, sum(fresh)::int, sum(kept)::int FROM (
  SELECT path, dim, key, n AS fresh, 0 AS kept FROM insight_fresh
  UNION ALL SELECT path, dim, key, 0, n FROM ({KEPT} UNION ALL {UNFOLDED}) k(path, dim, key, n)
) sides GROUP BY path, dim, key HAVING sum(fresh) <> sum(kept) ORDER BY path, dim, key LIMIT %(limit)s
"""  # noqa: S608 - constants only
LISTED = 20  # differences named in a report


@dataclass(frozen=True)
class Difference:
    path: str
    dim: str
    key: str
    fresh: int
    kept: int


@transaction.atomic
def rebuild() -> int:
    """Replace all roll-ups and drop the deltas they make needless; writers wait meanwhile. Returns the number of rows."""
    with connection.cursor() as cursor:
        # nothing may change between counting and dropping the deltas; tables first, as a moving subtree takes its locks too
        cursor.execute("LOCK TABLE orgs_organization, members_member, members_movement IN SHARE MODE")
        hold_rollups()
        count_up(OWN, {})
        cursor.execute("DELETE FROM insight_delta")
        cursor.execute("DELETE FROM insight_rollup")
        cursor.execute(f"INSERT INTO insight_rollup (path, dim, keys, ns) {PACKED}")
        return cursor.rowcount


@transaction.atomic
def differences() -> list[Difference]:
    """Where roll-ups and deltas together differ from a fresh count, the first few; changes nothing."""
    with connection.cursor() as cursor:
        if not connection.savepoint_ids:  # the outermost transaction: one snapshot for both sides
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        count_up(OWN, {})
        cursor.execute(DIFFERENCE, {"limit": LISTED})
        return [Difference(*row) for row in cursor.fetchall()]


def count_up(own: str, params: Mapping[str, object], without: Sequence[str] = ()) -> None:
    """Fill the table insight_fresh with the counts of every node from a query of (path, fact) at people's own nodes."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")  # sums of a whole country are kept out of temporary files
        cursor.execute("DROP TABLE IF EXISTS insight_fresh")
        cursor.execute(FRESH.format(own=own), {**params, "without": list(without)})
        cursor.execute("SELECT coalesce(max(reach), 0) FROM insight_fresh")
        for reach in range(cursor.fetchone()[0], 4, -4):
            cursor.execute(UPWARD, {"reach": reach})
