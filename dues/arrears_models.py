"""欠交: what the branch is asked to do for somebody who is behind. Care, not a list of debtors: months, never amounts."""

import uuid

from django.db import models

from core.crypto import Sealed
from dues.arrears_rules import STEP_TRANSITIONS, Finding, Rung, StepState
from members.models import Member


class ArrearsStep(models.Model):
    """A rung of the ladder for one person and one stretch of open months (`since`: the oldest of them)."""

    status_field = "state"
    TRANSITIONS = STEP_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="dues_arrears", verbose_name="党员")
    since = models.DateField("从哪个月起")
    rung = models.CharField("步骤", max_length=8, choices=Rung)
    months = models.PositiveSmallIntegerField("欠交月数")
    state = models.CharField("状态", max_length=8, choices=StepState, default=StepState.OPEN)
    finding = models.CharField("结果", max_length=12, choices=Finding, blank=True)
    note_sealed = models.BinaryField(null=True, editable=False)
    opened_on = models.DateField("开始日期")
    done_on = models.DateField("办理日期", null=True)
    done_by = models.CharField("办理人", max_length=64, blank=True)

    note = Sealed("note_sealed", field="note")

    class Meta:
        verbose_name = "欠交提醒与帮助"
        default_permissions = ()
        indexes = [models.Index(fields=["member"], name="dues_arrears_open", condition=models.Q(state=StepState.OPEN))]
        constraints = [models.UniqueConstraint(fields=["member", "since", "rung"], name="dues_arrears_once")]

    def __str__(self) -> str:
        return f"{self.member} {self.get_rung_display()}"
