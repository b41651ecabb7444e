"""Running cases of declared procedures, their timeline, and the calendar their deadlines are counted by.

A case points at its subject by kind and uuid. What it waits for is a capability at a node (`waiting_*`), never a person;
the copied paths follow the tree (`receivers.py`).
"""

import json
import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models.functions import Coalesce

from accounts.models import User
from core.crypto import Sealed
from core.procedures import Procedure, Step, procedure
from orgs.models import Organization, path_field
from workflow.enums import RUNNING, TRANSITIONS, Act, CaseState, DayKind, NoticeKind

CASES = "workflow_case"
ENTRIES = "workflow_entry"
NO_DATE = date(9999, 12, 31)  # what has no due day comes last


class Decision(models.Model):
    """One document number under which several like cases were decided together."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    document_no = models.CharField("文号", max_length=60)
    approved = models.BooleanField("同意")
    opinion = models.CharField("意见", max_length=500, blank=True)
    count = models.PositiveIntegerField("件数")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "一并办理的决定"
        default_permissions = ()

    def __str__(self) -> str:
        return self.document_no


class Case(models.Model):
    """One matter on its way. `turn_no` grows with every act: whoever acts on an older one is told that it moved on."""

    access_path = "path"
    status_field = "state"
    TRANSITIONS = TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    procedure = models.CharField("事项", max_length=60)
    version = models.PositiveSmallIntegerField("流程版本")
    subject_kind = models.CharField(max_length=30)
    subject_uuid = models.UUIDField()
    title = models.CharField("标题", max_length=120)
    data_sealed = models.BinaryField(null=True, editable=False)

    node = models.ForeignKey(Organization, models.PROTECT, related_name="cases", verbose_name="所在组织")
    path = path_field()
    origin = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="提出的组织")
    origin_path = path_field()
    named = models.ForeignKey(Organization, models.PROTECT, related_name="+", null=True, blank=True)
    named_path = path_field(blank=True)
    seen_with = models.CharField(max_length=40)

    state = models.CharField("状态", max_length=10, choices=CaseState, default=CaseState.WAITING)
    step = models.CharField("步骤", max_length=40)
    turn_no = models.PositiveIntegerField(default=1)
    waiting_capability = models.CharField(max_length=40, blank=True)
    waiting_node = models.ForeignKey(Organization, models.PROTECT, related_name="+", null=True, blank=True)
    waiting_path = path_field(blank=True)
    told_path = path_field(
        blank=True, db_default="", default="", help_text="superior told of the overdue turn: it has it in its inbox"
    )
    not_by_starter = models.BooleanField(default=True)
    first_approver = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    delegate = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    delegated_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    delegated_until = models.DateField("转办到", null=True, blank=True)

    due_on = models.DateField("最后期限", null=True, blank=True)
    due_key = models.GeneratedField(
        expression=Coalesce("due_on", models.Value(NO_DATE)), output_field=models.DateField(), db_persist=True
    )
    provisional = models.BooleanField("放假安排未公布，期限待核", default=False)
    remind_on = models.DateField(null=True, blank=True)
    tell_on = models.DateField(null=True, blank=True)
    lapse_on = models.DateField(null=True, blank=True)

    starter = models.ForeignKey(User, models.PROTECT, related_name="+")
    starter_name = models.CharField(max_length=64)
    started_at = models.DateTimeField("提出时间", auto_now_add=True)
    turn_began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True, blank=True)
    document_no = models.CharField("文号", max_length=60, blank=True)
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="cases", null=True, blank=True)

    data_text = Sealed("data_sealed", field="data", table=CASES)

    class Meta:
        verbose_name = "事项"
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["waiting_capability", "waiting_path", "id"], name="workflow_turn", condition=models.Q(state__in=RUNNING)
            ),
            models.Index(fields=["due_key", "id"], name="workflow_due", condition=models.Q(state__in=RUNNING)),
            models.Index(fields=["starter", "-id"], name="workflow_started"),
            models.Index(fields=["subject_kind", "subject_uuid"], name="workflow_subject"),
            models.Index(fields=["path", "-id"], name="workflow_path"),
            models.Index(fields=["remind_on"], name="workflow_remind", condition=models.Q(remind_on__isnull=False)),
            models.Index(fields=["tell_on"], name="workflow_tell", condition=models.Q(tell_on__isnull=False)),
            models.Index(fields=["lapse_on"], name="workflow_lapse", condition=models.Q(lapse_on__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=RUNNING) | models.Q(ended_at__isnull=False), name="workflow_ended_at"
            ),
            models.CheckConstraint(
                condition=models.Q(delegate__isnull=True) | models.Q(delegated_until__isnull=False),
                name="workflow_delegation_expires",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def data(self) -> dict[str, Any]:
        """What was filled in. Sealed as a whole: a proposal may hold what the file seals."""
        return json.loads(self.data_text) if self.data_sealed else {}

    @data.setter
    def data(self, values: dict[str, Any]) -> None:
        self.data_text = json.dumps(values, ensure_ascii=False) if values else ""

    @property
    def rules(self) -> Procedure:
        """The procedure in the version this case runs by."""
        return procedure(self.procedure, self.version)

    @property
    def current(self) -> Step:
        return self.rules.step(self.step)

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING


class Entry(models.Model):
    """One line of a case's timeline. Append-only: the database refuses to change or delete it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="entries")
    act = models.CharField(max_length=16, choices=Act)
    step = models.CharField(max_length=40)
    step_label = models.CharField(max_length=60)
    opinion = models.CharField("意见", max_length=500, blank=True)
    clause = models.CharField("依据", max_length=200, blank=True)
    document_no = models.CharField("文号", max_length=60, blank=True)
    data_sealed = models.BinaryField(null=True, editable=False, help_text="what was submitted, at a start or resubmission")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    actor_name = models.CharField(max_length=64)
    post = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    data_text = Sealed("data_sealed", field="data", table=ENTRIES)

    class Meta:
        verbose_name = "办理记录"
        default_permissions = ()
        indexes = [
            models.Index(fields=["case", "id"], name="workflow_entry_case"),
            models.Index(fields=["actor", "act", "-case"], name="workflow_entry_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.act}"


class CaseMaterial(models.Model):
    """A reference to what supports a case; the object itself lies with the room that registered `source`."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="materials")
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    source = models.CharField(max_length=30)
    object_uuid = models.UUIDField()
    attached_by = models.CharField(max_length=64)
    attacher = models.UUIDField(null=True, editable=False)
    attached_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "事项材料"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case", "code", "source", "object_uuid"], name="workflow_material_once"),
        ]

    def __str__(self) -> str:
        return self.title


class Watch(models.Model):
    """Somebody keeps an eye on a case; it opens nothing that is not open already."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="watches")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "关注"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "case"], name="workflow_watch_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.case_id}"


class Loan(models.Model):
    """Lent access: `capability` on one object, to those who hold it at `node`, as long as the case runs."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="loans")
    capability = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=30)
    object_uuid = models.UUIDField()
    node = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    node_path = path_field()

    class Meta:
        verbose_name = "借用权限"
        default_permissions = ()
        indexes = [
            models.Index(fields=["object_kind", "object_uuid", "capability"], name="workflow_loan_object"),
            models.Index(fields=["object_kind", "capability", "node_path"], name="workflow_loan_node"),
        ]

    def __str__(self) -> str:
        return f"{self.capability} {self.object_uuid} {self.node_id}"


class Notice(models.Model):
    """A hint shown in the inbox: to one person, or to those who hold `capability` at `path` while the turn lasts."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=12, choices=NoticeKind)
    turn_no = models.PositiveIntegerField()
    text = models.CharField(max_length=200)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", null=True, blank=True)
    capability = models.CharField(max_length=40, blank=True)
    path = path_field(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "提醒"
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "-id"], name="workflow_notice_user", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["capability", "path"], name="workflow_notice_path", condition=models.Q(user__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "turn_no", "user"], name="workflow_notice_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return self.text


class CalendarDay(models.Model):
    """A day that the published arrangement makes a working day or a day off, whatever the built-in calendar says."""

    day = models.DateField("日期", unique=True)
    kind = models.CharField("安排", max_length=4, choices=DayKind)
    document_no = models.CharField("文号", max_length=60)
    note = models.CharField("说明", max_length=60, blank=True)
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "放假安排"
        default_permissions = ()
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"
