"""Reading figures: roll-ups plus the deltas not yet folded in, or a month end; banded for the date, one query for all nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from core.access import Scope
from insight.rules import AGE, ALL, CATEGORY, CROSS, EDU, NATION, SEX, YEARS, Ruler
from insight.suppression import Counts

Cells = Mapping[str, Counts]  # dimension → key → people
Events = Mapping[tuple[str, str], int]  # (month "YYYYMM", kind) → movements
BRIEF = ["all", "sex", "born", "edu", "org"]
FULL = [*BRIEF, "since", "nation", "cat", "lost", "unverified", "probation"]

SELECTED = """
SELECT path, dim, CASE dim
  WHEN 'born' THEN width_bucket(left(key, 6)::int, %(births)s::int[])::text || right(key, 2)
  WHEN 'since' THEN CASE key WHEN '' THEN '' ELSE width_bucket(key::int, %(sinces)s::int[])::text END
  ELSE key END AS key, sum(n)::int
FROM ({raw}) raw WHERE dim = ANY (%(brief)s) OR (path = ANY (%(whole)s) AND dim = ANY (%(full)s))
GROUP BY 1, 2, 3 HAVING sum(n) <> 0
"""
# of nodes shown as a line only, ages are asked for the young alone: keys rise, so theirs are the end of the array
FIRST = """LATERAL (SELECT CASE WHEN r.dim = 'born' AND r.path <> ALL (%(whole)s)
  THEN width_bucket(%(young)s::text COLLATE "C", r.keys) + 1 ELSE 1 END AS first) o,
  unnest(r.keys[o.first:], r.ns[o.first:]) u(key, n)"""
LIVE = f"""
SELECT r.path, r.dim, u.key, u.n FROM insight_rollup r, {FIRST}
WHERE r.path = ANY (%(paths)s) AND r.dim = ANY (%(full)s)
UNION ALL
SELECT w.path, split_part(f, ':', 1), substr(f, strpos(f, ':') + 1), d.n
FROM unnest(%(paths)s::text[]) w(path) JOIN insight_delta d
  ON d.path >= w.path COLLATE "C" AND d.path < (w.path || '~') COLLATE "C", unnest(d.facts) f
"""  # noqa: S608 - constants only
KEPT = f"""
SELECT r.path, r.dim, u.key, u.n FROM insight_monthend r, {FIRST}
WHERE r.path = ANY (%(paths)s) AND r.month = %(month)s AND r.dim = ANY (%(full)s)
"""  # noqa: S608 - constants only
EVENTS = """
SELECT path, key, sum(n)::int FROM (
  SELECT r.path, u.key, u.n FROM insight_rollup r, unnest(r.keys, r.ns) u(key, n) WHERE r.path = ANY (%(paths)s) AND r.dim = 'ev'
  UNION ALL
  SELECT w.path, substr(f, 4), d.n FROM unnest(%(paths)s::text[]) w(path) JOIN insight_delta d
    ON d.path >= w.path COLLATE "C" AND d.path < (w.path || '~') COLLATE "C", unnest(d.facts) f WHERE left(f, 3) = 'ev:'
) events WHERE key >= %(since)s GROUP BY path, key
"""
TOTALS = """
SELECT path, month, ns[1] FROM insight_monthend
WHERE path = ANY (%(paths)s) AND month = ANY (%(months)s) AND dim = 'all'
"""


@dataclass(frozen=True)
class Moment:
    """A date figures are asked for: today's, or a kept month end."""

    on: date
    live: bool


def counts(paths: Sequence[str], moment: Moment, ruler: Ruler, *, whole: Sequence[str]) -> dict[str, Cells]:
    """The figures of each of `paths` in the dimensions of the ruler; those in `whole` with everything that is counted."""
    params = {
        "paths": list(paths), "whole": list(whole), "brief": BRIEF, "full": FULL, "month": moment.on,
        "young": str(ruler.young_since(moment.on)),
        "births": ruler.ages.thresholds(moment.on), "sinces": ruler.years.thresholds(moment.on),
    }  # fmt: skip
    raw: dict[str, dict[str, dict[str, int]]] = {path: {} for path in paths}
    with connection.cursor() as cursor:
        cursor.execute(SELECTED.replace("{raw}", LIVE if moment.live else KEPT), params)
        for path, dim, key, n in cursor.fetchall():
            raw[path].setdefault(dim, {})[key] = n
    return {path: _dimensions(dims, ruler) for path, dims in raw.items()}


def _dimensions(raw: Mapping[str, Mapping[str, int]], ruler: Ruler) -> Cells:
    cells: dict[str, dict[str, int]] = {dim: dict(raw.get(dim, {})) for dim in (ALL, SEX, CATEGORY)}
    cells |= {dim: dict(raw[dim]) for dim in ("org", "lost", "unverified", "probation") if dim in raw}
    cells |= {dim: ruler.grouped(dim, raw.get(dim, {})) for dim in (EDU, NATION)}
    cells[AGE], cells[CROSS] = {}, {}
    for key, n in raw.get("born", {}).items():
        bucket, _, sex = key.partition(":")
        code = ruler.ages.code(int(bucket))
        cells[AGE][code] = cells[AGE].get(code, 0) + n
        cells[CROSS][f"{code}:{sex}"] = n
    cells[YEARS] = {ruler.years.code(int(k)) if k else "": n for k, n in raw.get("since", {}).items()}
    return cells


def events(paths: Sequence[str], since: str) -> dict[str, Events]:
    """Movements in each subtree by month ("YYYYMM") and kind, from a month on."""
    found: dict[str, dict[tuple[str, str], int]] = {path: {} for path in paths}
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, {"paths": list(paths), "since": since})
        for path, key, n in cursor.fetchall():
            found[path][key[:6], key[7:]] = n
    return found


BRANCHES = """
WITH pending AS (
  SELECT o.path, sum(d.n) FILTER (WHERE f = 'cat:full') AS full_members, sum(d.n) AS members
  FROM insight_delta d, unnest(d.facts) f, orgs_organization o
  WHERE left(f, 4) = 'cat:' AND o.kind = 'branch' AND o.dissolved_on IS NULL
    AND o.path IN (d.path, left(d.path, length(d.path) - 4)) GROUP BY o.path),
sizes AS (
  SELECT o.uuid, o.code, o.name,
    coalesce((SELECT u.n FROM unnest(r.keys, r.ns) u(key, n) WHERE u.key = 'full'), 0)
      + coalesce(p.full_members, 0) AS full_members,
    coalesce((SELECT sum(n) FROM unnest(r.ns) n), 0) + coalesce(p.members, 0) AS members, o.path
  FROM orgs_organization o LEFT JOIN insight_rollup r ON r.path = o.path AND r.dim = 'cat' LEFT JOIN pending p ON p.path = o.path
  WHERE o.kind = 'branch' AND o.dissolved_on IS NULL AND {where})
"""


@dataclass(frozen=True)
class BranchSize:
    uuid: UUID
    code: str
    name: str
    full_members: int
    members: int


def branch_sizes(within: Scope, few: int, many: int) -> tuple[int, int]:
    """How many branches have fewer than `few` full members, and how many more than `many` members."""
    where, params = within.sql("o.path")
    tail = "SELECT count(*) FILTER (WHERE full_members < %s), count(*) FILTER (WHERE members > %s) FROM sizes"
    with connection.cursor() as cursor:
        cursor.execute(BRANCHES.format(where=where) + tail, [*params, few, many])
        return cursor.fetchone()


def branches_outside(within: Scope, few: int | None, many: int | None, limit: int) -> list[BranchSize]:
    """Those branches, in tree order: under `few` full members, or over `many` members."""
    where, params = within.sql("o.path")
    tail = """SELECT uuid, code, name, full_members::int, members::int FROM sizes
      WHERE full_members < %s OR members > %s ORDER BY path LIMIT %s"""
    with connection.cursor() as cursor:
        cursor.execute(BRANCHES.format(where=where) + tail, [*params, few, many, limit])
        return [BranchSize(*row) for row in cursor.fetchall()]


def totals(paths: Sequence[str], months: Sequence[date]) -> dict[tuple[str, date], int]:
    """Members of each node at each kept month end; a node without a row had none."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, {"paths": list(paths), "months": list(months)})
        return {(path, month): n for path, month, n in cursor.fetchall()}
