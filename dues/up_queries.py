"""Reads of what has come in and where it stands: a node's own money, what a committee keeps for whom, what may go up."""

from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from core import paths
from dues.ledger_enums import Account
from dues.ledger_models import Posting
from dues.up_enums import SpendingState, TransferKind, TransferState
from dues.up_models import BankAccount, Spending, Transfer
from dues.up_rules import PACK, ZERO, Reckoning, YearPart, kept_share
from orgs.models import Organization
from regulations.packs import pack
from workflow.domain.turns import COMMITTEES, nearest_committee

# the nodes whose money one committee keeps: itself and what stands below it without a committee in between
KEPT_FOR = """
WITH RECURSIVE kept AS (
  SELECT id, path FROM orgs_organization WHERE id = %s
  UNION ALL
  SELECT o.id, o.path FROM orgs_organization o JOIN kept k ON o.parent_id = k.id WHERE o.kind <> ALL (%s)
)
SELECT path FROM kept
"""
# income of these nodes by year of booking; credit is negative, told as what came in
BY_YEAR = """
SELECT extract(year FROM t.booked_on)::int, p.account, -sum(p.amount)
FROM dues_posting p JOIN dues_transaction t ON t.id = p.transaction_id
WHERE p.org_path = ANY (%s) AND p.account = ANY (%s) AND t.booked_on <= %s
GROUP BY 1, 2 ORDER BY 1, 2
"""


def own_balance(org: Organization, account: Account) -> Decimal:
    """What stands at the node itself, without anything below it."""
    rows = Posting.objects.filter(org_path=org.path, account=account)
    return rows.aggregate(total=Sum("amount"))["total"] or ZERO


def keeper_of(org: Organization) -> Organization:
    """Who keeps the account for a node: the nearest committee."""
    return nearest_committee(org)


def superior_keeper(org: Organization) -> Organization | None:
    """The committee above a committee; None at the top of this system."""
    return nearest_committee(org.parent) if org.parent else None


def open_account(org: Organization) -> BankAccount | None:
    return BankAccount.objects.filter(org=org, closed_on__isnull=True).first()


def kept_paths(keeper: Organization) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(KEPT_FOR, [keeper.pk, list(COMMITTEES)])
        return [path for (path,) in cursor.fetchall()]


def collected_by_year(nodes: list[str], accounts: tuple[Account, ...], until: date) -> dict[tuple[int, str], Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(BY_YEAR, [nodes, list(accounts), until])
        return {(year, account): amount for year, account, amount in cursor.fetchall()}


def reckon(keeper: Organization, until: date) -> Reckoning:
    """What a committee is to pass up until the end of a day: dues of the branches it keeps money for, and what its lower
    committees passed up to it; each year by the share in force at its end (or at `until`)."""
    came = collected_by_year(kept_paths(keeper), (Account.DUES,), until)
    came |= collected_by_year([keeper.path], (Account.FROM_BELOW,), until)
    parts = []
    for year in sorted({year for year, _ in came}):
        share = kept_share(pack(PACK, on=min(date(year, 12, 31), until), at=keeper.path))
        collected, below = came.get((year, Account.DUES), ZERO), came.get((year, Account.FROM_BELOW), ZERO)
        parts.append(YearPart(year, collected, below, share))
    return Reckoning(tuple(parts), passed_up(keeper))


def passed_up(keeper: Organization) -> Decimal:
    """Sent or about to be sent; what did not arrive came back and is not counted."""
    rows = Transfer.objects.filter(org=keeper, kind=TransferKind.REMITTANCE).exclude(state=TransferState.DROPPED)
    total = ZERO
    for state, amount, received in rows.values_list("state", "amount", "received"):
        total += received if state == TransferState.RECEIVED else amount
    return total


def large_waiting(keeper: Organization) -> Decimal:
    """大额党费 that has come and is not on its way up yet."""
    return -own_balance(keeper, Account.LARGE) - _large_in(keeper, TransferState.PREPARED, TransferState.SENT)


def _large_in(keeper: Organization, *states: TransferState) -> Decimal:
    rows = Transfer.objects.filter(org=keeper, kind=TransferKind.LARGE, state__in=states)
    return rows.aggregate(total=Sum("amount"))["total"] or ZERO


def free_money(keeper: Organization) -> Decimal:
    """What stands in the account and is the committee's own to spend or pass on: not the large sums that belong to the centre,
    not what is to be paid back, not what was allocated for a purpose."""
    others = own_balance(keeper, Account.LARGE) + own_balance(keeper, Account.SURPLUS)
    earmarked = sum((earmark_left(one) for one in earmarks_of(keeper)), ZERO)
    return own_balance(keeper, Account.BANK) + others + _large_in(keeper, TransferState.SENT) - earmarked


def earmark_left(transfer: Transfer) -> Decimal:
    """What is left of money allocated for a purpose (专款专用)."""
    used = transfer.spendings.exclude(state=SpendingState.DROPPED).aggregate(total=Sum("amount"))["total"] or ZERO
    received = Transfer.objects.values_list("received", flat=True).get(pk=transfer.pk)
    return (received or ZERO) - used


def earmarks_of(keeper: Organization) -> QuerySet[Transfer]:
    return Transfer.objects.filter(to=keeper, kind=TransferKind.ALLOCATION, state=TransferState.RECEIVED).order_by("-pk")


def spent_by_use(where: Q, year: int) -> list[tuple[str, Decimal]]:
    rows = Spending.objects.filter(where, state=SpendingState.PAID, paid_on__year=year)
    return list(rows.values_list("use").annotate(total=Sum("amount")).order_by("use"))


def below(path: str) -> Q:
    return Q(user_path__gte=path, user_path__lt=paths.upper(path))
