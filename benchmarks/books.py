"""The balance of a node from the roll-up against the live sum of its postings, with a month of everybody in the books."""

from collections.abc import Iterator
from contextlib import suppress

from django.db import connection, transaction

from benchmarks.dataset import nodes
from benchmarks.timing import Result, seconds, times
from core.dates import today
from dues.domain.folding import fold
from dues.ledger_enums import Account
from dues.ledger_queries import balance, live_balance

BOOKS = """
INSERT INTO dues_transaction (kind, booked_on, org_id, org_path, key)
SELECT 'assessment', %(month)s, o.id, o.path, 'bench:' || o.uuid FROM orgs_organization o
WHERE EXISTS (SELECT 1 FROM members_member m WHERE m.organization_id = o.id)
"""
OWED = """
INSERT INTO dues_posting (transaction_id, account, org_id, org_path, member_id, month, amount)
SELECT t.id, 'receivable', t.org_id, t.org_path, m.id, %(month)s, 15 + m.id %% 180
FROM members_member m JOIN dues_transaction t ON t.org_id = m.organization_id AND t.key LIKE 'bench:%%'
"""
MIRROR = """
INSERT INTO dues_posting (transaction_id, account, org_id, org_path, month, amount)
SELECT transaction_id, 'assessed', org_id, org_path, month, -sum(amount) FROM dues_posting
WHERE account = 'receivable' AND month = %(month)s GROUP BY 1, 3, 4, 5
"""


class _Undone(Exception):
    pass


def dues_balance() -> Iterator[Result]:
    """Of the highest nodes; nothing of it stays."""
    results: list[Result] = []
    with suppress(_Undone), transaction.atomic():
        with connection.cursor() as cursor:
            for statement in (BOOKS, OWED, MIRROR):
                cursor.execute(statement, {"month": today().replace(day=1)})
            cursor.execute("ANALYZE dues_posting")
        folding = seconds(fold)
        for depth in (1, 3):
            results.append(_at(nodes()[depth].path, depth, folding))
        raise _Undone
    yield from results


def _at(path: str, depth: int, folding: float) -> Result:
    assert balance(path, Account.RECEIVABLE) == live_balance(path, Account.RECEIVABLE)
    ours, live = times(lambda: balance(path, Account.RECEIVABLE), lambda: live_balance(path, Account.RECEIVABLE), runs=31)
    goal = "≥ 10" if depth == 1 else ""
    note = f"the fold took {folding * 1000:.0f} ms; both sums are the same"
    return Result(f"dues: balance of a node at level {depth} vs the live sum", ours, live, live / ours, goal, note)
