"""Money that has come in: the committee's account, cash handed in, money passed up and down, spending, the yearly account.

Who prepares and who pays are two people everywhere (会计、出纳分设); amounts reach the books by `dues.domain.ledger` alone.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from core.crypto import Sealed
from dues.ledger_models import Transaction, money
from dues.up_enums import (
    HAND_IN_TRANSITIONS,
    SPENDING_TRANSITIONS,
    TRANSFER_TRANSITIONS,
    HandInState,
    SpendingState,
    TransferKind,
    TransferState,
)
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization, path_field


def person(words: str) -> models.CharField:
    return models.CharField(words, max_length=64, blank=True)


class BankAccount(models.Model):
    """党费专户: in the name of the committee, at one of the banks of the rules. One is open at a time."""

    access_path = "org_path"
    seen_with = Capability.VIEW_DUES

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    org = models.ForeignKey(Organization, models.PROTECT, related_name="dues_accounts")
    org_path = path_field()
    bank = models.CharField("开户银行", max_length=40)
    name = models.CharField("户名", max_length=100)
    number_sealed = models.BinaryField(null=True, editable=False)
    opened_on = models.DateField("启用日期")
    closed_on = models.DateField("停用日期", null=True)

    number = Sealed("number_sealed", field="number")

    class Meta:
        verbose_name = "党费专户"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["org"], condition=Q(closed_on__isnull=True), name="dues_one_open_account")]

    def __str__(self) -> str:
        return f"{self.bank} {self.name}"


class HandIn(models.Model):
    """现金上交: a branch hands cash in; it is counted by the committee's cashier, and only that counts."""

    access_path = "org_path"
    seen_with = Capability.VIEW_DUES
    status_field = "state"
    TRANSITIONS = HAND_IN_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=80, unique=True)
    org = models.ForeignKey(Organization, models.PROTECT, related_name="dues_hand_ins")
    org_path = path_field()
    to = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    to_path = path_field()
    amount = money()
    counted = money("点收金额", null=True)
    why = models.CharField("差额说明", max_length=200, blank=True)
    state = models.CharField("状态", max_length=10, choices=HandInState, default=HandInState.WAITING)
    made_by = person("交款人")
    made_by_uuid = models.UUIDField()
    made_on = models.DateField("交款日期")
    ended_by = person("点收人")
    ended_on = models.DateField("点收日期", null=True)
    sent = models.OneToOneField(Transaction, models.PROTECT, related_name="hand_in_sent")
    ended = models.OneToOneField(Transaction, models.PROTECT, null=True, related_name="hand_in_ended")

    class Meta:
        verbose_name = "现金上交"
        default_permissions = ()
        indexes = [
            models.Index(fields=["to_path", "state"], name="dues_hand_in_to"),
            models.Index(fields=["org_path"], name="dues_hand_in_from"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="dues_hand_in_amount"),
            models.CheckConstraint(
                condition=Q(counted__isnull=True) | Q(counted__lte=F("amount"), counted__gte=0), name="dues_hand_in_counted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org} {self.made_on}"


class Transfer(models.Model):
    """上缴、下拨: between the accounts of two neighbouring levels. `to` is empty where the superior is outside this system."""

    access_path = "org_path"
    seen_with = Capability.VIEW_DUES
    status_field = "state"
    TRANSITIONS = TRANSFER_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("种类", max_length=12, choices=TransferKind)
    org = models.ForeignKey(Organization, models.PROTECT, related_name="dues_sent")
    org_path = path_field()
    to = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="dues_arriving")
    to_path = path_field(blank=True)
    until = models.DateField("算到", null=True)
    reckoning = models.JSONField("计算", default=list)
    amount = money()
    received = money("收到金额", null=True)
    why = models.CharField("差额说明", max_length=200, blank=True)
    words = models.CharField("用途", max_length=200, blank=True)
    document_no = models.CharField("依据文号", max_length=60, blank=True)
    voucher_no = models.CharField("付款凭证号", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=TransferState, default=TransferState.PREPARED)
    prepared_by = person("会计")
    prepared_by_uuid = models.UUIDField()
    prepared_on = models.DateField("编制日期")
    sent_by = person("出纳")
    sent_on = models.DateField("付款日期", null=True)
    received_by = person("收款确认")
    received_on = models.DateField("收到日期", null=True)
    out = models.OneToOneField(Transaction, models.PROTECT, null=True, related_name="transfer_out")
    arrived = models.OneToOneField(Transaction, models.PROTECT, null=True, related_name="transfer_arrived")

    class Meta:
        verbose_name = "党费调拨"
        default_permissions = ()
        indexes = [
            models.Index(fields=["org_path", "state"], name="dues_transfer_from"),
            models.Index(fields=["to_path", "state"], name="dues_transfer_to"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="dues_transfer_amount"),
            models.UniqueConstraint(
                fields=["org", "kind"],
                condition=Q(state=TransferState.PREPARED) & ~Q(kind=TransferKind.ALLOCATION),
                name="dues_one_prepared",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org} {self.get_kind_display()} {self.prepared_on}"


class Spending(models.Model):
    """党费支出: for one of the five uses, on a collective decision; prepared by the accountant, paid by the cashier."""

    access_path = "org_path"
    seen_with = Capability.VIEW_DUES
    status_field = "state"
    TRANSITIONS = SPENDING_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    org = models.ForeignKey(Organization, models.PROTECT, related_name="dues_spendings")
    org_path = path_field()
    user_org = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="使用单位")
    user_path = path_field()
    use = models.CharField("用途", max_length=60)
    amount = money()
    words = models.CharField("事项", max_length=200)
    payee = models.CharField("收款方", max_length=100, blank=True)
    recipient = models.ForeignKey(Member, models.PROTECT, null=True, related_name="dues_help", verbose_name="补助对象")
    earmark = models.ForeignKey(Transfer, models.PROTECT, null=True, related_name="spendings", verbose_name="专款")
    decided_on = models.DateField("研究日期")
    meeting = models.CharField("研究会议", max_length=60)
    resolution_no = models.CharField("决议编号", max_length=60)
    voucher_no = models.CharField("付款凭证号", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=SpendingState, default=SpendingState.PREPARED)
    prepared_by = person("会计")
    prepared_by_uuid = models.UUIDField()
    prepared_on = models.DateField("编制日期")
    paid_by = person("出纳")
    paid_on = models.DateField("付款日期", null=True)
    transaction = models.OneToOneField(Transaction, models.PROTECT, null=True, related_name="spending")

    class Meta:
        verbose_name = "党费支出"
        default_permissions = ()
        indexes = [
            models.Index(fields=["org_path", "state"], name="dues_spending_path"),
            models.Index(fields=["user_path", "paid_on"], name="dues_spending_user"),
        ]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="dues_spending_amount")]

    def __str__(self) -> str:
        return f"{self.org} {self.use}"


class Publication(models.Model):
    """党费公布: the figures of a year as they were told to the members. What is published is not changed, only published anew."""

    access_path = "org_path"
    seen_with = Capability.VIEW_DUES

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    org = models.ForeignKey(Organization, models.PROTECT, related_name="dues_publications")
    org_path = path_field()
    year = models.PositiveSmallIntegerField("年度")
    edition = models.PositiveSmallIntegerField("第几版", default=1)
    figures = models.JSONField("数字")
    names_sealed = models.BinaryField(null=True, editable=False)
    names_resolution = models.CharField("公布姓名的支部决议", max_length=100, blank=True)
    published_by = person("公布人")
    published_on = models.DateField("公布日期")

    names = Sealed("names_sealed", field="names")

    class Meta:
        verbose_name = "党费公布"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["org", "year", "edition"], name="dues_publication_once")]

    def __str__(self) -> str:
        return f"{self.org} {self.year}"
