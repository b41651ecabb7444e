"""The books follow the tree, and the files of people: the only changes the database lets through, and only said aloud."""

from django.db import connection
from django.db.models import Sum

from accounts.models import User
from core import paths
from core.errors import Conflict
from dues.arrears_models import ArrearsStep
from dues.domain import folding
from dues.domain.ledger import Line, claim, hold_member, post
from dues.ledger_enums import MONEY, Account, TransactionKind
from dues.ledger_models import Posting, Transaction
from dues.ledger_queries import balance
from dues.pay_models import Entrustment, Payment
from dues.up_models import Spending
from members.models import Member
from orgs.models import Organization

TABLES = (
    "dues_transaction", "dues_posting", "dues_payment", "dues_monthclosing", "dues_bankstatement", "dues_bankline",
    "dues_bankaccount", "dues_handin", "dues_transfer", "dues_spending", "dues_publication",
)  # fmt: skip
PATHS = (
    *((table, "org_path") for table in TABLES),
    ("dues_handin", "to_path"),
    ("dues_transfer", "to_path"),
    ("dues_spending", "user_path"),
)
HANDED_OVER = (*MONEY, Account.LARGE, Account.SURPLUS)


def _say_following(*, on: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('dues.following', %s, true)", ["on" if on else ""])


def move_subtree(old: str, new: str) -> None:
    """Rewrite the copied paths of a subtree and carry its balances to the new superiors."""
    _say_following(on=True)
    with connection.cursor() as cursor:
        for table, column in PATHS:
            cursor.execute(
                f"UPDATE {table} SET {column} = %s || substr({column}, %s) WHERE {column} >= %s AND {column} < %s",  # noqa: S608
                [new, len(old) + 1, old, paths.upper(old)],
            )
    _say_following(on=False)
    folding.move_subtree(old, new)


def hand_over(source: Organization, to: Organization, reason: str, *, key: str, actor: User) -> Transaction | None:
    """What an organisation that ends still holds, and still owes on, goes to its successor by a transaction."""
    lines: list[Line] = []
    for account in HANDED_OVER:
        if held := _own(source, account):
            lines += [Line(account, -held, source), Line(account, held, to)]
    if not lines:
        return None
    return post(TransactionKind.HAND_OVER, source, lines, key=key, actor=actor, words=reason[:200])


def _own(org: Organization, account: str) -> object:
    """What stands at the node itself: its children have been carried along already."""
    below = sum(balance(child.path, Account(account)) for child in Organization.objects.filter(parent=org))
    return balance(org.path, Account(account)) - below


def holds_money(path: str) -> list[str]:
    """In words, without amounts: what a node with its subtree has not handed over yet."""
    return [Account(account).label for account in HANDED_OVER if balance(path, Account(account))]


def nothing_left(org: Organization) -> None:
    """An organisation that ends without a successor has handed in what it holds."""
    if held := holds_money(org.path):
        raise Conflict("dues_left", f"还有党费没有上交（{'、'.join(held)}），请先办完，或者指定承接的组织。", field="into")


def merge_people(keep: Member, gone: Member, *, actor: User) -> int:
    """Two registrations of one person: months, payments and consents stand under the file that stays."""
    for member in sorted((keep, gone), key=lambda m: m.uuid):
        hold_member(member)
    _ask_once(keep, gone, actor)
    _say_following(on=True)
    moved = Posting.objects.filter(member=gone).update(member=keep)
    _say_following(on=False)
    moved += Payment.objects.filter(member=gone).update(member=keep)
    known = ArrearsStep.objects.filter(member=keep).values_list("since", "rung")
    for since, rung in list(known):
        ArrearsStep.objects.filter(member=gone, since=since, rung=rung).delete()
    moved += ArrearsStep.objects.filter(member=gone).update(member=keep)
    moved += Spending.objects.filter(recipient=gone).update(recipient=keep)
    if Entrustment.objects.filter(member=keep, ended_at__isnull=True).exists():
        Entrustment.objects.filter(member=gone, ended_at__isnull=True).update(ended_at=gone.updated_at)
    moved += Entrustment.objects.filter(member=gone).update(member=keep)
    return moved + Entrustment.objects.filter(delegate=gone).update(delegate=keep)


def _ask_once(keep: Member, gone: Member, actor: User) -> None:
    """A month assessed on both files is owed once: the other is taken back; what was paid twice becomes a credit."""
    assessed = Posting.objects.filter(account=Account.RECEIVABLE, transaction__kind=TransactionKind.ASSESSMENT)
    months = set(assessed.filter(member=keep).values_list("month", flat=True))
    twice = assessed.filter(member=gone, month__in=months).values("month", "org").annotate(total=Sum("amount"))
    for row in twice.order_by("month", "org"):
        org = Organization.ever.get(pk=row["org"])
        key = f"merged:{gone.uuid}:{keep.uuid}:{row['month']:%Y-%m}:{org.uuid}"
        lines = claim(-row["total"], org, gone, row["month"])
        if row["total"]:
            post(TransactionKind.MERGED, org, lines, key=key, actor=actor, words="两份档案合并，同一个月只算一次")
