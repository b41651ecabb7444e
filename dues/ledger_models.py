"""The books. A transaction and its postings are written once, together, and sum to zero; the database refuses to change them.

What follows the tree and the files of people (`org_path`, `member`) is rewritten by `dues.domain.following` alone.
"""

import uuid

from django.db import models
from django.db.models.functions import Now

from dues.ledger_enums import Account, TransactionKind
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization, path_field

DIGITS, PLACES = 14, 2


def money(words: str = "金额", **options: object) -> models.DecimalField:
    return models.DecimalField(words, max_digits=DIGITS, decimal_places=PLACES, **options)  # type: ignore[arg-type]


class Transaction(models.Model):
    """一笔账. The same `key` (what it was booked for) is never booked twice. Defaults of the database serve set-based runs."""

    access_path = "org_path"
    seen_with = Capability.VIEW_DUES

    uuid = models.UUIDField(default=uuid.uuid4, db_default=models.Func(function="gen_random_uuid"), unique=True, editable=False)
    kind = models.CharField("种类", max_length=16)
    booked_on = models.DateField("记账日期")
    org = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="记账组织")
    org_path = path_field()
    key = models.CharField(max_length=160, unique=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversal")
    actor_uuid = models.UUIDField(null=True)
    actor_name = models.CharField("经办人", max_length=64, db_default="")
    words = models.CharField("摘要", max_length=200, blank=True, db_default="")
    document_no = models.CharField("凭据", max_length=60, blank=True, db_default="")
    recorded_at = models.DateTimeField(db_default=Now())
    opened_in = models.BigIntegerField(db_default=models.Func(function="txid_current"), editable=False)

    class Meta:
        verbose_name = "党费账"
        default_permissions = ()
        indexes = [models.Index(fields=["org_path", "booked_on"], name="dues_transaction_path")]

    def __str__(self) -> str:
        return f"{self.kind_label} {self.booked_on}"

    @property
    def kind_label(self) -> str:
        return str(TransactionKind(self.kind).label)


class Posting(models.Model):
    """One side of a transaction. `month` is the month of dues it is about (its first day), `org` where it stands."""

    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="postings")
    account = models.CharField(max_length=16)
    org = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    org_path = path_field()
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    month = models.DateField(null=True)
    amount = money()

    class Meta:
        verbose_name = "分录"
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["member", "month"], name="dues_posting_member", include=["account", "org", "amount"],
                condition=models.Q(member__isnull=False),
            ),
            models.Index(fields=["org_path", "account", "month"], name="dues_posting_path"),
        ]  # fmt: skip
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="dues_posting_not_nothing")]

    def __str__(self) -> str:
        return f"{Account(self.account).label} {self.org_path}"


class BalanceDelta(models.Model):
    """What a statement added to an account at a node: appended by the database with the postings, taken by the folder."""

    path = path_field()
    account = models.CharField(max_length=16)
    month = models.DateField()
    amount = money()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["path"], name="dues_balancedelta_path")]

    def __str__(self) -> str:
        return f"{self.path} {self.account}"


class Balance(models.Model):
    """An account of a node with its whole subtree, by month: of the dues where postings name one, else of the booking."""

    pk = models.CompositePrimaryKey("path", "account", "month")
    path = path_field()
    account = models.CharField(max_length=16)
    month = models.DateField()
    amount = money()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.path} {self.account}"
