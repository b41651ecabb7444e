"""Bases, reductions, agreements and what was assessed on them.

The income itself stands sealed; the monthly amount in clear, because the books add it up.
"""

import json
import uuid
from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from core.crypto import Sealed
from dues.enums import STANDARD_TRANSITIONS, UNSETTLED, Ground, Kind, Source, StandardState
from members.models import Member
from orgs.models import Organization


def first_of_month(field: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__day": 1}), name=name)


class Standard(models.Model):
    """The base (基数) of a member from a month on, and the monthly amount it comes to by the rule pack of that month.

    `items` are the parts of the income as they were declared; they and the base are sealed. Until the next one is confirmed, a
    confirmed one goes on being assessed after `to_month`.
    """

    status_field = "state"
    TRANSITIONS = STANDARD_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="dues_standards", verbose_name="党员")
    kind = models.CharField("交纳类别", max_length=16, choices=Kind)
    items_sealed = models.BinaryField(null=True, editable=False)
    base_sealed = models.BinaryField(null=True, editable=False)
    monthly = models.DecimalField("每月应交", max_digits=8, decimal_places=2, null=True, blank=True)
    from_month = models.DateField("起算月份")
    to_month = models.DateField("到哪个月")
    source = models.CharField("来由", max_length=10, choices=Source, default=Source.DECLARED)
    state = models.CharField("状态", max_length=10, choices=StandardState, default=StandardState.OPEN)
    why = models.CharField("年内变动的原因", max_length=200, blank=True)
    declared_by = models.CharField("申报人", max_length=64, blank=True)
    declared_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField("确认人", max_length=64, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    returned_why = models.CharField("退回的原因", max_length=200, blank=True)
    pack = models.CharField("规则包版本", max_length=20, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    items_json = Sealed("items_sealed", field="items")
    base_text = Sealed("base_sealed", field="base")

    history = HistoricalRecords(history_change_reason_field=models.CharField(max_length=300, null=True))

    class Meta:
        verbose_name = "党费基数"
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["member", "-from_month"], name="dues_standard_in_force", condition=Q(state=StandardState.CONFIRMED)
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(state__in=UNSETTLED), name="dues_one_unsettled_standard"),
            models.UniqueConstraint(
                fields=["member", "from_month"], condition=Q(state=StandardState.CONFIRMED), name="dues_one_confirmed_standard"
            ),
            models.CheckConstraint(
                condition=~Q(state=StandardState.CONFIRMED) | Q(monthly__gte=0), name="dues_confirmed_has_an_amount"
            ),
            models.CheckConstraint(condition=Q(to_month__gte=F("from_month")), name="dues_standard_in_order"),
            first_of_month("from_month", "dues_standard_from_first"),
            first_of_month("to_month", "dues_standard_to_first"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.from_month:%Y-%m}"

    @property
    def base(self) -> Decimal | None:
        return Decimal(self.base_text) if self.base_text else None

    @property
    def items(self) -> list[tuple[str, Decimal]]:
        """(what, amount; less than zero where it is taken off), as declared."""
        return [(label, Decimal(amount)) for label, amount in json.loads(self.items_json or "[]")]

    @property
    def parts(self) -> list[tuple[str, Decimal]]:
        """The same as a page says them: 减：五险一金, 658.00."""
        return [(f"减：{label}" if amount < 0 else label, abs(amount)) for label, amount in self.items]


class Relief(models.Model):
    """A reduction or exemption (减免), approved by the committee with a document, for a span of months. 0 is exemption."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="dues_reliefs", verbose_name="党员")
    monthly = models.DecimalField("每月交", max_digits=8, decimal_places=2)
    from_month = models.DateField("起算月份")
    to_month = models.DateField("到哪个月")
    why_sealed = models.BinaryField(null=True, editable=False)
    document_no = models.CharField("批准文号", max_length=60)
    approved_by = models.CharField("批准人", max_length=64)
    approved_at = models.DateTimeField(auto_now_add=True)
    case = models.UUIDField("事项", unique=True)
    ended_by = models.CharField("提前终止人", max_length=64, blank=True)
    ended_why = models.CharField("提前终止的原因", max_length=200, blank=True)

    why = Sealed("why_sealed", field="why")

    history = HistoricalRecords(history_change_reason_field=models.CharField(max_length=300, null=True))

    class Meta:
        verbose_name = "党费减免"
        default_permissions = ()
        indexes = [models.Index(fields=["member", "-from_month"], name="dues_relief_member")]
        constraints = [
            models.CheckConstraint(condition=Q(monthly__gte=0), name="dues_relief_amount"),
            models.CheckConstraint(condition=~Q(document_no=""), name="dues_relief_document"),
            first_of_month("from_month", "dues_relief_from_first"),
            first_of_month("to_month", "dues_relief_to_first"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.from_month:%Y-%m}"


class Agreement(models.Model):
    """The branch agreed that a member pays by the quarter (特殊情况经支部同意). `to_month` is null while it runs."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="dues_agreements", verbose_name="党员")
    from_month = models.DateField("起算月份")
    to_month = models.DateField("到哪个月", null=True, blank=True)
    why = models.CharField("原因", max_length=200)
    agreed_by = models.CharField("登记人", max_length=64)
    agreed_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.CharField("终止人", max_length=64, blank=True)

    class Meta:
        verbose_name = "按季度交纳的约定"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(to_month__isnull=True), name="dues_one_running_agreement"),
            first_of_month("from_month", "dues_agreement_from_first"),
            first_of_month("to_month", "dues_agreement_to_first"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.from_month:%Y-%m}"

    def covers(self, month: date) -> bool:
        return self.from_month <= month and (self.to_month is None or month <= self.to_month)


class AssessmentRun(models.Model):
    """One run over the members of a node for a month, by hand or by the clock. Where a run has been, months count as assessed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="dues_runs", verbose_name="组织")
    month = models.DateField("月份")
    assessed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    actor_name = models.CharField("办理人", max_length=64)
    run_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "党费核算"
        default_permissions = ()
        indexes = [models.Index(fields=["organization", "month"], name="dues_run_node")]
        constraints = [first_of_month("month", "dues_run_month_first")]

    def __str__(self) -> str:
        return f"{self.organization} {self.month:%Y-%m}"


class Assessment(models.Model):
    """What a member owes for a month, by revision: `delta` is added, `due_after` is what stands then. Append-only by trigger.

    `organization` is the branch of that month, a fact of the past; who may look follows the member's present place.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="dues_assessments", verbose_name="党员", db_index=False)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="dues_assessments", verbose_name="党支部", db_constraint=False
    )
    month = models.DateField("月份")
    revision = models.PositiveSmallIntegerField(default=1)
    delta = models.DecimalField("变动", max_digits=8, decimal_places=2)
    due_after = models.DecimalField("应交", max_digits=8, decimal_places=2)
    standard = models.ForeignKey(Standard, models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False)
    relief = models.ForeignKey(Relief, models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False)
    ground = models.CharField("来由", max_length=10, choices=Ground)
    run = models.UUIDField()
    assessed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "党费应交"
        default_permissions = ()
        indexes = [models.Index(fields=["member"], name="dues_assessed_abroad", condition=Q(ground=Ground.ABROAD))]
        constraints = [
            models.UniqueConstraint(fields=["member", "month", "revision"], name="dues_assessed_once"),
            models.CheckConstraint(condition=Q(due_after__gte=0), name="dues_due_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.month:%Y-%m} r{self.revision}"


class Recheck(models.Model):
    """A member whose roll changed after months were assessed: the next settling looks again, then the row goes.

    Rows are only added and taken away, never updated: whoever changes the roll does not wait for a run.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="dues_rechecks")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "待重算"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.member_id)
