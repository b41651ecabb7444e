"""A subtree has moved: its figures leave the old superiors and come to the new ones.

Month ends keep what each superior had on that day; those of the moved nodes follow them to their new paths, so that an
organisation keeps its own past wherever it stands (the page lists, for a past date, the organisations where they stood then).
"""

from django.db import connection, transaction

from core import paths
from insight.domain.folding import MERGE, hold_rollups

RENAME = "UPDATE {table} SET path = %(new)s || substr(path, %(cut)s) WHERE path >= %(old)s AND path < %(upper)s"
CARRY = f"""
WITH change AS (
  SELECT a.path, r.dim, u.key, (a.sign * u.n)::int AS n
  FROM insight_rollup r, unnest(r.keys, r.ns) u(key, n), unnest(%(paths)s::text[], %(signs)s::int[]) a(path, sign)
  WHERE r.path = %(top)s), {MERGE}
"""  # noqa: S608 - constants only


@transaction.atomic
def move_subtree(old: str, new: str) -> None:
    """Rewrite the paths of everything kept about the subtree and carry its roll-up from the old superiors to the new."""
    hold_rollups()
    place = {"old": old, "upper": paths.upper(old), "new": new, "cut": len(old) + 1}
    leaving, joining = set(paths.ancestors(old)[:-1]), set(paths.ancestors(new)[:-1])
    signed = [(p, -1) for p in sorted(leaving - joining)] + [(p, +1) for p in sorted(joining - leaving)]
    with connection.cursor() as cursor:
        for table in ("insight_delta", "insight_rollup", "insight_monthend"):
            cursor.execute(RENAME.format(table=table), place)
        cursor.execute(CARRY, {"top": new, "paths": [p for p, _ in signed], "signs": [s for _, s in signed]})
