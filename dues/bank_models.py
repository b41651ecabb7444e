"""Bank statements: the lines of the committee's account, and which payment each turned out to be."""

import uuid

from django.db import models

from core.crypto import Sealed
from dues.ledger_enums import LINE_TRANSITIONS, LineState
from dues.ledger_models import money
from dues.pay_models import Payment
from orgs.enums import Capability
from orgs.models import Organization, path_field


class BankStatement(models.Model):
    """A file as it was read. Who pays, and what is written beside it, stands sealed."""

    access_path = "org_path"
    seen_with = Capability.KEEP_DUES_BOOKS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    org = models.ForeignKey(Organization, models.PROTECT, related_name="dues_statements")
    org_path = path_field()
    file_name = models.CharField("文件", max_length=120)
    lines_read = models.PositiveIntegerField("读到的行")
    read_by = models.CharField(max_length=64)
    read_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "银行流水"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.org} {self.file_name}"


class BankLine(models.Model):
    """One credit. The same line of the same account is taken once, whichever file it comes in."""

    access_path = "org_path"
    seen_with = Capability.KEEP_DUES_BOOKS
    status_field = "state"
    TRANSITIONS = LINE_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    org = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    org_path = path_field()
    fingerprint = models.BinaryField(max_length=32)
    paid_on = models.DateField("入账日期")
    amount = money()
    payer_sealed = models.BinaryField(null=True, editable=False)
    remark_sealed = models.BinaryField(null=True, editable=False)
    state = models.CharField("状态", max_length=10, choices=LineState, default=LineState.OPEN)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="bank_line")
    decided_by = models.CharField(max_length=64, blank=True)
    why = models.CharField("说明", max_length=200, blank=True)

    payer = Sealed("payer_sealed", field="payer")
    remark = Sealed("remark_sealed", field="remark")

    class Meta:
        verbose_name = "银行流水行"
        default_permissions = ()
        indexes = [models.Index(fields=["org", "state", "paid_on"], name="dues_bank_open")]
        constraints = [models.UniqueConstraint(fields=["org", "fingerprint"], name="dues_bank_line_once")]

    def __str__(self) -> str:
        return f"{self.paid_on}"
