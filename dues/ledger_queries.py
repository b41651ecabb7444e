"""Reads of the books: what a person owes, what an account of a node holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from core import paths
from dues.ledger_enums import Account
from members.models import Member

ZERO = Decimal("0.00")

# by person, month and the node where it stands; `assessed`: an assessment has been booked, so that less than nothing is a credit
OWED = """
SELECT p.member_id, p.month, p.org_id, sum(p.amount), bool_or(t.kind = 'assessment'), max(p.id)
FROM dues_posting p JOIN dues_transaction t ON t.id = p.transaction_id
WHERE p.member_id = ANY (%(members)s) AND p.account = 'receivable'
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
ROLLED = """
SELECT coalesce(sum(amount), 0) FROM (
  SELECT amount, month FROM dues_balance WHERE path = %(path)s AND account = %(account)s
  UNION ALL
  SELECT amount, month FROM dues_balancedelta WHERE path >= %(path)s AND path < %(upper)s AND account = %(account)s
) both_parts WHERE month >= %(since)s AND month <= %(until)s
"""
LIVE = """
SELECT coalesce(sum(p.amount), 0) FROM dues_posting p JOIN dues_transaction t ON t.id = p.transaction_id
WHERE p.org_path >= %(path)s AND p.org_path < %(upper)s AND p.account = %(account)s
  AND coalesce(p.month, date_trunc('month', t.booked_on)::date) BETWEEN %(since)s AND %(until)s
"""


@dataclass(frozen=True)
class Owed:
    """What stands on a person's month at a node: more than nothing is owed, less is paid ahead or too much."""

    member_id: int
    month: date
    org_id: int
    amount: Decimal
    assessed: bool
    last_id: int

    def is_credit(self, on: date) -> bool:
        """Too much for a month that is settled or past, not a month paid ahead."""
        return self.amount < 0 and (self.assessed or self.month < on.replace(day=1))


def month_rows(member_ids: Sequence[int]) -> list[Owed]:
    """Every month of these people that the books know, oldest first, also those that are even; one query for all of them."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, {"members": list(member_ids)})
        return [Owed(*row) for row in cursor.fetchall()]


def owed_rows(member_ids: Sequence[int]) -> list[Owed]:
    """The months that are not even."""
    return [row for row in month_rows(member_ids) if row.amount]


def owed(member: Member) -> dict[date, Decimal]:
    """By month, over all nodes; months that are even are left out."""
    return owed_of([member.pk]).get(member.pk, {})


def owed_of(member_ids: Sequence[int]) -> dict[int, dict[date, Decimal]]:
    found: dict[int, dict[date, Decimal]] = {}
    for row in owed_rows(member_ids):
        months = found.setdefault(row.member_id, {})
        months[row.month] = months.get(row.month, ZERO) + row.amount
    return {member: {month: amount for month, amount in months.items() if amount} for member, months in found.items()}


def balance(path: str, account: Account, since: date = date.min, until: date = date.max) -> Decimal:
    """An account of a node with everything below it: from the roll-up and what is not yet folded in, never a sum of its tree."""
    return _sum(ROLLED, path, account, since, until)


def live_balance(path: str, account: Account, since: date = date.min, until: date = date.max) -> Decimal:
    """The same added up from the postings themselves: what the roll-up is held against."""
    return _sum(LIVE, path, account, since, until)


def _sum(statement: str, path: str, account: str, since: date, until: date) -> Decimal:
    place = {"path": path, "upper": paths.upper(path), "account": account, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(statement, place)
        return Decimal(cursor.fetchone()[0])
