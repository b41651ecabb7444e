"""Adding the appended balance deltas into the roll-ups: one folder at a time; and carrying them along when a subtree moves."""

from django.db import connection, transaction

from core import paths

LOCK = 0x64756573  # the advisory lock of everybody who writes roll-ups of the books
MERGE = """
INSERT INTO dues_balance (path, account, month, amount) SELECT path, account, month, amount FROM change
ON CONFLICT (path, account, month) DO UPDATE SET amount = dues_balance.amount + EXCLUDED.amount
"""
# every node from the root down to the path (four characters a level)
FOLD = f"""
WITH taken AS (DELETE FROM dues_balancedelta RETURNING path, account, month, amount),
change AS (
  SELECT left(t.path, 4 * level) AS path, t.account, t.month, sum(t.amount) AS amount
  FROM taken t, generate_series(1, length(t.path) / 4) level GROUP BY 1, 2, 3 HAVING sum(t.amount) <> 0)
{MERGE}
"""  # noqa: S608 - constants only
RENAME = "UPDATE {table} SET path = %(new)s || substr(path, %(cut)s) WHERE path >= %(old)s AND path < %(upper)s"
CARRY = f"""
WITH change AS (
  SELECT a.path, r.account, r.month, a.sign * r.amount AS amount
  FROM dues_balance r, unnest(%(paths)s::text[], %(signs)s::int[]) a(path, sign) WHERE r.path = %(top)s)
{MERGE}
"""  # noqa: S608 - constants only


@transaction.atomic
def fold() -> bool:
    """Take all committed deltas into the roll-ups. False: somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(FOLD)
    return True


@transaction.atomic
def move_subtree(old: str, new: str) -> None:
    """The roll-up of the subtree leaves the old superiors and comes to the new ones, with the paths below it."""
    place = {"old": old, "upper": paths.upper(old), "new": new, "cut": len(old) + 1}
    leaving, joining = set(paths.ancestors(old)[:-1]), set(paths.ancestors(new)[:-1])
    signed = [(p, -1) for p in sorted(leaving - joining)] + [(p, +1) for p in sorted(joining - leaving)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for table in ("dues_balancedelta", "dues_balance"):
            cursor.execute(RENAME.format(table=table), place)
        cursor.execute(CARRY, {"top": new, "paths": [p for p, _ in signed], "signs": [s for _, s in signed]})
