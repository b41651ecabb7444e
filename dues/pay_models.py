"""Money on its way into the books: payments, what the bank said of them, receipts, refunds, consents and closed months."""

import uuid

from django.db import models
from django.db.models import Q

from dues.ledger_enums import PAYMENT_TRANSITIONS, Means, NoticeKind, PaymentState, Purpose, RefundState
from dues.ledger_models import Transaction, money
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization, path_field


class Entrustment(models.Model):
    """委托代交: a member asks a relative or another member to pay, and lets that person see the amount. Ended by the member."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="dues_entrusted")
    delegate = models.ForeignKey(Member, models.PROTECT, null=True, related_name="dues_entrusted_with")
    delegate_name = models.CharField("代交人", max_length=60)
    given_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "委托代交"
        default_permissions = ()
        indexes = [models.Index(fields=["delegate"], name="dues_entrusted_with", condition=Q(ended_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(ended_at__isnull=True), name="dues_one_entrustment"),
        ]

    def __str__(self) -> str:
        return f"{self.member}：{self.delegate_name}"


class Payment(models.Model):
    """一次交纳, from the order to the booking. `org` collects: the member's branch, or the host branch of a floating member.

    What is booked for it carries its uuid in the key, so that a payment enters the books once whatever happens in between.
    """

    access_path = "org_path"
    seen_with = Capability.COLLECT_DUES
    status_field = "state"
    TRANSITIONS = PAYMENT_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="dues_payments", verbose_name="党员")
    org = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="收缴组织")
    org_path = path_field()
    purpose = models.CharField("名目", max_length=8, choices=Purpose, default=Purpose.DUES)
    means = models.CharField("方式", max_length=12, choices=Means)
    channel = models.CharField("渠道", max_length=20, blank=True)
    state = models.CharField("状态", max_length=10, choices=PaymentState, default=PaymentState.PENDING)
    amount = money()
    key = models.CharField(max_length=160, unique=True)
    payer_name = models.CharField("代交人", max_length=60, blank=True)
    entrustment = models.ForeignKey(Entrustment, models.PROTECT, null=True, related_name="+")
    note = models.CharField("说明", max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.CharField("经办人", max_length=64)
    expires_at = models.DateTimeField(null=True)
    paid_on = models.DateField("交纳日期", null=True)
    transaction = models.OneToOneField(Transaction, models.PROTECT, null=True, related_name="payment")

    class Meta:
        verbose_name = "党费交纳"
        default_permissions = ()
        indexes = [
            models.Index(fields=["member", "-made_at"], name="dues_payment_member"),
            models.Index(fields=["org_path", "paid_on"], name="dues_payment_path"),
            models.Index(fields=["expires_at"], name="dues_payment_pending", condition=Q(state=PaymentState.PENDING)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="dues_payment_amount"),
            models.CheckConstraint(
                condition=Q(means__in=[Means.CASH, Means.ONLINE, Means.BANK]), name="dues_payment_by_lawful_means"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.get_state_display()}"


class PaymentMonth(models.Model):
    """What of a payment is meant for which month."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="months")
    month = models.DateField()
    amount = money()

    class Meta:
        default_permissions = ()
        ordering = ["month"]
        constraints = [models.UniqueConstraint(fields=["payment", "month"], name="dues_payment_month_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class ReceiptCounter(models.Model):
    """The last number given out by a node in a year; taken in the transaction of the payment, so that none is missing."""

    org = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["org", "year"], name="dues_receipt_counter_once")]

    def __str__(self) -> str:
        return f"{self.year} {self.last}"


class Receipt(models.Model):
    """收据. A number is never given twice; that of a payment reversed later stays, marked as void."""

    org = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("编号")
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="receipt")
    issued_on = models.DateField("开具日期")
    void_on = models.DateField("作废日期", null=True)

    class Meta:
        verbose_name = "党费收据"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["org", "year", "number"], name="dues_receipt_once")]

    def __str__(self) -> str:
        return f"{self.year}-{self.number:04d}"


class Notice(models.Model):
    """What a bank told us, word for word once: the same serial again changes nothing. `applied_at` is empty while it waits for
    an earlier one (a refund before its payment) or for a person."""

    channel = models.CharField(max_length=20)
    serial = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=NoticeKind)
    order = models.UUIDField()
    refund = models.UUIDField(null=True)
    amount = money()
    received_at = models.DateTimeField(auto_now_add=True)
    times = models.PositiveIntegerField(default=1)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="notices")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "银行通知"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["channel", "serial"], name="dues_notice_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="dues_notice_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.serial}"


class Refund(models.Model):
    """退款: asked of the bank, done when the bank says so. `undoes` is what is reversed then."""

    status_field = "state"
    TRANSITIONS = {RefundState.ASKED: (RefundState.DONE,), RefundState.DONE: ()}

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    undoes = models.OneToOneField(Transaction, models.PROTECT, related_name="refund")
    amount = money()
    why = models.CharField("原因", max_length=200)
    state = models.CharField("状态", max_length=8, choices=RefundState, default=RefundState.ASKED)
    asked_by = models.CharField("经办人", max_length=64)
    asked_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "党费退款"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.payment} {self.get_state_display()}"


class MonthClosing(models.Model):
    """The branch has looked over a month: who had not paid stays unpaid, and nothing is booked back into it by hand."""

    access_path = "org_path"
    seen_with = Capability.VIEW_DUES

    org = models.ForeignKey(Organization, models.PROTECT, related_name="dues_closings")
    org_path = path_field()
    month = models.DateField()
    paid = models.PositiveIntegerField("已交人数")
    unpaid = models.PositiveIntegerField("未交人数")
    note = models.CharField("说明", max_length=200, blank=True)
    closed_by = models.CharField(max_length=64)
    closed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "党费月结"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["org", "month"], name="dues_month_closed_once")]

    def __str__(self) -> str:
        return f"{self.org} {self.month:%Y-%m}"


class SampleOrder(models.Model):
    """The book of the sample bank, which exists in demonstrations and tests only: what it took and what it paid back."""

    order = models.UUIDField(unique=True)
    amount = money()
    paid_serial = models.CharField(max_length=64, blank=True)
    refund = models.UUIDField(null=True)
    refunded = money(null=True)
    refund_serial = models.CharField(max_length=64, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.order)
